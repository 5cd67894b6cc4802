//! What left the index, and on what evidence: for whoever asks later why something is not shown any more.

use crate::{
    Error, Store,
    index::Page,
    places::{Common, may_see},
    pools::Pools,
    sql::statements,
};
use domain::{Id, RepositoryName, Tag, Timestamp, Visible};

statements! {
    APPEND = "INSERT INTO departures (registry_id, repository, tag, at, evidence, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    LEFT = "SELECT EXISTS (SELECT 1 FROM departures WHERE registry_id = $1 AND tag = '' AND at >= $2)";
    LIST = "SELECT id, repository, tag, at, evidence, detail FROM departures
            WHERE registry_id = $1 AND id < $2 AND ($4 IS NULL OR repository LIKE $4 ESCAPE '\\') ORDER BY id DESC LIMIT $3";
    LIST_NEWER = "SELECT id, repository, tag, at, evidence, detail FROM departures
                  WHERE registry_id = $1 AND id > $2 AND ($4 IS NULL OR repository LIKE $4 ESCAPE '\\') ORDER BY id LIMIT $3";
    // What is said twice was interrupted in between; the first is the one that a move has the time of.
    OF_MOVE = "SELECT id, repository, tag, at, evidence, detail FROM departures
               WHERE registry_id = $1 AND repository = $2 AND tag = $3 AND at = $4 ORDER BY id LIMIT 1";
    OF_REPOSITORY = "SELECT id, repository, tag, at, evidence, detail FROM departures
                     WHERE registry_id = $1 AND repository = $2 AND tag = '' ORDER BY at DESC, id DESC LIMIT 1";
}

/// On what evidence something left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The registry answered 404, with its own code, for the thing itself.
    NotFound,
    /// Two complete, believed lists lacked it.
    TwoLists,
    /// We deleted it ourselves.
    Deleted,
}

impl Evidence {
    /// The word on record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::TwoLists => "two-lists",
            Self::Deleted => "deleted",
        }
    }
    /// The evidence of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::NotFound, Self::TwoLists, Self::Deleted].into_iter().find(|evidence| evidence.as_str() == word)
    }
}

/// Something that leaves the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The repository, or where the tag was.
    pub repository: RepositoryName,
    /// The tag; without, the whole repository.
    pub tag: Option<Tag>,
    /// On what evidence.
    pub evidence: Evidence,
    /// The evidence in words: what was asked, and what came back.
    pub detail: String,
}

/// A departure on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departed {
    /// Its number: later ones have greater numbers.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// What left, and why.
    pub departure: Departure,
}

/// The departures on record.
#[derive(Clone, Copy, Debug)]
pub struct Departures<'s>(&'s Pools);

/// Number, repository, tag, time, evidence and detail.
type Row = (Id, String, String, i64, String, String);

/// As many are read at once where some are left out afterwards.
const SOME: usize = 500;

impl Store {
    /// What left the index.
    pub fn departures(&self) -> Departures<'_> {
        Departures(&self.inner.records)
    }
}

impl Departures<'_> {
    /// Has a repository of the registry left since then?
    pub async fn repository_left(&self, registry: Id, since: Timestamp) -> Result<bool, Error> {
        Ok(sqlx::query_scalar(LEFT).bind(registry).bind(since.0).fetch_one(&self.0.readers).await?)
    }

    /// Puts departures on record, before the index forgets what they name.
    pub async fn append(&self, registry: Id, departures: &[Departure], at: Timestamp) -> Result<(), Error> {
        // Records share their one writer with sign-ins: a batch holds it for some milliseconds.
        for chunk in departures.chunks(200) {
            let mut change = self.0.begin().await?;
            for departure in chunk {
                let statement = sqlx::query(APPEND)
                    .bind(registry)
                    .bind(departure.repository.as_str())
                    .bind(departure.tag.as_ref().map_or("", Tag::as_str))
                    .bind(at.0)
                    .bind(departure.evidence.as_str())
                    .bind(&departure.detail);
                statement.execute(&mut *change).await?;
            }
            change.commit().await?;
        }
        Ok(())
    }

    /// On what evidence tags of a repository left at these times, if it may be seen. A tag without evidence on record is
    /// left out.
    pub async fn of_moves(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
        moves: impl IntoIterator<Item = (&Tag, Timestamp)>,
    ) -> Result<Vec<Departed>, Error> {
        let mut found = Vec::new();
        if !visible.repository(registry, repository) {
            return Ok(found);
        }
        for (tag, at) in moves {
            let query = sqlx::query_as(OF_MOVE).bind(registry).bind(repository.as_str()).bind(tag.as_str()).bind(at.0);
            let row: Option<Row> = query.fetch_optional(&self.0.readers).await?;
            found.extend(row.map(departed).transpose()?);
        }
        Ok(found)
    }

    /// When a whole repository left last, and on what evidence, if it ever did and may be seen.
    pub async fn of_repository(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
    ) -> Result<Option<Departed>, Error> {
        if !visible.repository(registry, repository) {
            return Ok(None);
        }
        let query = sqlx::query_as(OF_REPOSITORY).bind(registry).bind(repository.as_str());
        let row: Option<Row> = query.fetch_optional(&self.0.readers).await?;
        row.map(departed).transpose()
    }

    /// What left a registry and may be seen, newest first: below the number `below`, or back from above `above`.
    pub async fn list(
        &self,
        visible: &Visible,
        registry: Id,
        below: Option<Id>,
        above: Option<Id>,
        limit: u32,
    ) -> Result<Page<Departed>, Error> {
        let (sql, mut from) = match above {
            Some(above) => (LIST_NEWER, above),
            None => (LIST, below.unwrap_or(Id::MAX)),
        };
        let here = visible.in_registry(registry);
        let beginning = Common::of(&here).beginning;
        let wanted = limit as usize + 1;
        let some = if here.everything() { wanted } else { wanted.max(SOME) };
        let mut rows: Vec<Row> = Vec::new();
        while rows.len() < wanted {
            let query = sqlx::query_as(sql).bind(registry).bind(from).bind(i64::try_from(some).unwrap_or(i64::MAX));
            let found: Vec<Row> = query.bind(&beginning).fetch_all(&self.0.readers).await?;
            let all = found.len() < some;
            from = found.last().map_or(from, |row| row.0);
            rows.extend(found.into_iter().filter(|row| may_see(&here, Some(registry), Some(&row.1))));
            if all {
                break;
            }
        }
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        if above.is_some() {
            rows.reverse();
        }
        let (older, newer) = if above.is_some() { (true, more) } else { (more, below.is_some()) };
        let next = rows.last().filter(|_| older).map(|row| row.0.to_string());
        let previous = rows.first().filter(|_| newer).map(|row| row.0.to_string());
        let rows: Vec<Departed> = rows.into_iter().map(departed).collect::<Result<_, Error>>()?;
        Ok(Page { rows, next, previous, cut: false })
    }
}

fn departed(row: Row) -> Result<Departed, Error> {
    let (id, repository, tag, at, evidence, detail) = row;
    let evidence = Evidence::parse(&evidence).ok_or_else(|| Error::Broken("the evidence of a departure".to_owned()))?;
    let tag = if tag.is_empty() { None } else { Some(tag.parse()?) };
    let departure = Departure { repository: repository.parse()?, tag, evidence, detail };
    Ok(Departed { id, at: Timestamp(at), departure })
}
