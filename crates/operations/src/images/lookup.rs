//! From a tag or digest to the document behind it, and how fresh that is.

use super::{
    Became, Freshness, Trouble,
    asking::{Asking, slow},
};
use crate::{
    Error, Kind, Operations, Result, Target, WayOut,
    content::{Found, Holder, Learned},
    reading::{PATIENCE, Subject},
};
use domain::{Actor, Digest, Id, Reference, RepositoryName, Tag, Timestamp};
use store::Since;
use tokio::time::Instant;

/// Where the parts of a page are looked for, and how much is asked for them.
#[derive(Clone)]
pub(crate) struct Beside {
    /// Where.
    pub holder: Holder,
    /// When the page is shown with what has come by then.
    pub until: Instant,
    /// How much is asked.
    pub asking: Asking,
}

/// What a reference led to.
pub(crate) struct At {
    /// Where it was found.
    pub beside: Beside,
    /// The tag it was asked for by.
    pub tag: Option<Tag>,
    /// What was found.
    pub learned: Learned,
    /// How fresh that is.
    pub freshness: Freshness,
    /// What became of the tag since the page was made that shows it.
    pub became: Became,
    /// Was it kept, so that nobody had to wait for the registry?
    pub kept: bool,
}

impl At {
    /// The document.
    pub(crate) fn found(&self) -> &Found {
        &self.learned.found
    }
    /// Where it was found.
    pub(crate) fn holder(&self) -> &Holder {
        &self.beside.holder
    }
}

