//! The whole of a repository, read in the background because somebody wants it now: what sorting by size or age needs.

use super::{content::Source, jobs::Job, many::Which, pipe::Work, repository_topic};
use crate::{Operations, Result};
use domain::{Actor, Id, Visible};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Time between two messages to open pages.
const BETWEEN: Duration = Duration::from_millis(700);
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
        let repository = source.repository.clone();
        let turn = self.0.reading.jobs.turns.clone().acquire_owned().await;
        let whole = match self.rest_of(source, id, job, &topic).await {
            Ok((work, Ok(()))) => (work.errors() == 0, work),
            Ok((work, Err(error))) => {
                tracing::warn!(%error, %repository, "the rest of a repository could not be read");
                (false, work)
            }
            Err(error) => {
                tracing::warn!(%error, %repository, "the rest of a repository could not be read");
                return;
            }
        };
        drop(turn);
        if let (false, work) = whole
            && let Some(work) = Arc::into_inner(work)
        {
            work.job.give_up(self.now());
        }
        self.tell(&topic).await;
        self.tell("overview").await;
    }

    async fn rest_of(&self, source: Source, id: Id, job: Job, topic: &str) -> Result<(Arc<Work>, Result<()>)> {
        let source = source.background();
        let begun = self.0.store.index().progress(&Visible::to(&Actor::program()), id).await?;
        let work = Arc::new(Work::new(source, id, job, begun.read, begun.tags));
        let (pipe, writer) = self.pipe(None);
        let told = HashMap::new();
        let came = {
            // A look at the page costs more than a batch: now and then is enough. Told beside the reading, which goes on.
            let telling = async {
                let mut ticks = tokio::time::interval(BETWEEN);
                loop {
                    ticks.tick().await;
                    self.tell(topic).await;
                }
            };
            tokio::select! {
                came = self.read_tags(&pipe, &work, &Which::Unread, &told) => came,
                never = telling => never,
            }
        };
        drop(pipe);
        let written = writer.end().await;
        // What could not be kept matters more than what could not be read.
        Ok((work, written.and(came)))
    }
}
