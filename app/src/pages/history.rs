//! What the tags of a repository pointed to, and when they were seen to move.

use crate::{
    api,
    parts::{
        Address, Badge, Chip, DigestText, Pager, Tone, When, page, place,
        repository_head::{RepositoryHead, named},
        tabs::RepositoryTab,
    },
};
use domain::{Digest, RegistryName, RepositoryName, Timestamp, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::history::{Departed, Evidence, History as Shown, HistoryQuery, Moved};

/// What the address says of the list.
const NAMES: [&str; 3] = ["tag", "after", "before"];

/// The page.
#[component]
pub fn History() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let (registry, segment) =
        (params.get("registry").unwrap_or_default(), params.get("repository").unwrap_or_default());
    let address = Address::here(format!("/registries/{registry}/{segment}/history"), &NAMES);
    page(async move {
        let repository = named(&segment)?;
        let value = |name: &str| address.get(name).to_owned();
        let query = HistoryQuery { tag: value("tag"), after: value("after"), before: value("before") };
        let shown = api::history::history(&registry, &repository, &query).await?;
        let topic = shown.topic.clone();
        let facts = view! {
            {shown.watched_since.map(|at| view! { <span>"watched since "<When at=at/></span> })}
            <span>"kept as a record"</span>
        };
        Ok(view! {
            <RepositoryHead registry=shown.registry.clone() repository=repository current=RepositoryTab::History tags=shown.tags facts=facts.into_any()/>
            <Filters address=address.clone() problem=shown.tag_problem.clone()/>
            <section class="stack" id="moves" aria-label="Moves of tags" data-refresh="" data-topic=topic>
                <List address=address shown=shown/>
            </section>
        })
    })
}

/// The form that filters.
#[component]
fn Filters(
    /// The list.
    address: Address,
    /// What is wrong with the tag.
    problem: Option<String>,
) -> impl IntoView {
    let invalid = problem.as_ref().map(|_| "true");
    let described = problem.as_ref().map(|_| "filter-error");
    view! {
        <form class="filters" method="get" action=address.only(&[]).href()>
            <label class="wide">"Tag"
                <input name="tag" type="search" value=address.get("tag").to_owned() placeholder="a whole tag, such as latest" data-filter=""
                    aria-invalid=invalid aria-describedby=described spellcheck="false" autocomplete="off"/>
            </label>
            <button>"Filter"</button>
        </form>
        {problem.map(|problem| view! { <p class="danger" id="filter-error" role="alert">{format!("{problem} The history of all tags is shown.")}</p> })}
    }
}

#[component]
fn List(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let (registry, repository) = (shown.registry.clone(), shown.repository.clone());
    let chip = shown.tag.as_ref().map(|tag| {
        view! { <p class="cluster"><Chip word=format!("tag {tag}") href=address.with("tag", "").href()/></p> }
    });
    let now = shown.tag.clone().zip(shown.now.clone()).map(|(tag, (digest, at))| {
        view! {
            <p>
                <code>{tag.to_string()}</code>" points to "<Pointed digest=digest registry=registry.clone() repository=repository.clone()/>
                {at.map(|at| view! { <span class="note">" asked for "<When at=at/></span> })}
            </p>
        }
    });
    let empty = shown.moves.is_empty();
    let previous = shown.previous.clone().map(|at| address.with("before", &at).href());
    let next = shown.next.clone().map(|at| address.with("after", &at).href());
    let text = format!("{}, newest first", text::counted(shown.moves.len() as u64, "move", "moves"));
    let rows = shown.moves.clone().into_iter();
    let rows = rows.map(|one| {
        let why = shown.evidence(&one).cloned();
        view! { <Row one=one why=why address=address.clone() registry=registry.clone() repository=repository.clone()/> }
    });
    let left = shown.left.clone().map(|left| view! { <Left left=left back=shown.watched_since/> });
    view! {
        {chip}
        {now}
        {left}
        {if empty {
            view! { <Nothing shown=shown/> }.into_any()
        } else {
            view! {
                <table class="entries" data-fold="">
                    <thead class="sr"><tr><th scope="col">"Seen"</th><th scope="col">"Tag"</th><th scope="col">"What happened"</th><th scope="col">"From"</th><th scope="col">"To"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <Pager shown=text previous=previous next=next/>
            }.into_any()
        }}
    }
}

