//! The top of every page of a repository.

use super::{
    Crumb, Head,
    list::Address,
    nothing, place,
    tabs::{RepositoryTab, RepositoryTabs},
};
use crate::error::AppError;
use domain::{RegistryName, RepositoryName, text};
use leptos::prelude::*;

/// The repository of an address.
pub fn named(segment: &str) -> Result<RepositoryName, AppError> {
    RepositoryName::from_segment(segment).map_err(|_| {
        let said = text::visible(&segment.replace('~', "/"), 200);
        nothing(format!("{said} can’t be the name of a repository."))
    })
}

/// What it is, where it is, and its parts.
#[component]
pub fn RepositoryHead(
    /// In which registry.
    registry: RegistryName,
    /// Which repository.
    repository: RepositoryName,
    /// The part that is shown.
    current: RepositoryTab,
    /// How many tags are known.
    #[prop(optional_no_strip)]
    tags: Option<u64>,
    /// At most five facts.
    facts: AnyView,
    /// Buttons on the right.
    #[prop(optional, into)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let mut crumbs =
        vec![Crumb::new("Registries", "/"), Crumb::new(registry.to_string(), &place::registry_path(registry.as_str()))];
    let namespace = repository.namespace().map(str::to_owned);
    if let Some(namespace) = &namespace {
        let href = Address::new(place::registry_path(registry.as_str()), vec![("q", format!("{namespace}/"))]).href();
        crumbs.push(Crumb { text: namespace.clone(), href });
    }
    let heading = view! { {namespace.map(|namespace| view! { <span class="quiet">{format!("{namespace}/")}</span> })}{repository.last().to_owned()} };
    let word = match current {
        RepositoryTab::Tags => "",
        RepositoryTab::History => "History of ",
        RepositoryTab::Storage => "Storage of ",
    };
    view! {
        <Head title=format!("{word}{repository}") heading=heading.into_any() crumbs=crumbs facts=facts actions=actions.into_any()/>
        <RepositoryTabs registry=registry repository=repository current=current tags=tags/>
    }
}
