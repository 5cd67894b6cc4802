//! How many bytes registries, namespaces, repositories and tags hold, and what would be freed if they went. The counts are
//! kept by triggers as content comes and goes; a blob counts once per registry, whoever shares it.

mod layers;
mod namespaces;
mod tags;

pub use layers::{LARGE, LargestLayers, LayerBytes};
pub use namespaces::NamespaceBytes;
pub use tags::TAGS_MOST;
#[cfg(test)]
pub(crate) use {ALL as SUMS, layers::ALL as LAYERS, namespaces::ALL as NAMESPACES, tags::ALL as TAGS};

use super::{Index, digests::unpacked};
use crate::{Error, sql::statements};
use domain::{Digest, Id, RepositoryName, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    REGISTRY = "SELECT bytes, repositories, tags, unread, listed FROM catalogues WHERE registry_id = $1";
    // What nothing but one repository holds, over all of them: the rest of the registry's bytes is shared.
    UNSHARED = "SELECT COALESCE(SUM(exclusive), 0) FROM repositories WHERE registry_id = $1";
    // Over some repositories, each of their blobs once.
    SEEN = "SELECT COUNT(*) AS repositories, SUM(r.tag_count IS NOT NULL) AS listed, COALESCE(SUM(r.tag_count), 0) AS tags,
            COALESCE(SUM(r.unread), 0) AS unread, COALESCE(SUM(r.exclusive), 0) AS unshared
            FROM json_each($1) x CROSS JOIN repositories r ON r.id = x.value";
    SEEN_BLOBS = "SELECT COALESCE(SUM(b.size), 0) FROM (SELECT DISTINCT h.blob_id FROM json_each($1) x
                  CROSS JOIN repository_blobs h ON h.repository_id = x.value) d CROSS JOIN blobs b ON b.id = d.blob_id";
    // Along the rows themselves: an index of the registry would have to be sorted for each page.
    ALL_REPOSITORIES = "SELECT id, name, bytes, exclusive, COALESCE(tag_count, 0) AS tags, unread FROM repositories
             WHERE +registry_id = $1 AND id > $2 ORDER BY id LIMIT $3";
}

/// How many bytes something holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Of all its blobs, each once.
    pub total: u64,
    /// Of those that nothing else in the registry holds: what would be freed if it went.
    pub exclusive: u64,
}

impl Bytes {
    /// Of those that something else holds too, and that would stay.
    pub fn shared(self) -> u64 {
        self.total.saturating_sub(self.exclusive)
    }
}

/// What the sums cover: what is not read yet counts nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// Tags known.
    pub tags: u64,
    /// Those whose image was read.
    pub read: u64,
}

impl Covered {
    fn of(tags: i64, unread: i64) -> Self {
        Self { tags: tags.max(0).unsigned_abs(), read: (tags - unread).max(0).unsigned_abs() }
    }
    /// Is everything read?
    pub fn is_complete(self) -> bool {
        self.read >= self.tags
    }
    /// How many percent are read, rounded down, so that a hundred means all.
    pub fn percent(self) -> u64 {
        (self.read.min(self.tags) * 100).checked_div(self.tags).unwrap_or(100)
    }
}

/// What a registry holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryBytes {
    /// Of all blobs, each once.
    pub total: u64,
    /// Of those that one repository alone holds.
    pub unshared: u64,
    /// Repositories known.
    pub repositories: u64,
    /// Those whose tags were listed.
    pub listed: u64,
    /// What the sums cover.
    pub covered: Covered,
}

/// What a repository holds: columns that are kept, however many tags it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryBytes {
    /// Its row.
    pub id: Id,
    /// Its name.
    pub name: RepositoryName,
    /// How much.
    pub bytes: Bytes,
    /// What the sums cover.
    pub covered: Covered,
}

impl Index {
    /// What a registry holds, as far as it may be seen. Nothing is told to those who see very many of its repositories, and
    /// not all.
    pub async fn registry_bytes(&self, visible: &Visible, registry: Id) -> Result<RegistryBytes, Error> {
        if !visible.registry(registry) {
            return Ok(RegistryBytes::default());
        }
        if !visible.in_registry(registry).everything() {
            return match self.narrow(visible).await? {
                Some(narrow) => self.bytes_of(narrow.of_registry(registry)).await,
                None => Ok(RegistryBytes::default()),
            };
        }
        let row = sqlx::query(REGISTRY).bind(registry).fetch_optional(&self.pools.readers).await?;
        let Some(row) = row else { return Ok(RegistryBytes::default()) };
        let unshared: i64 = sqlx::query_scalar(UNSHARED).bind(registry).fetch_one(&self.pools.readers).await?;
        Ok(RegistryBytes {
            total: number(&row, "bytes")?,
            unshared: unshared.max(0).unsigned_abs(),
            repositories: number(&row, "repositories")?,
            listed: number(&row, "listed")?,
            covered: Covered::of(row.try_get("tags")?, row.try_get("unread")?),
        })
    }

    async fn bytes_of(&self, ids: &str) -> Result<RegistryBytes, Error> {
        let row = sqlx::query(SEEN).bind(ids).fetch_one(&self.pools.readers).await?;
        let total: i64 = sqlx::query_scalar(SEEN_BLOBS).bind(ids).fetch_one(&self.pools.readers).await?;
        Ok(RegistryBytes {
            total: total.max(0).unsigned_abs(),
            unshared: number(&row, "unshared")?,
            repositories: number(&row, "repositories")?,
            listed: number(&row, "listed")?,
            covered: Covered::of(row.try_get("tags")?, row.try_get("unread")?),
        })
    }

    /// Repositories of a registry after a row, in the order of their rows: for whoever goes through all of them.
    pub async fn all_repository_bytes(
        &self,
        registry: Id,
        after: Id,
        limit: u32,
    ) -> Result<Vec<RepositoryBytes>, Error> {
        let query = sqlx::query(ALL_REPOSITORIES).bind(registry).bind(after).bind(limit);
        query.fetch_all(&self.pools.readers).await?.iter().map(repository_bytes).collect()
    }
}

pub(super) fn number(row: &SqliteRow, column: &str) -> Result<u64, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.unwrap_or_default().max(0).unsigned_abs())
}

pub(super) fn digest(row: &SqliteRow) -> Result<Digest, Error> {
    unpacked(row.try_get("digest")?)
}

fn repository_bytes(row: &SqliteRow) -> Result<RepositoryBytes, Error> {
    Ok(RepositoryBytes {
        id: row.try_get("id")?,
        name: row.try_get::<String, _>("name")?.parse()?,
        bytes: Bytes { total: number(row, "bytes")?, exclusive: number(row, "exclusive")? },
        covered: Covered::of(row.try_get("tags")?, row.try_get("unread")?),
    })
}
