//! The tags of a repository: their list, and what to believe when some are missing from it.

use super::{Subject, Trouble, catalogue::parted, content::Source};
use crate::{Error, Operations, Result, WayOut};
use domain::{Actor, Id, Reference, RepositoryName, Tag, Visible};
use futures_util::{StreamExt as _, stream};
use std::collections::HashSet;
use store::index::{Listing, Seek, TagFilter};

/// As many tags that are missing from a list are asked for one by one; the others wait for the next list.
const ASKED: usize = 50;
/// Rows read at a time when names are compared.
const STEP: u32 = 2_000;

impl Operations {
    /// What is needed to read a repository.
    pub(crate) async fn source(&self, record: &store::Registry, repository: &RepositoryName) -> Result<Source> {
        let client = self.client(record).await?;
        let at_once = usize::try_from(record.connection.concurrency).unwrap_or(1).clamp(1, 32);
        Ok(Source { registry: record.id, repository: repository.clone(), client, at_once })
    }

    /// Reads the list of tags into the index, and gives the repository's row there.
    pub(super) async fn read_tag_list(&self, record: &store::Registry, source: &Source) -> Result<Id> {
        let listing = match source.client.tags(&source.repository).await {
            Ok(listing) => listing,
            // A proxy's own 404 is no word of the registry: only one with its code counts.
            Err(error) if error.is_absence() && error.code().is_some() => {
                self.0.reading.hear(record.id, self.now(), None);
                self.forget_repository(source).await?;
                return Err(Error::from(error).way_out(WayOut::Registry(record.name.to_string())));
            }
            Err(error) => {
                let error = Error::from(error).way_out(WayOut::Connection(record.name.to_string()));
                self.0.reading.hear(record.id, self.now(), Some(&Trouble::new(&error, self.now())));
                return Err(error);
            }
        };
        self.0.reading.hear(record.id, self.now(), None);
        let index = self.0.store.index();
        let (tags, odd) = parted::<Tag>(listing.items);
        self.0.reading.rows.note_odd(Subject::Tags(record.id, source.repository.clone()), odd);
        let id = index.ensure_repository(record.id, &source.repository, self.now()).await?;
        index.save_tag_list(id, &tags, false, listing.complete, self.now()).await?;
        if listing.complete {
            self.doubt_missing(source, id, &tags).await?;
        }
        Ok(id)
    }

    /// Absence from a list is no proof. A tag goes when the registry answers 404 for it, or at the second complete list
    /// that lacks it.
    async fn doubt_missing(&self, source: &Source, id: Id, listed: &[Tag]) -> Result<()> {
        let missing = self.missing_from(id, listed).await?;
        let key = (source.registry, source.repository.clone());
        let before = self.0.reading.rows.swap_missing(&key, missing.iter().cloned().collect());
        let (mut gone, doubted): (Vec<Tag>, Vec<Tag>) = missing.into_iter().partition(|tag| before.contains(tag));
        let asked = stream::iter(doubted.into_iter().take(ASKED)).map(|tag| async move {
            let answer = source.client.head_manifest(&source.repository, &Reference::Tag(tag.clone()), None).await;
            answer.is_err_and(|error| error.is_absence()).then_some(tag)
        });
        gone.extend(asked.buffer_unordered(source.at_once).collect::<Vec<_>>().await.into_iter().flatten());
        if !gone.is_empty() {
            self.0.store.index().forget_tags(id, &gone).await?;
        }
        Ok(())
    }

    /// The tags we know that the list lacks.
    async fn missing_from(&self, id: Id, listed: &[Tag]) -> Result<Vec<Tag>> {
        let program = Visible::to(&Actor::program());
        let index = self.0.store.index();
        if index.progress(&program, id).await?.tags <= listed.len() as u64 {
            return Ok(Vec::new());
        }
        let listed: HashSet<&Tag> = listed.iter().collect();
        let everything = TagFilter { referrers: true, ..TagFilter::default() };
        let mut listing = Listing { limit: STEP, ..Listing::default() };
        let mut missing = Vec::new();
        loop {
            let page = index.tags(&program, id, &everything, &listing).await?;
            missing.extend(page.rows.into_iter().map(|row| row.tag).filter(|tag| !listed.contains(tag)));
            match page.next {
                Some(next) => listing.seek = Seek::After(next),
                None => return Ok(missing),
            }
        }
    }

    /// The registry said itself that it is not there. One that was entered by hand stays in the list.
    async fn forget_repository(&self, source: &Source) -> Result<()> {
        let index = self.0.store.index();
        index.forget_repository(source.registry, &source.repository).await?;
        let program = Visible::to(&Actor::program());
        let entered = self.0.store.registries().manual_repositories(&program, source.registry).await?;
        if entered.iter().any(|(name, _)| *name == source.repository) {
            index.ensure_repository(source.registry, &source.repository, self.now()).await?;
        }
        Ok(())
    }
}
