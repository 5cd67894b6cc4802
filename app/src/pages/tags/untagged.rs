//! What a repository holds and no tag of it names.

use crate::{
    api,
    context::set_status,
    error::AppError,
    parts::{
        Address, Badge, Bytes, Chip, CopyButton, Count, DigestText, Pager, SortHead, When, place,
        repository_head::RepositoryHead, tabs::RepositoryTab,
    },
};
use domain::{
    RegistryName, RepositoryName,
    filters::{Referrers, field},
    text,
};
use leptos::prelude::*;
use operations::{
    Kind,
    untagged::{Untagged, UntaggedList, UntaggedQuery},
};

/// The page.
pub async fn page(registry: &str, repository: &RepositoryName, address: Address) -> Result<AnyView, AppError> {
    let value = |name: &str| address.get(name).to_owned();
    let query = UntaggedQuery {
        filters: address.filters(),
        sort: value("sort"),
        order: value("order"),
        after: value("after"),
        before: value("before"),
        limit: None,
    };
    let shown = api::tags::untagged(registry, repository, &query).await?;
    if !shown.errors.is_empty() {
        set_status(Kind::Invalid.status());
    }
    let errors: Vec<String> = shown.errors.0.iter().map(|error| error.message.clone()).collect();
    let facts = view! {
        <span><b><Count count=shown.tags/></b>{if shown.tags == 1 { " tag" } else { " tags" }}</span>
    };
    let topic = shown.topic.clone();
    Ok(view! {
        <RepositoryHead registry=shown.registry.clone() repository=shown.repository.clone() current=RepositoryTab::Tags tags=Some(shown.tags)
            facts=facts.into_any()/>
        {(!errors.is_empty()).then(|| view! { <p class="danger" role="alert">{errors.join(" ")}</p> })}
        <section class="stack" id="untagged" aria-label="Manifests without a tag" data-refresh="" data-topic=topic>
            <List address=address shown=shown/>
        </section>
    }
    .into_any())
}

#[component]
fn List(
    /// The list.
    address: Address,
    /// What it shows.
    shown: UntaggedList,
) -> impl IntoView {
    let plus = if shown.matching.exact { "" } else { "+" };
    let number = text::count(shown.matching.number);
    let (word, turned) = match shown.filters.referrers {
        Referrers::Hidden => ("without signatures and SBOMs", "shown"),
        Referrers::Shown | Referrers::Only => ("with signatures and SBOMs", ""),
    };
    let turned = address.with(field::REFERRERS, turned).href();
    let unread = shown.tags.saturating_sub(shown.read);
    let cover =
        (unread > 0).then(|| format!(" {} of {} tags are not read yet.", text::count(unread), text::count(shown.tags)));
    let sorted = (shown.sort, shown.descending);
    let empty = shown.rows.is_empty();
    let text = format!("{} of {number}{plus} manifests", shown.rows.len());
    let previous = shown.previous.map(|place| address.with("before", &place).href());
    let next = shown.next.map(|place| address.with("after", &place).href());
    let tags = place::repository(shown.registry.as_str(), &shown.repository);
    let rows = shown.rows.into_iter();
    let rows =
        rows.map(|row| view! { <Row row=row registry=shown.registry.clone() repository=shown.repository.clone()/> });
    view! {
        <div class="cluster">
            <span><b>{format!("{number}{plus}")}</b>" without a tag"</span>
            <Chip word="without a tag" href=address.only(&[]).href()/>
            <Chip word=word href=turned/>
            {shown.listed_at.map(|at| view! { <span class="note push">"as of " <When at=at/></span> })}
        </div>
        <p class="note">"Registries don’t list what has no tag: here is what was met, mostly where a tag moved on, and what no index of this repository holds."{cover}</p>
        {if empty {
            view! {
                <div class="empty stack">
                    <h2>"Nothing without a tag is known here"</h2>
                    <p class="actions"><a class="button" href=tags>"Show the tags"</a></p>
                </div>
            }.into_any()
        } else {
            view! {
                <table data-fold="">
                    <thead>
                        <tr>
                            <th scope="col">"Digest"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col">"Platforms"</th>
                            <SortHead address=address.clone() key="size" sorted=sorted word="Size" largest_first=true num=true/>
                            <SortHead address=address key="created" sorted=sorted word="Built" largest_first=true num=true/>
                            <th scope="col" class="num">"Without a tag since"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <Pager shown=text previous=previous next=next/>
            }.into_any()
        }}
    }
}

#[component]
fn Row(
    /// Which.
    row: Untagged,
    /// In which registry.
    registry: RegistryName,
    /// In which repository.
    repository: RepositoryName,
) -> impl IntoView {
    let href = place::manifest(registry.as_str(), &repository, &row.digest);
    let (whole, short) = (row.digest.to_string(), row.digest.short().0.to_owned());
    let (kind, platforms, size, created) = match row.summary {
        Some(summary) => (summary.kind.as_str(), summary.platforms, Some(summary.size), summary.created),
        None => ("not read", Vec::new(), None, None),
    };
    let mut platforms: Vec<String> = platforms.iter().take(5).map(|platform| text::visible(platform, 30)).collect();
    if platforms.is_empty() {
        platforms.push("not told".to_owned());
    }
    view! {
        <tr>
            <th scope="row" class="nowrap"><a href=href><DigestText digest=row.digest/></a> <CopyButton text=whole what=format!("digest {short}")/></th>
            <td class="note nowrap">{kind}{row.inferred.then(|| view! { " " <Badge word="was in an index that left"/> })}</td>
            <td class="note">{platforms.join(" ")}</td>
            <td class="num nowrap">{size.map(|size| view! { <Bytes count=size/> })}</td>
            <td class="note num nowrap" data-label="built">{match created {
                Some(at) => view! { <When at=at/> }.into_any(),
                None => "not told".into_any(),
            }}</td>
            <td class="note num nowrap" data-label="since">{match row.since {
                Some(at) => view! { <When at=at/> }.into_any(),
                None => "not seen with one".into_any(),
            }}</td>
        </tr>
    }
}
