//! What leaves the index: only on evidence, and on record before it is forgotten.

use super::content::Source;
use crate::{Operations, Result};
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

/// Asks whether a tag is there; what the registry said, if that was a clear no. A HEAD has no body, and so no code: the same
/// question with one decides. A proxy's own 404 is no word of the registry.
pub(crate) async fn is_gone(source: &Source, tag: &Tag) -> Option<String> {
    let reference = Reference::Tag(tag.clone());
    let head = source.client.head_manifest(&source.repository, &reference, None).await;
    if !head.is_err_and(|error| error.is_absence()) {
        return None;
    }
    let error = source.client.manifest(&source.repository, &reference).await.err()?;
    let told = error.is_absence() && error.code().is_some();
    told.then(|| said(&format!("GET /v2/{}/manifests/{tag}", source.repository), &error))
}

/// What a registry said when it said that something is not there: for the record.
pub(crate) fn said(request: &str, error: &registry::Error) -> String {
    let said = error.said().map(ToString::to_string).unwrap_or_default();
    format!("{request} answered {said}")
}
