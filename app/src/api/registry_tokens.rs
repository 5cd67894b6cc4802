//! A registry and the token server: what its page shows, its check and its settings.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::token_settings::{RegistryTokens, TokenSettingsForm};

/// Where the page of a registry is.
pub fn path(registry: &str) -> String {
    format!("/settings/registries/{registry}/tokens")
}

/// All about a registry and the token server.
pub async fn registry_tokens(registry: &str) -> Result<RegistryTokens, AppError> {
    answer(operations().registry_tokens(&actor(), registry).await)
}

/// Looks whether the registry really takes our tokens, and only these.
#[server(prefix = "/do", endpoint = "registry-tokens-check", input = PostUrl)]
pub async fn registry_tokens_check(registry: String) -> Result<(), AppError> {
    answer(operations().check_registry_tokens(&actor(), &registry).await)?;
    redirect(&format!("{}#check", path(&registry)));
    Ok(())
}

/// Sets how tokens for a registry are issued.
#[server(prefix = "/do", endpoint = "registry-tokens", input = PostUrl)]
pub async fn registry_tokens_edit(
    registry: String,
    #[server(flatten)] form: TokenSettingsForm,
) -> Result<(), AppError> {
    let typed =
        [("algorithm", form.algorithm.as_str()), ("passwords", form.passwords.as_str()), ("seconds", &form.seconds)];
    answer_form(operations().edit_token_settings(&actor(), &registry, &form).await, &typed)?;
    redirect(&format!("{}?saved=settings", path(&registry)));
    Ok(())
}
