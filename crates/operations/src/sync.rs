//! Reading registries in the background: everything once, then what can move, when it is due. One task for each registry
//! that is switched on, under a lease, so that no two ever read the same one.

mod controls;
mod daily;
mod departures;
mod lease;
mod live;
mod probing;
mod repository;
mod round;

pub use controls::{Sync, SyncState};
pub use departures::{Departures, DeparturesQuery};
pub(crate) use lease::Holding;
pub use live::Phase;

use crate::{
    Error, Operations, Result,
    reading::{Trouble, registry_topic},
};
use domain::{Actor, Id, Timestamp, Visible, heat};
use live::Live;
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicI64},
    time::Duration,
};
use store::Generations;
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Changes of registries are looked for this often: the command line makes them beside us.
const LOOK: Duration = Duration::from_secs(1);
/// A task sleeps no longer, whatever is due: the clock may be set.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// What another does is waited for this long.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A task that was told to end does so within this time, or is ended.
const ENDS: Duration = Duration::from_secs(5);
/// While another process reads a registry, it is looked again after so many seconds.
const ELSEWHERE: i64 = 5;
/// A pause of at most this length is waited for within a round.
const SHORT: Duration = Duration::from_secs(10);
/// While the disk is full, room is looked for after so many seconds.
const FULL: i64 = 60;

/// A registry that is read in the background.
pub(crate) struct Watched {
    record: store::Registry,
    live: Arc<Live>,
    stop: CancellationToken,
}

struct Running {
    watched: Arc<Watched>,
    task: JoinHandle<()>,
}

/// Everything that is read in the background.
pub(crate) struct Syncs {
    /// Who holds the leases, for people to read: no two processes are called the same.
    owner: String,
    running: Mutex<HashMap<Id, Running>>,
    lives: Mutex<HashMap<Id, Arc<Live>>>,
    /// Those who write, so that the end of the program waits for them.
    pub(crate) tasks: TaskTracker,
    stop: CancellationToken,
    wake: Notify,
    chances: RandomState,
    /// The day, counted from 1970, on which what all registries share was looked through.
    swept: AtomicI64,
}

impl Default for Syncs {
    fn default() -> Self {
        let chances = RandomState::new();
        Self {
            owner: format!("process {} ({:08x})", std::process::id(), chances.hash_one("owner") >> 32),
            running: Mutex::default(),
            lives: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            wake: Notify::new(),
            chances,
            swept: AtomicI64::new(0),
        }
    }
}

impl Syncs {
    /// What is known in memory of the reading of a registry.
    pub(crate) fn live(&self, registry: Id) -> Arc<Live> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner).entry(registry).or_default().clone()
    }
    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Is a registry read in the background by this process?
    pub(crate) fn watches(&self, registry: Id) -> bool {
        self.running().contains_key(&registry)
    }
}

impl Operations {
    /// Begins to read all registries in the background, until [`Self::stop_sync`].
    pub fn start_sync(&self) {
        let operations = self.clone();
        self.0.syncs.tasks.spawn(async move { operations.supervise().await });
    }

    /// Ends the reading in the background, and waits until what was read is kept; was that so in time?
    pub async fn stop_sync(&self, longest: Duration) -> bool {
        self.0.syncs.stop.cancel();
        self.0.syncs.tasks.close();
        tokio::time::timeout(longest, self.0.syncs.tasks.wait()).await.is_ok()
    }

    /// Looks at once whether something is due: for whoever moved the clock, or knows that something happened.
    pub fn look_again(&self) {
        let lives = self.0.syncs.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.values().for_each(|live| live.wake.notify_one());
    }

    /// A number between 0 and 1 that nobody foresees.
    pub(crate) fn chance(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
        let chance = (self.0.syncs.chances.hash_one(std::time::Instant::now()) >> 32) as f64;
        chance / f64::from(u32::MAX)
    }

