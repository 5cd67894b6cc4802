//! Asking a registry for what its manifests name and what was never read: only what it denies is called gone.

use crate::{Operations, Result};
use domain::{Digest, Id, Reference, RepositoryName, health::Presence};
use registry::Error;
use std::collections::HashMap;
use store::index::Expected;

/// As many things of each kind are asked for after one refresh of a repository.
const ASKED: u32 = 25;

/// What a registry said.
enum Said {
    There,
    Gone,
}

impl Operations {
    /// Looks at the health of a repository after its tags were read: at what depends on its tags and on time and, if
    /// `thorough` (something moved, or it was long ago), by asking the registry, at what its manifests name and nobody has
    /// seen. Background work; the registry's own limits hold for `client`. What can't be asked for now is asked for next time.
    pub(crate) async fn recheck_health(
        &self,
        client: &registry::Registry,
        repository: &RepositoryName,
        row: Id,
        thorough: bool,
    ) -> Result<()> {
        let index = self.0.store.index();
        index.recheck_repository(row, self.now()).await?;
        if !thorough {
            return Ok(());
        }
        let doubtful = index.doubtful(row, ASKED).await?;
        // What was missing once and is in doubt no more is there again.
        for digest in index.said_to_miss(row).await? {
            if !doubtful.iter().any(|one| one.digest == digest) {
                index.set_presence(row, &digest, &Presence::default()).await?;
            }
        }
        let mut gone: HashMap<Digest, Presence> = HashMap::new();
        for one in doubtful {
            let presence = gone.entry(one.digest.clone()).or_default();
            let (expected, answer) = match &one.expected {
                Expected::Child(digest) | Expected::Subject(digest) => (digest, ask(client, repository, digest).await),
                Expected::Config(digest) => (digest, ask_blob(client, repository, digest).await),
            };
            match (answer, &one.expected) {
                (Ok(Said::There), Expected::Config(_)) => {}
                (Ok(Said::There), _) => index.found_there(row, expected).await?,
                (Ok(Said::Gone), Expected::Child(_)) => presence.children_gone += 1,
                (Ok(Said::Gone), Expected::Config(_)) => presence.config_gone = true,
                (Ok(Said::Gone), Expected::Subject(_)) => presence.subject_gone = true,
                // An error is no absence: what was noted before stays.
                (Err(_), _) => return Ok(()),
            }
        }
        for (digest, presence) in gone {
            index.set_presence(row, &digest, &presence).await?;
        }
        Ok(())
    }
}

async fn ask(client: &registry::Registry, repository: &RepositoryName, digest: &Digest) -> Result<Said, Error> {
    match client.head_manifest(repository, &Reference::Digest(digest.clone()), None).await {
        Ok(_) => Ok(Said::There),
        Err(error) if error.is_absence() => Ok(Said::Gone),
        Err(error) => Err(error),
    }
}

async fn ask_blob(client: &registry::Registry, repository: &RepositoryName, digest: &Digest) -> Result<Said, Error> {
    match client.head_blob(repository, digest).await {
        Ok(_) => Ok(Said::There),
        Err(error) if error.is_absence() => Ok(Said::Gone),
        Err(error) => Err(error),
    }
}
