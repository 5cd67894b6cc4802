//! Roles and permissions: what each role gives.

use super::{AccessHead, AccessTab};
use crate::{
    api,
    base::to,
    parts::{Badge, Count, Denied, Icon, page},
};
use domain::{
    Permission,
    access::{BRINGS, PermissionSet},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::roles::RoleRow;

/// The page.
#[component]
pub fn Roles() -> impl IntoView {
    let removed = use_query_map().get_untracked().get_str("saved") == Some("removed");
    page(async move {
        let roles = api::roles::list().await?;
        let actions = if api::roles::may_make() {
            view! { <a class="button" data-tone="primary" href=to("/access/roles/new")>"Make a role"</a> }.into_any()
        } else {
            view! { <Denied label="Make a role" permission=Permission::GrantManage/> }.into_any()
        };
        let table = roles.clone();
        Ok(view! {
            <AccessHead tab=AccessTab::Roles actions=actions/>
            {removed.then(|| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>"The role is removed."</p></div> })}
            <section class="stack" aria-label="Roles">
                <table data-fold="" aria-label="Roles">
                    <thead><tr><th scope="col">"Role"</th><th scope="col">"What it is for"</th><th scope="col" class="num">"Grants"</th></tr></thead>
                    <tbody>{roles.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                </table>
            </section>
            <section class="stack" aria-labelledby="gives">
                <h2 id="gives">"What they give"</h2>
                <Matrix roles=table/>
                <p class="note">"A mark in brackets: another permission of the role brings it along."</p>
            </section>
        })
    })
}

/// A role.
#[component]
fn Row(
    /// Which.
    row: RoleRow,
) -> impl IntoView {
    let id = row.role.id.to_string();
    let count = row.grants as u64;
    view! {
        <tr>
            <th scope="row"><a href=to(&format!("/access/roles/{id}"))>{text::visible(&row.role.name, 64)}</a> " "
                {(!row.built_in).then(|| view! { <Badge word="own"/> })}</th>
            <td class="note" data-fold="row">{text::visible(&row.role.description, 200)}</td>
            <td class="num" data-label="grants"><a href=to(&format!("/access/grants?role={id}"))><Count count=count/><span class="sr">" grants of it"</span></a></td>
        </tr>
    }
}

/// How a role has a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// Not at all.
    No,
    /// By itself.
    Itself,
    /// Because another permission brings it along.
    Brought,
}

/// Does the set hold `permission`, and would it without having been given it?
pub fn has(permissions: PermissionSet, permission: Permission) -> Has {
    let brought = BRINGS.iter().any(|(of, brings)| *brings == permission && permissions.contains(*of));
    match (permissions.contains(permission), brought) {
        (false, _) => Has::No,
        (true, true) => Has::Brought,
        (true, false) => Has::Itself,
    }
}

/// Roles by permissions.
#[component]
fn Matrix(
    /// The roles.
    roles: Vec<RoleRow>,
) -> impl IntoView {
    let heads =
        roles.iter().map(|row| view! { <th scope="col">{text::visible(&row.role.name, 24)}</th> }).collect_view();
    let rows = Permission::ALL.iter().copied().filter(|one| one.is_grantable()).map(|permission| {
        let cells = roles.iter().map(|row| {
            let label = text::visible(&row.role.name, 24);
            match has(row.role.permissions, permission) {
                Has::No => view! { <td class="none" data-label=label><span class="sr">"no"</span></td> }.into_any(),
                Has::Itself => view! { <td data-label=label><span aria-hidden="true">"✓"</span><span class="sr">"yes"</span></td> }.into_any(),
                Has::Brought => view! { <td class="quiet" data-label=label><span aria-hidden="true">"(✓)"</span><span class="sr">"yes, brought along"</span></td> }.into_any(),
            }
        });
        view! { <tr><th scope="row"><code title=permission.purpose()>{permission.as_str()}</code></th>{cells.collect_view()}</tr> }
    });
    view! {
        <div class="wide-table" tabindex="0" role="region" aria-label="Roles by permissions">
            <table class="matrix" data-fold="">
                <thead><tr><th scope="col">"Permission"</th>{heads}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::BuiltIn;

    #[test]
    fn what_is_brought_along_is_told_from_what_is_given() {
        let writer = BuiltIn::Writer.permissions();
        assert_eq!(has(writer, Permission::RepositoryPush), Has::Itself);
        assert_eq!(has(writer, Permission::RepositoryPull), Has::Brought);
        assert_eq!(has(writer, Permission::TagDelete), Has::No);
    }
}
