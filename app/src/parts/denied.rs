//! What one may not do, and where it says why.

use super::Address;
use crate::context::{actor, path_and_query};
use domain::{Permission, Place, Visible, permission::allows};
use leptos::prelude::*;

/// May whoever looks do this for the program as a whole?
pub fn may(permission: Permission) -> bool {
    allows(&actor(), permission, Place::System).is_ok()
}

/// May whoever looks do this at some place?
pub fn may_somewhere(permission: Permission) -> bool {
    Visible::by(&actor(), permission).repositories_at_all()
}

/// The address of the page that says why one may or may not do something. `place` is written as addresses say it:
/// `everything`, a registry's name, `registry/team~api`.
pub fn why(permission: &str, place: &str) -> String {
    Address::new("/access/explain", vec![("act", permission.to_owned()), ("where", place.to_owned())]).href()
}

/// The place that the page being made is about, for [`why`].
pub fn here() -> String {
    place_of(path_and_query().split('?').next().unwrap_or_default())
}

/// The place that a path of ours is about: a registry or a repository stands in it, or it is about everything.
fn place_of(path: &str) -> String {
    let mut segments = path.trim_start_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    let (registry, repository) = match first {
        "registries" => (segments.next(), segments.next()),
        "storage" | "reading" | "health" => (segments.next(), None),
        "settings" => (segments.nth(1).filter(|name| *name != "new"), None),
        _ => (None, None),
    };
    match (registry.filter(|name| !name.is_empty()), repository.filter(|name| !name.is_empty())) {
        (Some(registry), Some(repository)) => format!("{registry}/{repository}"),
        (Some(registry), None) => registry.to_owned(),
        (None, _) => "everything".to_owned(),
    }
}

/// A button that does nothing, with what it takes beside it. For an action that is there and that whoever looks may not do.
#[component]
pub fn Denied(
    /// What the button would say.
    label: &'static str,
    /// What it takes.
    permission: Permission,
    /// Where, as addresses say it; without, where the page is.
    #[prop(optional, into)]
    place: Option<String>,
) -> impl IntoView {
    let place = place.unwrap_or_else(here);
    let id = format!("needs-{}", label.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let about = format!("Why can’t I: {label}");
    view! {
        <span class="cluster">
            <button type="button" aria-disabled="true" aria-describedby=id.clone()>{label}</button>
            <span class="note" id=id>
                "Needs " <code>{permission.as_str()}</code> ". "
                <a href=why(permission.as_str(), &place) aria-label=about>"Why can’t I?"</a>
            </span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_about_what_stands_in_its_path() {
        for (path, place) in [
            ("/", "everything"),
            ("/audit/7", "everything"),
            ("/registries/lab", "lab"),
            ("/registries/lab/team~api", "lab/team~api"),
            ("/registries/lab/team~api/tags/v1", "lab/team~api"),
            ("/health/lab", "lab"),
            ("/storage/lab", "lab"),
            ("/reading/lab", "lab"),
            ("/settings/registries/lab/remove", "lab"),
            ("/settings/registries/new", "everything"),
            ("/settings/registries", "everything"),
        ] {
            assert_eq!(place_of(path), place, "{path}");
        }
    }
}
