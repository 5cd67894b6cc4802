//! The tags of a repository.

use crate::{
    api,
    base::to,
    parts::{
        Address, Chip, Count, Crumb, Head, Icon, Pager, PostForm, State, Tone, When,
        freshness::{Odd, Stale},
        page,
        page::nothing,
        place,
        tag_table::TagTable,
    },
};
use domain::{
    Kind, Reference, RepositoryName,
    commands::{Client, pull},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::tags::{Tags as Shown, TagsQuery};

/// What the address says of the list.
const NAMES: [&str; 8] = ["q", "kind", "platform", "referrers", "sort", "order", "after", "before"];
/// Platforms that are offered although no row names them.
const PLATFORMS: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];

/// The page.
#[component]
pub fn Tags() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let (registry, segment) =
        (params.get("registry").unwrap_or_default(), params.get("repository").unwrap_or_default());
    let address = Address::here(format!("/registries/{registry}/{segment}"), &NAMES);
    page(async move {
        let Ok(repository) = RepositoryName::from_segment(&segment) else {
            return Err(nothing(format!(
                "{} can’t be the name of a repository.",
                text::visible(&segment.replace('~', "/"), 200)
            )));
        };
        let value = |name: &str| address.get(name).to_owned();
        let query = TagsQuery {
            q: value("q"),
            kind: value("kind"),
            platform: value("platform"),
            referrers: value("referrers"),
            sort: value("sort"),
            order: value("order"),
            after: value("after"),
            before: value("before"),
            limit: None,
        };
        let shown = api::tags::tags(&registry, &repository, &query).await?;
        let topic = shown.topic.clone();
        Ok(view! {
            <Top shown=shown.clone()/>
            <div class="stack">
                <Filters address=address.clone() shown=shown.clone()/>
            </div>
            <section class="stack" id="tags" aria-label="Tags" data-refresh="" data-topic=topic>
                <List address=address shown=shown/>
            </section>
        })
    })
}

/// What it is, where it is, and how to pull from it.
#[component]
fn Top(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let Shown { registry, repository, address, trust, rows, total, newest, .. } = shown;
    let mut crumbs =
        vec![Crumb::new("Registries", "/"), Crumb::new(registry.to_string(), &place::registry_path(registry.as_str()))];
    let namespace = repository.namespace().map(str::to_owned);
    if let Some(namespace) = &namespace {
        crumbs.push(Crumb {
            text: namespace.clone(),
            href: Address::new(place::registry_path(registry.as_str()), vec![("q", format!("{namespace}/"))]).href(),
        });
    }
    let heading = view! { {namespace.map(|namespace| view! { <span class="quiet">{format!("{namespace}/")}</span> })}{repository.last().to_owned()} };
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
    view! { <Head title=repository.to_string() heading=heading.into_any() crumbs=crumbs facts=facts.into_any() actions=actions.into_any()/> }
}

/// The form that filters.
#[component]
fn Filters(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let value = |name: &str| address.get(name).to_owned();
    let (kind, platform) = (value("kind"), value("platform"));
    let mut platforms: Vec<String> = PLATFORMS.iter().map(ToString::to_string).collect();
    platforms
        .extend(shown.rows.iter().flat_map(|row| row.platforms.iter().take(20).cloned()).chain([platform.clone()]));
    platforms.retain(|platform| !platform.is_empty());
    platforms.sort();
    platforms.dedup();
    let kinds = Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    let path = to(&place::repository_path(shown.registry.as_str(), &shown.repository));
    let invalid = shown.filter_problem.as_ref().map(|_| "true");
    let described = shown.filter_problem.as_ref().map(|_| "filter-error");
    view! {
        <form class="filters" method="get" action=path>
            {address.hidden(&["referrers", "sort", "order"])}
            <label class="wide">"Tag"
                <input name="q" type="search" value=value("q") placeholder="v4.*, pr-*, any part" data-filter="" aria-invalid=invalid
                    aria-describedby=described spellcheck="false" autocomplete="off"/>
            </label>
            <label>"Kind"{choices("kind", kind, kinds)}</label>
            <label>"Platform"{choices("platform", platform, platforms)}</label>
            <button>"Filter"</button>
        </form>
        {shown.filter_problem.map(|problem| view! {
            <p class="danger" id="filter-error" role="alert">{format!("{problem} All tags are shown.")}</p>
        })}
    }
}

