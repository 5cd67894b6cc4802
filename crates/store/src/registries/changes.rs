//! Changes of the connected registries.

use super::{Sealed, SecretsEdit, connection, row};
use crate::{Change, Context, Error, Generations, sql::statements};
use domain::{Connection, Id, RegistryName, RepositoryName, Trust};
use sqlx::Row as _;

statements! {
    ADD = "INSERT INTO registries (name, description, connection, created, updated) VALUES ($1, $2, $3, $4, $4) RETURNING id";
    EDIT = "UPDATE registries SET name = $3, description = $4, connection = $5, updated = $6, version = version + 1
            WHERE id = $1 AND version = $2 AND removed_at IS NULL RETURNING version";
    SEAL = "UPDATE registries SET password = $2, identity_token = $3, client_key = $4, proxy_credentials = $5 WHERE id = $1";
    ENABLE = "UPDATE registries SET enabled = $3, updated = $4, version = version + 1
              WHERE id = $1 AND version = $2 AND removed_at IS NULL RETURNING version";
    // The sealed secrets go at once; the rest stays for the entries that name the registry.
    REMOVE = "UPDATE registries SET removed_at = $3, password = NULL, identity_token = NULL, client_key = NULL,
              proxy_credentials = NULL, version = version + 1 WHERE id = $1 AND version = $2 AND removed_at IS NULL RETURNING version";
    // Its id is never used again, and its name may be: what was granted and asked there goes with it.
    REVOKE_ALL = "DELETE FROM grants WHERE registry_id = $1";
    DECLINE_ALL = "UPDATE access_requests SET answer = 'declined', reason = $2, answered = $3, answered_by = $4
                   WHERE registry_id = $1 AND answer IS NULL";
    ADD_MANUAL = "INSERT INTO manual_repositories (registry_id, name, added) VALUES ($1, $2, $3)
                  ON CONFLICT (registry_id, name) DO NOTHING";
    REMOVE_MANUAL = "DELETE FROM manual_repositories WHERE registry_id = $1 AND name = $2 RETURNING name";
}

const CHANGED: Error = Error::Conflict("somebody else changed this registry meanwhile");
const TOUCHED: &[&str] = &[Generations::REGISTRIES];

impl Sealed {
    async fn save(&self, id: Id, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query(SEAL)
            .bind(id)
            .bind(&self.password)
            .bind(&self.identity_token)
            .bind(&self.client_key)
            .bind(&self.proxy_credentials);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
}

/// Connects a registry, and gives its id.
#[derive(Clone, Debug)]
pub struct AddRegistry {
    /// The word in links.
    pub name: RegistryName,
    /// In an administrator's words.
    pub description: String,
    /// How it is reached.
    pub connection: Connection,
    /// Its secrets.
    pub secrets: SecretsEdit,
}

impl Change for AddRegistry {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD)
            .bind(self.name.as_str())
            .bind(&self.description)
            .bind(serde_json::to_string(&self.connection)?)
            .bind(context.at.0);
        let id = statement.fetch_one(&mut *context.change).await.map_err(|error| Error::from(error).taken("name"))?;
        let sealed = Sealed::default().edit(self.secrets, context.keys, id, &self.connection.address)?;
        sealed.save(id, context).await?;
        Ok(id)
    }
    fn generations(&self) -> Vec<&'static str> {
        TOUCHED.to_vec()
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Edits a registry. A new address or trust forgets every secret that is not entered anew: it was given for the old one.
/// A new proxy forgets the credentials of the old one, and where it could read along, the others too.
#[derive(Clone, Debug)]
pub struct EditRegistry {
    /// Which.
    pub id: Id,
    /// The version that was on the page.
    pub version: i64,
    /// The word in links.
    pub name: RegistryName,
    /// In an administrator's words.
    pub description: String,
    /// How it is reached.
    pub connection: Connection,
    /// What becomes of its secrets.
    pub secrets: SecretsEdit,
}

