//! The reading of registries in the background: how it is, and what people can do about it.

use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
    parts::place::{reading_path, repository_path},
};
use domain::RepositoryName;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::sync::{Departures, DeparturesQuery, Sync};

/// How the reading of a registry is.
pub async fn sync(registry: &str) -> Result<Sync, AppError> {
    answer(operations().sync(&actor(), registry).await)
}

/// What left the index of a registry, newest first.
pub async fn departures(registry: &str, query: DeparturesQuery) -> Result<Departures, AppError> {
    answer(operations().departures(&actor(), registry, query).await)
}

/// Pauses the reading of a registry in the background.
#[server(prefix = "/do", endpoint = "sync-pause", input = PostUrl)]
pub async fn sync_pause(registry: String) -> Result<(), AppError> {
    answer(operations().pause_sync(&actor(), &registry, true).await)?;
    redirect(&reading_path(&registry));
    Ok(())
}

/// Lets the reading of a registry in the background go on.
#[server(prefix = "/do", endpoint = "sync-resume", input = PostUrl)]
pub async fn sync_resume(registry: String) -> Result<(), AppError> {
    answer(operations().pause_sync(&actor(), &registry, false).await)?;
    redirect(&reading_path(&registry));
    Ok(())
}

/// Makes everything in a registry due now.
#[server(prefix = "/do", endpoint = "sync-refresh", input = PostUrl)]
pub async fn sync_refresh(registry: String) -> Result<(), AppError> {
    answer(operations().refresh_registry(&actor(), &registry).await)?;
    redirect(&reading_path(&registry));
    Ok(())
}

/// Makes a repository due now.
#[server(prefix = "/do", endpoint = "repository-refresh", input = PostUrl)]
pub async fn repository_refresh(registry: String, repository: RepositoryName) -> Result<(), AppError> {
    answer(operations().refresh_repository_now(&actor(), &registry, &repository).await)?;
    redirect(&repository_path(&registry, &repository));
    Ok(())
}
