//! Checks of a repository and of its tags, by what the index knows of them now.

use super::tags::Reached;
use crate::{Error, index::Index, sql::statements};
use domain::{
    Id, RepositoryName, Tag, Timestamp,
    health::{About, Check, CheckSet, Finding, RepositoryFacts, TagFacts, checks_of_repository, checks_of_tag},
};
use serde_json::{Value, json};

statements! {
    FACTS = "SELECT r.registry_id, r.name, r.tags_complete AND r.doubt IS NULL AS complete, COALESCE(r.tag_count, 0) AS tags,
             (SELECT COUNT(*) FROM tags t WHERE t.repository_id = r.id AND t.name >= 'sha256-' AND t.name < 'sha512.' AND t.is_referrer) AS referrer_tags
             FROM repositories r WHERE r.id = $1";
    LATEST = "SELECT created, moved_at FROM tags WHERE repository_id = $1 AND name = 'latest'";
    KEPT = "SELECT check_bit, detail FROM repository_findings WHERE repository_id = $1 ORDER BY check_bit";
    CLEAR = "DELETE FROM repository_findings WHERE registry_id = $1 AND repository_id = $2
             AND check_bit IN (SELECT value FROM json_each($3))";
    // Bit and detail.
    SET = "INSERT INTO repository_findings (registry_id, check_bit, repository_id, detail)
           SELECT $1, value ->> 0, $2, value ->> 1 FROM json_each($3) WHERE true
           ON CONFLICT (registry_id, check_bit, repository_id) DO UPDATE SET detail = excluded.detail";
    BITS = "UPDATE repositories SET findings = $2 WHERE id = $1 AND findings <> $2";
}

/// As many tags of a repository are counted for a check, and one more that says that there are more.
const COUNTED: usize = 1_001;
/// As many candidates are read at once.
const AT_ONCE: i64 = 1_000;

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
            // Of tags is told how many there are: which ones, the index is asked for.
            let one = checks_of_tag(&facts, now).into_iter();
            found.extend(one.map(|finding| Finding { detail: Some("1".to_owned()), ..finding }));
        }
        let old = self.count_old(repository, &name, now).await?;
        found.extend((old > 0).then(|| Finding { check: Check::OldTag, detail: Some(old.to_string()) }));
        self.set_repository_findings(registry, repository, &found).await?;
        Ok(found)
    }

    /// How many old tags there are, up to [`COUNTED`].
    async fn count_old(&self, repository: Id, name: &RepositoryName, now: Timestamp) -> Result<usize, Error> {
        let (mut from, mut old) = (Reached::default(), 0);
        loop {
            let rows = self.built_long_ago(repository, &from, false, now, AT_ONCE).await?;
            old += rows.iter().filter(|row| row.finding(Check::OldTag, name, now).is_some()).count();
            let more = i64::try_from(rows.len()).is_ok_and(|rows| rows == AT_ONCE);
            match rows.last() {
                Some(last) if more && old < COUNTED => from = last.place(),
                _ => return Ok(old.min(COUNTED)),
            }
        }
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
