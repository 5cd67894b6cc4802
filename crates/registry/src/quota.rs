//! What a registry says about how much it allows: `RateLimit` (the several forms of the IETF draft of that
//! name), `X-RateLimit-*`, and Docker Hub's `ratelimit-remaining: 76;w=21600`.

use http::HeaderMap;
use std::time::{Duration, SystemTime};

/// Background work stops when this share of what is allowed is left: the rest is for people.
const RESERVE: u64 = 10;
/// What is left for people where it is not said how much is allowed.
const RESERVE_UNKNOWN: u64 = 5;
/// The longest wait that is believed.
const LONGEST: Duration = Duration::from_hours(24);
/// The wait where neither a time nor a span is told.
const UNTOLD: Duration = Duration::from_mins(1);
/// Numbers above are points in Unix time, below they are seconds from now (September 2001; no span is 31 years).
const EPOCH: u64 = 1_000_000_000;

/// How much is allowed, as a registry said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests (or pulls) that are left.
    pub remaining: u64,
    /// Of how many in the span.
    pub limit: Option<u64>,
    /// How long until there are more, when it was said.
    pub reset: Option<Duration>,
    /// The span that the limit is for.
    pub span: Option<Duration>,
}

impl Quota {
    /// Reads it from an answer's headers; `wall` is the real time, for those who name a point in time.
    pub(crate) fn read(headers: &HeaderMap, wall: SystemTime) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let first = |names: [&str; 3]| names.into_iter().find_map(text);
        let reset =
            || first(["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"]).and_then(|v| until(v, wall));
        if let Some(value) = first(["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"]) {
            let (remaining, span) = tightest(value)?;
            let limit = first(["ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit"]).and_then(tightest);
            let span = span.or(limit.and_then(|(_, span)| span));
            return Some(Self { remaining, limit: limit.map(|(limit, _)| limit), reset: reset(), span });
        }
        let mut quota = combined(text("ratelimit")?)?;
        if let Some((limit, span)) = text("ratelimit-policy").and_then(policy) {
            quota.limit = quota.limit.or(Some(limit));
            quota.span = quota.span.or(span);
        }
        Some(quota)
    }

    /// How long background work waits, if what is left is for people.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let reserve = self.limit.map_or(RESERVE_UNKNOWN, |limit| limit / RESERVE);
        if self.remaining > reserve {
            return None;
        }
        // Without a time, a look after a tenth of the span tells whether it goes on.
        let wait = self.reset.or(self.span.map(|span| span / 10)).unwrap_or(UNTOLD);
        Some(wait.min(LONGEST))
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n).min(LONGEST)
}

/// Seconds from now, or a point in Unix time.
fn until(value: &str, wall: SystemTime) -> Option<Duration> {
    let n: u64 = value.trim().split(['.', ';', ',']).next()?.trim().parse().ok()?;
    if n < EPOCH {
        return Some(seconds(n));
    }
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(n))?;
    Some(at.duration_since(wall).unwrap_or_default().min(LONGEST))
}

/// Of several like `76;w=21600, 3;w=60` the smallest number, with its span.
fn tightest(value: &str) -> Option<(u64, Option<Duration>)> {
    let all = value.split(',').take(10).filter_map(|one| {
        let mut parts = one.split(';').map(str::trim);
        let n: u64 = parts.next()?.parse().ok()?;
        let span = parts.find_map(|part| part.strip_prefix("w=")?.parse().ok()).map(seconds);
        Some((n, span))
    });
    all.min_by_key(|(n, _)| *n)
}

