//! Refresh tokens of the token server: each hangs on what it was made with, and what ends that ends it too.

use crate::{
    Change, Context, Error, Store,
    pools::Pools,
    sql::{moment, statements},
};
use domain::{Id, Restriction, Timestamp, access::Subject};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    ADD = "INSERT INTO refresh_tokens (prefix, secret_hash, subject, person_id, token_id, robot_secret, password, service,
               client, created, last_used, last_address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)";
    COUNT = "SELECT COUNT(*) FROM refresh_tokens WHERE subject = $1";
    // Whoever signs in again and again leaves tokens behind that nobody uses any more: the ones longest unused go.
    MAKE_ROOM = "DELETE FROM refresh_tokens WHERE id IN (
                     SELECT id FROM refresh_tokens WHERE subject = $1 AND last_used <= $2 ORDER BY last_used, id LIMIT $3)";
    // One look for a request: the token, and all that must still be there for it to be good.
    BY_PREFIX = "SELECT f.*, p.name AS person_name, p.disabled AS person_disabled, p.password_hash,
                     t.restriction, t.expires AS token_expires, s.expires AS secret_expires,
                     r.name AS robot_name, r.disabled AS robot_disabled, r.expires AS robot_expires
                 FROM refresh_tokens f LEFT JOIN people p ON p.id = f.person_id LEFT JOIN tokens t ON t.id = f.token_id
                 LEFT JOIN robot_secrets s ON s.id = f.robot_secret LEFT JOIN robots r ON r.id = s.robot_id
                 WHERE f.prefix = $1";
    OF_SUBJECT = "SELECT f.*, t.name AS token_name, s.name AS secret_name FROM refresh_tokens f
                  LEFT JOIN tokens t ON t.id = f.token_id LEFT JOIN robot_secrets s ON s.id = f.robot_secret
                  WHERE f.subject = $1 ORDER BY f.last_used DESC, f.id DESC LIMIT $2";
    pub(crate) USED = "UPDATE refresh_tokens SET last_used = $2, last_address = $3 WHERE id = $1 AND last_used <= $2 - 60000000";
    REVOKE = "DELETE FROM refresh_tokens WHERE id = $1 AND subject = $2 RETURNING id";
    REMOVE_IDLE = "DELETE FROM refresh_tokens WHERE last_used <= $1";
}

/// What a refresh token was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeWith {
    /// A person's password: the hash of the password's hash as it was then.
    Password {
        /// Whose.
        person: Id,
        /// That hash, in hex.
        hash: String,
    },
    /// A person's token.
    Token {
        /// Whose.
        person: Id,
        /// Which.
        token: Id,
    },
    /// A robot's secret.
    RobotSecret(Id),
}

/// A refresh token on its way into the records.
#[derive(Clone, Debug)]
pub struct NewRefreshToken<'a> {
    /// Its public part.
    pub prefix: &'a str,
    /// The hash of its secret part, in hex.
    pub secret_hash: &'a str,
    /// For whom it acts.
    pub subject: Subject,
    /// What it was made with.
    pub with: &'a MadeWith,
    /// The service it is good for.
    pub service: &'a str,
    /// What the client calls itself.
    pub client: &'a str,
    /// Now.
    pub at: Timestamp,
    /// From where.
    pub address: &'a str,
}

/// How many a subject may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRoom {
    /// From so many on, those that were not used for long make room.
    pub usual: i64,
    /// Not used since then is long.
    pub unused_since: Timestamp,
    /// Beyond so many there is no other.
    pub most: i64,
}

/// What a refresh token hangs on, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A person's password.
    Password {
        /// The person.
        person: Id,
        /// Their name.
        name: String,
        /// The hash of the hash it was made with, in hex.
        then: String,
        /// The password's hash now (PHC string).
        now: String,
        /// May the person no longer act?
        disabled: bool,
    },
    /// A person's token.
    Token {
        /// The person.
        person: Id,
        /// Their name.
        name: String,
        /// May the person no longer act?
        disabled: bool,
        /// The token.
        token: Id,
        /// What it is restricted to.
        restriction: Restriction,
        /// Until when it is good.
        expires: Option<Timestamp>,
    },
    /// A robot's secret.
    RobotSecret {
        /// The robot's name.
        name: String,
        /// May the robot no longer act?
        disabled: bool,
        /// The secret.
        secret: Id,
        /// Until when both are good.
        expires: Option<Timestamp>,
    },
}

/// A refresh token with what it hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRefreshToken {
    /// Never used again.
    pub id: Id,
    /// The hash of its secret part, in hex; to be compared in constant time.
    pub secret_hash: String,
    /// For whom it acts.
    pub subject: Subject,
    /// The service it is good for.
    pub service: String,
    /// When it was used last, to the minute.
    pub last_used: Timestamp,
    /// What it hangs on.
    pub behind: Behind,
}

/// A refresh token in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Never used again.
    pub id: Id,
    /// Its public part.
    pub prefix: String,
    /// The service it is good for.
    pub service: String,
    /// What the client calls itself.
    pub client: String,
    /// The name of the token or secret it was made with; none for a password.
    pub made_with: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// When it was used last, to the minute.
    pub last_used: Timestamp,
    /// From where, then.
    pub last_address: String,
}

