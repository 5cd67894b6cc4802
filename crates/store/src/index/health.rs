//! What is to be said about the health of content: how often each check strikes, and where. What a document tells of itself
//! comes in with it ([`super::Content`]); here is what depends on its surroundings and on time.

mod presence;
mod repository;
mod tags;

pub use presence::{Doubtful, Expected};
#[cfg(test)]
pub(crate) use {ALL as LISTS, presence::ALL as PRESENCE, repository::ALL as REPOSITORY, tags::ALL as STRUCK_TAGS};

use super::{
    Count, Index, Page, Seek,
    digests::{kind_of, unpacked},
    paging::{Place, Value, Way},
    seen::Narrow,
};
use crate::{Error, sql::statements};
use domain::{
    Digest, Id, Kind, RepositoryName, Tag, Timestamp, Visible,
    health::{About, Check, CheckSet},
};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashMap;

statements! {
    // Of several registries and checks in one look, each counted to a bound. A repository's finding says of how many tags.
    COUNTS = "SELECT r.value, c.value, (SELECT COUNT(*) FROM (SELECT 1 FROM findings
                WHERE registry_id = r.value AND check_bit = c.value LIMIT $3))
              + (SELECT COALESCE(SUM(tags), 0) FROM (SELECT COALESCE(CAST(detail AS INTEGER), 1) AS tags FROM repository_findings
                WHERE registry_id = r.value AND check_bit = c.value LIMIT $3))
              FROM json_each($1) r CROSS JOIN json_each($2) c";
    // A manifest counts where a repository holds it; its own tags come with it, or those of an index that names it.
    MANIFESTS = "SELECT f.manifest_id AS id, f.detail, m.digest, m.kind, r.id AS repository_id, r.name AS repository
                 FROM findings f CROSS JOIN manifests m ON m.id = f.manifest_id
                 CROSS JOIN holds h ON h.manifest_id = f.manifest_id CROSS JOIN repositories r ON r.id = h.repository_id
                 WHERE f.registry_id = $1 AND f.check_bit = $2 AND (f.manifest_id, r.id) > ($3, $4)
                 ORDER BY f.manifest_id, r.id LIMIT $5";
    MANIFESTS_BACK = "SELECT f.manifest_id AS id, f.detail, m.digest, m.kind, r.id AS repository_id, r.name AS repository
                      FROM findings f CROSS JOIN manifests m ON m.id = f.manifest_id
                      CROSS JOIN holds h ON h.manifest_id = f.manifest_id CROSS JOIN repositories r ON r.id = h.repository_id
                      WHERE f.registry_id = $1 AND f.check_bit = $2 AND (f.manifest_id, r.id) < ($3, $4)
                      ORDER BY f.manifest_id DESC, r.id DESC LIMIT $5";
    // Here the place is the repository alone: $3 is left out.
    REPOSITORIES = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                    FROM repository_findings f CROSS JOIN repositories r ON r.id = f.repository_id
                    WHERE f.registry_id = $1 AND f.check_bit = $2 AND f.repository_id > $4
                    ORDER BY f.repository_id LIMIT $5";
    REPOSITORIES_BACK = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                         FROM repository_findings f CROSS JOIN repositories r ON r.id = f.repository_id
                         WHERE f.registry_id = $1 AND f.check_bit = $2 AND f.repository_id < $4
                         ORDER BY f.repository_id DESC LIMIT $5";
    // The same for somebody who sees few repositories ($6): each of what these hold is looked at.
    SEEN_COUNTS = "SELECT registry_id, check_bit, COUNT(*) FROM
                   (SELECT DISTINCT f.registry_id, f.check_bit, f.manifest_id FROM
                    (SELECT h.manifest_id FROM json_each($1) x CROSS JOIN holds h ON h.repository_id = x.value LIMIT $3) o
                    CROSS JOIN findings f ON f.manifest_id = o.manifest_id WHERE f.check_bit IN (SELECT value FROM json_each($2)))
                   GROUP BY registry_id, check_bit
                   UNION ALL SELECT f.registry_id, f.check_bit, SUM(COALESCE(CAST(f.detail AS INTEGER), 1)) FROM json_each($1) x
                   CROSS JOIN repository_findings f ON f.repository_id = x.value
                   WHERE f.check_bit IN (SELECT value FROM json_each($2)) GROUP BY f.registry_id, f.check_bit";
    SEEN_MANIFESTS = "SELECT f.manifest_id AS id, f.detail, m.digest, m.kind, r.id AS repository_id, r.name AS repository
                 FROM json_each($6) x CROSS JOIN repositories r ON r.id = x.value CROSS JOIN holds h ON h.repository_id = r.id
                 CROSS JOIN findings f ON f.registry_id = $1 AND f.check_bit = $2 AND f.manifest_id = h.manifest_id
                 CROSS JOIN manifests m ON m.id = f.manifest_id
                 WHERE (f.manifest_id, r.id) > ($3, $4) ORDER BY f.manifest_id, r.id LIMIT $5";
    SEEN_MANIFESTS_BACK = "SELECT f.manifest_id AS id, f.detail, m.digest, m.kind, r.id AS repository_id, r.name AS repository
                 FROM json_each($6) x CROSS JOIN repositories r ON r.id = x.value CROSS JOIN holds h ON h.repository_id = r.id
                 CROSS JOIN findings f ON f.registry_id = $1 AND f.check_bit = $2 AND f.manifest_id = h.manifest_id
                 CROSS JOIN manifests m ON m.id = f.manifest_id
                 WHERE (f.manifest_id, r.id) < ($3, $4) ORDER BY f.manifest_id DESC, r.id DESC LIMIT $5";
    SEEN_REPOSITORIES = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                    FROM json_each($6) x CROSS JOIN repositories r ON r.id = x.value
                    CROSS JOIN repository_findings f ON f.registry_id = $1 AND f.check_bit = $2 AND f.repository_id = r.id
                    WHERE (0, f.repository_id) > ($3, $4) ORDER BY f.repository_id LIMIT $5";
    SEEN_REPOSITORIES_BACK = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                    FROM json_each($6) x CROSS JOIN repositories r ON r.id = x.value
                    CROSS JOIN repository_findings f ON f.registry_id = $1 AND f.check_bit = $2 AND f.repository_id = r.id
                    WHERE (0, f.repository_id) < ($3, $4) ORDER BY f.repository_id DESC LIMIT $5";
    TAGS = "SELECT name FROM tags WHERE manifest_id = $1 AND repository_id = $2 ORDER BY name LIMIT $3";
    PARENTS_TAGS = "SELECT t.name FROM children c CROSS JOIN tags t ON t.manifest_id = c.parent_id AND t.repository_id = $2
                    WHERE c.child_id = $1 ORDER BY t.name LIMIT $3";
}

