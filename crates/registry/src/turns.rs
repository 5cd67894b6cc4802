//! Waiting for one's turn at a registry: people first, background work within its limit. The rule is [`crate::pace`]'s.

use crate::{
    Error,
    latency::Kind,
    pace::{Class, Ended, Pace, PaceState, Report},
    quota::Quota,
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// The longest that a person is kept waiting because the registry asked for quiet: beyond, the caller is told.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The turns at one registry.
#[derive(Debug)]
pub(crate) struct Turns {
    pace: Mutex<Pace>,
    people: Notify,
    background: Notify,
}

impl Turns {
    pub(crate) fn new(cap: u32) -> Self {
        Self { pace: Mutex::new(Pace::new(cap, Instant::now())), people: Notify::new(), background: Notify::new() }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bell(&self, class: Class) -> &Notify {
        match class {
            Class::Person => &self.people,
            Class::Background => &self.background,
        }
    }

    /// What there is to see.
    pub(crate) fn state(&self) -> PaceState {
        self.pace().state(Instant::now())
    }

    /// Everybody is quiet for this long.
    pub(crate) fn be_quiet(&self, by: Duration) {
        self.pace().be_quiet(by, Instant::now());
    }

    /// Waits until a request may start. Background work waits as long as it takes; a person is told when the registry asks
    /// for more quiet than there is patience, or than is left until `end`.
    pub(crate) async fn take(&self, class: Class, end: Option<Instant>) -> Result<Turn<'_>, Error> {
        if class == Class::Person {
            let (now, wait) = (Instant::now(), self.pace().quiet(Instant::now()));
            if wait > LONGEST_PAUSE || end.is_some_and(|end| now + wait > end) {
                return Err(Error::RateLimited { retry_after: Some(wait) });
            }
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
        if let Ok(turn) = self.begin(class) {
            return Ok(turn);
        }
        let _waiting = Waiting::new(self, class);
        loop {
            let bell = self.bell(class).notified();
            tokio::pin!(bell);
            // In line before looking again: nothing that happens in between is missed.
            bell.as_mut().enable();
            match self.begin(class) {
                Ok(turn) => return Ok(turn),
                Err(None) => bell.await,
                Err(Some(until)) => {
                    // Whoever is rung for earlier looks, and waits again.
                    let _ = tokio::time::timeout_at(until.into(), bell).await;
                }
            }
        }
    }

    fn begin(&self, class: Class) -> Result<Turn<'_>, Option<Instant>> {
        let now = Instant::now();
        let among = self.pace().begin(class, now)?;
        let report = Report { started: now, among, kind: None, ended: Ended::Dropped, quota: None };
        Ok(Turn { turns: self, report })
    }

    /// Wakes those who may go: one person, or as much background work as there is room for.
    fn ring(&self) {
        self.people.notify_one();
        let room = self.pace().room(Instant::now());
        for _ in 0..room {
            self.background.notify_one();
        }
    }
}

/// Somebody in line. Whoever leaves it, with a turn or without, hands on what woke him.
struct Waiting<'a> {
    turns: &'a Turns,
    class: Class,
}

impl<'a> Waiting<'a> {
    fn new(turns: &'a Turns, class: Class) -> Self {
        turns.pace().waits(class, true);
        Self { turns, class }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.turns.pace().waits(self.class, false);
        self.turns.bell(self.class).notify_one();
        if self.class == Class::Person {
            self.turns.background.notify_one();
        }
    }
}

/// A request's turn: it is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    report: Report,
}

impl Turn<'_> {
    /// It goes out now: signing in, which came before, is not counted as the registry's time.
    pub(crate) fn sent(&mut self) {
        self.report.started = Instant::now();
    }

    /// How it ended; what is compared with others of its kind, and what the registry said about its quota.
    pub(crate) fn ended(&mut self, ended: Ended, kind: Option<Kind>, quota: Option<Quota>) {
        (self.report.ended, self.report.kind, self.report.quota) = (ended, kind, quota);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.pace().end(&self.report, Instant::now());
        self.turns.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn who_stood_in_line_before_a_pause_goes_on_after_it() {
        let turns = Arc::new(Turns::new(8));
        let mut under_way = Vec::new();
        while let Ok(turn) = turns.begin(Class::Background) {
            under_way.push(turn);
        }
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.take(Class::Background, None).await.map(drop) })
            })
            .collect();
        while turns.state().background_waiting < 20 {
            tokio::task::yield_now().await;
        }
        // All that are under way are refused, and nobody comes anew.
        for mut turn in under_way {
            turn.ended(Ended::Refused(Some(Duration::from_millis(50))), None, None);
        }
        assert!(turns.state().paused.is_some());
        for one in waiting {
            let went = tokio::time::timeout(Duration::from_secs(20), one).await.expect("nobody is forgotten");
            assert!(went.expect("no panic").is_ok());
        }
    }
}
