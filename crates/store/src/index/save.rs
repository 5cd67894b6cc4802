//! Contents on their way into the index: their rows, their documents, and what they name. A batch costs as many
//! statements as one content would: each takes all rows as JSON.

use super::{
    Content, array,
    digests::{kind_number, packed_array, packed_hex, unpacked},
    documents::pack,
    tags::hold_children,
};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Timestamp, content_facts::BlobRole};
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use std::collections::HashMap;

statements! {
    // What they were made from before tells whether their blobs and labels are known already.
    BEFORE = "SELECT digest, made_from FROM manifests WHERE digest IN (SELECT unhex(value) FROM json_each($2)) AND registry_id = $1";
    PLATFORMS = "INSERT INTO platforms (text) SELECT value FROM json_each($1) WHERE true ON CONFLICT (text) DO NOTHING";
    // Digest, kind, media type, artifact type, platforms, size, created, subject, configuration, findings, made from.
    MANIFESTS = "INSERT INTO manifests (registry_id, digest, kind, media_type, artifact_type, platforms, size, created, subject, config,
                 findings, made_from, fetched_at)
                 SELECT $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, (SELECT id FROM platforms WHERE text = value ->> 4),
                 value ->> 5, value ->> 6, unhex(value ->> 7), unhex(value ->> 8), value ->> 9, value ->> 10, $3
                 FROM json_each($2) WHERE true
                 ON CONFLICT (digest, registry_id) DO UPDATE SET kind = excluded.kind, media_type = excluded.media_type,
                 artifact_type = excluded.artifact_type, platforms = excluded.platforms, size = excluded.size,
                 created = excluded.created, subject = excluded.subject, config = excluded.config, findings = excluded.findings,
                 made_from = excluded.made_from, fetched_at = COALESCE(manifests.fetched_at, excluded.fetched_at)
                 WHERE excluded.made_from >= manifests.made_from";
    // Digest and packed bytes.
    DOCUMENTS = "INSERT INTO documents (registry_id, digest, bytes) SELECT $1, unhex(value ->> 0), unhex(value ->> 1) FROM json_each($2)
                 WHERE true ON CONFLICT (digest, registry_id) DO NOTHING";
    HOLD = "INSERT INTO holds (repository_id, manifest_id)
            SELECT $2, m.id FROM json_each($3) CROSS JOIN manifests m ON m.digest = unhex(value) AND m.registry_id = $1
            WHERE EXISTS (SELECT 1 FROM repositories WHERE id = $2)
            ON CONFLICT (repository_id, manifest_id) DO UPDATE SET inferred = 0 WHERE inferred = 1";
    // Digest of the manifest, digest of the blob, its size, its position.
    BLOBS = "INSERT INTO blobs (registry_id, digest, size) SELECT $1, unhex(value ->> 1), value ->> 2 FROM json_each($2) WHERE true
             ON CONFLICT (digest, registry_id) DO NOTHING";
    NAMES_BLOBS = "INSERT INTO manifest_blobs (manifest_id, blob_id, position)
                   SELECT m.id, b.id, value ->> 3 FROM json_each($2)
                   CROSS JOIN manifests m ON m.digest = unhex(value ->> 0) AND m.registry_id = $1
                   CROSS JOIN blobs b ON b.digest = unhex(value ->> 1) AND b.registry_id = $1
                   WHERE true ON CONFLICT (manifest_id, blob_id) DO NOTHING";
    // Digest of the index, digest of the child, its platform.
    STUBS = "INSERT INTO manifests (registry_id, digest) SELECT $1, unhex(value ->> 1) FROM json_each($2) WHERE true
             ON CONFLICT (digest, registry_id) DO NOTHING";
    CHILDREN = "INSERT INTO children (parent_id, child_id, platform)
                SELECT p.id, c.id, value ->> 2 FROM json_each($2)
                CROSS JOIN manifests p ON p.digest = unhex(value ->> 0) AND p.registry_id = $1
                CROSS JOIN manifests c ON c.digest = unhex(value ->> 1) AND c.registry_id = $1
                WHERE true ON CONFLICT (parent_id, child_id) DO NOTHING";
    // Digest, source, key, value.
    LABELS = "INSERT INTO labels (source, key, value) SELECT value ->> 1, value ->> 2, value ->> 3 FROM json_each($1) WHERE true
              ON CONFLICT (key, value, source) DO NOTHING";
    HAS_LABELS = "INSERT INTO manifest_labels (label_id, manifest_id)
                  SELECT l.id, m.id FROM json_each($2) j CROSS JOIN manifests m ON m.digest = unhex(j.value ->> 0) AND m.registry_id = $1
                  CROSS JOIN labels l ON l.key = j.value ->> 2 AND l.value = j.value ->> 3 AND l.source = j.value ->> 1
                  WHERE true ON CONFLICT (label_id, manifest_id) DO NOTHING";
    // Only of children that the registry served in this repository: naming a digest shows nothing of it.
    CHILDRENS_LABELS = "INSERT INTO manifest_labels (label_id, manifest_id)
                        SELECT l.label_id, m.id FROM json_each($2)
                        CROSS JOIN manifests m ON m.digest = unhex(value) AND m.registry_id = $1
                        CROSS JOIN children c ON c.parent_id = m.id
                        CROSS JOIN holds h ON h.repository_id = $3 AND h.manifest_id = c.child_id AND h.inferred = 0
                        CROSS JOIN manifest_labels l ON l.manifest_id = c.child_id
                        WHERE true ON CONFLICT (label_id, manifest_id) DO NOTHING";
    // Digest, name of the base, its digest.
    BASES = "INSERT INTO bases (manifest_id, name, digest) SELECT m.id, value ->> 1, unhex(value ->> 2) FROM json_each($2)
             CROSS JOIN manifests m ON m.digest = unhex(value ->> 0) AND m.registry_id = $1 WHERE true ON CONFLICT (manifest_id) DO NOTHING";
    NO_FINDINGS = "DELETE FROM findings WHERE (registry_id, check_bit, manifest_id) IN
                   (SELECT f.registry_id, f.check_bit, f.manifest_id FROM json_each($2)
                    CROSS JOIN manifests m ON m.digest = unhex(value) AND m.registry_id = $1
                    CROSS JOIN findings f INDEXED BY findings_by_manifest ON f.manifest_id = m.id)";
    // Digest, bit, detail.
    FINDINGS = "INSERT INTO findings (registry_id, check_bit, manifest_id, detail)
                SELECT $1, value ->> 1, m.id, value ->> 2 FROM json_each($2)
                CROSS JOIN manifests m ON m.digest = unhex(value ->> 0) AND m.registry_id = $1
                WHERE true ON CONFLICT (registry_id, check_bit, manifest_id) DO UPDATE SET detail = excluded.detail";
}

