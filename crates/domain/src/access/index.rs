//! Things by the patterns of names they hold for, so that those that can concern a name are found without trying each.

use crate::patterns::Pattern;
use std::{collections::HashMap, ops::Range};

/// Where things stand, by what their patterns begin with. What it finds can match and need not: whoever asks looks closer.
#[derive(Debug, Default)]
pub(crate) struct ByName {
    /// Those for exactly one name.
    exact: HashMap<Box<str>, Vec<usize>>,
    /// The others, by what every match begins with, in order.
    beginnings: Vec<Beginning>,
    /// Between which of these stand those that fix the first segment, as `team-a/**` does: the way in is shorter.
    segments: HashMap<Box<str>, Range<usize>>,
}

/// What some patterns begin with.
#[derive(Debug)]
struct Beginning {
    text: Box<str>,
    /// The longest other that it begins with itself.
    within: Option<usize>,
    at: Vec<usize>,
}

/// The first segment of a name, if there is more than one.
fn first(name: &str) -> Option<&str> {
    name.split_once('/').map(|(first, _)| first)
}

impl ByName {
    /// Of things with these patterns, for looking up names: without a pattern, a thing is for every name.
    pub(crate) fn of<'a>(patterns: impl Iterator<Item = Option<&'a Pattern>>) -> Self {
        let (mut exact, mut others) = (HashMap::<Box<str>, Vec<usize>>::new(), Vec::new());
        for (at, pattern) in patterns.enumerate() {
            match pattern {
                Some(pattern) if pattern.is_literal() => exact.entry(pattern.as_str().into()).or_default().push(at),
                _ => others.push((pattern.map_or("", Pattern::prefix), at)),
            }
        }
        Self { exact, ..Self::ordered(others) }
    }

    /// The same for looking up patterns ([`Self::near`]).
    pub(crate) fn of_all<'a>(patterns: impl Iterator<Item = Option<&'a Pattern>>) -> Self {
        Self::ordered(patterns.enumerate().map(|(at, pattern)| (pattern.map_or("", Pattern::prefix), at)).collect())
    }

    fn ordered(mut all: Vec<(&str, usize)>) -> Self {
        all.sort_unstable();
        let (mut beginnings, mut segments) = (Vec::<Beginning>::new(), HashMap::<Box<str>, Range<usize>>::new());
        let mut above: Vec<usize> = Vec::new();
        for same in all.chunk_by(|(one, _), (other, _)| one == other) {
            let (text, number) = (same[0].0, beginnings.len());
            while above.last().is_some_and(|last| !text.starts_with(&*beginnings[*last].text)) {
                above.pop();
            }
            let at = same.iter().map(|(_, at)| *at).collect();
            beginnings.push(Beginning { text: text.into(), within: above.last().copied(), at });
            above.push(number);
            if let Some(first) = first(text) {
                match segments.get_mut(first) {
                    Some(range) => range.end = number + 1,
                    None => _ = segments.insert(first.into(), number..number + 1),
                }
            }
        }
        Self { exact: HashMap::new(), beginnings, segments }
    }

    /// Where those stand that can match this name; or, of a pattern's text, those that can contain it.
    pub(crate) fn candidates(&self, name: &str) -> impl Iterator<Item = usize> {
        let exact = self.exact.get(name).map_or(&[][..], Vec::as_slice);
        exact.iter().copied().chain(self.upwards(self.longest(name)))
    }

    /// Where those stand that can have a name in common with this pattern; all of them, where there is none.
    pub(crate) fn near(&self, pattern: Option<&Pattern>) -> impl Iterator<Item = usize> {
        let text = pattern.map_or("", Pattern::prefix);
        let longest = self.longest(text);
        let below = if pattern.is_some_and(Pattern::is_literal) {
            &[][..]
        } else {
            let from = self.beginnings.partition_point(|one| &*one.text <= text);
            let rest = &self.beginnings[from..];
            &rest[..rest.partition_point(|one| one.text.starts_with(text))]
        };
        self.upwards(longest).chain(below.iter().flat_map(|one| &one.at).copied())
    }

    /// The longest of the beginnings that `text` begins with.
    fn longest(&self, text: &str) -> Option<usize> {
        let all = || 0..self.beginnings.len();
        let range = first(text).and_then(|first| self.segments.get(first)).map_or_else(all, Range::clone);
        let before = self.beginnings[range.clone()].partition_point(|one| &*one.text <= text);
        // Whatever `text` begins with, the last one before it in order begins with too.
        let mut longest = (range.start + before).checked_sub(1);
        while let Some(at) = longest.filter(|at| !text.starts_with(&*self.beginnings[*at].text)) {
            longest = self.beginnings[at].within;
        }
        longest
    }

    fn upwards(&self, from: Option<usize>) -> impl Iterator<Item = usize> {
        let up = std::iter::successors(from, |at| self.beginnings[*at].within);
        up.flat_map(|at| &self.beginnings[at].at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn patterns() -> impl Strategy<Value = Vec<Option<Pattern>>> {
        let one = proptest::option::of("[ab/]{0,5}[ab/*?]{0,2}[ab]?".prop_map(|text| text.parse().ok()));
        proptest::collection::vec(one.prop_map(Option::flatten), 0..60)
    }

    proptest! {
        #[test]
        fn no_pattern_that_matches_is_missed_and_none_comes_twice(all in patterns(), name in "[ab]{1,3}(/[ab]{1,3}){0,2}") {
            let index = ByName::of(all.iter().map(Option::as_ref));
            let found: Vec<usize> = index.candidates(&name).collect();
            let once: BTreeSet<usize> = found.iter().copied().collect();
            prop_assert_eq!(once.len(), found.len());
            for (at, pattern) in all.iter().enumerate() {
                let matches = pattern.as_ref().is_none_or(|pattern| pattern.matches(&name));
                prop_assert!(!matches || once.contains(&at), "{:?} for {}", pattern, name);
            }
        }

        #[test]
        fn no_pattern_that_contains_or_meets_another_is_missed(all in patterns(), other in patterns()) {
            let (names, near) = (ByName::of(all.iter().map(Option::as_ref)), ByName::of_all(all.iter().map(Option::as_ref)));
            for other in &other {
                let text = other.as_ref().map_or("", Pattern::as_str);
                let (wider, close): (BTreeSet<usize>, Vec<usize>) =
                    (names.candidates(text).collect(), near.near(other.as_ref()).collect());
                let once: BTreeSet<usize> = close.iter().copied().collect();
                prop_assert_eq!(once.len(), close.len());
                for (at, pattern) in all.iter().enumerate() {
                    let (Some(pattern), Some(other)) = (pattern, other) else {
                        prop_assert!(pattern.is_some() || wider.contains(&at) && once.contains(&at));
                        prop_assert!(other.is_some() || once.contains(&at));
                        continue;
                    };
                    prop_assert!(!pattern.contains(other) || wider.contains(&at), "{:?} holds {:?}", pattern, other);
                    prop_assert!(!pattern.meets(other) || once.contains(&at), "{:?} meets {:?}", pattern, other);
                }
            }
        }
    }

    #[test]
    fn only_what_shares_the_way_is_looked_at() {
        let all: Vec<Pattern> = (0..1_000)
            .flat_map(|n| [format!("acme/app-{n}"), format!("acme/app-{n}/**")])
            .filter_map(|text| text.parse().ok())
            .collect();
        let index = ByName::of(all.iter().map(Some));
        assert_eq!(index.candidates("acme/app-7").count(), 1);
        assert_eq!(index.candidates("acme/app-7/web").count(), 1);
        assert_eq!(index.candidates("acme/other").count(), 0);
        let near = ByName::of_all(all.iter().map(Some));
        assert_eq!(
            near.near("acme/app-7/**".parse().ok().as_ref()).count(),
            2,
            "with `acme/app-7`, which it may begin with"
        );
        assert_eq!(near.near("acme/**".parse().ok().as_ref()).count(), 2_000);
    }
}
