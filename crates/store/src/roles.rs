//! Roles that were made here, and changes of them. The built-in ones stand in the code.

use crate::{
    Change, Context, Error, Generations, Store, access::role, grants::still_at, pools::Pools, sql::statements,
};
use domain::{
    Id, Timestamp,
    access::{PermissionSet, Role, RoleId},
};
use sqlx::Row as _;

statements! {
    ADD = "INSERT INTO roles (name, folded, description, permissions, created, updated)
           VALUES ($1, $2, $3, $4, $5, $5) RETURNING id";
    EDIT = "UPDATE roles SET name = $3, folded = $4, description = $5, permissions = $6, version = version + 1, updated = $7
            WHERE id = $1 AND version = $2 RETURNING id";
    REMOVE = "DELETE FROM roles WHERE id = $1 RETURNING id";
    ONE = "SELECT * FROM roles WHERE id = $1";
    USED = "SELECT COUNT(*) FROM grants WHERE role = $1";
}

/// A role that was made here, with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRecord {
    /// The role.
    pub role: Role,
    /// Grows with each change; a change names the version it was made on.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
}

/// The roles of this installation.
#[derive(Clone, Copy, Debug)]
pub struct Roles<'s>(&'s Pools);

impl Store {
    /// The roles of this installation.
    pub fn roles(&self) -> Roles<'_> {
        Roles(&self.inner.records)
    }
}

impl Roles<'_> {
    /// The one with this id.
    pub async fn by_id(&self, id: Id) -> Result<Option<RoleRecord>, Error> {
        let row = sqlx::query(ONE).bind(id).fetch_optional(&self.0.readers).await?;
        let read = |row| -> Result<RoleRecord, Error> {
            let row: sqlx::sqlite::SqliteRow = row;
            Ok(RoleRecord {
                role: role(&row)?,
                version: row.try_get("version")?,
                created: Timestamp(row.try_get("created")?),
                updated: Timestamp(row.try_get("updated")?),
            })
        };
        row.map(read).transpose()
    }
}

/// What a role is called, what it is for, what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleText {
    /// Unique in any case.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What it gives.
    pub permissions: PermissionSet,
}

impl RoleText {
    fn folded(&self) -> String {
        self.name.to_lowercase()
    }
    fn names(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(&self.permissions)?)
    }
}

/// Makes a role.
#[derive(Clone, Debug)]
pub struct AddRole(pub RoleText);

/// Changes a role, and with it all grants of it.
#[derive(Clone, Debug)]
pub struct EditRole {
    /// Which.
    pub id: Id,
    /// The version it was read at.
    pub version: i64,
    /// What it becomes.
    pub text: RoleText,
    /// The generation of access ([`Generations::ACCESS`]) that it was decided on; without, any.
    pub seen: Option<i64>,
}

/// Removes a role that no grant uses.
#[derive(Clone, Debug)]
pub struct RemoveRole(pub Id);

impl Change for AddRole {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD)
            .bind(&self.0.name)
            .bind(self.0.folded())
            .bind(&self.0.description)
            .bind(self.0.names()?)
            .bind(context.at.0);
        statement.fetch_one(&mut *context.change).await.map_err(|error| Error::from(error).taken("name"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

impl Change for EditRole {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        still_at(context.change, self.seen).await?;
        let statement = sqlx::query_scalar::<_, Id>(EDIT)
            .bind(self.id)
            .bind(self.version)
            .bind(&self.text.name)
            .bind(self.text.folded())
            .bind(&self.text.description)
            .bind(self.text.names()?)
            .bind(context.at.0);
        let edited = statement.fetch_optional(&mut *context.change).await;
        let edited = edited.map_err(|error| Error::from(error).taken("name"))?;
        edited.map(|_| ()).ok_or(Error::Conflict("the role was changed meanwhile"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

impl Change for RemoveRole {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let used: i64 =
            sqlx::query_scalar(USED).bind(RoleId::Custom(self.0).to_string()).fetch_one(&mut *context.change).await?;
        if used > 0 {
            return Err(Error::Conflict("grants use this role"));
        }
        let removed: Option<Id> = sqlx::query_scalar(REMOVE).bind(self.0).fetch_optional(&mut *context.change).await?;
        removed.map(|_| ()).ok_or(Error::NotFound("role"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}
