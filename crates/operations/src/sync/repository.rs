//! The refresh of one repository: its list of tags, then where each of them points.

use super::{
    Watched,
    round::{Refreshed, UnderWay},
};
use crate::{
    Error, Kind, Operations, Result,
    reading::{
        Ended, Subject, Trouble,
        content::Source,
        jobs::Job,
        many::Which,
        pipe::{Pipe, Work},
        repository_topic,
    },
};
use domain::{
    Actor, Digest, Id, Tag, Visible,
    heat::{self, Heat},
};
use std::{collections::HashMap, sync::Arc};
use store::index::{self, Due};

/// Pages of a repository that was looked at this many seconds ago may still be open.
const OPEN: i64 = 15 * 60;

impl Operations {
    /// Refreshes a repository, and decides when it is due next.
    pub(super) async fn refresh_repository(
        &self,
        watched: &Watched,
        pipe: &Pipe,
        due: Due,
        under_way: UnderWay,
    ) -> (Id, Refreshed) {
        let id = due.id;
        let ended = match self.refresh(watched, pipe, &due, under_way).await {
            Ok(ended) => ended,
            // The registry does not have it any more, or somebody in between says so: it is not asked again at once.
            Err(error) if error.kind == Kind::NotFound => match self.denied(&due, &error).await {
                Ok(()) => Refreshed::Done,
                Err(error) => Refreshed::Failed(error),
            },
            Err(error) => Refreshed::Failed(error),
        };
        // What is still being written is told of when it is there to be read.
        if !matches!(ended, Refreshed::Closing) {
            self.tell_open_pages(&due).await;
        }
        (id, ended)
    }

    async fn refresh(&self, watched: &Watched, pipe: &Pipe, due: &Due, under_way: UnderWay) -> Result<Refreshed> {
        let source = self.source(&watched.record, &due.name).await?.background();
        // Somebody may read the rest of it already; what is left then is found at the next look.
        let Some(job) = self.job_of(&source).await else { return Ok(Refreshed::Done) };
        let id = match self.list_of(watched, &source).await {
            Ok(id) => id,
            Err(error) => return self.failed(due, error).await,
        };
        let progress = self.0.store.index().progress(&Visible::to(&Actor::program()), id).await?;
        // What is left of a first reading, else everything that can have moved.
        let which = if due.refreshed_at.is_some() { Which::All } else { Which::Unread };
        let before = if due.refreshed_at.is_some() { 0 } else { progress.read };
        let told = match source.client.tags_with_digests(&source.repository).await {
            Ok(listing) => told(listing),
            Err(error) => pipe.shared.stop.note(Err(error)).unwrap_or_default(),
        };
        let work = Arc::new(Work::new(source, id, job, before, progress.tags));
        let read = self.read_tags(pipe, &work, &which, &told).await;
        match read {
            Ok(()) => self.close(pipe, &work, due, progress.tags, under_way).await,
            Err(error) if pipe.shared.stop.get().is_some() => Err(error),
            Err(error) => self.failed(due, error).await,
        }
    }

    /// The list of tags, read now unless somebody else just does.
    async fn list_of(&self, watched: &Watched, source: &Source) -> Result<Id> {
        let subject = Subject::Tags(source.registry, source.repository.clone());
        let flights = &self.0.reading.flights;
        match flights.take(&subject) {
            Ok((turn, _)) => {
                let came = self.read_tag_list(&watched.record, source).await;
                let (at, trouble) = (self.now(), came.as_ref().err());
                turn.end(Ended { at, trouble: trouble.map(|error| Trouble::new(error, at)) });
                came
            }
            Err(under_way) => {
                under_way.within(super::LONGEST_WAIT).await;
                if let Some(trouble) = flights.ended(&subject).and_then(|ended| ended.trouble) {
                    return Err(trouble.to_error());
                }
                let (index, program) = (self.0.store.index(), Visible::to(&Actor::program()));
                let known = index.repository(&program, source.registry, &source.repository).await?;
                known.map(|known| known.id).ok_or_else(|| Error::not_found(format!("repository {}", source.repository)))
            }
        }
    }