/// No sum of sizes that a registry made up may grow past 63 bits: so many blobs of 64 GiB do not fit on a disk as rows.
/// A larger one counts as that.
const LARGEST_BLOB: u64 = 1 << 36;

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

/// Writes contents of a repository under the lock that `change` holds.
pub(super) async fn contents(
    change: &mut SqliteConnection,
    (registry, repository): (Id, Id),
    contents: &[&Content],
    documents: &[Packed],
    at: Timestamp,
) -> Result<(), Error> {
    let digests = packed_array(contents.iter().map(|content| &content.digest));
    let before = before(change, registry, &digests).await?;
    let made_from = |content: &Content| before.get(&content.digest).copied().unwrap_or(0);
    let fresh: Vec<&Content> = contents.iter().copied().filter(|content| made_from(content) == 0).collect();
    // One made from less is no news.
    let news: Vec<&Content> =
        contents.iter().copied().filter(|content| i64::from(content.made_from) >= made_from(content)).collect();
    manifests(change, registry, &news, at).await?;
    run(change, DOCUMENTS, registry, document_rows(contents, documents)).await?;
    names(change, registry, &fresh).await?;
    sqlx::query(HOLD).bind(registry).bind(repository).bind(&digests).execute(&mut *change).await?;
    labels(change, registry, &news).await?;
    let parents = contents.iter().filter(|content| !content.facts.children.is_empty()).map(|content| &content.digest);
    let parents: Vec<&Digest> = parents.collect();
    if !parents.is_empty() {
        let parents = packed_array(parents);
        hold_children(change, (registry, repository), &parents).await?;
        sqlx::query(CHILDRENS_LABELS).bind(registry).bind(&parents).bind(repository).execute(&mut *change).await?;
    }
    findings(change, registry, &news, &before).await
}

async fn before(change: &mut SqliteConnection, registry: Id, digests: &str) -> Result<HashMap<Digest, i64>, Error> {
    let query = sqlx::query_as(BEFORE).bind(registry).bind(digests);
    let rows: Vec<(Vec<u8>, i64)> = query.fetch_all(change).await?;
    rows.into_iter().map(|(digest, made_from)| Ok((unpacked(&digest)?, made_from))).collect()
}

/// Runs a statement over rows, if there are any.
async fn run(change: &mut SqliteConnection, sql: &'static str, registry: Id, rows: Vec<Value>) -> Result<(), Error> {
    if !rows.is_empty() {
        sqlx::query(sql).bind(registry).bind(Value::Array(rows).to_string()).execute(change).await?;
    }
    Ok(())
}

