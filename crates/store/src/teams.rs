//! Teams, and who is in them. What grants they have goes with them.

use crate::{
    Change, Context, Error, Generations, Store,
    access::keep_an_administrator,
    names::{Part, holding},
    pools::Pools,
    sql::statements,
};
use domain::{Id, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    BY_NAME = "SELECT * FROM teams WHERE folded = $1";
    // `$2` names teams as `,3,7,`; empty for all of them.
    AFTER = "SELECT * FROM teams t WHERE t.folded > $1 AND ($2 = '' OR $2 LIKE '%,' || t.id || ',%')
             AND t.folded LIKE $3 ESCAPE '\\' ORDER BY t.folded LIMIT $4";
    BEFORE = "SELECT * FROM teams t WHERE t.folded < $1 AND ($2 = '' OR $2 LIKE '%,' || t.id || ',%')
              AND t.folded LIKE $3 ESCAPE '\\' ORDER BY t.folded DESC LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM teams t WHERE ($1 = '' OR $1 LIKE '%,' || t.id || ',%') AND t.folded LIKE $2 ESCAPE '\\'";
    MEMBERS = "SELECT p.id, p.name, p.display_name, p.disabled, m.lead, m.added FROM team_members m
               JOIN people p ON p.id = m.person_id WHERE m.team_id = $1 ORDER BY p.folded";
    ADD = "INSERT INTO teams (name, folded, description, created, updated) VALUES ($1, $2, $3, $4, $4) RETURNING id";
    EDIT = "UPDATE teams SET name = $3, folded = $4, description = $5, updated = $6, version = version + 1
            WHERE id = $1 AND version = $2 RETURNING id";
    HAS_ROBOTS = "SELECT 1 FROM robots WHERE team_id = $1 LIMIT 1";
    REMOVE = "DELETE FROM teams WHERE id = $1 RETURNING id";
    REMOVE_GRANTS = "DELETE FROM grants WHERE subject = 'team-' || $1";
    SET_MEMBER = "INSERT INTO team_members (team_id, person_id, lead, added)
                  SELECT t.id, p.id, $3, $4 FROM teams t JOIN people p ON p.id = $2 WHERE t.id = $1
                  ON CONFLICT (team_id, person_id) DO UPDATE SET lead = excluded.lead RETURNING person_id";
    REMOVE_MEMBER = "DELETE FROM team_members WHERE team_id = $1 AND person_id = $2 RETURNING person_id";
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Never used again.
    pub id: Id,
    /// Its name, as it was entered; unique in any case.
    pub name: String,
    /// What it is, in somebody's words.
    pub description: String,
    /// Counts edits.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
}

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamMember {
    /// Who.
    pub person: Id,
    /// Their name.
    pub name: String,
    /// Their full name; may be empty.
    pub display_name: String,
    /// May they no longer act?
    pub disabled: bool,
    /// Do they care for the team's members and robots?
    pub lead: bool,
    /// Since when.
    pub added: Timestamp,
}

/// The teams.
#[derive(Clone, Copy, Debug)]
pub struct Teams<'s>(&'s Pools);

impl Store {
    /// The teams.
    pub fn teams(&self) -> Teams<'_> {
        Teams(&self.inner.records)
    }
}

impl Teams<'_> {
    /// The one called so, in any case.
    pub async fn by_name(&self, name: &str) -> Result<Option<Team>, Error> {
        let row = sqlx::query(BY_NAME).bind(name.to_lowercase()).fetch_optional(&self.0.readers).await?;
        row.as_ref().map(team).transpose()
    }
    /// A part of the teams whose names hold `text`, by name; of these only, unless it is all of them.
    pub async fn list(&self, these: Option<&[Id]>, text: &str, part: &Part) -> Result<Vec<Team>, Error> {
        let these = listed(these);
        let rows = part.rows(self.0, (AFTER, BEFORE), |place, most| {
            sqlx::query(place.statement).bind(place.from).bind(these).bind(holding(text)).bind(most)
        });
        rows.await?.iter().map(team).collect()
    }
    /// How many there are of them.
    pub async fn count(&self, these: Option<&[Id]>, text: &str) -> Result<u64, Error> {
        let statement = sqlx::query_scalar::<_, i64>(COUNT).bind(listed(these)).bind(holding(text));
        Ok(statement.fetch_one(&self.0.readers).await?.unsigned_abs())
    }
    /// Who is in a team, by name.
    pub async fn members(&self, team: Id) -> Result<Vec<TeamMember>, Error> {
        sqlx::query(MEMBERS).bind(team).fetch_all(&self.0.readers).await?.iter().map(member).collect()
    }
}

