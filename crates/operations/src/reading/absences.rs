//! What registries answered 404 for lately, and how much they were asked for: where that is a great part, nothing leaves
//! before a list much later says the same.

use domain::{
    Id, RepositoryName, Timestamp,
    absence::{self, Asked},
};
use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Answers this old, in seconds, say nothing any more.
const LATELY: i64 = 24 * 3_600;
/// As many repositories are remembered of whose tags some were gone.
const REPOSITORIES: usize = 1_000;
/// As many things that are gone are remembered of one place.
const GONE: usize = 10_000;

/// Where something is missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Within {
    /// A repository of this registry.
    Registry(Id),
    /// A tag of this repository.
    Repository(Id, RepositoryName),
}

/// Why it is asked now what may leave.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Occasion<'o> {
    /// Somebody looked at this one thing.
    Look(&'o str),
    /// Everything that was due was asked for.
    Round,
    /// A list that was read to its end and names something lacks these.
    List(&'o HashSet<String>),
}

/// What came of weighing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weighed {
    /// What leaves, each with what the registry said.
    pub leaving: Vec<(String, String)>,
    /// What stays in doubt.
    pub staying: Vec<String>,
    /// Why, in a sentence.
    pub doubt: Option<String>,
}

struct Gone {
    at: Timestamp,
    /// What the registry said.
    detail: String,
    /// It has left: it counts still.
    left: bool,
    /// When the first list that was read to its end lacked it, too.
    unlisted: Option<Timestamp>,
}

#[derive(Default)]
struct Window {
    /// By a hash of the name: when it was asked for last.
    asked: HashMap<u64, Timestamp>,
    gone: HashMap<String, Gone>,
    /// When a second list confirmed what had been doubted: what is gone then is gone, until something answers again.
    confirmed: Option<Timestamp>,
}

/// What is remembered of all registries. A restart forgets it.
#[derive(Default)]
pub(crate) struct Absences {
    all: Mutex<HashMap<Within, Window>>,
    hashes: RandomState,
}

impl Absences {
    fn all(&self) -> MutexGuard<'_, HashMap<Within, Window>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is there. Of tags that is remembered only where others are not: nobody counts all that is well.
    pub(crate) fn answered(&self, within: &Within, name: &str, now: Timestamp) {
        let mut all = self.all();
        if matches!(within, Within::Repository(..)) && !all.contains_key(within) {
            return;
        }
        let window = all.entry(within.clone()).or_default();
        window.asked.insert(self.hashes.hash_one(name), now);
        if window.gone.remove(name).is_some() {
            window.confirmed = None;
        }
    }

    /// The registry answered 404 for it, with its own code.
    pub(crate) fn denied(&self, within: &Within, name: &str, detail: String, now: Timestamp) {
        let mut all = self.all();
        if all.len() >= REPOSITORIES && !all.contains_key(within) {
            all.retain(|within, _| matches!(within, Within::Registry(_)));
        }
        let window = all.entry(within.clone()).or_default();
        window.asked.insert(self.hashes.hash_one(name), now);
        if let Some(gone) = window.gone.get_mut(name) {
            // It came back meanwhile, and went again.
            (gone.at, gone.detail, gone.left) = (now, detail, false);
        } else if window.gone.len() < GONE {
            window.gone.insert(name.to_owned(), Gone { at: now, detail, left: false, unlisted: None });
        }
    }

    /// What of all that is gone leaves now.
    pub(crate) fn weigh(&self, within: &Within, occasion: Occasion<'_>, now: Timestamp) -> Weighed {
        let mut all = self.all();
        let Some(window) = all.get_mut(within) else { return Weighed::default() };
        window.forget_before(now.plus_seconds(-LATELY));
        let doubt = if window.confirmed.is_some() { None } else { window.doubt(within) };
        let mut weighed = Weighed::default();
        for (name, gone) in window.gone.iter_mut().filter(|(_, gone)| !gone.left) {
            if let Occasion::List(_) = occasion {
                gone.unlisted = occasion.concerns(name).then(|| gone.unlisted.unwrap_or(now));
            }
            if !occasion.concerns(name) {
                continue;
            }
            let confirmed = matches!(occasion, Occasion::List(_)) && absence::is_confirmed(gone.unlisted, now);
            if confirmed && doubt.is_some() {
                window.confirmed = Some(now);
            }
            if confirmed || doubt.is_none() {
                gone.left = true;
                let since = gone.unlisted.filter(|_| confirmed).map(Timestamp::utc);
                let lists = since.map(|since| format!(", and whole lists have lacked it since {since}"));
                weighed.leaving.push((name.clone(), gone.detail.clone() + &lists.unwrap_or_default()));
            } else {
                weighed.staying.push(name.clone());
            }
        }
        weighed.leaving.sort_unstable();
        weighed.staying.sort_unstable();
        weighed.doubt = doubt.filter(|_| !weighed.staying.is_empty());
        weighed
    }

