//! How storage grew: once a day, how much a registry, a namespace and a repository held. Nothing else remembers it.

use crate::{Error, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    // The last look of a day is the one that counts.
    SAVE = "INSERT INTO storage_samples (registry_id, scope, day, bytes, exclusive, repositories, tags, read)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (registry_id, scope, day) DO UPDATE SET bytes = excluded.bytes, exclusive = excluded.exclusive,
            repositories = excluded.repositories, tags = excluded.tags, read = excluded.read";
    SERIES = "SELECT * FROM storage_samples WHERE registry_id = $1 AND scope = $2 AND day >= $3 AND day <= $4 ORDER BY day";
    REGISTRIES = "SELECT * FROM storage_samples WHERE scope = '' AND day >= $1 AND day <= $2 ORDER BY day";
    // Of each scope the last one before a day: what a sample of today is compared with.
    LATEST = "SELECT s.* FROM storage_samples s JOIN (SELECT scope, MAX(day) AS day FROM storage_samples
              WHERE registry_id = $1 AND day < $2 GROUP BY scope) last ON last.scope = s.scope AND last.day = s.day
              WHERE s.registry_id = $1";
    LAST_DAY = "SELECT MAX(day) FROM storage_samples WHERE registry_id = $1 AND scope = ''";
}

/// What a sample is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The whole registry.
    Registry,
    /// All repositories below a namespace, by its name without the last slash.
    Namespace(String),
    /// One repository, by its name.
    Repository(String),
}

impl Scope {
    fn to_text(&self) -> String {
        match self {
            Self::Registry => String::new(),
            Self::Namespace(name) => format!("{name}/"),
            Self::Repository(name) => name.clone(),
        }
    }
    fn of_text(text: &str) -> Self {
        match text.strip_suffix('/') {
            _ if text.is_empty() => Self::Registry,
            Some(name) => Self::Namespace(name.to_owned()),
            None => Self::Repository(text.to_owned()),
        }
    }
}

/// How much something held on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The day, counted from 1970 (UTC).
    pub day: i64,
    /// Bytes of all its blobs, each once.
    pub bytes: u64,
    /// Bytes of those that nothing else in the registry holds.
    pub exclusive: u64,
    /// How many repositories.
    pub repositories: u64,
    /// How many tags.
    pub tags: u64,
    /// How many of the tags were read: the sums cover no more.
    pub read: u64,
}

impl Sample {
    /// The day a moment falls on.
    pub fn day_of(at: Timestamp) -> i64 {
        at.seconds().div_euclid(86_400)
    }
    /// When the day began.
    pub fn at(&self) -> Timestamp {
        Timestamp(self.day * 86_400 * 1_000_000)
    }
    /// Does it say the same of another day?
    pub fn is_like(&self, other: &Self) -> bool {
        Self { day: other.day, ..*self } == *other
    }
}

/// The samples.
#[derive(Clone, Copy, Debug)]
pub struct StorageSamples<'s>(&'s Pools);

impl Store {
    /// How storage grew.
    pub fn storage_samples(&self) -> StorageSamples<'_> {
        StorageSamples(&self.inner.records)
    }
}

impl StorageSamples<'_> {
    /// Keeps samples. A second one of the same day replaces the first.
    pub async fn save(&self, registry: Id, samples: &[(Scope, Sample)]) -> Result<(), Error> {
        // Records share their one writer with sign-ins: a batch holds it for some milliseconds.
        for chunk in samples.chunks(200) {
            let mut change = self.0.begin().await?;
            for (scope, sample) in chunk {
                let statement = sqlx::query(SAVE)
                    .bind(registry)
                    .bind(scope.to_text())
                    .bind(sample.day)
                    .bind(signed(sample.bytes))
                    .bind(signed(sample.exclusive))
                    .bind(signed(sample.repositories))
                    .bind(signed(sample.tags))
                    .bind(signed(sample.read));
                statement.execute(&mut *change).await?;
            }
            change.commit().await?;
        }
        Ok(())
    }

    /// The samples of a scope from one day to another, both included, the first day first, as far as it may be seen:
    /// of a registry or a namespace to those who may see the registry.
    pub async fn series(
        &self,
        visible: &Visible,
        registry: Id,
        scope: &Scope,
        from: i64,
        to: i64,
    ) -> Result<Vec<Sample>, Error> {
        let may = match scope {
            // A sum of all of it is for those who see all of it.
            Scope::Registry | Scope::Namespace(_) => visible.in_registry(registry).everything(),
            Scope::Repository(name) => visible.repository(registry, &name.parse()?),
        };
        if !may {
            return Ok(Vec::new());
        }
        let query = sqlx::query(SERIES).bind(registry).bind(scope.to_text()).bind(from).bind(to);
        query.fetch_all(&self.0.readers).await?.iter().map(sample).collect()
    }

    /// The samples of all registries that may be seen, each of a whole one, the first day first.
    pub async fn of_registries(&self, visible: &Visible, from: i64, to: i64) -> Result<Vec<(Id, Sample)>, Error> {
        let rows = sqlx::query(REGISTRIES).bind(from).bind(to).fetch_all(&self.0.readers).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let registry: Id = row.try_get("registry_id")?;
            if visible.in_registry(registry).everything() {
                all.push((registry, sample(row)?));
            }
        }
        Ok(all)
    }

    /// Of each scope of a registry the last sample before a day.
    pub async fn latest_before(&self, registry: Id, day: i64) -> Result<Vec<(Scope, Sample)>, Error> {
        let rows = sqlx::query(LATEST).bind(registry).bind(day).fetch_all(&self.0.readers).await?;
        rows.iter().map(|row| Ok((Scope::of_text(row.try_get("scope")?), sample(row)?))).collect()
    }

    /// The last day of which the whole registry has a sample.
    pub async fn last_day(&self, registry: Id) -> Result<Option<i64>, Error> {
        Ok(sqlx::query_scalar(LAST_DAY).bind(registry).fetch_one(&self.0.readers).await?)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sample(row: &SqliteRow) -> Result<Sample, Error> {
    let number = |column: &str| -> Result<u64, Error> { Ok(row.try_get::<i64, _>(column)?.max(0).unsigned_abs()) };
    Ok(Sample {
        day: row.try_get("day")?,
        bytes: number("bytes")?,
        exclusive: number("exclusive")?,
        repositories: number("repositories")?,
        tags: number("tags")?,
        read: number("read")?,
    })
}