/// Ids as the statements take them: `,3,7,`; empty for all.
pub(crate) fn listed(these: Option<&[Id]>) -> String {
    these.map_or_else(String::new, |ids| ids.iter().fold(",".to_owned(), |all, id| format!("{all}{id},")))
}

fn team(row: &SqliteRow) -> Result<Team, Error> {
    Ok(Team {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        version: row.try_get("version")?,
        created: Timestamp(row.try_get("created")?),
        updated: Timestamp(row.try_get("updated")?),
    })
}

fn member(row: &SqliteRow) -> Result<TeamMember, Error> {
    Ok(TeamMember {
        person: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        disabled: row.try_get("disabled")?,
        lead: row.try_get("lead")?,
        added: Timestamp(row.try_get("added")?),
    })
}

/// Makes a team, and gives its id.
#[derive(Clone, Debug)]
pub struct AddTeam {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
}

impl Change for AddTeam {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let statement = sqlx::query_scalar(ADD)
            .bind(&self.name)
            .bind(self.name.to_lowercase())
            .bind(&self.description)
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

/// Renames or describes a team.
#[derive(Clone, Debug)]
pub struct EditTeam {
    /// Which.
    pub id: Id,
    /// The version that was on the page.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
}

impl Change for EditTeam {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(EDIT)
            .bind(self.id)
            .bind(self.version)
            .bind(&self.name)
            .bind(self.name.to_lowercase())
            .bind(&self.description)
            .bind(context.at.0);
        let edited = statement.fetch_optional(&mut *context.change).await;
        let edited = edited.map_err(|error| Error::from(error).taken("name"))?;
        edited.map(|_| ()).ok_or(Error::Conflict("somebody else changed this team meanwhile"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

/// Removes a team that has no robots, with its grants; gives their number.
#[derive(Clone, Debug)]
pub struct RemoveTeam {
    /// Which.
    pub team: Id,
}

impl Change for RemoveTeam {
    type Output = u64;
    async fn apply(self, context: &mut Context<'_>) -> Result<u64, Error> {
        let robots = sqlx::query_scalar::<_, i64>(HAS_ROBOTS).bind(self.team).fetch_optional(&mut *context.change);
        if robots.await?.is_some() {
            return Err(Error::Conflict("the team has robots: remove them or give them to another team first"));
        }
        let gone = sqlx::query_scalar::<_, Id>(REMOVE).bind(self.team).fetch_optional(&mut *context.change).await?;
        gone.ok_or(Error::NotFound("team"))?;
        let grants = sqlx::query(REMOVE_GRANTS).bind(self.team).execute(&mut *context.change).await?.rows_affected();
        keep_an_administrator(context.change).await?;
        Ok(grants)
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
    fn after(grants: &u64) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "grants removed": grants }))
    }
}

/// Puts somebody into a team, or says whether they are one of its leads.
#[derive(Clone, Debug)]
pub struct SetTeamMember {
    /// Which team.
    pub team: Id,
    /// Who.
    pub person: Id,
    /// Do they care for its members and robots?
    pub lead: bool,
}

impl Change for SetTeamMember {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(SET_MEMBER)
            .bind(self.team)
            .bind(self.person)
            .bind(self.lead)
            .bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.map(|_| ()).ok_or(Error::NotFound("team or person"))
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

/// Takes somebody out of a team.
#[derive(Clone, Debug)]
pub struct RemoveTeamMember {
    /// Which team.
    pub team: Id,
    /// Who.
    pub person: Id,
}

impl Change for RemoveTeamMember {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(REMOVE_MEMBER).bind(self.team).bind(self.person);
        statement.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("member"))?;
        keep_an_administrator(context.change).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}
