//! Views that are being noted: one note at a time for a repository, however many people open it at once.

use domain::Id;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Default)]
pub(crate) struct Viewed(Arc<Mutex<HashSet<Id>>>);

/// The note of one view; another may begin when it is dropped.
pub(crate) struct Noting {
    pub(crate) repository: Id,
    under_way: Arc<Mutex<HashSet<Id>>>,
}

impl Viewed {
    /// Begins a note, unless one is being written.
    pub(crate) fn begin(&self, repository: Id) -> Option<Noting> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(repository);
        begun.then(|| Noting { repository, under_way: Arc::clone(&self.0) })
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.repository);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_note_at_a_time_is_written_for_a_repository() {
        let viewed = Viewed::default();
        let first = viewed.begin(1);
        assert!(first.is_some());
        assert!(viewed.begin(1).is_none(), "while it is written");
        assert!(viewed.begin(2).is_some(), "another has its own");
        drop(first);
        assert!(viewed.begin(1).is_some());
    }
}