    /// Forgets all about a registry: its connection changed, or it is gone.
    pub(crate) fn forget(&self, registry: Id) {
        self.all().retain(|within, _| {
            let (Within::Registry(id) | Within::Repository(id, _)) = within;
            *id != registry
        });
    }
}

impl Window {
    fn forget_before(&mut self, then: Timestamp) {
        self.asked.retain(|_, at| *at >= then);
        // What is in doubt stays remembered, so that a list can confirm it.
        self.gone.retain(|_, gone| gone.at >= then || (!gone.left && gone.unlisted.is_some()));
        self.confirmed = self.confirmed.filter(|at| *at >= then);
    }
    fn doubt(&self, within: &Within) -> Option<String> {
        let gone = self.gone.len() as u64;
        let asked = gone.max(self.asked.len() as u64);
        let what = if matches!(within, Within::Registry(_)) { "repositories" } else { "tags" };
        absence::mass(Asked { asked, gone }, what)
    }
}

impl Occasion<'_> {
    fn concerns(self, name: &str) -> bool {
        match self {
            Self::Look(only) => name == only,
            Self::Round => true,
            Self::List(lacks) => lacks.contains(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000_000);
    const LAB: Within = Within::Registry(1);

    fn names(from: usize, to: usize) -> Vec<String> {
        (from..to).map(|n| format!("team/r{n:03}")).collect()
    }

    fn deny(absences: &Absences, names: &[String], at: Timestamp) {
        for name in names {
            absences.denied(&LAB, name, "404".to_owned(), at);
        }
    }

    fn answer(absences: &Absences, names: &[String], at: Timestamp) {
        for name in names {
            absences.answered(&LAB, name, at);
        }
    }

    #[test]
    fn a_few_leave_and_many_do_not() {
        let absences = Absences::default();
        deny(&absences, &names(0, 10), NOW);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, NOW).leaving.len(), 10);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, NOW), Weighed::default(), "each once");

        let absences = Absences::default();
        answer(&absences, &names(0, 30), NOW);
        deny(&absences, &names(0, 15), NOW);
        let weighed = absences.weigh(&LAB, Occasion::Round, NOW);
        assert!(weighed.leaving.is_empty() && weighed.staying.len() == 15, "{weighed:?}");
        assert!(weighed.doubt.is_some_and(|why| why.contains("15 of the 30 repositories")));
        assert_eq!(absences.weigh(&LAB, Occasion::Look("team/r003"), NOW).staying, ["team/r003"]);
        answer(&absences, &names(0, 10), NOW);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, NOW).leaving.len(), 5, "the others came back");
    }

    #[test]
    fn a_few_at_a_time_are_many_in_the_end() {
        let absences = Absences::default();
        let mut left = 0;
        for (n, name) in names(0, 50).iter().enumerate() {
            let at = NOW.plus_seconds(600 * i64::try_from(n).expect("small"));
            deny(&absences, std::slice::from_ref(name), at);
            left += absences.weigh(&LAB, Occasion::Look(name), at).leaving.len();
        }
        assert_eq!(left, 10);
    }

    #[test]
    fn a_second_list_much_later_confirms_what_was_doubted() {
        let absences = Absences::default();
        let lost = names(0, 20);
        let lacks: HashSet<String> = lost.iter().take(15).cloned().collect();
        deny(&absences, &lost, NOW);
        assert_eq!(absences.weigh(&LAB, Occasion::List(&lacks), NOW).staying.len(), 15);
        let soon = NOW.plus_seconds(absence::CONFIRMED - 1);
        deny(&absences, &lost, soon);
        assert_eq!(absences.weigh(&LAB, Occasion::List(&lacks), soon).leaving, []);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, soon.plus_seconds(9)).leaving, [], "no list, no proof");
        let later = NOW.plus_seconds(absence::CONFIRMED);
        let weighed = absences.weigh(&LAB, Occasion::List(&lacks), later);
        assert_eq!((weighed.leaving.len(), weighed.doubt), (15, None));
        assert_eq!(absences.weigh(&LAB, Occasion::Round, later).leaving.len(), 5, "and what else is gone is believed");
    }

    #[test]
    fn another_registry_and_another_day_count_for_themselves() {
        let absences = Absences::default();
        deny(&absences, &names(0, 20), NOW);
        let tags = Within::Repository(1, "team/api".parse().expect("a name"));
        absences.answered(&tags, "v1", NOW);
        absences.denied(&tags, "v1", "404".to_owned(), NOW);
        assert_eq!(absences.weigh(&tags, Occasion::Look("v1"), NOW).leaving.len(), 1);
        let next_day = NOW.plus_seconds(LATELY + 1);
        deny(&absences, &names(90, 91), next_day);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, next_day).leaving.len(), 1);
        absences.forget(1);
        assert_eq!(absences.weigh(&LAB, Occasion::Round, next_day), Weighed::default());
    }
}
