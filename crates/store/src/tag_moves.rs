//! What tags pointed to, and when they were seen to move: a record, because no registry can be asked for it again.

use crate::{Error, Store, index::Page, pools::Pools, sql::statements};
use domain::{Digest, Id, RepositoryName, Tag, Timestamp, Visible};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

statements! {
    LATEST = "SELECT to_digest FROM tag_moves WHERE registry_id = $1 AND repository = $2 AND tag = $3 ORDER BY id DESC LIMIT 1";
    APPEND = "INSERT INTO tag_moves (registry_id, repository, tag, at, from_digest, to_digest) VALUES ($1, $2, $3, $4, $5, $6)";
    OF_TAG = "SELECT id, tag, at, from_digest, to_digest FROM tag_moves
              WHERE registry_id = $1 AND repository = $2 AND tag = $3 AND id < $4 ORDER BY id DESC LIMIT $5";
    OF_TAG_NEWER = "SELECT id, tag, at, from_digest, to_digest FROM tag_moves
                    WHERE registry_id = $1 AND repository = $2 AND tag = $3 AND id > $4 ORDER BY id LIMIT $5";
    OF_REPOSITORY = "SELECT id, tag, at, from_digest, to_digest FROM tag_moves
                     WHERE registry_id = $1 AND repository = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    OF_REPOSITORY_NEWER = "SELECT id, tag, at, from_digest, to_digest FROM tag_moves
                           WHERE registry_id = $1 AND repository = $2 AND id > $3 ORDER BY id LIMIT $4";
    NAMED = "SELECT EXISTS (SELECT 1 FROM tag_moves WHERE from_digest = $1 AND registry_id = $2)
             OR EXISTS (SELECT 1 FROM tag_moves WHERE to_digest = $1 AND registry_id = $2)";
}

/// A tag that was seen to point elsewhere than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMove {
    /// Which tag.
    pub tag: Tag,
    /// Where it pointed to; nothing where it came.
    pub from: Option<Digest>,
    /// Where it points to now; nothing where it left.
    pub to: Option<Digest>,
}

/// A move on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its number: later ones have greater numbers.
    pub id: Id,
    /// When it was seen. It happened between the look before and then.
    pub at: Timestamp,
    /// What moved where.
    pub movement: TagMove,
}

/// Which part of a history is asked for, by the numbers of moves. Newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// From the newest on.
    #[default]
    Newest,
    /// Those before this one.
    Before(Id),
    /// Those after this one, nearest to it: the way back.
    After(Id),
}

/// The moves on record.
#[derive(Clone, Copy, Debug)]
pub struct TagMoves<'s>(&'s Pools);

impl Store {
    /// The moves of tags.
    pub fn tag_moves(&self) -> TagMoves<'_> {
        TagMoves(&self.inner.records)
    }
}

impl TagMoves<'_> {
    /// Puts moves that were just seen on record, as one thing. A tag whose latest move already says the same is left out, so
    /// that whoever was interrupted may say it again. Gives how many are new.
    pub async fn append(
        &self,
        registry: Id,
        repository: &RepositoryName,
        moves: &[TagMove],
        at: Timestamp,
    ) -> Result<u64, Error> {
        if moves.is_empty() {
            return Ok(0);
        }
        let mut change = self.0.begin().await?;
        let mut new = 0;
        for movement in moves {
            let to = movement.to.as_ref().map(Digest::as_str);
            if latest(&mut change, registry, repository, &movement.tag).await? == Some(to.map(str::to_owned)) {
                continue;
            }
            let statement = sqlx::query(APPEND)
                .bind(registry)
                .bind(repository.as_str())
                .bind(movement.tag.as_str())
                .bind(at.0)
                .bind(movement.from.as_ref().map(Digest::as_str))
                .bind(to);
            statement.execute(&mut *change).await?;
            new += 1;
        }
        change.commit().await?;
        Ok(new)
    }

    /// What one tag did, newest first, if the repository may be seen.
    pub async fn of_tag(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
        tag: &Tag,
        since: Since,
        limit: u32,
    ) -> Result<Page<Moved>, Error> {
        self.page(visible, registry, repository, Some(tag), since, limit).await
    }

    /// What all tags of a repository did, newest first, if it may be seen.
    pub async fn of_repository(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
        since: Since,
        limit: u32,
    ) -> Result<Page<Moved>, Error> {
        self.page(visible, registry, repository, None, since, limit).await
    }

    async fn page(
        &self,
        visible: &Visible,
        registry: Id,
        repository: &RepositoryName,
        tag: Option<&Tag>,
        since: Since,
        limit: u32,
    ) -> Result<Page<Moved>, Error> {
        if !visible.repository(registry, repository) {
            return Ok(Page { rows: Vec::new(), next: None, previous: None, cut: false });
        }
        let (place, backwards) = match since {
            Since::Newest => (Id::MAX, false),
            Since::Before(id) => (id, false),
            Since::After(id) => (id, true),
        };
        let sql = match (tag, backwards) {
            (Some(_), false) => OF_TAG,
            (Some(_), true) => OF_TAG_NEWER,
            (None, false) => OF_REPOSITORY,
            (None, true) => OF_REPOSITORY_NEWER,
        };
        let query = sqlx::query(sql).bind(registry).bind(repository.as_str());
        let query = match tag {
            Some(tag) => query.bind(tag.as_str()),
            None => query,
        };
        let rows = query.bind(place).bind(i64::from(limit) + 1).fetch_all(&self.0.readers).await?;
        let mut rows: Vec<Moved> = rows.iter().map(moved).collect::<Result<_, _>>()?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        if backwards {
            rows.reverse();
        }
        let (older, newer) = if backwards { (true, more) } else { (more, since != Since::Newest) };
        Ok(Page {
            next: rows.last().filter(|_| older).map(|row| row.id.to_string()),
            previous: rows.first().filter(|_| newer).map(|row| row.id.to_string()),
            rows,
            cut: false,
        })
    }

    /// Those of these digests that a move in the registry names: what they name is kept for whoever reads the history.
    pub async fn named(&self, registry: Id, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let mut named = Vec::new();
        for digest in digests {
            let query = sqlx::query_scalar(NAMED).bind(digest.as_str()).bind(registry);
            if query.fetch_one(&self.0.readers).await? {
                named.push(digest.clone());
            }
        }
        Ok(named)
    }
}

/// Where the tag's latest move on record led; the outer nothing: there is none.
async fn latest(
    change: &mut SqliteConnection,
    registry: Id,
    repository: &RepositoryName,
    tag: &Tag,
) -> Result<Option<Option<String>>, Error> {
    let query = sqlx::query_scalar(LATEST).bind(registry).bind(repository.as_str()).bind(tag.as_str());
    Ok(query.fetch_optional(change).await?)
}

fn moved(row: &SqliteRow) -> Result<Moved, Error> {
    let digest = |column: &str| -> Result<Option<Digest>, Error> {
        let text: Option<String> = row.try_get(column)?;
        Ok(text.map(|text| text.parse()).transpose()?)
    };
    let movement = TagMove {
        tag: row.try_get::<String, _>("tag")?.parse()?,
        from: digest("from_digest")?,
        to: digest("to_digest")?,
    };
    Ok(Moved { id: row.try_get("id")?, at: Timestamp(row.try_get("at")?), movement })
}
