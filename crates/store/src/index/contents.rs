//! Content by digest, kept for ever: it never changes. Only bytes that match their digest come in, each registry has what
//! it served itself, and it is given out only through a repository that holds it.

use super::{Index, array, tags::summary};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Summary, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashMap;

statements! {
    SAVE_MANIFEST = "INSERT INTO manifests (registry_id, digest, media_type, kind, artifact_type, platforms, size, created, subject,
                     config_digest, made_from, fetched_at)
                     SELECT registry_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM repositories WHERE id = $1
                     ON CONFLICT (registry_id, digest) DO UPDATE SET kind = excluded.kind, artifact_type = excluded.artifact_type,
                     platforms = excluded.platforms, size = excluded.size, created = excluded.created, subject = excluded.subject,
                     config_digest = excluded.config_digest, made_from = excluded.made_from
                     WHERE excluded.made_from >= manifests.made_from";
    SAVE_DOCUMENT = "INSERT INTO documents (registry_id, digest, bytes) SELECT registry_id, $2, $3 FROM repositories WHERE id = $1
                     ON CONFLICT (registry_id, digest) DO NOTHING";
    HOLD = "INSERT INTO holds (repository_id, digest) SELECT $1, value FROM json_each($2) WHERE true
            ON CONFLICT (repository_id, digest) DO NOTHING";
    NEWER = "UPDATE repositories SET newest = MAX(COALESCE(newest, m.created), m.created)
             FROM (SELECT MAX(created) AS created FROM manifests WHERE digest IN (SELECT value FROM json_each($2))
                   AND registry_id = (SELECT registry_id FROM repositories WHERE id = $1)
                   AND EXISTS (SELECT 1 FROM tags t WHERE t.digest = manifests.digest AND t.repository_id = $1)) m
             WHERE id = $1 AND m.created IS NOT NULL";
    KNOWN = "SELECT digest FROM manifests WHERE registry_id = $1 AND digest IN (SELECT value FROM json_each($2))";
    MANIFEST = "SELECT m.*, d.bytes FROM repositories r JOIN manifests m ON m.registry_id = r.registry_id
                JOIN documents d ON d.registry_id = m.registry_id AND d.digest = m.digest
                WHERE $1 AND r.id = $2 AND m.digest = $3 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.digest = m.digest)";
    DOCUMENT = "SELECT d.bytes FROM repositories r JOIN documents d ON d.registry_id = r.registry_id
                WHERE $1 AND r.id = $2 AND d.digest = $3 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.digest = d.digest)";
    SUMMARIES = "SELECT m.* FROM repositories r JOIN manifests m ON m.registry_id = r.registry_id
                 WHERE $1 AND r.id = $2 AND m.digest IN (SELECT value FROM json_each($3))
                 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.digest = m.digest)";
    // The plus: by subject there are few, by registry all.
    REFERRERS = "SELECT m.* FROM repositories r JOIN manifests m ON +m.registry_id = r.registry_id
                 WHERE $1 AND r.id = $2 AND m.subject = $3
                 AND EXISTS (SELECT 1 FROM holds h WHERE h.repository_id = $2 AND h.digest = m.digest) ORDER BY m.digest LIMIT 1000";
}

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
    pub async fn save_content(&self, repository: Id, contents: &[Content], at: Timestamp) -> Result<(), Error> {
        let _recount = self.counted.changing();
        // Sixteen manifests of the usual size are written within a few milliseconds.
        let (contents, refused): (Vec<_>, Vec<_>) = contents.iter().partition(|content| content.is_verified());
        for content in refused {
            tracing::warn!(digest = %content.digest, "content that does not match its digest is not kept");
        }
        for chunk in contents.chunks(16) {
            let mut change = self.pools.begin().await?;
            for content in chunk {
                save(&mut change, repository, content, at).await?;
            }
            let digests = array(chunk.iter().map(|content| &content.digest));
            let configs = chunk.iter().filter(|content| content.config_bytes.is_some());
            let held = chunk
                .iter()
                .map(|content| &content.digest)
                .chain(configs.filter_map(|content| content.config.as_ref()));
            sqlx::query(HOLD).bind(repository).bind(array(held)).execute(&mut *change).await?;
            sqlx::query(NEWER).bind(repository).bind(digests).execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Those of these digests whose manifest this registry served before: what need not be fetched from it again.
    pub async fn known(&self, registry: Id, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let query = sqlx::query_scalar(KNOWN).bind(registry).bind(array(digests));
        let rows: Vec<String> = query.fetch_all(&self.pools.readers).await?;
        rows.into_iter().map(|digest| Ok(digest.parse()?)).collect()
    }

    /// A manifest, if it is kept, and the repository may be seen and holds it.
    pub async fn manifest(
        &self,
        visible: &Visible,
        repository: Id,
        digest: &Digest,
    ) -> Result<Option<Manifest>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(MANIFEST).bind(may).bind(repository).bind(digest.as_str());
        query.fetch_optional(&self.pools.readers).await?.as_ref().map(manifest).transpose()
    }

    /// A configuration (or any document), if it is kept, and the repository may be seen and holds it.
    pub async fn document(&self, visible: &Visible, repository: Id, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_scalar(DOCUMENT).bind(may).bind(repository).bind(digest.as_str());
        Ok(query.fetch_optional(&self.pools.readers).await?)
    }

    /// What lists show of these digests, as far as they are kept, and the repository may be seen and holds them.
    pub async fn summaries(
        &self,
        visible: &Visible,
        repository: Id,
        digests: &[Digest],
    ) -> Result<HashMap<Digest, Summary>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(SUMMARIES).bind(may).bind(repository).bind(array(digests));
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
        let query = sqlx::query(REFERRERS).bind(may).bind(repository).bind(subject.as_str());
        query.fetch_all(&self.pools.readers).await?.iter().map(digest_and_summary).collect()
    }
}

