//! What the token server keeps in memory: keys, services, and the secrets that came so far. The records are asked at most
//! four times a second whether it is still right; what this process changes itself shows at once.

use super::secrets::Secrets;
use crate::{Operations, Result, issuing::Algorithm, token_keys::KeyRing};
use domain::Id;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::Generations;

/// What is in memory is taken without asking for so long. Together with one reading it stays below a second.
const UNASKED: Duration = Duration::from_millis(250);
/// While one request reads anew, others go on with what was right so recently.
const STILL_GOOD: Duration = Duration::from_millis(900);

/// How tokens for a registry are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// The registry.
    pub registry: Id,
    /// What they are signed with.
    pub algorithm: Algorithm,
    /// Are people's passwords taken?
    pub passwords: bool,
    /// How many seconds they live.
    pub seconds: i64,
}

impl From<store::Service> for Service {
    fn from(row: store::Service) -> Self {
        let (registry, seconds) = (row.registry, super::USUAL_LIFE);
        let usual = Self { registry, algorithm: Algorithm::default(), passwords: true, seconds };
        row.chosen.map_or(usual, |chosen| Self {
            registry,
            // An algorithm of a newer program: the one that every registry knows.
            algorithm: Algorithm::from_name(&chosen.algorithm).unwrap_or_default(),
            passwords: chosen.passwords,
            seconds: chosen.seconds.clamp(super::SHORTEST_LIFE, super::LONGEST_LIFE),
        })
    }
}

/// Counters of the records, grouped by what is kept because of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Generation {
    secrets: i64,
    keys: i64,
    services: i64,
}

impl Generation {
    fn of(all: &[(String, i64)]) -> Self {
        let mut own = Self::default();
        for (name, value) in all {
            match name.as_str() {
                Generations::PEOPLE | Generations::ACCESS => own.secrets += value,
                Generations::KEYS => own.keys += value,
                // Whatever else counts may be about registries.
                _ => own.services += value,
            }
        }
        own
    }
}

/// One state of it. Another generation is another one, so that nothing old gets into what is new.
pub(crate) struct Known {
    generation: Generation,
    /// Which of our own changes it knows of, and when it was last found right.
    right: Mutex<(u64, Instant)>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) services: Arc<HashMap<Id, Service>>,
    pub(crate) secrets: Arc<Secrets>,
}

impl Known {
    fn is_younger(&self, than: Duration, changes: u64) -> bool {
        let (known, at) = *self.right.lock().unwrap_or_else(PoisonError::into_inner);
        known >= changes && at.elapsed() < than
    }
}

/// Keeps it.
#[derive(Default)]
pub(crate) struct Keeper {
    known: RwLock<Option<Arc<Known>>>,
    reading: tokio::sync::Mutex<()>,
    /// Counts the changes that this process made.
    changes: AtomicU64,
}

impl Keeper {
    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }
    /// Something of ours changed: whoever asks next asks the records.
    pub(crate) fn doubt(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Operations {
    /// What the token server knows, at most a second old.
    pub(crate) async fn token_memory(&self) -> Result<Arc<Known>> {
        let keeper = &self.0.token_memory;
        // Whoever comes has to see what was changed until now, and no more: a reading that began after that will do.
        let came = keeper.changes();
        let fresh = |for_so_long| keeper.known().filter(|known| known.is_younger(for_so_long, came));
        if let Some(known) = fresh(UNASKED) {
            return Ok(known);
        }
        let _reading = match keeper.reading.try_lock() {
            Ok(reading) => reading,
            Err(_) => {
                if let Some(known) = fresh(STILL_GOOD) {
                    return Ok(known);
                }
                keeper.reading.lock().await
            }
        };
        // Somebody else may have read it while we waited.
        if let Some(known) = fresh(UNASKED) {
            return Ok(known);
        }
        let (changes, asked) = (keeper.changes(), Instant::now());
        let generation = Generation::of(&self.0.store.generations().all().await?);
        let before = keeper.known();
        if let Some(known) = before.as_ref().filter(|known| known.generation == generation) {
            *known.right.lock().unwrap_or_else(PoisonError::into_inner) = (changes, asked);
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(self.read_tokens(before, generation, (changes, asked)).await?);
        *keeper.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Reads what has changed, and keeps the rest. What is read may be newer than `generation`: the next look finds that
    /// the counters moved, and reads once more.
    async fn read_tokens(
        &self,
        before: Option<Arc<Known>>,
        generation: Generation,
        right: (u64, Instant),
    ) -> Result<Known> {
        let before = before.as_deref();
        let same = |of: fn(&Generation) -> i64| before.filter(|known| of(&known.generation) == of(&generation));
        let keys = match same(|generation| generation.keys) {
            Some(known) => Arc::clone(&known.keys),
            None => Arc::new(KeyRing::new(self.0.store.signing_keys().list().await?)),
        };
        let services = match same(|generation| generation.services) {
            Some(known) => Arc::clone(&known.services),
            None => {
                let all = self.0.store.services().await?.into_iter().map(Service::from);
                Arc::new(all.map(|service| (service.registry, service)).collect())
            }
        };
        let secrets = same(|generation| generation.secrets).map(|known| Arc::clone(&known.secrets)).unwrap_or_default();
        Ok(Known { generation, right: Mutex::new(right), keys, services, secrets })
    }
}
