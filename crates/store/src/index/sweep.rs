//! Content that nothing names any more: found and forgotten in small steps. What a history names is the caller's to keep.

use super::{
    Index, belongings,
    digests::{packed_array, unpacked},
    tags::untagged,
};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Timestamp};
use sqlx::AssertSqlSafe;

statements! {
    // In the order of their time; the last one's place leads to the next.
    NAMELESS = "SELECT h.untagged_at, h.manifest_id, h.repository_id, m.digest FROM holds h JOIN manifests m ON m.id = h.manifest_id
                WHERE h.untagged_at IS NOT NULL AND h.untagged_at < $2 AND (h.untagged_at, h.manifest_id, h.repository_id) > ($3, $4, $5)
                AND m.registry_id = $1 ORDER BY h.untagged_at, h.manifest_id, h.repository_id LIMIT 100";
    // Under the lock: something may name it again.
    LET_GO = "DELETE FROM holds WHERE repository_id = $1 AND untagged_at < $3 AND manifest_id IN
              (SELECT m.id FROM repositories r JOIN manifests m ON m.registry_id = r.registry_id
               AND m.digest IN (SELECT unhex(value) FROM json_each($2)) WHERE r.id = $1)
              AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = holds.manifest_id AND t.repository_id = $1)
              AND NOT EXISTS (SELECT 1 FROM children c JOIN holds p ON p.manifest_id = c.parent_id AND p.repository_id = $1
                              WHERE c.child_id = holds.manifest_id)";
    // What they name loses a name with them.
    NAMED_BY = "SELECT DISTINCT c.child_id FROM repositories r
                CROSS JOIN manifests m ON m.digest IN (SELECT unhex(value) FROM json_each($2)) AND m.registry_id = r.registry_id
                CROSS JOIN children c ON c.parent_id = m.id WHERE r.id = $1";
    // What was opened by its digest, or came as a referrer, never had a name that it could lose.
    NEVER_NAMED = "SELECT h.manifest_id FROM holds h WHERE h.repository_id = $1 AND h.manifest_id > $2 AND h.untagged_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = h.manifest_id AND t.repository_id = $1)
                   AND NOT EXISTS (SELECT 1 FROM children c JOIN holds p ON p.manifest_id = c.parent_id AND p.repository_id = $1
                                   WHERE c.child_id = h.manifest_id)
                   ORDER BY h.manifest_id LIMIT 200";
    ROWS = "SELECT id FROM repositories WHERE +registry_id = $1 AND id > $2 ORDER BY id LIMIT 500";
    // A stretch of all manifests, and of these the ones that nobody holds and no index that is kept names.
    STRETCH = "SELECT MAX(id) FROM (SELECT id FROM manifests WHERE id > $1 ORDER BY id LIMIT 2000)";
    UNHELD = "SELECT m.id, m.digest FROM manifests m WHERE m.id > $2 AND m.id <= $3 AND m.registry_id = $1
              AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.manifest_id = m.id)
              AND NOT EXISTS (SELECT 1 FROM children c WHERE c.child_id = m.id)
              AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id)";
    STILL_UNHELD = "SELECT json_group_array(m.id) FROM manifests m WHERE m.id IN (SELECT value FROM json_each($1))
                    AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.manifest_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM children c WHERE c.child_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id)";
    THEIR_BLOBS = "SELECT json_group_array(DISTINCT blob_id) FROM manifest_blobs WHERE manifest_id IN (SELECT value FROM json_each($1))";
    DOCUMENTS = "DELETE FROM documents WHERE (digest, registry_id) IN
                 (SELECT digest, registry_id FROM manifests WHERE id IN (SELECT value FROM json_each($1)))";
    // Configurations are documents too; a blob that no manifest names any more takes its document with it.
    BLOB_DOCUMENTS = "DELETE FROM documents WHERE (digest, registry_id) IN
                      (SELECT b.digest, b.registry_id FROM blobs b WHERE b.id IN (SELECT value FROM json_each($1))
                       AND NOT EXISTS (SELECT 1 FROM manifest_blobs x WHERE x.blob_id = b.id)
                       AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = b.digest AND m.registry_id = b.registry_id))";
    BLOBS = "DELETE FROM blobs WHERE id IN (SELECT value FROM json_each($1))
             AND NOT EXISTS (SELECT 1 FROM manifest_blobs x WHERE x.blob_id = blobs.id)";
}

/// What one repository holds and nothing there names, since before some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nameless {
    /// The repository's row.
    pub repository: Id,
    /// What it holds.
    pub digest: Digest,
    place: (i64, i64, Id),
}

/// A manifest that no repository holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheld {
    /// Which.
    pub digest: Digest,
    id: i64,
}

