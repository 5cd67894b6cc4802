//! What a range asks of a version, and which keys fulfil it.

use super::Span;
use crate::versions::version_key;

/// A version of which the last numbers may be left open: `1`, `1.2`, `1.2.3`, `1.2.3-rc.1`, or nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Partial {
    /// At most three.
    pub numbers: Vec<u64>,
    /// Empty for none; only where all numbers are told.
    pub prerelease: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operator {
    Exact,
    Less,
    AtMost,
    More,
    AtLeast,
    Tilde,
    Caret,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Comparator {
    pub operator: Operator,
    pub version: Partial,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Set(pub Vec<Comparator>);

/// Above every key.
const HIGHEST: &str = "\u{10ffff}";

impl Partial {
    fn at(&self, place: usize) -> u64 {
        self.numbers.get(place).copied().unwrap_or(0)
    }
    fn is_whole(&self) -> bool {
        self.numbers.len() == 3
    }
    /// The key of the lowest version it stands for.
    fn key(&self) -> String {
        key([self.at(0), self.at(1), self.at(2)], &self.prerelease)
    }
    /// The first key after all versions that share the first `places` numbers; none if all do.
    fn after(&self, places: usize) -> String {
        let mut numbers = [0; 3];
        for (place, number) in numbers.iter_mut().enumerate().take(places) {
            // Numbers have at most 18 digits.
            *number = self.at(place) + u64::from(place + 1 == places);
        }
        // The lowest pre-release of the next version is not in the range either.
        if places == 0 { HIGHEST.to_owned() } else { key(numbers, "0") }
    }
    /// The first key after all versions it stands for. Nothing that a key is made of sorts below `\u{1}`.
    fn end(&self) -> String {
        if self.is_whole() { format!("{}\u{1}", self.key()) } else { self.after(self.numbers.len()) }
    }
}

/// The lowest version there is.
fn lowest() -> String {
    key([0; 3], "0")
}

fn key([major, minor, patch]: [u64; 3], prerelease: &str) -> String {
    let hyphen = if prerelease.is_empty() { "" } else { "-" };
    // Three numbers are always a version.
    version_key(&format!("{major}.{minor}.{patch}{hyphen}{prerelease}")).unwrap_or_default()
}

impl Comparator {
    /// `from` and `before`.
    fn bounds(&self) -> (String, String) {
        let version = &self.version;
        let told = version.numbers.len();
        let from = || if told == 0 { lowest() } else { version.key() };
        match self.operator {
            Operator::Exact => (from(), version.end()),
            // Pre-releases of 2.0.0 come before it, but are not what anybody means by <2.
            Operator::Less if !version.is_whole() => (lowest(), key([version.at(0), version.at(1), 0], "0")),
            Operator::Less => (lowest(), version.key()),
            Operator::AtMost => (lowest(), version.end()),
            Operator::More => (version.end(), HIGHEST.to_owned()),
            Operator::AtLeast => (from(), HIGHEST.to_owned()),
            Operator::Tilde => (from(), version.after(told.min(2))),
            // The first number that is not zero must stay, as far as numbers are told.
            Operator::Caret => {
                let kept = version.numbers.iter().position(|number| *number != 0).map_or(told, |place| place + 1);
                (from(), version.after(kept))
            }
        }
    }
}

impl Set {
    /// The releases in it.
    pub(super) fn span(&self) -> Span {
        let bounds: Vec<_> = self.0.iter().map(Comparator::bounds).collect();
        let from = bounds.iter().map(|(from, _)| from.clone()).max().unwrap_or_default();
        let before = bounds.into_iter().map(|(_, before)| before).min().unwrap_or_else(|| HIGHEST.to_owned());
        Span { from, before, releases_only: true }
    }
    /// All pre-releases of the versions of which a condition names one.
    pub(super) fn prerelease_spans(&self) -> impl Iterator<Item = Span> {
        let named =
            self.0.iter().map(|comparator| &comparator.version).filter(|version| !version.prerelease.is_empty());
        named.map(|version| {
            let numbers = [version.at(0), version.at(1), version.at(2)];
            Span { from: key(numbers, "0"), before: key(numbers, ""), releases_only: false }
        })
    }
}