/// A choice of one word, or any.
fn choices(name: &'static str, chosen: String, words: Vec<String>) -> impl IntoView {
    let options = words.into_iter().map(move |word| {
        let selected = word == chosen;
        let text = text::visible(&word, 40);
        view! { <option value=word selected=selected>{text}</option> }
    });
    view! { <select name=name><option value="">"any"</option>{options.collect_view()}</select> }
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
    let by_content = matches!(shown.sort, "size" | "created");
    let odd = shown.odd.clone();
    let listed = shown.listed_at.is_some();
    let empty = shown.rows.is_empty();
    let rows = shown.rows.clone();
    let (name, repository) = (shown.registry.clone(), shown.repository.clone());
    let order = (by_content && shown.read < shown.total && !empty).then(|| view! {
        <p class="note">{format!(
            "In this order are the {} tags that are read so far; the other {} follow at the end, by name, until they are read.",
            text::count(shown.read), text::count(shown.total - shown.read)
        )}</p>
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

/// The line between filter and table: how many, what is left out, what is being read, as of when.
#[component]
fn Standing(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let value = |name: &str| address.get(name).to_owned();
    let plus = if shown.matching.exact { "" } else { "+" };
    let filter = [("q", "like"), ("kind", "kind"), ("platform", "on")];
    let chips = filter
        .into_iter()
        .filter(|(name, _)| !address.get(name).is_empty() && (*name != "q" || shown.filter_problem.is_none()));
    let chips = chips.map(|(name, word)| {
        view! {
            <Chip word=format!("{word} {}", text::visible(&value(name), 60)) href=address.with(name, "").href()/>
        }
    });
    let referrers = match (value("referrers").as_str(), shown.referrers) {
        (_, 0) => None,
        ("shown", count) => Some((format!("with signatures and SBOMs, {}", text::count(count)), "")),
        (_, count) => Some((format!("without signatures and SBOMs, {}", text::count(count)), "shown")),
    };
    let referrers =
        referrers.map(|(word, turned)| view! { <Chip word=word href=address.with("referrers", turned).href()/> });
    let part = shown.read < shown.total;
    let working = match (&shown.progress, shown.reading) {
        (Some(progress), _) => Some(match progress.of {
            0 => "Reading the rest".to_owned(),
            of => format!("Reading the rest, {} of {}", text::count(progress.done), text::count(of)),
        }),
        (None, true) => Some("Reading".to_owned()),
        (None, false) => None,
    };
    let bar = shown.progress.as_ref().filter(|progress| progress.of > 0).map(|progress| {
        view! {
            <progress max=progress.of value=progress.done aria-label="Tags read"></progress>
        }
    });
    let rest = (part && shown.progress.is_none() && shown.listed_at.is_some()).then(|| {
        let next = crate::context::path_and_query();
        view! {
            <PostForm action="/do/repository-read" class="cluster">
                <input type="hidden" name="registry" value=shown.registry.to_string()/>
                <input type="hidden" name="repository" value=shown.repository.to_string()/>
                <input type="hidden" name="next" value=next/>
                <span>{format!("{} of {} read", text::count(shown.read), text::count(shown.total))}</span>
                <button data-size="small">"Read the rest"</button>
            </PostForm>
        }
    });
    view! {
        <div class="cluster">
            <span><b>{format!("{}{plus}", text::count(shown.matching.number))}</b>{format!(" of {}", text::counted(shown.total, "tag", "tags"))}</span>
            {chips.collect_view()}
            {referrers}
            <span class="note push">
                {working.map(|word| view! { <State tone=Tone::Accent word=word/> " " })}
                {bar}
                {shown.listed_at.map(|at| view! { " as of " <When at=at/> })}
                {(shown.listed_at.is_some() && !shown.complete).then_some(", not to its end")}
            </span>
            {rest}
        </div>
    }
}

/// Nothing to show: the repository is empty, or nothing is like the filter.
#[component]
fn Nothing(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let filtered = ["q", "kind", "platform"].iter().any(|name| !address.get(name).is_empty());
    let path = place::repository(shown.registry.as_str(), &shown.repository);
    let name = shown.repository.to_string();
    let unread = shown.total - shown.read.min(shown.total);
    let looked = text::counted(shown.total, "tag was looked at", "tags were looked at");
    let waits = (unread > 0 && ["kind", "platform"].iter().any(|name| !address.get(name).is_empty()))
        .then(|| format!(" {} of them are not read yet, so there may be more.", text::count(unread)));
    view! {
        <div class="empty stack">
            {if filtered {
                view! {
                    <h2>"No tag of " <code>{name}</code> " is like that"</h2>
                    <p>{looked}"."{waits}</p>
                    <p class="actions"><a class="button" href=path>"Clear the filter"</a></p>
                }.into_any()
            } else if shown.referrers > 0 {
                view! {
                    <h2><code>{name}</code> " has signatures and SBOMs only"</h2>
                    <p class="actions"><a class="button" href=address.with("referrers", "shown").href()>"Show them"</a></p>
                }.into_any()
            } else {
                view! {
                    <h2><code>{name}</code> " has no tags"</h2>
                    <p>"The registry knows this repository, and no tag is in it: either all were deleted, or nothing was pushed by tag yet."</p>
                }.into_any()
            }}
        </div>
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
        (_, false) => "oldest first",
        (_, true) => "newest first",
    };
    let plus = if shown.matching.exact { "" } else { "+" };
    let text = format!("{} of {}{plus} tags, {order}", shown.rows.len(), text::count(shown.matching.number));
    let previous = shown.previous.map(|place| address.with("before", &place).href());
    let next = shown.next.map(|place| address.with("after", &place).href());
    view! { <Pager shown=text previous=previous next=next/> }
}
