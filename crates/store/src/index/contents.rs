//! Content by digest, kept for ever: it never changes. Only bytes that match their digest come in, each registry has what
//! it served itself, and it is given out only through a repository that holds it.

use super::{
    Index,
    digests::{packed, packed_array, unpacked},
    documents::unpack,
    save,
    tags::summary,
};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Summary, Timestamp, Visible, content_facts::Facts, health::Finding};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashMap;

statements! {
    REGISTRY = "SELECT registry_id FROM repositories WHERE id = $1";
    // What was counted and copied from manifests elsewhere: done once a batch.
    TAGS = "UPDATE tags SET kind = m.kind, platforms = m.platforms, size = m.size, created = m.created
            FROM (SELECT id, kind, platforms, size, created FROM manifests
                  WHERE digest IN (SELECT unhex(value) FROM json_each($2)) AND registry_id = $1) m WHERE tags.manifest_id = m.id";
    COUNTED = "UPDATE repositories SET
               unread = (SELECT COUNT(*) FROM tags t INDEXED BY tags_unread WHERE t.repository_id = repositories.id AND t.kind IS NULL),
               newest = (SELECT MAX(t.created) FROM tags t WHERE t.repository_id = repositories.id)
               WHERE id IN (SELECT t.repository_id FROM manifests m JOIN tags t ON t.manifest_id = m.id
                            WHERE m.digest IN (SELECT unhex(value) FROM json_each($2)) AND m.registry_id = $1)";
    KNOWN = "SELECT digest FROM manifests WHERE digest IN (SELECT unhex(value) FROM json_each($2)) AND registry_id = $1
             AND kind IS NOT NULL";
    MANIFEST = "SELECT m.*, p.text AS platform_texts, d.bytes FROM repositories r
                JOIN manifests m ON m.digest = $3 AND m.registry_id = r.registry_id AND m.kind IS NOT NULL
                JOIN documents d ON d.digest = m.digest AND d.registry_id = m.registry_id
                LEFT JOIN platforms p ON p.id = m.platforms
                WHERE $1 AND r.id = $2
                AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.manifest_id = m.id AND h.inferred = 0)";
    // A configuration is held through a manifest that names it and is held.
    DOCUMENT = "SELECT d.bytes FROM repositories r JOIN documents d ON d.digest = $3 AND d.registry_id = r.registry_id
                WHERE $1 AND r.id = $2 AND (
                EXISTS (SELECT 1 FROM manifests m JOIN holds h ON h.repository_id = $2 AND h.manifest_id = m.id AND h.inferred = 0
                        WHERE m.digest = $3 AND m.registry_id = r.registry_id)
                OR EXISTS (SELECT 1 FROM blobs b CROSS JOIN manifest_blobs x ON x.blob_id = b.id
                           CROSS JOIN holds h ON h.repository_id = $2 AND h.manifest_id = x.manifest_id AND h.inferred = 0
                           WHERE b.digest = $3 AND b.registry_id = r.registry_id))";
    SUMMARIES = "SELECT m.*, p.text AS platform_texts FROM repositories r
                 CROSS JOIN manifests m ON m.digest IN (SELECT unhex(value) FROM json_each($3)) AND m.registry_id = r.registry_id
                 AND m.kind IS NOT NULL LEFT JOIN platforms p ON p.id = m.platforms
                 WHERE $1 AND r.id = $2
                 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.manifest_id = m.id AND h.inferred = 0)";
    REFERRERS = "SELECT m.*, p.text AS platform_texts FROM repositories r
                 JOIN manifests m ON m.subject = $3 AND m.registry_id = r.registry_id AND m.kind IS NOT NULL
                 LEFT JOIN platforms p ON p.id = m.platforms
                 WHERE $1 AND r.id = $2
                 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.manifest_id = m.id AND h.inferred = 0)
                 ORDER BY m.digest LIMIT 1000";
}

/// Contents that one transaction writes.
const BATCH: usize = 100;

/// A manifest that was fetched, with its configuration if it has one and it was fetched too.
#[derive(Clone, Debug)]
pub struct Content {
    /// The manifest's digest.
    pub digest: Digest,
    /// The media type it came with.
    pub media_type: String,
    /// The manifest, byte by byte.
    pub bytes: Vec<u8>,
    /// What lists show of it.
    pub summary: Summary,
    /// The digest of its configuration.
    pub config: Option<Digest>,
    /// The configuration, byte by byte.
    pub config_bytes: Option<Vec<u8>>,
    /// How many documents the summary was made from: the manifest, its configuration, an index's entries.
    pub made_from: u32,
    /// What else is kept of it: its blobs, children and labels.
    pub facts: Facts,
    /// What is to be said about its health.
    pub findings: Vec<Finding>,
}