/// As many tags of a manifest are named.
const TAGS_NAMED: i64 = 4;
/// As many places are looked at for a page of those that may be seen.
const CANDIDATES: i64 = 5_000;
/// As many manifests that somebody sees are looked at for all counts; beyond, a count says that there are more.
const HELD: i64 = 200_000;

/// Where a check strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// In which repository.
    pub repository: RepositoryName,
    /// At which manifest, and what that is, unless it is the repository itself or a tag that nobody has asked for yet.
    pub manifest: Option<(Digest, Kind)>,
    /// The tag that it is about; else some of those that lead there: its own, or those of an index that names it.
    pub tags: Vec<Tag>,
    /// What was found, in a few words.
    pub detail: Option<String>,
}

/// Which findings are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrikesListing {
    /// Tags are old as of then.
    pub now: Timestamp,
    /// Which part.
    pub seek: Seek,
    /// Rows at most.
    pub limit: u32,
}

impl Index {
    /// How often each of these checks strikes in each of these registries, counted to `cap`: manifests, each once whoever
    /// shares it, tags or repositories. Of registries of which only some may be seen, that is counted; nothing, if that is very much.
    pub async fn count_strikes(
        &self,
        visible: &Visible,
        registries: &[Id],
        checks: CheckSet,
        cap: u32,
    ) -> Result<HashMap<(Id, Check), Count>, Error> {
        let seen = registries.iter().copied().filter(|id| visible.registry(*id));
        let (whole, partly): (Vec<Id>, Vec<Id>) = seen.partition(|id| visible.in_registry(*id).everything());
        let bits: HashMap<u32, Check> = checks.iter().map(|check| (check.bit(), check)).collect();
        let wanted = serde_json::to_string(&bits.keys().collect::<Vec<_>>())?;
        let query = sqlx::query_as(COUNTS).bind(serde_json::to_string(&whole)?).bind(&wanted).bind(i64::from(cap) + 1);
        let mut rows: Vec<(Id, u32, i64)> = query.fetch_all(&self.pools.readers).await?;
        if !partly.is_empty()
            && let Some(narrow) = self.narrow(visible).await?
        {
            rows.extend(self.count_seen(&narrow, &partly, &wanted, &bits).await?);
        }
        let count = |(registry, bit, number): (Id, u32, i64)| {
            bits.get(&bit).map(|check| ((registry, *check), Count::upto(cap, number)))
        };
        Ok(rows.into_iter().filter_map(count).collect())
    }

