//! Links by which a person chooses a password once: to come in, or after it was lost. Only their hashes are kept.

use crate::{Change, Context, Error, Generations, NewPerson, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    FORGET = "DELETE FROM links WHERE person_id = $1";
    ADD = "INSERT INTO links (token_hash, person_id, kind, made_by, created, expires)
           SELECT $1, p.id, $3, $4, $5, $6 FROM people p WHERE p.id = $2 AND p.disabled = 0
           AND (p.password_hash = '') = ($3 = 'invite') RETURNING person_id";
    GOOD = "SELECT l.*, p.name, p.display_name FROM links l JOIN people p ON p.id = l.person_id
            WHERE l.token_hash = $1 AND l.expires > $2 AND p.disabled = 0";
    OF_PERSON = "SELECT l.*, p.name, p.display_name FROM links l JOIN people p ON p.id = l.person_id
                 WHERE l.person_id = $1 AND l.expires > $2";
    // One statement decides and acts: of two that come at once with one link, one finds it used.
    TAKE = "DELETE FROM links WHERE token_hash = $1 AND expires > $2 AND person_id = $3 RETURNING person_id";
    SET_PASSWORD = "UPDATE people SET password_hash = $2, updated = $3 WHERE id = $1 AND disabled = 0 RETURNING id";
    END_SESSIONS = "DELETE FROM sessions WHERE person_id = $1";
    END_REFRESH = "DELETE FROM refresh_tokens WHERE person_id = $1 AND password IS NOT NULL";
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To come in for the first time.
    Invite,
    /// To choose another password.
    Reset,
}

impl LinkKind {
    /// The word in the records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }
}

/// A link that is still good, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// For whom.
    pub person: Id,
    /// Their name.
    pub name: String,
    /// Their full name; may be empty.
    pub display_name: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Whoever made it, as grants name them (`person-3`), else a name.
    pub made_by: String,
    /// Since when.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

/// The links.
#[derive(Clone, Copy, Debug)]
pub struct Links<'s>(&'s Pools);

impl Store {
    /// The links by which people choose passwords.
    pub fn links(&self) -> Links<'_> {
        Links(&self.inner.records)
    }
}

impl Links<'_> {
    /// The link whose token has this hash, if it is still good. Leaves it good.
    pub async fn good(&self, token_hash: &str, now: Timestamp) -> Result<Option<Link>, Error> {
        let row = sqlx::query(GOOD).bind(token_hash).bind(now.0).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(link).transpose()
    }
    /// The good link of a person. There is at most one.
    pub async fn of_person(&self, person: Id, now: Timestamp) -> Result<Option<Link>, Error> {
        let row = sqlx::query(OF_PERSON).bind(person).bind(now.0).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(link).transpose()
    }
}

fn link(row: &SqliteRow) -> Result<Link, Error> {
    let kind = match row.try_get("kind")? {
        "invite" => LinkKind::Invite,
        "reset" => LinkKind::Reset,
        other => return Err(Error::Broken(format!("a link of the kind {other}"))),
    };
    Ok(Link {
        person: row.try_get("person_id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        kind,
        made_by: row.try_get("made_by")?,
        created: Timestamp(row.try_get("created")?),
        expires: Timestamp(row.try_get("expires")?),
    })
}

/// Voids a person's links, within a change.
pub(crate) async fn forget(context: &mut Context<'_>, person: Id) -> Result<(), Error> {
    sqlx::query(FORGET).bind(person).execute(&mut *context.change).await?;
    Ok(())
}

/// A link to be made; the former one of the same person is void.
#[derive(Clone)]
pub struct NewLink {
    /// The hash of its token.
    pub token_hash: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Whoever makes it, as grants name them (`person-3`), else a name.
    pub made_by: String,
    /// Until when.
    pub expires: Timestamp,
}

impl NewLink {
    async fn insert(self, person: Id, context: &mut Context<'_>) -> Result<(), Error> {
        forget(context, person).await?;
        let statement = sqlx::query_scalar::<_, Id>(ADD)
            .bind(&self.token_hash)
            .bind(person)
            .bind(self.kind.as_str())
            .bind(&self.made_by)
            .bind(context.at.0)
            .bind(self.expires.0);
        let made = statement.fetch_optional(&mut *context.change).await?;
        made.map(|_| ())
            .ok_or(Error::Conflict("this link is not for somebody who is disabled or has come in meanwhile"))
    }
}

/// Makes a person who has no password yet, and the link by which they choose one; gives the person's id.
#[derive(Clone)]
pub struct InvitePerson(pub NewPerson, pub NewLink);

impl Change for InvitePerson {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let id = crate::CreatePerson(self.0, None).apply(context).await?;
        self.1.insert(id, context).await?;
        Ok(id)
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE, Generations::ACCESS]
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "id": id }))
    }
}

/// Makes a link for somebody who is there: to come in while they have no password, else to choose another one. It ends
/// nothing until it is used.
#[derive(Clone)]
pub struct AddLink {
    /// For whom.
    pub person: Id,
    /// The link.
    pub link: NewLink,
}

impl Change for AddLink {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        self.link.insert(self.person, context).await
    }
}

/// Voids a person's link.
#[derive(Clone, Debug)]
pub struct RevokeLink {
    /// Whose.
    pub person: Id,
}

impl Change for RevokeLink {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        forget(context, self.person).await
    }
}

/// Uses a link up: sets the password, and ends all that came by the old one. [`Error::NotFound`] when it is no longer good.
#[derive(Clone)]
pub struct UseLink {
    /// The hash of its token.
    pub token_hash: String,
    /// For whom it is.
    pub person: Id,
    /// The new password's hash (PHC string).
    pub password_hash: String,
}

impl Change for UseLink {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let taken = sqlx::query_scalar::<_, Id>(TAKE).bind(&self.token_hash).bind(context.at.0).bind(self.person);
        taken.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("link"))?;
        let set =
            sqlx::query_scalar::<_, Id>(SET_PASSWORD).bind(self.person).bind(&self.password_hash).bind(context.at.0);
        set.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("person"))?;
        for statement in [FORGET, END_SESSIONS, END_REFRESH] {
            sqlx::query(statement).bind(self.person).execute(&mut *context.change).await?;
        }
        Ok(())
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE]
    }
}
