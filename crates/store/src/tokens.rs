//! Access tokens: found by their public prefix, compared by the hash of their secret.

use crate::{Change, Context, Error, Generations, Store, last_uses::note_use, pools::Pools, sql::statements};
use domain::{Id, Restriction, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    ADD = "INSERT INTO tokens (prefix, secret_hash, person_id, name, restriction, created, expires)
           VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    // One look for a request: the token, and whether its person is still there to be acted for.
    BY_PREFIX = "SELECT t.*, p.name AS person_name, p.disabled FROM tokens t JOIN people p ON p.id = t.person_id
                 WHERE t.prefix = $1";
    OF_PERSON = "SELECT * FROM tokens WHERE person_id = $1 ORDER BY id DESC";
    REVOKE = "DELETE FROM tokens WHERE prefix = $1 AND person_id = $2 RETURNING id";
    pub(crate) USED = "UPDATE tokens SET last_used = $2, last_address = $3
            WHERE id = $1 AND (last_used IS NULL OR last_used <= $2 - 60000000)";
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Never used again.
    pub id: Id,
    /// Its public part.
    pub prefix: String,
    /// The hash of its secret part, in hex; to be compared in constant time.
    pub secret_hash: String,
    /// For whom it acts.
    pub person: Id,
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it is restricted to.
    pub restriction: Restriction,
    /// Since when.
    pub created: Timestamp,
    /// Until when; without, until it is revoked.
    pub expires: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
    /// From where, then; empty before.
    pub last_address: String,
}

/// A token with the person it acts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldToken {
    /// The token.
    pub token: Token,
    /// The name of its person.
    pub person_name: String,
    /// May its person no longer sign in?
    pub disabled: bool,
}

/// The access tokens.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'s>(&'s Pools);

impl Store {
    /// The access tokens.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(&self.inner.records)
    }
}

impl Tokens<'_> {
    /// The token with this public prefix. Its expiry, its secret and its person are the caller's to check.
    pub async fn by_prefix(&self, prefix: &str) -> Result<Option<HeldToken>, Error> {
        let row = sqlx::query(BY_PREFIX).bind(prefix).fetch_optional(&self.0.readers).await?;
        let held = |row: SqliteRow| {
            let (person_name, disabled) = (row.try_get("person_name")?, row.try_get("disabled")?);
            Ok(HeldToken { token: token(&row)?, person_name, disabled })
        };
        row.map(held).transpose()
    }
    /// A person's tokens, the newest first, those that have run out too.
    pub async fn of_person(&self, person: Id) -> Result<Vec<Token>, Error> {
        sqlx::query(OF_PERSON).bind(person).fetch_all(&self.0.readers).await?.iter().map(token).collect()
    }
    /// Notes that it was used and from where, at most once a minute. Callers that know [`Token::last_used`] spare the
    /// database the question.
    pub async fn used(&self, id: Id, now: Timestamp, address: &str) -> Result<(), Error> {
        note_use(&mut *self.0.writer.acquire().await?, USED, id, now, address).await
    }
}

fn token(row: &SqliteRow) -> Result<Token, Error> {
    Ok(Token {
        id: row.try_get("id")?,
        prefix: row.try_get("prefix")?,
        secret_hash: row.try_get("secret_hash")?,
        person: row.try_get("person_id")?,
        name: row.try_get("name")?,
        restriction: serde_json::from_str(row.try_get("restriction")?)?,
        created: Timestamp(row.try_get("created")?),
        expires: row.try_get::<Option<i64>, _>("expires")?.map(Timestamp),
        last_used: row.try_get::<Option<i64>, _>("last_used")?.map(Timestamp),
        last_address: row.try_get("last_address")?,
    })
}

/// Adds a token, and gives its id.
#[derive(Clone)]
pub struct AddToken {
    /// Its public part.
    pub prefix: String,
    /// The hash of its secret part, in hex.
    pub secret_hash: String,
    /// For whom it acts.
    pub person: Id,
    /// What it is for.
    pub name: String,
    /// What it is restricted to.
    pub restriction: Restriction,
    /// Until when.
    pub expires: Option<Timestamp>,
}

impl Change for AddToken {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD)
            .bind(&self.prefix)
            .bind(&self.secret_hash)
            .bind(self.person)
            .bind(&self.name)
            .bind(serde_json::to_string(&self.restriction)?)
            .bind(context.at.0)
            .bind(self.expires.map(|at| at.0));
        statement.fetch_one(&mut *context.change).await.map_err(|error| Error::from(error).taken("token prefix"))
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Ends a token of a person: it is as if it had never been.
#[derive(Clone, Debug)]
pub struct RevokeToken {
    /// Whose.
    pub person: Id,
    /// Its public part.
    pub prefix: String,
}

impl Change for RevokeToken {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(REVOKE).bind(&self.prefix).bind(self.person);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("token"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
}
