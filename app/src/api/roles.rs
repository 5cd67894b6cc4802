//! Roles: the list, what a change would do, and making, changing and removing them.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
    parts::list::escape,
};
use domain::{
    access::{PermissionSet, Scope},
    permission::allows_giving,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    roles::{RoleDetails, RoleForm, RoleRow},
    what_if::{Preview, is_stale},
};

/// Every role.
pub async fn list() -> Result<Vec<RoleRow>, AppError> {
    answer(operations().roles(&actor()).await)
}

/// One role with its grants.
pub async fn one(id: &str) -> Result<RoleDetails, AppError> {
    answer(operations().role(&actor(), id).await)
}

/// Could whoever asks make a role?
pub fn may_make() -> bool {
    allows_giving(&actor(), PermissionSet::EMPTY, Scope::EVERYTHING).is_ok()
}

/// What changing a role would do.
pub async fn preview(id: &str, form: &RoleForm) -> Result<Preview, AppError> {
    answer(operations().preview_role(&actor(), id, form).await)
}

/// Makes a role.
#[server(prefix = "/do", endpoint = "role-create", input = PostUrl)]
pub async fn role_create(
    name: String,
    description: String,
    #[server(default)] permissions: Vec<String>,
) -> Result<(), AppError> {
    let ticked = permissions.join(" ");
    let form = RoleForm { name, description, permissions };
    let typed =
        [("name", form.name.as_str()), ("description", form.description.as_str()), ("permissions", ticked.as_str())];
    let made = answer_form(operations().add_role(&actor(), &form).await, &typed)?;
    redirect(&format!("/access/roles/{}?saved=added", made.row.role.id));
    Ok(())
}

/// Changes a role.
#[server(prefix = "/do", endpoint = "role-edit", input = PostUrl)]
pub async fn role_edit(
    id: String,
    version: i64,
    name: String,
    description: String,
    #[server(default)] permissions: Vec<String>,
    generation: i64,
) -> Result<(), AppError> {
    let form = RoleForm { name, description, permissions };
    let edited = operations().edit_role(&actor(), &id, version, &form, Some(generation)).await;
    if edited.as_ref().is_err_and(is_stale) {
        let mut address = format!("/access/roles/{id}?look=yes&stale=yes");
        let texts = [("name", &form.name), ("description", &form.description)];
        for (name, value) in texts.into_iter().chain(form.permissions.iter().map(|one| ("permissions[]", one))) {
            address.push('&');
            escape(&mut address, name);
            address.push('=');
            escape(&mut address, value);
        }
        redirect(&address);
        return Ok(());
    }
    answer(edited)?;
    redirect(&format!("/access/roles/{id}?saved=edited"));
    Ok(())
}

/// Removes a role that no grant uses.
#[server(prefix = "/do", endpoint = "role-remove", input = PostUrl)]
pub async fn role_remove(id: String) -> Result<(), AppError> {
    answer(operations().remove_role(&actor(), &id).await)?;
    redirect("/access/roles?saved=removed");
    Ok(())
}
