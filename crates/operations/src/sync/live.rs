//! What is known in memory of the reading of a registry: what it is doing, how fast, and what is wanted of it. What it has
//! done stands in the index, so that a restart loses only the rate.

use crate::reading::Trouble;
use domain::{RepositoryName, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicI64},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Repositories that somebody wants now; beyond, they wait for their turn.
const URGENT: usize = 200;
/// The rate is that of the last so many seconds.
const SPAN: Duration = Duration::from_secs(10);

/// What the reading of a registry is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It was not begun.
    #[default]
    Off,
    /// Everything is read for the first time.
    Filling,
    /// What is due is asked for again.
    Refreshing,
    /// Nothing is due.
    Resting,
    /// An administrator paused it.
    Paused,
    /// Another process does it.
    Elsewhere,
    /// The registry wants to be left alone; it goes on then.
    Waiting {
        /// When it goes on.
        until: Timestamp,
        /// Why, in half a sentence.
        why: String,
    },
    /// Something stopped it; it is tried again then.
    Stopped {
        /// What stopped it.
        trouble: Box<Trouble>,
        /// When it is tried again.
        until: Timestamp,
    },
    /// There is no room for more of the index; it is tried again then.
    DiskFull {
        /// When it is tried again.
        until: Timestamp,
    },
}

#[derive(Default)]
pub(crate) struct Inner {
    pub phase: Phase,
    /// Rounds in a row that failed.
    pub failures: u64,
    /// Not to be tried before.
    pub until: Option<Timestamp>,
    /// Is the catalogue wanted now?
    pub catalogue: bool,
    /// When the catalogue is due next after it failed.
    pub catalogue_until: Option<Timestamp>,
    pub catalogue_failures: u64,
    /// Probes in a row that found the registry unusable.
    pub probe_failures: u64,
    urgent: VecDeque<RepositoryName>,
    counted: VecDeque<(Instant, u64)>,
}

/// What is known of the reading of a registry.
#[derive(Default)]
pub(crate) struct Live {
    inner: Mutex<Inner>,
    /// Tells the task that something is wanted.
    pub wake: Notify,
    /// The day, counted from 1970, on which content without a name was looked for.
    pub swept: AtomicI64,
}

impl Live {
    pub(crate) fn get(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Says what it is doing; was it something else before?
    pub(crate) fn enter(&self, phase: Phase) -> bool {
        let mut inner = self.get();
        let changed = inner.phase != phase;
        inner.phase = phase;
        changed
    }
    /// A repository is wanted now.
    pub(crate) fn want(&self, name: &RepositoryName) {
        let mut inner = self.get();
        if inner.urgent.len() < URGENT && !inner.urgent.contains(name) {
            inner.urgent.push_back(name.clone());
        }
        drop(inner);
        self.wake.notify_one();
    }
    /// The catalogue is wanted now.
    pub(crate) fn want_catalogue(&self) {
        let mut inner = self.get();
        (inner.catalogue, inner.until, inner.catalogue_until) = (true, None, None);
        drop(inner);
        self.wake.notify_one();
    }
    /// The next repository that is wanted now.
    pub(crate) fn wanted(&self) -> Option<RepositoryName> {
        self.get().urgent.pop_front()
    }
    /// Is any?
    pub(crate) fn wants(&self) -> bool {
        let inner = self.get();
        inner.catalogue || !inner.urgent.is_empty()
    }
    /// So many tags were asked for in all.
    pub(crate) fn count(&self, tags: u64) {
        let (mut inner, now) = (self.get(), Instant::now());
        inner.counted.push_back((now, tags));
        while inner.counted.len() > 2 && inner.counted.front().is_some_and(|(at, _)| now - *at > SPAN) {
            inner.counted.pop_front();
        }
    }
    /// Begins to count anew.
    pub(crate) fn count_anew(&self) {
        self.get().counted.clear();
    }
    /// Tags that were asked for per second, lately.
    pub(crate) fn rate(&self) -> f64 {
        let inner = self.get();
        let (Some((from, before)), Some((to, after))) = (inner.counted.front(), inner.counted.back()) else {
            return 0.0;
        };
        let span = (*to - *from).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let tags = after.saturating_sub(*before) as f64;
        if span > 0.0 { tags / span } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_given_once_and_bounded() {
        let live = Live::default();
        for n in 0..URGENT + 10 {
            let name: RepositoryName = format!("team/r{n}").parse().expect("a name");
            live.want(&name);
            live.want(&name);
        }
        assert!(live.wants());
        let given: Vec<_> = std::iter::from_fn(|| live.wanted()).collect();
        assert_eq!(given.len(), URGENT);
        assert!(!live.wants());
    }

    #[test]
    fn a_rate_needs_two_counts() {
        let live = Live::default();
        live.count(10);
        assert!(live.rate().abs() < f64::EPSILON);
        std::iter::repeat_with(|| live.count(20)).take(3).for_each(drop);
        assert!(live.rate() > 0.0);
        live.count_anew();
        assert!(live.rate().abs() < f64::EPSILON);
    }
}
