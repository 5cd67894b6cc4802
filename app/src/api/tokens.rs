//! One's access tokens.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::tokens::{TokenForm, TokenRow};

/// One's tokens, the newest first.
pub async fn list() -> Result<Vec<TokenRow>, AppError> {
    answer(operations().tokens(&actor()).await)
}

/// The new token of this name, once.
pub fn made(name: &str) -> Option<String> {
    operations().held_token(&actor(), name)
}

/// Makes a token. Its secret stands in no address: the page that comes next asks for it by a name that is good once.
#[server(prefix = "/do", endpoint = "token-create", input = PostUrl)]
pub async fn token_create(
    name: String,
    days: String,
    #[server(default)] permissions: Vec<String>,
    registry: String,
    repositories: String,
) -> Result<(), AppError> {
    let ticked = permissions.join(" ");
    let form = TokenForm { name, days, permissions, registry, repositories };
    let typed = [
        ("name", form.name.as_str()),
        ("days", form.days.as_str()),
        ("permissions", ticked.as_str()),
        ("registry", form.registry.as_str()),
        ("repositories", form.repositories.as_str()),
    ];
    let made = answer_form(operations().make_token(&actor(), &form).await, &typed)?;
    let held = answer(operations().hold_token(&actor(), made.secret))?;
    redirect(&format!("/profile?made={held}#tokens"));
    Ok(())
}

/// Ends one of one's tokens.
#[server(prefix = "/do", endpoint = "token-revoke", input = PostUrl)]
pub async fn token_revoke(prefix: String) -> Result<(), AppError> {
    answer(operations().revoke_token(&actor(), &prefix).await)?;
    redirect("/profile?saved=token#tokens");
    Ok(())
}
