//! The tabs that go across one registry, and those across one repository.

use super::{Address, Count, WhyNot, place};
use crate::{base::to, context::actor};
use domain::{Permission, RegistryName, RepositoryName};
use leptos::prelude::*;

/// A part of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryTab {
    /// Its repositories.
    Repositories,
    /// What it stores.
    Storage,
    /// The health of its content.
    Health,
}

/// The parts of a registry.
#[component]
pub fn RegistryTabs(
    /// Which registry.
    registry: RegistryName,
    /// The part that is shown.
    current: RegistryTab,
    /// How many repositories are known.
    repositories: u64,
    /// May who looks change its connection?
    manage: bool,
) -> impl IntoView {
    let name = registry.to_string();
    let connection = format!("/settings/registries/{name}");
    let is = |tab| (current == tab).then_some("page");
    let here = name.clone();
    view! {
        <nav class="tabs" aria-label=name.clone()>
            <a href=to(&place::registry_path(&name)) aria-current=is(RegistryTab::Repositories)>"Repositories "<span><Count count=repositories/></span></a>
            <a href=to(&format!("/storage/{name}")) aria-current=is(RegistryTab::Storage)>"Storage"</a>
            <a href=to(&format!("/health/{name}")) aria-current=is(RegistryTab::Health)>"Content health"</a>
            {manage.then(|| view! {
                <a href=to(&format!("{connection}/use"))>"Use this registry"</a>
                <a href=to(&format!("{connection}/tokens"))>"Tokens"</a>
                <a href=to(&connection)>"Connection"</a>
            })}
            {(!manage).then(|| view! { <WhyNot what="manage it" permission=Permission::RegistryManage place=here/> })}
        </nav>
    }
}

/// A part of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepositoryTab {
    /// Its tags.
    Tags,
    /// What they pointed to.
    History,
    /// What it stores.
    Storage,
}

/// The parts of a repository.
#[component]
pub fn RepositoryTabs(
    /// In which registry.
    registry: RegistryName,
    /// Which repository.
    repository: RepositoryName,
    /// The part that is shown.
    current: RepositoryTab,
    /// How many tags are known.
    #[prop(optional_no_strip)]
    tags: Option<u64>,
) -> impl IntoView {
    let path = place::repository_path(registry.as_str(), &repository);
    let is = |tab| (current == tab).then_some("page");
    let rights = actor().rights;
    let looks = rights
        .scopes(Permission::GrantView)
        .any(|scope| scope.repositories().is_none_or(|pattern| pattern.matches(repository.as_str())));
    let here = format!("{registry}/{}", repository.to_segment());
    let who = looks.then(|| {
        let asked = [("by", "repository"), ("registry", registry.as_str()), ("repository", repository.as_str())];
        Address::new("/access", asked.map(|(name, value)| (name, value.to_owned())).into()).href()
    });
    view! {
        <nav class="tabs" aria-label=repository.to_string()>
            <a href=to(&path) aria-current=is(RepositoryTab::Tags)>"Tags "{tags.map(|tags| view! { <span><Count count=tags/></span> })}</a>
            <a href=to(&format!("{path}/history")) aria-current=is(RepositoryTab::History)>"History"</a>
            <a href=to(&format!("{path}/storage")) aria-current=is(RepositoryTab::Storage)>"Storage"</a>
            {match who {
                Some(href) => view! { <a href=href>"Who can see this?"</a> }.into_any(),
                None => view! { <WhyNot what="see who can" permission=Permission::GrantView place=here/> }.into_any(),
            }}
        </nav>
    }
}
