//! How far a repository's tags are read. Counting walks all of them, so that the numbers are kept until something changes.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Id, Visible};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

statements! {
    PROGRESS = "SELECT COUNT(*), COUNT(t.digest), COUNT(m.id) FROM tags t LEFT JOIN manifests m ON m.digest = t.digest
                AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $1)
                WHERE t.repository_id = $1";
}

/// How far a repository's tags are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tags in the list.
    pub tags: u64,
    /// Those whose digest is known.
    pub digests: u64,
    /// Those whose manifest was read.
    pub read: u64,
}

impl Progress {
    /// Is everything read, so that any sort tells the truth?
    pub fn is_complete(self) -> bool {
        self.read == self.tags
    }
}

/// What was counted since the index changed last. Content is shared, so that one change may concern any repository.
#[derive(Debug, Default)]
pub(super) struct Counted(Mutex<(u64, HashMap<Id, Progress>)>);

/// A change under way: however it ends, everything is counted again after it.
#[must_use]
pub(super) struct Changing<'i>(&'i Counted);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

impl Counted {
    /// To be held while the index is changed.
    pub(super) fn changing(&self) -> Changing<'_> {
        Changing(self)
    }
    fn forget(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        kept.1.clear();
    }
    /// What was counted of a repository, and which change it is the latest after.
    fn get(&self, repository: Id) -> (u64, Option<Progress>) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.0, kept.1.get(&repository).copied())
    }
    /// Keeps what was counted, unless something changed since the counting began.
    fn keep(&self, change: u64, repository: Id, progress: Progress) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 == change && kept.1.len() < 10_000 {
            kept.1.insert(repository, progress);
        }
    }
}

impl Index {
    /// How far the repository's tags are read.
    pub async fn progress(&self, visible: &Visible, repository: Id) -> Result<Progress, Error> {
        if !self.may_see(visible, repository).await? {
            return Ok(Progress::default());
        }
        let (change, kept) = self.counted.get(repository);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let query = sqlx::query_as(PROGRESS).bind(repository);
        let (tags, digests, read): (i64, i64, i64) = query.fetch_one(&self.pools.readers).await?;
        let progress =
            Progress { tags: tags.unsigned_abs(), digests: digests.unsigned_abs(), read: read.unsigned_abs() };
        self.counted.keep(change, repository, progress);
        Ok(progress)
    }
}
