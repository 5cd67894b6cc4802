//! The first person's account.

use super::session::{begin, session};
use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use axum::http::request::Parts;
use leptos::{prelude::*, server_fn::codec::PostUrl};

/// The setup link's token, which the server took out of its cookie.
#[derive(Clone, Debug, Default)]
pub struct SetupToken(pub Option<String>);

fn token() -> String {
    let parts = use_context::<Parts>();
    parts.and_then(|parts| parts.extensions.get::<SetupToken>().cloned()).and_then(|token| token.0).unwrap_or_default()
}

/// Did this browser come by a setup link that is still good?
pub async fn ready() -> Result<bool, AppError> {
    answer(operations().setup_ready(&actor(), &token()).await)
}

/// Makes the first person, and signs them in.
#[server(prefix = "/do", endpoint = "setup-complete", input = PostUrl)]
pub async fn setup_complete(name: String, password: String, again: String) -> Result<(), AppError> {
    let made = operations().complete_setup(&actor(), &token(), &name, password, again).await;
    let person = answer_form(made, &[("name", &name)])?;
    begin(&session().await?, person).await?;
    redirect("/");
    Ok(())
}