/// `limit=100, remaining=50, reset=5` or `"default";r=50;t=30`; of several policies the one with the least left.
fn combined(value: &str) -> Option<Quota> {
    let field = |part: &str, names: [&str; 2]| -> Option<u64> {
        let (name, value) = part.trim().split_once('=')?;
        names.contains(&name.trim()).then(|| value.trim().parse().ok())?
    };
    let of = |parts: &mut dyn Iterator<Item = &str>| {
        let (mut remaining, mut limit, mut reset) = (None, None, None);
        for part in parts {
            remaining = remaining.or(field(part, ["remaining", "r"]));
            limit = limit.or(field(part, ["limit", "q"]));
            reset = reset.or(field(part, ["reset", "t"]));
        }
        Some(Quota { remaining: remaining?, limit, reset: reset.map(seconds), span: None })
    };
    if value.contains(';') {
        return value.split(',').take(10).filter_map(|one| of(&mut one.split(';'))).min_by_key(|quota| quota.remaining);
    }
    of(&mut value.split(','))
}

/// `"default";q=100;w=10`, or `100;w=10` in older drafts: the smallest limit with its span.
fn policy(value: &str) -> Option<(u64, Option<Duration>)> {
    let all = value.split(',').take(10).filter_map(|one| {
        let number = |name: &str| one.split(';').find_map(|part| part.trim().strip_prefix(name)?.parse::<u64>().ok());
        let bare = || one.split(';').next()?.trim().parse().ok();
        Some((number("q=").or_else(bare)?, number("w=").map(seconds)))
    });
    all.min_by_key(|(n, _)| *n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn read(headers: &[(&'static str, &'static str)]) -> Option<Quota> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Quota::read(&headers, SystemTime::UNIX_EPOCH + Duration::from_hours(500_000))
    }

    #[test]
    fn the_forms_that_are_seen_are_read() {
        let s = Duration::from_secs;
        let quota = |remaining, limit, reset, span| Some(Quota { remaining, limit, reset, span });
        let hub = [("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600")];
        assert_eq!(read(&hub), quota(76, Some(100), None, Some(s(21_600))));
        let old = [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "1800000030")];
        assert_eq!(read(&old), quota(5, Some(60), Some(s(30)), None));
        let draft3 =
            [("ratelimit-limit", "10, 10;w=1, 50;w=60"), ("ratelimit-remaining", "9"), ("ratelimit-reset", "50")];
        assert_eq!(read(&draft3), quota(9, Some(10), Some(s(50)), None));
        assert_eq!(read(&[("ratelimit", "limit=100, remaining=50, reset=5")]), quota(50, Some(100), Some(s(5)), None));
        let draft9 =
            [("ratelimit", r#""burst";r=3;t=2, "day";r=50;t=30"#), ("ratelimit-policy", r#""burst";q=10;w=60"#)];
        assert_eq!(read(&draft9), quota(3, Some(10), Some(s(2)), Some(s(60))));
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn nonsense_is_nothing_and_no_wait_is_longer_than_a_day() {
        for odd in ["", "-1", "many", ";w=5", "99999999999999999999999", "a,b,c"] {
            assert_eq!(read(&[("ratelimit-remaining", odd)]), None, "{odd}");
            assert_eq!(read(&[("ratelimit", odd)]), None, "{odd}");
        }
        for never in ["253402300799", "18446744073709551615", "999999999"] {
            let quota = read(&[("ratelimit-remaining", "0"), ("ratelimit-reset", never)]).expect("a quota");
            assert!(quota.wait().is_some_and(|wait| wait <= LONGEST), "{never}: {quota:?}");
        }
        let over = read(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "1000000001")]).expect("a quota");
        assert_eq!(over.wait(), Some(Duration::ZERO));
    }

    #[test]
    fn a_tenth_is_left_to_people() {
        let quota = |remaining, limit| Quota { remaining, limit, reset: Some(Duration::from_secs(7)), span: None };
        assert_eq!(quota(11, Some(100)).wait(), None);
        assert_eq!(quota(10, Some(100)).wait(), Some(Duration::from_secs(7)));
        assert_eq!(quota(6, None).wait(), None);
        assert_eq!(quota(5, None).wait(), Some(Duration::from_secs(7)));
        let hub = Quota { remaining: 3, limit: Some(100), reset: None, span: Some(Duration::from_hours(6)) };
        assert_eq!(hub.wait(), Some(Duration::from_mins(36)));
    }
}
