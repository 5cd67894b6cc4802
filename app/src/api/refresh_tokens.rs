//! The refresh tokens of people and robots.

use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
};
use domain::{Id, access::Subject};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::token_server::RefreshTokenRow;

/// Those of a subject, the last used first.
pub async fn list(subject: Subject) -> Result<Vec<RefreshTokenRow>, AppError> {
    answer(operations().refresh_tokens(&actor(), subject).await)
}

/// One's own.
pub async fn own() -> Result<Vec<RefreshTokenRow>, AppError> {
    list(Subject::Person(actor().id)).await
}

/// Ends one of them.
#[server(prefix = "/do", endpoint = "refresh-token-revoke", input = PostUrl)]
pub async fn refresh_token_revoke(subject: String, id: Id) -> Result<(), AppError> {
    let who = actor();
    let subject: Subject = answer(subject.parse().map_err(operations::Error::from))?;
    let name = answer(operations().revoke_refresh_token(&who, subject, id).await)?;
    redirect(&match subject {
        Subject::Robot(_) => format!("/access/robots/{name}?saved=refresh"),
        Subject::Person(own) if own == who.id => "/profile?saved=refresh#refresh".to_owned(),
        _ => format!("/access/people/{name}?saved=refresh"),
    });
    Ok(())
}
