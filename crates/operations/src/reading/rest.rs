//! The whole of a repository, read in the background: what sorting by size or age needs.

use super::{content::Source, jobs::Job, repository_topic};
use crate::{Operations, Result};
use domain::{Actor, Id, Tag, Visible};
use std::time::{Duration, Instant};
use store::Lease;

/// Rows read between two looks at how far it is.
const BATCH: u32 = 100;
/// Time between two messages to open pages.
const BETWEEN: Duration = Duration::from_millis(700);
/// How long the lease is held without being renewed, in seconds.
const LEASE: i64 = 120;
/// A repository of at most this many tags is read to its end without being asked to.
pub(crate) const SMALL: u64 = 200;
/// What could not be read is tried again by itself after this many seconds.
const AGAIN: i64 = 600;

impl Operations {
    /// Starts reading the rest of a repository, unless that is under way. `asked`: somebody wants it now; else it is
    /// left alone for a while after a try that could not read everything.
    pub(crate) fn start_rest(&self, source: Source, id: Id, asked: bool) {
        let jobs = &self.0.reading.jobs;
        let recently = |at: domain::Timestamp| self.now().0 - at.0 < AGAIN * 1_000_000;
        if !asked && jobs.given_up(source.registry, &source.repository).is_some_and(recently) {
            return;
        }
        if let Some(job) = jobs.take(source.registry, &source.repository, self.now()) {
            let operations = self.clone();
            tokio::spawn(async move { operations.rest(source, id, job).await });
        }
    }

    async fn rest(&self, source: Source, id: Id, job: Job) {
        let topic = repository_topic(source.registry, &source.repository);
        let name = format!("read:{}:{}", source.registry, source.repository);
        let turn = self.0.reading.jobs.turns.clone().acquire_owned().await;
        let leases = self.0.store.leases();
        let mut whole = false;
        match leases.acquire(&name, "reading", self.now(), self.now().plus_seconds(LEASE)).await {
            Ok(Some(lease)) => {
                match self.rest_under(&source, id, &job, lease.clone(), &topic).await {
                    Ok(errors) => whole = errors == 0,
                    Err(error) => {
                        tracing::warn!(%error, repository = %source.repository, "the rest of a repository could not be read");
                    }
                }
                if let Err(error) = leases.release(&lease).await {
                    tracing::debug!(%error, "a lease could not be given back");
                }
            }
            Ok(None) => tracing::debug!(name, "somebody else reads this repository"),
            Err(error) => tracing::warn!(%error, name, "no lease"),
        }
        drop(turn);
        if whole {
            drop(job);
        } else {
            job.give_up(self.now());
        }
        self.tell(&topic).await;
        self.tell("overview").await;
    }

    async fn rest_under(&self, source: &Source, id: Id, job: &Job, mut lease: Lease, topic: &str) -> Result<u64> {
        // People who look at this registry meanwhile go first: half of its connections are left to them.
        let source = Source { at_once: (source.at_once / 2).max(1), ..source.clone() };
        let index = self.0.store.index();
        let begun = index.progress(&Visible::to(&Actor::program()), id).await?;
        let (mut after, mut read, mut errors): (Option<Tag>, u64, u64) = (None, begun.read, 0);
        let mut told = None::<Instant>;
        loop {
            job.note(read, begun.tags, errors);
            // A look at the page costs more than a batch: now and then is enough.
            if told.is_none_or(|at| at.elapsed() > BETWEEN) {
                told = Some(Instant::now());
                self.tell(topic).await;
                lease = self.0.store.leases().renew(&lease, self.now(), self.now().plus_seconds(LEASE)).await?;
            }
            let rows = index.unread(id, after.as_ref(), BATCH).await?;
            let Some((last, _)) = rows.last() else { return Ok(errors) };
            after = Some(last.clone());
            let asked = rows.len() as u64;
            let came = self.read_rows(&source, id, rows).await?;
            (read, errors) = (read + asked - came.errors, errors + came.errors);
            if let Some(error) = came.stop {
                return Err(error.into());
            }
        }
    }
}
