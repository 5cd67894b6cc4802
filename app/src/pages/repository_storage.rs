//! What a repository stores: its sum, what each tag would free, and its largest layers.

use crate::{
    api,
    parts::{
        Address, Bytes, Count, DigestText, Pager, SortHead, When, chart,
        chart::{Bar, Growth},
        covered::CoveredNote,
        layer_table::LayerTable,
        page, place,
        repository_head::{RepositoryHead, named},
        tabs::RepositoryTab,
    },
};
use domain::{RegistryName, RepositoryName, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::storage::{RepositoryStorage as Shown, RepositoryStorageQuery, TagRow};

/// What the address says of the list.
const NAMES: [&str; 5] = ["q", "sort", "order", "after", "before"];

/// The page.
#[component]
pub fn RepositoryStorage() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let (registry, segment) =
        (params.get("registry").unwrap_or_default(), params.get("repository").unwrap_or_default());
    let address = Address::here(format!("/registries/{registry}/{segment}/storage"), &NAMES);
    page(async move {
        let repository = named(&segment)?;
        let value = |name: &str| address.get(name).to_owned();
        let query = RepositoryStorageQuery {
            q: value("q"),
            sort: value("sort"),
            order: value("order"),
            after: value("after"),
            before: value("before"),
        };
        let shown = api::storage::repository_storage(&registry, &repository, &query).await?;
        let topic = shown.topic.clone();
        let (bytes, covered) = (shown.bytes, shown.covered);
        let facts = view! {
            <span><b><Bytes count=bytes.total/></b>", "<b><Bytes count=bytes.exclusive/></b>" of it held by nothing else"</span>
            <CoveredNote covered=covered/>
            {shown.as_of.map(|at| view! { <span>"tags as of "<When at=at/></span> })}
        };
        Ok(view! {
            <RepositoryHead registry=shown.registry.clone() repository=repository current=RepositoryTab::Storage tags=Some(covered.tags) facts=facts.into_any()/>
            <div class="stack" data-gap="wide" id="storage" data-refresh="" data-topic=topic>
                {if covered.read == 0 {
                    view! { <Nothing shown=shown/> }.into_any()
                } else {
                    view! { <All address=address shown=shown/> }.into_any()
                }}
            </div>
        })
    })
}

#[component]
fn All(
    /// The page's address.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let points =
        shown.growth.iter().map(|sample| chart::Point { at: sample.at(), bytes: sample.bytes }).collect::<Vec<_>>();
    let registry = shown.registry.clone();
    let layers = shown.layers.clone();
    let bytes = shown.bytes;
    view! {
        <div class="split" data-side="even">
            <section class="stack" aria-labelledby="sums">
                <h2 id="sums">"What is stored"</h2>
                <table>
                    <thead class="sr"><tr><th scope="col">"Blobs"</th><th scope="col">"Share"</th><th scope="col">"Bytes"</th></tr></thead>
                    <tbody>
                        <tr><th scope="row">"Freed if the repository went"</th><td><Bar part=bytes.exclusive whole=bytes.total accent=true/></td><td class="num"><Bytes count=bytes.exclusive/></td></tr>
                        <tr><th scope="row">"Shared with other repositories"</th><td><Bar part=bytes.shared() whole=bytes.total/></td><td class="num"><Bytes count=bytes.shared()/></td></tr>
                    </tbody>
                    <tfoot><tr><th scope="row" colspan="2">"Stored"</th><td class="num" data-label="bytes"><Bytes count=bytes.total/></td></tr></tfoot>
                </table>
            </section>
            <div class="sided"><Growth points=points heading="Stored bytes, one year"/></div>
        </div>
        <Tags address=address shown=shown/>
        <section class="stack" aria-labelledby="layers">
            <h2 id="layers">"Largest layers"</h2>
            {layers.cut.then(|| view! { <p class="note">"This repository has very many layers. These are the largest of 60,000 that were looked at."</p> })}
            <LayerTable layers=layers.layers registry=registry/>
        </section>
    }
}

