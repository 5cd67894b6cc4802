//! How many requests a registry gets at the same time, decided from how the last ones went. No input or output here, and
//! the clock is an argument: [`crate::turns`] does the waiting.
//!
//! It starts with two and doubles until something is wrong, then grows one by one. A refusal (429, 502, 503, 504), a
//! timeout or a failed connection halves it. So does an answer that takes longer than if all of ours stood in one line at
//! the registry; and it stops growing where more of ours would only make that line longer.

use crate::latency::{Kind, Latency, Verdict};
use crate::quota::Quota;
use crate::rate::Rate;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// How many it starts with.
const FIRST: u32 = 2;
/// Slowness alone does not go below this: a busy registry still answers two.
const SLOW_LEAST: f64 = 2.0;
/// After a refusal or failure that names no time, background work pauses this long, the next time twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// At most this long.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// For whom a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Somebody waits for the answer: goes first, and may use the whole cap.
    Person,
    /// Nobody waits: stays within the limit, leaves one place free, and pauses when the registry is short of patience.
    Background,
}

/// How a request ended, as far as the pace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With an answer that says nothing against going on.
    Answered,
    /// With a failure of the registry that has nothing to do with how much is asked.
    Faulty,
    /// The registry (or a proxy before it) has too much to do; perhaps it said how long to wait.
    Refused(Option<Duration>),
    /// No connection, or no answer in time.
    Failed,
    /// Nobody waited for the end of it.
    Dropped,
}

/// A request that ended.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) started: Instant,
    /// How many were under way when it started, itself included.
    pub(crate) among: u32,
    /// What its time can be compared with, if with anything.
    pub(crate) kind: Option<Kind>,
    pub(crate) ended: Ended,
    pub(crate) quota: Option<Quota>,
}

/// Why background work pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseWhy {
    /// The registry said how long to wait (`Retry-After`).
    Asked,
    /// What the registry allows in a span of time is nearly used up (`RateLimit` and its relatives).
    Quota,
    /// Requests were refused, failed, or took too long.
    Trouble,
}

impl fmt::Display for PauseWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asked => "the registry asked us to wait",
            Self::Quota => "the number of requests that the registry allows is nearly used up",
            Self::Trouble => "the registry refused requests, or did not answer",
        })
    }
}

/// A pause of background work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// How long it still lasts.
    pub remaining: Duration,
    /// Why.
    pub why: PauseWhy,
}

/// How a registry is being asked right now, for people to see.
#[derive(Clone, Debug, PartialEq)]
pub struct PaceState {
    /// The most requests at a time that the connection allows.
    pub cap: u32,
    /// The most that background work uses at this moment.
    pub limit: u32,
    /// Requests under way.
    pub in_flight: u32,
    /// Requests of people that wait for their turn.
    pub people_waiting: u32,
    /// Requests of background work that wait for their turn.
    pub background_waiting: u32,
    /// Background work pauses.
    pub paused: Option<Pause>,
    /// Requests that ended in the last ten seconds, per second.
    pub per_second: f64,
    /// How many times longer answers take than the best seen lately; 1 is best, and what is not known yet.
    pub slowness: f64,
    /// Requests that ended since the client was made.
    pub requests: u64,
    /// Of these: refused for being too many, failed, not answered in time, or answered with a fault of the server.
    pub errors: u64,
    /// What the registry last said about how much it allows.
    pub quota: Option<Quota>,
}

/// The rule itself, with what it remembers.
#[derive(Debug)]
pub(crate) struct Pace {
    cap: u32,
    limit: f64,
    /// Nothing was wrong yet: it doubles.
    starting: bool,
    in_flight: u32,
    people_waiting: u32,
    background_waiting: u32,
    latency: Latency,
    shrunk: Option<Instant>,
    /// Refusals and failures one after another.
    row: u32,
    /// Until when everybody is quiet, as the registry asked.
    quiet: Option<Instant>,
    /// Until when background work pauses.
    paused: Option<(Instant, PauseWhy)>,
    quota: Option<Quota>,
    rate: Rate,
    requests: u64,
    errors: u64,
}

impl Pace {
    pub(crate) fn new(cap: u32, now: Instant) -> Self {
        let cap = cap.clamp(1, 256);
        Self {
            cap,
            limit: f64::from(FIRST.min(cap)),
            starting: true,
            in_flight: 0,
            people_waiting: 0,
            background_waiting: 0,
            latency: Latency::default(),
            shrunk: None,
            row: 0,
            quiet: None,
            paused: None,
            quota: None,
            rate: Rate::new(now),
            requests: 0,
            errors: 0,
        }
    }

