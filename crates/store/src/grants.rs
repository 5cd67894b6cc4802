//! Changes of grants. What stands in them is read with all else that decides ([`crate::Store::authority`]).

use crate::{
    Change, Context, Error, Generations,
    access::{grant, keep_an_administrator},
    sql::statements,
};
use domain::{
    Id, Timestamp,
    access::{Grant, RoleId, Scope, Subject},
};
use sqlx::SqliteConnection;

statements! {
    ADD = "INSERT INTO grants (subject, role, registry_id, repositories, until, because, by_name, created)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    EDIT = "UPDATE grants SET role = $2, registry_id = $3, repositories = $4, until = $5, because = $6, by_name = $7,
            reviewed = $8 WHERE id = $1";
    REVOKE = "DELETE FROM grants WHERE id = $1";
    ONE = "SELECT * FROM grants WHERE id = $1";
    GENERATION = "SELECT COALESCE(MAX(value), 0) FROM generations WHERE name = 'access'";
    ROLE = "SELECT 1 FROM roles WHERE id = $1";
    PERSON = "SELECT 1 FROM people WHERE id = $1";
    TEAM = "SELECT 1 FROM teams WHERE id = $1";
    ROBOT = "SELECT 1 FROM robots WHERE id = $1";
    REGISTRY = "SELECT 1 FROM registries WHERE id = $1 AND removed_at IS NULL";
}

/// Why a change is refused that was decided on an older generation of access.
pub const ACCESS_MOVED: &str = "access was changed meanwhile";

/// A grant as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What it gives.
    pub role: RoleId,
    /// Where.
    pub scope: Scope,
    /// The first moment at which it no longer holds; without, until it is revoked.
    pub until: Option<Timestamp>,
    /// Why.
    pub because: String,
    /// Who gives it, by name.
    pub by: String,
}

/// Grants a role to a subject. The same role at the same place twice is [`Error::Taken`].
#[derive(Clone, Debug)]
pub struct AddGrant {
    /// To whom.
    pub subject: Subject,
    /// What and where.
    pub granted: Granted,
    /// The generation of access ([`Generations::ACCESS`]) that it was decided on; without, any.
    pub seen: Option<i64>,
}

/// Changes what a grant gives, where, until when and why.
#[derive(Clone, Debug)]
pub struct EditGrant {
    /// The grant as it was when this was decided.
    pub was: Grant,
    /// What it becomes.
    pub granted: Granted,
    /// The generation of access that it was decided on; without, any.
    pub seen: Option<i64>,
}

/// Takes a grant away.
#[derive(Clone, Debug)]
pub struct RevokeGrant {
    /// The grant as it was when this was decided.
    pub was: Grant,
    /// The generation of access that it was decided on; without, any.
    pub seen: Option<i64>,
}

impl Change for AddGrant {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        still_at(context.change, self.seen).await?;
        there(context.change, self.subject, self.granted.role).await?;
        reachable(context.change, &self.granted.scope).await?;
        let Granted { role, scope, until, because, by } = &self.granted;
        let statement = sqlx::query_scalar(ADD)
            .bind(self.subject.to_string())
            .bind(role.to_string())
            .bind(scope.registry())
            .bind(scope.repositories().map(ToString::to_string))
            .bind(until.map(|until| until.0))
            .bind(because)
            .bind(by)
            .bind(context.at.0);
        let id = statement.fetch_one(&mut *context.change).await;
        id.map_err(|error| Error::from(error).taken("grant"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

impl Change for EditGrant {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        still_at(context.change, self.seen).await?;
        still_as(context.change, &self.was).await?;
        there(context.change, self.was.subject, self.granted.role).await?;
        if self.granted.scope.registry() != self.was.scope.registry() {
            reachable(context.change, &self.granted.scope).await?;
        }
        let Granted { role, scope, until, because, by } = &self.granted;
        let statement = sqlx::query(EDIT)
            .bind(self.was.id)
            .bind(role.to_string())
            .bind(scope.registry())
            .bind(scope.repositories().map(ToString::to_string))
            .bind(until.map(|until| until.0))
            .bind(because)
            .bind(by)
            .bind(context.at.0);
        statement.execute(&mut *context.change).await.map_err(|error| Error::from(error).taken("grant"))?;
        keep_an_administrator(context.change).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

impl Change for RevokeGrant {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        still_at(context.change, self.seen).await?;
        still_as(context.change, &self.was).await?;
        sqlx::query(REVOKE).bind(self.was.id).execute(&mut *context.change).await?;
        keep_an_administrator(context.change).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

/// Has nothing changed in who may do what since this was decided?
pub(crate) async fn still_at(change: &mut SqliteConnection, seen: Option<i64>) -> Result<(), Error> {
    let Some(seen) = seen else { return Ok(()) };
    let now: i64 = sqlx::query_scalar(GENERATION).fetch_one(change).await?;
    if now == seen { Ok(()) } else { Err(Error::Conflict(ACCESS_MOVED)) }
}

/// Is the grant what it was when the right to change it was looked at?
pub(crate) async fn still_as(change: &mut SqliteConnection, was: &Grant) -> Result<(), Error> {
    let row = sqlx::query(ONE).bind(was.id).fetch_optional(change).await?.ok_or(Error::NotFound("grant"))?;
    let now = grant(&row)?;
    if (now.subject, now.role, &now.scope) == (was.subject, was.role, &was.scope) {
        Ok(())
    } else {
        Err(Error::Conflict("the grant was changed meanwhile"))
    }
}

/// Is the registry of a scope there, and not removed since?
async fn reachable(change: &mut SqliteConnection, scope: &Scope) -> Result<(), Error> {
    let Some(id) = scope.registry() else { return Ok(()) };
    let found: Option<i64> = sqlx::query_scalar(REGISTRY).bind(id).fetch_optional(change).await?;
    found.map(|_| ()).ok_or(Error::NotFound("registry"))
}

/// Are subject and role there? Neither is a column that the database could look after.
async fn there(change: &mut SqliteConnection, subject: Subject, role: RoleId) -> Result<(), Error> {
    let who = match subject {
        Subject::Person(id) => Some((PERSON, id, "person")),
        Subject::Team(id) => Some((TEAM, id, "team")),
        Subject::Robot(id) => Some((ROBOT, id, "robot")),
        Subject::Everyone | Subject::Anonymous => None,
    };
    let role = match role {
        RoleId::Custom(id) => Some((ROLE, id, "role")),
        RoleId::BuiltIn(_) => None,
    };
    for (statement, id, what) in who.into_iter().chain(role) {
        let found: Option<i64> = sqlx::query_scalar(statement).bind(id).fetch_optional(&mut *change).await?;
        found.ok_or(Error::NotFound(what))?;
    }
    Ok(())
}
