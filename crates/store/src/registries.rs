//! The connected registries: how each is reached, its sealed secrets, and the repositories entered by hand.

mod changes;
mod secrets;

#[cfg(test)]
pub(crate) use {ALL as READ, changes::ALL as CHANGES};

pub use changes::{
    AddManualRepository, AddRegistry, EditRegistry, RemoveManualRepository, RemoveRegistry, SetEnabled, WentAlong,
};
pub use secrets::{Held, SecretEdit, SecretsEdit};

use crate::{Error, Store, sealing::Keys, sql::statements};
use domain::{Connection, Id, RegistryName, RepositoryName, Secrets, Timestamp, Visible};
use secrets::Sealed;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

statements! {
    LIST = "SELECT * FROM registries WHERE $1 AND removed_at IS NULL ORDER BY name";
    BY_NAME = "SELECT * FROM registries WHERE $1 AND removed_at IS NULL AND name = $2";
    BY_ID = "SELECT * FROM registries WHERE $1 AND removed_at IS NULL AND id = $2";
    NAMES = "SELECT id, name FROM registries WHERE $1";
    CALLED = "SELECT id, name, removed_at IS NOT NULL FROM registries WHERE $1";
    MANUAL = "SELECT m.name, m.added FROM manual_repositories m WHERE $1 AND m.registry_id = $2 ORDER BY m.name";
}

/// A connected registry, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Never used again.
    pub id: Id,
    /// The word in links; unique among those that are not removed.
    pub name: RegistryName,
    /// In an administrator's words.
    pub description: String,
    /// How it is reached.
    pub connection: Connection,
    /// Which secrets are kept, and whether they can be unsealed.
    pub held: Held,
    /// Is it in use?
    pub enabled: bool,
    /// Counts edits: what an edit names as the state it started from.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// When it was edited last.
    pub updated: Timestamp,
}

/// The connected registries.
#[derive(Clone, Copy, Debug)]
pub struct Registries<'s>(&'s Store);

impl Store {
    /// The connected registries.
    pub fn registries(&self) -> Registries<'_> {
        Registries(self)
    }
}

impl Registries<'_> {
    /// Those that may be seen, by name.
    pub async fn list(&self, visible: &Visible) -> Result<Vec<Registry>, Error> {
        let rows = sqlx::query(LIST).bind(visible.registries_at_all()).fetch_all(&self.0.inner.records.readers).await?;
        let all: Result<Vec<_>, _> = rows.iter().map(|row| registry(row, &self.0.inner.keys)).collect();
        Ok(all?.into_iter().filter(|registry| visible.registry(registry.id)).collect())
    }
    /// The one called so, if it may be seen.
    pub async fn by_name(&self, visible: &Visible, name: &RegistryName) -> Result<Option<Registry>, Error> {
        let query = sqlx::query(BY_NAME).bind(visible.registries_at_all()).bind(name.as_str());
        self.one(visible, query.fetch_optional(&self.0.inner.records.readers).await?)
    }
    /// The one with this id, if it may be seen.
    pub async fn by_id(&self, visible: &Visible, id: Id) -> Result<Option<Registry>, Error> {
        let query = sqlx::query(BY_ID).bind(visible.registries_at_all()).bind(id);
        self.one(visible, query.fetch_optional(&self.0.inner.records.readers).await?)
    }
    fn one(self, visible: &Visible, row: Option<SqliteRow>) -> Result<Option<Registry>, Error> {
        let found = row.map(|row| registry(&row, &self.0.inner.keys)).transpose()?;
        Ok(found.filter(|registry| visible.registry(registry.id)))
    }
    /// The names by id, with those of removed registries: for entries that name them.
    pub async fn names(&self, visible: &Visible) -> Result<Vec<(Id, String)>, Error> {
        let query = sqlx::query_as(NAMES).bind(visible.registries_at_all());
        let all: Vec<(Id, String)> = query.fetch_all(&self.0.inner.records.readers).await?;
        Ok(all.into_iter().filter(|(id, _)| visible.registry(*id)).collect())
    }
    /// How each is called by its id: a removed one says that it is, since its name may be another's by now. What is called
    /// so is no [`RegistryName`], and never taken for one.
    pub async fn called(&self, visible: &Visible) -> Result<Vec<(Id, String)>, Error> {
        let query = sqlx::query_as(CALLED).bind(visible.registries_at_all());
        let all: Vec<(Id, String, bool)> = query.fetch_all(&self.0.inner.records.readers).await?;
        let seen = all.into_iter().filter(|(id, ..)| visible.registry(*id));
        Ok(seen.map(|(id, name, removed)| (id, if removed { format!("{name}, removed") } else { name })).collect())
    }
    /// Unseals a registry's secrets, for connecting to it.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the key is lost or the row was tampered with: the registry is to be marked, and its
    /// credentials entered again.
    pub async fn secrets(&self, id: Id) -> Result<Secrets, Error> {
        let row = sqlx::query(BY_ID).bind(true).bind(id).fetch_optional(&self.0.inner.records.readers).await?;
        let row = row.ok_or(Error::NotFound("registry"))?;
        Sealed::read(&row)?.open(&self.0.inner.keys, id, &connection(&row)?.address)
    }
    /// The repositories that were entered by hand, by name.
    pub async fn manual_repositories(
        &self,
        visible: &Visible,
        id: Id,
    ) -> Result<Vec<(RepositoryName, Timestamp)>, Error> {
        let query = sqlx::query_as(MANUAL).bind(visible.repositories_at_all()).bind(id);
        let rows: Vec<(String, i64)> = query.fetch_all(&self.0.inner.records.readers).await?;
        let read = |(name, at): (String, i64)| Ok((name.parse::<RepositoryName>()?, Timestamp(at)));
        let all: Result<Vec<_>, Error> = rows.into_iter().map(read).collect();
        Ok(all?.into_iter().filter(|(name, _)| visible.repository(id, name)).collect())
    }
}

/// The row of a registry within a change.
async fn row(change: &mut SqliteConnection, id: Id) -> Result<SqliteRow, Error> {
    let row = sqlx::query(BY_ID).bind(true).bind(id).fetch_optional(change).await?;
    row.ok_or(Error::NotFound("registry"))
}

fn connection(row: &SqliteRow) -> Result<Connection, Error> {
    Ok(serde_json::from_str(row.try_get("connection")?)?)
}

fn registry(row: &SqliteRow, keys: &Keys) -> Result<Registry, Error> {
    Ok(Registry {
        id: row.try_get("id")?,
        name: row.try_get::<String, _>("name")?.parse()?,
        description: row.try_get("description")?,
        connection: connection(row)?,
        held: Sealed::read(row)?.held(keys),
        enabled: row.try_get("enabled")?,
        version: row.try_get("version")?,
        created: Timestamp(row.try_get("created")?),
        updated: Timestamp(row.try_get("updated")?),
    })
}