/// What the index knows of a tag.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The repository's row.
    pub row: Id,
    /// Where the tag points, once that was read.
    pub digest: Option<Digest>,
    /// When the registry said so last.
    pub checked: Option<Timestamp>,
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
        asking: Asking,
    ) -> Result<At> {
        // Everything that a page asks for shares one deadline.
        let until = Instant::now() + PATIENCE;
        let beside = Beside { holder: Holder::of(actor, target, repository), until, asking };
        match reference {
            Reference::Digest(digest) => self.locate_digest(beside, digest).await,
            Reference::Tag(tag) => self.locate_tag(beside, tag).await,
        }
    }

    /// What an open page shows, as it stands now: the digest that it showed from the first, whatever its tag points to by
    /// now. Nothing is asked for.
    pub(super) async fn locate_shown(
        &self,
        actor: &Actor,
        target: &Target,
        repository: &RepositoryName,
        reference: &Reference,
        shows: Option<&Digest>,
    ) -> Result<At> {
        let holder = Holder::of(actor, target, repository);
        let (tag, known, named) = match reference {
            Reference::Tag(tag) => (Some(tag), self.known_tag(&holder, tag).await?, None),
            Reference::Digest(digest) => (None, None, Some(digest.clone())),
        };
        let points = known.as_ref().and_then(|known| known.digest.clone());
        let gone = || missing(Error::not_found("image"), &holder, reference);
        let digest = named.or_else(|| shows.cloned()).or_else(|| points.clone()).ok_or_else(gone)?;
        let learned = self.kept_manifest(&holder, &digest).await?.ok_or_else(gone)?;
        let became = match (tag, &known, points) {
            (Some(_), None, _) => Became::Gone,
            (Some(_), Some(_), Some(points)) if points != digest => Became::Moved(points),
            _ => Became::Same,
        };
        let freshness = match tag {
            Some(tag) => self.freshness_of(&holder, tag, known.and_then(|known| known.checked)),
            None => Freshness::default(),
        };
        let beside = Beside { holder, until: Instant::now(), asking: Asking::Nothing };
        Ok(At { beside, tag: tag.cloned(), learned, freshness, became, kept: true })
    }

    async fn locate_digest(&self, beside: Beside, digest: &Digest) -> Result<At> {
        let kept = self.kept_manifest(&beside.holder, digest).await?;
        let was_kept = kept.is_some();
        let learned = match kept {
            Some(learned) => learned,
            None => {
                let learned = self.learn_by(&beside.holder, digest, beside.until).await;
                learned.map_err(|error| missing(error, &beside.holder, &Reference::Digest(digest.clone())))?
            }
        };
        let freshness = Freshness::default();
        Ok(At { beside, tag: None, learned, freshness, became: Became::Same, kept: was_kept })
    }

    async fn locate_tag(&self, beside: Beside, tag: &Tag) -> Result<At> {
        let known = self.known_tag(&beside.holder, tag).await?;
        let found = self.kept_tag(&beside, tag, known.as_ref()).await?;
        let kept = found.is_some();
        let (learned, freshness) = match found {
            Some(found) => found,
            None => self.wait_for_tag(&beside, tag, known).await?,
        };
        Ok(At { tag: Some(tag.clone()), learned, freshness, became: Became::Same, kept, beside })
    }

    /// Waits for what the registry says of a tag; where somebody asks the same just now, for what comes of that.
    async fn wait_for_tag(&self, beside: &Beside, tag: &Tag, known: Option<Known>) -> Result<(Learned, Freshness)> {
        let Beside { holder, until, .. } = beside;
        let under_way = match self.0.reading.flights.take(&subject_of(holder, tag)) {
            Ok((_turn, _)) => return self.ask_first(holder, tag, known, *until).await,
            Err(under_way) => under_way,
        };
        under_way.within(until.saturating_duration_since(Instant::now())).await;
        let known = self.known_tag(holder, tag).await?;
        if let Some(found) = self.kept_tag(beside, tag, known.as_ref()).await? {
            return Ok(found);
        }
        if let Some(trouble) = self.0.reading.tag_rests(place_of(holder, tag), self.now()) {
            return Err(self.gone_before(trouble.to_error(), holder, tag, known.as_ref()).await);
        }
        self.ask_first(holder, tag, known, *until).await
    }

    /// What the index knows of a tag, if it knows it.
    pub(super) async fn known_tag(&self, holder: &Holder, tag: &Tag) -> Result<Option<Known>> {
        let Some(row) = self.row(holder).await? else { return Ok(None) };
        let known = self.0.store.index().tag(&holder.visible, row, tag).await?;
        Ok(known.map(|known| Known { row, digest: known.digest, checked: known.checked_at }))
    }

    /// What is kept of a tag, if that may be shown: it was asked for a moment ago, or that failed a moment ago, or it is
    /// asked for behind the page.
    async fn kept_tag(
        &self,
        beside: &Beside,
        tag: &Tag,
        known: Option<&Known>,
    ) -> Result<Option<(Learned, Freshness)>> {
        let Some(Known { digest: Some(digest), checked, .. }) = known else { return Ok(None) };
        let mut freshness = self.freshness_of(&beside.holder, tag, *checked);
        let rests = freshness.rests(self.now());
        if !rests && beside.asking == Asking::First {
            return Ok(None);
        }
        let Some(learned) = self.kept_manifest(&beside.holder, digest).await? else { return Ok(None) };
        if !rests && beside.asking == Asking::Behind {
            freshness.asking = self.ask_behind(&beside.holder, tag);
        }
        Ok(Some((learned, freshness)))
    }

    /// How fresh what is kept of a tag is.
    pub(super) fn freshness_of(&self, holder: &Holder, tag: &Tag, checked: Option<Timestamp>) -> Freshness {
        let trouble = self.0.reading.tag_trouble(place_of(holder, tag));
        let trouble = trouble.filter(|trouble| checked.is_none_or(|checked| trouble.at >= checked));
        Freshness {
            checked,
            tried: trouble.as_ref().map(|trouble| trouble.at),
            trouble: trouble.as_ref().map(Trouble::from),
            asking: self.0.reading.flights.under_way(&subject_of(holder, tag)).is_some(),
        }
    }

    /// Says what is not there by its name, and when it was there, if it ever was.
    pub(super) async fn gone_before(&self, error: Error, holder: &Holder, tag: &Tag, known: Option<&Known>) -> Error {
        let mut error = missing(error, holder, &Reference::Tag(tag.clone()));
        if error.kind != Kind::NotFound {
            return error;
        }
        if let Some(Known { digest: Some(digest), checked: Some(at), .. }) = known {
            let ((start, end), ago) = (digest.short(), domain::text::ago(*at, self.now()));
            error.message = format!("{} It was last seen here {ago}, as {start}…{end}.", error.message);
            return error;
        }
        let (registry, moves) = (holder.target.record.id, self.0.store.tag_moves());
        let last = moves.of_tag(&holder.visible, registry, &holder.repository, tag, Since::Newest, 1).await;
        let last = last.ok().and_then(|page| page.rows.into_iter().next());
        if let Some((at, digest)) =
            last.filter(|last| last.movement.to.is_none()).and_then(|last| Some((last.at, last.movement.from?)))
        {
            let ((start, end), ago) = (digest.short(), domain::text::ago(at, self.now()));
            error.message = format!("{} That was first seen {ago}; before, it was {start}…{end}.", error.message);
        }
        error
    }

    /// What is behind a digest, if the registry tells it in time.
    pub(crate) async fn learn_by(&self, holder: &Holder, digest: &Digest, until: Instant) -> Result<Learned> {
        let learned = tokio::time::timeout_at(until, self.learn(holder, digest)).await;
        learned.unwrap_or_else(|_| Err(slow(holder, holder.request("GET", "manifests", digest))))
    }

    /// What stands behind a digest beside the one that was asked for.
    pub(crate) async fn learn_beside(&self, beside: &Beside, digest: &Digest) -> Result<Learned> {
        if let Some(kept) = self.kept_manifest(&beside.holder, digest).await? {
            return Ok(kept);
        }
        self.ask_beside(beside, self.learn_by(&beside.holder, digest, beside.until)).await
    }

    /// Asks for a part of a page: not of a registry that failed a moment ago, and not for a page that only follows.
    pub(super) async fn ask_beside<T>(&self, beside: &Beside, asked: impl Future<Output = Result<T>>) -> Result<T> {
        let registry = beside.holder.target.record.id;
        if beside.asking == Asking::Nothing {
            return Err(Error::new(Kind::RegistryDown, "It is not read yet."));
        }
        if let Some(trouble) = self.0.reading.registry_rests(registry, self.now()) {
            return Err(trouble.to_error());
        }
        let came = asked.await;
        if let Err(error) = &came {
            self.0.reading.registry_failed(registry, error, self.now());
        }
        came
    }
}

/// Which flight asks for a tag.
pub(super) fn subject_of(holder: &Holder, tag: &Tag) -> Subject {
    Subject::Tag(holder.target.record.id, holder.repository.clone(), tag.clone())
}

/// Where a tag is, for what is remembered of failures.
pub(super) fn place_of<'a>(holder: &'a Holder, tag: &'a Tag) -> (Id, &'a RepositoryName, &'a Tag) {
    (holder.target.record.id, &holder.repository, tag)
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
