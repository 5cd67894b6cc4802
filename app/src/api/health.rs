//! The health of the content.

use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::health::{Health, HealthQuery};

/// What the checks say of a registry.
pub async fn health(registry: &str, query: &HealthQuery) -> Result<Health, AppError> {
    answer(operations().health(&actor(), registry, query).await)
}

/// Switches a check on or off in a registry, or in all of them where `scope` is `all`.
#[server(prefix = "/do", endpoint = "check-switch", input = PostUrl)]
pub async fn check_switch(registry: String, check: String, on: String, scope: String) -> Result<(), AppError> {
    let switched = operations().switch_check(&actor(), &registry, &check, on == "on", scope == "all").await;
    let name = answer(switched)?;
    redirect(&format!("/health/{name}"));
    Ok(())
}
