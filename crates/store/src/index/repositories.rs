//! The repositories of a registry, as its catalogue, people and look-ups made them known.

use super::{CHUNK, Index, array};
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashSet;

statements! {
    CATALOGUE = "SELECT listed_at, complete, names FROM catalogues WHERE registry_id = $1";
    SAVE_CATALOGUE = "INSERT INTO catalogues (registry_id, listed_at, complete, names) VALUES ($1, $2, $3, $4)
                      ON CONFLICT (registry_id) DO UPDATE SET listed_at = excluded.listed_at, complete = excluded.complete,
                      names = excluded.names";
    NAMES = "SELECT name, catalogued, absent FROM repositories WHERE registry_id = $1";
    // Pairs of name and namespace, as a JSON array of arrays.
    SEEN = "INSERT INTO repositories (registry_id, name, namespace, catalogued, seen_at)
            SELECT $1, value ->> 0, value ->> 1, 1, $3 FROM json_each($2) WHERE true
            ON CONFLICT (registry_id, name) DO UPDATE SET catalogued = 1, absent = 0";
    ABSENT = "UPDATE repositories SET absent = absent + 1
              WHERE registry_id = $1 AND name IN (SELECT value FROM json_each($2))";
    REMOVE = "DELETE FROM repositories WHERE registry_id = $1 AND name IN (SELECT value FROM json_each($2))";
    ENSURE = "INSERT INTO repositories (registry_id, name, namespace, catalogued, seen_at) VALUES ($1, $2, $3, 0, $4)
              ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id";
    ONE = "SELECT * FROM repositories WHERE $1 AND registry_id = $2 AND name = $3";
    BY_ID = "SELECT * FROM repositories WHERE $1 AND id = $2";
    FIND_ID = "SELECT id FROM repositories WHERE registry_id = $1 AND name = $2";
    TOTALS = "SELECT COUNT(*), COALESCE(SUM(tag_count), 0), COUNT(tag_count), MAX(newest) FROM repositories
              WHERE $1 AND registry_id = $2";
    FORGET_CATALOGUE = "DELETE FROM catalogues WHERE registry_id = $1";
    SOME_OF_REGISTRY = "SELECT name FROM repositories WHERE registry_id = $1 LIMIT 20";
}

/// A repository as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// A row of the cache: never to be kept elsewhere.
    pub id: Id,
    /// In which registry.
    pub registry: Id,
    /// Its name.
    pub name: RepositoryName,
    /// Seen in the registry's own catalogue? Else it was entered or opened by name.
    pub catalogued: bool,
    /// Since when we know of it.
    pub seen_at: Timestamp,
    /// When its tags were listed last.
    pub tags_listed_at: Option<Timestamp>,
    /// Was that list read to its end?
    pub tags_complete: bool,
    /// How many tags that were, referrer tags included; unknown before the first list.
    pub tag_count: Option<u64>,
    /// The newest build among its tags that were read so far.
    pub newest: Option<Timestamp>,
}

/// When a registry's catalogue was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// When.
    pub listed_at: Timestamp,
    /// To its end?
    pub complete: bool,
    /// How many names it had.
    pub names: u64,
}

/// What a new catalogue changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Names that are new.
    pub added: u64,
    /// Names that two complete catalogues in a row lacked.
    pub removed: u64,
    /// Names that this complete catalogue lacked for the first time.
    pub missing: u64,
}

/// Sums of a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Repositories known.
    pub repositories: u64,
    /// Tags in those whose tags were listed.
    pub tags: u64,
    /// Repositories whose tags were listed.
    pub listed: u64,
    /// The newest build known.
    pub newest: Option<Timestamp>,
}

impl Index {
    /// When the registry's catalogue was read last.
    pub async fn catalogue(&self, registry: Id) -> Result<Option<Catalogue>, Error> {
        let row: Option<(i64, bool, i64)> =
            sqlx::query_as(CATALOGUE).bind(registry).fetch_optional(&self.pools.readers).await?;
        let read = |(at, complete, names): (i64, bool, i64)| Catalogue {
            listed_at: Timestamp(at),
            complete,
            names: names.unsigned_abs(),
        };
        Ok(row.map(read))
    }

