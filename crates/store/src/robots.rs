//! Robots, the accounts of machines, and their secrets: found by their public prefix, compared by their hash.

mod changes;

#[cfg(test)]
pub(crate) use changes::ALL as CHANGES;
pub use changes::{AddRobot, AddRobotSecret, EditRobot, RemoveRobot, RevokeRobotSecret, SetRobotDisabled};

use crate::{
    Error, Store,
    last_uses::note_use,
    names::{Part, holding},
    pools::Pools,
    sql::{moment, statements},
    teams::listed,
};
use domain::{Id, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    BY_NAME = "SELECT r.*, t.name AS team_name FROM robots r JOIN teams t ON t.id = r.team_id WHERE r.name = $1";
    OF_TEAM = "SELECT r.*, t.name AS team_name FROM robots r JOIN teams t ON t.id = r.team_id WHERE r.team_id = $1 ORDER BY r.name";
    // `$2` names teams as `,3,7,`; empty for all of them.
    AFTER = "SELECT r.*, t.name AS team_name FROM robots r JOIN teams t ON t.id = r.team_id
             WHERE r.name > $1 AND ($2 = '' OR $2 LIKE '%,' || r.team_id || ',%') AND r.name LIKE $3 ESCAPE '\\'
             ORDER BY r.name LIMIT $4";
    BEFORE = "SELECT r.*, t.name AS team_name FROM robots r JOIN teams t ON t.id = r.team_id
              WHERE r.name < $1 AND ($2 = '' OR $2 LIKE '%,' || r.team_id || ',%') AND r.name LIKE $3 ESCAPE '\\'
              ORDER BY r.name DESC LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM robots r WHERE ($1 = '' OR $1 LIKE '%,' || r.team_id || ',%') AND r.name LIKE $2 ESCAPE '\\'";
    // When each of them came last, by whichever of its secrets.
    LAST_USES = "SELECT robot_id, MAX(last_used) AS last_used FROM robot_secrets WHERE last_used IS NOT NULL GROUP BY robot_id";
    SECRETS = "SELECT * FROM robot_secrets WHERE robot_id = $1 ORDER BY id DESC";
    // One look for a request: the secret, and the robot it belongs to.
    SECRET_BY_PREFIX = "SELECT s.*, r.name AS robot_name, r.team_id, t.name AS team_name, r.purpose, r.disabled,
                            r.expires AS robot_expires, r.made_by, r.version, r.created AS robot_created, r.updated
                        FROM robot_secrets s JOIN robots r ON r.id = s.robot_id JOIN teams t ON t.id = r.team_id
                        WHERE s.prefix = $1";
    pub(crate) USED = "UPDATE robot_secrets SET last_used = $2, last_address = $3
            WHERE id = $1 AND (last_used IS NULL OR last_used <= $2 - 60000000)";
}

/// A machine's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Robot {
    /// Never used again.
    pub id: Id,
    /// Its name: `[a-z0-9]` with single `. _ -` inside.
    pub name: String,
    /// The team it belongs to.
    pub team: Id,
    /// That team's name.
    pub team_name: String,
    /// What it is for.
    pub purpose: String,
    /// May no longer act?
    pub disabled: bool,
    /// The first moment at which it may no longer act.
    pub expires: Option<Timestamp>,
    /// The name of whoever made it, as it was then.
    pub made_by: String,
    /// Counts edits.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
}

impl Robot {
    /// May it act at this moment?
    pub fn acts(&self, now: Timestamp) -> bool {
        !self.disabled && self.expires.is_none_or(|until| until > now)
    }
}

/// One of a robot's secrets, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotSecret {
    /// Never used again.
    pub id: Id,
    /// Whose.
    pub robot: Id,
    /// Its public part.
    pub prefix: String,
    /// The hash of its secret part, in hex; to be compared in constant time.
    pub secret_hash: String,
    /// Where it is used, in somebody's words.
    pub name: String,
    /// Since when.
    pub created: Timestamp,
    /// Until when; without, until it is revoked.
    pub expires: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
    /// From where, then; empty before.
    pub last_address: String,
}

/// A secret with its robot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRobotSecret {
    /// The secret.
    pub secret: RobotSecret,
    /// Whose it is.
    pub robot: Robot,
}

/// The robots.
#[derive(Clone, Copy, Debug)]
pub struct Robots<'s>(&'s Pools);

impl Store {
    /// The robots.
    pub fn robots(&self) -> Robots<'_> {
        Robots(&self.inner.records)
    }
}

