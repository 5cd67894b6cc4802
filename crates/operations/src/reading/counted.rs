//! How many tags a filter lets through. Counting walks a repository's tags, so that a number is kept as long as nothing
//! that it was made from has changed.

use domain::{Id, Timestamp};
use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Mutex, PoisonError},
};
use store::index::{Count, Progress};

/// As many numbers are kept.
const KEPT: usize = 2_000;

/// What a number was made from: the row of the repository, when its tags were listed, and how far they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    /// The repository's row.
    pub repository: Id,
    /// When its tags were listed.
    pub listed_at: Option<Timestamp>,
    /// How far they were read.
    pub progress: Progress,
}

/// The numbers that are kept, by row and filter.
#[derive(Default)]
pub(crate) struct Counted(Mutex<HashMap<(Id, String), (Basis, Count)>>);

impl Counted {
    fn key(basis: &Basis, filter: &impl Debug) -> (Id, String) {
        (basis.repository, format!("{filter:?}"))
    }
    /// The number, if it was made from the same.
    pub(crate) fn get(&self, basis: &Basis, filter: &impl Debug) -> Option<Count> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&Self::key(basis, filter)).filter(|(made_from, _)| made_from == basis).map(|(_, count)| *count)
    }
    /// Keeps a number.
    pub(crate) fn keep(&self, basis: Basis, filter: &impl Debug, count: Count) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(Self::key(&basis, filter), (basis, count));
    }
}
