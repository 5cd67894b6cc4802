//! The newest builds.

use super::{Index, digests::unpacked};
use crate::{Error, sql::statements};
use domain::{Digest, Id, RepositoryName, Tag, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    NEWEST = "SELECT r.registry_id, r.name AS repository, t.name AS tag, m.digest, m.created FROM manifests m
              CROSS JOIN tags t ON t.manifest_id = m.id CROSS JOIN repositories r ON r.id = t.repository_id
              WHERE $1 AND m.registry_id = $2 AND m.created <= $3 AND t.is_referrer = 0 ORDER BY m.created DESC LIMIT $4";
    // Those among the repositories with the newest builds.
    SEEN_NEWEST = "SELECT r.registry_id, r.name AS repository, t.name AS tag, m.digest, m.created FROM
              (SELECT y.id, y.registry_id, y.name FROM json_each($1) x CROSS JOIN repositories y ON y.id = x.value
               WHERE y.newest IS NOT NULL ORDER BY y.newest DESC LIMIT $3) r
              CROSS JOIN tags t ON t.repository_id = r.id AND t.created <= $2 AND t.is_referrer = 0
              CROSS JOIN manifests m ON m.id = t.manifest_id ORDER BY t.created DESC LIMIT $4";
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
    /// The newest builds known in these registries that may be seen, newest first; none that claims to be from after `now`.
    pub async fn newest(
        &self,
        visible: &Visible,
        registries: &[Id],
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Newest>, Error> {
        let mut all = Vec::new();
        let narrow = self.narrow(visible).await?;
        for registry in registries.iter().filter(|id| visible.registry(**id)) {
            let whole = visible.in_registry(*registry).everything();
            let rows = match &narrow {
                Some(narrow) if !whole => {
                    // A build may claim to be from after now, and hide an older one of the same repository.
                    let query = sqlx::query(SEEN_NEWEST).bind(narrow.of_registry(*registry)).bind(now.0);
                    query.bind(limit.saturating_mul(2)).bind(limit).fetch_all(&self.pools.readers).await?
                }
                _ => {
                    let looked = if whole { limit } else { limit.saturating_mul(100) };
                    let query = sqlx::query(NEWEST).bind(visible.repositories_at_all()).bind(registry);
                    query.bind(now.0).bind(looked).fetch_all(&self.pools.readers).await?
                }
            };
            for row in &rows {
                all.push(newest(row)?);
            }
        }
        all.retain(|newest: &Newest| visible.repository(newest.registry, &newest.repository));
        all.sort_by_key(|newest: &Newest| std::cmp::Reverse(newest.created));
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
    }
}

fn newest(row: &SqliteRow) -> Result<Newest, Error> {
    Ok(Newest {
        registry: row.try_get("registry_id")?,
        repository: row.try_get::<String, _>("repository")?.parse()?,
        tag: row.try_get::<String, _>("tag")?.parse()?,
        digest: unpacked(row.try_get("digest")?)?,
        created: Timestamp(row.try_get("created")?),
    })
}