impl Index {
    /// What has had no name in its repository since before this time; after the last one of the step before.
    pub async fn nameless(
        &self,
        registry: Id,
        before: Timestamp,
        after: Option<&Nameless>,
    ) -> Result<Vec<Nameless>, Error> {
        let (at, manifest, repository) = after.map_or((i64::MIN, 0, 0), |last| last.place);
        let query = sqlx::query_as(NAMELESS).bind(registry).bind(before.0).bind(at).bind(manifest).bind(repository);
        let rows: Vec<(i64, i64, Id, Vec<u8>)> = query.fetch_all(&self.pools.readers).await?;
        let read = |(at, manifest, repository, digest): (i64, i64, Id, Vec<u8>)| {
            Ok(Nameless { repository, digest: unpacked(&digest)?, place: (at, manifest, repository) })
        };
        rows.into_iter().map(read).collect()
    }

    /// Lets a repository hold these no longer, unless something names them again; says how many went. What only they named
    /// is nameless from `now` on.
    pub async fn let_go(
        &self,
        repository: Id,
        digests: &[Digest],
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let digests = packed_array(digests);
        let mut change = self.pools.begin().await?;
        let named: Vec<i64> =
            sqlx::query_scalar(NAMED_BY).bind(repository).bind(&digests).fetch_all(&mut *change).await?;
        let statement = sqlx::query(LET_GO).bind(repository).bind(&digests).bind(before.0);
        let gone = statement.execute(&mut *change).await?.rows_affected();
        untagged(&mut change, repository, &named, now).await?;
        change.commit().await?;
        Ok(gone)
    }

    /// Notes of what a repository holds and never had a name there that it has none: its time begins `now`.
    pub async fn note_never_named(&self, repository: Id, now: Timestamp) -> Result<(), Error> {
        let mut after = 0_i64;
        loop {
            let query = sqlx::query_scalar(NEVER_NAMED).bind(repository).bind(after);
            let found: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = *last;
            let mut change = self.pools.begin().await?;
            untagged(&mut change, repository, &found, now).await?;
            change.commit().await?;
        }
    }

    /// The rows of a registry's repositories after one of them, in their order.
    pub async fn rows_of(&self, registry: Id, after: Id) -> Result<Vec<Id>, Error> {
        let query = sqlx::query_scalar(ROWS).bind(registry).bind(after);
        Ok(query.fetch_all(&self.pools.readers).await?)
    }

    /// A stretch of the manifests after `after`: those of the registry that nobody holds, and where the next stretch begins.
    pub async fn unheld(&self, registry: Id, after: i64) -> Result<(Vec<Unheld>, Option<i64>), Error> {
        let end: Option<i64> = sqlx::query_scalar(STRETCH).bind(after).fetch_one(&self.pools.readers).await?;
        let Some(end) = end else { return Ok((Vec::new(), None)) };
        let query = sqlx::query_as(UNHELD).bind(registry).bind(after).bind(end);
        let rows: Vec<(i64, Vec<u8>)> = query.fetch_all(&self.pools.readers).await?;
        let read = |(id, digest): (i64, Vec<u8>)| Ok(Unheld { id, digest: unpacked(&digest)? });
        Ok((rows.into_iter().map(read).collect::<Result<_, Error>>()?, Some(end)))
    }

    /// Forgets manifests that nobody holds, with their documents and what only they name.
    pub async fn forget_unheld(&self, manifests: &[Unheld]) -> Result<u64, Error> {
        let mut gone = 0;
        for chunk in manifests.chunks(100) {
            let ids: Vec<i64> = chunk.iter().map(|one| one.id).collect();
            let mut change = self.pools.begin().await?;
            let ids: String =
                sqlx::query_scalar(STILL_UNHELD).bind(serde_json::to_string(&ids)?).fetch_one(&mut *change).await?;
            let blobs: String = sqlx::query_scalar(THEIR_BLOBS).bind(&ids).fetch_one(&mut *change).await?;
            sqlx::query(DOCUMENTS).bind(&ids).execute(&mut *change).await?;
            gone += belongings::delete(&mut change, &ids).await?;
            for deletion in [BLOB_DOCUMENTS, BLOBS] {
                sqlx::query(deletion).bind(&blobs).execute(&mut *change).await?;
            }
            change.commit().await?;
        }
        Ok(gone)
    }

    /// Lets the file grow no further than so many pages (none: as far as the disk goes): how a full disk is tried out.
    pub async fn bound_pages(&self, pages: Option<u32>) -> Result<(), Error> {
        let pages = pages.unwrap_or(u32::MAX - 1);
        sqlx::query(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).execute(&self.pools.writer).await?;
        Ok(())
    }
}
