//! A list of repositories without a row: why that is, and what to do next.

use crate::{
    base::to,
    parts::{
        Address,
        filters::{Chips, is_narrowed},
        place,
    },
};
use domain::text;
use leptos::prelude::*;
use operations::repositories::Repositories as Shown;

/// Nothing to show, and what to do next.
#[component]
pub fn Nothing(
    /// The list.
    address: Address,
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let clear = address.with_filters(Vec::new()).href();
    let never = shown.catalogue.is_none();
    view! {
        <div class="empty stack">
            {if is_narrowed(&shown.filters) && shown.totals.repositories > 0 {
                view! {
                    <h2>"No repository of " <code>{name.clone()}</code> " is like that"</h2>
                    <p>{text::counted(shown.totals.repositories, "repository was looked at.", "repositories were looked at.")}</p>
                    <p class="cluster">"In force: " <Chips address=address filters=shown.filters.clone()/></p>
                    <p class="actions"><a class="button" href=clear>"Clear all filters"</a></p>
                }.into_any()
            } else if shown.by_name {
                view! {
                    <h2>"Open a repository by its name"</h2>
                    <p>"The registry answered, and does not list its repositories to us: hosted ones never do, others need an account that may. What you open by name below stays in this list."</p>
                }.into_any()
            } else if shown.reading {
                view! {
                    <h2>"Reading " <code>{name.clone()}</code></h2>
                    <p>"The registry takes its time. Its repositories show here by themselves; without scripts, reload the page."</p>
                }.into_any()
            } else if never {
                view! {
                    <h2>"Nothing of " <code>{name.clone()}</code> " is known yet"</h2>
                    <p>"It was never read. Above stands what stopped it."</p>
                    <p class="actions"><a class="button" href=to(&place::registry_path(&name))>"Try again"</a></p>
                }.into_any()
            } else {
                let commands = format!("docker tag hello-world {0}/hello-world\ndocker push {0}/hello-world", shown.address);
                view! {
                    <h2>"No repositories in " <code>{name.clone()}</code></h2>
                    <p>"A registry lists a repository after the first push to it. Push one, and it stands here at the next look:"</p>
                    <crate::parts::TextCommand text=commands what="push commands"/>
                }.into_any()
            }}
        </div>
    }
}
