//! How a client reaches a registry.

use crate::{
    api,
    parts::{Crumb, Head, TextCommand, page},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// What to paste into docker, podman and containerd.
#[component]
pub fn ConnectionUse() -> impl IntoView {
    let name = use_params_map().get_untracked().get("registry").unwrap_or_default();
    page(async move {
        let details = api::connections::details(&name).await?;
        let crumbs = vec![
            Crumb::new("Registries", "/settings/registries"),
            Crumb::new(name.clone(), &format!("/settings/registries/{name}")),
        ];
        Ok(view! {
            <Head title=format!("Use {name}") crumbs=crumbs/>
            <p>"What a machine needs to pull from " <code>{details.authority}</code> " and push to it."</p>
            {details.uses.into_iter().map(|snippet| view! {
                <section class="stack">
                    <h2>{snippet.caption.clone()}</h2>
                    <TextCommand text=snippet.text what=snippet.caption/>
                </section>
            }).collect_view()}
        })
    })
}
