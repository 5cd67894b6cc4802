//! What tags pointed to, and when they were seen to move: of a whole repository, or of one tag.

use crate::{Error, Operations, Result, reading::repository_topic};
use domain::{
    Actor, Digest, Id, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Visible, permission::allows,
};
use std::collections::HashMap;
use store::Since;
pub use store::{Departed, Departure, Evidence, Moved};

/// Moves of a page.
const ROWS: u32 = 50;

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only of this tag; empty for all.
    pub tag: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
}

/// What the history of a repository shows.
#[derive(Clone, Debug)]
pub struct History {
    /// The registry.
    pub registry: RegistryName,
    /// The repository.
    pub repository: RepositoryName,
    /// The tag, if one was asked for.
    pub tag: Option<Tag>,
    /// What is wrong with the tag that was asked for; then all are shown.
    pub tag_problem: Option<String>,
    /// What moved, newest first.
    pub moves: Vec<Moved>,
    /// Of the tag that was asked for: where it points now, and when it was asked for last.
    pub now: Option<(Digest, Option<Timestamp>)>,
    /// Since when moves are seen: when the repository was first known. Unknown if it is not known any more.
    pub watched_since: Option<Timestamp>,
    /// How many tags it has, as far as they are listed.
    pub tags: Option<u64>,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Of the whole repository: when it left the registry last, and on what evidence. It may have come again since.
    pub left: Option<Departed>,
    /// Of those moves that are departures: on what evidence, by their numbers.
    evidence: HashMap<Id, Departed>,
    /// Under which topic news of this page come.
    pub topic: String,
}

impl History {
    /// The departure evidence of a move: why the tag was believed to be gone. Nothing where it did not leave.
    pub fn evidence(&self, moved: &Moved) -> Option<&Departed> {
        self.evidence.get(&moved.id)
    }
}

impl HistoryQuery {
    fn since(&self) -> Result<Since> {
        let number = |text: &str| text.parse::<Id>().map_err(|_| Error::from(store::Error::Cursor));
        match (self.after.as_str(), self.before.as_str()) {
            ("", "") => Ok(Since::Newest),
            ("", before) => Ok(Since::After(number(before)?)),
            (after, _) => Ok(Since::Before(number(after)?)),
        }
    }
}

impl Operations {
    /// What was seen of the tags of a repository. It is a record: it stays when the index is dropped, and when the repository
    /// left its registry.
    pub async fn history(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        query: &HistoryQuery,
    ) -> Result<History> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Repository(record.id, repository.clone()))?;
        let visible = Visible::to(actor);
        let asked = Some(query.tag.trim()).filter(|tag| !tag.is_empty()).map(str::parse::<Tag>);
        let tag_problem = asked.as_ref().and_then(|tag| tag.as_ref().err()).map(|error| error.0.clone());
        let tag = asked.and_then(Result::ok);
        let (moves, since) = (self.0.store.tag_moves(), query.since()?);
        let page = match &tag {
            Some(tag) => moves.of_tag(&visible, record.id, repository, tag, since, ROWS).await?,
            None => moves.of_repository(&visible, record.id, repository, since, ROWS).await?,
        };
        let index = self.0.store.index();
        let known = index.repository(&visible, record.id, repository).await?;
        let now = match (&known, &tag) {
            (Some(known), Some(tag)) => index.tag(&visible, known.id, tag).await?,
            _ => None,
        };
        let evidence = self.departure_evidence(&visible, record.id, repository, &page.rows).await?;
        Ok(History {
            left: self.0.store.departures().of_repository(&visible, record.id, repository).await?,
            evidence,
            topic: repository_topic(record.id, repository),
            registry: record.name,
            repository: repository.clone(),
            tag,
            tag_problem,
            moves: page.rows,
            now: now.and_then(|row| Some((row.digest?, row.checked_at))),
            watched_since: known.as_ref().map(|known| known.seen_at),
            tags: known.and_then(|known| known.tag_count),
            previous: page.previous,
            next: page.next,
        })
    }

    /// The departure evidence of those of these moves that are departures, by the numbers of the moves.
    async fn departure_evidence(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
        moves: &[Moved],
    ) -> Result<HashMap<Id, Departed>> {
        let left: Vec<&Moved> = moves.iter().filter(|one| one.movement.to.is_none()).collect();
        // Made before it is waited for: a page sends this work to another thread.
        let asked: Vec<(&Tag, Timestamp)> = left.iter().map(|one| (&one.movement.tag, one.at)).collect();
        let found = self.0.store.departures().of_moves(visible, registry, repository, asked).await?;
        let mut by_tag: HashMap<(Option<Tag>, Timestamp), Departed> =
            found.into_iter().map(|one| ((one.departure.tag.clone(), one.at), one)).collect();
        Ok(left
            .into_iter()
            .filter_map(|one| Some((one.id, by_tag.remove(&(Some(one.movement.tag.clone()), one.at))?)))
            .collect())
    }
}
