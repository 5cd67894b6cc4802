//! Roles: named sets of permissions.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path},
    problem::Problem,
    tokens::PermissionName,
    values::{Time, bounded},
};
use operations::roles::{RoleDetails, RoleForm, RoleRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_roles, add_role)).routes(routes!(read_role, edit_role, remove_role))
}

/// The roles.
#[derive(Serialize, ToSchema)]
struct Roles {
    /// The built-in ones first.
    roles: Vec<Role>,
}

/// A named set of permissions.
#[derive(Serialize, ToSchema)]
struct Role {
    /// What it is called by: `writer`, `custom-4`.
    id: String,
    /// What people call it.
    name: String,
    /// What it is for; may be empty.
    description: String,
    /// What it gives, all that comes along included.
    permissions: Vec<PermissionName>,
    /// Is it one of those that are always there?
    built_in: bool,
    /// How many grants of it whoever asks may know of.
    grants: usize,
    /// May whoever asks change it?
    may_change: bool,
}

/// A role with its version.
#[derive(Serialize, ToSchema)]
struct RoleWhole {
    /// The role.
    role: Role,
    /// Send it back with a change; 0 for a built-in role.
    version: i64,
    /// Since when, for one that was made here.
    created: Option<Time>,
    /// When it was changed last.
    updated: Option<Time>,
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Self {
        Self {
            id: row.role.id.to_string(),
            name: row.role.name,
            description: row.role.description,
            permissions: row.role.permissions.iter().map(PermissionName::from).collect(),
            built_in: row.built_in,
            grants: row.grants,
            may_change: row.may_change,
        }
    }
}

impl From<RoleDetails> for RoleWhole {
    fn from(details: RoleDetails) -> Self {
        Self {
            version: details.version,
            created: details.created.map(Time),
            updated: details.updated.map(Time),
            role: details.row.into(),
        }
    }
}

/// A role to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Releaser", "permissions": ["repository.push", "tag.delete"] }))]
struct NewRole {
    /// Unique in any case.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 200)]
    description: String,
    /// What it gives; what that takes comes along.
    #[schema(min_items = 1)]
    permissions: Vec<PermissionName>,
}

/// What changes of a role; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "permissions": ["repository.pull"] }))]
pub(super) struct RoleEdit {
    /// The version that was read: if there is another now, the answer is 409.
    version: i64,
    /// Unique in any case.
    #[schema(min_length = 1, max_length = 40)]
    name: Option<String>,
    /// What it is for.
    #[schema(max_length = 200)]
    description: Option<String>,
    /// What it gives; what that takes comes along.
    #[schema(min_items = 1)]
    permissions: Option<Vec<PermissionName>>,
    /// The generation of the preview that was looked at (`POST /access/what-if`): if access was changed since, the answer is 409.
    generation: Option<i64>,
}

impl RoleEdit {
    pub(super) fn version(&self) -> i64 {
        self.version
    }
    /// The role as it is to be, if it is `now`.
    pub(super) fn form(self, now: domain::access::Role) -> RoleForm {
        let own = || now.permissions.iter().map(|own| own.to_string()).collect();
        RoleForm {
            permissions: self.permissions.map_or_else(own, names),
            name: self.name.unwrap_or(now.name),
            description: self.description.unwrap_or(now.description),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByRole {
    /// What the role is called by.
    #[param(example = "writer", min_length = 1, max_length = 40)]
    role: String,
}

impl ByRole {
    fn id(&self) -> Result<&str, Problem> {
        bounded("role", &self.role, 40)?;
        Ok(&self.role)
    }
}

fn names(permissions: Vec<PermissionName>) -> Vec<String> {
    permissions.into_iter().map(PermissionName::into_text).collect()
}

/// List roles
#[utoipa::path(get, path = "/roles", tag = "Access", operation_id = "listRoles",
    responses((status = 200, description = "Every role.", body = Roles)))]
async fn list_roles(asked: Asked) -> Answer {
    let roles = asked.operations.roles(&asked.actor).await?;
    asked.answer(&Roles { roles: roles.into_iter().map(Role::from).collect() })
}

/// Make a role
///
/// Takes `grant.manage` everywhere, and everywhere all that it gives. Nobody has it until it is granted.
#[utoipa::path(post, path = "/roles", tag = "Access", operation_id = "addRole", request_body = NewRole,
    responses((status = 201, description = "It is made.", body = RoleWhole)))]
async fn add_role(asked: Asked, Json(new): Json<NewRole>) -> Answer {
    let form = RoleForm { name: new.name, description: new.description, permissions: names(new.permissions) };
    let made = asked.operations.add_role(&asked.actor, &form).await?;
    asked.created(&format!("/roles/{}", made.row.role.id), &RoleWhole::from(made))
}

/// Read a role
#[utoipa::path(get, path = "/roles/{role}", tag = "Access", operation_id = "readRole", params(ByRole),
    responses((status = 200, description = "The role.", body = RoleWhole)))]
async fn read_role(asked: Asked, Path(at): Path<ByRole>) -> Answer {
    let details = asked.operations.role(&asked.actor, at.id()?).await?;
    asked.answer(&RoleWhole::from(details))
}

/// Change a role
///
/// For all who have it, at once. Takes the right to give what it is and what it becomes, everywhere.
#[utoipa::path(patch, path = "/roles/{role}", tag = "Access", operation_id = "editRole", params(ByRole),
    request_body = RoleEdit, responses((status = 200, description = "The role as it is now.", body = RoleWhole)))]
async fn edit_role(asked: Asked, Path(at): Path<ByRole>, Json(edit): Json<RoleEdit>) -> Answer {
    let now = asked.operations.role(&asked.actor, at.id()?).await?.row.role;
    let (version, seen) = (edit.version, edit.generation);
    let edited = asked.operations.edit_role(&asked.actor, at.id()?, version, &edit.form(now), seen).await?;
    Ok(axum::response::IntoResponse::into_response(axum::Json(RoleWhole::from(edited))))
}

/// Remove a role
///
/// Only one that no grant uses.
#[utoipa::path(delete, path = "/roles/{role}", tag = "Access", operation_id = "removeRole", params(ByRole),
    responses((status = 204, description = "It is removed.")))]
async fn remove_role(asked: Asked, Path(at): Path<ByRole>) -> Answer {
    asked.operations.remove_role(&asked.actor, at.id()?).await?;
    done()
}
