//! What one may not do, and where it says why.

use super::Address;
use crate::context::{actor, path_and_query};
use domain::{Permission, Place, RegistryName, RepositoryName, Visible, access::Scope, permission::allows};
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

/// The narrowest place that holds all of a scope, for [`why`]. `registry` is what its registry is called; one that is gone
/// or not to be seen has no place of its own.
pub fn holding(scope: &Scope, registry: Option<&str>) -> String {
    let Some(registry) = registry.filter(|name| name.parse::<RegistryName>().is_ok()) else {
        return "everything".to_owned();
    };
    let literal = scope.repositories().filter(|pattern| pattern.is_literal());
    match literal.and_then(|pattern| pattern.as_str().parse::<RepositoryName>().ok()) {
        Some(name) => format!("{registry}/{}", name.to_segment()),
        None => registry.to_owned(),
    }
}

/// The place that is asked about, the one of the page if none is named; nothing for strangers, who sign in first.
fn asked_about(place: Option<String>) -> Option<String> {
    actor().is_known().then(|| place.unwrap_or_else(here))
}

/// A button that does nothing, with what it takes beside it. For an action that is there and that whoever looks may not do.
/// Strangers are told nothing: they sign in first.
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
    let id = format!("needs-{}", label.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let about = format!("Why can’t I: {label}");
    asked_about(place).map(|place| {
        view! {
            <span class="cluster">
                <button type="button" aria-disabled="true" aria-describedby=id.clone()>{label}</button>
                <span class="note" id=id>
                    "Needs " <code>{permission.as_str()}</code> ". "
                    <a href=why(permission.as_str(), &place) aria-label=about>"Why can’t I?"</a>
                </span>
            </span>
        }
    })
}

/// The link alone, where a button that does nothing would be in the way.
#[component]
pub fn WhyNot(
    /// What can’t be done, to go on with after “Why can’t I”.
    #[prop(into)]
    what: String,
    /// What it takes.
    permission: Permission,
    /// Where, as addresses say it; without, where the page is.
    #[prop(optional, into)]
    place: Option<String>,
) -> impl IntoView {
    asked_about(place).map(|place| {
        view! { <a class="note" href=why(permission.as_str(), &place)>{format!("Why can’t I {what}?")}</a> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_asked_about_at_the_narrowest_place_that_holds_it() {
        let scope = |registry, pattern: Option<&str>| {
            Scope::new(registry, pattern.map(|text| text.parse().expect("a pattern")))
        };
        assert_eq!(holding(&scope(Some(7), Some("team/api")), Some("lab")), "lab/team~api");
        assert_eq!(holding(&scope(Some(7), Some("team/**")), Some("lab")), "lab");
        assert_eq!(holding(&scope(Some(7), None), Some("lab")), "lab");
        assert_eq!(holding(&scope(Some(7), None), Some("lab, removed")), "everything");
        assert_eq!(holding(&scope(Some(7), Some("team/api")), None), "everything", "one that may not be seen");
        assert_eq!(holding(&scope(None, Some("team/**")), None), "everything");
    }

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
