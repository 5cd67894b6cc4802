//! The tags of a repository: their list, their digests, and how far both are read.

use super::{
    CHUNK, Index, array,
    digests::{kind_of, packed_array, packed_hex, unpacked},
    version_key::version_key,
};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Summary, Tag, Timestamp, Visible};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::collections::{HashMap, HashSet};

statements! {
    REGISTRY = "SELECT registry_id FROM repositories WHERE id = $1";
    // As one JSON array: a row per name would cost ten times as much.
    NAMES = "SELECT json_group_array(name) FROM tags WHERE repository_id = $1";
    // Name, version key, is it a referrers tag: as a JSON array of arrays. Of tags that were there when the repository was
    // first listed, nobody knows when they moved.
    ADD = "INSERT INTO tags (repository_id, name, version, is_referrer, moved_at)
           SELECT $1, value ->> 0, value ->> 1, value ->> 2, iif(r.tags_listed_at IS NULL, NULL, $3) FROM repositories r
           CROSS JOIN json_each($2) WHERE r.id = $1
           ON CONFLICT (repository_id, name) DO NOTHING";
    WORDS = "INSERT INTO tag_names (name) SELECT value ->> 0 FROM json_each($1) WHERE value ->> 2 = 0 ON CONFLICT (name) DO NOTHING";
    // The manifests that tags which go, or move elsewhere, pointed to: theirs may be the last tag.
    LEAVING = "SELECT DISTINCT manifest_id FROM tags WHERE repository_id = $1 AND manifest_id IS NOT NULL
               AND name IN (SELECT value FROM json_each($2))";
    MOVING = "SELECT DISTINCT t.manifest_id FROM json_each($2) j CROSS JOIN tags t ON t.repository_id = $1 AND t.name = j.value ->> 0
              CROSS JOIN manifests m ON m.id = t.manifest_id WHERE m.digest <> unhex(j.value ->> 1)";
    UNTAGGED = "UPDATE holds SET untagged_at = $3 WHERE repository_id = $1 AND manifest_id IN (SELECT value FROM json_each($2))
                AND untagged_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = holds.manifest_id AND t.repository_id = $1)
                AND NOT EXISTS (SELECT 1 FROM children c JOIN holds p ON p.manifest_id = c.parent_id AND p.repository_id = $1
                                WHERE c.child_id = holds.manifest_id)";
    REMOVE = "DELETE FROM tags WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2))";
    NOT_MISSING = "DELETE FROM missing_tags WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2))";
    MISSING = "SELECT name, since FROM missing_tags WHERE repository_id = $1";
    MISSED = "INSERT INTO missing_tags (repository_id, name, since) SELECT $1, value, $3 FROM json_each($2) WHERE true
              ON CONFLICT (repository_id, name) DO NOTHING";
    LISTED_AT = "SELECT tags_listed_at FROM repositories WHERE id = $1";
    LISTED = "UPDATE repositories SET tags_listed_at = $2, tags_complete = $3, doubt = $4,
              tag_count = (SELECT COUNT(*) FROM tags WHERE repository_id = $1),
              unread = (SELECT COUNT(*) FROM tags INDEXED BY tags_unread WHERE repository_id = $1 AND kind IS NULL),
              moved_at = iif($5, $2, moved_at) WHERE id = $1";
    COUNTED = "UPDATE repositories SET unread = (SELECT COUNT(*) FROM tags INDEXED BY tags_unread WHERE repository_id = $1 AND kind IS NULL),
               newest = (SELECT MAX(created) FROM tags WHERE repository_id = $1) WHERE id = $1";
    GREW = "UPDATE repositories SET tag_count = tag_count + $2 WHERE id = $1";
    MOVED_AT = "UPDATE repositories SET moved_at = $2 WHERE id = $1 AND tags_listed_at IS NOT NULL";
    // Name and digest: as a JSON array of arrays.
    STUBS = "INSERT INTO manifests (registry_id, digest) SELECT DISTINCT $1, unhex(value ->> 1) FROM json_each($2) WHERE true
             ON CONFLICT (digest, registry_id) DO NOTHING";
    // The repository comes through the pairs, so that the tags are looked up by them and never walked.
    POINT = "WITH pairs AS MATERIALIZED (SELECT $1 AS repository_id, j.value ->> 0 AS name, m.id, m.kind, m.platforms, m.size, m.created
             FROM json_each($3) j CROSS JOIN manifests m ON m.digest = unhex(j.value ->> 1) AND m.registry_id = $2)
             UPDATE tags SET manifest_id = p.id, kind = p.kind, platforms = p.platforms, size = p.size, created = p.created,
             checked_at = $4, moved_at = iif(tags.manifest_id IS NULL OR tags.manifest_id = p.id, tags.moved_at, $4)
             FROM pairs p WHERE tags.repository_id = p.repository_id AND tags.name = p.name";
    CHECKED = "UPDATE tags SET checked_at = $3 WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2))";
    MOVES = "SELECT t.name, m.digest FROM json_each($2) j CROSS JOIN tags t ON t.repository_id = $1 AND t.name = j.value ->> 0
             CROSS JOIN manifests m ON m.id = t.manifest_id WHERE m.digest <> unhex(j.value ->> 1)";
    // Whoever answered for a digest holds it; and with an index, as far as sums of bytes go, what it names.
    HOLD = "INSERT INTO holds (repository_id, manifest_id)
            SELECT $1, m.id FROM json_each($3) CROSS JOIN manifests m ON m.digest = unhex(value) AND m.registry_id = $2 WHERE true
            ON CONFLICT (repository_id, manifest_id) DO UPDATE SET inferred = 0, untagged_at = NULL
            WHERE inferred = 1 OR untagged_at IS NOT NULL";
    HOLD_CHILDREN = "INSERT INTO holds (repository_id, manifest_id, inferred)
                     SELECT $1, c.child_id, 1 FROM json_each($3) CROSS JOIN manifests m ON m.digest = unhex(value) AND m.registry_id = $2
                     CROSS JOIN children c ON c.parent_id = m.id WHERE true
                     ON CONFLICT (repository_id, manifest_id) DO UPDATE SET untagged_at = NULL WHERE untagged_at IS NOT NULL";
    ONE = "SELECT t.name, m.digest, t.checked_at, t.moved_at, t.is_referrer, t.kind, t.size, t.created, m.media_type, m.artifact_type, m.subject,
           p.text AS platform_texts FROM tags t LEFT JOIN manifests m ON m.id = t.manifest_id LEFT JOIN platforms p ON p.id = t.platforms
           WHERE $1 AND t.repository_id = $2 AND t.name = $3";
    SIBLINGS = "SELECT m.digest, (SELECT json_group_array(n.name) FROM (SELECT t.name FROM tags t
                    WHERE t.manifest_id = m.id AND t.repository_id = r.id ORDER BY t.name LIMIT $4) n) AS names
                FROM repositories r
                CROSS JOIN manifests m ON m.digest IN (SELECT unhex(value) FROM json_each($3)) AND m.registry_id = r.registry_id
                WHERE $1 AND r.id = $2";
    UNREAD = "SELECT t.name, m.digest FROM tags t INDEXED BY tags_unread LEFT JOIN manifests m ON m.id = t.manifest_id
              WHERE t.repository_id = $1 AND t.kind IS NULL AND t.name > $2 ORDER BY t.name LIMIT $3";
    KNOWN = "SELECT t.name, m.digest FROM tags t LEFT JOIN manifests m ON m.id = t.manifest_id
             WHERE t.repository_id = $1 AND t.name > $2 ORDER BY t.name LIMIT $3";
    // Newest content first, each through the tags that name it: the outer table is walked along its index.
}

