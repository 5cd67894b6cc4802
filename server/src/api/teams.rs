//! Teams: groups of people, whose grants their members have, and who own robots.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    people::HeldGrant,
    values::{Time, bounded},
};
use axum::response::IntoResponse;
use domain::{Permission, Place, permission::allows};
use operations::{
    subjects::NameQuery,
    teams::{TeamDetails, TeamRow},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, make_team))
        .routes(routes!(read_team, edit_team, remove_team))
        .routes(routes!(set_team_member, remove_team_member))
}

/// Which teams are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TeamsWanted {
    /// A part of the name.
    #[param(max_length = 100)]
    q: String,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 200)]
    cursor: String,
}

/// A part of the teams.
#[derive(Serialize, ToSchema)]
struct Teams {
    /// By name.
    teams: Vec<ListedTeam>,
    /// How many there are in all pages.
    count: u64,
}

/// A team in the list.
#[derive(Serialize, ToSchema)]
struct ListedTeam {
    /// Its name.
    name: String,
    /// What it is.
    description: String,
    /// How many are in it.
    members: usize,
    /// Those who lead it, by name.
    leads: Vec<String>,
    /// How many robots it owns.
    robots: usize,
    /// How many grants are made to it, for its members and those who may look at all grants.
    grants: Option<usize>,
}

impl ListedTeam {
    fn of(row: TeamRow, counts: bool) -> Self {
        let TeamRow { name, description, members, leads, robots, grants } = row;
        Self { name, description, members, leads, robots, grants: counts.then_some(grants) }
    }
}

/// A team.
#[derive(Serialize, ToSchema)]
struct Team {
    /// As grants name it.
    #[schema(example = "team-2")]
    subject: String,
    /// Its name.
    name: String,
    /// What it is.
    description: String,
    /// Which version of it this is: an edit has to name it.
    version: i64,
    /// Since when.
    created: Time,
    /// Who is in it, by name.
    members: Vec<Member>,
    /// The names of its robots.
    robots: Vec<String>,
    /// What it was granted.
    grants: Vec<HeldGrant>,
}

/// Somebody in a team.
#[derive(Serialize, ToSchema)]
struct Member {
    /// Their name.
    name: String,
    /// Their full name; may be empty.
    display_name: String,
    /// May they no longer act?
    disabled: bool,
    /// Do they care for the team's members and robots?
    lead: bool,
    /// Since when.
    added: Time,
}

impl From<TeamDetails> for Team {
    fn from(team: TeamDetails) -> Self {
        let member = |member: store::TeamMember| Member {
            name: member.name,
            display_name: member.display_name,
            disabled: member.disabled,
            lead: member.lead,
            added: member.added.into(),
        };
        Self {
            subject: format!("team-{}", team.id),
            name: team.name,
            description: team.description,
            version: team.version,
            created: team.created.into(),
            members: team.members.into_iter().map(member).collect(),
            robots: team.robots.into_iter().map(|robot| robot.name).collect(),
            grants: team.grants.into_iter().map(HeldGrant::from).collect(),
        }
    }
}

/// A team to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "payments", "description": "They keep the payments running." }))]
struct NewTeam {
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it is.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
}

/// A team as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamEdit {
    /// The version that was read.
    version: i64,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it is.
    #[schema(max_length = 500)]
    description: String,
}

/// Somebody's part in a team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Membership {
    /// Do they care for the team's members and robots?
    lead: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct InTeam {
    /// The name of the team.
    #[param(example = "payments", min_length = 1, max_length = 64)]
    team: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MemberOf {
    /// The name of the team.
    #[param(example = "payments", min_length = 1, max_length = 64)]
    team: String,
    /// The name of the person.
    #[param(example = "grace", min_length = 1, max_length = 64)]
    person: String,
}

/// List teams
///
/// All of them for who sees every account, else those one is in.
#[utoipa::path(get, path = "/teams", tag = "Teams", operation_id = "listTeams", params(TeamsWanted),
    responses((status = 200, description = "The teams, by name.", body = Teams)))]