/// The refresh tokens.
#[derive(Clone, Copy, Debug)]
pub struct RefreshTokens<'s>(&'s Pools);

impl Store {
    /// The refresh tokens of the token server.
    pub fn refresh_tokens(&self) -> RefreshTokens<'_> {
        RefreshTokens(&self.inner.records)
    }
}

impl RefreshTokens<'_> {
    /// Adds one if there is room; says whether. What its subject still uses never makes room.
    pub async fn add(&self, new: &NewRefreshToken<'_>, room: RefreshRoom) -> Result<bool, Error> {
        let (person, token, secret, password) = match new.with {
            MadeWith::Password { person, hash } => (Some(*person), None, None, Some(hash)),
            MadeWith::Token { person, token } => (Some(*person), Some(*token), None, None),
            MadeWith::RobotSecret(secret) => (None, None, Some(*secret), None),
        };
        let (mut change, subject) = (self.0.begin().await?, new.subject.to_string());
        let mut count: i64 = sqlx::query_scalar(COUNT).bind(&subject).fetch_one(&mut *change).await?;
        if count >= room.usual {
            let statement =
                sqlx::query(MAKE_ROOM).bind(&subject).bind(room.unused_since.0).bind(count - room.usual + 1);
            let gone = statement.execute(&mut *change).await?.rows_affected();
            count -= i64::try_from(gone).unwrap_or(i64::MAX);
        }
        if count >= room.most {
            change.commit().await?;
            return Ok(false);
        }
        let statement = sqlx::query(ADD)
            .bind(new.prefix)
            .bind(new.secret_hash)
            .bind(subject)
            .bind(person)
            .bind(token)
            .bind(secret)
            .bind(password)
            .bind(new.service)
            .bind(new.client)
            .bind(new.at.0)
            .bind(new.address);
        statement.execute(&mut *change).await?;
        change.commit().await?;
        Ok(true)
    }
    /// The one with this public prefix. Whether it is good is the caller's to check.
    pub async fn by_prefix(&self, prefix: &str) -> Result<Option<HeldRefreshToken>, Error> {
        let row = sqlx::query(BY_PREFIX).bind(prefix).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(held).transpose()
    }
    /// A subject's, the last used first, up to `limit`.
    pub async fn of_subject(&self, subject: Subject, limit: u32) -> Result<Vec<RefreshToken>, Error> {
        let rows = sqlx::query(OF_SUBJECT).bind(subject.to_string()).bind(limit).fetch_all(&self.0.readers).await?;
        rows.iter().map(listed).collect()
    }
    /// Removes those that were not used since `before`; gives how many there were.
    pub async fn remove_idle(&self, before: Timestamp) -> Result<u64, Error> {
        Ok(sqlx::query(REMOVE_IDLE).bind(before.0).execute(&self.0.writer).await?.rows_affected())
    }
}

fn held(row: &SqliteRow) -> Result<HeldRefreshToken, Error> {
    Ok(HeldRefreshToken {
        id: row.try_get("id")?,
        secret_hash: row.try_get("secret_hash")?,
        subject: row.try_get::<String, _>("subject")?.parse()?,
        service: row.try_get("service")?,
        last_used: Timestamp(row.try_get("last_used")?),
        behind: behind(row)?,
    })
}

fn behind(row: &SqliteRow) -> Result<Behind, Error> {
    if let Some(secret) = row.try_get::<Option<Id>, _>("robot_secret")? {
        let ends = [moment(row, "secret_expires")?, moment(row, "robot_expires")?];
        return Ok(Behind::RobotSecret {
            name: row.try_get("robot_name")?,
            disabled: row.try_get("robot_disabled")?,
            secret,
            expires: ends.into_iter().flatten().min(),
        });
    }
    let (person, name) = (row.try_get("person_id")?, row.try_get("person_name")?);
    let disabled = row.try_get("person_disabled")?;
    Ok(match row.try_get::<Option<Id>, _>("token_id")? {
        Some(token) => Behind::Token {
            person,
            name,
            disabled,
            token,
            restriction: serde_json::from_str(row.try_get("restriction")?)?,
            expires: moment(row, "token_expires")?,
        },
        None => Behind::Password {
            person,
            name,
            disabled,
            then: row.try_get("password")?,
            now: row.try_get("password_hash")?,
        },
    })
}

fn listed(row: &SqliteRow) -> Result<RefreshToken, Error> {
    let (token, secret): (Option<String>, Option<String>) = (row.try_get("token_name")?, row.try_get("secret_name")?);
    Ok(RefreshToken {
        id: row.try_get("id")?,
        prefix: row.try_get("prefix")?,
        service: row.try_get("service")?,
        client: row.try_get("client")?,
        made_with: token.or(secret),
        created: Timestamp(row.try_get("created")?),
        last_used: Timestamp(row.try_get("last_used")?),
        last_address: row.try_get("last_address")?,
    })
}

/// Ends a refresh token of a subject.
#[derive(Clone, Copy, Debug)]
pub struct RevokeRefreshToken {
    /// Whose.
    pub subject: Subject,
    /// Which.
    pub id: Id,
}

impl Change for RevokeRefreshToken {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(REVOKE).bind(self.id).bind(self.subject.to_string());
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("refresh token"))
    }
}
