//! The tags of all registries: the newest builds first, or by name.

use crate::{
    api,
    parts::{
        Address, Bytes, DigestText, SortHead, When,
        across::{around, asked},
        filters::Offer,
        page, place,
    },
};
use domain::{filters::List, text};
use leptos::prelude::*;
use operations::across::TagElsewhere;

/// The page.
#[component]
pub fn TagsAcross() -> impl IntoView {
    let address = Address::filtered("/tags", &["registry"]);
    page(async move {
        let Some(query) = asked(&address) else { return Ok(().into_any()) };
        let across = api::tags::tags_across(&query).await?;
        let sorted = across.sorted;
        let offer = Offer {
            list: List::Tags,
            address: address.clone(),
            errors: across.errors.clone(),
            name: ("Tag", "v4.*, pr-*, any part"),
            sorts: &[("newest", "newest build first"), ("name", "by name")],
            sorted: sorted.0,
            platforms: Vec::new(),
        };
        let table = |rows: Vec<TagElsewhere>| view! { <Table address=address rows=rows sorted=sorted/> }.into_any();
        Ok(around("Tags of all registries", ["tag", "tags"], offer, across, table))
    })
}

#[component]
fn Table(
    /// The list.
    address: Address,
    /// What it shows.
    rows: Vec<TagElsewhere>,
    /// The order.
    sorted: (&'static str, bool),
) -> impl IntoView {
    view! {
        <table data-fold="">
            <thead>
                <tr>
                    <SortHead address=address.clone() key="name" sorted=sorted word="Tag"/>
                    <th scope="col">"Registry"</th>
                    <th scope="col">"Digest"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Platforms"</th>
                    <th scope="col" class="num">"Size"</th>
                    <SortHead address=address key="newest" sorted=sorted word="Built" largest_first=true num=true/>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(
    /// Which.
    row: TagElsewhere,
) -> impl IntoView {
    let TagElsewhere { registry, repository, row } = row;
    let href = place::tag(registry.as_str(), &repository, &row.tag);
    let platforms: Vec<String> = row.platforms.iter().take(5).map(|platform| text::visible(platform, 30)).collect();
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href><span class="quiet">{format!("{repository}:")}</span>{row.tag.to_string()}</a></th>
            <td class="note">{registry.to_string()}</td>
            <td class="nowrap">{row.digest.map(|digest| view! { <DigestText digest=digest/> })}</td>
            <td class="note nowrap">{row.kind.map_or("not read yet", domain::Kind::as_str)}</td>
            <td class="note" data-fold="hide">{platforms.join(" ")}</td>
            <td class="num nowrap">{row.size.map(|size| view! { <Bytes count=size/> })}</td>
            <td class="note num nowrap" data-label="built">{row.created.map(|at| view! { <When at=at/> })}</td>
        </tr>
    }
}
