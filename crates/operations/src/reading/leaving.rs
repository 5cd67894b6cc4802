//! What leaves the index: only on evidence, and on record before it is forgotten.

use super::{
    absences::{Occasion, Within},
    content::Source,
};
use crate::{Error, Kind, Operations, Result, WayOut};
use domain::{Actor, Id, Reference, Tag, Visible};
use store::{Departure, Evidence, TagMove};

/// A tag that leaves, and why.
pub(crate) struct Leaving {
    /// Which.
    pub tag: Tag,
    /// On what evidence.
    pub evidence: Evidence,
    /// The evidence in words.
    pub detail: String,
}

impl Operations {
    /// Lets tags leave the index, once their departure and what they pointed to last are on record.
    pub(crate) async fn tags_leave(&self, source: &Source, repository: Id, leaving: Vec<Leaving>) -> Result<()> {
        if leaving.is_empty() {
            return Ok(());
        }
        let (program, index, now) = (Visible::to(&Actor::program()), self.0.store.index(), self.now());
        let mut moves = Vec::new();
        for one in &leaving {
            let known = index.tag(&program, repository, &one.tag).await?;
            if let Some(from) = known.and_then(|known| known.digest) {
                moves.push(TagMove { tag: one.tag.clone(), from: Some(from), to: None });
            }
        }
        let tags: Vec<Tag> = leaving.iter().map(|one| one.tag.clone()).collect();
        let departures: Vec<Departure> = leaving
            .into_iter()
            .map(|one| Departure {
                repository: source.repository.clone(),
                tag: Some(one.tag),
                evidence: one.evidence,
                detail: one.detail,
            })
            .collect();
        let _entered = source.pass.enter().await?;
        self.0.store.departures().append(source.registry, &departures, now).await?;
        self.0.store.tag_moves().append(source.registry, &source.repository, &moves, now).await?;
        Ok(index.forget_tags(repository, &tags, now).await?)
    }

    /// The registry said of a repository that it does not know it. One of which nothing was ever read is forgotten at once;
    /// whether another one leaves is weighed with what else is gone.
    pub(crate) async fn repository_denied(&self, source: &Source, detail: String) -> Result<()> {
        let program = Visible::to(&Actor::program());
        let known = self.0.store.index().repository(&program, source.registry, &source.repository).await?;
        if known.is_none_or(|known| known.tags_listed_at.is_none()) {
            return self.repository_leaves(source, Evidence::NotFound, detail).await;
        }
        let within = Within::Registry(source.registry);
        self.0.reading.absences.denied(&within, source.repository.as_str(), detail, self.now());
        Ok(())
    }

    /// Lets repositories leave that the registry said it does not know, unless those are too many at once: then it is told
    /// with each why it is kept.
    pub(crate) async fn weigh_denied(
        &self,
        record: &store::Registry,
        occasion: Occasion<'_>,
    ) -> Result<Option<String>> {
        let weighed = self.0.reading.absences.weigh(&Within::Registry(record.id), occasion, self.now());
        for (name, detail) in weighed.leaving {
            let source = self.source(record, &name.parse()?).await?;
            self.repository_leaves(&source, Evidence::NotFound, detail).await?;
        }
        if let Some(doubt) = &weighed.doubt {
            tracing::warn!(registry = %record.name, "{doubt}");
            let _entered = self.0.reading.gates.pass(record.id, record.version).enter().await?;
            self.0.store.index().note_trouble(record.id, &weighed.staying, doubt).await?;
        }
        Ok(weighed.doubt)
    }

    /// Reads the list of tags for somebody who looks. What the registry does not know leaves at once, unless that is
    /// doubted.
    pub(crate) async fn look_at_tag_list(&self, record: &store::Registry, source: &Source) -> Result<Id> {
        let came = self.read_tag_list(record, source).await;
        if !came.as_ref().is_err_and(|error| error.kind == Kind::NotFound) {
            return came;
        }
        match self.weigh_denied(record, Occasion::Look(source.repository.as_str())).await? {
            // Whoever looks may see this repository only: how many others there are is not told.
            Some(_) => {
                Err(Error::new(Kind::RegistryOdd, domain::absence::MASS)
                    .way_out(WayOut::Registry(record.name.to_string())))
            }
            None => came,
        }
    }

    /// Lets a repository leave the index, once its departure is on record. One that was entered by hand stays in the list.
    pub(crate) async fn repository_leaves(&self, source: &Source, evidence: Evidence, detail: String) -> Result<()> {
        let (program, index, now) = (Visible::to(&Actor::program()), self.0.store.index(), self.now());
        let known = index.repository(&program, source.registry, &source.repository).await?;
        let entered = self.0.store.registries().manual_repositories(&program, source.registry).await?;
        let by_hand = entered.iter().any(|(name, _)| *name == source.repository);
        let _entered = source.pass.enter().await?;
        // One of which nothing was ever read does not leave: some registries name in their catalogue what they don't know.
        if known.is_some_and(|known| evidence == Evidence::TwoLists || known.tags_listed_at.is_some()) {
            let departure = Departure { repository: source.repository.clone(), tag: None, evidence, detail };
            self.0.store.departures().append(source.registry, &[departure], now).await?;
        }
        index.forget_repository(source.registry, &source.repository).await?;
        if by_hand {
            index.ensure_repository(source.registry, &source.repository, now).await?;
        }
        Ok(())
    }
}

/// What a registry says when it is asked for one tag.
pub(crate) enum Presence {
    /// It is there.
    Here,
    /// It is not: what the registry said.
    Gone(String),
    /// There is no telling.
    Unknown,
}

/// Asks whether a tag is there. A HEAD has no body, and so no code: the same question with one decides. A proxy's own 404 is
/// no word of the registry.
pub(crate) async fn presence(source: &Source, tag: &Tag) -> Presence {
    let reference = Reference::Tag(tag.clone());
    match source.client.head_manifest(&source.repository, &reference, None).await {
        Ok(_) => return Presence::Here,
        Err(error) if !error.is_absence() => return Presence::Unknown,
        Err(_) => {}
    }
    match source.client.manifest(&source.repository, &reference).await {
        Ok(_) => Presence::Here,
        Err(error) if error.is_absence() && error.code().is_some() => {
            Presence::Gone(said(&format!("GET /v2/{}/manifests/{tag}", source.repository), &error))
        }
        Err(_) => Presence::Unknown,
    }
}

/// What a registry said when it said that something is not there: for the record.
pub(crate) fn said(request: &str, error: &registry::Error) -> String {
    let said = error.said().map(ToString::to_string).unwrap_or_default();
    format!("{request} answered {said}")
}