#[component]
fn Row(
    /// What moved.
    one: Moved,
    /// On what evidence it left, if it did and that was kept.
    why: Option<Departed>,
    /// The list.
    address: Address,
    /// In which registry.
    registry: RegistryName,
    /// In which repository.
    repository: RepositoryName,
) -> impl IntoView {
    let moved = one.movement;
    let href = address.with("tag", moved.tag.as_str()).href();
    let word = match (&moved.from, &moved.to) {
        (None, _) => view! { <Badge word="came" tone=Tone::Good/> }.into_any(),
        (_, None) => view! { <Badge word="left" tone=Tone::Warn/> }.into_any(),
        _ => view! { <span class="note">"moved"</span> }.into_any(),
    };
    let compare = moved.from.as_ref().zip(moved.to.as_ref()).map(|(from, to)| {
        let side = |digest: &Digest| format!("{registry}/{repository}@{digest}");
        let href = Address::new("/compare", vec![("a", side(from)), ("b", side(to))]).href();
        view! { <a class="note" href=href aria-label=format!("Compare both images of {}", moved.tag)>"Compare"</a> }
    });
    let why = why.map(|why| view! { <Why why=why/> });
    let cell = |digest: Option<Digest>, arrow: &'static str| {
        let (registry, repository) = (registry.clone(), repository.clone());
        digest.map(|digest| view! { {arrow}<Pointed digest=digest registry=registry repository=repository/> })
    };
    view! {
        <tr>
            <td class="when"><When at=one.at/></td>
            <th scope="row"><a class="mono" href=href>{moved.tag.to_string()}</a></th>
            <td>{word}{why}</td>
            <td class="nowrap">{cell(moved.from, "")}</td>
            <td class="nowrap">{cell(moved.to, "→ ")}</td>
            <td class="num">{compare}</td>
        </tr>
    }
}

/// On what evidence something left: in a word, and what was asked and came back.
#[component]
fn Why(
    /// What is on record.
    why: Departed,
) -> impl IntoView {
    let Departed { departure, .. } = why;
    let word = match departure.evidence {
        Evidence::NotFound => "404 on itself",
        Evidence::TwoLists => "two complete lists",
        Evidence::Deleted => "deleted here",
    };
    view! { <span class="note">" "{word}": "{text::visible(&departure.detail, 300)}"."</span> }
}

/// The repository itself left its registry once.
#[component]
fn Left(
    /// What is on record.
    left: Departed,
    /// Since when it is known now, if it is.
    back: Option<Timestamp>,
) -> impl IntoView {
    let at = left.at;
    let again = back.filter(|back| *back >= at);
    view! {
        <p>
            <Badge word="left" tone=Tone::Warn/>" The whole repository left its registry "<When at=at/>"."<Why why=left/>
            {again.map(|at| view! { " It is known again since "<When at=at/>"." })}
        </p>
    }
}

/// A digest that leads to its image.
#[component]
fn Pointed(
    /// Which.
    digest: Digest,
    /// In which registry.
    registry: RegistryName,
    /// In which repository.
    repository: RepositoryName,
) -> impl IntoView {
    let href = place::manifest(registry.as_str(), &repository, &digest);
    view! { <a href=href><DigestText digest=digest/></a> }
}

/// Nothing moved.
#[component]
fn Nothing(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let what = shown.tag.map_or_else(|| shown.repository.to_string(), |tag| format!("{}:{tag}", shown.repository));
    view! {
        <div class="empty stack">
            <h2>"No move of " <code>{what}</code> " was seen"</h2>
            {match shown.watched_since {
                Some(at) => view! { <p>"The repository is watched since " <When at=at/> ". A tag that comes, leaves or points elsewhere from then on stands here. What it did before is not known."</p> }.into_any(),
                None => view! { <p>"The repository is not watched: it is not known here, or it left the registry."</p> }.into_any(),
            }}
        </div>
    }
}
