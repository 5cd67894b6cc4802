//! A list that was read, compared with what is known, before anything is believed of it; and what is not believed now.

use super::{
    Index,
    repository_filter::{Seeing, sees},
};
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Tag, Visible, absence::Compared};
use std::collections::HashSet;

statements! {
    TAGS = "SELECT json_group_array(name) FROM tags WHERE repository_id = $1";
    // What was given up already, because complete lists lack it, is not lost once more.
    REPOSITORIES = "SELECT json_group_array(name) FROM repositories
                    WHERE registry_id = $1 AND catalogued = 1 AND absent_since IS NULL";
    IN_TROUBLE = concat!("SELECT r.name, r.doubt, r.trouble FROM repositories r
                  WHERE r.registry_id = $1 AND (r.doubt IS NOT NULL OR r.trouble IS NOT NULL) AND ", sees!("$3"), "
                  ORDER BY r.name LIMIT $2");
    SEEN_IN_TROUBLE = "SELECT r.name, r.doubt, r.trouble FROM json_each($3) s CROSS JOIN repositories r ON r.id = s.value
                       WHERE r.registry_id = $1 AND (r.doubt IS NOT NULL OR r.trouble IS NOT NULL)
                       ORDER BY r.name LIMIT $2";
}

/// A repository whose last refresh was stopped, or whose last list is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTrouble {
    /// Which.
    pub name: RepositoryName,
    /// Why the list is not believed about what it lacks.
    pub doubt: Option<String>,
    /// What stopped the refresh.
    pub trouble: Option<String>,
}

impl Index {
    /// How a list of tags differs from what is known of the repository.
    pub async fn compare_tags(&self, repository: Id, tags: &[Tag]) -> Result<Compared, Error> {
        self.compare(TAGS, repository, tags.iter().map(Tag::as_str)).await
    }

    /// How a catalogue differs from the ones before.
    pub async fn compare_catalogue(&self, registry: Id, names: &[RepositoryName]) -> Result<Compared, Error> {
        self.compare(REPOSITORIES, registry, names.iter().map(RepositoryName::as_str)).await
    }

    async fn compare<'n>(
        &self,
        sql: &'static str,
        id: Id,
        listed: impl Iterator<Item = &'n str>,
    ) -> Result<Compared, Error> {
        let known: String = sqlx::query_scalar(sql).bind(id).fetch_one(&self.pools.readers).await?;
        let known: HashSet<String> = serde_json::from_str(&known)?;
        let listed: HashSet<&str> = listed.collect();
        let lost = known.iter().filter(|name| !listed.contains(name.as_str())).count();
        Ok(Compared { listed: listed.len() as u64, known: known.len() as u64, lost: lost as u64 })
    }

    /// The repositories of a registry, as far as they may be seen, that are in trouble or in doubt: the first ones by name.
    pub async fn in_trouble(&self, visible: &Visible, registry: Id, limit: u32) -> Result<Vec<InTrouble>, Error> {
        let query = match Seeing::whole(&self.sight(visible).await?, registry) {
            Seeing::Rows(rows) => sqlx::query_as(SEEN_IN_TROUBLE).bind(registry).bind(limit).bind(rows),
            Seeing::Marks(marks) => sqlx::query_as(IN_TROUBLE).bind(registry).bind(limit).bind(marks),
        };
        let rows: Vec<(String, Option<String>, Option<String>)> = query.fetch_all(&self.pools.readers).await?;
        let mut found = Vec::with_capacity(rows.len());
        for (name, doubt, trouble) in rows {
            let name: RepositoryName = name.parse()?;
            if visible.repository(registry, &name) {
                found.push(InTrouble { name, doubt, trouble });
            }
        }
        Ok(found)
    }
}
