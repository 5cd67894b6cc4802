//! What namespaces hold. A namespace frees what its repositories share among themselves too, so that its sums are no sums of
//! theirs: they are counted in the background, one namespace at a time, and kept with their time.

use super::{Bytes, Covered, number};
use crate::{
    Error,
    index::{
        Index, Listing, Page,
        paging::{LAST, Place, Value, Way},
    },
    sql::statements,
};
use domain::{Id, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    NAMES = "SELECT DISTINCT namespace FROM repositories WHERE registry_id = $1 ORDER BY namespace";
    COUNT = "SELECT COALESCE(SUM(b.size), 0) AS bytes, COALESCE(SUM(iif(x.holders = b.repositories, b.size, 0)), 0) AS exclusive
             FROM (SELECT y.blob_id, COUNT(*) AS holders FROM repositories r
                   CROSS JOIN repository_blobs y ON y.repository_id = r.id
                   WHERE r.registry_id = $1 AND r.namespace = $2 GROUP BY y.blob_id) x
             CROSS JOIN blobs b ON b.id = x.blob_id";
    TAGS = "SELECT COUNT(*) AS repositories, COALESCE(SUM(tag_count), 0) AS tags, COALESCE(SUM(unread), 0) AS unread
            FROM repositories WHERE registry_id = $1 AND namespace = $2";
    KEEP = "INSERT INTO namespaces (registry_id, name, repositories, tags, unread, bytes, exclusive, counted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (registry_id, name) DO UPDATE SET repositories = excluded.repositories, tags = excluded.tags,
            unread = excluded.unread, bytes = excluded.bytes, exclusive = excluded.exclusive, counted_at = excluded.counted_at";
    DROP_GONE = "DELETE FROM namespaces WHERE registry_id = $1 AND counted_at < $2";
    LIST_DOWN = "SELECT * FROM namespaces WHERE registry_id = $1 AND (exclusive, name) < ($2, $3)
                 ORDER BY exclusive DESC, name DESC LIMIT $4";
    LIST_UP = "SELECT * FROM namespaces WHERE registry_id = $1 AND (exclusive, name) > ($2, $3) ORDER BY exclusive, name LIMIT $4";
    COUNTED_AT = "SELECT MIN(counted_at) FROM namespaces WHERE registry_id = $1";
    ONE = "SELECT * FROM namespaces WHERE registry_id = $1 AND name = $2";
    HELD = "SELECT COUNT(*) FROM (SELECT 1 FROM repositories r CROSS JOIN repository_blobs x ON x.repository_id = r.id
            WHERE r.registry_id = $1 LIMIT $2)";
}

/// What a namespace holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceBytes {
    /// Its name; empty for repositories without one.
    pub name: String,
    /// How many repositories.
    pub repositories: u64,
    /// How much: what would be freed if all of them went, and what others hold too.
    pub bytes: Bytes,
    /// What the sums cover.
    pub covered: Covered,
    /// When they were counted.
    pub counted_at: Timestamp,
}