/// A tag as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    /// Its name.
    pub tag: Tag,
    /// What it pointed to when it was asked for last; unknown before.
    pub digest: Option<Digest>,
    /// When it was asked for last.
    pub checked_at: Option<Timestamp>,
    /// When it was last seen to point elsewhere, or to come; unknown of one that was there from the beginning.
    pub moved_at: Option<Timestamp>,
    /// Is it a referrers tag, `sha256-…`?
    pub is_referrer: bool,
    /// What stands behind the digest, once it was read.
    pub summary: Option<Summary>,
}

/// A list of tags as it was read.
#[derive(Clone, Copy, Debug)]
pub struct TagList<'l> {
    /// Its names.
    pub tags: &'l [Tag],
    /// Was it read to its end?
    pub complete: bool,
    /// Why it is not believed about what it lacks, although it may be complete: in a sentence.
    pub doubt: Option<&'l str>,
}

/// What a list of tags told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Tags that are new, in a repository whose tags were listed before.
    pub came: Vec<Tag>,
    /// Tags that are known and that the list lacks; since when complete, believed lists have lacked them.
    pub missing: Vec<(Tag, Option<Timestamp>)>,
}

impl Index {
    /// Takes in a list of tags that was read. It only adds: what it lacks is told to the caller, and kept as evidence where
    /// the list is complete and believed.
    pub async fn save_tag_list(&self, repository: Id, list: TagList<'_>, at: Timestamp) -> Result<Listed, Error> {
        let names: String = sqlx::query_scalar(NAMES).bind(repository).fetch_one(&self.pools.readers).await?;
        let known: HashSet<String> = serde_json::from_str(&names)?;
        // Only what a list lacked that was read to here can come: not the rest of a first one that was broken off.
        let before: Option<Option<i64>> =
            sqlx::query_scalar(LISTED_AT).bind(repository).fetch_optional(&self.pools.readers).await?;
        let listed_before = before.flatten().is_some();
        let fresh: Vec<&Tag> = list.tags.iter().filter(|tag| !known.contains(tag.as_str())).collect();
        for chunk in fresh.chunks(CHUNK) {
            let rows = tag_rows(chunk.iter().copied());
            let mut change = self.pools.begin().await?;
            sqlx::query(ADD).bind(repository).bind(&rows).bind(at.0).execute(&mut *change).await?;
            sqlx::query(WORDS).bind(&rows).execute(&mut *change).await?;
            change.commit().await?;
        }
        let missing = self.note_missing(repository, list, &known, at).await?;
        let moved = listed_before && !fresh.is_empty();
        let listed = sqlx::query(LISTED).bind(repository).bind(at.0).bind(list.complete).bind(list.doubt).bind(moved);
        listed.execute(&self.pools.writer).await?;
        let came = if listed_before { fresh.into_iter().cloned().collect() } else { Vec::new() };
        Ok(Listed { came, missing })
    }