/// With a comma at both ends, so that one platform is found as a whole word.
fn platforms(content: &Content) -> String {
    let platforms = &content.summary.platforms;
    if platforms.is_empty() { String::new() } else { format!(",{},", platforms.join(",")) }
}

async fn manifests(
    change: &mut SqliteConnection,
    registry: Id,
    contents: &[&Content],
    at: Timestamp,
) -> Result<(), Error> {
    if contents.is_empty() {
        return Ok(());
    }
    let sets = array(contents.iter().map(|content| platforms(content)));
    sqlx::query(PLATFORMS).bind(sets).execute(&mut *change).await?;
    let rows = contents.iter().map(|content| {
        let summary = &content.summary;
        json!([
            packed_hex(&content.digest),
            kind_number(summary.kind),
            content.media_type,
            summary.artifact_type,
            platforms(content),
            i64::try_from(summary.size).unwrap_or(i64::MAX),
            summary.created.map(|at| at.0),
            summary.subject.as_ref().map(packed_hex),
            content.config.as_ref().map(packed_hex),
            content.facts.findings.to_sql(),
            content.made_from.max(1),
        ])
    });
    let rows = Value::Array(rows.collect()).to_string();
    sqlx::query(MANIFESTS).bind(registry).bind(rows).bind(at.0).execute(change).await?;
    Ok(())
}

fn document_rows(contents: &[&Content], documents: &[Packed]) -> Vec<Value> {
    let mut rows = Vec::with_capacity(contents.len() * 2);
    for (content, documents) in contents.iter().zip(documents) {
        rows.push(json!([packed_hex(&content.digest), hex::encode(&documents.manifest)]));
        if let Some((digest, bytes)) = content.config.as_ref().zip(documents.config.as_ref()) {
            rows.push(json!([packed_hex(digest), hex::encode(bytes)]));
        }
    }
    rows
}

/// The blobs, children and bases that they name: they never change.
async fn names(change: &mut SqliteConnection, registry: Id, contents: &[&Content]) -> Result<(), Error> {
    let (mut blobs, mut children, mut bases) = (Vec::new(), Vec::new(), Vec::new());
    for content in contents {
        let digest = packed_hex(&content.digest);
        for blob in &content.facts.blobs {
            let place = if blob.role == BlobRole::Config { -1 } else { i64::from(blob.position) };
            blobs.push(json!([digest, packed_hex(&blob.digest), blob.size.min(LARGEST_BLOB), place]));
        }
        for child in &content.facts.children {
            children.push(json!([digest, packed_hex(&child.digest), child.platform]));
        }
        if let Some(base) = &content.facts.base {
            bases.push(json!([digest, base.name, base.digest.as_ref().map(packed_hex)]));
        }
    }
    run(change, BLOBS, registry, blobs.clone()).await?;
    run(change, NAMES_BLOBS, registry, blobs).await?;
    run(change, STUBS, registry, children.clone()).await?;
    run(change, CHILDREN, registry, children).await?;
    run(change, BASES, registry, bases).await
}

async fn labels(change: &mut SqliteConnection, registry: Id, contents: &[&Content]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for content in contents {
        let digest = packed_hex(&content.digest);
        let facts = &content.facts;
        let labels = facts.labels.iter().map(|pair| (0, pair)).chain(facts.annotations.iter().map(|pair| (1, pair)));
        rows.extend(labels.map(|(source, (key, value))| json!([digest, source, key, value])));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let rows = Value::Array(rows).to_string();
    sqlx::query(LABELS).bind(&rows).execute(&mut *change).await?;
    sqlx::query(HAS_LABELS).bind(registry).bind(&rows).execute(change).await?;
    Ok(())
}

async fn findings(
    change: &mut SqliteConnection,
    registry: Id,
    contents: &[&Content],
    before: &HashMap<Digest, i64>,
) -> Result<(), Error> {
    let known: Vec<&Digest> = contents
        .iter()
        .map(|content| &content.digest)
        .filter(|digest| before.get(digest).is_some_and(|n| *n > 0))
        .collect();
    if !known.is_empty() {
        sqlx::query(NO_FINDINGS).bind(registry).bind(packed_array(known)).execute(&mut *change).await?;
    }
    let rows = contents.iter().flat_map(|content| {
        let digest = packed_hex(&content.digest);
        content.findings.iter().map(move |finding| json!([digest, finding.check.bit(), finding.detail]))
    });
    run(change, FINDINGS, registry, rows.collect()).await
}
