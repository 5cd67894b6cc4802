//! What a change of access would do, before it is made: who gains and who loses what where.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Json},
    grants::{GrantEdit, NewGrant},
    holders::SubjectName,
    problem::Problem,
    roles::RoleEdit,
    tokens::PermissionName,
};
use domain::{
    Actor, Id, Permission, Visible,
    access::{Member, Subject, what_if::Change},
};
use operations::{
    Error, Kind,
    what_if::{Preview, PreviewPart, PreviewRow},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(what_if))
}

/// A change to be looked at: exactly one of these.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(example = json!({ "disable-person": { "person": "grace" } }))]
enum AccessChange {
    /// A grant is given.
    AddGrant(NewGrant),
    /// A grant is changed.
    EditGrant(ChangedGrant),
    /// A grant is revoked.
    RevokeGrant(GrantNumber),
    /// A role is changed.
    EditRole(ChangedRole),
    /// A person is kept from acting.
    DisablePerson(PersonNamed),
    /// A person may act again.
    EnablePerson(PersonNamed),
    /// A person is removed.
    RemovePerson(PersonNamed),
    /// A robot is kept from acting.
    DisableRobot(RobotNamed),
    /// A robot may act again.
    EnableRobot(RobotNamed),
    /// A robot is removed.
    RemoveRobot(RobotNamed),
    /// A person comes into a team.
    JoinTeam(MemberNamed),
    /// A person leaves a team.
    LeaveTeam(MemberNamed),
    /// A team is removed.
    RemoveTeam(TeamNamed),
}

/// A grant as it would be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedGrant {
    /// Its number.
    #[schema(value_type = i64)]
    grant: Id,
    /// What changes.
    edit: GrantEdit,
}

/// A grant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantNumber {
    /// Its number.
    #[schema(value_type = i64)]
    grant: Id,
}

/// A role as it would be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedRole {
    /// What the role is called by.
    #[schema(min_length = 1, max_length = 40)]
    role: String,
    /// What changes.
    edit: RoleEdit,
}

/// A person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonNamed {
    /// Their name.
    #[schema(min_length = 1, max_length = 64)]
    person: String,
}

/// A robot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RobotNamed {
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    robot: String,
}

/// A team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamNamed {
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    team: String,
}

/// A person and a team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberNamed {
    /// The name of the team.
    #[schema(min_length = 1, max_length = 64)]
    team: String,
    /// The name of the person.
    #[schema(min_length = 1, max_length = 64)]
    person: String,
}

/// What a change would do, as far as whoever asks may know.
#[derive(Serialize, ToSchema)]
struct WhatIf {
    /// Send it along with the change: if access was changed since, the answer is 409.
    generation: i64,
    /// Who gains and loses what; those who lose first.
    differences: Vec<AccessDifference>,
    /// How many people and robots it concerns, whether or not it makes a difference to them.
    concerned: usize,
    /// Does whoever asks lose something?
    you_lose: bool,
    /// Does it make a difference at places that whoever asks may not look at? Told to those who may look at some.
    elsewhere: Option<bool>,
}

/// What some gain and lose: all of them the same.
#[derive(Serialize, ToSchema)]
struct AccessDifference {
    /// Who.
    subjects: Vec<SubjectName>,
    /// What they will be able to do.
    gained: Vec<RightsThere>,
    /// What they will no longer be able to do.
    lost: Vec<RightsThere>,
}

/// Permissions at one place.
#[derive(Serialize, ToSchema)]
struct RightsThere {
    /// Where: `everything`, `production`, `production/team-a/**`, `*/team-a/**`.
    r#where: String,
    /// What.
    acts: Vec<PermissionName>,
}

