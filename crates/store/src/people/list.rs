//! The people as a list: in parts by name, each with when they were seen last.

use super::{People, Person, person};
use crate::{
    Error,
    names::{Part, holding},
    sql::statements,
};
use domain::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    // A session that ended tells nothing any more; the audit log still does.
    AFTER = "SELECT p.*, (SELECT MAX(s.last_seen) FROM sessions s WHERE s.person_id = p.id) AS session_seen,
                 (SELECT MAX(t.last_used) FROM tokens t WHERE t.person_id = p.id) AS token_used,
                 (SELECT e.at FROM entries e WHERE e.actor_kind = 'person' AND e.actor_id = p.id ORDER BY e.sequence DESC LIMIT 1) AS acted,
                 (SELECT MAX(l.expires) FROM links l WHERE l.person_id = p.id) AS link_expires
             FROM people p WHERE p.folded > $1 AND (p.folded LIKE $2 ESCAPE '\\' OR LOWER(p.display_name) LIKE $2 ESCAPE '\\')
             AND ($3 = '' OR $3 = CASE WHEN p.disabled <> 0 THEN 'disabled' WHEN p.password_hash = '' THEN 'invited' ELSE 'active' END)
             ORDER BY p.folded LIMIT $4";
    BEFORE = "SELECT p.*, (SELECT MAX(s.last_seen) FROM sessions s WHERE s.person_id = p.id) AS session_seen,
                 (SELECT MAX(t.last_used) FROM tokens t WHERE t.person_id = p.id) AS token_used,
                 (SELECT e.at FROM entries e WHERE e.actor_kind = 'person' AND e.actor_id = p.id ORDER BY e.sequence DESC LIMIT 1) AS acted,
                 (SELECT MAX(l.expires) FROM links l WHERE l.person_id = p.id) AS link_expires
              FROM people p WHERE p.folded < $1 AND (p.folded LIKE $2 ESCAPE '\\' OR LOWER(p.display_name) LIKE $2 ESCAPE '\\')
              AND ($3 = '' OR $3 = CASE WHEN p.disabled <> 0 THEN 'disabled' WHEN p.password_hash = '' THEN 'invited' ELSE 'active' END)
              ORDER BY p.folded DESC LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM people p WHERE (p.folded LIKE $1 ESCAPE '\\' OR LOWER(p.display_name) LIKE $1 ESCAPE '\\')
             AND ($2 = '' OR $2 = CASE WHEN p.disabled <> 0 THEN 'disabled' WHEN p.password_hash = '' THEN 'invited' ELSE 'active' END)";
    SEEN = "SELECT (SELECT MAX(s.last_seen) FROM sessions s WHERE s.person_id = p.id) AS session_seen,
                (SELECT MAX(t.last_used) FROM tokens t WHERE t.person_id = p.id) AS token_used,
                (SELECT e.at FROM entries e WHERE e.actor_kind = 'person' AND e.actor_id = p.id ORDER BY e.sequence DESC LIMIT 1) AS acted
            FROM people p WHERE p.id = $1";
}

/// Whether somebody can act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// Made, without a password yet.
    Invited,
    /// May sign in.
    Active,
    /// May not act.
    Disabled,
}

impl PersonState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Disabled];
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl Person {
    /// Whether they can act.
    pub fn state(&self) -> PersonState {
        match (self.disabled, self.password_hash.as_str()) {
            (true, _) => PersonState::Disabled,
            (false, "") => PersonState::Invited,
            (false, _) => PersonState::Active,
        }
    }
}

/// Somebody in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    /// Who.
    pub person: Person,
    /// When they were seen last, by a session, a token or what they did.
    pub last_seen: Option<Timestamp>,
    /// Until when their link is good, if there is one.
    pub link_expires: Option<Timestamp>,
}

impl People<'_> {
    /// A part of the people whose name or full name holds `text`, by name, in this state if one is named.
    pub async fn page(&self, text: &str, state: Option<PersonState>, part: &Part) -> Result<Vec<ListedPerson>, Error> {
        let state = state.map_or("", PersonState::as_str);
        let rows = part.rows(self.0, (AFTER, BEFORE), |place, most| {
            sqlx::query(place.statement).bind(place.from).bind(holding(text)).bind(state).bind(most)
        });
        rows.await?.iter().map(listed).collect()
    }
    /// How many there are of them.
    pub async fn count_of(&self, text: &str, state: Option<PersonState>) -> Result<u64, Error> {
        let statement =
            sqlx::query_scalar::<_, i64>(COUNT).bind(holding(text)).bind(state.map_or("", PersonState::as_str));
        Ok(statement.fetch_one(&self.0.readers).await?.unsigned_abs())
    }
    /// When somebody was seen last, by a session, a token or what they did.
    pub async fn last_seen(&self, person: domain::Id) -> Result<Option<Timestamp>, Error> {
        let row = sqlx::query(SEEN).bind(person).fetch_optional(&self.0.readers).await?;
        row.as_ref().map_or(Ok(None), seen)
    }
}

fn seen(row: &SqliteRow) -> Result<Option<Timestamp>, Error> {
    let times: [Option<i64>; 3] = [row.try_get("session_seen")?, row.try_get("token_used")?, row.try_get("acted")?];
    Ok(times.into_iter().flatten().max().map(Timestamp))
}

fn listed(row: &SqliteRow) -> Result<ListedPerson, Error> {
    let link_expires: Option<i64> = row.try_get("link_expires")?;
    Ok(ListedPerson { person: person(row)?, last_seen: seen(row)?, link_expires: link_expires.map(Timestamp) })
}
