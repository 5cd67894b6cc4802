//! What is to be said about the health of content: how often each check strikes, and where. What a document tells of itself
//! comes in with it ([`super::Content`]); here is what depends on its surroundings and on time.

mod presence;
mod repository;

pub use presence::{Doubtful, Expected};
#[cfg(test)]
pub(crate) use {ALL as LISTS, presence::ALL as PRESENCE, repository::ALL as REPOSITORY};

use super::{
    Count, Index, Page, Seek,
    digests::{kind_of, unpacked},
    paging::{Place, Value, Way},
};
use crate::{Error, sql::statements};
use domain::{
    Digest, Id, Kind, RepositoryName, Tag, Visible,
    health::{About, Check, CheckSet},
};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::HashMap;

statements! {
    // Of several registries and checks in one look, each counted to a bound.
    COUNTS = "SELECT r.value, c.value, (SELECT COUNT(*) FROM (SELECT 1 FROM findings
                WHERE registry_id = r.value AND check_bit = c.value LIMIT $3))
              + (SELECT COUNT(*) FROM (SELECT 1 FROM repository_findings
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
    REPOSITORIES = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                    FROM repository_findings f CROSS JOIN repositories r ON r.id = f.repository_id
                    WHERE f.registry_id = $1 AND f.check_bit = $2 AND (0, f.repository_id) > ($3, $4)
                    ORDER BY f.repository_id LIMIT $5";
    REPOSITORIES_BACK = "SELECT 0 AS id, f.detail, NULL AS digest, NULL AS kind, r.id AS repository_id, r.name AS repository
                         FROM repository_findings f CROSS JOIN repositories r ON r.id = f.repository_id
                         WHERE f.registry_id = $1 AND f.check_bit = $2 AND (0, f.repository_id) < ($3, $4)
                         ORDER BY f.repository_id DESC LIMIT $5";
    TAGS = "SELECT name FROM tags WHERE manifest_id = $1 AND repository_id = $2 ORDER BY name LIMIT $3";
    PARENTS_TAGS = "SELECT t.name FROM children c CROSS JOIN tags t ON t.manifest_id = c.parent_id AND t.repository_id = $2
                    WHERE c.child_id = $1 ORDER BY t.name LIMIT $3";
}

/// As many tags of a manifest are named.
const TAGS_NAMED: i64 = 4;
/// As many places are looked at for a page of those that may be seen.
const CANDIDATES: i64 = 5_000;

/// Where a check strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// In which repository.
    pub repository: RepositoryName,
    /// At which manifest, and what that is, unless it is the repository itself.
    pub manifest: Option<(Digest, Kind)>,
    /// Some of the tags that lead there: its own, or those of an index that names it.
    pub tags: Vec<Tag>,
    /// What was found, in a few words.
    pub detail: Option<String>,
}

/// Which findings are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrikesListing {
    /// Which part.
    pub seek: Seek,
    /// Rows at most.
    pub limit: u32,
}

impl Index {
    /// How often each of these checks strikes in each of these registries, counted to `cap`: manifests, each once whoever
    /// shares it, or repositories. Only of registries of which all may be seen, since a count tells of what it counts.
    pub async fn count_strikes(
        &self,
        visible: &Visible,
        registries: &[Id],
        checks: CheckSet,
        cap: u32,
    ) -> Result<HashMap<(Id, Check), Count>, Error> {
        let seen: Vec<Id> = registries
            .iter()
            .copied()
            .filter(|id| visible.registry(*id) && visible.in_registry(*id).everything())
            .collect();
        let bits: HashMap<u32, Check> = checks.iter().map(|check| (check.bit(), check)).collect();
        let query = sqlx::query_as(COUNTS)
            .bind(serde_json::to_string(&seen)?)
            .bind(serde_json::to_string(&bits.keys().collect::<Vec<_>>())?)
            .bind(i64::from(cap) + 1);
        let rows: Vec<(Id, u32, i64)> = query.fetch_all(&self.pools.readers).await?;
        let count = |(registry, bit, number): (Id, u32, i64)| {
            bits.get(&bit).map(|check| ((registry, *check), Count::upto(cap, number)))
        };
        Ok(rows.into_iter().filter_map(count).collect())
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
        let sql = match (is_of_manifests(check), way.backwards) {
            (true, false) => MANIFESTS,
            (true, true) => MANIFESTS_BACK,
            (false, false) => REPOSITORIES,
            (false, true) => REPOSITORIES_BACK,
        };
        let end = if way.backwards { i64::MAX } else { i64::MIN };
        let mut from = way.place.clone().unwrap_or(place(end, end));
        let wanted = listing.limit as usize + 1;
        let (mut found, mut left) = (Vec::new(), CANDIDATES);
        loop {
            let some = if sees.everything() { i64::from(listing.limit) + 1 } else { left.min(500) };
            let (Value::Number(id), Some(repository)) = (&from.value, from.ids.first()) else {
                return Err(Error::Cursor);
            };
            let query = sqlx::query(sql).bind(registry).bind(check.bit()).bind(id).bind(repository).bind(some);
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

/// Is it kept by manifest? What concerns tags is kept by repository: it says of how many.
fn is_of_manifests(check: Check) -> bool {
    matches!(check.about(), About::Manifest | About::Presence)
}
