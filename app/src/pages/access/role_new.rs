//! Making a role. Nobody has it until it is granted.

use super::{AccessTab, crumbs, role_form::RoleFields};
use crate::{
    api,
    context::form_error,
    parts::{Denied, Head, PostForm, page},
};
use domain::Permission;
use leptos::prelude::*;
use operations::roles::RoleForm;

/// The page.
#[component]
pub fn RoleNew() -> impl IntoView {
    let error = form_error("/do/role-create");
    page(async move {
        api::roles::list().await?;
        if !api::roles::may_make() {
            return Ok(view! {
                <Head title="Make a role" crumbs=crumbs(AccessTab::Roles)/>
                <p>"A role can be granted anywhere: making one takes the right to grant everywhere."</p>
                <p><Denied label="Make role" permission=Permission::GrantManage/></p>
            }
            .into_any());
        }
        let typed = |field: &str| error.as_ref().and_then(|error| error.typed(field)).unwrap_or_default();
        let form = RoleForm {
            name: typed("name"),
            description: typed("description"),
            permissions: typed("permissions").split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        };
        let fields = error.clone().map(|mut error| {
            // What is no field's fault stands above the form already.
            if error.fields.is_empty() {
                error.message.clear();
            }
            error
        });
        let fields = fields.filter(|error| !error.fields.is_empty());
        Ok(view! {
            <Head title="Make a role" crumbs=crumbs(AccessTab::Roles)/>
            <PostForm action="/do/role-create" error=error class="stack">
                <RoleFields form=form error=fields/>
                <p class="note">"A role can be granted anywhere: you can put into it only what you hold everywhere yourself."</p>
                <p class="actions"><button data-tone="primary">"Make role"</button></p>
            </PostForm>
        }
        .into_any())
    })
}
