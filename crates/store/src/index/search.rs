//! A first search: names of repositories and tags across registries, and digests by their beginning.

use super::Index;
use crate::{Error, sql::statements};
use domain::{Digest, Id, RepositoryName, Tag, Visible};

statements! {
    // Exact names first, then those that end in the text as a component, then any part.
    REPOSITORIES = "SELECT registry_id, name FROM repositories WHERE $1 AND registry_id IN (SELECT value FROM json_each($2))
                    AND instr(name, $3) > 0
                    ORDER BY name <> $3, name NOT LIKE '%/' || $3, instr(name, $3) > 1, name, registry_id LIMIT $4";
    // So many tags are looked at, and no more: an index of words comes with the search over everything.
    TAGS = "SELECT r.registry_id, r.name, t.name, t.digest
            FROM (SELECT repository_id, name, digest FROM tags WHERE is_referrer = 0 LIMIT 100000) t
            JOIN repositories r ON r.id = t.repository_id
            WHERE $1 AND r.registry_id IN (SELECT value FROM json_each($2)) AND instr(lower(t.name), $3) > 0
            ORDER BY lower(t.name) <> $3, instr(lower(t.name), $3) > 1, t.name, r.name LIMIT $4";
    DIGESTS = "SELECT r.registry_id, r.name, t.name, t.digest FROM tags t JOIN repositories r ON r.id = t.repository_id
               WHERE $1 AND r.registry_id IN (SELECT value FROM json_each($2)) AND t.digest >= $3 AND t.digest < $3 || 'g'
               ORDER BY t.digest, r.name, t.name LIMIT $4";
}

/// A tag that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagHit {
    /// In which registry.
    pub registry: Id,
    /// In which repository.
    pub repository: RepositoryName,
    /// Which.
    pub tag: Tag,
    /// Where it points, as far as that is known.
    pub digest: Option<Digest>,
}

type Row = (Id, String, String, Option<String>);

impl Index {
    /// Repositories of these registries whose name holds `text` (in small letters), the closest first.
    pub async fn find_repositories(
        &self,
        visible: &Visible,
        registries: &[Id],
        text: &str,
        limit: u32,
    ) -> Result<Vec<(Id, RepositoryName)>, Error> {
        let query =
            sqlx::query_as(REPOSITORIES).bind(visible.everything()).bind(among(visible, registries)?).bind(text);
        let rows: Vec<(Id, String)> = query.bind(limit).fetch_all(&self.pools.readers).await?;
        rows.into_iter().map(|(registry, name)| Ok((registry, name.parse()?))).collect()
    }

    /// Tags in these registries whose name holds `text` (in small letters), the closest first. A bounded number is looked at.
    pub async fn find_tags(
        &self,
        visible: &Visible,
        registries: &[Id],
        text: &str,
        limit: u32,
    ) -> Result<Vec<TagHit>, Error> {
        self.hits(TAGS, visible, registries, text, limit).await
    }

    /// Tags in these registries that point to a digest which begins so; `beginning` has its algorithm.
    pub async fn find_digests(
        &self,
        visible: &Visible,
        registries: &[Id],
        beginning: &str,
        limit: u32,
    ) -> Result<Vec<TagHit>, Error> {
        self.hits(DIGESTS, visible, registries, beginning, limit).await
    }

    async fn hits(
        &self,
        sql: &'static str,
        visible: &Visible,
        registries: &[Id],
        text: &str,
        limit: u32,
    ) -> Result<Vec<TagHit>, Error> {
        let query = sqlx::query_as(sql).bind(visible.everything()).bind(among(visible, registries)?).bind(text);
        let rows: Vec<Row> = query.bind(limit).fetch_all(&self.pools.readers).await?;
        let hit = |(registry, repository, tag, digest): Row| {
            let digest = digest.map(|digest| digest.parse()).transpose()?;
            Ok(TagHit { registry, repository: repository.parse()?, tag: tag.parse()?, digest })
        };
        rows.into_iter().map(hit).collect()
    }
}

fn among(visible: &Visible, registries: &[Id]) -> Result<String, Error> {
    let seen: Vec<&Id> = registries.iter().filter(|id| visible.registry(**id)).collect();
    Ok(serde_json::to_string(&seen)?)
}
