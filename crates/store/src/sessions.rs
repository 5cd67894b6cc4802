//! Signed-in browsers. The cookie's secret is never kept: only its SHA-256 is, and sessions are named by a public id.

use crate::{Change, Context, Error, Generations, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    CREATE = "INSERT INTO sessions (secret_hash, person_id, data, created, last_seen, idle_expires, absolute_expires, address, agent)
              VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8) RETURNING id";
    // Never an insert: a session that was revoked while a request was under way stays revoked.
    SAVE = "UPDATE sessions SET data = $2, person_id = $3, idle_expires = $4 WHERE secret_hash = $1 RETURNING id";
    LOAD = "SELECT * FROM sessions WHERE secret_hash = $1 AND idle_expires > $2 AND absolute_expires > $2";
    DELETE = "DELETE FROM sessions WHERE secret_hash = $1";
    TOUCH = "UPDATE sessions SET last_seen = $2, idle_expires = $3, address = $4, agent = $5
             WHERE secret_hash = $1 AND last_seen <= $2 - 60000000";
    LIST = "SELECT * FROM sessions WHERE person_id = $1 AND idle_expires > $2 AND absolute_expires > $2 ORDER BY last_seen DESC, id DESC";
    REVOKE = "DELETE FROM sessions WHERE id = $1 AND person_id = $2 RETURNING id";
    REVOKE_ALL = "DELETE FROM sessions WHERE person_id = $1";
    REVOKE_OTHERS = "DELETE FROM sessions WHERE person_id = $1 AND id <> $2";
    EXPIRED = "DELETE FROM sessions WHERE idle_expires <= $1 OR absolute_expires <= $1";
}

/// A session to begin. `Debug` does not show the secret.
#[derive(Clone)]
pub struct NewSession<'a> {
    /// What the cookie carries.
    pub secret: &'a str,
    /// Who signed in.
    pub person: Option<Id>,
    /// What the session keeps, as JSON text.
    pub data: &'a str,
    /// Now.
    pub at: Timestamp,
    /// Ends when it is not used until then.
    pub idle_expires: Timestamp,
    /// Ends then in any case.
    pub absolute_expires: Timestamp,
    /// Where it was begun from.
    pub address: &'a str,
    /// The client's own description.
    pub agent: &'a str,
}

/// A session that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its public id: what pages and the audit log name it by.
    pub id: Id,
    /// Who signed in.
    pub person: Option<Id>,
    /// What it keeps, as JSON text.
    pub data: String,
    /// Since when.
    pub created: Timestamp,
    /// When it was used last, to the minute.
    pub last_seen: Timestamp,
    /// Ends when it is not used until then.
    pub idle_expires: Timestamp,
    /// Ends then in any case.
    pub absolute_expires: Timestamp,
    /// Where it was used from last.
    pub address: String,
    /// The client's own description.
    pub agent: String,
}

/// The sessions. `secret` is always the text that the cookie carries.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'s>(&'s Pools);

impl Store {
    /// The sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.inner.records)
    }
}

impl Sessions<'_> {
    /// Begins a session, and gives its public id. [`Error::Taken`] when the secret is in use.
    pub async fn create(&self, new: &NewSession<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(CREATE)
            .bind(hash(new.secret))
            .bind(new.person)
            .bind(new.data)
            .bind(new.at.0)
            .bind(new.idle_expires.0)
            .bind(new.absolute_expires.0)
            .bind(new.address)
            .bind(new.agent);
        statement.fetch_one(&self.0.writer).await.map_err(|error| Error::from(error).taken("session"))
    }
    /// Saves what a session keeps. `false` when there is no such session any more: it is not brought back.
    pub async fn save(
        &self,
        secret: &str,
        data: &str,
        person: Option<Id>,
        idle_expires: Timestamp,
    ) -> Result<bool, Error> {
        let statement =
            sqlx::query_scalar::<_, Id>(SAVE).bind(hash(secret)).bind(data).bind(person).bind(idle_expires.0);
        Ok(statement.fetch_optional(&self.0.writer).await?.is_some())
    }
    /// The session, unless it has run out.
    pub async fn load(&self, secret: &str, now: Timestamp) -> Result<Option<SessionRow>, Error> {
        let row = sqlx::query(LOAD).bind(hash(secret)).bind(now.0).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(session).transpose()
    }
    /// Ends the session.
    pub async fn delete(&self, secret: &str) -> Result<(), Error> {
        sqlx::query(DELETE).bind(hash(secret)).execute(&self.0.writer).await?;
        Ok(())
    }
    /// Notes that the session is in use, at most once a minute; says whether it did. Callers that know
    /// [`SessionRow::last_seen`] spare the database the question.
    pub async fn touch(
        &self,
        secret: &str,
        now: Timestamp,
        idle_expires: Timestamp,
        address: &str,
        agent: &str,
    ) -> Result<bool, Error> {
        let statement =
            sqlx::query(TOUCH).bind(hash(secret)).bind(now.0).bind(idle_expires.0).bind(address).bind(agent);
        Ok(statement.execute(&self.0.writer).await?.rows_affected() > 0)
    }
    /// A person's sessions, the one used last first.
    pub async fn list(&self, person: Id, now: Timestamp) -> Result<Vec<SessionRow>, Error> {
        sqlx::query(LIST).bind(person).bind(now.0).fetch_all(&self.0.readers).await?.iter().map(session).collect()
    }
    /// Removes those that have run out, and says how many.
    pub async fn remove_expired(&self, now: Timestamp) -> Result<u64, Error> {
        Ok(sqlx::query(EXPIRED).bind(now.0).execute(&self.0.writer).await?.rows_affected())
    }
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

fn session(row: &SqliteRow) -> Result<SessionRow, Error> {
    Ok(SessionRow {
        id: row.try_get("id")?,
        person: row.try_get("person_id")?,
        data: row.try_get("data")?,
        created: Timestamp(row.try_get("created")?),
        last_seen: Timestamp(row.try_get("last_seen")?),
        idle_expires: Timestamp(row.try_get("idle_expires")?),
        absolute_expires: Timestamp(row.try_get("absolute_expires")?),
        address: row.try_get("address")?,
        agent: row.try_get("agent")?,
    })
}

/// Ends one session of a person.
#[derive(Clone, Debug)]
pub struct RevokeSession {
    /// Whose.
    pub person: Id,
    /// Its public id.
    pub session: Id,
}

impl Change for RevokeSession {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(REVOKE).bind(self.session).bind(self.person);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("session"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
}

/// Ends all sessions of a person; gives their number.
#[derive(Clone, Debug)]
pub struct RevokeSessions {
    /// Whose.
    pub person: Id,
}

impl Change for RevokeSessions {
    type Output = u64;
    async fn apply(self, context: &mut Context<'_>) -> Result<u64, Error> {
        Ok(sqlx::query(REVOKE_ALL).bind(self.person).execute(&mut *context.change).await?.rows_affected())
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
    fn after(count: &u64) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "sessions ended": count }))
    }
}

/// Ends all sessions of a person but one; gives their number.
#[derive(Clone, Debug)]
pub struct RevokeOtherSessions {
    /// Whose.
    pub person: Id,
    /// The public id of the one that stays.
    pub except: Id,
}

impl Change for RevokeOtherSessions {
    type Output = u64;
    async fn apply(self, context: &mut Context<'_>) -> Result<u64, Error> {
        let statement = sqlx::query(REVOKE_OTHERS).bind(self.person).bind(self.except);
        Ok(statement.execute(&mut *context.change).await?.rows_affected())
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
    fn after(count: &u64) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "sessions ended": count }))
    }
}
