//! The tags of a repository: their list, their digests, and how far both are read.

use super::{CHUNK, Index, array, version_key::version_key};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Kind, RepositoryName, Summary, Tag, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::{HashMap, HashSet};

statements! {
    // As one JSON array: a row per name would cost ten times as much.
    NAMES = "SELECT json_group_array(name) FROM tags WHERE repository_id = $1";
    // Name, version key, is it a referrers tag: as a JSON array of arrays.
    ADD = "INSERT INTO tags (repository_id, name, version, is_referrer)
           SELECT $1, value ->> 0, value ->> 1, value ->> 2 FROM json_each($2) WHERE true
           ON CONFLICT (repository_id, name) DO NOTHING";
    REMOVE = "DELETE FROM tags WHERE repository_id = $1 AND name IN (SELECT value FROM json_each($2))";
    LISTED = "UPDATE repositories SET tags_listed_at = $2, tags_complete = $3,
              tag_count = (SELECT COUNT(*) FROM tags WHERE repository_id = $1) WHERE id = $1";
    COUNTED = "UPDATE repositories SET tag_count = (SELECT COUNT(*) FROM tags WHERE repository_id = $1)
               WHERE id = $1 AND tags_listed_at IS NOT NULL";
    // Name, digest, version key, is it a referrers tag: as a JSON array of arrays.
    SET_DIGESTS = "INSERT INTO tags (repository_id, name, digest, checked_at, version, is_referrer)
                   SELECT $1, value ->> 0, value ->> 1, $3, value ->> 2, value ->> 3 FROM json_each($2) WHERE true
                   ON CONFLICT (repository_id, name) DO UPDATE SET digest = excluded.digest, checked_at = excluded.checked_at";
    // Whoever answered for a tag holds what it points to.
    HOLD = "INSERT INTO holds (repository_id, digest) SELECT $1, value FROM json_each($2) WHERE true
            ON CONFLICT (repository_id, digest) DO NOTHING";
    NEWER = "UPDATE repositories SET newest = MAX(COALESCE(newest, m.created), m.created)
             FROM (SELECT MAX(created) AS created FROM manifests WHERE digest IN (SELECT value FROM json_each($2))
                   AND registry_id = (SELECT registry_id FROM repositories WHERE id = $1)
                   AND EXISTS (SELECT 1 FROM tags t WHERE t.digest = manifests.digest AND t.repository_id = $1)) m
             WHERE id = $1 AND m.created IS NOT NULL";
    NEWEST_ANEW = "UPDATE repositories SET newest = (SELECT MAX(m.created) FROM tags t JOIN manifests m ON m.digest = t.digest
                   AND m.registry_id = repositories.registry_id WHERE t.repository_id = $1) WHERE id = $1";
    ONE = "SELECT t.name, t.digest, t.checked_at, t.is_referrer, m.media_type, m.kind, m.artifact_type, m.platforms, m.size, m.created, m.subject
           FROM tags t LEFT JOIN manifests m ON m.digest = t.digest
           AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2) WHERE $1 AND t.repository_id = $2 AND t.name = $3";
    SIBLINGS = "SELECT digest, name FROM tags WHERE $1 AND repository_id = $2 AND digest IN (SELECT value FROM json_each($3))
                ORDER BY digest, name LIMIT 2000";
    UNREAD = "SELECT t.name, t.digest FROM tags t WHERE t.repository_id = $1 AND t.name > $2
              AND (t.digest IS NULL OR NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = t.digest
                   AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $1)))
              ORDER BY t.name LIMIT $3";
    // Newest content first, each through the tags that name it: the outer table is walked along its index
    // (the plus keeps it from being looked up by registry).
    NEWEST = "SELECT r.registry_id, r.name AS repository, t.name AS tag, t.digest, m.created FROM manifests m
              CROSS JOIN tags t ON t.digest = m.digest CROSS JOIN repositories r ON r.id = t.repository_id
              AND r.registry_id = m.registry_id
              WHERE $1 AND t.is_referrer = 0 AND m.created IS NOT NULL
              AND +r.registry_id IN (SELECT value FROM json_each($2)) AND m.created <= $3 ORDER BY m.created DESC LIMIT $4";
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
    /// Is it a referrers tag, `sha256-…`?
    pub is_referrer: bool,
    /// What stands behind the digest, once it was read.
    pub summary: Option<Summary>,
}

