//! Ages and sizes with their units, as people type them.

use crate::{InvalidName, Timestamp, text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How long ago: `30d`, `12h`, `2 weeks`. A month is 30 days, a year 365.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Age {
    seconds: i64,
    /// The place in [`TIMES`] of the unit it is written in.
    unit: usize,
}

/// Unit, its length in seconds, what it may be called, and its word for one and for several.
const TIMES: &[(&str, i64, &[&str], [&str; 2])] = &[
    ("y", 365 * 86_400, &["y", "yr", "year", "years"], ["year", "years"]),
    ("mo", 30 * 86_400, &["mo", "month", "months"], ["month", "months"]),
    ("w", 7 * 86_400, &["w", "week", "weeks"], ["week", "weeks"]),
    ("d", 86_400, &["d", "day", "days"], ["day", "days"]),
    ("h", 3_600, &["h", "hour", "hours"], ["hour", "hours"]),
    ("min", 60, &["min", "minute", "minutes"], ["minute", "minutes"]),
    ("s", 1, &["s", "sec", "second", "seconds"], ["second", "seconds"]),
];
/// A thousand years; no sum with a time of today runs over.
const LONGEST: i64 = 1_000 * 365 * 86_400;

impl Age {
    /// The age in seconds, from 1 to a thousand years.
    pub fn seconds(self) -> i64 {
        self.seconds
    }
    /// The point in time that is this long before `now`.
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.seconds)
    }
    /// In words: `30 days`.
    pub fn words(self) -> String {
        let (_, length, _, [one, many]) = TIMES[self.unit];
        text::counted((self.seconds / length).unsigned_abs(), one, many)
    }
}

impl FromStr for Age {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = |why: &str| Err(InvalidName(why.to_owned()));
        let (number, unit) = parts(text);
        if unit == "m" {
            return bad("“m” may be minutes or months: write min or mo.");
        }
        let unit = TIMES.iter().position(|(_, _, names, _)| names.contains(&unit.as_str()));
        let (Some(number), Some(unit)) = (decimal(number), unit) else {
            return bad("An age is a number and a unit: 12h, 30d, 8w, 6mo or 2y.");
        };
        let seconds = number.of(TIMES[unit].1.unsigned_abs()).and_then(|seconds| i64::try_from(seconds).ok());
        match seconds {
            Some(0) => bad("An age is at least a second."),
            Some(seconds) if seconds <= LONGEST => {
                // Half a day is written as 12 hours: the next unit that needs no fraction. Seconds always fit.
                let fits = |unit: &usize| seconds % TIMES[*unit].1 == 0;
                let unit = (unit..TIMES.len()).find(fits).unwrap_or(TIMES.len() - 1);
                Ok(Self { seconds, unit })
            }
            _ => bad("An age is at most a thousand years."),
        }
    }
}

/// As it stands in URLs: `30d`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, length, _, _) = TIMES[self.unit];
        write!(f, "{}{unit}", self.seconds / length)
    }
}

/// A number of bytes: `100MB`, `1.5 GB`, `512 KiB`, or a number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size {
    bytes: u64,
}

/// Decimal units first; a size is written with the largest of them that needs no more than three places.
const SIZES: &[(&str, u64)] = &[
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
];

impl Size {
    /// How many bytes; at most `i64::MAX`.
    pub fn bytes(self) -> u64 {
        self.bytes
    }
    /// In words: `1.5 GB`.
    pub fn words(self) -> String {
        let text = self.to_string();
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        format!("{} {}", &text[..end], &text[end..])
    }
}

impl FromStr for Size {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = |why: &str| Err(InvalidName(why.to_owned()));
        let (number, unit) = parts(text);
        // `100M` and `512Ki` are common too.
        let named = |(name, _): &&(&str, u64)| {
            let name = name.to_ascii_lowercase();
            unit == name || Some(unit.as_str()) == name.strip_suffix('b').filter(|short| !short.is_empty())
        };
        let unit = if unit.is_empty() { Some(1) } else { SIZES.iter().find(named).map(|(_, bytes)| *bytes) };
        let (Some(number), Some(unit)) = (decimal(number), unit) else {
            return bad("A size is a number and a unit: 100MB, 1.5GB or 512KiB.");
        };
        match number.of(unit) {
            Some(bytes) if i64::try_from(bytes).is_ok() => Ok(Self { bytes }),
            _ => bad("A size is at most 9 EB."),
        }
    }
}

/// As it stands in URLs: `1.5GB`; always the same number of bytes.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, unit): &&(&str, u64)| self.bytes >= *unit && self.bytes.is_multiple_of((unit / 1_000).max(1));
        let decimal = SIZES.iter().take(5).find(fits);
        let Some((name, unit)) = decimal else { return write!(f, "{}B", self.bytes) };
        let (whole, rest) = (self.bytes / unit, self.bytes % unit);
        if rest == 0 {
            return write!(f, "{whole}{name}");
        }
        let places = format!("{:03}", rest / (unit / 1_000));
        write!(f, "{whole}.{}{name}", places.trim_end_matches('0'))
    }
}

/// Number and unit, the unit in small letters; spaces may stand around both. A comma is refused: it parts thousands for
/// some and places for others.
fn parts(text: &str) -> (&str, String) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim().to_ascii_lowercase())
}

/// A number with a few places, exactly.
struct Decimal {
    digits: u64,
    places: u32,
}

impl Decimal {
    /// So many units, rounded down; none if that is too much.
    fn of(&self, unit: u64) -> Option<u64> {
        let scaled = u128::from(self.digits) * u128::from(unit) / 10_u128.pow(self.places);
        u64::try_from(scaled).ok()
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || text.ends_with('.') || whole.len() + places.len() > 19 || places.contains('.') {
        return None;
    }
    Some(Decimal { digits: format!("{whole}{places}").parse().ok()?, places: u32::try_from(places.len()).ok()? })
}

macro_rules! as_text {
    ($($type:ident),+) => {$(
        impl TryFrom<String> for $type {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
    )+};
}
as_text!(Age, Size);
