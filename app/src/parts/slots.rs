//! Five rights in a fixed order, so that a column of them reads like a tally; and where something holds.

use domain::{
    Permission,
    access::{PermissionSet, Scope},
};
use leptos::prelude::*;

/// The five, with their words.
const FIVE: [(Permission, &str); 5] = [
    (Permission::RepositoryView, "view"),
    (Permission::RepositoryPull, "pull"),
    (Permission::RepositoryPush, "push"),
    (Permission::TagDelete, "delete tags"),
    (Permission::GrantManage, "manage grants"),
];

/// Which of the five a set holds.
#[component]
pub fn Slots(
    /// What is held.
    permissions: PermissionSet,
    /// Say it beside the marks too.
    #[prop(optional)]
    words: bool,
) -> impl IntoView {
    let marks = FIVE.map(|(permission, _)| permissions.contains(permission));
    let held: Vec<&str> =
        FIVE.iter().filter(|(permission, _)| permissions.contains(*permission)).map(|(_, word)| *word).collect();
    let held = if held.is_empty() { "none of the five".to_owned() } else { held.join(", ") };
    view! {
        <span class="slots" aria-hidden="true">{marks.map(|on| view! { <i class=on.then_some("on")></i> }).collect_view()}</span>
        <span class=(!words).then_some("sr")>" " {held}</span>
    }
}

/// What the marks mean.
#[component]
pub fn SlotsLegend() -> impl IntoView {
    let steps = (1..=FIVE.len()).map(|upto| {
        let marks = (0..FIVE.len()).map(|at| view! { <i class=(at < upto).then_some("on")></i> }).collect_view();
        view! { <span><span class="slots" aria-hidden="true">{marks}</span>" " {FIVE[upto - 1].1}</span> }
    });
    view! { <p class="legend"><span>"From left to right:"</span>{steps.collect_view()}</p> }
}

/// Where something holds.
#[component]
pub fn Where(
    /// Where.
    scope: Scope,
    /// The name of the registry it is in.
    #[prop(optional_no_strip)]
    registry: Option<String>,
) -> impl IntoView {
    let pattern = scope.repositories().map(ToString::to_string);
    let registry = scope.registry().map(|id| registry.unwrap_or_else(|| format!("registry {id}, which is gone")));
    match (pattern, registry) {
        (None, None) => "everything".into_any(),
        (None, Some(registry)) => view! { "all of " {registry} }.into_any(),
        (Some(pattern), None) => {
            view! { <code>{pattern}</code> <span class="note">" in every registry"</span> }.into_any()
        }
        (Some(pattern), Some(registry)) => {
            view! { <code>{pattern}</code> <span class="note">" in " {registry}</span> }.into_any()
        }
    }
}

/// The names of permissions, as they are written.
pub fn names(permissions: PermissionSet) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(", ")
}
