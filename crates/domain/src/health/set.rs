//! A set of checks in one number, as the index keeps it.

use super::{Check, Finding, Level};
use serde::{Deserialize, Serialize};

/// A set of checks: bit [`Check::bit`] of the number. Bits that no check has are kept and show nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckSet(pub u64);

impl CheckSet {
    /// No check.
    pub const NONE: Self = Self(0);
    /// Every check.
    pub const ALL: Self = Self::of(Check::ALL);
    /// The checks that tell something of the configuration: for those with `repository.pull` only.
    pub const NEEDS_PULL: Self = {
        let (mut set, mut at) = (0, 0);
        while at < Check::ALL.len() {
            if Check::ALL[at].needs_pull() {
                set |= 1 << Check::ALL[at].bit();
            }
            at += 1;
        }
        Self(set)
    };

    /// These checks.
    pub const fn of(checks: &[Check]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < checks.len() {
            set |= 1 << checks[at].bit();
            at += 1;
        }
        Self(set)
    }
    /// The number as SQL keeps it; [`Check::bit`] leaves the sign alone.
    pub const fn to_sql(self) -> i64 {
        (self.0 & i64::MAX.unsigned_abs()).cast_signed()
    }
    /// Reads what [`Self::to_sql`] wrote.
    pub const fn from_sql(bits: i64) -> Self {
        Self(bits.unsigned_abs() & i64::MAX.unsigned_abs())
    }
    /// Is `check` in it?
    pub const fn contains(self, check: Check) -> bool {
        self.0 >> check.bit() & 1 == 1
    }
    /// Adds a check.
    pub fn insert(&mut self, check: Check) {
        self.0 |= 1 << check.bit();
    }
    /// Takes a check out.
    pub fn remove(&mut self, check: Check) {
        self.0 &= !(1 << check.bit());
    }
    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// What is in this one only.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// What may be shown to somebody who may, or may not, pull from the repository.
    #[must_use]
    pub const fn shown_to(self, may_pull: bool) -> Self {
        if may_pull { self } else { self.without(Self::NEEDS_PULL) }
    }
    /// Is nothing in it?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The checks in it, by number.
    pub fn iter(self) -> impl Iterator<Item = Check> {
        Check::ALL.iter().copied().filter(move |check| self.contains(*check))
    }
    /// The worst level in it.
    pub fn worst(self) -> Option<Level> {
        self.iter().map(Check::level).max()
    }
}

impl FromIterator<Check> for CheckSet {
    fn from_iter<I: IntoIterator<Item = Check>>(checks: I) -> Self {
        let mut set = Self::NONE;
        checks.into_iter().for_each(|check| set.insert(check));
        set
    }
}

impl<'a> FromIterator<&'a Finding> for CheckSet {
    fn from_iter<I: IntoIterator<Item = &'a Finding>>(findings: I) -> Self {
        findings.into_iter().map(|finding| finding.check).collect()
    }
}