impl Robots<'_> {
    /// The one called so.
    pub async fn by_name(&self, name: &str) -> Result<Option<Robot>, Error> {
        let row = sqlx::query(BY_NAME).bind(name).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(robot).transpose()
    }
    /// The robots of a team, by name.
    pub async fn of_team(&self, team: Id) -> Result<Vec<Robot>, Error> {
        sqlx::query(OF_TEAM).bind(team).fetch_all(&self.0.readers).await?.iter().map(robot).collect()
    }
    /// A part of the robots whose names hold `text`, by name; of these teams only, unless it is all of them.
    pub async fn list(&self, teams: Option<&[Id]>, text: &str, part: &Part) -> Result<Vec<Robot>, Error> {
        let teams = listed(teams);
        let rows = part.rows(self.0, (AFTER, BEFORE), |place, most| {
            sqlx::query(place.statement).bind(place.from).bind(teams).bind(holding(text)).bind(most)
        });
        rows.await?.iter().map(robot).collect()
    }
    /// How many there are of them.
    pub async fn count(&self, teams: Option<&[Id]>, text: &str) -> Result<u64, Error> {
        let statement = sqlx::query_scalar::<_, i64>(COUNT).bind(listed(teams)).bind(holding(text));
        Ok(statement.fetch_one(&self.0.readers).await?.unsigned_abs())
    }
    /// When robots came last; those that never came are left out.
    pub async fn last_uses(&self) -> Result<Vec<(Id, Timestamp)>, Error> {
        let rows: Vec<(Id, i64)> = sqlx::query_as(LAST_USES).fetch_all(&self.0.readers).await?;
        Ok(rows.into_iter().map(|(id, at)| (id, Timestamp(at))).collect())
    }
    /// The secrets of a robot, the newest first, those that have run out too.
    pub async fn secrets(&self, robot: Id) -> Result<Vec<RobotSecret>, Error> {
        sqlx::query(SECRETS).bind(robot).fetch_all(&self.0.readers).await?.iter().map(secret).collect()
    }
    /// The secret with this public prefix, and its robot. Expiries, the hash and whether the robot may act are the
    /// caller's to check.
    pub async fn secret_by_prefix(&self, prefix: &str) -> Result<Option<HeldRobotSecret>, Error> {
        let row = sqlx::query(SECRET_BY_PREFIX).bind(prefix).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(held).transpose()
    }
    /// Notes that a secret was used and from where, at most once a minute. Callers that know
    /// [`RobotSecret::last_used`] spare the database the question.
    pub async fn used(&self, secret: Id, now: Timestamp, address: &str) -> Result<(), Error> {
        note_use(&mut *self.0.writer.acquire().await?, USED, secret, now, address).await
    }
}

fn robot(row: &SqliteRow) -> Result<Robot, Error> {
    Ok(Robot {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        team: row.try_get("team_id")?,
        team_name: row.try_get("team_name")?,
        purpose: row.try_get("purpose")?,
        disabled: row.try_get("disabled")?,
        expires: moment(row, "expires")?,
        made_by: row.try_get("made_by")?,
        version: row.try_get("version")?,
        created: Timestamp(row.try_get("created")?),
        updated: Timestamp(row.try_get("updated")?),
    })
}

fn secret(row: &SqliteRow) -> Result<RobotSecret, Error> {
    Ok(RobotSecret {
        id: row.try_get("id")?,
        robot: row.try_get("robot_id")?,
        prefix: row.try_get("prefix")?,
        secret_hash: row.try_get("secret_hash")?,
        name: row.try_get("name")?,
        created: Timestamp(row.try_get("created")?),
        expires: moment(row, "expires")?,
        last_used: moment(row, "last_used")?,
        last_address: row.try_get("last_address")?,
    })
}

fn held(row: &SqliteRow) -> Result<HeldRobotSecret, Error> {
    let secret = secret(row)?;
    let robot = Robot {
        id: secret.robot,
        name: row.try_get("robot_name")?,
        team: row.try_get("team_id")?,
        team_name: row.try_get("team_name")?,
        purpose: row.try_get("purpose")?,
        disabled: row.try_get("disabled")?,
        expires: moment(row, "robot_expires")?,
        made_by: row.try_get("made_by")?,
        version: row.try_get("version")?,
        created: Timestamp(row.try_get("robot_created")?),
        updated: Timestamp(row.try_get("updated")?),
    };
    Ok(HeldRobotSecret { secret, robot })
}
