//! One round over a registry: its catalogue if that is due, and every repository that is.

use super::{Phase, Watched};
use crate::{
    Error, Kind, Operations, Result,
    reading::{Ended, Subject, Trouble, absences::Occasion, pipe::Pipe, registry_topic},
};
use domain::{Actor, Id, Timestamp, Visible, heat};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};
use store::index;
use tokio::task::JoinSet;

/// Repositories that are read at the same time: small ones would leave the registry idle between their few requests, all the
/// more while several of them wait for the one who writes.
const AT_ONCE: usize = 16;
/// Repositories that are looked up together.
const AHEAD: u32 = 64;
/// As many repositories that fail one after another are taken for a failure of the registry.
const IN_A_ROW: u32 = 10;
/// Time between two messages to open pages.
const BETWEEN: Duration = Duration::from_secs(1);

/// The repositories that are being read, or whose reading is being written.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashSet<Id>>>);

impl UnderWay {
    pub(super) fn all(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of a round.
pub(super) struct Came {
    /// When there is more to do.
    pub next: Timestamp,
    /// How many lists could be read.
    pub read: u64,
}

/// How a repository's refresh ended.
pub(super) enum Refreshed {
    /// It was asked for; what came is being written, and then it is no longer under way.
    Closing,
    /// There is nothing more to do.
    Done,
    /// It failed, and the others may too.
    Failed(Error),
}

impl Operations {
    /// Brings everything that is due up to date, and says when there is more to do.
    pub(super) async fn round(&self, watched: &Arc<Watched>, pipe: &Pipe) -> Result<Came> {
        let catalogue = self.catalogue_round(watched).await;
        let read = self.repositories_round(watched, pipe).await?;
        // Only now is it known how many of all are gone.
        self.weigh_denied(&watched.record, Occasion::Round).await?;
        let (next, asked) = catalogue?;
        Ok(Came { next, read: read + u64::from(asked) })
    }

    /// What is written after a round: was that the first time that everything was read, and when is more due?
    pub(super) async fn close_round(&self, watched: &Watched, catalogue: Timestamp) -> Result<Timestamp> {
        let (index, now, id) = (self.0.store.index(), self.now(), watched.record.id);
        let next = index.next_due(id).await?;
        // A registry without a catalogue is filled when what is known by name is.
        let listed = index.catalogue(id).await?.is_some_and(|catalogue| catalogue.filled_at.is_none());
        if listed && next.is_none_or(|next| next > Timestamp(0)) {
            let pass = self.0.reading.gates.pass(id, watched.record.version);
            let _entered = pass.enter().await?;
            index.filled(id, now).await?;
        }
        Ok(next.map_or(catalogue, |next| next.min(catalogue)))
    }

    /// Reads the catalogue if it is due, and says when it is due next.
    async fn catalogue_round(&self, watched: &Watched) -> Result<(Timestamp, bool)> {
        let (record, now) = (&watched.record, self.now());
        let (wanted, until) = {
            let mut inner = watched.live.get();
            (std::mem::take(&mut inner.catalogue), inner.catalogue_until)
        };
        let last = self.0.store.index().catalogue(record.id).await?.map(|catalogue| catalogue.listed_at);
        let regular = last.map_or(now, |last| last.plus_seconds(heat::CATALOGUE));
        let due = until.map_or(regular, |until| until.max(regular));
        if !wanted && due > now {
            return Ok((due, false));
        }
        let subject = Subject::Catalogue(record.id);
        let came = match self.0.reading.flights.take(&subject) {
            Ok((turn, _)) => {
                let came = self.read_catalogue(record, self.client(record).await?.background()).await;
                let (at, trouble) = (self.now(), came.as_ref().err());
                turn.end(Ended { at, trouble: trouble.map(|error| Trouble::new(error, at)) });
                came
            }
            // Somebody who looks at the list reads it.
            Err(under_way) => {
                under_way.within(super::LONGEST_WAIT).await;
                Ok(())
            }
        };
        self.tell(&registry_topic(record.id)).await;
        self.tell("overview").await;
        let mut inner = watched.live.get();
        match came {
            Ok(()) => {
                (inner.catalogue_failures, inner.catalogue_until) = (0, None);
                drop(inner);
                Ok((self.now().plus_seconds(heat::spread(heat::CATALOGUE, self.chance())), true))
            }
            // No catalogue for us: what is known by name is read all the same.
            Err(error) if matches!(error.kind, Kind::Unsupported | Kind::RegistryOdd) || is_fault(&error) => {
                inner.catalogue_failures += 1;
                let wait = heat::after_failures(inner.catalogue_failures);
                let until = self.now().plus_seconds(heat::spread(wait, self.chance()));
                inner.catalogue_until = Some(until);
                Ok((until, false))
            }
            Err(error) => Err(error),
        }
    }

    async fn repositories_round(&self, watched: &Arc<Watched>, pipe: &Pipe) -> Result<u64> {
        let record = &watched.record;
        let mut running = JoinSet::new();
        let under_way = UnderWay::default();
        let mut due: Vec<index::Due> = Vec::new();
        let (mut read, mut failed, mut last, mut told) = (0, 0, None, Instant::now());
        watched.live.count_anew();
        loop {
            while running.len() < AT_ONCE && !watched.stop.is_cancelled() && pipe.shared.stop.get().is_none() {
                let Some(next) = self.next_due(watched, &mut due, &under_way).await? else { break };
                if self.enter_work(watched).await? {
                    self.tell(&registry_topic(record.id)).await;
                }
                under_way.all().insert(next.id);
                // A task each: one that waits with a connection to our own memory in its hand must never wait for us.
                let (operations, watched, pipe) = (self.clone(), watched.clone(), pipe.clone());
                let under_way = under_way.clone();
                running.spawn(async move { operations.refresh_repository(&watched, &pipe, next, under_way).await });
            }
            watched.live.count(pipe.shared.tags.load(Ordering::Relaxed));
            if told.elapsed() > BETWEEN {
                told = Instant::now();
                self.tell(&registry_topic(record.id)).await;
            }
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                // Something may be wanted that was not due a moment ago.
                () = tokio::time::sleep(BETWEEN) => continue,
            };
            let Some(ended) = ended else { break };
            let (id, ended) = ended.map_err(Error::internal)?;
            if !matches!(ended, Refreshed::Closing) {
                under_way.all().remove(&id);
            }
            match ended {
                Refreshed::Closing | Refreshed::Done => (read, failed) = (read + 1, 0),
                Refreshed::Failed(error) => {
                    failed += 1;
                    if failed >= IN_A_ROW || error.kind == Kind::Conflict || is_full(&error) || error.is_internal() {
                        // Those that are under way end by themselves.
                        while running.join_next().await.is_some() {}
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        match pipe.shared.stop.get() {
            Some(error) => {
                let error = Error::from(error);
                self.0.reading.hear(record.id, self.now(), Some(&Trouble::new(&error, self.now())));
                Err(error)
            }
            // Where nothing could be read, it is the registry that can't.
            None => match last.filter(|error| read == 0 && is_about_the_registry(error)) {
                Some(error) => Err(error),
                None => Ok(read),
            },
        }
    }

    /// What is read next: what somebody wants now, else what has been due longest.
    async fn next_due(
        &self,
        watched: &Watched,
        due: &mut Vec<index::Due>,
        under_way: &UnderWay,
    ) -> Result<Option<index::Due>> {
        let (program, index, id) = (Visible::to(&Actor::program()), self.0.store.index(), watched.record.id);
        while let Some(name) = watched.live.wanted() {
            match index.repository(&program, id, &name).await? {
                Some(wanted) if !under_way.all().contains(&wanted.id) => {
                    due.retain(|other| other.id != wanted.id);
                    return Ok(Some(wanted));
                }
                _ => {}
            }
        }
        if due.is_empty() {
            // One that ends while the index is asked would come once more: the answer may be from before it was noted.
            let before = under_way.all().clone();
            let ahead = AHEAD + u32::try_from(before.len()).unwrap_or(0);
            let found = index.due(id, self.now(), ahead).await?;
            due.extend(found.into_iter().rev().filter(|one| !before.contains(&one.id)));
        }
        let under_way = under_way.all();
        Ok(std::iter::from_fn(|| due.pop()).find(|one| !under_way.contains(&one.id)))
    }

    /// Says that something is being read; is that news?
    async fn enter_work(&self, watched: &Watched) -> Result<bool> {
        if matches!(watched.live.get().phase, Phase::Filling | Phase::Refreshing) {
            return Ok(false);
        }
        let catalogue = self.0.store.index().catalogue(watched.record.id).await?;
        let filled = catalogue.is_some_and(|catalogue| catalogue.filled_at.is_some());
        Ok(watched.live.enter(if filled { Phase::Refreshing } else { Phase::Filling }))
    }
}

fn is_about_the_registry(error: &Error) -> bool {
    matches!(error.kind, Kind::RegistryDown | Kind::RegistryRefused | Kind::TooMany)
}

/// Is there no room for what was to be kept?
pub(crate) fn is_full(error: &Error) -> bool {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    matches!(cause, Some(store::Error::Full))
}

/// Did the lease go to another?
pub(crate) fn is_elsewhere(error: &Error) -> bool {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    matches!(cause, Some(store::Error::LeaseLost(_)))
}

/// Does the registry answer, with faults?
fn is_fault(error: &Error) -> bool {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<registry::Error>());
    matches!(cause, Some(registry::Error::ServerFault { .. } | registry::Error::Interrupted { .. }))
}
