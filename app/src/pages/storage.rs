//! What a registry stores: its sums, how it grew, its namespaces and repositories, and its largest layers.

use crate::{
    api,
    base::to,
    parts::{
        Address, Bytes, Chip, Count, Crumb, Head, Pager, RiskBadge, SortHead, When, chart,
        chart::{Bar, Growth},
        covered::CoveredNote,
        layer_table::LayerTable,
        page, place,
        tabs::{RegistryTab, RegistryTabs},
    },
};
use domain::{RegistryName, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::storage::{NamespaceRow, RepositoryRow, Storage as Shown, StorageQuery};

/// What the address says of the page.
const NAMES: [&str; 7] = ["namespace", "sort", "order", "after", "before", "namespaces", "layers"];

/// The page.
#[component]
pub fn Storage() -> impl IntoView {
    let registry = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let address = Address::here(format!("/storage/{registry}"), &NAMES);
    page(async move {
        let value = |name: &str| address.get(name).to_owned();
        let query = StorageQuery {
            namespace: value("namespace"),
            sort: value("sort"),
            order: value("order"),
            after: value("after"),
            before: value("before"),
            namespaces: value("namespaces"),
            layers: value("layers"),
        };
        let shown = api::storage::storage(&registry, &query).await?;
        let topic = shown.topic.clone();
        Ok(view! {
            <Top shown=shown.clone()/>
            <div class="stack" data-gap="wide" id="storage" data-refresh="" data-topic=topic>
                {if shown.sums.covered.read == 0 {
                    view! { <Nothing shown=shown/> }.into_any()
                } else {
                    view! { <All address=address shown=shown/> }.into_any()
                }}
            </div>
        })
    })
}

/// What it is, and how much there is.
#[component]
fn Top(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let crumbs = vec![Crumb::new("Registries", "/"), Crumb::new(name.clone(), &place::registry_path(&name))];
    let facts = view! {
        <span><b><Bytes count=shown.sums.total/></b>" stored"<RiskBadge risk=shown.risk/></span>
        <span><Count count=shown.sums.covered.tags/>" tags in "{text::counted(shown.sums.repositories, "repository", "repositories")}</span>
        <CoveredNote covered=shown.sums.covered/>
    };
    view! {
        <Head title=format!("Storage of {name}") crumbs=crumbs facts=facts.into_any()/>
        <RegistryTabs registry=shown.registry current=RegistryTab::Storage repositories=shown.sums.repositories manage=shown.manage/>
    }
}

#[component]
fn All(
    /// The page's address.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let registry = shown.registry.clone();
    let points =
        shown.growth.iter().map(|sample| chart::Point { at: sample.at(), bytes: sample.bytes }).collect::<Vec<_>>();
    let layers = shown.layers.clone();
    let more = layers.next.map(|next| address.with("layers", &next).href());
    view! {
        <div class="split" data-side="even">
            <Sums shown=shown.clone()/>
            <div class="sided"><Growth points=points heading="Stored bytes, one year"/></div>
        </div>
        {(!shown.namespaces.rows.is_empty()).then(|| view! { <Namespaces address=address.clone() shown=shown.clone()/> })}
        <Repositories address=address shown=shown/>
        <section class="stack" aria-labelledby="layers">
            <h2 id="layers">"Largest layers"</h2>
            <LayerTable layers=layers.rows registry=registry/>
            {more.map(|href| view! { <p><a href=href>"Smaller ones"</a></p> })}
            <p class="note">"Layers of less than 1 MiB are not listed. Sizes are those that manifests tell."</p>
        </section>
    }
}

/// The sums, closed by what they make together.
#[component]
fn Sums(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let (total, unshared) = (shown.sums.total, shown.sums.unshared.min(shown.sums.total));
    let shared = total - unshared;
    view! {
        <section class="stack" aria-labelledby="sums">
            <h2 id="sums">"What is stored"</h2>
            <table>
                <thead class="sr"><tr><th scope="col">"Blobs"</th><th scope="col">"Share"</th><th scope="col">"Bytes"</th></tr></thead>
                <tbody>
                    <tr><th scope="row">"Held by one repository"</th><td><Bar part=unshared whole=total/></td><td class="num"><Bytes count=unshared/></td></tr>
                    <tr><th scope="row">"Shared by several"</th><td><Bar part=shared whole=total/></td><td class="num"><Bytes count=shared/></td></tr>
                </tbody>
                <tfoot><tr><th scope="row" colspan="2">"Stored"</th><td class="num" data-label="bytes"><Bytes count=total/></td></tr></tfoot>
            </table>
            <p class="note">"Each layer and configuration counts once, however many images share it. What no image names any more is not known to us, and not counted."</p>
        </section>
    }
}

#[component]
fn Namespaces(
    /// The page's address.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let registry = shown.registry.to_string();
    let as_of = shown.namespaces.rows.iter().map(|row| row.counted_at).min();
    let next = shown.namespaces.next.map(|next| address.with("namespaces", &next).href());
    let first = (!address.get("namespaces").is_empty()).then(|| address.with("namespaces", "").href());
    let total = shown.sums.total;
    let row = move |row: NamespaceRow| {
        let (key, word) = match row.name.as_str() {
            "" => ("/".to_owned(), "without a namespace".to_owned()),
            name => (name.to_owned(), format!("{name}/")),
        };
        let href = Address::new(format!("/storage/{registry}"), vec![("namespace", key)]).href();
        view! {
            <tr>
                <th scope="row"><a class="mono" href=href>{word}</a></th>
                <td class="num" data-label="repositories"><Count count=row.repositories/></td>
                <td class="num" data-label="tags" data-fold="hide"><Count count=row.covered.tags/></td>
                <td data-fold="hide"><Bar part=row.bytes.exclusive whole=total/></td>
                <td class="num" data-label="freed if gone"><Bytes count=row.bytes.exclusive/></td>
                <td class="num" data-label="shared" data-fold="hide"><Bytes count=row.bytes.shared()/></td>
                <td class="num" data-label="stored"><Bytes count=row.bytes.total/></td>
            </tr>
        }
    };
    view! {
        <section class="stack" aria-labelledby="namespaces">
            <div class="cluster">
                <h2 id="namespaces">"Namespaces"</h2>
                {as_of.map(|at| view! { <span class="note push">"counted "<When at=at/></span> })}
            </div>
            <table data-fold="">
                <thead>
                    <tr>
                        <th scope="col">"Namespace"</th><th scope="col" class="num">"Repositories"</th><th scope="col" class="num">"Tags"</th>
                        <th scope="col"><span class="sr">"Share"</span></th><th scope="col" class="num" aria-sort="descending">"Freed if gone"</th>
                        <th scope="col" class="num">"Shared"</th><th scope="col" class="num">"Stored"</th>
                    </tr>
                </thead>
                <tbody>{shown.namespaces.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
            {(first.is_some() || next.is_some()).then(|| view! {
                <p class="cluster">{first.map(|href| view! { <a href=href>"First namespaces"</a> })}{next.map(|href| view! { <a href=href>"More namespaces"</a> })}</p>
            })}
        </section>
    }
}

#[component]
fn Repositories(
    /// The page's address.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let registry = shown.registry.clone();
    let plus = if shown.matching.exact { "" } else { "+" };
    let text =
        format!("{} of {}{plus} repositories", shown.repositories.rows.len(), text::count(shown.matching.number));
    let previous = shown.repositories.previous.clone().map(|at| address.with("before", &at).href());
    let next = shown.repositories.next.clone().map(|at| address.with("after", &at).href());
    let chip = shown.namespace.as_ref().map(|name| {
        let word = if name.is_empty() { "without a namespace".to_owned() } else { format!("in {name}/") };
        view! { <p class="cluster"><Chip word=word href=address.with("namespace", "").href()/></p> }
    });
    let sum = shown.of_namespace.clone();
    let (sorted, total) = (shown.sorted, shown.sums.total);
    view! {
        <section class="stack" aria-labelledby="repositories">
            <h2 id="repositories">"Repositories"</h2>
            {chip}
            <table data-fold="">
                <thead>
                    <tr>
                        <SortHead address=address.clone() key="name" sorted=sorted word="Repository"/>
                        <th scope="col" class="num">"Tags"</th>
                        <th scope="col"><span class="sr">"Share"</span></th>
                        <SortHead address=address.clone() key="exclusive" sorted=sorted word="Freed if gone" largest_first=true num=true/>
                        <th scope="col" class="num">"Shared"</th>
                        <SortHead address=address key="total" sorted=sorted word="Stored" largest_first=true num=true/>
                    </tr>
                </thead>
                <tbody>{shown.repositories.rows.into_iter().map(|row| view! { <Row row=row registry=registry.clone() total=total/> }).collect_view()}</tbody>
                {sum.map(|sum| view! {
                    <tfoot>
                        <tr>
                            <th scope="row">"All of them together"</th>
                            <td class="num" data-label="tags"><Count count=sum.covered.tags/></td>
                            <td></td>
                            <td class="num" data-label="freed if gone"><Bytes count=sum.bytes.exclusive/></td>
                            <td class="num" data-label="shared"><Bytes count=sum.bytes.shared()/></td>
                            <td class="num" data-label="stored"><Bytes count=sum.bytes.total/></td>
                        </tr>
                    </tfoot>
                })}
            </table>
            <Pager shown=text previous=previous next=next/>
        </section>
    }
}

#[component]
fn Row(
    /// Which.
    row: RepositoryRow,
    /// In which registry.
    registry: RegistryName,
    /// What the registry stores.
    total: u64,
) -> impl IntoView {
    let href = to(&format!("{}/storage", place::repository_path(registry.as_str(), &row.name)));
    let namespace = row.name.namespace().map(|name| view! { <span class="quiet">{format!("{name}/")}</span> });
    let part = (row.listed && !row.covered.is_complete()).then(|| format!("{} % read", row.covered.percent()));
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{namespace}{row.name.last().to_owned()}</a>{part.map(|part| view! { " " <span class="note">{part}</span> })}</th>
            <td class="num" data-label="tags">{if row.listed {
                view! { <Count count=row.covered.tags/> }.into_any()
            } else {
                view! { <span class="note">"not read yet"</span> }.into_any()
            }}</td>
            <td data-fold="hide"><Bar part=row.bytes.exclusive whole=total/></td>
            <td class="num" data-label="freed if gone"><Bytes count=row.bytes.exclusive/></td>
            <td class="num" data-label="shared" data-fold="hide"><Bytes count=row.bytes.shared()/></td>
            <td class="num" data-label="stored"><Bytes count=row.bytes.total/></td>
        </tr>
    }
}

/// Nothing is read yet.
#[component]
fn Nothing(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let empty = shown.sums.covered.tags == 0 && shown.sums.listed > 0 && shown.sums.listed == shown.sums.repositories;
    view! {
        <section class="empty stack" aria-labelledby="none">
            {if empty {
                view! {
                    <h2 id="none">"Nothing is stored in " <code>{name.clone()}</code></h2>
                    <p>"Its repositories have no tags."</p>
                }.into_any()
            } else {
                view! {
                    <h2 id="none">"Nothing of " <code>{name.clone()}</code> " is read yet"</h2>
                    <p>"Sizes stand in manifests. They are read in the background, and what is read counts here."</p>
                }.into_any()
            }}
            <p class="actions"><a class="button" href=to(&place::registry_path(&name))>"Open the repositories"</a></p>
        </section>
    }
}