impl Index {
    /// The namespaces of a registry; empty for repositories without one.
    pub async fn namespace_names(&self, registry: Id) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(NAMES).bind(registry).fetch_all(&self.pools.readers).await?)
    }

    /// Counts what a namespace holds and keeps it. Readers do the counting; the writer is held for one row.
    pub async fn count_namespace(&self, registry: Id, name: &str, at: Timestamp) -> Result<NamespaceBytes, Error> {
        let sums = sqlx::query(COUNT).bind(registry).bind(name).fetch_one(&self.pools.readers).await?;
        let tags = sqlx::query(TAGS).bind(registry).bind(name).fetch_one(&self.pools.readers).await?;
        let column = |row: &SqliteRow, column: &str| -> Result<i64, Error> { Ok(row.try_get(column)?) };
        let keep = sqlx::query(KEEP)
            .bind(registry)
            .bind(name)
            .bind(column(&tags, "repositories")?)
            .bind(column(&tags, "tags")?)
            .bind(column(&tags, "unread")?)
            .bind(column(&sums, "bytes")?)
            .bind(column(&sums, "exclusive")?)
            .bind(at.0);
        keep.execute(&self.pools.writer).await?;
        Ok(NamespaceBytes {
            name: name.to_owned(),
            repositories: number(&tags, "repositories")?,
            bytes: Bytes { total: number(&sums, "bytes")?, exclusive: number(&sums, "exclusive")? },
            covered: Covered::of(column(&tags, "tags")?, column(&tags, "unread")?),
            counted_at: at,
        })
    }

    /// Forgets namespaces that were not counted since `at`: they are not there any more.
    pub async fn drop_namespaces(&self, registry: Id, at: Timestamp) -> Result<(), Error> {
        sqlx::query(DROP_GONE).bind(registry).bind(at.0).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// When the namespace that was counted longest ago was counted; nothing before the first count.
    pub async fn namespaces_counted(&self, registry: Id) -> Result<Option<Timestamp>, Error> {
        let at: Option<i64> = sqlx::query_scalar(COUNTED_AT).bind(registry).fetch_one(&self.pools.readers).await?;
        Ok(at.map(Timestamp))
    }

    /// How much there is to count: blobs over all repositories, to a bound.
    pub async fn held_blobs(&self, registry: Id, cap: u32) -> Result<u64, Error> {
        let held: i64 = sqlx::query_scalar(HELD).bind(registry).bind(cap).fetch_one(&self.pools.readers).await?;
        Ok(held.unsigned_abs())
    }

    /// A page of the namespaces of a registry as they were counted, those that would free most first. Only to those who may
    /// see all of its repositories: a namespace's name tells of what is in it.
    pub async fn namespaces_by_bytes(
        &self,
        visible: &Visible,
        registry: Id,
        listing: &Listing<()>,
    ) -> Result<Page<NamespaceBytes>, Error> {
        let way = Way::new("namespaces", true, &listing.seek, |value| matches!(value, Value::Number(_)))?;
        if !visible.in_registry(registry).everything() {
            return Ok(way.page(Vec::new(), listing.limit, None));
        }
        let (exclusive, name) = match &way.place {
            Some(Place { value: Value::Number(exclusive), name, .. }) => (*exclusive, name.as_str()),
            _ => (i64::MAX, LAST),
        };
        let sql = if way.backwards { LIST_UP } else { LIST_DOWN };
        let query = sqlx::query(sql).bind(registry).bind(exclusive).bind(name).bind(i64::from(listing.limit) + 1);
        let rows = query.fetch_all(&self.pools.readers).await?;
        let place = |row: &SqliteRow| {
            let one = namespace(row)?;
            Ok((Place::new(Value::Number(row.try_get("exclusive")?), one.name.as_str()), one))
        };
        Ok(way.page(rows.iter().map(place).collect::<Result<_, Error>>()?, listing.limit, None))
    }

    /// One namespace as it was counted, to those who may see all of the registry's repositories.
    pub async fn namespace_bytes(
        &self,
        visible: &Visible,
        registry: Id,
        name: &str,
    ) -> Result<Option<NamespaceBytes>, Error> {
        if !visible.in_registry(registry).everything() {
            return Ok(None);
        }
        let row = sqlx::query(ONE).bind(registry).bind(name).fetch_optional(&self.pools.readers).await?;
        row.as_ref().map(namespace).transpose()
    }
}

fn namespace(row: &SqliteRow) -> Result<NamespaceBytes, Error> {
    Ok(NamespaceBytes {
        name: row.try_get("name")?,
        repositories: number(row, "repositories")?,
        bytes: Bytes { total: number(row, "bytes")?, exclusive: number(row, "exclusive")? },
        covered: Covered::of(row.try_get("tags")?, row.try_get("unread")?),
        counted_at: Timestamp(row.try_get("counted_at")?),
    })
}
