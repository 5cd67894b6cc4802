//! Asking a registry for what its manifests name and what was never read: only what it denies is called gone.

use crate::{Operations, Result, reading::content::Source};
use domain::{Digest, Id, Reference, Timestamp, health::Presence};
use registry::Error;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::index::Expected;
use tokio::sync::Semaphore;

/// As many things of each kind are asked for after one refresh of a repository.
const AT_ONCE: u32 = 25;

/// A repository in which nothing moves is asked this often, in seconds.
const AGAIN: i64 = 86_400;

/// As many repositories are looked at beside each other: the writer has a fill to write meanwhile.
const BESIDE: usize = 2;

/// When registries were asked for what their repositories' manifests name, by the repositories' rows.
pub(crate) struct Asked {
    at: Mutex<HashMap<Id, Timestamp>>,
    turns: Arc<Semaphore>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { at: Mutex::default(), turns: Arc::new(Semaphore::new(BESIDE)) }
    }
}

impl Asked {
    /// Is it time to ask? Then it counts as done.
    fn begin(&self, row: Id, moved_at: Option<Timestamp>, now: Timestamp) -> bool {
        let mut asked = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let last = asked.get(&row);
        let due = last.is_none_or(|last| last.plus_seconds(AGAIN) < now || moved_at.is_some_and(|moved| moved > *last));
        if due {
            asked.insert(row, now);
        }
        due
    }
}

/// What a registry said.
enum Said {
    There,
    Gone,
}

impl Operations {
    /// Has the health of a repository looked at after a refresh, in the background. At the end of the `first` one only what
    /// we know ourselves: the registry has enough to answer then.
    pub(crate) fn look_at_health(&self, source: &Source, row: Id, first: bool, moved_at: Option<Timestamp>) {
        let (operations, source) = (self.clone(), source.clone());
        self.0.syncs.tasks.spawn(async move {
            let turns = operations.0.asked.turns.clone();
            let Ok(_turn) = turns.acquire_owned().await else { return };
            let thorough = !first && operations.0.asked.begin(row, moved_at, operations.now());
            let looked = operations.recheck_health(&source, row, thorough).await;
            if let Err(error) = looked {
                tracing::debug!(repository = %source.repository, cause = ?error.cause, "its health could not be looked at: {error}");
            }
        });
    }

    /// Looks at what depends on a repository's tags and on time and, if `thorough`, by asking the registry, at what its
    /// manifests name and nobody has seen. What can't be asked for now is asked for next time.
    async fn recheck_health(&self, source: &Source, row: Id, thorough: bool) -> Result<()> {
        let index = self.0.store.index();
        {
            let _entered = source.pass.enter().await?;
            index.recheck_repository(row, self.now()).await?;
        }
        if !thorough {
            return Ok(());
        }
        let doubtful = index.doubtful(row, AT_ONCE).await?;
        let (mut gone, mut there) = (HashMap::<Digest, Presence>::new(), Vec::new());
        for one in &doubtful {
            let presence = gone.entry(one.digest.clone()).or_default();
            let said = match &one.expected {
                Expected::Child(digest) | Expected::Subject(digest) => ask(source, digest).await,
                Expected::Config(digest) => ask_blob(source, digest).await,
            };
            match (said, &one.expected) {
                (Ok(Said::There), Expected::Config(_)) => {}
                (Ok(Said::There), Expected::Child(digest) | Expected::Subject(digest)) => there.push(digest),
                (Ok(Said::Gone), Expected::Child(_)) => presence.children_gone += 1,
                (Ok(Said::Gone), Expected::Config(_)) => presence.config_gone = true,
                (Ok(Said::Gone), Expected::Subject(_)) => presence.subject_gone = true,
                // An error is no absence: what was noted before stays.
                (Err(error), _) => return Err(error.into()),
            }
        }
        // What was missing once and is in doubt no more is there again.
        for digest in index.said_to_miss(row).await? {
            gone.entry(digest).or_default();
        }
        let _entered = source.pass.enter().await?;
        for digest in there {
            index.found_there(row, digest).await?;
        }
        for (digest, presence) in gone {
            index.set_presence(row, &digest, &presence).await?;
        }
        Ok(())
    }
}

async fn ask(source: &Source, digest: &Digest) -> Result<Said, Error> {
    let reference = Reference::Digest(digest.clone());
    match source.client.head_manifest(&source.repository, &reference, None).await {
        Ok(_) => Ok(Said::There),
        Err(error) if error.is_absence() => sure(source.client.manifest(&source.repository, &reference).await),
        Err(error) => Err(error),
    }
}

async fn ask_blob(source: &Source, digest: &Digest) -> Result<Said, Error> {
    match source.client.head_blob(&source.repository, digest).await {
        Ok(_) => Ok(Said::There),
        Err(error) if error.is_absence() => {
            sure(source.client.blob(&source.repository, digest, registry::CONFIG_CAP).await)
        }
        Err(error) => Err(error),
    }
}

/// A HEAD's 404 has no body, and may be some proxy's: only an answer with the registry's own code says that it is gone.
fn sure<T>(answer: registry::Result<T>) -> Result<Said, Error> {
    match answer {
        Ok(_) => Ok(Said::There),
        Err(error) if error.is_absence() && error.code().is_some() => Ok(Said::Gone),
        Err(error) => Err(error),
    }
}
