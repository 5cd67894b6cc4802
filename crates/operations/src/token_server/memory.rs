//! What the token server keeps in memory ([`Fresh`]): keys, services, and the secrets that came so far.

use super::secrets::Secrets;
use crate::{Operations, Result, fresh::Fresh, issuing::Algorithm, token_keys::KeyRing};
use domain::Id;
use std::{collections::HashMap, sync::Arc};
use store::Generations;

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
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) services: Arc<HashMap<Id, Service>>,
    pub(crate) secrets: Arc<Secrets>,
}

/// Keeps it.
pub(crate) type Keeper = Fresh<Known>;

impl Operations {
    /// What the token server knows, at most a second old.
    pub(crate) async fn token_memory(&self) -> Result<Arc<Known>> {
        let look = async |before: Option<Arc<Known>>| {
            let generation = Generation::of(&self.0.store.generations().all().await?);
            if before.as_ref().is_some_and(|known| known.generation == generation) {
                return Ok(None);
            }
            self.read_tokens(before, generation).await.map(Some)
        };
        self.0.token_memory.get(look).await
    }

    /// Reads what has changed, and keeps the rest. What is read may be newer than `generation`: the next look finds that
    /// the counters moved, and reads once more.
    async fn read_tokens(&self, before: Option<Arc<Known>>, generation: Generation) -> Result<Known> {
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
        Ok(Known { generation, keys, services, secrets })
    }
}
