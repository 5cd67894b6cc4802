//! How far a repository's tags, and a registry's repositories, are read.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Id, Visible};

statements! {
    PROGRESS = "SELECT COALESCE(tag_count, 0), unread FROM repositories WHERE $1 AND id = $2";
}

/// How far a repository's tags are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tags in the list.
    pub tags: u64,
    /// Those whose manifest was read.
    pub read: u64,
}

impl Progress {
    /// Is everything read, so that any sort tells the truth?
    pub fn is_complete(self) -> bool {
        self.read == self.tags
    }
}

impl Index {
    /// How far the repository's tags are read.
    pub async fn progress(&self, visible: &Visible, repository: Id) -> Result<Progress, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_as(PROGRESS).bind(may).bind(repository);
        let row: Option<(i64, i64)> = query.fetch_optional(&self.pools.readers).await?;
        let (tags, unread) = row.unwrap_or_default();
        Ok(Progress { tags: tags.unsigned_abs(), read: (tags - unread).max(0).unsigned_abs() })
    }
}
