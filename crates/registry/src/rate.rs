//! Requests per second over the last few seconds, in a handful of counters.

use std::time::Instant;

/// Over as many seconds.
const SECONDS: usize = 10;

/// One counter for each of the last seconds.
#[derive(Debug)]
pub(crate) struct Rate {
    since: Instant,
    /// The second that was counted last, from `since`.
    second: u64,
    counts: [u32; SECONDS],
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, second: 0, counts: [0; SECONDS] }
    }

    fn place(second: u64) -> usize {
        usize::try_from(second % SECONDS as u64).unwrap_or_default()
    }

    pub(crate) fn count(&mut self, now: Instant) {
        let second = now.saturating_duration_since(self.since).as_secs().max(self.second);
        for gone in (self.second + 1..=second).take(SECONDS) {
            self.counts[Self::place(gone)] = 0;
        }
        if second >= self.second + SECONDS as u64 {
            self.counts = [0; SECONDS];
        }
        self.second = second;
        self.counts[Self::place(second)] += 1;
    }

    pub(crate) fn per_second(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.since);
        let second = passed.as_secs().max(self.second);
        let oldest = (second + 1).saturating_sub(SECONDS as u64);
        let kept = (oldest..=self.second).filter(|s| s + SECONDS as u64 > self.second);
        let sum: u64 = kept.map(|s| u64::from(self.counts[Self::place(s)])).sum();
        // The second under way counts as far as it has come.
        #[expect(clippy::cast_precision_loss, reason = "ten seconds of requests")]
        let (sum, oldest) = (sum as f64, oldest as f64);
        sum / (passed.as_secs_f64() - oldest).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_is_the_mean_of_the_last_seconds_and_forgets_what_is_older() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        for n in 0..200_u32 {
            rate.count(start + Duration::from_millis(100) * n);
        }
        let at = |ms| start + Duration::from_millis(ms);
        assert!((rate.per_second(at(20_000)) - 10.0).abs() < 1.2, "{}", rate.per_second(at(20_000)));
        assert!((rate.per_second(at(25_000)) - 5.0).abs() < 1.2, "{}", rate.per_second(at(25_000)));
        assert!(rate.per_second(at(60_000)).abs() < f64::EPSILON);
        rate.count(at(60_000));
        assert!(rate.per_second(at(60_000)) < 0.2);
    }

    #[test]
    fn the_first_second_is_not_blown_up() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        rate.count(start);
        assert!((rate.per_second(start) - 1.0).abs() < f64::EPSILON);
    }
}
