//! The people who can sign in.

mod leaving;
mod list;

pub use leaving::{RemovePerson, SetDisabled};
pub use list::{ListedPerson, PersonState};
#[cfg(test)]
pub(crate) use {leaving::ALL as LEAVING, list::ALL as LIST_OF_ALL};

use crate::{Change, Context, Error, Generations, Store, links, pools::Pools, sql::statements};
use domain::{Id, Timestamp, access::RoleId};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    // One statement decides and acts: of two that come at once, one finds somebody there.
    CREATE_FIRST = "INSERT INTO people (name, folded, display_name, password_hash, time_zone, theme, created, updated)
                    SELECT $1, $2, $3, $4, $5, $6, $7, $7 WHERE NOT EXISTS (SELECT 1 FROM people) RETURNING id";
    CREATE = "INSERT INTO people (name, folded, display_name, password_hash, time_zone, theme, created, updated)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id";
    FORGET_SETUP = "DELETE FROM setup_links";
    GRANT = "INSERT INTO grants (subject, role, because, by_name, created) VALUES ('person-' || $1, $2, $3, $4, $5)";
    BY_NAME = "SELECT * FROM people WHERE folded = $1";
    BY_ID = "SELECT * FROM people WHERE id = $1";
    LIST = "SELECT * FROM people ORDER BY folded";
    COUNT = "SELECT COUNT(*) FROM people";
    UPDATE_PROFILE = "UPDATE people SET display_name = $2, time_zone = $3, theme = $4, updated = $5 WHERE id = $1 RETURNING id";
    SET_PASSWORD = "UPDATE people SET password_hash = $2, updated = $3 WHERE id = $1 RETURNING id";
}

/// Somebody who can sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Never used again.
    pub id: Id,
    /// The name to sign in with, as it was entered; unique in any case.
    pub name: String,
    /// The name to be shown by.
    pub display_name: String,
    /// The password's hash (PHC string); empty as long as they have none. Not for anybody's eyes.
    pub password_hash: String,
    /// Time zone's IANA name; empty for the browser's.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// May not sign in.
    pub disabled: bool,
    /// Since when.
    pub created: Timestamp,
    /// When profile or password were changed last.
    pub updated: Timestamp,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The people of this installation.
#[derive(Clone, Copy, Debug)]
pub struct People<'s>(&'s Pools);

impl Store {
    /// The people of this installation.
    pub fn people(&self) -> People<'_> {
        People(&self.inner.records)
    }
}

impl People<'_> {
    /// The one called so, in any case.
    pub async fn by_name(&self, name: &str) -> Result<Option<Person>, Error> {
        let row = sqlx::query(BY_NAME).bind(fold(name)).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(person).transpose()
    }
    /// The one with this id.
    pub async fn by_id(&self, id: Id) -> Result<Option<Person>, Error> {
        let row = sqlx::query(BY_ID).bind(id).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(person).transpose()
    }
    /// Everybody, by name. The caller has asked whether the actor may know.
    pub async fn list(&self) -> Result<Vec<Person>, Error> {
        sqlx::query(LIST).fetch_all(&self.0.readers).await?.iter().map(person).collect()
    }
    /// How many there are.
    pub async fn count(&self) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar(COUNT).fetch_one(&self.0.readers).await?;
        Ok(count.unsigned_abs())
    }
}

fn fold(name: &str) -> String {
    name.to_lowercase()
}

fn person(row: &SqliteRow) -> Result<Person, Error> {
    Ok(Person {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        password_hash: row.try_get("password_hash")?,
        time_zone: row.try_get("time_zone")?,
        theme: row.try_get("theme")?,
        disabled: row.try_get("disabled")?,
        created: Timestamp(row.try_get("created")?),
        updated: Timestamp(row.try_get("updated")?),
    })
}

/// Somebody to be added.
#[derive(Clone)]
pub struct NewPerson {
    /// The name to sign in with.
    pub name: String,
    /// The name to be shown by.
    pub display_name: String,
    /// The password's hash (PHC string); empty for who chooses one by a link.
    pub password_hash: String,
    /// Time zone's IANA name; empty for the browser's.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
}

impl NewPerson {
    async fn insert(self, sql: &'static str, context: &mut Context<'_>) -> Result<Option<Id>, Error> {
        let statement = sqlx::query_scalar(sql)
            .bind(&self.name)
            .bind(fold(&self.name))
            .bind(&self.display_name)
            .bind(&self.password_hash)
            .bind(&self.time_zone)
            .bind(&self.theme)
            .bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await.map_err(|error| Error::from(error).taken("name"))
    }
}

/// Creates the first person: only while there is none. The setup link is void from then on.
#[derive(Clone)]
pub struct CreateFirstPerson(pub NewPerson);

impl Change for CreateFirstPerson {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let id = self.0.insert(CREATE_FIRST, context).await?.ok_or(Error::Conflict("there is a person already"))?;
        sqlx::query(FORGET_SETUP).execute(&mut *context.change).await?;
        grant_everywhere(context, id, RoleId::ADMINISTRATOR, "Set this installation up.").await?;
        Ok(id)
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE, Generations::ACCESS]
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// A role for somebody new, everywhere and for good.
async fn grant_everywhere(context: &mut Context<'_>, id: Id, role: RoleId, because: &str) -> Result<(), Error> {
    let statement = sqlx::query(GRANT).bind(id).bind(role.to_string()).bind(because).bind("command line");
    statement.bind(context.at.0).execute(&mut *context.change).await?;
    Ok(())
}

/// Creates a person, with a role everywhere if one is named.
#[derive(Clone)]
pub struct CreatePerson(pub NewPerson, pub Option<RoleId>);

impl Change for CreatePerson {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let id = self.0.insert(CREATE, context).await?.ok_or(Error::Conflict("nobody was added"))?;
        if let Some(role) = self.1 {
            grant_everywhere(context, id, role, "Added from the command line.").await?;
        }
        Ok(id)
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE, Generations::ACCESS]
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Changes a person's own profile.
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    /// Whose.
    pub person: Id,
    /// The name to be shown by.
    pub display_name: String,
    /// Time zone's IANA name; empty for the browser's.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Is the name to be shown by another one? Only that concerns others.
    pub renamed: bool,
}

impl Change for UpdateProfile {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(UPDATE_PROFILE)
            .bind(self.person)
            .bind(&self.display_name)
            .bind(&self.time_zone)
            .bind(&self.theme)
            .bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("person"))
    }
    fn generations(&self) -> Vec<&'static str> {
        if self.renamed { vec![Generations::ACCESS] } else { Vec::new() }
    }
}

/// Sets a person's password; a link to choose one is void. Pair it with [`crate::RevokeOtherSessions`] or
/// [`crate::RevokeSessions`].
#[derive(Clone)]
pub struct SetPassword {
    /// Whose.
    pub person: Id,
    /// The new password's hash (PHC string).
    pub password_hash: String,
}

impl Change for SetPassword {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement =
            sqlx::query_scalar::<_, Id>(SET_PASSWORD).bind(self.person).bind(&self.password_hash).bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("person"))?;
        links::forget(context, self.person).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
}
