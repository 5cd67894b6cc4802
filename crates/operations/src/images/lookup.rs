//! From a tag or digest to the document behind it, and how fresh that is.

use super::{Freshness, Trouble};
use crate::{
    Error, Kind, Operations, Result, Target, WayOut,
    content::{Found, Holder, Learned},
    reading::{
        PATIENCE,
        absences::{Occasion, Within},
        catalogue::is_stale,
        content::Source,
        leaving::{Leaving, Presence, presence},
        rows::Pointing,
    },
};
use domain::{Actor, Digest, Id, Reference, RepositoryName, Tag, Timestamp, Visible};
use registry::Head;
use store::{Evidence, index::TagRow};
use tokio::time::Instant;

/// What a reference led to.
pub(crate) struct At {
    /// Where it was found.
    pub holder: Holder,
    /// The tag it was asked for by.
    pub tag: Option<Tag>,
    /// What was found.
    pub learned: Learned,
    /// How fresh that is.
    pub freshness: Freshness,
    /// When the page is shown with what has come by then.
    pub until: Instant,
}

impl At {
    /// The document.
    pub(crate) fn found(&self) -> &Found {
        &self.learned.found
    }
}

impl Operations {
    /// What a reference leads to. A digest is asked for once; a tag again and again, but not at every look, and in a way
    /// that costs nothing if it stayed.
    pub(crate) async fn locate(
        &self,
        actor: &Actor,
        target: &Target,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<At> {
        let holder = Holder {
            visible: Visible::to(actor).in_repository(target.record.id, repository),
            target: target.clone(),
            repository: repository.clone(),
        };
        // Everything that a page asks for shares one deadline.
        let until = Instant::now() + PATIENCE;
        match reference {
            Reference::Digest(digest) => {
                let learned =
                    self.learn_by(&holder, digest, until).await.map_err(|error| missing(error, &holder, reference))?;
                Ok(At { holder, tag: None, learned, freshness: Freshness { checked: None, trouble: None }, until })
            }
            Reference::Tag(tag) => self.locate_tag(holder, tag, until).await,
        }
    }

    async fn locate_tag(&self, holder: Holder, tag: &Tag, until: Instant) -> Result<At> {
        let reference = Reference::Tag(tag.clone());
        let row = self.row(&holder).await?;
        let known: Option<TagRow> = match row {
            Some(row) => self.0.store.index().tag(&holder.visible, row, tag).await?,
            None => None,
        };
        let listed = row.filter(|_| known.is_some());
        let known = known.and_then(|known| Some((known.digest?, known.checked_at)));
        if let Some((digest, checked)) = &known
            && let Some(freshness) = self.rests(&holder, tag, *checked)
            && let Some(learned) = self.kept_manifest(&holder, digest).await?
        {
            return Ok(At { holder, tag: Some(tag.clone()), learned, freshness, until });
        }
        let place = (holder.target.record.id, &holder.repository, tag);
        let asking = self.ask_tag(&holder, tag, known.as_ref().map(|(digest, _)| digest));
        let answer = tokio::time::timeout_at(until, asking).await.unwrap_or_else(|_| Err(slow(&holder, tag)));
        let error = match answer {
            Ok(learned) => {
                self.0.reading.tag_answered(place, self.now());
                let within = Within::Repository(place.0, holder.repository.clone());
                self.0.reading.absences.answered(&within, tag.as_str(), self.now());
                let digest = &learned.found.digest;
                let same = known.as_ref().is_some_and(|(known, _)| known == digest);
                self.note_tag(&holder, tag, digest, same).await?;
                let freshness = Freshness { checked: Some(self.now()), trouble: None };
                return Ok(At { holder, tag: Some(tag.clone()), learned, freshness, until });
            }
            Err(error) => error,
        };
        if error.kind == Kind::NotFound {
            // A 404 on the tag itself with the registry's own code: it is not there, whatever a list said. What never was
            // here can't leave.
            if let Some(row) = listed {
                let source = self.source(&holder.target.record, &holder.repository).await?;
                if let Presence::Gone(detail) = presence(&source, tag).await {
                    self.tag_denied(&source, row, tag, detail).await?;
                }
            }
            let mut error = missing(error, &holder, &reference);
            if let Some((digest, Some(at))) = &known {
                let (start, end) = digest.short();
                let ago = domain::text::ago(*at, self.now());
                error.message = format!("{} It was last seen here {ago}, as {start}…{end}.", error.message);
            }
            return Err(error);
        }
        if !matches!(error.kind, Kind::RegistryDown | Kind::TooMany | Kind::RegistryRefused) {
            return Err(error);
        }
        self.0.reading.tag_failed(place, &error, self.now());
        // What was known before is better than nothing, as long as the page says how old it is.
        if let Some((digest, checked)) = known
            && let Some(learned) = self.kept_manifest(&holder, &digest).await?
        {
            let freshness = Freshness { checked, trouble: Some(Trouble::from(error)) };
            return Ok(At { holder, tag: Some(tag.clone()), learned, freshness, until });
        }
        Err(error)
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

    /// How fresh what is kept of a tag is, if it is not asked for now: it was a moment ago, or that failed a moment ago.
    fn rests(&self, holder: &Holder, tag: &Tag, checked: Option<Timestamp>) -> Option<Freshness> {
        let (now, registry) = (self.now(), holder.target.record.id);
        let trouble = self.0.reading.tag_rests((registry, &holder.repository, tag), now);
        let trouble = trouble.filter(|trouble| checked.is_none_or(|checked| trouble.at >= checked));
        let is_fresh = checked.is_some_and(|checked| !is_stale(checked, now));
        (is_fresh || trouble.is_some()).then(|| Freshness { checked, trouble: trouble.as_ref().map(Trouble::from) })
    }

    /// What is behind a digest, if the registry tells it in time.
    pub(crate) async fn learn_by(&self, holder: &Holder, digest: &Digest, until: Instant) -> Result<Learned> {
        let learned = tokio::time::timeout_at(until, self.learn(holder, digest)).await;
        learned.unwrap_or_else(|_| Err(slow(holder, digest)))
    }

    /// What stands behind a digest beside the one that was asked for: a registry that failed a moment ago is not asked
    /// for that again.
    pub(crate) async fn learn_beside(&self, at: &At, digest: &Digest) -> Result<Learned> {
        let registry = at.holder.target.record.id;
        if let Some(trouble) = self.0.reading.registry_rests(registry, self.now()) {
            return self.kept_manifest(&at.holder, digest).await?.ok_or_else(|| trouble.to_error());
        }
        let learned = self.learn_by(&at.holder, digest, at.until).await;
        if let Err(error) = &learned {
            self.0.reading.registry_failed(registry, error, self.now());
        }
        learned
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

    async fn note_tag(&self, holder: &Holder, tag: &Tag, digest: &Digest, same: bool) -> Result<()> {
        let source = self.source(&holder.target.record, &holder.repository).await?;
        let entered = source.pass.enter().await?;
        let row = self.0.store.index().ensure_repository(source.registry, &source.repository, self.now()).await?;
        drop(entered);
        let pointing = Pointing { tag: tag.clone(), digest: digest.clone(), same };
        self.note_heads(&source, row, &[pointing]).await
    }
}

/// No answer in the time that a page has.
fn slow(holder: &Holder, reference: impl std::fmt::Display) -> Error {
    let name = &holder.target.record.name;
    let message = format!("{name} did not answer within {} s. Look at its load and storage.", PATIENCE.as_secs());
    let error = Error::new(Kind::RegistryDown, message).tried(holder.request("HEAD", "manifests", reference));
    error.tried("No answer came.").way_out(WayOut::Connection(name.to_string()))
}

/// Says what is not there by its name, and where to look instead.
fn missing(error: Error, holder: &Holder, reference: &Reference) -> Error {
    if error.kind != Kind::NotFound {
        return error;
    }
    let name = holder.target.record.name.to_string();
    let separator = if matches!(reference, Reference::Tag(_)) { ':' } else { '@' };
    let message = format!(
        "{}{separator}{reference} is not there. The registry {name} says so: it was deleted, or never pushed.",
        holder.repository
    );
    Error { message, ..error }.way_out(WayOut::Repository(name, holder.repository.to_string()))
}
