//! Asking a registry where a tag points now: while a page waits for it, or behind a page that shows what is kept.

use super::{
    Freshness, Trouble,
    lookup::{Known, place_of, subject_of},
};
use crate::{
    Error, Kind, Operations, Result, WayOut,
    content::{Holder, Learned},
    reading::{
        Look, PATIENCE,
        absences::{Occasion, Within},
        content::Source,
        leaving::{Leaving, Presence, presence},
        repository_topic,
        rows::{Pointing, Stop, head},
    },
};
use domain::{Digest, Id, Reference, Tag};
use registry::Head;
use store::Evidence;
use tokio::time::Instant;

/// How much is asked of a registry for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// What is kept is shown, and asked for behind the page if it is old. Only what is not kept is waited for.
    Behind,
    /// What is old is asked for before anything is shown: for a page that does not tell how old it is.
    First,
    /// Nothing at all: for a page that is open and follows what happens.
    Nothing,
}

impl Operations {
    /// Asks in the background where a tag points now, unless somebody does already. Open pages are told what came of it.
    /// Says whether it is being asked.
    pub(super) fn ask_behind(&self, holder: &Holder, tag: &Tag) -> bool {
        let Ok((turn, _)) = self.0.reading.flights.take(&subject_of(holder, tag)) else { return true };
        let Some(look) = self.look_behind(holder.target.record.id) else { return false };
        let (operations, holder, tag) = (self.clone(), holder.clone(), tag.clone());
        tokio::spawn(async move {
            let topic = repository_topic(holder.target.record.id, &holder.repository);
            if let Err(error) = operations.read_tag(&holder, &tag, &topic).await {
                // That the registry was changed meanwhile is no word of the registry.
                if error.kind != Kind::Conflict {
                    operations.0.reading.tag_failed(place_of(&holder, &tag), &error, operations.now());
                }
            }
            // Told after the look, so that they find it ended.
            drop((turn, look));
            operations.tell(&topic).await;
        });
        true
    }

    /// Begins a look behind a page, unless enough of them are under way.
    pub(super) fn look_behind(&self, registry: Id) -> Option<Look> {
        let reading = &self.0.reading;
        reading.behind.begin(registry, reading.registry_trouble(registry).is_some())
    }

    /// Where a tag points now, and what stands behind that, into the index.
    async fn read_tag(&self, holder: &Holder, tag: &Tag, topic: &str) -> Result<()> {
        let source = self.source(&holder.target.record, &holder.repository).await?;
        let known = self.known_tag(holder, tag).await?;
        // Somebody else's look may have ended between ours at what is kept and this one.
        if known.as_ref().is_some_and(|known| self.freshness_of(holder, tag, known.checked).rests(self.now())) {
            return Ok(());
        }
        let before = known.as_ref().and_then(|known| known.digest.as_ref());
        let mut asking = std::pin::pin!(head(&source, tag, before));
        let answer = match tokio::time::timeout(PATIENCE, &mut asking).await {
            Ok(answer) => answer,
            Err(_) => {
                // Whoever looks now learns that it takes long; an answer that comes late is one all the same.
                let slow = slow(holder, holder.request("HEAD", "manifests", tag));
                self.0.reading.tag_failed(place_of(holder, tag), &slow, self.now());
                // Side by side: the one that asks may hold what the other waits for.
                tokio::join!(asking, self.tell(topic)).0
            }
        };
        let digest = match answer {
            Ok(digest) => digest,
            Err(error) => {
                let error = holder.trouble(error, holder.request("HEAD", "manifests", tag));
                return Err(self.denied_or_down(error, holder, tag, known.as_ref()).await?);
            }
        };
        let row = self.note_answer(holder, tag, &digest, before).await?;
        let errors = self.contents(&source, row, std::iter::once(&digest), &Stop::default()).await?;
        match errors.into_iter().next() {
            Some((digest, error)) => Err(holder.trouble(error, holder.request("GET", "manifests", &digest))),
            None => Ok(()),
        }
    }

