//! Making, changing and removing roles. A role can be granted anywhere: whoever makes one holds all of it everywhere, and the
//! right to grant.

use super::RoleDetails;
use crate::{Error, Kind, Operations, Result, what_if::Preview};
use domain::{
    Actor, FieldErrors, Permission,
    access::{BuiltIn, PermissionSet, Role, RoleId, Scope, what_if::Change},
    audit::Act,
};
use store::{AddRole, EditRole, RemoveRole, RoleText};

/// Characters of a role's name at most.
const NAME: usize = 40;
/// Characters of what it is for at most.
const DESCRIPTION: usize = 200;

/// What is typed to make or change a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleForm {
    /// Unique in any case.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Names of permissions; what they bring along comes along.
    pub permissions: Vec<String>,
}

fn wanted(form: &RoleForm) -> Result<RoleText> {
    let mut wrong = FieldErrors::new();
    let (name, description) = (form.name.trim(), form.description.trim());
    let is_plain = |text: &str, most| text.chars().count() <= most && !text.chars().any(domain::text::is_hidden);
    if name.is_empty() || !is_plain(name, NAME) {
        wrong.push("name", format!("A role has a name of up to {NAME} characters."));
    } else if BuiltIn::ALL.iter().any(|role| role.name().eq_ignore_ascii_case(name)) || name.parse::<RoleId>().is_ok() {
        wrong.push("name", "A built-in role is called so.");
    }
    if !is_plain(description, DESCRIPTION) {
        wrong.push("description", format!("Say what it is for in up to {DESCRIPTION} characters of one line."));
    }
    let known = |name: &String| Permission::named(name).filter(|one| one.is_grantable());
    let permissions: Option<PermissionSet> =
        form.permissions.iter().map(known).collect::<Option<Vec<_>>>().map(PermissionSet::from);
    match permissions {
        None => wrong.push("permissions", "One of these permissions does not exist."),
        Some(none) if none.is_empty() => wrong.push("permissions", "Choose what it gives."),
        Some(_) => {}
    }
    let text = RoleText {
        name: name.to_owned(),
        description: description.to_owned(),
        permissions: permissions.unwrap_or_default(),
    };
    wrong.or(text).map_err(|wrong| Error::invalid(wrong.0))
}

fn told(name: &str, description: &str, permissions: PermissionSet) -> serde_json::Value {
    serde_json::json!({ "name": name, "description": description, "permissions": permissions })
}
fn told_role(role: &Role) -> serde_json::Value {
    told(&role.name, &role.description, role.permissions)
}
fn told_text(text: &RoleText) -> serde_json::Value {
    told(&text.name, &text.description, text.permissions)
}

/// A name in use is told at its field.
fn taken(error: Error) -> Error {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    match cause {
        Some(store::Error::Taken("name")) => Error::field("name", "Another role is called so."),
        _ => error,
    }
}

impl Operations {
    /// What changing a role would do to those who have it. Nothing is changed.
    pub async fn preview_role(&self, actor: &Actor, id: &str, form: &RoleForm) -> Result<Preview> {
        let generation = self.access_generation().await?;
        super::may_look(actor)?;
        let id = RoleId::Custom(Self::custom(id)?);
        let was = self.authority().await?.role(id).ok_or_else(|| Error::not_found(format!("role {id}")))?;
        let text = wanted(form)?;
        self.may_give(actor, was.permissions.union(text.permissions), Scope::EVERYTHING, None).await?;
        let role = Role { id, name: text.name, description: text.description, permissions: text.permissions };
        self.preview(actor, generation, Change::Role(role)).await
    }

    /// Makes a role. Nobody has it until it is granted.
    pub async fn add_role(&self, actor: &Actor, form: &RoleForm) -> Result<RoleDetails> {
        super::may_look(actor)?;
        let text = wanted(form)?;
        let act = Act::new("role.create", format!("role {}", text.name)).after(told_text(&text));
        let permit = self.may_give(actor, text.permissions, Scope::EVERYTHING, Some(&act)).await?;
        let id = self.change(permit, &act, AddRole(text)).await.map_err(taken)?;
        self.role(actor, &RoleId::Custom(id).to_string()).await
    }

    /// Changes a role, and with it what all have who were granted it. `version` is the one it was read at, `seen` the
    /// generation of the preview that was looked at.
    pub async fn edit_role(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        form: &RoleForm,
        seen: Option<i64>,
    ) -> Result<RoleDetails> {
        let number = Self::custom(id)?;
        let was = self.role(actor, id).await?.row.role;
        let text = wanted(form)?;
        if (&was.name, &was.description, was.permissions) == (&text.name, &text.description, text.permissions) {
            return self.role(actor, id).await;
        }
        let act = Act::new("role.edit", format!("role {}", was.name)).before(told_role(&was)).after(told_text(&text));
        let all = was.permissions.union(text.permissions);
        let permit = self.may_give(actor, all, Scope::EVERYTHING, Some(&act)).await?;
        self.change(permit, &act, EditRole { id: number, version, text, seen }).await.map_err(taken)?;
        self.role(actor, id).await
    }

    /// Removes a role that no grant uses.
    pub async fn remove_role(&self, actor: &Actor, id: &str) -> Result<()> {
        let number = Self::custom(id)?;
        let details = self.role(actor, id).await?;
        let was = &details.row.role;
        let act = Act::new("role.remove", format!("role {}", was.name)).before(told_role(was));
        let permit = self.may_give(actor, was.permissions, Scope::EVERYTHING, Some(&act)).await?;
        if let [first, ..] = &details.grants[..] {
            let message = format!(
                "{} grants use this role, such as the one for {}. Revoke them or change their role first.",
                details.row.grants, first.subject_name
            );
            let message = if details.row.grants == 1 {
                format!("The grant for {} uses this role. Revoke it or change its role first.", first.subject_name)
            } else {
                message
            };
            return Err(Error::new(Kind::Conflict, message));
        }
        self.change(permit, &act, RemoveRole(number)).await
    }
}
