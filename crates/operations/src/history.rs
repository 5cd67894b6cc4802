//! What tags pointed to, and when they were seen to move: of a whole repository, or of one tag.

use crate::{Error, Operations, Result, reading::repository_topic};
use domain::{
    Actor, Digest, Id, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Visible, permission::allows,
};
pub use store::Moved;
use store::Since;

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
    /// Under which topic news of this page come.
    pub topic: String,
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
        Ok(History {
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
}
