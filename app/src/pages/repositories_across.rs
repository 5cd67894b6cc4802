//! The repositories of all registries: by their newest build, or by name.

use crate::{
    api,
    parts::{
        Address, Bytes, Count, SortHead, When,
        across::{around, asked},
        filters::Offer,
        page, place,
    },
};
use domain::filters::List;
use leptos::prelude::*;
use operations::across::RepositoryElsewhere;

/// The page.
#[component]
pub fn RepositoriesAcross() -> impl IntoView {
    let address = Address::filtered("/repositories", &["registry"]);
    page(async move {
        let Some(query) = asked(&address) else { return Ok(().into_any()) };
        let across = api::repositories::repositories_across(&query).await?;
        let sorted = across.sorted;
        let offer = Offer {
            list: List::Repositories,
            address: address.clone(),
            errors: across.errors.clone(),
            name: ("Name", "payments/*, *-api, any part"),
            sorts: &[("newest", "newest build first"), ("name", "by name")],
            sorted: sorted.0,
            platforms: Vec::new(),
        };
        let table =
            |rows: Vec<RepositoryElsewhere>| view! { <Table address=address rows=rows sorted=sorted/> }.into_any();
        Ok(around("Repositories of all registries", ["repository", "repositories"], offer, across, table))
    })
}

#[component]
fn Table(
    /// The list.
    address: Address,
    /// What it shows.
    rows: Vec<RepositoryElsewhere>,
    /// The order.
    sorted: (&'static str, bool),
) -> impl IntoView {
    view! {
        <table data-fold="">
            <thead>
                <tr>
                    <SortHead address=address.clone() key="name" sorted=sorted word="Repository"/>
                    <th scope="col">"Registry"</th>
                    <th scope="col" class="num">"Tags"</th>
                    <th scope="col" class="num">"Freed if gone"</th>
                    <th scope="col" class="num">"Stored"</th>
                    <SortHead address=address key="newest" sorted=sorted word="Newest built" largest_first=true num=true/>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(
    /// Which.
    row: RepositoryElsewhere,
) -> impl IntoView {
    let RepositoryElsewhere { registry, row } = row;
    let href = place::repository(registry.as_str(), &row.name);
    let namespace =
        row.name.namespace().map(|namespace| view! { <span class="quiet">{format!("{namespace}/")}</span> });
    let whole = row.tags_listed_at.is_some() && row.unread == 0;
    let held = |bytes: u64| {
        (whole || bytes > 0).then(|| {
            view! { <Bytes count=bytes/>{(!whole).then(|| view! { <span class="quiet">" so far"</span> })} }
        })
    };
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{namespace}{row.name.last().to_owned()}</a></th>
            <td class="note">{registry.to_string()}</td>
            <td class="num" data-label="tags">{match row.tag_count {
                Some(count) => view! { <Count count=count/> }.into_any(),
                None => view! { <span class="note">"not counted yet"</span> }.into_any(),
            }}</td>
            <td class="num nowrap" data-label="freed if gone" data-fold="hide">{held(row.exclusive)}</td>
            <td class="num nowrap" data-label="stored">{held(row.bytes)}</td>
            <td class="note num nowrap" data-label="newest built">{row.newest.map(|at| view! { <When at=at/> })}</td>
        </tr>
    }
}
