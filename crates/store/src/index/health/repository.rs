//! Checks of a repository and of its tags, by what the index knows of them now.

use crate::{Error, index::Index, sql::statements};
use domain::{
    Id, RepositoryName, Tag, Timestamp,
    health::{
        About, Check, CheckSet, Finding, OLD_TAG_SECONDS, RepositoryFacts, TagFacts, checks_of_repository,
        checks_of_tag,
    },
    text,
};
use serde_json::{Value, json};

statements! {
    FACTS = "SELECT r.registry_id, r.name, r.tags_complete AND r.doubt IS NULL AS complete, COALESCE(r.tag_count, 0) AS tags,
             (SELECT COUNT(*) FROM tags t WHERE t.repository_id = r.id AND t.name >= 'sha256-' AND t.name < 'sha512.' AND t.is_referrer) AS referrer_tags
             FROM repositories r WHERE r.id = $1";
    LATEST = "SELECT created, moved_at FROM tags WHERE repository_id = $1 AND name = 'latest'";
    // The oldest builds that can be real ones; each a candidate.
    OLDEST = "SELECT name, created, moved_at FROM tags WHERE repository_id = $1 AND created >= 1363737600000000 AND created < $2
              ORDER BY created LIMIT $3";
    KEPT = "SELECT check_bit, detail FROM repository_findings WHERE repository_id = $1 ORDER BY check_bit";
    CLEAR = "DELETE FROM repository_findings WHERE registry_id = $1 AND repository_id = $2
             AND check_bit IN (SELECT value FROM json_each($3))";
    // Bit and detail.
    SET = "INSERT INTO repository_findings (registry_id, check_bit, repository_id, detail)
           SELECT $1, value ->> 0, $2, value ->> 1 FROM json_each($3) WHERE true
           ON CONFLICT (registry_id, check_bit, repository_id) DO UPDATE SET detail = excluded.detail";
    BITS = "UPDATE repositories SET findings = $2 WHERE id = $1 AND findings <> $2";
}

/// As many old tags of a repository are counted.
const OLD_COUNTED: usize = 1_000;

impl Index {
    /// Looks again at what depends on a repository's tags and on time: no tags, `latest` alone or in production, tags that
    /// have not moved in years. To be called after its tags were read. Gives what was found.
    pub async fn recheck_repository(&self, repository: Id, now: Timestamp) -> Result<Vec<Finding>, Error> {
        let facts = sqlx::query_as(FACTS).bind(repository).fetch_optional(&self.pools.readers).await?;
        let Some((registry, name, complete, tags, referrer_tags)) = facts else { return Ok(Vec::new()) };
        let (registry, name): (Id, String) = (registry, name);
        let (complete, tags, referrer_tags): (bool, i64, i64) = (complete, tags, referrer_tags);
        let name: RepositoryName = name.parse()?;
        let latest = sqlx::query_as(LATEST).bind(repository).fetch_optional(&self.pools.readers).await?;
        let latest: Option<(Option<i64>, Option<i64>)> = latest;
        let mut found = checks_of_repository(&RepositoryFacts {
            complete,
            tags: tags.unsigned_abs(),
            referrer_tags: referrer_tags.unsigned_abs(),
            has_latest: latest.is_some(),
        });
        if latest.is_some() {
            let tag: Tag = "latest".parse()?;
            let facts = TagFacts { repository: &name, tag: &tag, created: None, moved_at: None };
            found.extend(checks_of_tag(&facts, now));
        }
        found.extend(self.old_tags(repository, &name, now).await?);
        self.set_repository_findings(registry, repository, &found).await?;
        Ok(found)
    }

    /// Old tags, as one finding of their repository.
    async fn old_tags(&self, repository: Id, name: &RepositoryName, now: Timestamp) -> Result<Option<Finding>, Error> {
        let before = now.plus_seconds(-OLD_TAG_SECONDS);
        let query = sqlx::query_as(OLDEST)
            .bind(repository)
            .bind(before.0)
            .bind(i64::try_from(OLD_COUNTED + 1).unwrap_or(i64::MAX));
        let rows: Vec<(String, i64, Option<i64>)> = query.fetch_all(&self.pools.readers).await?;
        let more = if rows.len() > OLD_COUNTED { "+" } else { "" };
        let (mut count, mut oldest) = (0, None);
        for (tag, created, moved_at) in rows.iter().take(OLD_COUNTED) {
            let tag: Tag = tag.parse()?;
            let created = Some(Timestamp(*created));
            let facts = TagFacts { repository: name, tag: &tag, created, moved_at: moved_at.map(Timestamp) };
            if checks_of_tag(&facts, now).iter().any(|finding| finding.check == Check::OldTag) {
                count += 1;
                oldest = oldest.or(created);
            }
        }
        Ok(oldest.map(|oldest| {
            let tags = if count == 1 && more.is_empty() { "tag" } else { "tags" };
            let detail = format!("{}{more} {tags}, the oldest built {}", text::count(count), text::date(oldest, now));
            Finding { check: Check::OldTag, detail: Some(detail) }
        }))
    }

    /// Replaces what is found wrong with a repository and its tags.
    async fn set_repository_findings(&self, registry: Id, repository: Id, found: &[Finding]) -> Result<(), Error> {
        let ours: Vec<u32> = Check::ALL
            .iter()
            .filter(|check| matches!(check.about(), About::Repository | About::Tag))
            .map(|check| check.bit())
            .collect();
        let mut news: Vec<(u32, Option<String>)> =
            found.iter().map(|finding| (finding.check.bit(), finding.detail.clone())).collect();
        news.sort();
        let kept: Vec<(u32, Option<String>)> =
            sqlx::query_as(KEPT).bind(repository).fetch_all(&self.pools.readers).await?;
        // Most looks find what the last one found: the writer is left alone.
        if kept == news {
            return Ok(());
        }
        let rows = found.iter().map(|finding| json!([finding.check.bit(), finding.detail]));
        let rows = Value::Array(rows.collect()).to_string();
        let set: CheckSet = found.iter().collect();
        let mut change = self.pools.begin().await?;
        sqlx::query(CLEAR)
            .bind(registry)
            .bind(repository)
            .bind(serde_json::to_string(&ours)?)
            .execute(&mut *change)
            .await?;
        sqlx::query(SET).bind(registry).bind(repository).bind(rows).execute(&mut *change).await?;
        sqlx::query(BITS).bind(repository).bind(set.to_sql()).execute(&mut *change).await?;
        change.commit().await?;
        Ok(())
    }
}