async fn save(
    change: &mut sqlx::SqliteConnection,
    repository: Id,
    content: &Content,
    at: Timestamp,
) -> Result<(), Error> {
    let summary = &content.summary;
    // With a comma at both ends, so that one platform is found as a whole word.
    let platforms =
        if summary.platforms.is_empty() { String::new() } else { format!(",{},", summary.platforms.join(",")) };
    let statement = sqlx::query(SAVE_MANIFEST)
        .bind(repository)
        .bind(content.digest.as_str())
        .bind(&content.media_type)
        .bind(summary.kind.as_str())
        .bind(&summary.artifact_type)
        .bind(platforms)
        .bind(i64::try_from(summary.size).unwrap_or(i64::MAX))
        .bind(summary.created.map(|at| at.0))
        .bind(summary.subject.as_ref().map(Digest::as_str))
        .bind(content.config.as_ref().map(Digest::as_str))
        .bind(content.made_from)
        .bind(at.0);
    statement.execute(&mut *change).await?;
    let config = content.config.as_ref().zip(content.config_bytes.as_ref());
    for (digest, bytes) in [(&content.digest, &content.bytes)].into_iter().chain(config) {
        sqlx::query(SAVE_DOCUMENT).bind(repository).bind(digest.as_str()).bind(bytes).execute(&mut *change).await?;
    }
    Ok(())
}

fn digest_and_summary(row: &SqliteRow) -> Result<(Digest, Summary), Error> {
    let digest = row.try_get::<String, _>("digest")?.parse()?;
    Ok((digest, summary(row)?.ok_or_else(|| Error::Broken("a manifest without a kind".to_owned()))?))
}

fn manifest(row: &SqliteRow) -> Result<Manifest, Error> {
    let (digest, summary) = digest_and_summary(row)?;
    let config: Option<String> = row.try_get("config_digest")?;
    Ok(Manifest {
        digest,
        summary,
        media_type: row.try_get("media_type")?,
        bytes: row.try_get("bytes")?,
        config: config.map(|digest| digest.parse()).transpose()?,
        fetched_at: Timestamp(row.try_get("fetched_at")?),
    })
}