    /// What a tag points to now, while a page waits. Where the registry can't be asked, what is kept has to do.
    pub(super) async fn ask_first(
        &self,
        holder: &Holder,
        tag: &Tag,
        known: Option<Known>,
        until: Instant,
    ) -> Result<(Learned, Freshness)> {
        let before = known.as_ref().and_then(|known| known.digest.as_ref());
        let asking = self.ask_tag(holder, tag, before);
        let answer = tokio::time::timeout_at(until, asking).await;
        let answer = answer.unwrap_or_else(|_| Err(slow(holder, holder.request("HEAD", "manifests", tag))));
        let error = match answer {
            Ok(learned) => {
                self.note_answer(holder, tag, &learned.found.digest, before).await?;
                return Ok((learned, Freshness { checked: Some(self.now()), ..Freshness::default() }));
            }
            Err(error) => self.denied_or_down(error, holder, tag, known.as_ref()).await?,
        };
        if !matches!(error.kind, Kind::RegistryDown | Kind::TooMany | Kind::RegistryRefused) {
            return Err(error);
        }
        self.0.reading.tag_failed(place_of(holder, tag), &error, self.now());
        if let Some(Known { digest: Some(digest), checked, .. }) = known
            && let Some(learned) = self.kept_manifest(holder, &digest).await?
        {
            let (trouble, tried) = (Some(Trouble::from(error)), Some(self.now()));
            return Ok((learned, Freshness { checked, trouble, tried, asking: false }));
        }
        Err(error)
    }

    /// Asks the registry what a tag points to now; an unchanged one costs a request without a body.
    async fn ask_tag(&self, holder: &Holder, tag: &Tag, known: Option<&Digest>) -> Result<Learned> {
        let reference = Reference::Tag(tag.clone());
        if let Some(known) = known {
            let asked = holder.target.client.head_manifest(&holder.repository, &reference, Some(known)).await;
            let trouble = |error| holder.trouble(error, holder.request("HEAD", "manifests", tag));
            match asked.map_err(trouble)? {
                Head::NotModified => return self.learn(holder, known).await,
                Head::Found { digest: Some(digest), .. } => return self.learn(holder, &digest).await,
                Head::Found { digest: None, .. } => {}
            }
        }
        let asked = holder.target.client.manifest(&holder.repository, &reference).await;
        let fetched = asked.map_err(|error| holder.trouble(error, holder.request("GET", "manifests", tag)))?;
        self.take_in(holder, fetched).await
    }

    /// Takes down where a tag points, and that the registry answers; gives the repository's row.
    async fn note_answer(&self, holder: &Holder, tag: &Tag, digest: &Digest, before: Option<&Digest>) -> Result<Id> {
        let place = place_of(holder, tag);
        self.0.reading.tag_answered(place, self.now());
        let within = Within::Repository(place.0, holder.repository.clone());
        self.0.reading.absences.answered(&within, tag.as_str(), self.now());
        let source = self.source(&holder.target.record, &holder.repository).await?;
        let entered = source.pass.enter().await?;
        let row = self.0.store.index().ensure_repository(source.registry, &source.repository, self.now()).await?;
        drop(entered);
        let pointing = Pointing { tag: tag.clone(), digest: digest.clone(), same: before == Some(digest) };
        self.note_heads(&source, row, &[pointing]).await?;
        Ok(row)
    }

    /// What to say of an error. A 404 on the tag itself with the registry's own code: it is not there, whatever a list said.
    /// What never was here can't leave.
    async fn denied_or_down(&self, error: Error, holder: &Holder, tag: &Tag, known: Option<&Known>) -> Result<Error> {
        if error.kind != Kind::NotFound {
            return Ok(error);
        }
        if let Some(known) = known {
            let source = self.source(&holder.target.record, &holder.repository).await?;
            if let Presence::Gone(detail) = presence(&source, tag).await {
                self.tag_denied(&source, known.row, tag, detail).await?;
            }
        }
        Ok(self.gone_before(error, holder, tag, known).await)
    }

    /// Lets a tag leave that the registry answered 404 for, unless it does so for too many.
    async fn tag_denied(&self, source: &Source, row: Id, tag: &Tag, detail: String) -> Result<()> {
        let within = Within::Repository(source.registry, source.repository.clone());
        let (absences, now) = (&self.0.reading.absences, self.now());
        absences.denied(&within, tag.as_str(), detail, now);
        let weighed = absences.weigh(&within, Occasion::Look(tag.as_str()), now);
        let leaves = |(_, detail): (String, String)| Leaving { tag: tag.clone(), evidence: Evidence::NotFound, detail };
        let leaving = weighed.leaving.into_iter().map(leaves).collect();
        self.tags_leave(source, row, leaving).await?;
        if let Some(doubt) = weighed.doubt {
            let _entered = source.pass.enter().await?;
            self.0.store.index().note_doubt(row, &doubt).await?;
        }
        Ok(())
    }
}

/// No answer in the time that a page has.
pub(super) fn slow(holder: &Holder, request: String) -> Error {
    let name = &holder.target.record.name;
    let message = format!("{name} did not answer within {} s. Look at its load and storage.", PATIENCE.as_secs());
    let error = Error::new(Kind::RegistryDown, message).tried(request);
    error.tried("No answer came.").way_out(WayOut::Connection(name.to_string()))
}
