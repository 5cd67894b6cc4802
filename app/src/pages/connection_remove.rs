//! Removing a registry from here. The registry itself is not touched.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Crumb, Field, Head, PostForm, page},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Names what goes and what stays, and asks for the name.
#[component]
pub fn ConnectionRemove() -> impl IntoView {
    let name = use_params_map().get_untracked().get("registry").unwrap_or_default();
    page(async move {
        let details = api::connections::details(&name).await?;
        let error = form_error("/do/registry-remove");
        let problem = error.as_ref().and_then(|e| e.of("confirm"));
        let crumbs = vec![
            Crumb::new("Registries", "/settings/registries"),
            Crumb::new(name.clone(), &format!("/settings/registries/{name}")),
        ];
        Ok(view! {
            <Head title=format!("Remove {name}") crumbs=crumbs/>
            <div class="stack">
                <p>"The connection to " <code>{details.address}</code> " goes, with its credentials, its probes, "
                    {details.manual_repositories.to_string()} " repositories entered by hand and all that is kept of its content here."</p>
                <p>"The registry itself is not touched: no image is deleted. The audit log keeps its entries."</p>
            </div>
            <PostForm action="/do/registry-remove" error=error class="stack">
                <input type="hidden" name="name" value=name.clone()/>
                <Field name="confirm" label=format!("Type {name} to confirm") error=problem mono=true required=true/>
                <p class="actions">
                    <button data-tone="danger">{format!("Remove registry {name}")}</button>
                    <a class="button" data-tone="plain" href=to(&format!("/settings/registries/{name}"))>"Cancel"</a>
                </p>
            </PostForm>
        })
    })
}
