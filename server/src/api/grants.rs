//! Grants: who has which role where.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    problem::Problem,
    tokens::PermissionName,
    values::{Time, bounded, cursor, limit, read_cursor},
};
use domain::{Id, Timestamp};
use operations::grants::{GrantForm, GrantQuery, GrantRow};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_grants, add_grant)).routes(routes!(read_grant, edit_grant, revoke_grant))
}

/// The list, for cursors.
const LIST: &str = "grants";

/// Which grants.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum InForce {
    /// In force or ended.
    #[default]
    Any,
    /// In force.
    Yes,
    /// Ended.
    No,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedGrants {
    /// Of whom: `person-3`, `everyone`, or part of a name.
    #[param(max_length = 100)]
    subject: String,
    /// Of which role: `writer`, `custom-4`.
    #[param(max_length = 40)]
    role: String,
    /// In this registry, or in all.
    #[param(max_length = 40)]
    registry: String,
    /// Grants that hold for any repository that matches.
    #[param(max_length = 256, example = "team-a/**")]
    repositories: String,
    /// In force, or ended.
    #[param(inline)]
    in_force: InForce,
    /// Grants of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// A page of grants.
#[derive(Serialize, ToSchema)]
struct Grants {
    /// The newest first.
    grants: Vec<Grant>,
    /// How many there are in all.
    total: usize,
}

/// A role for a subject somewhere.
#[derive(Serialize, ToSchema)]
pub(super) struct Grant {
    /// Its number.
    #[schema(value_type = i64)]
    id: Id,
    /// Who has it: `person-3`, `team-2`, `robot-5`, `everyone`, `anonymous`.
    subject: String,
    /// What people call the subject.
    subject_name: String,
    /// What it gives: `writer`, `custom-4`.
    role: String,
    /// What people call the role.
    role_name: String,
    /// What that is, all that comes along included.
    permissions: Vec<PermissionName>,
    /// In which registry; without, in all.
    registry: Option<String>,
    /// On which repositories, as a pattern; without, on all, and on the registry itself.
    repositories: Option<String>,
    /// The first moment at which it no longer holds; without, until it is revoked.
    until: Option<Time>,
    /// Does it hold?
    in_force: bool,
    /// Why.
    because: String,
    /// By whom.
    by: String,
    /// Since when.
    created: Time,
    /// When somebody last said that it is right.
    reviewed: Option<Time>,
    /// May whoever asks change and revoke it?
    may_change: bool,
}

impl From<GrantRow> for Grant {
    fn from(row: GrantRow) -> Self {
        let gone = |id| format!("{id}, which is gone");
        Self {
            id: row.id,
            subject: row.subject.to_string(),
            subject_name: row.subject_name,
            role: row.role.to_string(),
            role_name: row.role_name,
            permissions: row.permissions.iter().map(PermissionName::from).collect(),
            registry: row.scope.registry().map(|id| row.registry.unwrap_or_else(|| gone(id))),
            repositories: row.scope.repositories().map(ToString::to_string),
            until: row.until.map(Time),
            in_force: !row.ended,
            because: row.because,
            by: row.by,
            created: row.created.into(),
            reviewed: row.reviewed.map(Time),
            may_change: row.may_change,
        }
    }
}

/// A grant to be given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "subject": "everyone", "role": "reader", "repositories": "base-images/**" }))]
pub(super) struct NewGrant {
    /// To whom: `person-3`, `everyone`, or a name; `team payments` and `robot ci` where it is not a person's.
    #[schema(min_length = 1, max_length = 100)]
    subject: String,
    /// The role: `writer`, `custom-4`.
    #[schema(min_length = 1, max_length = 40)]
    role: String,
    /// In which registry; without, in all.
    #[schema(nullable)]
    registry: Option<String>,
    /// On which repositories, as a pattern; without, on all, and on the registry itself.
    #[schema(nullable)]
    repositories: Option<String>,
    /// Its last day in UTC (`2026-12-31`), or the first moment at which it no longer holds; without, no end.
    #[schema(nullable)]
    until: Option<String>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 300)]
    because: String,
    /// The generation of the preview that was looked at (`POST /access/what-if`): if access was changed since, the answer is 409.
    generation: Option<i64>,
}

impl NewGrant {
    pub(super) fn form(self) -> Result<GrantForm, Problem> {
        Ok(GrantForm {
            subject: self.subject,
            role: self.role,
            registry: filled("registry", self.registry)?,
            repositories: filled("repositories", self.repositories)?,
            until: filled("until", self.until)?,
            because: self.because,
        })
    }
}

/// What changes of a grant; what is left out stays, and what is null goes. Its subject stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "until": "2099-12-31" }))]
pub(super) struct GrantEdit {
    /// The role.
    #[schema(min_length = 1, max_length = 40)]
    role: Option<String>,
    /// In which registry; null for all.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    registry: Said,
    /// On which repositories, as a pattern; null for all.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    repositories: Said,
    /// Its last day in UTC, or the first moment at which it no longer holds; null for no end.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    until: Said,
    /// Why.
    #[schema(max_length = 300)]
    because: Option<String>,
    /// The generation of the preview that was looked at: if access was changed since, the answer is 409.
    generation: Option<i64>,
}