    /// Takes in a catalogue that was read. New names come in. A name that is missing goes only at the second complete
    /// catalogue in a row without it; one that was entered or opened by name does not go at all.
    pub async fn replace_repositories(
        &self,
        registry: Id,
        names: &[RepositoryName],
        complete: bool,
        at: Timestamp,
    ) -> Result<Replaced, Error> {
        let known: Vec<(String, bool, i64)> =
            sqlx::query_as(NAMES).bind(registry).fetch_all(&self.pools.readers).await?;
        let listed: HashSet<&str> = names.iter().map(RepositoryName::as_str).collect();
        let settled: HashSet<&str> = known
            .iter()
            .filter(|(_, catalogued, absent)| *catalogued && *absent == 0)
            .map(|row| row.0.as_str())
            .collect();
        let before: HashSet<&str> = known.iter().map(|row| row.0.as_str()).collect();
        let fresh: Vec<&RepositoryName> = names.iter().filter(|name| !settled.contains(name.as_str())).collect();
        let mut replaced = Replaced {
            added: listed.iter().filter(|name| !before.contains(*name)).count() as u64,
            ..Replaced::default()
        };
        for chunk in fresh.chunks(CHUNK) {
            let pairs =
                chunk.iter().map(|name| serde_json::json!([name.as_str(), name.namespace().unwrap_or_default()]));
            let pairs = serde_json::Value::Array(pairs.collect()).to_string();
            sqlx::query(SEEN).bind(registry).bind(pairs).bind(at.0).execute(&self.pools.writer).await?;
        }
        if complete {
            let missing = known.iter().filter(|(name, catalogued, _)| *catalogued && !listed.contains(name.as_str()));
            let (gone, away): (Vec<_>, Vec<_>) = missing.partition(|(_, _, absent)| *absent >= 1);
            for (chunk, sql) in gone.chunks(20).map(|c| (c, REMOVE)).chain(away.chunks(CHUNK).map(|c| (c, ABSENT))) {
                let names = array(chunk.iter().map(|row| row.0.as_str()));
                sqlx::query(sql).bind(registry).bind(names).execute(&self.pools.writer).await?;
            }
            (replaced.removed, replaced.missing) = (gone.len() as u64, away.len() as u64);
        }
        let count = i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let save = sqlx::query(SAVE_CATALOGUE).bind(registry).bind(at.0).bind(complete).bind(count);
        save.execute(&self.pools.writer).await?;
        Ok(replaced)
    }

    /// The row of a repository that is known to exist, made where it is missing. Its id names it until the file is dropped.
    pub async fn ensure_repository(&self, registry: Id, name: &RepositoryName, at: Timestamp) -> Result<Id, Error> {
        let found = sqlx::query_scalar(FIND_ID).bind(registry).bind(name.as_str()).fetch_optional(&self.pools.readers);
        if let Some(id) = found.await? {
            return Ok(id);
        }
        let namespace = name.namespace().unwrap_or_default();
        let ensure = sqlx::query_scalar(ENSURE).bind(registry).bind(name.as_str()).bind(namespace).bind(at.0);
        Ok(ensure.fetch_one(&self.pools.writer).await?)
    }

    /// The repository of this name, if it is known and may be seen.
    pub async fn repository(
        &self,
        visible: &Visible,
        registry: Id,
        name: &RepositoryName,
    ) -> Result<Option<Repository>, Error> {
        let query = sqlx::query(ONE).bind(visible.everything()).bind(registry).bind(name.as_str());
        let found = query.fetch_optional(&self.pools.readers).await?.as_ref().map(repository).transpose()?;
        Ok(found.filter(|r| visible.repository(r.registry, &r.name)))
    }

    /// May this repository be seen? What every function by row id asks first.
    pub(super) async fn may_see(&self, visible: &Visible, id: Id) -> Result<bool, Error> {
        if visible.everything() {
            return Ok(true);
        }
        let query = sqlx::query(BY_ID).bind(true).bind(id);
        let found = query.fetch_optional(&self.pools.readers).await?.as_ref().map(repository).transpose()?;
        Ok(found.is_some_and(|r| visible.repository(r.registry, &r.name)))
    }

    /// Sums over what may be seen of a registry.
    pub async fn totals(&self, visible: &Visible, registry: Id) -> Result<Totals, Error> {
        let query = sqlx::query_as(TOTALS).bind(visible.everything()).bind(registry);
        let (repositories, tags, listed, newest): (i64, i64, i64, Option<i64>) =
            query.fetch_one(&self.pools.readers).await?;
        Ok(Totals {
            repositories: repositories.unsigned_abs(),
            tags: tags.unsigned_abs(),
            listed: listed.unsigned_abs(),
            newest: newest.map(Timestamp),
        })
    }

    /// Forgets a repository: the registry said itself that it is not there.
    pub async fn forget_repository(&self, registry: Id, name: &RepositoryName) -> Result<(), Error> {
        sqlx::query(REMOVE).bind(registry).bind(array([name])).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Forgets all that is known of a registry, a few repositories at a time. Content stays: another may hold it too.
    pub async fn forget_registry(&self, registry: Id) -> Result<(), Error> {
        sqlx::query(FORGET_CATALOGUE).bind(registry).execute(&self.pools.writer).await?;
        loop {
            let some: Vec<String> =
                sqlx::query_scalar(SOME_OF_REGISTRY).bind(registry).fetch_all(&self.pools.writer).await?;
            if some.is_empty() {
                return Ok(());
            }
            sqlx::query(REMOVE).bind(registry).bind(array(some)).execute(&self.pools.writer).await?;
        }
    }
}

pub(super) fn repository(row: &SqliteRow) -> Result<Repository, Error> {
    Ok(Repository {
        id: row.try_get("id")?,
        registry: row.try_get("registry_id")?,
        name: row.try_get::<String, _>("name")?.parse()?,
        catalogued: row.try_get("catalogued")?,
        seen_at: Timestamp(row.try_get("seen_at")?),
        tags_listed_at: row.try_get::<Option<i64>, _>("tags_listed_at")?.map(Timestamp),
        tags_complete: row.try_get("tags_complete")?,
        tag_count: row.try_get::<Option<i64>, _>("tag_count")?.map(i64::unsigned_abs),
        newest: row.try_get::<Option<i64>, _>("newest")?.map(Timestamp),
    })
}
