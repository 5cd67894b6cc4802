//! One reader at a time: who wants the same list or tag at the same moment waits for the one who is at it already.

use domain::{Digest, Id, RepositoryName, Tag, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

use super::Trouble;

/// As many lists are remembered; beyond, those that ended longest ago are forgotten.
const KEPT: usize = 20_000;

/// What is read from a registry by one for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The repositories of a registry.
    Catalogue(Id),
    /// The tags of a repository.
    Tags(Id, RepositoryName),
    /// The tags of those repositories that nobody opened yet.
    Counts(Id),
    /// Where a tag points.
    Tag(Id, RepositoryName, Tag),
    /// What refers to a manifest.
    Referrers(Id, RepositoryName, Digest),
}

/// How the last reading of a list ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// When.
    pub at: Timestamp,
    /// What stopped it, if something did.
    pub trouble: Option<Trouble>,
}

impl Subject {
    /// The registry it is in.
    pub(crate) fn registry(&self) -> Id {
        let (Self::Catalogue(id) | Self::Tags(id, _) | Self::Counts(id) | Self::Tag(id, ..) | Self::Referrers(id, ..)) =
            self;
        *id
    }
}

#[derive(Default)]
struct Flight {
    under_way: Option<watch::Receiver<()>>,
    ended: Option<Ended>,
}

/// What is being read, and how it ended last.
#[derive(Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<Subject, Flight>>>);

/// A turn to read a list. Given back when it is dropped, so that nobody waits for a reader that died.
pub(crate) struct Turn {
    flights: Flights,
    subject: Subject,
    /// Closing it tells those who wait.
    _waiting: watch::Sender<()>,
}

/// A reader that is at work.
#[derive(Clone)]
pub(crate) struct UnderWay(pub(super) watch::Receiver<()>);

impl UnderWay {
    /// Waits for its end, at most this long. Says whether it came.
    pub(crate) async fn within(mut self, longest: Duration) -> bool {
        // Nothing is ever sent: the channel closes when the turn is given back.
        tokio::time::timeout(longest, async { while self.0.changed().await.is_ok() {} }).await.is_ok()
    }
}

impl Flights {
    fn all(&self) -> MutexGuard<'_, HashMap<Subject, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the turn for `subject`, or tells who has it.
    pub(crate) fn take(&self, subject: &Subject) -> Result<(Turn, UnderWay), UnderWay> {
        let mut flights = self.all();
        if flights.len() >= KEPT && !flights.contains_key(subject) {
            forget(&mut flights);
        }
        let flight = flights.entry(subject.clone()).or_default();
        if let Some(under_way) = &flight.under_way {
            return Err(UnderWay(under_way.clone()));
        }
        let (waiting, under_way) = watch::channel(());
        flight.under_way = Some(under_way.clone());
        Ok((Turn { flights: self.clone(), subject: subject.clone(), _waiting: waiting }, UnderWay(under_way)))
    }

    /// Who is at it, if somebody is.
    pub(crate) fn under_way(&self, subject: &Subject) -> Option<UnderWay> {
        self.all().get(subject).and_then(|flight| flight.under_way.clone()).map(UnderWay)
    }

    /// How the last reading ended.
    pub(crate) fn ended(&self, subject: &Subject) -> Option<Ended> {
        self.all().get(subject).and_then(|flight| flight.ended.clone())
    }

    /// Everybody who is at work now.
    pub(crate) fn everybody(&self) -> Vec<UnderWay> {
        self.all().values().filter_map(|flight| flight.under_way.clone()).map(UnderWay).collect()
    }

    /// Forgets all about a registry: its connection changed.
    pub(crate) fn forget(&self, registry: Id) {
        for (subject, flight) in self.all().iter_mut() {
            if subject.registry() == registry {
                flight.ended = None;
            }
        }
    }
}

impl Turn {
    /// Remembers how it ended, and gives the turn back.
    pub(crate) fn end(self, ended: Ended) {
        if let Some(flight) = self.flights.all().get_mut(&self.subject) {
            flight.ended = Some(ended);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut flights = self.flights.all();
        if let Some(flight) = flights.get_mut(&self.subject) {
            flight.under_way = None;
            // One of which no end is remembered says nothing any more.
            if flight.ended.is_none() {
                flights.remove(&self.subject);
            }
        }
    }
}

fn forget(flights: &mut HashMap<Subject, Flight>) {
    let mut times: Vec<_> = flights.values().filter_map(|flight| flight.ended.as_ref().map(|ended| ended.at)).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    flights
        .retain(|_, flight| flight.under_way.is_some() || flight.ended.as_ref().is_some_and(|ended| ended.at > middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const SUBJECT: Subject = Subject::Catalogue(1);

    #[tokio::test]
    async fn the_second_waits_for_the_first() {
        let flights = Flights::default();
        let (turn, _) = flights.take(&SUBJECT).ok().expect("the first has the turn");
        let waiting = flights.take(&SUBJECT).err().expect("the second has to wait");
        assert!(!waiting.clone().within(Duration::ZERO).await, "the first is still at it");
        turn.end(Ended { at: NOW, trouble: None });
        assert!(waiting.within(Duration::from_secs(5)).await);
        assert_eq!(flights.ended(&SUBJECT).expect("it ended").at, NOW);
        assert!(flights.take(&SUBJECT).is_ok(), "the turn is free again");
    }

    #[tokio::test]
    async fn a_reader_that_dies_keeps_nobody_waiting() {
        let flights = Flights::default();
        let (turn, under_way) = flights.take(&SUBJECT).ok().expect("the turn");
        drop(turn);
        assert!(under_way.within(Duration::from_secs(5)).await);
        assert!(flights.ended(&SUBJECT).is_none() && flights.take(&SUBJECT).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_who_is_at_work_stays() {
        let flights = Flights::default();
        let (turn, _) = flights.take(&SUBJECT).ok().expect("the turn");
        for id in 2..(i64::try_from(KEPT).unwrap_or(0) + 100) {
            let (turn, _) = flights.take(&Subject::Catalogue(id)).ok().expect("a turn");
            turn.end(Ended { at: NOW.plus_seconds(id), trouble: None });
        }
        assert!(flights.all().len() <= KEPT);
        assert!(flights.take(&SUBJECT).is_err());
        drop(turn);
    }
}
