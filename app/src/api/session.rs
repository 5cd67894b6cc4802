//! Signing in and out, and one's sessions.

use super::profile::signed_in_person;
use crate::{
    base::{own_path, redirect},
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use axum::http::{HeaderName, HeaderValue};
use domain::Id;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use leptos_axum::ResponseOptions;
use operations::{error::Error, sessions::SessionRow};
use tower_sessions::Session;

/// Under this key a session keeps the id of the person.
pub const PERSON: &str = "person";

/// The session of this request.
pub async fn session() -> Result<Session, AppError> {
    let found = leptos_axum::extract::<Session>().await;
    answer(found.map_err(|error| Error::internal(std::io::Error::other(format!("{error:?}")))))
}

/// Makes this browser's session that of `person`, under a new id.
pub async fn begin(session: &Session, person: Id) -> Result<(), AppError> {
    let begun = async {
        session.cycle_id().await?;
        session.insert(PERSON, person).await
    };
    answer(begun.await.map_err(Error::internal))
}

/// Signs in with name and password.
#[server(prefix = "/do", endpoint = "session-create", input = PostUrl)]
pub async fn session_create(name: String, password: String, next: String) -> Result<(), AppError> {
    let person = answer_form(operations().sign_in(&actor(), &name, password).await, &[("name", &name)])?;
    begin(&session().await?, person).await?;
    redirect(own_path(&next).unwrap_or("/"));
    Ok(())
}

/// Signs out of this browser.
#[server(prefix = "/do", endpoint = "session-end", input = PostUrl)]
pub async fn session_end() -> Result<(), AppError> {
    answer(operations().sign_out(&actor()).await)?;
    let flushed = session().await?.flush().await;
    answer(flushed.map_err(Error::internal))?;
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(
            HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
        );
    }
    redirect("/sign-in?ended");
    Ok(())
}

/// One's own sessions, this one first.
pub async fn list() -> Result<Vec<SessionRow>, AppError> {
    answer(operations().sessions(&actor()).await)
}

/// Ends one of one's own sessions.
#[server(prefix = "/do", endpoint = "session-revoke", input = PostUrl)]
pub async fn session_revoke(id: Id) -> Result<(), AppError> {
    answer(operations().revoke_session(&actor(), id).await)?;
    redirect("/profile?saved=session");
    Ok(())
}

/// Ends all of one's own sessions but this one.
#[server(prefix = "/do", endpoint = "session-revoke-others", input = PostUrl)]
pub async fn session_revoke_others() -> Result<(), AppError> {
    answer(operations().revoke_other_sessions(&actor()).await)?;
    redirect("/profile?saved=sessions");
    Ok(())
}

/// Takes a new session id and ends the others: after a change of the password.
pub async fn renew() -> Result<(), AppError> {
    let person = signed_in_person()?;
    begin(&session().await?, person).await
}
