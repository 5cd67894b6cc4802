//! Points in time as the records keep them.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads RFC 3339, as OCI configurations and registries write it.
    pub fn parse(text: &str) -> Option<Self> {
        let t = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(t.unix_timestamp_nanos() / 1_000).ok().map(Self)
    }
    /// `2026-11-21T09:31:08Z`, whole seconds, UTC.
    pub fn rfc3339(self) -> String {
        let t = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000_000)).ok();
        t.and_then(|t| t.format(&Rfc3339).ok()).unwrap_or_default()
    }
    /// `2026-11-21 09:31:08 UTC`, for people.
    pub fn utc(self) -> String {
        self.rfc3339().replace('T', " ").replace('Z', " UTC")
    }
    /// Seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// This time `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_of_any_offset_are_kept_in_utc() {
        let at = Timestamp::parse("2026-11-21T11:31:08.5+02:00").expect("a time");
        assert_eq!(at.rfc3339(), "2026-11-21T09:31:08Z");
        assert_eq!(at.utc(), "2026-11-21 09:31:08 UTC");
        assert_eq!(at.plus_seconds(60).utc(), "2026-11-21 09:32:08 UTC");
        assert_eq!(Timestamp(-1).seconds(), -1);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-21"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_seconds_round_trip(seconds in -60_000_000_000_i64..250_000_000_000) {
            let at = Timestamp(seconds * 1_000_000);
            prop_assert_eq!(Timestamp::parse(&at.rfc3339()), Some(at));
        }

        #[test]
        fn no_number_makes_showing_it_panic(at in any::<i64>(), seconds in any::<i64>()) {
            let _ = Timestamp(at).plus_seconds(seconds).utc();
        }
    }
}