    /// The most at a time for background work; one place is left to people.
    fn limit(&self) -> u32 {
        let most = if self.cap > 1 { self.cap - 1 } else { 1 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 256")]
        let limit = self.limit as u32;
        limit.clamp(1, most)
    }

    /// May another request start? If so it is counted, and the number under way comes back; if not, perhaps the time before
    /// which there is no use in asking again.
    pub(crate) fn begin(&mut self, class: Class, now: Instant) -> Result<u32, Option<Instant>> {
        let may = match class {
            Class::Person => self.in_flight < self.cap,
            Class::Background => {
                if let Some((until, _)) = self.pause(now) {
                    return Err(Some(until));
                }
                self.people_waiting == 0 && self.in_flight < self.limit()
            }
        };
        if !may {
            return Err(None);
        }
        self.in_flight += 1;
        Ok(self.in_flight)
    }

    /// Somebody waits, or does no longer.
    pub(crate) fn waits(&mut self, class: Class, waits: bool) {
        let count = match class {
            Class::Person => &mut self.people_waiting,
            Class::Background => &mut self.background_waiting,
        };
        *count = if waits { *count + 1 } else { count.saturating_sub(1) };
    }

    /// How long everybody is quiet.
    pub(crate) fn quiet(&self, now: Instant) -> Duration {
        self.quiet.map(|until| until.saturating_duration_since(now)).unwrap_or_default()
    }

    /// Everybody is quiet for this long.
    pub(crate) fn be_quiet(&mut self, by: Duration, now: Instant) {
        self.quiet = self.quiet.max(now.checked_add(by));
    }

    /// Background work pauses, and until when.
    fn pause(&self, now: Instant) -> Option<(Instant, PauseWhy)> {
        let quiet = self.quiet.map(|until| (until, PauseWhy::Asked));
        let longest = [self.paused, quiet].into_iter().flatten().max_by_key(|(until, _)| *until);
        longest.filter(|(until, _)| *until > now)
    }

    fn pause_for(&mut self, time: Duration, why: PauseWhy, now: Instant) {
        if let Some(until) = now.checked_add(time)
            && self.paused.is_none_or(|(before, _)| before < until)
        {
            self.paused = Some((until, why));
        }
    }

    /// A request ended.
    pub(crate) fn end(&mut self, report: &Report, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if report.ended == Ended::Dropped {
            return;
        }
        self.requests += 1;
        self.rate.count(now);
        match report.ended {
            Ended::Answered => self.answered(report, now),
            Ended::Faulty => self.errors += 1,
            Ended::Refused(wait) => self.trouble(report.started, wait, now),
            Ended::Failed => self.trouble(report.started, None, now),
            Ended::Dropped => {}
        }
        if let Some(quota) = &report.quota {
            if let Some(wait) = quota.wait() {
                self.pause_for(wait, PauseWhy::Quota, now);
            }
            self.quota = Some(quota.clone());
        }
    }

    fn trouble(&mut self, started: Instant, wait: Option<Duration>, now: Instant) {
        self.errors += 1;
        if let Some(wait) = wait {
            self.pause_for(wait, PauseWhy::Asked, now);
        }
        // What was under way together fails together: that is one event.
        if self.shrunk.is_some_and(|before| started < before) {
            return;
        }
        self.shrink(0.5, 1.0, now);
        self.row = self.row.saturating_add(1);
        if wait.is_none() {
            let pause = FIRST_PAUSE * 2_u32.pow(self.row.saturating_sub(1).min(10));
            self.pause_for(pause.min(LONGEST_PAUSE), PauseWhy::Trouble, now);
        }
    }

    fn answered(&mut self, report: &Report, now: Instant) {
        self.row = 0;
        let Some(kind) = report.kind else { return };
        // One that started before the limit shrank tells of the time before.
        if self.shrunk.is_some_and(|before| report.started < before) {
            return;
        }
        let took = now.saturating_duration_since(report.started);
        match self.latency.took(kind, took, report.among, self.limit(), now) {
            None | Some(Verdict::Enough) => {}
            Some(Verdict::Overrun) => self.shrink(0.5, SLOW_LEAST, now),
            Some(Verdict::Long) => self.shrink(0.8, SLOW_LEAST, now),
            Some(Verdict::Room) => self.grow(),
        }
    }

    fn grow(&mut self) {
        let next = if self.starting { self.limit * 2.0 } else { self.limit + 1.0 };
        self.limit = next.min(f64::from(self.cap));
    }

    fn shrink(&mut self, factor: f64, least: f64, now: Instant) {
        let next = (self.limit * factor).max(least);
        if next < self.limit {
            self.limit = next;
        }
        self.starting = false;
        self.shrunk = Some(now);
        self.latency.forget_span();
    }

    /// How many of those who wait with background work are to look whether they may start. In a pause it is one: he learns
    /// when it ends, and waits for that; who stood in line before it began would not.
    pub(crate) fn room(&self, now: Instant) -> u32 {
        let free = if self.pause(now).is_some() { 1 } else { self.limit().saturating_sub(self.in_flight) };
        if self.people_waiting > 0 { 0 } else { free.min(self.background_waiting) }
    }

    /// What there is to see.
    pub(crate) fn state(&self, now: Instant) -> PaceState {
        let paused = self.pause(now).map(|(until, why)| Pause { remaining: until.saturating_duration_since(now), why });
        PaceState {
            cap: self.cap,
            limit: self.limit(),
            in_flight: self.in_flight,
            people_waiting: self.people_waiting,
            background_waiting: self.background_waiting,
            paused,
            per_second: self.rate.per_second(now),
            slowness: self.latency.slowness(),
            requests: self.requests,
            errors: self.errors,
            quota: self.quota.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
