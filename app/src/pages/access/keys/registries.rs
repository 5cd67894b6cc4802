//! Which registries the keys sign for, and whether each knows the next one: what a rotation may cut off.

use crate::{base::to, pages::registry_tokens::NextKey, parts::Icon};
use domain::{RegistryName, token_check::Bundle};
use leptos::prelude::*;
use operations::token_keys::Readiness;

/// As many are shown one by one.
const SHOWN: usize = 50;
/// As many are named in a warning.
const NAMED: usize = 10;

fn tokens_of(registry: &RegistryName) -> AnyView {
    let page = to(&format!("/settings/registries/{registry}/tokens#check"));
    view! { <a href=page>{registry.to_string()}</a> }.into_any()
}

/// What comes after the last one that is shown.
fn rest(all: usize, shown: usize) -> Option<String> {
    (all > shown).then(|| format!("and {} more", all - shown))
}

/// The registries, those first that a rotation may cut off.
#[component]
pub(super) fn Registries(
    /// They, by name.
    all: Vec<Readiness>,
) -> impl IntoView {
    if all.is_empty() {
        return ().into_any();
    }
    let mut all = all;
    all.sort_by_key(|one| !one.is_open());
    let more = rest(all.len(), SHOWN);
    view! {
        <table data-fold="">
            <thead><tr><th scope="col">"Registry"</th><th scope="col">"Next key"</th></tr></thead>
            <tbody>{all.into_iter().take(SHOWN).map(|one| view! {
                <tr><th scope="row">{tokens_of(&one.registry)}</th>
                    <td data-label="next key"><NextKey found=one.found at=one.at/></td></tr>
            }).collect_view()}</tbody>
        </table>
        {more.map(|more| view! { <p class="note">{more}</p> })}
    }
    .into_any()
}

/// Before a rotation: who has the old bundle, and of whom nobody knows.
#[component]
pub(super) fn Unready(
    /// All registries that the keys sign for.
    all: Vec<Readiness>,
) -> impl IntoView {
    let open = all.into_iter().filter(Readiness::is_open);
    let (old, unknown): (Vec<_>, Vec<_>) = open.partition(|one| one.found == Some(Bundle::Old));
    view! {
        <Named all=old tone="danger" text="These have an old bundle, and refuse every token after the rotation. Copy the new one there and restart them first:"/>
        <Named all=unknown tone="warn" text="Of these it is not known whether they have the bundle with the next key. Check them first, on their pages:"/>
    }
}

#[component]
fn Named(
    /// Which.
    all: Vec<Readiness>,
    /// How grave it is.
    tone: &'static str,
    /// What is said of them.
    text: &'static str,
) -> impl IntoView {
    let more = rest(all.len(), NAMED);
    (!all.is_empty()).then(|| view! {
        <div class="notice" data-tone=tone><Icon name="alert"/>
            <p>{text}</p>
            <ul>
                {all.into_iter().take(NAMED).map(|one| view! { <li>{tokens_of(&one.registry)}</li> }).collect_view()}
                {more.map(|more| view! { <li>{more}</li> })}
            </ul>
        </div>
    })
}
