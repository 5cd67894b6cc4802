//! The repositories of a registry, as its catalogue, people and look-ups made them known.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashMap;

statements! {
    ENSURE = "INSERT INTO repositories (registry_id, name, namespace, catalogued, seen_at) VALUES ($1, $2, $3, 0, $4)
              ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id";
    ONE = "SELECT * FROM repositories WHERE $1 AND registry_id = $2 AND name = $3";
    BY_ID = "SELECT * FROM repositories WHERE $1 AND id = $2";
    FIND_ID = "SELECT id FROM repositories WHERE registry_id = $1 AND name = $2";
    TOTALS = "SELECT COUNT(*), COALESCE(SUM(tag_count), 0), COUNT(tag_count), MAX(newest) FROM repositories
              WHERE $1 AND registry_id = $2";
    ALL_TOTALS = "SELECT registry_id, COUNT(*), COALESCE(SUM(tag_count), 0), COUNT(tag_count), MAX(newest) FROM repositories
                  WHERE $1 GROUP BY registry_id";
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

    /// Sums over what may be seen, by registry, in one look: what stands beside every page.
    pub async fn all_totals(&self, visible: &Visible) -> Result<HashMap<Id, Totals>, Error> {
        let query = sqlx::query_as(ALL_TOTALS).bind(visible.everything());
        let rows: Vec<(Id, i64, i64, i64, Option<i64>)> = query.fetch_all(&self.pools.readers).await?;
        let rows = rows.into_iter().filter(|row| visible.registry(row.0));
        let read = rows.map(|(registry, repositories, tags, listed, newest)| {
            let totals = Totals {
                repositories: repositories.unsigned_abs(),
                tags: tags.unsigned_abs(),
                listed: listed.unsigned_abs(),
                newest: newest.map(Timestamp),
            };
            (registry, totals)
        });
        Ok(read.collect())
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
