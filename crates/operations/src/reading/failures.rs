//! What could not be had a moment ago: pages that want it again show what is kept, and leave the registry alone for a while.

use super::{Reading, Trouble, catalogue::is_stale, rows::stops_all};
use crate::{Error, Kind};
use domain::{Id, RepositoryName, Tag, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// As many failures are remembered.
const KEPT: usize = 2_000;

#[derive(Default)]
struct Inner {
    registries: HashMap<Id, Trouble>,
    tags: HashMap<(Id, RepositoryName, Tag), Trouble>,
}

/// Failures that pages met, for as long as nobody is to try again.
#[derive(Default)]
pub(crate) struct Failures(Mutex<Inner>);

impl Failures {
    fn all(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Forgets all about a registry.
    pub(super) fn forget(&self, registry: Id) {
        let mut all = self.all();
        all.registries.remove(&registry);
        all.tags.retain(|(id, ..), _| *id != registry);
    }
}

impl Reading {
    /// Remembers that a registry could not tell about a tag: for all of it, where it is not to be reached at all.
    pub(crate) fn tag_failed(&self, place: (Id, &RepositoryName, &Tag), error: &Error, at: Timestamp) {
        let (registry, repository, tag) = place;
        if self.registry_failed(registry, error, at) {
            return;
        }
        let mut all = self.failures.all();
        if all.tags.len() >= KEPT {
            all.tags.retain(|_, trouble| !is_stale(trouble.at, at));
        }
        if all.tags.len() < KEPT {
            all.tags.insert((registry, repository.clone(), tag.clone()), Trouble::new(error, at));
        }
    }

    /// Remembers that a registry is not to be reached, if this error says so; does it?
    pub(crate) fn registry_failed(&self, registry: Id, error: &Error, at: Timestamp) -> bool {
        let is_down = is_about_all(error);
        if is_down {
            self.failures.all().registries.insert(registry, Trouble::new(error, at).of_all());
        }
        is_down
    }

    /// The registry told about a tag: what failed before is history.
    pub(crate) fn tag_answered(&self, place: (Id, &RepositoryName, &Tag), at: Timestamp) {
        let (registry, repository, tag) = place;
        {
            let mut all = self.failures.all();
            all.registries.remove(&registry);
            all.tags.remove(&(registry, repository.clone(), tag.clone()));
        }
        if self.heard(registry).is_some_and(|heard| heard.trouble.is_some()) {
            self.hear(registry, at, None);
        }
    }

    /// What stopped us when this tag was asked for last, however long ago that was. What was answered since is not known
    /// here: whoever shows it compares the times.
    pub(crate) fn tag_trouble(&self, place: (Id, &RepositoryName, &Tag)) -> Option<Trouble> {
        let (registry, repository, tag) = place;
        let own = self.failures.all().tags.get(&(registry, repository.clone(), tag.clone())).cloned();
        own.into_iter().chain(self.registry_trouble(registry)).max_by_key(|trouble| trouble.at)
    }

    /// Why this tag is not asked for again just now, if it is not.
    pub(crate) fn tag_rests(&self, place: (Id, &RepositoryName, &Tag), now: Timestamp) -> Option<Trouble> {
        self.tag_trouble(place).filter(|trouble| !is_stale(trouble.at, now))
    }

    /// Why a registry is not asked again just now, if it is not: a page met its failure, or a reading in the background did.
    pub(crate) fn registry_rests(&self, registry: Id, now: Timestamp) -> Option<Trouble> {
        self.registry_trouble(registry).filter(|trouble| !is_stale(trouble.at, now))
    }

    /// Why a registry was not to be reached the last time that somebody tried, if it was not.
    pub(crate) fn registry_trouble(&self, registry: Id) -> Option<Trouble> {
        let heard = self.heard(registry);
        let own = self.failures.all().registries.get(&registry).cloned();
        // What a page met before a reading in the background was answered is history.
        let own = own.filter(|own| heard.as_ref().is_none_or(|heard| heard.trouble.is_some() || heard.at <= own.at));
        // That we are not let in may be so in one repository only.
        let heard = heard.and_then(|heard| heard.trouble).filter(|trouble| trouble.kind == Kind::RegistryDown);
        own.into_iter().chain(heard).max_by_key(|trouble| trouble.at)
    }
}

/// Will the registry answer other questions no better?
fn is_about_all(error: &Error) -> bool {
    match error.cause.as_ref().and_then(|cause| cause.downcast_ref::<registry::Error>()) {
        Some(cause) => stops_all(cause),
        // It did not answer in the time that a page has.
        None => error.kind == Kind::RegistryDown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn of(error: registry::Error) -> Error {
        Error::from(error)
    }

    #[test]
    fn a_registry_that_is_away_rests_with_all_its_tags_and_only_for_a_while() {
        let reading = Reading::default();
        let name: RepositoryName = "team/api".parse().expect("a name");
        let (one, two): (Tag, Tag) = ("v1".parse().expect("a tag"), "v2".parse().expect("a tag"));
        let away = of(registry::Error::Refused { host: "registry.example.com".into() });
        reading.tag_failed((1, &name, &one), &away, NOW);
        for tag in [&one, &two] {
            assert!(reading.tag_rests((1, &name, tag), NOW.plus_seconds(9)).is_some());
        }
        assert!(reading.tag_rests((2, &name, &one), NOW).is_none(), "another registry is not meant");
        assert!(reading.tag_rests((1, &name, &one), NOW.plus_seconds(10)).is_none());
        reading.tag_answered((1, &name, &two), NOW);
        assert!(reading.tag_rests((1, &name, &one), NOW).is_none());
    }

    #[test]
    fn a_fault_at_one_tag_says_nothing_of_the_next() {
        let reading = Reading::default();
        let name: RepositoryName = "team/api".parse().expect("a name");
        let (one, two): (Tag, Tag) = ("v1".parse().expect("a tag"), "v2".parse().expect("a tag"));
        let fault =
            of(registry::Error::Interrupted { host: "registry.example.com".into(), why: "it broke off".into() });
        reading.tag_failed((1, &name, &one), &fault, NOW);
        assert!(reading.tag_rests((1, &name, &one), NOW).is_some());
        assert!(reading.tag_rests((1, &name, &two), NOW).is_none());
    }

    #[test]
    fn what_the_background_heard_counts_unless_we_are_only_not_let_in() {
        let reading = Reading::default();
        let heard = |kind| Trouble::new(&Error::new(kind, "no"), NOW);
        reading.hear(1, NOW, Some(&heard(Kind::RegistryRefused)));
        assert!(reading.registry_rests(1, NOW).is_none());
        reading.hear(1, NOW, Some(&heard(Kind::RegistryDown)));
        assert!(reading.registry_rests(1, NOW).is_some());
        reading.forget(1);
        assert!(reading.registry_rests(1, NOW).is_none());
    }

    #[test]
    fn a_failure_is_told_until_somebody_is_answered() {
        let reading = Reading::default();
        let name: RepositoryName = "team/api".parse().expect("a name");
        let tag: Tag = "v1".parse().expect("a tag");
        let place = (1, &name, &tag);
        reading.tag_failed(place, &of(registry::Error::Refused { host: "registry.example.com".into() }), NOW);
        let later = NOW.plus_seconds(600);
        assert!(reading.tag_rests(place, later).is_none(), "it may be asked for again");
        assert_eq!(reading.tag_trouble(place).expect("and what stopped us is still known").at, NOW);
        reading.hear(1, later, None);
        assert_eq!(reading.tag_trouble(place), None, "the background was answered since");
        reading.tag_failed(place, &Error::new(Kind::NotFound, "no"), later);
        assert!(reading.tag_rests(place, later).is_some() && reading.registry_rests(1, later).is_none());
        reading.tag_answered(place, later);
        assert_eq!(reading.tag_trouble(place), None);
    }
}
