//! The tags of a repository.

use crate::{
    base::redirect,
    context::{actor, answer, follows, operations},
    error::AppError,
    parts::place::repository_path,
};
use domain::RepositoryName;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::tags::{Tags, TagsQuery};

/// The tags of a repository, as far as they are kept; a visit brings them up to date.
pub async fn tags(registry: &str, repository: &RepositoryName, query: &TagsQuery) -> Result<Tags, AppError> {
    answer(operations().tags(&actor(), registry, repository, query, follows()).await)
}

/// Reads the rest of a repository's tags in the background.
#[server(prefix = "/do", endpoint = "repository-read", input = PostUrl)]
pub async fn repository_read(registry: String, repository: RepositoryName, next: String) -> Result<(), AppError> {
    answer(operations().read_rest(&actor(), &registry, &repository).await)?;
    let own = repository_path(&registry, &repository);
    redirect(if next.starts_with(&own) { &next } else { &own });
    Ok(())
}