impl Content {
    /// Are these the bytes that the digests name? What can't be computed here is not.
    fn is_verified(&self) -> bool {
        let config = self.config_bytes.as_ref();
        let config_fits =
            |bytes: &Vec<u8>| self.config.as_ref().is_some_and(|digest| digest.matches(bytes) == Some(true));
        self.digest.matches(&self.bytes) == Some(true) && config.is_none_or(config_fits)
    }
}

/// A manifest that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its digest.
    pub digest: Digest,
    /// The media type it came with.
    pub media_type: String,
    /// Byte by byte.
    pub bytes: Vec<u8>,
    /// What lists show of it.
    pub summary: Summary,
    /// The digest of its configuration.
    pub config: Option<Digest>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

impl Index {
    /// Keeps what was fetched from a repository, except what does not match its digest. What is kept already stays; its
    /// summary is replaced by one made from as much or more (that of an index becomes truer as its images are read).
    /// Children are to come before their index.
    pub async fn save_content(&self, repository: Id, contents: &[Content], at: Timestamp) -> Result<(), Error> {
        let (contents, refused): (Vec<_>, Vec<_>) = contents.iter().partition(|content| content.is_verified());
        for content in refused {
            tracing::warn!(digest = %content.digest, "content that does not match its digest is not kept");
        }
        // So many manifests of the usual size are written within some milliseconds.
        for chunk in contents.chunks(BATCH) {
            let packed: Vec<_> = chunk.iter().map(|content| save::Packed::of(content)).collect();
            let mut change = self.pools.begin().await?;
            // A repository that was forgotten meanwhile gets nothing.
            let registry: Option<Id> =
                sqlx::query_scalar(REGISTRY).bind(repository).fetch_optional(&mut *change).await?;
            let Some(registry) = registry else { return Ok(()) };
            save::contents(&mut change, (registry, repository), chunk, &packed, at).await?;
            let digests = packed_array(chunk.iter().map(|content| &content.digest));
            sqlx::query(TAGS).bind(registry).bind(&digests).execute(&mut *change).await?;
            sqlx::query(COUNTED).bind(registry).bind(&digests).execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Those of these digests whose manifest this registry served before: what need not be fetched from it again.
    pub async fn known(&self, registry: Id, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let query = sqlx::query_scalar(KNOWN).bind(registry).bind(packed_array(digests));
        let rows: Vec<Vec<u8>> = query.fetch_all(&self.pools.readers).await?;
        rows.iter().map(|digest| unpacked(digest)).collect()
    }

    /// A manifest, if it is kept, and the repository may be seen and holds it.
    pub async fn manifest(
        &self,
        visible: &Visible,
        repository: Id,
        digest: &Digest,
    ) -> Result<Option<Manifest>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(MANIFEST).bind(may).bind(repository).bind(packed(digest));
        query.fetch_optional(&self.pools.readers).await?.as_ref().map(manifest).transpose()
    }

    /// A configuration (or any document), if it is kept, and the repository may be seen and holds it.
    pub async fn document(&self, visible: &Visible, repository: Id, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_scalar(DOCUMENT).bind(may).bind(repository).bind(packed(digest));
        let found: Option<Vec<u8>> = query.fetch_optional(&self.pools.readers).await?;
        found.map(|bytes| unpack(&bytes)).transpose()
    }

    /// What lists show of these digests, as far as they are kept, and the repository may be seen and holds them.
    pub async fn summaries(
        &self,
        visible: &Visible,
        repository: Id,
        digests: &[Digest],
    ) -> Result<HashMap<Digest, Summary>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(SUMMARIES).bind(may).bind(repository).bind(packed_array(digests));
        query.fetch_all(&self.pools.readers).await?.iter().map(digest_and_summary).collect()
    }

    /// What is kept that refers to `subject`, by digest, in a repository that may be seen. Says nothing about what was
    /// never fetched.
    pub async fn referrers(
        &self,
        visible: &Visible,
        repository: Id,
        subject: &Digest,
    ) -> Result<Vec<(Digest, Summary)>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(REFERRERS).bind(may).bind(repository).bind(packed(subject));
        query.fetch_all(&self.pools.readers).await?.iter().map(digest_and_summary).collect()
    }
}

fn digest_and_summary(row: &SqliteRow) -> Result<(Digest, Summary), Error> {
    let digest = unpacked(row.try_get("digest")?)?;
    Ok((digest, summary(row)?.ok_or_else(|| Error::Broken("a manifest without a kind".to_owned()))?))
}

fn manifest(row: &SqliteRow) -> Result<Manifest, Error> {
    let (digest, summary) = digest_and_summary(row)?;
    let config: Option<Vec<u8>> = row.try_get("config")?;
    Ok(Manifest {
        digest,
        summary,
        media_type: row.try_get::<Option<String>, _>("media_type")?.unwrap_or_default(),
        bytes: unpack(row.try_get("bytes")?)?,
        config: config.map(|digest| unpacked(&digest)).transpose()?,
        fetched_at: Timestamp(row.try_get::<Option<i64>, _>("fetched_at")?.unwrap_or_default()),
    })
}
