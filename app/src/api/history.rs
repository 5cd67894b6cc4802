//! What tags pointed to.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use domain::RepositoryName;
use operations::history::{History, HistoryQuery};

/// What was seen of the tags of a repository.
pub async fn history(registry: &str, repository: &RepositoryName, query: &HistoryQuery) -> Result<History, AppError> {
    answer(operations().history(&actor(), registry, repository, query).await)
}