    async fn note_missing(
        &self,
        repository: Id,
        list: TagList<'_>,
        known: &HashSet<String>,
        at: Timestamp,
    ) -> Result<Vec<(Tag, Option<Timestamp>)>, Error> {
        let listed: HashSet<&str> = list.tags.iter().map(Tag::as_str).collect();
        let mut lacking: Vec<&str> = known.iter().map(String::as_str).filter(|name| !listed.contains(name)).collect();
        lacking.sort_unstable();
        let rows: Vec<(String, i64)> = sqlx::query_as(MISSING).bind(repository).fetch_all(&self.pools.readers).await?;
        let since: HashMap<String, i64> = rows.into_iter().collect();
        let found: Vec<&str> = since.keys().map(String::as_str).filter(|name| listed.contains(name)).collect();
        for chunk in found.chunks(CHUNK) {
            sqlx::query(NOT_MISSING).bind(repository).bind(array(chunk)).execute(&self.pools.writer).await?;
        }
        if list.complete && list.doubt.is_none() {
            for chunk in lacking.chunks(CHUNK) {
                let missed = sqlx::query(MISSED).bind(repository).bind(array(chunk)).bind(at.0);
                missed.execute(&self.pools.writer).await?;
            }
        }
        lacking.into_iter().map(|name| Ok((name.parse()?, since.get(name).copied().map(Timestamp)))).collect()
    }

