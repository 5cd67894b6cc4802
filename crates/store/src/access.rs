//! What decides who may do what, read in one look: people, teams, robots, roles and grants.

use crate::{
    Error, Generations, Store,
    sql::{moment, statements},
};
use domain::{
    Timestamp,
    access::{Facts, Grant, Member, PersonFacts, RobotFacts, Role, RoleId, Scope, TeamFacts},
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

statements! {
    GENERATION = "SELECT COALESCE(MAX(value), 0) FROM generations WHERE name = 'access'";
    // Both counters in one number that only grows: who is let in is asked anew as soon as either moves.
    RIGHTS = "SELECT COALESCE(SUM(value), 0) FROM generations WHERE name IN ('people', 'access')";
    PEOPLE = "SELECT id, name, display_name, disabled FROM people";
    TEAMS = "SELECT id, name FROM teams";
    MEMBERS = "SELECT team_id, person_id, lead FROM team_members ORDER BY team_id, person_id";
    ROBOTS = "SELECT id, name, team_id, disabled, expires FROM robots";
    ROLES = "SELECT id, name, description, permissions FROM roles";
    GRANTS = "SELECT * FROM grants ORDER BY id";
    // Somebody who is not disabled and may do everything, everywhere, without an end: by their own grant or by their team's.
    ADMINISTRATORS = "SELECT COUNT(*) FROM people p WHERE p.disabled = 0 AND p.password_hash <> '' AND EXISTS (
                          SELECT 1 FROM grants g WHERE g.role = 'administrator' AND g.registry_id IS NULL
                          AND g.repositories IS NULL AND g.until IS NULL AND (g.subject = 'person-' || p.id OR EXISTS (
                              SELECT 1 FROM team_members m WHERE m.person_id = p.id AND g.subject = 'team-' || m.team_id)))";
}

impl Generations<'_> {
    /// Changes of what stands in [`Store::authority`] count here: who there is and may act, teams, robots, roles and grants.
    pub const ACCESS: &'static str = "access";
}

impl Store {
    /// Grows with every change of who may do what. Whoever keeps [`Store::authority`] asks for it.
    pub async fn authority_generation(&self) -> Result<i64, Error> {
        Ok(sqlx::query_scalar(GENERATION).fetch_one(&self.inner.records.readers).await?)
    }

    /// Grows when authority does, and with every end of a session, a token or a password: whoever was let in before has to
    /// be looked at again.
    pub async fn rights_generation(&self) -> Result<i64, Error> {
        Ok(sqlx::query_scalar(RIGHTS).fetch_one(&self.inner.records.readers).await?)
    }

    /// What decides who may do what, with the generation it is of. One reading, so that nothing in it contradicts itself.
    pub async fn authority(&self) -> Result<(i64, Facts), Error> {
        let mut reading = self.inner.records.readers.begin().await?;
        let generation = sqlx::query_scalar(GENERATION).fetch_one(&mut *reading).await?;
        let facts = facts(&mut reading).await?;
        reading.commit().await?;
        Ok((generation, facts))
    }
}

async fn facts(reading: &mut SqliteConnection) -> Result<Facts, Error> {
    let people = sqlx::query(PEOPLE).fetch_all(&mut *reading).await?;
    let teams = sqlx::query(TEAMS).fetch_all(&mut *reading).await?;
    let members = sqlx::query(MEMBERS).fetch_all(&mut *reading).await?;
    let robots = sqlx::query(ROBOTS).fetch_all(&mut *reading).await?;
    let roles = sqlx::query(ROLES).fetch_all(&mut *reading).await?;
    let grants = sqlx::query(GRANTS).fetch_all(&mut *reading).await?;
    Ok(Facts {
        people: people.iter().map(person).collect::<Result<_, _>>()?,
        teams: teams.iter().map(team).collect::<Result<_, _>>()?,
        members: members.iter().map(member).collect::<Result<_, _>>()?,
        robots: robots.iter().map(robot).collect::<Result<_, _>>()?,
        roles: roles.iter().map(role).collect::<Result<_, _>>()?,
        grants: grants.iter().map(grant).collect::<Result<_, _>>()?,
    })
}

fn person(row: &SqliteRow) -> Result<PersonFacts, Error> {
    Ok(PersonFacts {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        disabled: row.try_get("disabled")?,
    })
}
fn team(row: &SqliteRow) -> Result<TeamFacts, Error> {
    Ok(TeamFacts { id: row.try_get("id")?, name: row.try_get("name")? })
}
fn member(row: &SqliteRow) -> Result<Member, Error> {
    Ok(Member { team: row.try_get("team_id")?, person: row.try_get("person_id")?, lead: row.try_get("lead")? })
}
fn robot(row: &SqliteRow) -> Result<RobotFacts, Error> {
    Ok(RobotFacts {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        team: row.try_get("team_id")?,
        disabled: row.try_get("disabled")?,
        expires: moment(row, "expires")?,
    })
}
/// A role's row. A permission that this program does not know gives nothing: it is left out.
pub(crate) fn role(row: &SqliteRow) -> Result<Role, Error> {
    let names: Vec<String> = serde_json::from_str(row.try_get("permissions")?)?;
    Ok(Role {
        id: RoleId::Custom(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        permissions: names.iter().filter_map(|name| domain::Permission::named(name)).collect(),
    })
}
/// A grant's row.
pub(crate) fn grant(row: &SqliteRow) -> Result<Grant, Error> {
    let repositories: Option<String> = row.try_get("repositories")?;
    let repositories = repositories.map(|pattern| pattern.parse()).transpose()?;
    Ok(Grant {
        id: row.try_get("id")?,
        subject: row.try_get::<String, _>("subject")?.parse()?,
        role: row.try_get::<String, _>("role")?.parse()?,
        scope: Scope::new(row.try_get("registry_id")?, repositories),
        until: moment(row, "until")?,
        because: row.try_get("because")?,
        by: row.try_get("by_name")?,
        created: Timestamp(row.try_get("created")?),
        reviewed: moment(row, "reviewed")?,
    })
}
/// Refuses a change after which nobody could do everything any more, for good: every change that can take a right away
/// asks this last, in its transaction.
pub(crate) async fn keep_an_administrator(change: &mut SqliteConnection) -> Result<(), Error> {
    let left: i64 = sqlx::query_scalar(ADMINISTRATORS).fetch_one(change).await?;
    if left == 0 { Err(Error::Conflict("nobody would be left who may do everything")) } else { Ok(()) }
}