#[component]
fn Tags(
    /// The page's address.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let (registry, repository, sorted) = (shown.registry.clone(), shown.repository.clone(), shown.sorted);
    let plus = if shown.matching.exact { "" } else { "+" };
    let text = format!("{} of {}{plus} tags", shown.tags.rows.len(), text::count(shown.matching.number));
    let previous = shown.tags.previous.clone().map(|at| address.with("before", &at).href());
    let next = shown.tags.next.clone().map(|at| address.with("after", &at).href());
    let largest = shown.tags.rows.iter().filter_map(|row| row.bytes).map(|bytes| bytes.total).max().unwrap_or_default();
    let rows = shown.tags.rows.into_iter();
    let rows = rows
        .map(|row| view! { <Row row=row registry=registry.clone() repository=repository.clone() largest=largest/> });
    view! {
        <section class="stack" aria-labelledby="tags">
            <h2 id="tags">"Tags"</h2>
            <p class="note">"A tag frees its image if no other tag and no index here names it, and of that what nothing else in the registry holds."</p>
            <form class="filters" method="get" action=address.only(&[]).href()>
                {address.hidden(&["sort", "order"])}
                <label class="wide">"Tag"
                    <input name="q" type="search" value=address.get("q").to_owned() placeholder="any part" data-filter="" spellcheck="false" autocomplete="off"/>
                </label>
                <button>"Filter"</button>
            </form>
            <table data-fold="">
                <thead>
                    <tr>
                        <SortHead address=address.clone() key="name" sorted=sorted word="Tag"/>
                        <th scope="col">"Digest"</th>
                        <SortHead address=address.clone() key="created" sorted=sorted word="Built" largest_first=true num=true/>
                        <th scope="col"><span class="sr">"Share"</span></th>
                        <th scope="col" class="num">"Freed if gone"</th>
                        <th scope="col" class="num">"Shared"</th>
                        <SortHead address=address key="size" sorted=sorted word="Stored" largest_first=true num=true/>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <Pager shown=text previous=previous next=next/>
        </section>
    }
}

#[component]
fn Row(
    /// Which.
    row: TagRow,
    /// In which registry.
    registry: RegistryName,
    /// In which repository.
    repository: RepositoryName,
    /// The largest of the page.
    largest: u64,
) -> impl IntoView {
    let href = place::tag(registry.as_str(), &repository, &row.tag);
    let others = (row.others > 0).then(|| {
        let others = text::counted(row.others, "other tag", "other tags");
        view! { " " <span class="note">{format!("with {others}")}</span> }
    });
    let cells = match row.bytes {
        None => view! { <td colspan="4" class="note" data-fold="row">"not read yet"</td> }.into_any(),
        Some(bytes) => view! {
            <td data-fold="hide"><Bar part=bytes.exclusive whole=largest accent=true/></td>
            <td class="num" data-label="freed if gone"><Bytes count=bytes.exclusive/></td>
            <td class="num" data-label="shared" data-fold="hide"><Bytes count=bytes.shared()/></td>
            <td class="num" data-label="stored"><Bytes count=bytes.total/></td>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{row.tag.to_string()}</a>{others}</th>
            <td class="nowrap" data-fold="hide">{row.digest.map(|digest| view! { <DigestText digest=digest/> })}</td>
            <td class="note num nowrap" data-label="built" data-fold="hide">{row.created.map(|at| view! { <When at=at/> })}</td>
            {cells}
        </tr>
    }
}

/// Nothing is read yet.
#[component]
fn Nothing(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let path = place::repository(shown.registry.as_str(), &shown.repository);
    let name = shown.repository.to_string();
    let empty = shown.as_of.is_some() && shown.covered.tags == 0;
    view! {
        <section class="empty stack" aria-labelledby="none">
            <h2 id="none">{if empty { "No tags in " } else { "Nothing is read yet of " }}<code>{name}</code></h2>
            <p>{if empty {
                view! { "What stands behind no tag is not counted here." }.into_any()
            } else {
                view! { <Count count=shown.covered.tags/> " tags are known. Sizes stand in manifests; open the tags to have them read." }.into_any()
            }}</p>
            <p class="actions"><a class="button" href=path>"Open the tags"</a></p>
        </section>
    }
}