impl From<PreviewPart> for RightsThere {
    fn from(part: PreviewPart) -> Self {
        let registry = part.scope.registry().map(|id| part.registry.unwrap_or_else(|| format!("registry {id}")));
        let place = match (registry, part.scope.repositories()) {
            (None, None) => "everything".to_owned(),
            (Some(registry), None) => registry,
            (None, Some(pattern)) => format!("*/{pattern}"),
            (Some(registry), Some(pattern)) => format!("{registry}/{pattern}"),
        };
        Self { r#where: place, acts: part.permissions.iter().map(PermissionName::from).collect() }
    }
}

impl From<PreviewRow> for AccessDifference {
    fn from(row: PreviewRow) -> Self {
        let named = |(subject, name): (Subject, String)| SubjectName { subject: subject.to_string(), name };
        Self {
            subjects: row.subjects.into_iter().map(named).collect(),
            gained: row.gained.into_iter().map(RightsThere::from).collect(),
            lost: row.lost.into_iter().map(RightsThere::from).collect(),
        }
    }
}

impl WhatIf {
    fn of(preview: Preview, actor: &Actor) -> Self {
        Self {
            generation: preview.generation,
            differences: preview.rows.into_iter().map(AccessDifference::from).collect(),
            concerned: preview.concerned,
            you_lose: preview.you_lose,
            elsewhere: Visible::by(actor, Permission::GrantView).repositories_at_all().then_some(preview.elsewhere),
        }
    }
}

/// Look at what a change of access would do
///
/// Who gains and who loses what where. Nothing is changed, and nobody is told of more than their other questions answer: of a
/// grant or a role it takes the right to give it, of an account the right to know of it.
#[utoipa::path(post, path = "/access/what-if", tag = "Access", operation_id = "whatIf", request_body = AccessChange,
    responses((status = 200, description = "What it would do.", body = WhatIf)))]
async fn what_if(asked: Asked, Json(change): Json<AccessChange>) -> Answer {
    let preview = preview(&asked, change).await?;
    Ok(axum::response::IntoResponse::into_response(axum::Json(WhatIf::of(preview, &asked.actor))))
}

async fn preview(asked: &Asked, change: AccessChange) -> Result<Preview, Problem> {
    use AccessChange as C;
    let (operations, actor) = (&asked.operations, &asked.actor);
    let change = match change {
        C::AddGrant(new) => return Ok(operations.preview_grant(actor, None, &new.form()?).await?.1),
        C::EditGrant(own) => {
            let form = own.edit.form(operations.grant(actor, own.grant).await?)?;
            return Ok(operations.preview_grant(actor, Some(own.grant), &form).await?.1);
        }
        C::RevokeGrant(own) => return Ok(operations.preview_revoke(actor, own.grant).await?.1),
        C::EditRole(own) => {
            let now = operations.role(actor, &own.role).await?;
            if now.version != own.edit.version() {
                return Err(Error::new(Kind::Conflict, "The role was changed since it was read.").into());
            }
            let form = own.edit.form(now.row.role);
            return Ok(operations.preview_role(actor, &own.role, &form).await?);
        }
        C::DisablePerson(own) => Change::Acts(asked.person(&own.person).await?, false),
        C::EnablePerson(own) => Change::Acts(asked.person(&own.person).await?, true),
        C::RemovePerson(own) => Change::Removed(asked.person(&own.person).await?),
        C::DisableRobot(own) => Change::Acts(asked.robot(&own.robot).await?, false),
        C::EnableRobot(own) => Change::Acts(asked.robot(&own.robot).await?, true),
        C::RemoveRobot(own) => Change::Removed(asked.robot(&own.robot).await?),
        C::JoinTeam(own) => {
            let team = operations.team(actor, &own.team).await?.id;
            let person = operations.person_details(actor, &own.person).await?.id;
            Change::Joins(Member { team, person, lead: false })
        }
        C::LeaveTeam(own) => {
            let team = operations.team(actor, &own.team).await?;
            let member = team.members.iter().find(|member| member.name.eq_ignore_ascii_case(own.person.trim()));
            let gone = || Error::not_found(format!("such member of {}", team.name));
            Change::Leaves { team: team.id, person: member.ok_or_else(gone)?.person }
        }
        C::RemoveTeam(own) => Change::Removed(Subject::Team(operations.team(actor, &own.team).await?.id)),
    };
    Ok(operations.what_if(actor, change).await?)
}
