//! The tags of a repository.

use crate::{
    base::redirect,
    context::{actor, answer, follows, operations},
    error::AppError,
    parts::place::repository_path,
};
use domain::RepositoryName;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    across::{Across, AcrossQuery, TagElsewhere},
    tags::{Tags, TagsQuery},
    untagged::{UntaggedList, UntaggedQuery},
};

/// The tags of a repository, as far as they are kept; a visit brings them up to date.
pub async fn tags(registry: &str, repository: &RepositoryName, query: &TagsQuery) -> Result<Tags, AppError> {
    answer(operations().tags(&actor(), registry, repository, query, follows()).await)
}

/// The manifests of a repository that no tag names.
pub async fn untagged(
    registry: &str,
    repository: &RepositoryName,
    query: &UntaggedQuery,
) -> Result<UntaggedList, AppError> {
    answer(operations().untagged(&actor(), registry, repository, query).await)
}

/// The tags of all registries.
pub async fn tags_across(query: &AcrossQuery) -> Result<Across<TagElsewhere>, AppError> {
    answer(operations().tags_across(&actor(), query).await)
}

/// Reads the rest of a repository's tags in the background.
#[server(prefix = "/do", endpoint = "repository-read", input = PostUrl)]
pub async fn repository_read(registry: String, repository: RepositoryName, next: String) -> Result<(), AppError> {
    answer(operations().read_rest(&actor(), &registry, &repository).await)?;
    let own = repository_path(&registry, &repository);
    redirect(if next.starts_with(&own) { &next } else { &own });
    Ok(())
}
