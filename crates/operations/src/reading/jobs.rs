//! The work that goes on in the background: how far the reading of a whole repository is.

use super::UnderWay;
use domain::{Id, RepositoryName, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, watch};

/// Whole repositories that are read at the same time; more wait for their turn.
const AT_ONCE: usize = 4;

/// As many ends are remembered.
const KEPT: usize = 10_000;

/// How far the reading of all tags of a repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Since when.
    pub begun: Timestamp,
    /// Tags that are read.
    pub done: u64,
    /// Tags there are.
    pub of: u64,
    /// Tags that could not be read.
    pub errors: u64,
}

type Key = (Id, RepositoryName);

#[derive(Default)]
struct Inner {
    running: HashMap<Key, (Progress, watch::Receiver<()>)>,
    given_up: HashMap<Key, Timestamp>,
}

/// The repositories whose rest is being read.
#[derive(Clone)]
pub(crate) struct Jobs {
    inner: Arc<Mutex<Inner>>,
    /// Turns to work.
    pub(crate) turns: Arc<Semaphore>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { inner: Arc::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// A job that was taken; given back when it is dropped.
pub(crate) struct Job {
    jobs: Jobs,
    key: Key,
    _waiting: watch::Sender<()>,
}

impl Jobs {
    fn all(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Takes the job of reading a repository's rest, unless somebody has it.
    pub(crate) fn take(&self, registry: Id, repository: &RepositoryName, begun: Timestamp) -> Option<Job> {
        let key = (registry, repository.clone());
        let mut all = self.all();
        if all.running.contains_key(&key) {
            return None;
        }
        all.given_up.remove(&key);
        let (waiting, under_way) = watch::channel(());
        all.running.insert(key.clone(), (Progress { begun, done: 0, of: 0, errors: 0 }, under_way));
        Some(Job { jobs: self.clone(), key, _waiting: waiting })
    }
    /// How far a repository's reading is, if it is under way.
    pub(crate) fn progress(&self, registry: Id, repository: &RepositoryName) -> Option<Progress> {
        self.all().running.get(&(registry, repository.clone())).map(|(progress, _)| progress.clone())
    }
    /// When a repository was read last as far as it could be, with something left.
    pub(crate) fn given_up(&self, registry: Id, repository: &RepositoryName) -> Option<Timestamp> {
        self.all().given_up.get(&(registry, repository.clone())).copied()
    }
    /// Who has the job of reading a repository's rest, if somebody has.
    pub(crate) fn under_way(&self, registry: Id, repository: &RepositoryName) -> Option<UnderWay> {
        self.all().running.get(&(registry, repository.clone())).map(|(_, under_way)| UnderWay(under_way.clone()))
    }
    /// Everybody who is at work now.
    pub(crate) fn everybody(&self) -> Vec<UnderWay> {
        self.all().running.values().map(|(_, under_way)| UnderWay(under_way.clone())).collect()
    }
}

impl Job {
    /// Notes how far it is.
    pub(crate) fn note(&self, done: u64, of: u64, errors: u64) {
        if let Some((progress, _)) = self.jobs.all().running.get_mut(&self.key) {
            *progress = Progress { done, of, errors, ..progress.clone() };
        }
    }
}

impl Job {
    /// Remembers that it ended with something left unread, and gives it back.
    pub(crate) fn give_up(self, at: Timestamp) {
        let mut all = self.jobs.all();
        if all.given_up.len() >= KEPT {
            all.given_up.clear();
        }
        all.given_up.insert(self.key.clone(), at);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.jobs.all().running.remove(&self.key);
    }
}
