//! The repositories of a registry.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, follows, operations},
    error::AppError,
    parts::place::{registry_path, repository_path},
};
use domain::RepositoryName;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    across::{Across, AcrossQuery, RepositoryElsewhere},
    repositories::{Repositories, RepositoriesQuery},
};

/// The repositories of a registry, as far as they are kept; a visit brings them up to date.
pub async fn repositories(registry: &str, query: &RepositoriesQuery) -> Result<Repositories, AppError> {
    answer(operations().repositories(&actor(), registry, query, follows()).await)
}

/// The repositories of all registries.
pub async fn repositories_across(query: &AcrossQuery) -> Result<Across<RepositoryElsewhere>, AppError> {
    answer(operations().repositories_across(&actor(), query).await)
}

/// Adds a repository by name, and opens it.
#[server(prefix = "/do", endpoint = "repository-add", input = PostUrl)]
pub async fn repository_add(registry: String, name: String) -> Result<(), AppError> {
    let added = answer_form(operations().add_repository(&actor(), &registry, &name).await, &[("name", &name)])?;
    redirect(&repository_path(&registry, &added));
    Ok(())
}

/// Takes a repository that was entered by hand from the list.
#[server(prefix = "/do", endpoint = "repository-forget", input = PostUrl)]
pub async fn repository_forget(registry: String, repository: RepositoryName) -> Result<(), AppError> {
    answer(operations().forget_repository_name(&actor(), &registry, &repository).await)?;
    redirect(&registry_path(&registry));
    Ok(())
}
