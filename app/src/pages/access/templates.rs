//! What to paste where a secret is to be used.

use crate::{base::to, parts::TextCommand};
use domain::{commands::Snippet, templates::Use};
use leptos::prelude::*;
use operations::robots::Templates;

/// The templates for a registry to choose.
#[component]
pub fn UseIt(
    /// Which.
    templates: Templates,
    /// The page's own path: the choice of the registry leads back here.
    path: String,
) -> impl IntoView {
    let Templates { registry, registries, uses } = templates;
    let none = uses.is_empty();
    let several = registries.len() > 1;
    view! {
        <section class="stack" aria-labelledby="use">
            <h2 id="use">"Use it"</h2>
            {none.then(|| view! { <p class="note">"There is no registry yet that you may see. Once there is, the lines to paste stand here."</p> })}
            {several.then(|| view! {
                <form class="filters" action=to(&format!("{path}#use"))>
                    <label>"At the registry"
                        <select name="registry">
                            {registries.into_iter().map(|name| view! { <option value=name.clone() selected=name == registry>{name.clone()}</option> }).collect_view()}
                        </select>
                    </label>
                    <button>"Show"</button>
                </form>
            })}
            {uses.into_iter().enumerate().map(|(n, (place, snippets))| view! { <Place place=place snippets=snippets open=n == 0/> }).collect_view()}
        </section>
    }
}

/// One place of use.
#[component]
fn Place(
    /// Where.
    place: Use,
    /// What to paste there.
    snippets: Vec<Snippet>,
    /// Is it shown at first?
    open: bool,
) -> impl IntoView {
    view! {
        <details open=open><summary>{place.name()}</summary>
            <div class="stack">
                {snippets.into_iter().map(|snippet| view! {
                    <p class="note">{snippet.caption.clone()}</p>
                    <TextCommand text=snippet.text what=format!("{}: {}", place.name(), snippet.caption)/>
                }).collect_view()}
            </div>
        </details>
    }
}