    /// The same where few repositories may be seen.
    async fn count_seen(
        &self,
        narrow: &Narrow,
        registries: &[Id],
        wanted: &str,
        bits: &HashMap<u32, Check>,
    ) -> Result<Vec<(Id, u32, i64)>, Error> {
        let query = sqlx::query_as(SEEN_COUNTS).bind(&narrow.ids).bind(wanted).bind(HELD);
        let found: Vec<(Id, u32, i64)> = query.fetch_all(&self.pools.readers).await?;
        let found: HashMap<(Id, u32), i64> = found.into_iter().map(|(id, bit, count)| ((id, bit), count)).collect();
        // What strikes nowhere is told, too.
        let all = registries.iter().flat_map(|id| bits.keys().map(move |bit| (*id, *bit)));
        Ok(all.map(|key| (key.0, key.1, found.get(&key).copied().unwrap_or_default())).collect())
    }

    /// A page of where a check strikes, in the order in which that became known. Who asks for one of
    /// [`CheckSet::NEEDS_PULL`] needs that permission.
    pub async fn strikes(
        &self,
        visible: &Visible,
        registry: Id,
        check: Check,
        listing: &StrikesListing,
    ) -> Result<Page<Strike>, Error> {
        let way = Way::new(check.as_str(), false, &listing.seek, |value| matches!(value, Value::Number(_)))?;
        let sees = visible.in_registry(registry);
        if !sees.repositories_at_all() {
            return Ok(way.page(Vec::new(), listing.limit, None));
        }
        if tags::is_of_tags(check) {
            return self.tags_struck(visible, registry, check, listing, &way).await;
        }
        let narrow = if sees.everything() { None } else { self.narrow(visible).await? };
        let sql = match (is_of_manifests(check), way.backwards, narrow.is_some()) {
            (true, false, false) => MANIFESTS,
            (true, true, false) => MANIFESTS_BACK,
            (false, false, false) => REPOSITORIES,
            (false, true, false) => REPOSITORIES_BACK,
            (true, false, true) => SEEN_MANIFESTS,
            (true, true, true) => SEEN_MANIFESTS_BACK,
            (false, false, true) => SEEN_REPOSITORIES,
            (false, true, true) => SEEN_REPOSITORIES_BACK,
        };
        let exactly = sees.everything() || narrow.is_some();
        let end = if way.backwards { i64::MAX } else { i64::MIN };
        let mut from = way.place.clone().unwrap_or(place(end, end));
        let wanted = listing.limit as usize + 1;
        let (mut found, mut left) = (Vec::new(), CANDIDATES);
        loop {
            let some = if exactly { i64::from(listing.limit) + 1 } else { left.min(500) };
            let (Value::Number(id), Some(repository)) = (&from.value, from.ids.first()) else {
                return Err(Error::Cursor);
            };
            let query = sqlx::query(sql).bind(registry).bind(check.bit()).bind(id).bind(repository).bind(some);
            let query = match &narrow {
                Some(narrow) => query.bind(narrow.of_registry(registry)),
                None => query,
            };
            let rows = query.fetch_all(&self.pools.readers).await?;
            for row in &rows {
                from = place(row.try_get("id")?, row.try_get("repository_id")?);
                let name: RepositoryName = row.try_get::<String, _>("repository")?.parse()?;
                if visible.repository(registry, &name) && found.len() < wanted {
                    found.push((from.clone(), self.strike(row, name).await?));
                }
            }
            left -= some;
            let all = i64::try_from(rows.len()).unwrap_or(i64::MAX) < some;
            if all || found.len() >= wanted || left <= 0 {
                let stopped = (!all && found.len() < wanted).then_some(from);
                return Ok(way.page(found, listing.limit, stopped));
            }
        }
    }

    async fn strike(&self, row: &SqliteRow, repository: RepositoryName) -> Result<Strike, Error> {
        let digest: Option<Vec<u8>> = row.try_get("digest")?;
        let mut tags = Vec::new();
        if digest.is_some() {
            let (manifest, id): (Id, Id) = (row.try_get("id")?, row.try_get("repository_id")?);
            for sql in [TAGS, PARENTS_TAGS] {
                let query = sqlx::query_scalar(sql).bind(manifest).bind(id).bind(TAGS_NAMED);
                let names: Vec<String> = query.fetch_all(&self.pools.readers).await?;
                tags = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
                if !tags.is_empty() {
                    break;
                }
            }
        }
        let kind = row.try_get::<Option<i64>, _>("kind")?.map_or(Kind::Unknown, kind_of);
        let manifest = digest.map(|digest| Ok::<_, Error>((unpacked(&digest)?, kind))).transpose()?;
        Ok(Strike { repository, manifest, tags, detail: row.try_get("detail")? })
    }
}

fn place(id: i64, repository: i64) -> Place {
    Place { value: Value::Number(id), name: String::new(), ids: vec![repository] }
}

/// Is it kept by manifest? What concerns tags is kept by repository, which says of how many.
fn is_of_manifests(check: Check) -> bool {
    matches!(check.about(), About::Manifest | About::Presence)
}
