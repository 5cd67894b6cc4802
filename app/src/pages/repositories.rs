//! The repositories of a registry.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{
        Address, Chip, Count, Crumb, Field, Head, Pager, PostForm, RiskBadge, SortHead, State, Tone, When,
        freshness::{Odd, Stale},
        page, place,
    },
};
use domain::{RegistryName, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::{
    error::Kind,
    repositories::{Group, Repositories as Shown, RepositoriesQuery, RepositoryRow},
};

/// What the address says of the list.
const NAMES: [&str; 6] = ["q", "view", "sort", "order", "after", "before"];

/// The page.
#[component]
pub fn Repositories() -> impl IntoView {
    let registry = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let address = Address::here(place::registry_path(&registry), &NAMES);
    page(async move {
        let value = |name: &str| address.get(name).to_owned();
        let query = RepositoriesQuery {
            q: value("q"),
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
        Ok(view! {
            <Top shown=shown.clone()/>
            <Filters address=address.clone()/>
            <section class="stack" id="repositories" aria-label="Repositories" data-refresh="" data-topic=topic>
                <List address=address shown=shown/>
            </section>
            <ByName registry=name/>
        })
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
    let actions = view! { <a class="button" href=to(&connection)>"Open connection"</a> };
    view! {
        <Head title=name.clone() crumbs=vec![Crumb::new("Registries", "/")] facts=facts.into_any() actions=actions.into_any()/>
        {(!shown.description.is_empty()).then(|| view! { <p class="quiet">{shown.description}</p> })}
        <nav class="tabs" aria-label=name.clone()>
            <a href=to(&place::registry_path(&name)) aria-current="page">"Repositories "<span><Count count=shown.totals.repositories/></span></a>
            <a href=to(&format!("{connection}/use"))>"Use this registry"</a>
            <a href=to(&connection)>"Connection"</a>
        </nav>
    }
}

/// The form that filters.
#[component]
fn Filters(
    /// The list.
    address: Address,
) -> impl IntoView {
    let flat = address.get("view") == "flat";
    view! {
        <form class="filters" method="get" action=address.only(&[]).href()>
            {address.hidden(&["sort", "order"])}
            <label class="wide">"Name"
                <input name="q" type="search" value=address.get("q").to_owned() placeholder="any part, such as payments/" data-filter=""
                    spellcheck="false" autocomplete="off"/>
            </label>
            <label>"Show"
                <select name="view"><option value="">"by namespace"</option><option value="flat" selected=flat>"flat"</option></select>
            </label>
            <button>"Filter"</button>
        </form>
    }
}

/// How much there is and how fresh, the rows, and the way to the others.
#[component]
fn List(
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
    let q = address.get("q").to_owned();
    let chip = (!q.is_empty())
        .then(|| view! { <Chip word=format!("like {}", text::visible(&q, 60)) href=address.with("q", "").href()/> });
    let total = shown.totals.repositories;
    let by_name = shown.by_name.then(|| view! {
        <p class="note">"This registry does not list its repositories to us. Here are those that were opened by name."</p>
    });
    let odd = shown.odd.clone();
    view! {
        {trouble}
        {(total > 0).then(|| view! {
            <p class="cluster">
                <span><b>{format!("{}{plus}", text::count(shown.matching.number))}</b>{format!(" of {}", text::counted(total, "repository", "repositories"))}</span>
                {chip}
                <span class="note push">
                    {shown.reading.then(|| view! { <State tone=Tone::Accent word="Reading"/> " " })}
                    {as_of.map(|at| view! { "as of " <When at=at/> " " <a href=address.href()>"Refresh"</a> })}
                </span>
            </p>
        })}
        {by_name}
        {if empty {
            view! { <Nothing shown=shown q=q/> }.into_any()
        } else {
            view! { <Table address=address shown=shown/> }.into_any()
        }}
        <Odd names=odd what="repository"/>
    }
}

#[component]
fn Table(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let sorted = shown.sorted;
    let registry = shown.registry.clone();
    let plus = if shown.matching.exact { "" } else { "+" };
    let rows: usize = shown.groups.iter().map(|group| group.rows.len()).sum();
    let text = format!("{rows} of {}{plus} repositories", text::count(shown.matching.number));
    let previous = shown.previous.map(|place| address.with("before", &place).href());
    let next = shown.next.map(|place| address.with("after", &place).href());
    let groups = shown.groups.into_iter().map(|group| {
        view! { <Rows group=group grouped=shown.grouped registry=registry.clone()/> }
    });
    view! {
        <table data-fold="">
            <thead>
                <tr>
                    <SortHead address=address.clone() key="name" sorted=sorted word="Repository"/>
                    <SortHead address=address.clone() key="tags" sorted=sorted word="Tags" largest_first=true num=true/>
                    <SortHead address=address key="newest" sorted=sorted word="Newest built" largest_first=true num=true/>
                    <th scope="col" class="num">"Tags as of"</th>
                    <th scope="col"><span class="sr">"Take from the list"</span></th>
                </tr>
            </thead>
            {groups.collect_view()}
        </table>
        <Pager shown=text previous=previous next=next/>
    }
}

/// Repositories below one first component, with a heading where they are grouped.
#[component]
fn Rows(
    /// Which.
    group: Group,
    /// Is the list grouped?
    grouped: bool,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let key =
        group.name.clone().unwrap_or_else(|| group.rows.first().map(|row| row.name.to_string()).unwrap_or_default());
    let heading = group.name.filter(|_| grouped).map(|name| {
        let below = Address::new(place::registry_path(registry.as_str()), vec![("q", format!("{name}/"))]).href();
        let count = group.count.map(|count| text::counted(count, "repository", "repositories"));
        view! {
            <tr class="group" data-key=format!("group-{name}")>
                <th scope="rowgroup"><a class="mono" href=below>{format!("{name}/")}</a></th>
                <td colspan="4" class="note num">{count}</td>
            </tr>
        }
    });
    let rows = group.rows.into_iter().map(|row| view! { <Row row=row registry=registry.clone()/> });
    view! { <tbody data-key=key>{heading}{rows.collect_view()}</tbody> }
}

#[component]
fn Row(
    /// Which.
    row: RepositoryRow,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let href = place::repository(registry.as_str(), &row.name);
    let namespace =
        row.name.namespace().map(|namespace| view! { <span class="quiet">{format!("{namespace}/")}</span> });
    let (last, name) = (row.name.last().to_owned(), row.name.to_string());
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{namespace}{last}</a></th>
            <td class="num" data-label="tags">{match row.tags {
                Some(count) => view! { <Count count=count/> }.into_any(),
                None => view! { <span class="note">"not counted yet"</span> }.into_any(),
            }}</td>
            <td class="note num" data-label="newest built">{row.newest.map(|at| view! { <When at=at/> })}</td>
            <td class="note num" data-label="tags as of" data-fold="hide">{row.listed_at.map(|at| view! { <When at=at/> })}</td>
            <td class="num">{row.entered.then(|| view! {
                <PostForm action="/do/repository-forget">
                    <input type="hidden" name="registry" value=registry.to_string()/>
                    <input type="hidden" name="repository" value=name.clone()/>
                    <button data-tone="plain" data-size="small" aria-label=format!("Take {name} from the list")>"Take from the list"</button>
                </PostForm>
            })}</td>
        </tr>
    }
}

/// Nothing to show, and what to do next.
#[component]
fn Nothing(
    /// What there is.
    shown: Shown,
    /// The filter.
    q: String,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let never = shown.catalogue.is_none();
    view! {
        <div class="empty stack">
            {if !q.is_empty() && shown.totals.repositories > 0 {
                view! {
                    <h2>"No repository of " <code>{name.clone()}</code> " is like " <code>{text::visible(&q, 100)}</code></h2>
                    <p>{text::counted(shown.totals.repositories, "repository was looked at.", "repositories were looked at.")}</p>
                    <p class="actions"><a class="button" href=to(&place::registry_path(&name))>"Clear the filter"</a></p>
                }.into_any()
            } else if shown.by_name {
                view! {
                    <h2>"Open a repository by its name"</h2>
                    <p>"The registry answered, and does not list its repositories to us: hosted ones never do, others need an account that may. What you open by name below stays in this list."</p>
                }.into_any()
            } else if shown.reading {
                view! {
                    <h2>"Reading " <code>{name.clone()}</code></h2>
                    <p>"The registry takes its time. Its repositories show here by themselves; without scripts, reload the page."</p>
                }.into_any()
            } else if never {
                view! {
                    <h2>"Nothing of " <code>{name.clone()}</code> " is known yet"</h2>
                    <p>"It was never read. Above stands what stopped it."</p>
                    <p class="actions"><a class="button" href=to(&place::registry_path(&name))>"Try again"</a></p>
                }.into_any()
            } else {
                let commands = format!("docker tag hello-world {0}/hello-world\ndocker push {0}/hello-world", shown.address);
                view! {
                    <h2>"No repositories in " <code>{name.clone()}</code></h2>
                    <p>"A registry lists a repository after the first push to it. Push one, and it stands here at the next look:"</p>
                    <crate::parts::TextCommand text=commands what="push commands"/>
                }.into_any()
            }}
        </div>
    }
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
