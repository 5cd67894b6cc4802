//! What every search is told and what it answers: where is looked, how far, and whether that was all.

use domain::{Id, RepositoryName, Visible};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// Rows that one search looks at, as far as they may be seen: so many for each hit that it gives, and no more than these.
const LOOKED_FOR_EACH: usize = 20;
const LOOKED: usize = 1_000;
/// Where much of what is looked at may not be seen, up to so many times as many rows are looked at.
const PATIENCE: usize = 8;

/// So long is looked for parts of names where there are millions of names.
const TIME: Duration = Duration::from_millis(40);

/// Where is looked, and how far.
#[derive(Clone, Debug)]
pub struct Among {
    visible: Visible,
    registries: HashSet<Id>,
    pub(super) given: usize,
    pub(super) looked: usize,
    until: Instant,
}

impl Among {
    /// In these registries, as far as they may be seen; as many as `given` hits are given.
    pub fn new(visible: &Visible, registries: &[Id], given: usize) -> Self {
        let registries = registries.iter().copied().filter(|id| visible.registry(*id)).collect();
        let looked = given.saturating_mul(LOOKED_FOR_EACH).min(LOOKED);
        Self { visible: visible.clone(), registries, given, looked, until: Instant::now() + TIME }
    }
    /// With fewer rows looked at: for answers while somebody types.
    #[must_use]
    pub fn quick(self) -> Self {
        Self { looked: self.looked.min(LOOKED / 5), until: Instant::now() + TIME / 2, ..self }
    }
    /// The same with as many hits given, and no more rows looked at.
    #[must_use]
    pub(super) fn giving(&self, given: usize) -> Self {
        Self { given, ..self.clone() }
    }
    /// The same with as many rows looked at as any search does.
    #[must_use]
    pub(super) fn wide(&self) -> Self {
        Self { looked: LOOKED, ..self.clone() }
    }
    /// Is this registry one of those asked for?
    pub(super) fn asks(&self, registry: Id) -> bool {
        self.registries.contains(&registry)
    }
    /// May this repository be seen, and is it one of those asked for?
    pub(super) fn sees(&self, registry: Id, repository: &RepositoryName) -> bool {
        self.asks(registry) && self.visible.repository(registry, repository)
    }
    /// Is there nothing to look at?
    pub(super) fn is_empty(&self) -> bool {
        self.registries.is_empty() || !self.visible.repositories_at_all()
    }
    /// What may be seen.
    pub(super) fn visible(&self) -> &Visible {
        &self.visible
    }
    /// Is there time for another step?
    pub(super) fn has_time(&self) -> bool {
        Instant::now() < self.until
    }
    /// Is nothing hidden from who asks?
    pub(super) fn sees_everything(&self) -> bool {
        self.visible.everything()
    }
    /// How many rows are looked at where all rows of one step are read at once.
    pub(super) fn at_once(&self) -> usize {
        if self.visible.everything() { self.looked } else { self.looked * PATIENCE }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits<T> {
    /// The closest first, then the newest; no more than were asked for.
    pub rows: Vec<T>,
    /// How many were found and may be seen, these included.
    pub found: usize,
    /// Was the search stopped before everything was looked at, so that there may be more?
    pub cut: bool,
}

impl<T> Default for Hits<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), found: 0, cut: false }
    }
}

impl<T> Hits<T> {
    /// The first of these rows.
    pub(super) fn of(mut rows: Vec<T>, cut: bool, among: &Among) -> Self {
        let found = rows.len();
        rows.truncate(among.given);
        Self { rows, found, cut }
    }
    /// The same with other rows, one each.
    pub fn map<U>(self, with: impl FnMut(T) -> U) -> Hits<U> {
        Hits { rows: self.rows.into_iter().map(with).collect(), found: self.found, cut: self.cut }
    }
}

/// How closely a name fits, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// It is the name.
    Exact,
    /// It is the last component of a repository's name.
    Component,
    /// The name, or its last component, begins so.
    Prefix,
    /// It stands somewhere in the name.
    Infix,
}

impl Rank {
    /// How `text` fits a name; both in small letters.
    pub(super) fn of(name: &str, text: &str) -> Option<Self> {
        let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
        match () {
            () if name == text => Some(Self::Exact),
            () if last == text => Some(Self::Component),
            () if name.starts_with(text) || last.starts_with(text) => Some(Self::Prefix),
            () if name.contains(text) => Some(Self::Infix),
            () => None,
        }
    }
}

/// A way through many rows in steps, until enough of them may be seen or too many were looked at.
pub(super) struct Walk {
    looked: usize,
    rows: usize,
    seen: usize,
    more: bool,
}

impl Walk {
    pub(super) fn new(among: &Among) -> Self {
        Self { looked: among.looked, rows: 0, seen: 0, more: true }
    }
    /// Is another step to be made?
    pub(super) fn goes_on(&self) -> bool {
        self.more && self.seen < self.looked && self.rows < self.looked * PATIENCE
    }
    /// How many rows the statement of one step may give: one more than are taken, which tells that there are more.
    pub(super) fn limit(&self) -> i64 {
        i64::try_from(self.looked).unwrap_or(i64::MAX).saturating_add(1)
    }
    /// Takes the rows of a step, without the one too many.
    pub(super) fn step<T>(&mut self, rows: &mut Vec<T>) {
        self.more = rows.len() > self.looked;
        rows.truncate(self.looked);
        self.rows += rows.len();
    }
    /// One of the rows may be seen.
    pub(super) fn saw(&mut self) {
        self.seen += 1;
    }
    /// Were there more rows when it stopped?
    pub(super) fn is_cut(&self) -> bool {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_wholly_by_its_last_component_by_its_beginning_or_somewhere() {
        for (name, text, rank) in [
            ("team/api", "team/api", Some(Rank::Exact)),
            ("team/api", "api", Some(Rank::Component)),
            ("team/api", "tea", Some(Rank::Prefix)),
            ("team/api", "ap", Some(Rank::Prefix)),
            ("team/api", "m/a", Some(Rank::Infix)),
            ("team/api", "web", None),
        ] {
            assert_eq!(Rank::of(name, text), rank, "{text} in {name}");
        }
        assert!(Rank::Exact < Rank::Component && Rank::Component < Rank::Prefix && Rank::Prefix < Rank::Infix);
    }
}
