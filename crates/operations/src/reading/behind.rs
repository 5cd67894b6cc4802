//! How many looks are under way behind pages: a registry that is slow, or away, is not buried in them.

use domain::Id;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// As many looks at one registry are under way at the same time; who comes then sees what is kept.
const MOST: usize = 64;
/// As many at one that was not to be reached last: one page finds out for all.
const AFTER_TROUBLE: usize = 2;

/// Looks under way, by registry.
#[derive(Clone, Default)]
pub(crate) struct Behind(Arc<Mutex<HashMap<Id, usize>>>);

/// A look that is under way, until it is dropped.
pub(crate) struct Look {
    behind: Behind,
    registry: Id,
}

impl Behind {
    fn all(&self) -> MutexGuard<'_, HashMap<Id, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a look at a registry, unless there are enough of them.
    pub(crate) fn begin(&self, registry: Id, in_trouble: bool) -> Option<Look> {
        let mut all = self.all();
        let looks = all.entry(registry).or_default();
        let most = if in_trouble { AFTER_TROUBLE } else { MOST };
        (*looks < most).then(|| {
            *looks += 1;
            Look { behind: self.clone(), registry }
        })
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let mut all = self.behind.all();
        if let Some(looks) = all.get_mut(&self.registry) {
            *looks -= 1;
            if *looks == 0 {
                all.remove(&self.registry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_not_buried_in_looks_and_others_are_not_concerned() {
        let behind = Behind::default();
        let looks: Vec<Look> = (0..MOST).filter_map(|_| behind.begin(1, false)).collect();
        assert_eq!(looks.len(), MOST);
        assert!(behind.begin(1, false).is_none() && behind.begin(2, false).is_some());
        drop(looks);
        let few: Vec<Look> = (0..MOST).filter_map(|_| behind.begin(1, true)).collect();
        assert_eq!(few.len(), AFTER_TROUBLE);
        assert!(behind.begin(1, false).is_some(), "it was reached meanwhile");
        drop(few);
        assert!(behind.all().is_empty(), "nothing is remembered of those that ended");
    }
}