    /// Forgets tags: there is evidence for each that it is not there any more.
    pub async fn forget_tags(&self, repository: Id, tags: &[Tag], at: Timestamp) -> Result<(), Error> {
        for chunk in tags.chunks(CHUNK) {
            let names = array(chunk);
            let mut change = self.pools.begin().await?;
            let leaving: Vec<i64> =
                sqlx::query_scalar(LEAVING).bind(repository).bind(&names).fetch_all(&mut *change).await?;
            let gone = sqlx::query(REMOVE).bind(repository).bind(&names).execute(&mut *change).await?.rows_affected();
            sqlx::query(NOT_MISSING).bind(repository).bind(&names).execute(&mut *change).await?;
            untagged(&mut change, repository, &leaving, at).await?;
            sqlx::query(GREW).bind(repository).bind(-gone.cast_signed()).execute(&mut *change).await?;
            sqlx::query(COUNTED).bind(repository).execute(&mut *change).await?;
            sqlx::query(MOVED_AT).bind(repository).bind(at.0).execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Which of these tags are known to point elsewhere than the registry just said: name, where to before, where to now.
    /// Asked before [`Self::set_tag_digests`], so that a move is on record before the cache forgets where it came from.
    pub async fn moves(&self, repository: Id, tags: &[(Tag, Digest)]) -> Result<Vec<(Tag, Digest, Digest)>, Error> {
        let now: HashMap<&str, &Digest> = tags.iter().map(|(tag, digest)| (tag.as_str(), digest)).collect();
        let mut moves = Vec::new();
        for chunk in tags.chunks(CHUNK) {
            let query = sqlx::query_as(MOVES).bind(repository).bind(pairs(chunk));
            let rows: Vec<(String, Vec<u8>)> = query.fetch_all(&self.pools.readers).await?;
            for (name, before) in rows {
                let Some(digest) = now.get(name.as_str()) else { continue };
                moves.push((name.parse()?, unpacked(&before)?, (*digest).clone()));
            }
        }
        Ok(moves)
    }

    /// Notes what tags point to, as the registry just said. Tags that were not listed yet come in by it.
    pub async fn set_tag_digests(&self, repository: Id, tags: &[(Tag, Digest)], at: Timestamp) -> Result<(), Error> {
        for chunk in tags.chunks(CHUNK) {
            let (names, rows) = (tag_rows(chunk.iter().map(|(tag, _)| tag)), pairs(chunk));
            let digests = packed_array(chunk.iter().map(|(_, digest)| digest));
            let mut change = self.pools.begin().await?;
            // A repository that was forgotten meanwhile gets nothing.
            let registry: Option<Id> =
                sqlx::query_scalar(REGISTRY).bind(repository).fetch_optional(&mut *change).await?;
            let Some(registry) = registry else { return Ok(()) };
            let moving: Vec<i64> =
                sqlx::query_scalar(MOVING).bind(repository).bind(&rows).fetch_all(&mut *change).await?;
            let add = sqlx::query(ADD).bind(repository).bind(&names).bind(at.0);
            let came = add.execute(&mut *change).await?.rows_affected();
            if came > 0 {
                sqlx::query(WORDS).bind(&names).execute(&mut *change).await?;
                sqlx::query(GREW).bind(repository).bind(came.cast_signed()).execute(&mut *change).await?;
            }
            sqlx::query(STUBS).bind(registry).bind(&rows).execute(&mut *change).await?;
            let point = sqlx::query(POINT).bind(repository).bind(registry).bind(&rows).bind(at.0);
            point.execute(&mut *change).await?;
            hold(&mut change, (registry, repository), &digests).await?;
            if !moving.is_empty() {
                untagged(&mut change, repository, &moving, at).await?;
                sqlx::query(MOVED_AT).bind(repository).bind(at.0).execute(&mut *change).await?;
            }
            sqlx::query(COUNTED).bind(repository).execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Notes that the registry was asked for these tags, and that they point where they did.
    pub async fn tags_checked(&self, repository: Id, tags: &[Tag], at: Timestamp) -> Result<(), Error> {
        for chunk in tags.chunks(CHUNK * 4) {
            let checked = sqlx::query(CHECKED).bind(repository).bind(array(chunk)).bind(at.0);
            checked.execute(&self.pools.writer).await?;
        }
        Ok(())
    }

    /// Notes that the repository holds these digests: the registry answered for them there.
    pub async fn hold(&self, repository: Id, digests: &[Digest]) -> Result<(), Error> {
        for chunk in digests.chunks(CHUNK) {
            let mut change = self.pools.begin().await?;
            let registry: Option<Id> =
                sqlx::query_scalar(REGISTRY).bind(repository).fetch_optional(&mut *change).await?;
            let Some(registry) = registry else { return Ok(()) };
            hold(&mut change, (registry, repository), &packed_array(chunk)).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// One tag, if it is known and may be seen.
    pub async fn tag(&self, visible: &Visible, repository: Id, tag: &Tag) -> Result<Option<TagRow>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query(ONE).bind(may).bind(repository).bind(tag.as_str());
        query.fetch_optional(&self.pools.readers).await?.as_ref().map(tag_row).transpose()
    }

    /// The tags of the repository that point to these digests, the first `most` of each by name: what stands beside the
    /// rows of a page, in one look.
    pub async fn siblings(
        &self,
        visible: &Visible,
        repository: Id,
        digests: &[Digest],
        most: u32,
    ) -> Result<HashMap<Digest, Vec<Tag>>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_as(SIBLINGS).bind(may).bind(repository).bind(packed_array(digests)).bind(most);
        let rows: Vec<(Vec<u8>, String)> = query.fetch_all(&self.pools.readers).await?;
        let mut siblings = HashMap::with_capacity(rows.len());
        for (digest, names) in rows {
            let tags: Vec<Tag> = serde_json::from_str(&names)?;
            if !tags.is_empty() {
                siblings.insert(unpacked(&digest)?, tags);
            }
        }
        Ok(siblings)
    }

    /// Tags after `after`, by name, whose digest or manifest is still to be read: the background's work.
    pub async fn unread(
        &self,
        repository: Id,
        after: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<(Tag, Option<Digest>)>, Error> {
        self.tags_by_name(UNREAD, repository, after, limit).await
    }

    /// Tags after `after`, by name, with what they were last known to point to: what a refresh asks for.
    pub async fn known_tags(
        &self,
        repository: Id,
        after: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<(Tag, Option<Digest>)>, Error> {
        self.tags_by_name(KNOWN, repository, after, limit).await
    }

    async fn tags_by_name(
        &self,
        sql: &'static str,
        repository: Id,
        after: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<(Tag, Option<Digest>)>, Error> {
        let query = sqlx::query_as(sql).bind(repository).bind(after.map_or("", Tag::as_str)).bind(limit);
        let rows: Vec<(String, Option<Vec<u8>>)> = query.fetch_all(&self.pools.readers).await?;
        rows.into_iter()
            .map(|(tag, digest)| Ok((tag.parse()?, digest.map(|digest| unpacked(&digest)).transpose()?)))
            .collect()
    }
}

/// Name, version key, is it a referrers tag: as a JSON array of arrays.
fn tag_rows<'t>(tags: impl Iterator<Item = &'t Tag>) -> String {
    let referrer = |tag: &Tag| i64::from(tag.subject().is_some());
    let rows = tags.map(|tag| serde_json::json!([tag.as_str(), version_key(tag), referrer(tag)]));
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Name and packed digest: as a JSON array of arrays.
fn pairs(tags: &[(Tag, Digest)]) -> String {
    let rows = tags.iter().map(|(tag, digest)| serde_json::json!([tag.as_str(), packed_hex(digest)]));
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Notes that a repository holds these digests, and what the indexes among them name.
async fn hold(change: &mut SqliteConnection, place: (Id, Id), digests: &str) -> Result<(), Error> {
    let (registry, repository) = place;
    sqlx::query(HOLD).bind(repository).bind(registry).bind(digests).execute(&mut *change).await?;
    hold_children(change, place, digests).await
}

/// Notes that a repository of a registry holds what these indexes name, as far as sums of bytes go.
pub(super) async fn hold_children(
    change: &mut SqliteConnection,
    (registry, repository): (Id, Id),
    parents: &str,
) -> Result<(), Error> {
    sqlx::query(HOLD_CHILDREN).bind(repository).bind(registry).bind(parents).execute(change).await?;
    Ok(())
}

/// Notes since when manifests of the repository have had no tag and no index that names them.
pub(super) async fn untagged(
    change: &mut SqliteConnection,
    repository: Id,
    manifests: &[i64],
    at: Timestamp,
) -> Result<(), Error> {
    let manifests = serde_json::to_string(manifests)?;
    sqlx::query(UNTAGGED).bind(repository).bind(manifests).bind(at.0).execute(change).await?;
    Ok(())
}

pub(super) fn tag_row(row: &SqliteRow) -> Result<TagRow, Error> {
    let digest: Option<Vec<u8>> = row.try_get("digest")?;
    Ok(TagRow {
        tag: row.try_get::<String, _>("name")?.parse()?,
        digest: digest.map(|digest| unpacked(&digest)).transpose()?,
        checked_at: row.try_get::<Option<i64>, _>("checked_at")?.map(Timestamp),
        moved_at: row.try_get::<Option<i64>, _>("moved_at")?.map(Timestamp),
        is_referrer: row.try_get("is_referrer")?,
        summary: summary(row)?,
    })
}

/// The summary in a row that has a manifest's columns (its platforms as the text `platform_texts`), if it was read.
pub(super) fn summary(row: &SqliteRow) -> Result<Option<Summary>, Error> {
    let Some(kind) = row.try_get::<Option<i64>, _>("kind")? else { return Ok(None) };
    let subject: Option<Vec<u8>> = row.try_get("subject")?;
    let platforms: Option<String> = row.try_get("platform_texts")?;
    let platforms = platforms.unwrap_or_default();
    Ok(Some(Summary {
        kind: kind_of(kind),
        media_type: row.try_get::<Option<String>, _>("media_type")?.unwrap_or_default(),
        artifact_type: row.try_get("artifact_type")?,
        platforms: platforms.split(',').filter(|platform| !platform.is_empty()).map(str::to_owned).collect(),
        size: row.try_get::<Option<i64>, _>("size")?.unwrap_or_default().unsigned_abs(),
        created: row.try_get::<Option<i64>, _>("created")?.map(Timestamp),
        subject: subject.map(|subject| unpacked(&subject)).transpose()?,
    }))
}
