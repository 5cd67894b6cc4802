//! The repositories of a registry, as its catalogue, people and look-ups made them known.

use super::{Index, Progress, repository_filter::sees};
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
    // Sums that are kept, of registries of which all may be seen.
    KEPT = "SELECT c.registry_id, c.repositories, c.tags, c.listed, c.unread, c.bytes,
            (SELECT MAX(r.newest) FROM repositories r WHERE r.registry_id = c.registry_id) AS newest
            FROM catalogues c WHERE $1 IS NULL OR c.registry_id = $1";
    // Of others what may be seen is summed; blobs that are shared would count more than once.
    SUMS = "SELECT r.registry_id, COUNT(*) AS repositories, COALESCE(SUM(r.tag_count), 0) AS tags,
            SUM(r.tag_count IS NOT NULL) AS listed, SUM(r.unread) AS unread, NULL AS bytes, MAX(r.newest) AS newest
            FROM json_each($1) x CROSS JOIN repositories r ON r.id = x.value GROUP BY r.registry_id";
    MANY_SUMS = concat!("SELECT r.registry_id, COUNT(*) AS repositories, COALESCE(SUM(r.tag_count), 0) AS tags,
            SUM(r.tag_count IS NOT NULL) AS listed, SUM(r.unread) AS unread, NULL AS bytes, MAX(r.newest) AS newest
            FROM repositories r WHERE ($2 IS NULL OR r.registry_id = $2) AND ", sees!("$1"), " GROUP BY r.registry_id");
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
    /// How many of them were not read yet.
    pub unread: u64,
    /// The newest build among its tags that were read so far.
    pub newest: Option<Timestamp>,
    /// Bytes of the blobs it was seen to hold, each once.
    pub bytes: u64,
    /// Bytes of those that no other repository of the registry was seen to hold.
    pub exclusive: u64,
    /// When a person looked at it last.
    pub viewed_at: Option<Timestamp>,
    /// When one of its tags was last seen to move, to come or to go.
    pub moved_at: Option<Timestamp>,
    /// When all its tags were asked for last.
    pub refreshed_at: Option<Timestamp>,
    /// When the next refresh is due.
    pub due_at: Timestamp,
    /// Refreshes in a row that failed.
    pub errors: u64,
    /// Why the last list of its tags was not believed about what it lacks.
    pub doubt: Option<String>,
    /// What stopped the last refresh.
    pub trouble: Option<String>,
}

impl Repository {
    /// How far its tags were read when this row was.
    pub fn progress(&self) -> Progress {
        let tags = self.tag_count.unwrap_or(0);
        Progress { tags, read: tags.saturating_sub(self.unread) }
    }
}

/// Sums over what may be seen of a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Repositories known.
    pub repositories: u64,
    /// Tags in those whose tags were listed.
    pub tags: u64,
    /// Repositories whose tags were listed.
    pub listed: u64,
    /// Tags whose image was not read yet.
    pub unread: u64,
    /// Bytes of all blobs that its repositories were seen to hold, each once. Unknown where only some of it may be seen.
    pub bytes: Option<u64>,
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
        let query = sqlx::query(ONE).bind(visible.repositories_at_all()).bind(registry).bind(name.as_str());
        let found = query.fetch_optional(&self.pools.readers).await?.as_ref().map(repository).transpose()?;
        Ok(found.filter(|r| visible.repository(r.registry, &r.name)))
    }

    /// May this repository be seen? What every function by row id asks first.
    pub(super) async fn may_see(&self, visible: &Visible, id: Id) -> Result<bool, Error> {
        Ok(visible.everything() || self.by_id(visible, id).await?.is_some())
    }

    /// The repository of this row, if it may be seen.
    pub(super) async fn by_id(&self, visible: &Visible, id: Id) -> Result<Option<Repository>, Error> {
        let query = sqlx::query(BY_ID).bind(true).bind(id);
        let found = query.fetch_optional(&self.pools.readers).await?.as_ref().map(repository).transpose()?;
        Ok(found.filter(|r| visible.everything() || visible.repository(r.registry, &r.name)))
    }

    /// Sums over what may be seen of a registry.
    pub async fn totals(&self, visible: &Visible, registry: Id) -> Result<Totals, Error> {
        Ok(self.sums(visible, Some(registry)).await?.remove(&registry).unwrap_or_default())
    }

    /// Sums over what may be seen, by registry, in one look: what stands beside every page.
    pub async fn all_totals(&self, visible: &Visible) -> Result<HashMap<Id, Totals>, Error> {
        self.sums(visible, None).await
    }

    /// Of one registry, or of all.
    async fn sums(&self, visible: &Visible, only: Option<Id>) -> Result<HashMap<Id, Totals>, Error> {
        if !visible.repositories_at_all() {
            return Ok(HashMap::new());
        }
        let rows = sqlx::query(KEPT).bind(only).fetch_all(&self.pools.readers).await?;
        let mut all: HashMap<Id, Totals> = rows.iter().map(totals).collect::<Result<_, _>>()?;
        all.retain(|registry, _| visible.in_registry(*registry).everything());
        if visible.everything() || only.is_some_and(|registry| all.contains_key(&registry)) {
            return Ok(all);
        }
        let sight = self.sight(visible).await?;
        let rows = match sight.few() {
            Some(narrow) => {
                let ids = only.map_or(narrow.ids.as_str(), |registry| narrow.of_registry(registry));
                sqlx::query(SUMS).bind(ids).fetch_all(&self.pools.readers).await?
            }
            None => sqlx::query(MANY_SUMS).bind(sight.marks()).bind(only).fetch_all(&self.pools.readers).await?,
        };
        for row in &rows {
            let (registry, sums) = totals(row)?;
            if visible.registry(registry) {
                all.entry(registry).or_insert(sums);
            }
        }
        Ok(all)
    }
}

fn count(row: &SqliteRow, column: &str) -> Result<u64, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.unwrap_or_default().max(0).unsigned_abs())
}

fn time(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

fn totals(row: &SqliteRow) -> Result<(Id, Totals), Error> {
    let totals = Totals {
        repositories: count(row, "repositories")?,
        tags: count(row, "tags")?,
        listed: count(row, "listed")?,
        unread: count(row, "unread")?,
        bytes: row.try_get::<Option<i64>, _>("bytes")?.map(|bytes| bytes.max(0).unsigned_abs()),
        newest: time(row, "newest")?,
    };
    Ok((row.try_get("registry_id")?, totals))
}

pub(super) fn repository(row: &SqliteRow) -> Result<Repository, Error> {
    Ok(Repository {
        id: row.try_get("id")?,
        registry: row.try_get("registry_id")?,
        name: row.try_get::<String, _>("name")?.parse()?,
        catalogued: row.try_get("catalogued")?,
        seen_at: Timestamp(row.try_get("seen_at")?),
        tags_listed_at: time(row, "tags_listed_at")?,
        tags_complete: row.try_get("tags_complete")?,
        tag_count: row.try_get::<Option<i64>, _>("tag_count")?.map(i64::unsigned_abs),
        unread: count(row, "unread")?,
        newest: time(row, "newest")?,
        bytes: count(row, "bytes")?,
        exclusive: count(row, "exclusive")?,
        viewed_at: time(row, "viewed_at")?,
        moved_at: time(row, "moved_at")?,
        refreshed_at: time(row, "refreshed_at")?,
        due_at: Timestamp(row.try_get("due_at")?),
        errors: count(row, "errors")?,
        doubt: row.try_get("doubt")?,
        trouble: row.try_get("trouble")?,
    })
}
