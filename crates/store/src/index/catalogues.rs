//! Taking in a registry's catalogue: what came, what is missing, and what is missing for good.

use super::{CHUNK, Index, array};
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::{HashMap, HashSet};

statements! {
    CATALOGUE = "SELECT * FROM catalogues WHERE registry_id = $1 AND listed_at IS NOT NULL";
    CATALOGUES = "SELECT * FROM catalogues WHERE $1 AND listed_at IS NOT NULL";
    SAVE_CATALOGUE = "INSERT INTO catalogues (registry_id, listed_at, complete, names, doubt) VALUES ($1, $2, $3, $4, $5)
                      ON CONFLICT (registry_id) DO UPDATE SET listed_at = excluded.listed_at, complete = excluded.complete,
                      names = excluded.names, doubt = excluded.doubt";
    NAMES = "SELECT name, catalogued, absent_since FROM repositories WHERE registry_id = $1";
    // Pairs of name and namespace, as a JSON array of arrays.
    SEEN = "INSERT INTO repositories (registry_id, name, namespace, catalogued, seen_at)
            SELECT $1, value ->> 0, value ->> 1, 1, $3 FROM json_each($2) WHERE true
            ON CONFLICT (registry_id, name) DO UPDATE SET catalogued = 1, absent_since = NULL";
    ABSENT = "UPDATE repositories SET absent_since = $3
              WHERE registry_id = $1 AND name IN (SELECT value FROM json_each($2)) AND absent_since IS NULL";
    FILLED = "UPDATE catalogues SET filled_at = $2 WHERE registry_id = $1 AND filled_at IS NULL";
}

/// When a registry's catalogue was read, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// When.
    pub listed_at: Timestamp,
    /// To its end?
    pub complete: bool,
    /// How many names it had; untold to those who see only some of them.
    pub names: Option<u64>,
    /// Why it was not believed about what it lacks.
    pub doubt: Option<String>,
    /// When everything in it had been read for the first time.
    pub filled_at: Option<Timestamp>,
}

/// A catalogue as it was read.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueList<'l> {
    /// Its names.
    pub names: &'l [RepositoryName],
    /// Was it read to its end?
    pub complete: bool,
    /// Why it is not believed about what it lacks, although it may be complete: in a sentence.
    pub doubt: Option<&'l str>,
}

/// What a catalogue told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogued {
    /// How many names are new.
    pub added: u64,
    /// Repositories that catalogues had before and this one lacks; since when complete, believed ones have lacked them.
    pub missing: Vec<(RepositoryName, Option<Timestamp>)>,
}

impl Index {
    /// When the registry's catalogue was read last. It says how many names it had: people are given
    /// [`Index::catalogue_seen`].
    pub async fn catalogue(&self, registry: Id) -> Result<Option<Catalogue>, Error> {
        let row = sqlx::query(CATALOGUE).bind(registry).fetch_optional(&self.pools.readers).await?;
        row.as_ref().map(catalogue).transpose()
    }

    /// Takes in a catalogue that was read. It only adds: what it lacks is told to the caller, and kept as evidence where the
    /// list is complete and believed. A repository that was entered or opened by name is never missing.
    pub async fn save_catalogue(
        &self,
        registry: Id,
        list: CatalogueList<'_>,
        at: Timestamp,
    ) -> Result<Catalogued, Error> {
        let known: Vec<(String, bool, Option<i64>)> =
            sqlx::query_as(NAMES).bind(registry).fetch_all(&self.pools.readers).await?;
        let listed: HashSet<&str> = list.names.iter().map(RepositoryName::as_str).collect();
        let settled: HashSet<&str> = known
            .iter()
            .filter(|(_, catalogued, absent)| *catalogued && absent.is_none())
            .map(|row| row.0.as_str())
            .collect();
        let before: HashSet<&str> = known.iter().map(|row| row.0.as_str()).collect();
        let fresh: Vec<&RepositoryName> = list.names.iter().filter(|name| !settled.contains(name.as_str())).collect();
        for chunk in fresh.chunks(CHUNK) {
            let pairs =
                chunk.iter().map(|name| serde_json::json!([name.as_str(), name.namespace().unwrap_or_default()]));
            let pairs = serde_json::Value::Array(pairs.collect()).to_string();
            sqlx::query(SEEN).bind(registry).bind(pairs).bind(at.0).execute(&self.pools.writer).await?;
        }
        let missing: Vec<_> =
            known.iter().filter(|(name, catalogued, _)| *catalogued && !listed.contains(name.as_str())).collect();
        if list.complete && list.doubt.is_none() {
            for chunk in missing.chunks(CHUNK) {
                let names = array(chunk.iter().map(|row| row.0.as_str()));
                let absent = sqlx::query(ABSENT).bind(registry).bind(names).bind(at.0);
                absent.execute(&self.pools.writer).await?;
            }
        }
        let count = i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let save = sqlx::query(SAVE_CATALOGUE).bind(registry).bind(at.0).bind(list.complete).bind(count);
        save.bind(list.doubt).execute(&self.pools.writer).await?;
        let missing = missing.iter().map(|(name, _, since)| Ok((name.parse()?, since.map(Timestamp))));
        Ok(Catalogued {
            added: listed.iter().filter(|name| !before.contains(*name)).count() as u64,
            missing: missing.collect::<Result<_, Error>>()?,
        })
    }

    /// Notes that everything in the registry has been read, if this is the first time.
    pub async fn filled(&self, registry: Id, at: Timestamp) -> Result<(), Error> {
        sqlx::query(FILLED).bind(registry).bind(at.0).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// What may be known of a registry's catalogue.
    pub async fn catalogue_seen(&self, visible: &Visible, registry: Id) -> Result<Option<Catalogue>, Error> {
        if !visible.registry(registry) {
            return Ok(None);
        }
        Ok(self.catalogue(registry).await?.map(|catalogue| catalogue.seen(visible, registry)))
    }

    /// When each registry's catalogue was read last.
    pub async fn catalogues(&self, visible: &Visible) -> Result<HashMap<Id, Catalogue>, Error> {
        let rows = sqlx::query(CATALOGUES).bind(visible.registries_at_all()).fetch_all(&self.pools.readers).await?;
        let mut all = HashMap::with_capacity(rows.len());
        for row in &rows {
            let registry: Id = row.try_get("registry_id")?;
            if visible.registry(registry) {
                all.insert(registry, catalogue(row)?.seen(visible, registry));
            }
        }
        Ok(all)
    }
}

impl Catalogue {
    /// The same for somebody: who sees only some of the registry is told when it was read, and no number of what was in it.
    fn seen(self, visible: &Visible, registry: Id) -> Self {
        if visible.in_registry(registry).everything() {
            return self;
        }
        Self { names: None, doubt: self.doubt.map(|_| "It lacked more than is believed.".to_owned()), ..self }
    }
}

fn catalogue(row: &SqliteRow) -> Result<Catalogue, Error> {
    Ok(Catalogue {
        listed_at: Timestamp(row.try_get("listed_at")?),
        complete: row.try_get("complete")?,
        names: Some(row.try_get::<i64, _>("names")?.unsigned_abs()),
        doubt: row.try_get("doubt")?,
        filled_at: row.try_get::<Option<i64>, _>("filled_at")?.map(Timestamp),
    })
}