    /// Keeps one task for each registry that is switched on, by its latest settings.
    async fn supervise(self) {
        let syncs = &self.0.syncs;
        let mut seen = None;
        // Before anything is read: of a registry that moved, no old content may mix with the new.
        tokio::select! {
            () = syncs.stop.cancelled() => return,
            came = self.finish_forgetting() => if let Err(error) = came {
                tracing::warn!(%error, cause = ?error.cause, "what is left of removed registries could not be forgotten");
            }
        }
        loop {
            match self.0.store.generations().read(Generations::REGISTRIES).await {
                Ok(generation) if seen != Some(generation) => match self.reconcile().await {
                    Ok(()) => seen = Some(generation),
                    Err(error) => tracing::warn!(%error, cause = ?error.cause, "the registries could not be listed"),
                },
                Ok(_) => {}
                Err(error) => tracing::warn!(cause = ?error, "changes of registries could not be looked for"),
            }
            tokio::select! {
                () = syncs.stop.cancelled() => break,
                () = syncs.wake.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        let all: Vec<Running> = syncs.running().drain().map(|(_, running)| running).collect();
        futures_util::future::join_all(all.into_iter().map(end)).await;
    }

    /// Goes on where a crash came while a registry was being forgotten.
    async fn finish_forgetting(&self) -> Result<()> {
        let records = self.0.store.registries().list(&Visible::to(&Actor::program())).await?;
        let known: Vec<Id> = records.into_iter().map(|record| record.id).collect();
        let index = self.0.store.index();
        for id in index.half_forgotten(&known).await? {
            tracing::info!(registry = id, "what is left of a removed registry is forgotten");
            index.forget_registry(id).await?;
        }
        Ok(())
    }

    async fn reconcile(&self) -> Result<()> {
        let records = self.0.store.registries().list(&Visible::to(&Actor::program())).await?;
        let current: HashMap<Id, store::Registry> =
            records.into_iter().filter(|record| record.enabled).map(|record| (record.id, record)).collect();
        let over: Vec<Running> = {
            let mut running = self.0.syncs.running();
            let is_over = |id: &Id, one: &Running| {
                current.get(id).is_none_or(|record| record.version != one.watched.record.version)
                    || one.task.is_finished()
            };
            let ids: Vec<Id> = running.iter().filter(|(id, one)| is_over(id, one)).map(|(id, _)| *id).collect();
            ids.into_iter().filter_map(|id| running.remove(&id)).collect()
        };
        for one in over {
            let record = one.watched.record.clone();
            one.watched.stop.cancel();
            if current.get(&record.id).is_none_or(|now| now.version != record.version) {
                self.0.reading.gates.close(record.id, record.version).await;
            }
            end(one).await;
            self.0.syncs.live(record.id).enter(Phase::Off);
        }
        let mut running = self.0.syncs.running();
        for (id, record) in current {
            let entry = running.entry(id);
            if let std::collections::hash_map::Entry::Vacant(free) = entry {
                let watched =
                    Arc::new(Watched { record, live: self.0.syncs.live(id), stop: self.0.syncs.stop.child_token() });
                let (operations, own) = (self.clone(), watched.clone());
                let task = self.0.syncs.tasks.spawn(async move { operations.watch(&own).await });
                free.insert(Running { watched, task });
            } else {
                // It may be paused now, or no longer.
                self.0.syncs.live(id).wake.notify_one();
            }
        }
        Ok(())
    }

    /// Reads one registry, round after round.
    async fn watch(&self, watched: &Arc<Watched>) {
        while !watched.stop.is_cancelled() {
            let next = match self.once(watched).await {
                Ok(next) => next,
                Err(error) => self.stopped(watched, &error),
            };
            let next = next.min(self.probe_when_due(watched).await);
            self.tell(&registry_topic(watched.record.id)).await;
            let left = u64::try_from(next.0.saturating_sub(self.now().0)).unwrap_or(0);
            let left = Duration::from_micros(left).clamp(Duration::from_millis(20), LONGEST_SLEEP);
            tokio::select! {
                () = watched.stop.cancelled() => {}
                () = watched.live.wake.notified() => {}
                () = tokio::time::sleep(left) => {}
            }
        }
    }

    /// One round, if there is to be one now; says when to look again.
    async fn once(&self, watched: &Arc<Watched>) -> Result<Timestamp> {
        let (live, id, now) = (&watched.live, watched.record.id, self.now());
        if self.0.store.sync_settings().paused_at(id).await?.is_some() {
            live.enter(Phase::Paused);
            return Ok(now.plus_seconds(LONGEST_SLEEP.as_secs().cast_signed()));
        }
        let until = live.get().until;
        if let Some(until) = until.filter(|until| *until > now && !live.wants()) {
            return Ok(until);
        }
        let Some(holding) = self.hold(id).await? else {
            live.enter(Phase::Elsewhere);
            return Ok(now.plus_seconds(ELSEWHERE));
        };
        let (pipe, writer) = self.pipe(Some(holding.clone()));
        let client = self.client(&watched.record).await;
        let came = match &client {
            Ok(client) => tokio::select! {
                came = self.round(watched, &pipe) => came.map(Ended::Read),
                waiting = long_pause(client) => Ok(Ended::Waits(waiting)),
                () = watched.stop.cancelled() => Ok(Ended::Told),
            },
            Err(_) => Ok(Ended::Told),
        };
        drop(pipe);
        let written = writer.end().await;
        if let (Ok(Ended::Read(_)), Ok(()), false) = (&came, &written, watched.stop.is_cancelled()) {
            self.tell(&registry_topic(id)).await;
            if let Err(error) = self.daily(watched, &holding).await {
                tracing::warn!(registry = %watched.record.name, cause = ?error.cause, "the daily work was left: {error}");
            }
        }
        holding.release().await;
        client?;
        // What could not be kept matters more than what could not be read.
        written?;
        let (next, read) = match came? {
            Ended::Read(came) => (self.close_round(watched, came.next).await?, came.read),
            Ended::Told => return Ok(self.now()),
            Ended::Waits(pause) => {
                let until = self.end_of(&pause);
                live.get().until = Some(until);
                live.enter(Phase::Waiting { until, why: pause.why.to_string() });
                return Ok(until);
            }
        };
        let mut inner = live.get();
        // What stopped it may still be so, where nothing was due that would have told.
        if read > 0 || !matches!(inner.phase, Phase::Stopped { .. }) {
            (inner.failures, inner.until, inner.phase) = (0, None, Phase::Resting);
        }
        Ok(next)
    }

    /// Something stopped a round: says so, and when it is tried again.
    fn stopped(&self, watched: &Watched, error: &Error) -> Timestamp {
        let (now, pass) = (self.now(), self.0.reading.gates.pass(watched.record.id, watched.record.version));
        if !pass.is_good() {
            // The registry was changed; another task takes over.
            return now.plus_seconds(1);
        }
        if round::is_elsewhere(error) {
            tracing::info!(registry = %watched.record.name, %error, "a registry is read elsewhere");
            watched.live.enter(Phase::Elsewhere);
            return now.plus_seconds(ELSEWHERE);
        }
        let full = round::is_full(error);
        let mut inner = watched.live.get();
        inner.failures = inner.failures.saturating_add(1);
        let asked = error.retry_after.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or_default();
        let wait = if full { FULL } else { heat::after_failures(inner.failures).max(asked) };
        let until = now.plus_seconds(heat::spread(wait, self.chance()).max(asked));
        inner.until = Some(until);
        inner.phase = if full {
            Phase::DiskFull { until }
        } else {
            Phase::Stopped { trouble: Box::new(Trouble::new(error, now)), until }
        };
        until
    }
}

/// How a round ended.
enum Ended {
    /// Everything that was due was asked for.
    Read(round::Came),
    /// The registry wants to be left alone.
    Waits(registry::Pause),
    /// It was told to.
    Told,
}

/// Waits until the registry wants to be left alone for longer than one keeps places and turns for it.
async fn long_pause(client: &registry::Registry) -> registry::Pause {
    loop {
        if let Some(pause) = client.state().paused.filter(|pause| pause.remaining > SHORT) {
            return pause;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Ends a task, in good order if it can.
async fn end(one: Running) {
    one.watched.stop.cancel();
    let abort = one.task.abort_handle();
    if tokio::time::timeout(ENDS, one.task).await.is_err() {
        abort.abort();
    }
}
