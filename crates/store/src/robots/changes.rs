//! Changes of robots and their secrets.

use crate::{Change, Context, Error, Generations, sql::statements};
use domain::{Id, Timestamp};

statements! {
    ADD = "INSERT INTO robots (name, team_id, purpose, expires, made_by, created, updated)
           SELECT $1, t.id, $3, $4, $5, $6, $6 FROM teams t WHERE t.id = $2 RETURNING id";
    EDIT = "UPDATE robots SET team_id = $3, purpose = $4, expires = $5, updated = $6, version = version + 1
            WHERE id = $1 AND version = $2 AND EXISTS (SELECT 1 FROM teams t WHERE t.id = $3) RETURNING id";
    SET_DISABLED = "UPDATE robots SET disabled = $2, updated = $3, version = version + 1 WHERE id = $1 RETURNING id";
    // Its secrets go with it, and with them the refresh tokens that were made with one.
    REMOVE = "DELETE FROM robots WHERE id = $1 RETURNING id";
    REMOVE_GRANTS = "DELETE FROM grants WHERE subject = 'robot-' || $1";
    REMOVE_REFRESH = "DELETE FROM refresh_tokens WHERE subject = 'robot-' || $1";
    ADD_SECRET = "INSERT INTO robot_secrets (robot_id, prefix, secret_hash, name, created, expires)
                  SELECT r.id, $2, $3, $4, $5, $6 FROM robots r WHERE r.id = $1
                  AND (SELECT COUNT(*) FROM robot_secrets s WHERE s.robot_id = r.id) < $7 RETURNING id";
    REVOKE_SECRET = "DELETE FROM robot_secrets WHERE robot_id = $1 AND prefix = $2 RETURNING id";
}

fn touched() -> Vec<&'static str> {
    vec![Generations::ACCESS]
}

/// Adds a robot, and gives its id.
#[derive(Clone, Debug)]
pub struct AddRobot {
    /// Its name.
    pub name: String,
    /// The team it belongs to.
    pub team: Id,
    /// What it is for.
    pub purpose: String,
    /// The first moment at which it may no longer act.
    pub expires: Option<Timestamp>,
    /// The name of whoever makes it.
    pub made_by: String,
}

impl Change for AddRobot {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD)
            .bind(&self.name)
            .bind(self.team)
            .bind(&self.purpose)
            .bind(self.expires.map(|at| at.0))
            .bind(&self.made_by)
            .bind(context.at.0);
        let made = statement.fetch_optional(&mut *context.change).await;
        made.map_err(|error| Error::from(error).taken("name"))?.ok_or(Error::NotFound("team"))
    }
    fn generations(&self) -> Vec<&'static str> {
        touched()
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Changes whose a robot is, what it is for and until when it acts. Its name stays: it stands in other systems.
#[derive(Clone, Debug)]
pub struct EditRobot {
    /// Which.
    pub id: Id,
    /// The version that was on the page.
    pub version: i64,
    /// The team it belongs to from now on.
    pub team: Id,
    /// What it is for.
    pub purpose: String,
    /// The first moment at which it may no longer act.
    pub expires: Option<Timestamp>,
}

impl Change for EditRobot {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(EDIT)
            .bind(self.id)
            .bind(self.version)
            .bind(self.team)
            .bind(&self.purpose)
            .bind(self.expires.map(|at| at.0))
            .bind(context.at.0);
        let edited = statement.fetch_optional(&mut *context.change).await?;
        edited.map(|_| ()).ok_or(Error::Conflict("somebody else changed this robot meanwhile"))
    }
    fn generations(&self) -> Vec<&'static str> {
        touched()
    }
}

/// Keeps a robot from acting, or lets it again. Nothing of it is removed.
#[derive(Clone, Debug)]
pub struct SetRobotDisabled {
    /// Which.
    pub robot: Id,
    /// May it no longer act?
    pub disabled: bool,
}

impl Change for SetRobotDisabled {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement =
            sqlx::query_scalar::<_, Id>(SET_DISABLED).bind(self.robot).bind(self.disabled).bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("robot"))
    }
    fn generations(&self) -> Vec<&'static str> {
        touched()
    }
}

/// Removes a robot with its secrets and its grants; gives the number of grants.
#[derive(Clone, Debug)]
pub struct RemoveRobot {
    /// Which.
    pub robot: Id,
}

impl Change for RemoveRobot {
    type Output = u64;
    async fn apply(self, context: &mut Context<'_>) -> Result<u64, Error> {
        let gone = sqlx::query_scalar::<_, Id>(REMOVE).bind(self.robot).fetch_optional(&mut *context.change).await?;
        gone.ok_or(Error::NotFound("robot"))?;
        sqlx::query(REMOVE_REFRESH).bind(self.robot).execute(&mut *context.change).await?;
        Ok(sqlx::query(REMOVE_GRANTS).bind(self.robot).execute(&mut *context.change).await?.rows_affected())
    }
    fn generations(&self) -> Vec<&'static str> {
        touched()
    }
    fn after(grants: &u64) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "grants removed": grants }))
    }
}

/// Adds a secret to a robot, and gives its id.
#[derive(Clone)]
pub struct AddRobotSecret {
    /// Whose.
    pub robot: Id,
    /// Its public part.
    pub prefix: String,
    /// The hash of its secret part, in hex.
    pub secret_hash: String,
    /// Where it is used.
    pub name: String,
    /// Until when; without, until it is revoked.
    pub expires: Option<Timestamp>,
    /// As many a robot may have.
    pub most: u32,
}

impl Change for AddRobotSecret {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD_SECRET)
            .bind(self.robot)
            .bind(&self.prefix)
            .bind(&self.secret_hash)
            .bind(&self.name)
            .bind(context.at.0)
            .bind(self.expires.map(|at| at.0))
            .bind(self.most);
        let made = statement.fetch_optional(&mut *context.change).await;
        let made = made.map_err(|error| Error::from(error).taken("secret prefix"))?;
        made.ok_or(Error::Conflict("the robot is gone, or has as many secrets as it may have"))
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Ends a secret of a robot, and the refresh tokens that were made with it.
#[derive(Clone, Debug)]
pub struct RevokeRobotSecret {
    /// Whose.
    pub robot: Id,
    /// Its public part.
    pub prefix: String,
}

impl Change for RevokeRobotSecret {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(REVOKE_SECRET).bind(self.robot).bind(&self.prefix);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("secret"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
}
