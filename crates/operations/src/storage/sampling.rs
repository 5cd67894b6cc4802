//! What is counted in the background: namespaces, and once a day a sample of everything, for its growth.

use crate::{Operations, Result};
use domain::{Id, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::{Sample, Scope};

/// Namespaces that were counted this many seconds ago are counted again at a visit.
const OLD: i64 = 600;
/// The same of a registry with more than [`MANY`] blobs: counting takes seconds there.
const OLD_OF_MANY: i64 = 86_400;
/// As many blobs, over all repositories, are counted within the blink of an eye.
const MANY: u32 = 100_000;
/// How long the first visit waits for the first count.
const PATIENCE: Duration = Duration::from_millis(800);
/// Repositories that are looked at together.
const TOGETHER: u32 = 1_000;

/// The registries whose namespaces are being counted.
#[derive(Default)]
pub(crate) struct Counting(Mutex<HashSet<Id>>);

/// A count that is under way; it ends when this is dropped.
struct Turn {
    operations: Operations,
    registry: Id,
}

impl Counting {
    fn begin(&self, registry: Id) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(registry)
    }
    pub(super) fn is_at_work(&self, registry: Id) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&registry)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.operations.0.counting.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.registry);
    }
}

impl Operations {
    /// Takes a sample of what a registry, its namespaces and its repositories hold today; a later one of the same day
    /// replaces it. Of repositories only those are kept whose figures are others than at their last sample. Background
    /// work: it decides nothing and shows nothing. Gives how many samples were kept.
    pub async fn sample_storage(&self, registry: Id) -> Result<u64> {
        let now = self.now();
        let day = Sample::day_of(now);
        let (index, samples) = (self.0.store.index(), self.0.store.storage_samples());
        let before: HashMap<Scope, Sample> = samples.latest_before(registry, day + 1).await?.into_iter().collect();
        let changed = |scope: &Scope, sample: &Sample| before.get(scope).is_none_or(|last| !last.is_like(sample));
        let mut kept: Vec<(Scope, Sample)> = Vec::new();
        for namespace in self.count_namespaces(registry, now).await? {
            let sample = Sample {
                day,
                bytes: namespace.bytes.total,
                exclusive: namespace.bytes.exclusive,
                repositories: namespace.repositories,
                tags: namespace.covered.tags,
                read: namespace.covered.read,
            };
            let scope = Scope::Namespace(namespace.name);
            // Repositories without a namespace are none.
            if scope != Scope::Namespace(String::new()) && changed(&scope, &sample) {
                kept.push((scope, sample));
            }
        }
        let mut after = 0;
        loop {
            let some = index.all_repository_bytes(registry, after, TOGETHER).await?;
            let Some(last) = some.last() else { break };
            after = last.id;
            for one in some {
                let sample = Sample {
                    day,
                    bytes: one.bytes.total,
                    exclusive: one.bytes.exclusive,
                    repositories: 1,
                    tags: one.covered.tags,
                    read: one.covered.read,
                };
                let scope = Scope::Repository(one.name.to_string());
                if changed(&scope, &sample) {
                    kept.push((scope, sample));
                }
            }
        }
        let program = domain::Visible::to(&domain::Actor::program());
        let sums = index.registry_bytes(&program, registry).await?;
        // Whatever changed or not: that there is a sample of the day says that the registry was looked at.
        let whole = Sample {
            day,
            bytes: sums.total,
            exclusive: sums.total,
            repositories: sums.repositories,
            tags: sums.covered.tags,
            read: sums.covered.read,
        };
        kept.push((Scope::Registry, whole));
        samples.save(registry, &kept).await?;
        Ok(kept.len() as u64)
    }

    /// Counts what all namespaces of a registry hold, and forgets those that are not there any more.
    async fn count_namespaces(&self, registry: Id, at: Timestamp) -> Result<Vec<store::index::NamespaceBytes>> {
        let index = self.0.store.index();
        let mut counted = Vec::new();
        for name in index.namespace_names(registry).await? {
            counted.push(index.count_namespace(registry, &name, at).await?);
        }
        index.drop_namespaces(registry, at).await?;
        Ok(counted)
    }

    /// Has the namespaces of a registry counted where that was long ago. The first count is waited for, for a moment.
    pub(super) async fn count_namespaces_again(&self, registry: Id) -> Result<()> {
        let (index, now) = (self.0.store.index(), self.now());
        let counted_at = index.namespaces_counted(registry).await?;
        if counted_at.is_some_and(|at| at.plus_seconds(OLD) > now) {
            return Ok(());
        }
        let many = index.held_blobs(registry, MANY).await? >= u64::from(MANY);
        if many && counted_at.is_some_and(|at| at.plus_seconds(OLD_OF_MANY) > now) {
            return Ok(());
        }
        if !self.0.counting.begin(registry) {
            return Ok(());
        }
        let turn = Turn { operations: self.clone(), registry };
        let counting = tokio::spawn(async move {
            let operations = turn.operations.clone();
            if let Err(error) = operations.count_namespaces(registry, now).await {
                tracing::warn!(registry, cause = ?error.cause, "namespaces could not be counted: {error}");
            }
            drop(turn);
            operations.tell(&crate::reading::registry_topic(registry)).await;
        });
        if counted_at.is_none() || !many {
            // It goes on whether or not somebody waits for it.
            drop(tokio::time::timeout(PATIENCE, counting).await);
        }
        Ok(())
    }
}
