//! Who holds what: at one repository, and by one subject; who can be granted something; what goes with a secret.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    grants::Grant,
    registry_tokens::Pasted,
    tokens::PermissionName,
    values::{InRegistry, InRepository, Time, bounded, repository},
};
use domain::Id;
use operations::grants::{Holder, Through};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(who_can))
        .routes(routes!(held_by))
        .routes(routes!(list_subjects))
        .routes(routes!(read_templates))
}

/// Who can do what at a repository.
#[derive(Serialize, ToSchema)]
struct Holders {
    /// Those with something of their own or by a team, and those that are always there; no more than 200.
    holders: Vec<HolderThere>,
    /// How many more there are.
    more: usize,
    /// How many can do no more than everyone signed in.
    as_everyone: usize,
}

/// Somebody who can do something there.
#[derive(Serialize, ToSchema)]
struct HolderThere {
    /// Who.
    subject: String,
    /// What they are called.
    name: String,
    /// What they can do there.
    acts: Vec<PermissionName>,
    /// By which grants.
    through: Vec<HeldThrough>,
}

/// A grant by which somebody can do something.
#[derive(Serialize, ToSchema)]
struct HeldThrough {
    /// Its number, if whoever asks may know of it.
    #[schema(value_type = Option<i64>)]
    grant: Option<Id>,
    /// Its role.
    role: String,
    /// The team, or those that are always there, by which they have it; without, it is their own.
    by: Option<String>,
    /// The first moment at which it no longer holds.
    until: Option<Time>,
}

impl From<Through> for HeldThrough {
    fn from(own: Through) -> Self {
        Self { grant: own.grant, role: own.role, by: own.by, until: own.until.map(Time) }
    }
}

impl From<Holder> for HolderThere {
    fn from(own: Holder) -> Self {
        Self {
            subject: own.subject.to_string(),
            name: own.name,
            acts: own.permissions.iter().map(PermissionName::from).collect(),
            through: own.through.into_iter().map(HeldThrough::from).collect(),
        }
    }
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedHolder {
    /// Who: `person-3`, `robot-5`, `everyone`, or a name; without, whoever asks.
    #[param(max_length = 100, example = "everyone")]
    subject: String,
}

/// What one subject holds.
#[derive(Serialize, ToSchema)]
struct Held {
    /// Who.
    subject: String,
    /// What they are called.
    name: String,
    /// May they act at all?
    acts: bool,
    /// The grants; no more than 200.
    grants: Vec<HeldByGrant>,
    /// How many more there are.
    more: usize,
    /// Are there grants at places that whoever asks may not look at?
    elsewhere: bool,
}

/// A grant, and by whom it comes.
#[derive(Serialize, ToSchema)]
struct HeldByGrant {
    /// The grant.
    grant: Grant,
    /// The team, or those that are always there, by which it comes; without, it is their own.
    by: Option<String>,
}

/// Those who can be granted something.
#[derive(Serialize, ToSchema)]
struct Subjects {
    /// None for those who can grant nothing.
    subjects: Vec<SubjectName>,
}

/// Somebody who can be granted something.
#[derive(Serialize, ToSchema)]
pub(super) struct SubjectName {
    /// As grants name them: `person-3`, `team-2`, `robot-5`, `everyone`, `anonymous`.
    pub(super) subject: String,
    /// What they are called.
    pub(super) name: String,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedTemplates {
    /// The user name that goes with the secret: one’s own name, or a robot’s `user`.
    #[param(max_length = 100, example = "robot+ci-build")]
    user: String,
}

/// What to paste where a secret is used.
#[derive(Serialize, ToSchema)]
struct SecretUses {
    /// For each place of use.
    uses: Vec<SecretUse>,
}

/// What to paste at one place of use.
#[derive(Serialize, ToSchema)]
struct SecretUse {
    /// Where: Docker, a pipeline, a cluster.
    place: &'static str,
    /// What to paste. It takes the secret from the variable `REGISTRY_SECRET`.
    texts: Vec<Pasted>,
}

/// Read who can do what at a repository
///
/// Which need not be there. Takes `grant.view` at it.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/holders", tag = "Access",
    operation_id = "whoCan", params(InRepository), responses((status = 200, description = "Who.", body = Holders)))]
async fn who_can(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    let name = repository(&at.repository)?;
    let found = asked.operations.who_can(&asked.actor, &at.registry, name.as_str()).await?;
    asked.answer(&Holders {
        holders: found.rows.into_iter().map(HolderThere::from).collect(),
        more: found.more,
        as_everyone: found.as_everyone,
    })
}

/// Read what somebody holds
///
/// By whatever grants, as far as whoever asks may know of them.
#[utoipa::path(get, path = "/access/held", tag = "Access", operation_id = "heldBy", params(WantedHolder),
    responses((status = 200, description = "What they hold.", body = Held)))]
async fn held_by(asked: Asked, Query(wanted): Query<WantedHolder>) -> Answer {
    bounded("subject", &wanted.subject, 100)?;
    let found = asked.operations.held_by(&asked.actor, &wanted.subject).await?;
    let grants = found.grants.into_iter().map(|(row, by)| HeldByGrant { grant: row.into(), by });
    asked.answer(&Held {
        subject: found.subject.to_string(),
        name: found.name,
        acts: found.acts,
        grants: grants.collect(),
        more: found.more,
        elsewhere: found.elsewhere,
    })
}

/// List who can be granted something
///
/// People, teams, robots and those that are always there, for whoever can grant something somewhere.
#[utoipa::path(get, path = "/access/subjects", tag = "Access", operation_id = "listSubjects",
    responses((status = 200, description = "Who.", body = Subjects)))]
async fn list_subjects(asked: Asked) -> Answer {
    let subjects = asked.operations.grantable_subjects(&asked.actor).await?;
    let subjects = subjects.into_iter().map(|(subject, name)| SubjectName { subject, name });
    asked.answer(&Subjects { subjects: subjects.collect() })
}

/// Read what to paste where a secret is used
///
/// `docker login`, GitHub Actions, GitLab CI, Kubernetes and containerd.
#[utoipa::path(get, path = "/registries/{registry}/templates", tag = "Robots", operation_id = "readTemplates",
    params(InRegistry, WantedTemplates), responses((status = 200, description = "What to paste.", body = SecretUses)))]
async fn read_templates(asked: Asked, Path(at): Path<InRegistry>, Query(wanted): Query<WantedTemplates>) -> Answer {
    bounded("user", &wanted.user, 100)?;
    let found = asked.operations.templates(&asked.actor, &at.registry, &wanted.user, None).await?;
    // The page shows another registry where this one is not there.
    if found.registry != at.registry {
        return Err(
            operations::Error::not_found(format!("registry {}", domain::text::visible(&at.registry, 80))).into()
        );
    }
    let uses = found
        .uses
        .into_iter()
        .map(|(place, texts)| SecretUse { place: place.name(), texts: texts.into_iter().map(Pasted::from).collect() });
    asked.answer(&SecretUses { uses: uses.collect() })
}
