//! Who reads a registry stops writing to the index at the moment it is switched off, moved or removed: what the old
//! connection still says is no news of the new one.

use crate::{Error, Kind, Result};
use domain::Id;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

#[derive(Default)]
struct Gate {
    /// Versions of the registry's record up to this one are history.
    closed: AtomicI64,
    /// Held for reading while the index is written to.
    writing: Arc<RwLock<()>>,
}

/// The gates of all registries.
#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<Mutex<HashMap<Id, Arc<Gate>>>>);

/// The right to write what was read through one version of a connection.
#[derive(Clone)]
pub(crate) struct Pass {
    gate: Arc<Gate>,
    version: i64,
}

impl Gates {
    fn gate(&self, registry: Id) -> Arc<Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(registry).or_default().clone()
    }
    /// The pass of whoever reads through this version of the registry's record.
    pub(crate) fn pass(&self, registry: Id, version: i64) -> Pass {
        Pass { gate: self.gate(registry), version }
    }
    /// Ends all passes of this version and those before, and waits until nobody writes by one any more.
    pub(crate) async fn close(&self, registry: Id, version: i64) {
        let gate = self.gate(registry);
        gate.closed.fetch_max(version, Ordering::AcqRel);
        drop(gate.writing.write().await);
    }
}

impl Pass {
    /// Is it still good?
    pub(crate) fn is_good(&self) -> bool {
        self.gate.closed.load(Ordering::Acquire) < self.version
    }
    /// Enters to write; the pass can't end before what comes back is dropped. Never entered twice at once by one task.
    pub(crate) async fn enter(&self) -> Result<OwnedRwLockReadGuard<()>> {
        let entered = self.gate.writing.clone().read_owned().await;
        if self.is_good() { Ok(entered) } else { Err(ended()) }
    }
}

fn ended() -> Error {
    Error::new(Kind::Conflict, "The registry was changed while it was read; what the old connection said is not kept.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_pass_ends_with_the_version_it_was_made_for() {
        let gates = Gates::default();
        let (old, new) = (gates.pass(1, 3), gates.pass(1, 4));
        old.enter().await.expect("it is good");
        gates.close(1, 3).await;
        assert_eq!(old.enter().await.expect_err("it is over").kind, Kind::Conflict);
        new.enter().await.expect("the next version is good");
        gates.pass(2, 1).enter().await.expect("another registry is not concerned");
        assert!(!gates.pass(1, 2).is_good(), "also one that is made late from an old record");
    }

    #[tokio::test]
    async fn closing_waits_for_those_who_write() {
        let gates = Gates::default();
        let writing = gates.pass(1, 1).enter().await.expect("it is good");
        let closing = tokio::spawn({
            let gates = gates.clone();
            async move { gates.close(1, 1).await }
        });
        while gates.pass(1, 1).is_good() {
            tokio::task::yield_now().await;
        }
        assert!(!closing.is_finished());
        drop(writing);
        tokio::time::timeout(Duration::from_secs(5), closing).await.expect("it ends").expect("without a panic");
    }
}
