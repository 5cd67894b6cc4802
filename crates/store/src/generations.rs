//! Generations: counters that tell whoever caches authority that what it keeps is old.

use crate::{Error, Store, pools::Pools, sql::statements};
use sqlx::SqliteConnection;

statements! {
    READ = "SELECT value FROM generations WHERE name = $1";
    READ_ALL = "SELECT name, value FROM generations ORDER BY name";
    BUMP = "INSERT INTO generations (name, value) VALUES ($1, 1)
            ON CONFLICT (name) DO UPDATE SET value = generations.value + 1 RETURNING value";
}

/// Who may sign in and as whom: people, their sessions and tokens.
pub const PEOPLE: &str = "people";
/// Which registries there are and how they are reached.
pub const REGISTRIES: &str = "registries";

/// The generations of the records.
#[derive(Clone, Copy, Debug)]
pub struct Generations<'s>(&'s Pools);

impl Store {
    /// The generations of the records.
    pub fn generations(&self) -> Generations<'_> {
        Generations(&self.inner.records)
    }
}

impl Generations<'_> {
    /// Changes of people, sessions and tokens count here.
    pub const PEOPLE: &'static str = PEOPLE;
    /// Changes of registries count here.
    pub const REGISTRIES: &'static str = REGISTRIES;

    /// The value now; 0 before the first change.
    pub async fn read(&self, name: &str) -> Result<i64, Error> {
        let value = sqlx::query_scalar(READ).bind(name).fetch_optional(&self.0.readers).await?;
        Ok(value.unwrap_or(0))
    }
    /// All of them, in one look.
    pub async fn all(&self) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(READ_ALL).fetch_all(&self.0.readers).await?)
    }
    /// Counts one further. Changes do this by themselves.
    pub async fn bump(&self, name: &str) -> Result<i64, Error> {
        let mut change = self.0.begin().await?;
        let value = bump(&mut change, name).await?;
        change.commit().await?;
        Ok(value)
    }
}

/// Counts one further, within a change.
pub(crate) async fn bump(change: &mut SqliteConnection, name: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(BUMP).bind(name).fetch_one(change).await?)
}