impl Change for EditRegistry {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let old = row(context.change, self.id).await?;
        let before = connection(&old)?;
        let statement = sqlx::query_scalar::<_, i64>(EDIT)
            .bind(self.id)
            .bind(self.version)
            .bind(self.name.as_str())
            .bind(&self.description)
            .bind(serde_json::to_string(&self.connection)?)
            .bind(context.at.0);
        let edited = statement.fetch_optional(&mut *context.change).await;
        edited.map_err(|error| Error::from(error).taken("name"))?.ok_or(CHANGED)?;
        let mut kept = Sealed::read(&old)?;
        let same_proxy = before.proxy == self.connection.proxy;
        let same_end = before.address == self.connection.address && before.trust == self.connection.trust;
        let verified = !self.connection.address.is_plain() && self.connection.trust != Trust::Anybody;
        if !same_proxy {
            kept.proxy_credentials = None;
        }
        if !same_end || !(same_proxy || verified) {
            kept = Sealed::default();
        }
        kept.edit(self.secrets, context.keys, self.id, &self.connection.address)?.save(self.id, context).await
    }
    fn generations(&self) -> Vec<&'static str> {
        TOUCHED.to_vec()
    }
}

/// Takes a registry into use or out of it.
#[derive(Clone, Debug)]
pub struct SetEnabled {
    /// Which.
    pub id: Id,
    /// The version that was on the page.
    pub version: i64,
    /// In use?
    pub enabled: bool,
}

impl Change for SetEnabled {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        row(context.change, self.id).await?;
        let statement =
            sqlx::query_scalar::<_, i64>(ENABLE).bind(self.id).bind(self.version).bind(self.enabled).bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(CHANGED)
    }
    fn generations(&self) -> Vec<&'static str> {
        TOUCHED.to_vec()
    }
}

/// Why requests are declined that ask for something in a registry that is removed.
const GONE: &str = "The registry was removed.";

/// What went with a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WentAlong {
    /// Grants in it that were revoked.
    pub grants: u64,
    /// Open requests for something in it that were declined.
    pub requests: u64,
}

/// Removes a registry: nobody sees it any more, its secrets are gone, its name is free, its id is never used again. Grants
/// in it are revoked and open requests declined, so that nothing is left that the next of its name could be taken for.
/// What the index kept of it goes by [`crate::index::Index::forget_registry`].
#[derive(Clone, Debug)]
pub struct RemoveRegistry {
    /// Which.
    pub id: Id,
    /// The version that was on the page.
    pub version: i64,
    /// By whom, by name.
    pub by: String,
}

impl Change for RemoveRegistry {
    type Output = WentAlong;
    async fn apply(self, context: &mut Context<'_>) -> Result<WentAlong, Error> {
        row(context.change, self.id).await?;
        let statement = sqlx::query_scalar::<_, i64>(REMOVE).bind(self.id).bind(self.version).bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.ok_or(CHANGED)?;
        let grants = sqlx::query(REVOKE_ALL).bind(self.id).execute(&mut *context.change).await?.rows_affected();
        let declined = sqlx::query(DECLINE_ALL).bind(self.id).bind(GONE).bind(context.at.0).bind(&self.by);
        let requests = declined.execute(&mut *context.change).await?.rows_affected();
        Ok(WentAlong { grants, requests })
    }
    fn generations(&self) -> Vec<&'static str> {
        [TOUCHED, &[Generations::ACCESS]].concat()
    }
    fn after(went: &WentAlong) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "grants revoked": went.grants, "requests declined": went.requests }))
    }
}

/// Enters a repository by hand. One that is there already stays as it is.
#[derive(Clone, Debug)]
pub struct AddManualRepository {
    /// In which registry.
    pub registry: Id,
    /// Which.
    pub name: RepositoryName,
}

impl Change for AddManualRepository {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let id: Id = row(context.change, self.registry).await?.try_get("id")?;
        let statement = sqlx::query(ADD_MANUAL).bind(id).bind(self.name.as_str()).bind(context.at.0);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
    fn generations(&self) -> Vec<&'static str> {
        TOUCHED.to_vec()
    }
}

/// Forgets a repository that was entered by hand.
#[derive(Clone, Debug)]
pub struct RemoveManualRepository {
    /// In which registry.
    pub registry: Id,
    /// Which.
    pub name: RepositoryName,
}

impl Change for RemoveManualRepository {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, String>(REMOVE_MANUAL).bind(self.registry).bind(self.name.as_str());
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("repository"))
    }
    fn generations(&self) -> Vec<&'static str> {
        TOUCHED.to_vec()
    }
}
