//! Taking in a registry's catalogue: what came, what is missing, and what is missing for good.

use super::{CHUNK, Index, array};
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Timestamp, Visible};
use std::collections::{HashMap, HashSet};

statements! {
    CATALOGUE = "SELECT listed_at, complete, names FROM catalogues WHERE registry_id = $1";
    CATALOGUES = "SELECT registry_id, listed_at, complete, names FROM catalogues WHERE $1";
    SAVE_CATALOGUE = "INSERT INTO catalogues (registry_id, listed_at, complete, names) VALUES ($1, $2, $3, $4)
                      ON CONFLICT (registry_id) DO UPDATE SET listed_at = excluded.listed_at, complete = excluded.complete,
                      names = excluded.names";
    NAMES = "SELECT name, id, catalogued, absent FROM repositories WHERE registry_id = $1";
    // Pairs of name and namespace, as a JSON array of arrays.
    SEEN = "INSERT INTO repositories (registry_id, name, namespace, catalogued, seen_at)
            SELECT $1, value ->> 0, value ->> 1, 1, $3 FROM json_each($2) WHERE true
            ON CONFLICT (registry_id, name) DO UPDATE SET catalogued = 1, absent = 0";
    ABSENT = "UPDATE repositories SET absent = absent + 1
              WHERE registry_id = $1 AND name IN (SELECT value FROM json_each($2))";
}

/// When a registry's catalogue was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// When.
    pub listed_at: Timestamp,
    /// To its end?
    pub complete: bool,
    /// How many names it had.
    pub names: u64,
}

/// What a new catalogue changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Names that are new.
    pub added: u64,
    /// Names that two complete catalogues in a row lacked.
    pub removed: u64,
    /// Names that this complete catalogue lacked for the first time.
    pub missing: u64,
}

/// A repository as it is known before a catalogue comes in: name, row, seen in a catalogue?, catalogues without it.
type Known = (String, Id, bool, i64);

impl Index {
    /// When the registry's catalogue was read last.
    pub async fn catalogue(&self, registry: Id) -> Result<Option<Catalogue>, Error> {
        let row: Option<(i64, bool, i64)> =
            sqlx::query_as(CATALOGUE).bind(registry).fetch_optional(&self.pools.readers).await?;
        let read = |(at, complete, names): (i64, bool, i64)| Catalogue {
            listed_at: Timestamp(at),
            complete,
            names: names.unsigned_abs(),
        };
        Ok(row.map(read))
    }

    /// Takes in a catalogue that was read. New names come in. A name that is missing goes only at the second complete
    /// catalogue in a row without it; one that was entered or opened by name does not go at all.
    pub async fn replace_repositories(
        &self,
        registry: Id,
        names: &[RepositoryName],
        complete: bool,
        at: Timestamp,
    ) -> Result<Replaced, Error> {
        let _recount = self.counted.changing();
        let known: Vec<Known> = sqlx::query_as(NAMES).bind(registry).fetch_all(&self.pools.readers).await?;
        let listed: HashSet<&str> = names.iter().map(RepositoryName::as_str).collect();
        let settled: HashSet<&str> = known
            .iter()
            .filter(|(_, _, catalogued, absent)| *catalogued && *absent == 0)
            .map(|row| row.0.as_str())
            .collect();
        let before: HashSet<&str> = known.iter().map(|row| row.0.as_str()).collect();
        let fresh: Vec<&RepositoryName> = names.iter().filter(|name| !settled.contains(name.as_str())).collect();
        let mut replaced = Replaced {
            added: listed.iter().filter(|name| !before.contains(*name)).count() as u64,
            ..Replaced::default()
        };
        for chunk in fresh.chunks(CHUNK) {
            let pairs =
                chunk.iter().map(|name| serde_json::json!([name.as_str(), name.namespace().unwrap_or_default()]));
            let pairs = serde_json::Value::Array(pairs.collect()).to_string();
            sqlx::query(SEEN).bind(registry).bind(pairs).bind(at.0).execute(&self.pools.writer).await?;
        }
        if complete {
            let missing =
                known.iter().filter(|(name, _, catalogued, _)| *catalogued && !listed.contains(name.as_str()));
            let (gone, away): (Vec<_>, Vec<_>) = missing.partition(|(_, _, _, absent)| *absent >= 1);
            for (_, id, _, _) in &gone {
                self.erase(*id).await?;
            }
            for chunk in away.chunks(CHUNK) {
                let names = array(chunk.iter().map(|row| row.0.as_str()));
                sqlx::query(ABSENT).bind(registry).bind(names).execute(&self.pools.writer).await?;
            }
            (replaced.removed, replaced.missing) = (gone.len() as u64, away.len() as u64);
        }
        let count = i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let save = sqlx::query(SAVE_CATALOGUE).bind(registry).bind(at.0).bind(complete).bind(count);
        save.execute(&self.pools.writer).await?;
        Ok(replaced)
    }

    /// When each registry's catalogue was read last.
    pub async fn catalogues(&self, visible: &Visible) -> Result<HashMap<Id, Catalogue>, Error> {
        let query = sqlx::query_as(CATALOGUES).bind(visible.everything());
        let rows: Vec<(Id, i64, bool, i64)> = query.fetch_all(&self.pools.readers).await?;
        let rows = rows.into_iter().filter(|row| visible.registry(row.0));
        let read = |(registry, at, complete, names): (Id, i64, bool, i64)| {
            (registry, Catalogue { listed_at: Timestamp(at), complete, names: names.unsigned_abs() })
        };
        Ok(rows.map(read).collect())
    }
}