    /// Notes, once everything is written, that all tags were asked for.
    async fn close(
        &self,
        pipe: &Pipe,
        work: &Arc<Work>,
        due: &Due,
        tags: u64,
        under_way: UnderWay,
    ) -> Result<Refreshed> {
        let (operations, pass, id) = (self.clone(), work.source.pass.clone(), work.id);
        let (due, chance) = (due.clone(), self.chance());
        let source = work.source.clone();
        pipe.then(move || {
            Box::pin(async move {
                let (index, now) = (operations.0.store.index(), operations.now());
                // What came of it decides: a tag that moved makes the next look come sooner.
                let known = index.repository_by_id(&Visible::to(&Actor::program()), id).await?.unwrap_or(due);
                let due_at = heat::due(&heat_of(&known, tags, 0), now, chance);
                let _entered = pass.enter().await?;
                index.refreshed(id, &index::Refreshed { at: now, trouble: None, due_at }).await?;
                operations.look_at_health(&source, id, known.refreshed_at.is_none(), known.moved_at);
                under_way.all().remove(&id);
                operations.tell_open_pages(&known).await;
                Ok(())
            })
        })
        .await?;
        Ok(Refreshed::Closing)
    }

    /// Tells pages that may show it.
    async fn tell_open_pages(&self, known: &Due) {
        if known.viewed_at.is_some_and(|at| at.plus_seconds(OPEN) > self.now()) {
            self.tell(&repository_topic(known.registry, &known.name)).await;
        }
    }

    /// Notes of a repository that is still in the index, although its list was not to be had (it was entered by hand, or
    /// the answer was no proof), when it is tried again.
    async fn denied(&self, due: &Due, error: &Error) -> Result<()> {
        let program = Visible::to(&Actor::program());
        match self.0.store.index().repository(&program, due.registry, &due.name).await? {
            Some(known) => {
                // One that left and was made anew by hand begins to count where it was.
                let known = Due { errors: known.errors.max(due.errors), ..known };
                self.put_off(&known, error).await
            }
            None => Ok(()),
        }
    }

    /// Notes that it could not be read, and when it is tried again.
    async fn failed(&self, due: &Due, error: Error) -> Result<Refreshed> {
        match error.kind {
            Kind::NotFound | Kind::Conflict => {}
            // A fault of ours in one repository must not keep the others from their turn; if the disk is full, noting it
            // fails as well, and the first error counts.
            Kind::Internal => _ = self.put_off(due, &error).await,
            _ => self.put_off(due, &error).await?,
        }
        Err(error)
    }

    async fn put_off(&self, due: &Due, error: &Error) -> Result<()> {
        let now = self.now();
        let failures = due.errors.saturating_add(1);
        let due_at = heat::due(&heat_of(due, due.tag_count.unwrap_or_default(), failures), now, self.chance());
        let refreshed = index::Refreshed { at: now, trouble: Some(error.message.clone()), due_at };
        Ok(self.0.store.index().refreshed(due.id, &refreshed).await?)
    }

    /// The job of reading all of it, once nobody else has it.
    async fn job_of(&self, source: &Source) -> Option<Job> {
        let jobs = &self.0.reading.jobs;
        let take = || jobs.take(source.registry, &source.repository, self.now());
        if let Some(job) = take() {
            return Some(job);
        }
        if let Some(under_way) = jobs.under_way(source.registry, &source.repository) {
            under_way.within(super::LONGEST_WAIT).await;
        }
        take()
    }
}

fn heat_of(known: &index::Repository, tags: u64, failures: u64) -> Heat {
    Heat { seen_at: known.seen_at, viewed_at: known.viewed_at, moved_at: known.moved_at, tags, failures }
}

/// Where tags point, by a vendor's own listing: nobody has to ask tag by tag then.
fn told(listing: Option<registry::Listing<registry::TaggedDigest>>) -> HashMap<Tag, Digest> {
    let items = listing.map(|listing| listing.items).unwrap_or_default();
    items.into_iter().filter_map(|one| Some((one.tag.parse().ok()?, one.digest))).collect()
}
