//! Are answers slower than they could be, and is that our doing? Times are compared with the best seen for the same kind of
//! request, over spans of a few answers. No clock: it is an argument.

use std::time::{Duration, Instant};

/// What can be compared with each other: requests that cost a registry about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HEAD of a manifest or a blob.
    Look,
    /// GET of a manifest.
    Manifest,
    /// GET of a blob.
    Blob,
}

const KINDS: usize = 3;
/// The least answers of a span.
const SPAN: u32 = 16;
/// The least answers of a kind in a span whose mean says something.
const FEW: u32 = 4;
/// A line of so many at the registry keeps it busy: no more are needed.
const LINE_ENOUGH: f64 = 4.0;
/// A line of more than so many is needless.
const LINE_LONG: f64 = 6.0;
/// What is over the time that our own requests can explain, by how much it has to be so.
const CLEARLY: f64 = 1.5;
/// The best time is forgotten slowly, so that a registry that became slower for good is not slow for ever: it counts twice
/// as long after this time.
const FORGET: f64 = 600.0;

/// What a span of answers says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// More may be asked at the same time.
    Room,
    /// It is well used.
    Enough,
    /// Ours wait for each other more than is of any use.
    Long,
    /// Slower than if all of ours were answered one after another, and not for the first time: it has other work, or trouble.
    Overrun,
}

#[derive(Clone, Copy, Debug)]
struct Best {
    seconds: f64,
    at: Instant,
}

impl Best {
    fn now(self, now: Instant) -> f64 {
        self.seconds * (now.saturating_duration_since(self.at).as_secs_f64() / FORGET).exp2()
    }
}

/// What is remembered of times.
#[derive(Debug)]
pub(crate) struct Latency {
    best: [Option<Best>; KINDS],
    span: Span,
    slowness: f64,
    /// The last span was an overrun: one may be chance.
    overran: bool,
}

impl Default for Latency {
    fn default() -> Self {
        Self { best: [None; KINDS], span: Span::default(), slowness: 1.0, overran: false }
    }
}

#[derive(Debug, Default)]
struct Span {
    answers: u32,
    busiest: u32,
    load: u64,
    sums: [(f64, u32); KINDS],
}

impl Latency {
    /// An answer took this long, with so many under way when it was asked for; at the end of a span there is a verdict.
    pub(crate) fn took(&mut self, kind: Kind, took: Duration, among: u32, limit: u32, now: Instant) -> Option<Verdict> {
        let span = &mut self.span;
        span.answers += 1;
        span.busiest = span.busiest.max(among);
        span.load += u64::from(among);
        let (sum, count) = &mut span.sums[kind as usize];
        *sum += took.as_secs_f64();
        *count += 1;
        if span.answers < SPAN.max(limit * 2) {
            return None;
        }
        let span = std::mem::take(&mut self.span);
        Some(self.judge(&span, limit, now))
    }

    fn judge(&mut self, span: &Span, limit: u32, now: Instant) -> Verdict {
        let (mut slower, mut weight) = (0.0, 0.0);
        for (best, (sum, count)) in self.best.iter_mut().zip(span.sums) {
            if count < FEW {
                continue;
            }
            let count = f64::from(count);
            let mean = (sum / count).max(1e-6);
            let known = best.map_or(mean, |best| best.now(now).min(mean));
            *best = Some(Best { seconds: known, at: now });
            slower += mean / known * count;
            weight += count;
        }
        if weight > 0.0 {
            self.slowness = slower / weight;
        }
        #[expect(clippy::cast_precision_loss, reason = "a sum of a few hundred small numbers")]
        let load = span.load as f64 / f64::from(span.answers.max(1));
        // Of those under way, so many stood in line (Little's law); were all in one line, answers would take load times as
        // long as the best.
        let line = load * (1.0 - 1.0 / self.slowness);
        let overruns = self.slowness > load.max(2.0) * CLEARLY;
        if std::mem::replace(&mut self.overran, overruns) && overruns {
            Verdict::Overrun
        } else if overruns {
            Verdict::Enough
        } else if line > LINE_LONG {
            Verdict::Long
        } else if line < LINE_ENOUGH && span.busiest >= limit {
            Verdict::Room
        } else {
            Verdict::Enough
        }
    }

    /// Begins a new span: what was measured belongs to another limit.
    pub(crate) fn forget_span(&mut self) {
        self.span = Span::default();
    }

    /// How many times longer than the best the last span was.
    pub(crate) fn slowness(&self) -> f64 {
        self.slowness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(latency: &mut Latency, among: u32, ms: u64, now: Instant) -> Verdict {
        (0..1_000)
            .find_map(|_| latency.took(Kind::Look, Duration::from_millis(ms), among, among, now))
            .expect("a verdict")
    }

    #[test]
    fn there_is_room_while_more_at_a_time_take_no_longer() {
        let (mut latency, now) = (Latency::default(), Instant::now());
        assert_eq!(span(&mut latency, 2, 10, now), Verdict::Room);
        assert_eq!(span(&mut latency, 16, 11, now), Verdict::Room);
        assert_eq!(span(&mut latency, 64, 10, now), Verdict::Room);
    }

    #[test]
    fn a_line_at_the_registry_is_kept_short() {
        let (mut latency, now) = (Latency::default(), Instant::now());
        span(&mut latency, 2, 10, now);
        assert_eq!(span(&mut latency, 7, 30, now), Verdict::Enough);
        assert_eq!(span(&mut latency, 16, 80, now), Verdict::Long);
    }

    #[test]
    fn what_our_own_line_does_not_explain_is_an_overrun() {
        let (mut latency, now) = (Latency::default(), Instant::now());
        span(&mut latency, 4, 10, now);
        // Once may be chance.
        assert_eq!(span(&mut latency, 4, 100, now), Verdict::Enough);
        assert_eq!(span(&mut latency, 4, 100, now), Verdict::Overrun);
        assert!((latency.slowness() - 10.0).abs() < 0.01);
    }

    #[test]
    fn a_registry_that_became_slower_for_good_is_believed_after_a_while() {
        let (mut latency, now) = (Latency::default(), Instant::now());
        span(&mut latency, 4, 10, now);
        span(&mut latency, 4, 100, now);
        assert_eq!(span(&mut latency, 4, 100, now), Verdict::Overrun);
        assert_eq!(span(&mut latency, 4, 100, now + Duration::from_hours(1)), Verdict::Room);
    }

    #[test]
    fn unlike_requests_are_not_compared() {
        let (mut latency, now) = (Latency::default(), Instant::now());
        span(&mut latency, 4, 1, now);
        let verdict =
            (0..1_000).find_map(|_| latency.took(Kind::Blob, Duration::from_millis(50), 4, 4, now)).expect("a verdict");
        assert_eq!(verdict, Verdict::Room);
    }
}
