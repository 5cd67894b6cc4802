//! Grants: the list, what a change would do, and giving, changing and taking them.

use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
    parts::list::escape,
};
use domain::{
    Id, Permission, Visible,
    access::{PermissionSet, Scope, delegation::missing_to_give},
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    Operations,
    grants::{GrantForm, GrantPage, GrantQuery, GrantRow, HeldBy, Holders},
    what_if::{Preview, is_stale},
};

/// A page of the grants one may know of.
pub async fn list(query: &GrantQuery) -> Result<GrantPage, AppError> {
    answer(operations().grants(&actor(), query).await)
}

/// One grant.
pub async fn one(id: Id) -> Result<GrantRow, AppError> {
    answer(operations().grant(&actor(), id).await)
}

/// What giving or changing a grant would do.
pub async fn preview(id: Option<Id>, form: &GrantForm) -> Result<(GrantRow, Preview), AppError> {
    answer(operations().preview_grant(&actor(), id, form).await)
}

/// What revoking a grant would do.
pub async fn preview_revoke(id: Id) -> Result<(GrantRow, Preview), AppError> {
    answer(operations().preview_revoke(&actor(), id).await)
}

/// Could whoever asks grant something somewhere?
pub fn may_grant() -> bool {
    Operations::may_grant_something(&actor())
}

/// What whoever asks lacks first to give these permissions there, or to take them away. What one may see alone is not told:
/// it is asked for with the rest.
pub fn missing(permissions: PermissionSet, scope: &Scope) -> Option<Permission> {
    let missing = missing_to_give(&actor(), permissions, scope);
    let manages = !missing.contains(Permission::GrantManage);
    let first = || missing.iter().find(|permission| !permission.is_looking());
    if manages { first() } else { Some(Permission::GrantManage) }
}

/// Those that can be granted something: how they are written, and what they are called.
pub async fn subjects() -> Result<Vec<(String, String)>, AppError> {
    answer(operations().grantable_subjects(&actor()).await)
}

/// Who can do what at a repository.
pub async fn who_can(registry: &str, repository: &str) -> Result<Holders, AppError> {
    answer(operations().who_can(&actor(), registry, repository).await)
}

/// What a subject holds; without one, what whoever asks holds.
pub async fn held_by(subject: &str) -> Result<HeldBy, AppError> {
    answer(operations().held_by(&actor(), subject).await)
}

/// May whoever asks see who can do what at a repository?
pub fn may_see_who(registry: Id, repository: &domain::RepositoryName) -> bool {
    Visible::by(&actor(), Permission::GrantView).repository(registry, repository)
}

/// The page that shows again what a change would do.
fn looked_at(path: &str, form: &GrantForm) -> String {
    let fields = [
        ("subject", &form.subject),
        ("role", &form.role),
        ("registry", &form.registry),
        ("repositories", &form.repositories),
        ("until", &form.until),
        ("because", &form.because),
    ];
    let mut address = format!("{path}?look=yes&stale=yes");
    for (name, value) in fields {
        address.push('&');
        address.push_str(name);
        address.push('=');
        escape(&mut address, value);
    }
    address
}

/// Gives a role to a subject.
#[server(prefix = "/do", endpoint = "grant-create", input = PostUrl)]
pub async fn grant_create(
    subject: String,
    role: String,
    registry: String,
    repositories: String,
    until: String,
    because: String,
    generation: i64,
) -> Result<(), AppError> {
    let form = GrantForm { subject, role, registry, repositories, until, because };
    let added = operations().add_grant(&actor(), &form, Some(generation)).await;
    if added.as_ref().is_err_and(is_stale) {
        redirect(&looked_at("/access/grants/new", &form));
        return Ok(());
    }
    let row = answer(added)?;
    redirect(&format!("/access/grants/{}?saved=added", row.id));
    Ok(())
}

/// Changes a grant.
#[server(prefix = "/do", endpoint = "grant-edit", input = PostUrl)]
pub async fn grant_edit(
    id: Id,
    role: String,
    registry: String,
    repositories: String,
    until: String,
    because: String,
    generation: i64,
) -> Result<(), AppError> {
    let form = GrantForm { subject: String::new(), role, registry, repositories, until, because };
    let edited = operations().edit_grant(&actor(), id, &form, Some(generation)).await;
    if edited.as_ref().is_err_and(is_stale) {
        redirect(&looked_at(&format!("/access/grants/{id}"), &form));
        return Ok(());
    }
    answer(edited)?;
    redirect(&format!("/access/grants/{id}?saved=edited"));
    Ok(())
}

/// Takes a grant away.
#[server(prefix = "/do", endpoint = "grant-revoke", input = PostUrl)]
pub async fn grant_revoke(id: Id, generation: i64) -> Result<(), AppError> {
    let revoked = operations().revoke_grant(&actor(), id, Some(generation)).await;
    if revoked.as_ref().is_err_and(is_stale) {
        redirect(&format!("/access/grants/{id}?revoke=yes&stale=yes"));
        return Ok(());
    }
    answer(revoked)?;
    redirect(&format!("/access/grants?saved=revoked&was={id}"));
    Ok(())
}
