//! When a repository is looked at again: soon where people look or tags move, seldom where nothing ever happens.

use crate::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Somebody has the page open, or may come back to it: what they see is to be true.
pub const VIEWED: i64 = MINUTE;
/// A repository counts as viewed for this long: a visit with its pauses.
pub const VIEWED_FOR: i64 = HOUR;
/// Where tags move, builds run: the next one is worth seeing within the quarter of an hour.
pub const MOVED: i64 = 15 * MINUTE;
/// A repository counts as moving for this long: a week without a build is a rest.
pub const MOVED_FOR: i64 = 7 * DAY;
/// The rest is seen some times a day, so that nothing stays unseen over a night.
pub const REST: i64 = 6 * HOUR;
/// What never moves is asked for once a day, so that a registry full of old things is left alone.
pub const STILL: i64 = DAY;
/// A repository without a move rests this many times shorter than it has been still.
const STILL_SHARE: i64 = 28;
/// The catalogue: new repositories are seen within this time.
pub const CATALOGUE: i64 = 15 * MINUTE;
/// The probe: what a registry can do changes seldom, but a certificate is to be told of in time.
pub const PROBE: i64 = 6 * HOUR;
/// After a failure: as soon as it may have been an accident.
pub const FAILED: i64 = MINUTE;
/// However often it failed, at least so often.
pub const FAILED_LONGEST: i64 = HOUR;
/// Milliseconds of rest for each tag, whatever the heat: a registry gives about a thousand answers a second, and one
/// repository is to take no more than a fiftieth of that.
const PER_TAG: u64 = 50;

/// What decides when a repository is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heat {
    /// Since when it is known.
    pub seen_at: Timestamp,
    /// When a person looked at it last.
    pub viewed_at: Option<Timestamp>,
    /// When one of its tags moved last, came or went.
    pub moved_at: Option<Timestamp>,
    /// How many tags there are to ask for.
    pub tags: u64,
    /// Looks in a row that failed.
    pub failures: u64,
}

/// When it is due next. `chance` is between 0 and 1, and spreads what was seen together.
pub fn due(heat: &Heat, now: Timestamp, chance: f64) -> Timestamp {
    now.plus_seconds(spread(interval(heat, now), chance))
}

fn interval(heat: &Heat, now: Timestamp) -> i64 {
    let floor = i64::try_from(heat.tags.saturating_mul(PER_TAG) / 1_000).unwrap_or(STILL).min(STILL);
    if heat.failures > 0 {
        return after_failures(heat.failures).max(floor);
    }
    let ago = |at: Timestamp| (now.0.saturating_sub(at.0)) / 1_000_000;
    let still = ago(heat.moved_at.unwrap_or(heat.seen_at));
    let interval = if heat.viewed_at.is_some_and(|at| ago(at) < VIEWED_FOR) {
        VIEWED
    } else if heat.moved_at.is_some() && still < MOVED_FOR {
        MOVED
    } else {
        (still / STILL_SHARE).clamp(REST, STILL)
    };
    interval.max(floor)
}

/// How long to wait after so many failures in a row, in seconds: a minute, doubling to an hour.
pub fn after_failures(failures: u64) -> i64 {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(10);
    (FAILED << doublings).min(FAILED_LONGEST)
}

/// A tenth more or less, so that not everything is due at the same moment.
pub fn spread(seconds: i64, chance: f64) -> i64 {
    let tenths = (chance.clamp(0.0, 1.0) * 200.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 200")]
    let thousandths = 900 + tenths as i64;
    (seconds.saturating_mul(thousandths) / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

    fn before(seconds: i64) -> Timestamp {
        NOW.plus_seconds(-seconds)
    }
    fn after(heat: Heat) -> i64 {
        (due(&heat, NOW, 0.5).0 - NOW.0) / 1_000_000
    }

    #[test]
    fn what_is_looked_at_comes_first_then_what_moves_then_the_rest() {
        let rest = Heat { seen_at: before(HOUR), tags: 10, ..Heat::default() };
        assert_eq!(after(Heat { viewed_at: Some(before(60)), ..rest }), VIEWED);
        assert_eq!(after(Heat { moved_at: Some(before(DAY)), ..rest }), MOVED);
        assert_eq!(after(rest), REST);
        assert_eq!(after(Heat { viewed_at: Some(before(2 * HOUR)), ..rest }), REST, "a visit ends");
    }

    #[test]
    fn what_never_moves_is_asked_for_less_and_less() {
        let still = |days: i64| {
            after(Heat { seen_at: before(400 * DAY), moved_at: Some(before(days * DAY)), ..Heat::default() })
        };
        assert_eq!(still(6), MOVED);
        assert_eq!(still(8), 8 * DAY / 28);
        assert_eq!(still(14), 12 * HOUR);
        assert_eq!(still(300), STILL);
    }

    #[test]
    fn failures_double_the_wait_up_to_an_hour() {
        let waits: Vec<i64> = (1..=9).map(after_failures).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        assert_eq!(after_failures(u64::MAX), FAILED_LONGEST);
    }

    #[test]
    fn a_large_repository_is_never_asked_for_without_a_rest() {
        let open = Heat { seen_at: NOW, viewed_at: Some(NOW), tags: 100_000, ..Heat::default() };
        assert_eq!(after(open), 5_000);
        assert_eq!(after(Heat { tags: u64::MAX, ..open }), STILL);
    }

    #[test]
    fn chance_moves_it_by_a_tenth_at_most() {
        assert_eq!((spread(1_000, 0.0), spread(1_000, 0.5), spread(1_000, 1.0)), (900, 1_000, 1_100));
        assert_eq!(spread(1_000, f64::NAN), 900);
        assert_eq!(spread(0, 0.5), 1, "never at once again");
    }
}
