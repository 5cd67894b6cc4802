//! The repositories of a registry.

mod nothing;
mod table;

use crate::{
    api,
    base::{redirect, to},
    context::{form_error, set_status},
    parts::{
        Address, Count, Crumb, Denied, Field, Head, PostForm, RiskBadge, State, Tone, When,
        filters::{Chips, FilterForm, Offer, is_narrowed},
        freshness::{Odd, Stale},
        page, place,
        tabs::{RegistryTab, RegistryTabs},
    },
};
use domain::{Permission, RegistryName, filters::List, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nothing::Nothing;
use operations::{
    error::Kind,
    repositories::{Repositories as Shown, RepositoriesQuery},
};
use table::Table;

/// The page.
#[component]
pub fn Repositories() -> impl IntoView {
    let registry = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let address = Address::filtered(place::registry_path(&registry), &["view"]);
    page(async move {
        if let Some(tidy) = address.tidied() {
            redirect(&tidy);
            return Ok(().into_any());
        }
        let value = |name: &str| address.get(name).to_owned();
        let query = RepositoriesQuery {
            filters: address.filters(),
            view: value("view"),
            sort: value("sort"),
            order: value("order"),
            after: value("after"),
            before: value("before"),
            limit: None,
        };
        let shown = api::repositories::repositories(&registry, &query).await?;
        let name = shown.registry.clone();
        let topic = shown.topic.clone();
        let manage = shown.manage;
        if !shown.errors.is_empty() {
            set_status(Kind::Invalid.status());
        }
        Ok(view! {
            <Top shown=shown.clone()/>
            <Filters address=address.clone() shown=shown.clone()/>
            <section class="stack" id="repositories" aria-label="Repositories" data-refresh="" data-topic=topic>
                <Listed address=address shown=shown/>
            </section>
            {if manage {
                view! { <ByName registry=name/> }.into_any()
            } else {
                view! { <div class="section"><Denied label="Open a repository by name" permission=Permission::RegistryManage/></div> }.into_any()
            }}
        }
        .into_any())
    })
}

/// What it is and how it is.
#[component]
fn Top(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let connection = format!("/settings/registries/{name}");
    let facts = view! {
        <span class="mono">{shown.address}</span>
        {shown.software.map(|software| view! { <span>{software}</span> })}
        <span>
            <State tone=shown.health.0.into() word=shown.health.1/>
            <RiskBadge risk=shown.risk/>
        </span>
        {(shown.totals.listed > 0).then(|| view! { <span><b><Count count=shown.totals.tags/></b>" tags known"</span> })}
        {shown.totals.newest.map(|at| view! { <span>"newest built " <When at=at/></span> })}
    };
    let actions = view! {
        <a class="button" href=to(&place::reading_path(&name))>"Reading"</a>
        {shown.manage.then(|| view! { <a class="button" href=to(&connection)>"Open connection"</a> })}
    };
    view! {
        <Head title=name.clone() crumbs=vec![Crumb::new("Registries", "/")] facts=facts.into_any() actions=actions.into_any()/>
        {(!shown.description.is_empty()).then(|| view! { <p class="quiet">{shown.description}</p> })}
        <RegistryTabs registry=shown.registry current=RegistryTab::Repositories repositories=shown.totals.repositories manage=shown.manage/>
    }
}

/// The form that filters.
#[component]
fn Filters(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let flat = address.get("view") == "flat";
    let offer = Offer {
        list: List::Repositories,
        address,
        errors: shown.errors,
        name: ("Name", "payments/*, *-api, any part"),
        sorts: &[
            ("name", "by name"),
            ("tags", "by tags"),
            ("newest", "by newest build"),
            ("exclusive", "by what goes with it"),
            ("bytes", "by bytes held"),
        ],
        sorted: shown.sorted.0,
        platforms: Vec::new(),
    };
    let more = view! {
        <label>"Show"
            <select name="view"><option value="">"by namespace"</option><option value="flat" selected=flat>"flat"</option></select>
        </label>
    };
    view! { <FilterForm offer=offer more=more.into_any()/> }
}

/// How much there is and how fresh, the rows, and the way to the others.
#[component]
fn Listed(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let as_of = shown.catalogue.as_ref().map(|catalogue| catalogue.listed_at);
    let registry = shown.registry.clone();
    let empty = shown.groups.iter().all(|group| group.rows.is_empty());
    // That a registry has no catalogue is no trouble: the page says it in its own words.
    let trouble = shown.trouble.clone().filter(|trouble| trouble.kind != Kind::Unsupported);
    let name = registry.to_string();
    let trouble = trouble.map(|trouble| view! { <Stale trouble=trouble as_of=as_of registry=name/> });
    let plus = if shown.matching.exact { "" } else { "+" };
    let filters = shown.filters.clone();
    let chips = view! { <Chips address=address.clone() filters=filters/> };
    let total = shown.totals.repositories;
    let by_name = shown.by_name.then(|| view! {
        <p class="note">"This registry does not list its repositories to us. Here are those that were opened by name."</p>
    });
    let odd = shown.odd.clone();
    let by_content = shown.sorted.0 != "name" || is_narrowed(&shown.filters);
    let unlisted = total.saturating_sub(shown.totals.listed);
    let cover = (by_content && !empty && (shown.totals.unread > 0 || unlisted > 0))
        .then(|| view! { <p class="note">{said(unlisted, shown.totals.unread)}</p> });
    view! {
        {trouble}
        {(total > 0).then(|| view! {
            <p class="cluster">
                <span><b>{format!("{}{plus}", text::count(shown.matching.number))}</b>{format!(" of {}", text::counted(total, "repository", "repositories"))}</span>
                {chips}
                <span class="note push">
                    {shown.reading.then(|| view! { <State tone=Tone::Accent word="Reading"/> " " })}
                    {as_of.map(|at| view! { "as of " <When at=at/> " " <a href=address.href()>"Refresh"</a> })}
                </span>
            </p>
        })}
        {by_name}
        {cover}
        {if empty {
            view! { <Nothing address=address shown=shown/> }.into_any()
        } else {
            view! { <Table address=address shown=shown/> }.into_any()
        }}
        <Odd names=odd what="repository"/>
    }
}

/// What bytes and times don't cover yet.
fn said(unlisted: u64, unread: u64) -> String {
    let mut parts = Vec::new();
    if unlisted > 0 {
        parts.push(text::counted(unlisted, "repository is not listed yet", "repositories are not listed yet"));
    }
    if unread > 0 {
        parts.push(text::counted(unread, "tag is not read yet", "tags are not read yet"));
    }
    format!("Tags, times and bytes are those read so far: {}.", parts.join(", "))
}

/// Opens a repository by its name, and keeps it in the list.
#[component]
fn ByName(
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    const ACTION: &str = "/do/repository-add";
    let error = form_error(ACTION);
    let typed = error.as_ref().and_then(|error| error.typed("name")).unwrap_or_default();
    let problem = error.as_ref().and_then(|error| error.of("name"));
    view! {
        <section class="section stack" aria-labelledby="by-name">
            <h2 id="by-name">"Open a repository by name"</h2>
            <PostForm action=ACTION error=error class="stack">
                <input type="hidden" name="registry" value=registry.to_string()/>
                <Field name="name" label="Name" hint="For what the list lacks. A pull reference does too. It then stays in the list." value=typed error=problem
                    placeholder="library/debian" mono=true required=true/>
                <p class="actions"><button>"Open it"</button></p>
            </PostForm>
        </section>
    }
}
