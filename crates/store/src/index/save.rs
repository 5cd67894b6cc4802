//! One manifest on its way into the index: its row, its documents, and what it names.

use super::{
    Content,
    digests::{kind_number, packed, packed_hex},
    documents::pack,
};
use crate::{Error, sql::statements};
use domain::{Id, Timestamp, content_facts::BlobRole};
use serde_json::{Value, json};
use sqlx::SqliteConnection;

statements! {
    PLATFORMS = "INSERT INTO platforms (text) VALUES ($1) ON CONFLICT (text) DO UPDATE SET text = excluded.text RETURNING id";
    // What it was made from before tells whether its blobs and labels are known already.
    BEFORE = "SELECT id, made_from FROM manifests WHERE digest = $1 AND registry_id = $2";
    MANIFEST = "INSERT INTO manifests (registry_id, digest, kind, media_type, artifact_type, platforms, size, created, subject, config,
                findings, made_from, fetched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                ON CONFLICT (digest, registry_id) DO UPDATE SET kind = excluded.kind, media_type = excluded.media_type,
                artifact_type = excluded.artifact_type, platforms = excluded.platforms, size = excluded.size,
                created = excluded.created, subject = excluded.subject, config = excluded.config, findings = excluded.findings,
                made_from = excluded.made_from, fetched_at = COALESCE(manifests.fetched_at, excluded.fetched_at)
                RETURNING id";
    DOCUMENT = "INSERT INTO documents (registry_id, digest, bytes) VALUES ($1, $2, $3) ON CONFLICT (digest, registry_id) DO NOTHING";
    HOLD = "INSERT INTO holds (repository_id, manifest_id) VALUES ($1, $2)
            ON CONFLICT (repository_id, manifest_id) DO UPDATE SET inferred = 0 WHERE inferred = 1";
    // Digest and size, as a JSON array of arrays.
    BLOBS = "INSERT INTO blobs (registry_id, digest, size) SELECT $1, unhex(value ->> 0), value ->> 1 FROM json_each($2) WHERE true
             ON CONFLICT (digest, registry_id) DO NOTHING";
    // Digest, size, position.
    NAMES_BLOBS = "INSERT INTO manifest_blobs (manifest_id, blob_id, position)
                   SELECT $3, b.id, value ->> 2 FROM json_each($2) JOIN blobs b ON b.digest = unhex(value ->> 0) AND b.registry_id = $1
                   WHERE true ON CONFLICT (manifest_id, blob_id) DO NOTHING";
    // Digest and platform.
    STUBS = "INSERT INTO manifests (registry_id, digest) SELECT $1, unhex(value ->> 0) FROM json_each($2) WHERE true
             ON CONFLICT (digest, registry_id) DO NOTHING";
    CHILDREN = "INSERT INTO children (parent_id, child_id, platform)
                SELECT $3, m.id, value ->> 1 FROM json_each($2) JOIN manifests m ON m.digest = unhex(value ->> 0) AND m.registry_id = $1
                WHERE true ON CONFLICT (parent_id, child_id) DO NOTHING";
    HOLD_CHILDREN = "INSERT INTO holds (repository_id, manifest_id, inferred) SELECT $1, child_id, 1 FROM children WHERE parent_id = $2
                     ON CONFLICT (repository_id, manifest_id) DO UPDATE SET untagged_at = NULL WHERE untagged_at IS NOT NULL";
    // Source, key, value.
    LABELS = "INSERT INTO labels (source, key, value) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE true
              ON CONFLICT (key, value, source) DO NOTHING";
    HAS_LABELS = "INSERT INTO manifest_labels (label_id, manifest_id)
                  SELECT l.id, $2 FROM json_each($1) j JOIN labels l ON l.key = j.value ->> 1 AND l.value = j.value ->> 2 AND l.source = j.value ->> 0
                  WHERE true ON CONFLICT (label_id, manifest_id) DO NOTHING";
    CHILDRENS_LABELS = "INSERT INTO manifest_labels (label_id, manifest_id)
                        SELECT l.label_id, $1 FROM children c JOIN manifest_labels l ON l.manifest_id = c.child_id
                        WHERE c.parent_id = $1 ON CONFLICT (label_id, manifest_id) DO NOTHING";
    BASE = "INSERT INTO bases (manifest_id, name, digest) VALUES ($1, $2, $3) ON CONFLICT (manifest_id) DO NOTHING";
    NO_FINDINGS = "DELETE FROM findings WHERE manifest_id = $1";
    // Bit and detail.
    FINDINGS = "INSERT INTO findings (registry_id, check_bit, manifest_id, detail) SELECT $1, value ->> 0, $2, value ->> 1 FROM json_each($3)
                WHERE true ON CONFLICT (registry_id, check_bit, manifest_id) DO UPDATE SET detail = excluded.detail";
}

/// No sum of sizes that a registry made up may grow past 63 bits: 64 TiB is more than any blob has.
const LARGEST_BLOB: u64 = 1 << 46;

/// The documents of a content, compressed before the lock is taken.
pub(super) struct Packed {
    manifest: Vec<u8>,
    config: Option<Vec<u8>>,
}

impl Packed {
    pub(super) fn of(content: &Content) -> Self {
        Self { manifest: pack(&content.bytes), config: content.config_bytes.as_deref().map(pack) }
    }
}