impl GrantEdit {
    /// The grant as it is to be, if it is `now`.
    pub(super) fn form(self, now: GrantRow) -> Result<GrantForm, Problem> {
        Ok(GrantForm {
            subject: now.subject.to_string(),
            role: self.role.unwrap_or_else(|| now.role.to_string()),
            registry: self.registry.over("registry", now.same_registry())?,
            repositories: self.repositories.over("repositories", now.scope.repositories().map(ToString::to_string))?,
            until: self.until.over("until", now.until.map(Timestamp::rfc3339))?,
            because: self.because.unwrap_or(now.because),
        })
    }
}

/// A field of a change: null is told from what was left out.
#[derive(Default)]
enum Said {
    /// Left out.
    #[default]
    Not,
    /// Null.
    Nothing,
    /// A text.
    Text(String),
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map_or(Self::Nothing, Self::Text))
    }
}

impl Said {
    /// What the field becomes, if it is `now`.
    fn over(self, field: &str, now: Option<String>) -> Result<String, Problem> {
        match self {
            Self::Not => Ok(now.unwrap_or_default()),
            Self::Nothing => Ok(String::new()),
            Self::Text(text) => filled(field, Some(text)),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByGrant {
    /// The number of the grant.
    #[param(example = 1, minimum = 1, value_type = i64)]
    grant: Id,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Previewed {
    /// The generation of the preview that was looked at: if access was changed since, the answer is 409.
    generation: Option<i64>,
}

/// List grants
///
/// Those at places where whoever asks holds `grant.view`, and their own. Others are not there.
#[utoipa::path(get, path = "/grants", tag = "Access", operation_id = "listGrants", params(WantedGrants),
    responses((status = 200, description = "A page of grants.", body = Grants)))]
async fn list_grants(asked: Asked, Query(wanted): Query<WantedGrants>) -> Answer {
    for (name, text, most) in [
        ("subject", &wanted.subject, 100),
        ("role", &wanted.role, 40),
        ("registry", &wanted.registry, 40),
        ("repositories", &wanted.repositories, 256),
        ("cursor", &wanted.cursor, 2000),
    ] {
        bounded(name, text, most)?;
    }
    let after = (!wanted.cursor.is_empty()).then(|| read_cursor(LIST, &wanted.cursor)).transpose()?;
    let ended = match wanted.in_force {
        InForce::Any => "",
        InForce::Yes => "no",
        InForce::No => "yes",
    };
    let query = GrantQuery {
        subject: wanted.subject,
        role: wanted.role,
        registry: wanted.registry,
        repositories: wanted.repositories,
        ended: ended.to_owned(),
        after,
        before: None,
        limit: limit(wanted.limit)?,
    };
    let page = asked.operations.grants(&asked.actor, &query).await?;
    let next = page.after.map(|id| cursor(LIST, id));
    let grants = Grants { total: page.total, grants: page.rows.into_iter().map(Grant::from).collect() };
    asked.page(&grants, next.as_deref())
}

/// A place or an end that is named is one: an empty text would be everything.
fn filled(field: &str, text: Option<String>) -> Result<String, Problem> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(operations::Error::field(field, "Leave it out where it is to restrict nothing.").into())
        }
        text => Ok(text.unwrap_or_default()),
    }
}

/// Grant a role
///
/// Takes `grant.manage` in all of the place, and all that the role gives; the grant ends no later than what it comes from.
#[utoipa::path(post, path = "/grants", tag = "Access", operation_id = "addGrant", request_body = NewGrant,
    responses((status = 201, description = "It is granted.", body = Grant)))]
async fn add_grant(asked: Asked, Json(new): Json<NewGrant>) -> Answer {
    let seen = new.generation;
    let row = asked.operations.add_grant(&asked.actor, &new.form()?, seen).await?;
    asked.created(&format!("/grants/{}", row.id), &Grant::from(row))
}

/// Read a grant
#[utoipa::path(get, path = "/grants/{grant}", tag = "Access", operation_id = "readGrant", params(ByGrant),
    responses((status = 200, description = "The grant.", body = Grant)))]
async fn read_grant(asked: Asked, Path(at): Path<ByGrant>) -> Answer {
    let row = asked.operations.grant(&asked.actor, at.grant).await?;
    asked.answer(&Grant::from(row))
}

/// Change a grant
///
/// Takes the right to give what it is and what it becomes.
#[utoipa::path(patch, path = "/grants/{grant}", tag = "Access", operation_id = "editGrant", params(ByGrant),
    request_body = GrantEdit, responses((status = 200, description = "The grant as it is now.", body = Grant)))]
async fn edit_grant(asked: Asked, Path(at): Path<ByGrant>, Json(edit): Json<GrantEdit>) -> Answer {
    let now = asked.operations.grant(&asked.actor, at.grant).await?;
    let seen = edit.generation;
    let row = asked.operations.edit_grant(&asked.actor, at.grant, &edit.form(now)?, seen).await?;
    Ok(axum::response::IntoResponse::into_response(axum::Json(Grant::from(row))))
}

/// Revoke a grant
///
/// At once. Takes the right to give it.
#[utoipa::path(delete, path = "/grants/{grant}", tag = "Access", operation_id = "revokeGrant",
    params(ByGrant, Previewed), responses((status = 204, description = "It is revoked.")))]
async fn revoke_grant(asked: Asked, Path(at): Path<ByGrant>, Query(seen): Query<Previewed>) -> Answer {
    asked.operations.revoke_grant(&asked.actor, at.grant, seen.generation).await?;
    done()
}