/// One of the newest builds known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// In which registry.
    pub registry: Id,
    /// In which repository.
    pub repository: RepositoryName,
    /// Under which tag.
    pub tag: Tag,
    /// What it points to.
    pub digest: Digest,
    /// When it was built.
    pub created: Timestamp,
}

impl Index {
    /// Takes in a list of tags that was read. Those that are missing go only if the caller says that they may: the list
    /// is complete, and there is no doubt about it.
    pub async fn save_tag_list(
        &self,
        repository: Id,
        tags: &[Tag],
        remove_missing: bool,
        complete: bool,
        at: Timestamp,
    ) -> Result<(), Error> {
        let _recount = self.counted.changing();
        let names: String = sqlx::query_scalar(NAMES).bind(repository).fetch_one(&self.pools.readers).await?;
        let known: HashSet<String> = serde_json::from_str(&names)?;
        let fresh: Vec<&Tag> = tags.iter().filter(|tag| !known.contains(tag.as_str())).collect();
        for chunk in fresh.chunks(CHUNK) {
            let rows = chunk.iter().map(|tag| serde_json::json!([tag.as_str(), version_key(tag), referrer(tag)]));
            let rows = serde_json::Value::Array(rows.collect()).to_string();
            sqlx::query(ADD).bind(repository).bind(rows).execute(&self.pools.writer).await?;
        }
        if remove_missing {
            let listed: HashSet<&str> = tags.iter().map(Tag::as_str).collect();
            let gone: Vec<&str> = known.iter().map(String::as_str).filter(|name| !listed.contains(name)).collect();
            self.remove_tags(repository, &gone).await?;
        }
        let listed = sqlx::query(LISTED).bind(repository).bind(at.0).bind(complete);
        listed.execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Forgets tags: the registry said of each that it is not there.
    pub async fn forget_tags(&self, repository: Id, tags: &[Tag]) -> Result<(), Error> {
        let _recount = self.counted.changing();
        let names: Vec<&str> = tags.iter().map(Tag::as_str).collect();
        self.remove_tags(repository, &names).await?;
        sqlx::query(COUNTED).bind(repository).execute(&self.pools.writer).await?;
        Ok(())
    }

    async fn remove_tags(&self, repository: Id, names: &[&str]) -> Result<(), Error> {
        for chunk in names.chunks(CHUNK) {
            sqlx::query(REMOVE).bind(repository).bind(array(chunk)).execute(&self.pools.writer).await?;
        }
        if !names.is_empty() {
            sqlx::query(NEWEST_ANEW).bind(repository).execute(&self.pools.writer).await?;
        }
        Ok(())
    }

    /// Notes what tags point to, as the registry just said. Tags that were not listed yet come in by it.
    pub async fn set_tag_digests(&self, repository: Id, tags: &[(Tag, Digest)], at: Timestamp) -> Result<(), Error> {
        let _recount = self.counted.changing();
        for chunk in tags.chunks(CHUNK) {
            let rows = chunk.iter().map(|(tag, digest)| {
                serde_json::json!([tag.as_str(), digest.as_str(), version_key(tag), referrer(tag)])
            });
            let rows = serde_json::Value::Array(rows.collect()).to_string();
            let digests = array(chunk.iter().map(|(_, digest)| digest));
            let mut change = self.pools.begin().await?;
            sqlx::query(SET_DIGESTS).bind(repository).bind(rows).bind(at.0).execute(&mut *change).await?;
            sqlx::query(HOLD).bind(repository).bind(&digests).execute(&mut *change).await?;
            sqlx::query(NEWER).bind(repository).bind(&digests).execute(&mut *change).await?;
            sqlx::query(COUNTED).bind(repository).execute(&mut *change).await?;
            change.commit().await?;
        }
        Ok(())
    }

    /// Notes that the repository holds these digests.
    pub async fn hold(&self, repository: Id, digests: &[Digest]) -> Result<(), Error> {
        for chunk in digests.chunks(CHUNK) {
            let digests = array(chunk);
            let mut change = self.pools.begin().await?;
            sqlx::query(HOLD).bind(repository).bind(&digests).execute(&mut *change).await?;
            sqlx::query(NEWER).bind(repository).bind(&digests).execute(&mut *change).await?;
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

    /// All tags of the repository that point to one of these digests: what stands beside the rows of a page, in one look.
    pub async fn siblings(
        &self,
        visible: &Visible,
        repository: Id,
        digests: &[Digest],
    ) -> Result<HashMap<Digest, Vec<Tag>>, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_as(SIBLINGS).bind(may).bind(repository).bind(array(digests));
        let rows: Vec<(String, String)> = query.fetch_all(&self.pools.readers).await?;
        let mut siblings: HashMap<Digest, Vec<Tag>> = HashMap::new();
        for (digest, tag) in rows {
            siblings.entry(digest.parse()?).or_default().push(tag.parse()?);
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
        let query = sqlx::query_as(UNREAD).bind(repository).bind(after.map_or("", Tag::as_str)).bind(limit);
        let rows: Vec<(String, Option<String>)> = query.fetch_all(&self.pools.readers).await?;
        rows.into_iter()
            .map(|(tag, digest)| Ok((tag.parse()?, digest.map(|digest| digest.parse()).transpose()?)))
            .collect()
    }

    /// The newest builds known in these registries, newest first; none that claims to be from after `now`.
    pub async fn newest(
        &self,
        visible: &Visible,
        registries: &[Id],
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Newest>, Error> {
        let registries: Vec<&Id> = registries.iter().filter(|id| visible.registry(**id)).collect();
        let query = sqlx::query(NEWEST)
            .bind(visible.everything())
            .bind(serde_json::to_string(&registries)?)
            .bind(now.0)
            .bind(limit);
        query.fetch_all(&self.pools.readers).await?.iter().map(newest).collect()
    }
}

fn referrer(tag: &Tag) -> i64 {
    i64::from(tag.subject().is_some())
}

fn newest(row: &SqliteRow) -> Result<Newest, Error> {
    Ok(Newest {
        registry: row.try_get("registry_id")?,
        repository: row.try_get::<String, _>("repository")?.parse()?,
        tag: row.try_get::<String, _>("tag")?.parse()?,
        digest: row.try_get::<String, _>("digest")?.parse()?,
        created: Timestamp(row.try_get("created")?),
    })
}

pub(super) fn tag_row(row: &SqliteRow) -> Result<TagRow, Error> {
    let digest: Option<String> = row.try_get("digest")?;
    Ok(TagRow {
        tag: row.try_get::<String, _>("name")?.parse()?,
        digest: digest.map(|digest| digest.parse()).transpose()?,
        checked_at: row.try_get::<Option<i64>, _>("checked_at")?.map(Timestamp),
        is_referrer: row.try_get("is_referrer")?,
        summary: summary(row)?,
    })
}

/// The summary in a row that has a manifest's columns, if there is a manifest.
pub(super) fn summary(row: &SqliteRow) -> Result<Option<Summary>, Error> {
    let Some(kind) = row.try_get::<Option<String>, _>("kind")? else { return Ok(None) };
    let subject: Option<String> = row.try_get("subject")?;
    let platforms: String = row.try_get("platforms")?;
    Ok(Some(Summary {
        kind: Kind::parse(&kind).unwrap_or(Kind::Unknown),
        media_type: row.try_get("media_type")?,
        artifact_type: row.try_get("artifact_type")?,
        platforms: platforms.split(',').filter(|platform| !platform.is_empty()).map(str::to_owned).collect(),
        size: row.try_get::<i64, _>("size")?.unsigned_abs(),
        created: row.try_get::<Option<i64>, _>("created")?.map(Timestamp),
        subject: subject.map(|subject| subject.parse()).transpose()?,
    }))
}
