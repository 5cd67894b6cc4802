//! What registries and repositories hold.

use crate::{
    context::{actor, answer, follows, operations},
    error::AppError,
};
use domain::RepositoryName;
use operations::storage::{RepositoryStorage, RepositoryStorageQuery, Storage, StorageQuery};

/// What a registry holds.
pub async fn storage(registry: &str, query: &StorageQuery) -> Result<Storage, AppError> {
    answer(operations().storage(&actor(), registry, query, follows()).await)
}

/// What a repository holds.
pub async fn repository_storage(
    registry: &str,
    repository: &RepositoryName,
    query: &RepositoryStorageQuery,
) -> Result<RepositoryStorage, AppError> {
    answer(operations().repository_storage(&actor(), registry, repository, query).await)
}
