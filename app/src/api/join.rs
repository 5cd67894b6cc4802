//! Coming in by a link: choosing the password of one's account.

use super::session::{begin, session};
use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
};
use axum::http::request::Parts;
use domain::access::Subject;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::invitations::Invitation;

/// The link's token, which the server took out of its cookie.
#[derive(Clone, Debug, Default)]
pub struct JoinToken(pub Option<String>);

fn token() -> String {
    let parts = use_context::<Parts>();
    parts.and_then(|parts| parts.extensions.get::<JoinToken>().cloned()).and_then(|token| token.0).unwrap_or_default()
}

/// For whom the link is by which this browser came, if it is still good.
pub async fn invitation() -> Result<Option<Invitation>, AppError> {
    answer(operations().invitation(&token()).await)
}

/// Chooses the password, and signs in.
#[server(prefix = "/do", endpoint = "person-join", input = PostUrl)]
pub async fn person_join(password: String, again: String) -> Result<(), AppError> {
    let person = answer(operations().join(&actor(), &token(), password, again).await)?;
    begin(&session().await?, person).await?;
    // Who was invited has no rights until somebody grants them some: there is nothing to overlook yet.
    let rights = answer(operations().rights_of(Subject::Person(person)).await)?;
    redirect(if rights.held().next().is_some() { "/" } else { "/profile?saved=joined" });
    Ok(())
}
