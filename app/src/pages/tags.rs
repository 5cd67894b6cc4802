//! The tags of a repository.

mod nothing;
mod standing;
mod untagged;

use crate::{
    api,
    base::redirect,
    context::set_status,
    parts::{
        Address, Count, Icon, Pager, When,
        filters::{FilterForm, Offer},
        freshness::{Odd, Stale},
        page,
        page::nothing,
        repository_head::RepositoryHead,
        tabs::RepositoryTab,
        tag_table::TagTable,
    },
};
use domain::{
    Reference, RepositoryName,
    commands::{Client, pull},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nothing::Nothing;
use operations::{
    Kind,
    lists::needs_content,
    tags::{Tags as Shown, TagsQuery},
};
use standing::Standing;

/// The page.
#[component]
pub fn Tags() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let (registry, segment) =
        (params.get("registry").unwrap_or_default(), params.get("repository").unwrap_or_default());
    let address = Address::filtered(format!("/registries/{registry}/{segment}"), &[]);
    page(async move {
        let Ok(repository) = RepositoryName::from_segment(&segment) else {
            return Err(nothing(format!(
                "{} can’t be the name of a repository.",
                text::visible(&segment.replace('~', "/"), 200)
            )));
        };
        if let Some(tidy) = address.tidied() {
            redirect(&tidy);
            return Ok(().into_any());
        }
        let value = |name: &str| address.get(name).to_owned();
        if value("tagged") == "no" {
            return untagged::page(&registry, &repository, address).await;
        }
        let query = TagsQuery {
            filters: address.filters(),
            sort: value("sort"),
            order: value("order"),
            after: value("after"),
            before: value("before"),
            limit: None,
        };
        let shown = api::tags::tags(&registry, &repository, &query).await?;
        if !shown.errors.is_empty() {
            set_status(Kind::Invalid.status());
        }
        let topic = shown.topic.clone();
        Ok(view! {
            <Top shown=shown.clone()/>
            <div class="stack">
                <Filters address=address.clone() shown=shown.clone()/>
            </div>
            <section class="stack" id="tags" aria-label="Tags" data-refresh="" data-topic=topic>
                <List address=address shown=shown/>
            </section>
        }
        .into_any())
    })
}

/// What it is, where it is, and how to pull from it.
#[component]
fn Top(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let Shown { registry, repository, address, trust, rows, total, newest, .. } = shown;
    let latest = rows.iter().find(|row| row.tag.as_str() == "latest").or(rows.first()).map(|row| row.tag.clone());
    let command = latest.map(|tag| pull(Client::Docker, &address, &trust, &repository, &Reference::Tag(tag)));
    let actions = command.map(|command| {
        view! {
            <button type="button" data-copy=command><Icon name="copy"/>"Copy pull command"</button>
        }
    });
    let facts = view! {
        <span><b><Count count=total/></b>{if total == 1 { " tag" } else { " tags" }}</span>
        {newest.map(|at| view! { <span>"newest built " <When at=at/></span> })}
        <span class="mono">{format!("{}/{repository}", address.authority())}</span>
    };
    view! { <RepositoryHead registry=registry repository=repository current=RepositoryTab::Tags tags=Some(total) facts=facts.into_any() actions=actions.into_any()/> }
}

/// The form that filters.
#[component]
fn Filters(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let platforms = shown.rows.iter().flat_map(|row| row.platforms.iter().take(20).cloned()).collect();
    let offer = Offer {
        list: domain::filters::List::Tags,
        address,
        errors: shown.errors,
        name: ("Tag", "v4.*, pr-*, any part"),
        sorts: &[
            ("name", "by name"),
            ("version", "by version"),
            ("created", "by build"),
            ("size", "by size"),
            ("moved", "by last move"),
        ],
        sorted: shown.sort,
        platforms,
    };
    view! { <FilterForm offer=offer/> }
}

/// How much there is and how fresh, the rows, and the way to the others.
#[component]
fn List(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let registry = shown.registry.to_string();
    let reading = shown.reading || shown.progress.is_some();
    let trouble =
        shown.trouble.clone().map(|trouble| view! { <Stale trouble=trouble as_of=shown.listed_at registry=registry/> });
    let sorted = (shown.sort, shown.descending);
    let by_content = matches!(shown.sort, "size" | "created") || needs_content(&shown.filters);
    let odd = shown.odd.clone();
    let listed = shown.listed_at.is_some();
    let empty = shown.rows.is_empty();
    let rows = shown.rows.clone();
    let (name, repository) = (shown.registry.clone(), shown.repository.clone());
    let unread = shown.total.saturating_sub(shown.read);
    let order = (by_content && unread > 0 && !empty).then(|| {
        let (read, unread) = (text::count(shown.read), text::count(unread));
        let said = if needs_content(&shown.filters) {
            format!("The filter is asked of the {read} tags that are read so far; among the other {unread} there may be more.")
        } else {
            format!("In this order are the {read} tags that are read so far; the other {unread} follow at the end, by name, until they are read.")
        };
        view! { <p class="note">{said}</p> }
    });
    view! {
        {trouble}
        <Standing address=address.clone() shown=shown.clone()/>
        {order}
        {match (listed, empty) {
            (false, _) => view! { <Skeleton/> }.into_any(),
            (true, true) => view! { <Nothing address=address.clone() shown=shown.clone()/> }.into_any(),
            (true, false) => view! {
                <TagTable address=address.clone() rows=rows registry=name repository=repository sorted=sorted reading=reading/>
                <Pages address=address.clone() shown=shown.clone()/>
            }.into_any(),
        }}
        <Odd names=odd what="tag"/>
    }
}

/// The list is not there yet.
#[component]
fn Skeleton() -> impl IntoView {
    let row = || view! { <tr><td><span class="w3"></span></td><td><span></span></td><td><span></span></td><td><span></span></td></tr> };
    view! {
        <p class="note">"The registry takes its time. What it answers shows here by itself; without scripts, reload the page."</p>
        <table class="skeleton" aria-busy="true" aria-label="Tags are being read">
            <thead><tr><th scope="col">"Tag"</th><th scope="col">"Digest"</th><th scope="col">"Size"</th><th scope="col">"Built"</th></tr></thead>
            <tbody>{(0..6).map(|_| row()).collect_view()}</tbody>
        </table>
    }
}

/// The way to the other rows.
#[component]
fn Pages(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let order = match (shown.sort, shown.descending) {
        ("name", false) => "by name",
        ("name", true) => "by name, from the end",
        ("version", false) => "lowest version first",
        ("version", true) => "highest version first",
        ("size", false) => "smallest first",
        ("size", true) => "largest first",
        ("moved", false) => "longest unmoved first",
        ("moved", true) => "last moved first",
        (_, false) => "oldest first",
        (_, true) => "newest first",
    };
    let plus = if shown.matching.exact { "" } else { "+" };
    let text = format!("{} of {}{plus} tags, {order}", shown.rows.len(), text::count(shown.matching.number));
    let previous = shown.previous.map(|place| address.with("before", &place).href());
    let next = shown.next.map(|place| address.with("after", &place).href());
    view! { <Pager shown=text previous=previous next=next/> }
}
