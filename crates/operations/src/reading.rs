//! Reading registries into the index: what is asked for, when, by whom only once, and what came of it.
//!
//! A page shows what is kept and starts a reading in the background; only a first visit waits for it, and not for long.
//! What is under way lives in memory: a restart loses no more than the place in a list.

pub(crate) mod absences;
mod behind;
pub(crate) mod catalogue;
pub(crate) mod content;
mod counted;
mod counts;
mod failures;
mod flights;
pub(crate) mod gate;
pub(crate) mod jobs;
pub(crate) mod leaving;
mod listing;
pub(crate) mod many;
pub(crate) mod pipe;
mod problems;
mod rest;
pub(crate) mod rows;
mod viewed;
pub(crate) mod visit;

pub use jobs::Progress;

pub(crate) use behind::Look;
pub(crate) use counted::{Basis, Counted};
pub(crate) use flights::{Ended, Flights, Subject, UnderWay};

use crate::{Error, Kind, Operations, WayOut, overview::KeptRail};
use domain::{Id, RepositoryName, Timestamp};
use jobs::Jobs;
use problems::Rows;
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What was read this recently is not asked for again, in seconds.
pub(crate) const FRESH: i64 = 10;
/// How long a first visit waits for a registry.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);

/// What is being read, and what registries said last.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) flights: Flights,
    pub(crate) jobs: Jobs,
    pub(crate) rows: Rows,
    pub(crate) counted: Counted,
    pub(crate) rail: KeptRail,
    pub(crate) gates: gate::Gates,
    pub(crate) absences: absences::Absences,
    pub(crate) behind: behind::Behind,
    viewed: viewed::Viewed,
    failures: failures::Failures,
    heard: Mutex<HashMap<Id, Heard>>,
    changes: AtomicU64,
}

/// What stopped a reading, kept so that every page it concerns can say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When it happened.
    pub at: Timestamp,
    /// The kind.
    pub kind: Kind,
    /// One or two sentences.
    pub message: String,
    /// What was tried and what came back.
    pub tried: Vec<String>,
    /// Seconds after which a new try makes sense.
    pub retry_after: Option<u64>,
    /// Where to go.
    pub way_out: Option<WayOut>,
}

impl Trouble {
    /// The same for everybody who sees the registry: the request that met it may name a repository that they don't see.
    pub(crate) fn of_all(mut self) -> Self {
        self.tried.retain(|line| !line.contains("/v2/"));
        self
    }
    /// What stopped it at `at`. Our own faults are logged here, because nobody waits for the answer.
    pub(crate) fn new(error: &Error, at: Timestamp) -> Self {
        if error.is_internal() {
            tracing::error!(cause = ?error.cause, "reading stopped: {error}");
        }
        Self {
            at,
            kind: error.kind,
            message: error.message.clone(),
            tried: error.tried.clone(),
            retry_after: error.retry_after,
            way_out: error.way_out.clone(),
        }
    }
    /// The same as an error, for a page that has nothing else to show.
    pub(crate) fn to_error(&self) -> Error {
        Error {
            tried: self.tried.clone(),
            retry_after: self.retry_after,
            way_out: self.way_out.clone(),
            ..Error::new(self.kind, self.message.clone())
        }
    }
    /// Does it say that the registry as a whole is not to be reached, or does not let us in?
    pub(crate) fn is_about_the_registry(&self) -> bool {
        matches!(self.kind, Kind::RegistryDown | Kind::Setting) || (self.kind == Kind::RegistryRefused)
    }
}

/// What a registry said last, and since when it is so.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Since when it answers, or does not.
    pub since: Timestamp,
    /// When it was asked last.
    pub at: Timestamp,
    /// What it said, if that was no answer.
    pub trouble: Option<Trouble>,
}

impl Reading {
    /// Counts what was read or heard: what is kept of it elsewhere is old when this has grown.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
    /// Remembers whether a registry answered.
    pub(crate) fn hear(&self, registry: Id, at: Timestamp, trouble: Option<&Trouble>) {
        let trouble = trouble.filter(|trouble| trouble.is_about_the_registry()).cloned().map(Trouble::of_all);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |last: &Heard| last.trouble.is_some() == trouble.is_some();
        let since = heard.get(&registry).filter(|last| same(last)).map_or(at, |last| last.since);
        heard.insert(registry, Heard { since, at, trouble });
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
    /// What a registry said last.
    pub(crate) fn heard(&self, registry: Id) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).get(&registry).cloned()
    }
    /// Forgets what a registry said: its connection changed, or it is gone.
    pub(crate) fn forget(&self, registry: Id) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).remove(&registry);
        self.absences.forget(registry);
        self.failures.forget(registry);
        self.flights.forget(registry);
        self.rows.forget(registry);
    }
}

/// The topic under which open pages hear that a repository was read.
pub(crate) fn repository_topic(registry: Id, repository: &RepositoryName) -> String {
    format!("repository:{registry}:{repository}")
}

/// The topic under which open pages hear that a registry's repositories were read.
pub(crate) fn registry_topic(registry: Id) -> String {
    format!("registry:{registry}")
}

impl Operations {
    /// Waits until nothing is being read any more: at the end of the program, and in tests.
    pub async fn reading_settled(&self, longest: Duration) -> bool {
        let settled = async {
            loop {
                let mut waiting = self.0.reading.flights.everybody();
                waiting.extend(self.0.reading.jobs.everybody());
                if waiting.is_empty() {
                    return;
                }
                for reader in waiting {
                    reader.within(longest).await;
                }
                // Whoever ended and is still named must not keep the clock from being looked at.
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(longest, settled).await.is_ok()
    }

    /// Tells open pages that something they show was read. It never stops what it tells of.
    pub(crate) async fn tell(&self, topic: &str) {
        self.0.reading.changes.fetch_add(1, Ordering::AcqRel);
        if let Err(error) = self.0.store.outbox().append(topic, &serde_json::Value::Null, self.now()).await {
            tracing::warn!(topic, %error, "open pages could not be told");
        }
    }
}