async fn list_teams(asked: Asked, Query(wanted): Query<TeamsWanted>) -> Answer {
    bounded("q", &wanted.q, 100)?;
    bounded("cursor", &wanted.cursor, 200)?;
    let query = NameQuery { text: wanted.q, after: wanted.cursor, before: String::new() };
    let found = asked.operations.teams(&asked.actor, &query).await?;
    // Who sees no more than their own teams sees all that those were granted.
    let manages = allows(&asked.actor, Permission::PeopleManage, Place::System).is_ok();
    let counts = !manages || asked.counts_grants();
    let rows = found.rows.into_iter().map(|row| ListedTeam::of(row, counts));
    let teams = Teams { teams: rows.collect(), count: found.count };
    asked.page(&teams, found.next.as_deref())
}

/// Make a team
#[utoipa::path(post, path = "/teams", tag = "Teams", operation_id = "makeTeam", request_body = NewTeam,
    responses((status = 201, description = "It is made.", body = Team)))]
async fn make_team(asked: Asked, Json(new): Json<NewTeam>) -> Answer {
    let name = asked.operations.make_team(&asked.actor, &new.name, &new.description).await?;
    let team = Team::from(asked.operations.team(&asked.actor, &name).await?);
    asked.created(&format!("/teams/{name}"), &team)
}

/// Read about a team
#[utoipa::path(get, path = "/teams/{team}", tag = "Teams", operation_id = "readTeam", params(InTeam),
    responses((status = 200, description = "The team.", body = Team)))]
async fn read_team(asked: Asked, Path(at): Path<InTeam>) -> Answer {
    asked.answer(&Team::from(asked.operations.team(&asked.actor, &at.team).await?))
}

/// Rename or describe a team
#[utoipa::path(put, path = "/teams/{team}", tag = "Teams", operation_id = "editTeam", params(InTeam), request_body = TeamEdit,
    responses((status = 200, description = "The team as it is now.", body = Team)))]
async fn edit_team(asked: Asked, Path(at): Path<InTeam>, Json(edit): Json<TeamEdit>) -> Answer {
    let version = edit.version.to_string();
    let edited = asked.operations.edit_team(&asked.actor, &at.team, &version, &edit.name, &edit.description);
    let name = edited.await?;
    let team = Team::from(asked.operations.team(&asked.actor, &name).await?);
    Ok(axum::Json(team).into_response())
}

/// Remove a team
///
/// With the grants made to it. A team that has robots can't be removed.
#[utoipa::path(delete, path = "/teams/{team}", tag = "Teams", operation_id = "removeTeam", params(InTeam),
    responses((status = 204, description = "It is removed.")))]
async fn remove_team(asked: Asked, Path(at): Path<InTeam>) -> Answer {
    // Whoever calls this has typed the name: it stands in the address. It counts as it is kept.
    let name = asked.operations.team(&asked.actor, &at.team).await?.name;
    asked.operations.remove_team(&asked.actor, &name, &name).await?;
    done()
}

/// Put somebody into a team
///
/// Or say whether they lead it.
#[utoipa::path(put, path = "/teams/{team}/members/{person}", tag = "Teams", operation_id = "setTeamMember", params(MemberOf),
    request_body = Membership, responses((status = 204, description = "It is so.")))]
async fn set_team_member(asked: Asked, Path(at): Path<MemberOf>, Json(part): Json<Membership>) -> Answer {
    asked.operations.set_team_member(&asked.actor, &at.team, &at.person, part.lead).await?;
    done()
}

/// Take somebody out of a team
#[utoipa::path(delete, path = "/teams/{team}/members/{person}", tag = "Teams", operation_id = "removeTeamMember",
    params(MemberOf), responses((status = 204, description = "They are out.")))]
async fn remove_team_member(asked: Asked, Path(at): Path<MemberOf>) -> Answer {
    asked.operations.remove_team_member(&asked.actor, &at.team, &at.person).await?;
    done()
}