/// Writes one content under the lock that `change` holds.
pub(super) async fn content(
    change: &mut SqliteConnection,
    registry: Id,
    repository: Id,
    content: &Content,
    documents: &Packed,
    at: Timestamp,
) -> Result<(), Error> {
    let digest = packed(&content.digest);
    let before: Option<(i64, i64)> =
        sqlx::query_as(BEFORE).bind(&digest).bind(registry).fetch_optional(&mut *change).await?;
    let made_from = before.map_or(0, |(_, made_from)| made_from);
    let id = match before {
        // One made from less is no news.
        Some((id, made_from)) if made_from > i64::from(content.made_from) => id,
        _ => manifest(change, registry, content, at).await?,
    };
    let pairs = content.config.as_ref().zip(documents.config.as_ref());
    let pairs = pairs.map(|(digest, bytes)| (packed(digest), bytes));
    for (digest, bytes) in [(digest, &documents.manifest)].into_iter().chain(pairs) {
        sqlx::query(DOCUMENT).bind(registry).bind(digest).bind(bytes).execute(&mut *change).await?;
    }
    if made_from == 0 {
        names(change, registry, id, content).await?;
    }
    sqlx::query(HOLD).bind(repository).bind(id).execute(&mut *change).await?;
    if !content.facts.children.is_empty() {
        sqlx::query(HOLD_CHILDREN).bind(repository).bind(id).execute(&mut *change).await?;
        sqlx::query(CHILDRENS_LABELS).bind(id).execute(&mut *change).await?;
    }
    if made_from == 0 || i64::from(content.made_from) > made_from {
        labels(change, id, content).await?;
        findings(change, registry, id, content).await?;
    }
    Ok(())
}

async fn manifest(
    change: &mut SqliteConnection,
    registry: Id,
    content: &Content,
    at: Timestamp,
) -> Result<i64, Error> {
    let summary = &content.summary;
    // With a comma at both ends, so that one platform is found as a whole word.
    let platforms =
        if summary.platforms.is_empty() { String::new() } else { format!(",{},", summary.platforms.join(",")) };
    let platforms: i64 = sqlx::query_scalar(PLATFORMS).bind(platforms).fetch_one(&mut *change).await?;
    let statement = sqlx::query_scalar(MANIFEST)
        .bind(registry)
        .bind(packed(&content.digest))
        .bind(kind_number(summary.kind))
        .bind(&content.media_type)
        .bind(&summary.artifact_type)
        .bind(platforms)
        .bind(i64::try_from(summary.size).unwrap_or(i64::MAX))
        .bind(summary.created.map(|at| at.0))
        .bind(summary.subject.as_ref().map(packed))
        .bind(content.config.as_ref().map(packed))
        .bind(content.facts.findings.to_sql())
        .bind(content.made_from.max(1))
        .bind(at.0);
    Ok(statement.fetch_one(&mut *change).await?)
}

/// The blobs and children that it names: they never change.
async fn names(change: &mut SqliteConnection, registry: Id, id: i64, content: &Content) -> Result<(), Error> {
    let facts = &content.facts;
    if !facts.blobs.is_empty() {
        let rows = facts.blobs.iter().map(|blob| {
            let place = if blob.role == BlobRole::Config { -1 } else { i64::from(blob.position) };
            json!([packed_hex(&blob.digest), blob.size.min(LARGEST_BLOB), place])
        });
        let rows = Value::Array(rows.collect()).to_string();
        sqlx::query(BLOBS).bind(registry).bind(&rows).execute(&mut *change).await?;
        sqlx::query(NAMES_BLOBS).bind(registry).bind(&rows).bind(id).execute(&mut *change).await?;
    }
    if !facts.children.is_empty() {
        let rows = facts.children.iter().map(|child| json!([packed_hex(&child.digest), child.platform]));
        let rows = Value::Array(rows.collect()).to_string();
        sqlx::query(STUBS).bind(registry).bind(&rows).execute(&mut *change).await?;
        sqlx::query(CHILDREN).bind(registry).bind(&rows).bind(id).execute(&mut *change).await?;
    }
    if let Some(base) = &facts.base {
        let statement = sqlx::query(BASE).bind(id).bind(&base.name).bind(base.digest.as_ref().map(packed));
        statement.execute(&mut *change).await?;
    }
    Ok(())
}

async fn labels(change: &mut SqliteConnection, id: i64, content: &Content) -> Result<(), Error> {
    let facts = &content.facts;
    let labels = facts.labels.iter().map(|pair| (0, pair)).chain(facts.annotations.iter().map(|pair| (1, pair)));
    let rows: Vec<Value> = labels.map(|(source, (key, value))| json!([source, key, value])).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let rows = Value::Array(rows).to_string();
    sqlx::query(LABELS).bind(&rows).execute(&mut *change).await?;
    sqlx::query(HAS_LABELS).bind(&rows).bind(id).execute(&mut *change).await?;
    Ok(())
}

async fn findings(change: &mut SqliteConnection, registry: Id, id: i64, content: &Content) -> Result<(), Error> {
    sqlx::query(NO_FINDINGS).bind(id).execute(&mut *change).await?;
    if content.findings.is_empty() {
        return Ok(());
    }
    let rows = content.findings.iter().map(|finding| json!([finding.check.bit(), finding.detail]));
    let rows = Value::Array(rows.collect()).to_string();
    sqlx::query(FINDINGS).bind(registry).bind(id).bind(rows).execute(&mut *change).await?;
    Ok(())
}
