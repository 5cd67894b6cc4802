//! The table of tags, whose ticked rows lead to a comparison.

use super::{Address, Badge, Bytes, CopyButton, DigestText, SortHead, State, Tone, When, place};
use crate::base::to;
use domain::{Kind, RegistryName, RepositoryName, Tag};
use leptos::prelude::*;
use operations::tags::TagRow;

/// As many platforms of one row are named.
const PLATFORMS: usize = 5;
/// As many other tags of one row are named.
const SIBLINGS: usize = 6;

/// The table in its form.
#[component]
pub fn TagTable(
    /// The list.
    address: Address,
    /// What it shows.
    rows: Vec<TagRow>,
    /// In which registry.
    registry: RegistryName,
    /// In which repository.
    repository: RepositoryName,
    /// The order.
    sorted: (&'static str, bool),
    /// Is something being read, so that rows will fill up?
    reading: bool,
) -> impl IntoView {
    let count = rows.len();
    let rows = rows
        .into_iter()
        .map(|row| view! { <Row row=row registry=registry.clone() repository=repository.clone() reading=reading/> });
    view! {
        <form action=to("/compare") method="get" class="stack">
            <table data-fold="">
                <thead>
                    <tr>
                        <th scope="col" class="pick"><input type="checkbox" data-all="" aria-label=format!("Pick all {count} on this page")/></th>
                        <TagHead address=address.clone() sorted=sorted/>
                        <th scope="col">"Digest"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Platforms"</th>
                        <SortHead address=address.clone() key="size" sorted=sorted word="Size" largest_first=true num=true/>
                        <SortHead address=address.clone() key="created" sorted=sorted word="Built" largest_first=true num=true/>
                        <SortHead address=address key="moved" sorted=sorted word="Moved" largest_first=true num=true/>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <div class="bulk" role="region" aria-label="What to do with the picked tags">
                <span><b class="picked"></b>" picked"</span>
                <span class="actions push"><button>"Compare"</button><small>"takes 2 tags"</small></span>
            </div>
        </form>
    }
}

/// The heading of the tags: they sort as text, or as the versions they read as.
#[component]
fn TagHead(
    /// The list.
    address: Address,
    /// The order.
    sorted: (&'static str, bool),
) -> impl IntoView {
    let state = matches!(sorted.0, "name" | "version").then_some(if sorted.1 { "descending" } else { "ascending" });
    let turned = |key: &'static str, first: bool| match (sorted.0 == key, sorted.1) {
        (true, now) if now == first => {
            address.with("sort", key).with("order", if first { "asc" } else { "desc" }).href()
        }
        _ => address.with("sort", key).with("order", "").href(),
    };
    let (name, version) = (turned("name", false), turned("version", true));
    let other = sorted.0 != "version";
    view! {
        <th scope="col" aria-sort=state>
            {other.then(|| view! { <a href=name.clone()>"Tag"</a> " " <a class="quiet" href=version.clone()>"by version"</a> })}
            {(!other).then(|| view! { <a href=version.clone()>"Tag, by version"</a> " " <a class="quiet" href=name.clone()>"by name"</a> })}
        </th>
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
    /// Will it fill up by itself?
    reading: bool,
) -> impl IntoView {
    let href = place::tag(registry.as_str(), &repository, &row.tag);
    let pick = format!("{registry}/{repository}:{}", row.tag);
    let name = row.tag.to_string();
    let moved = row.moved_at;
    let history = place::history(registry.as_str(), &repository, &row.tag);
    let name_of = name.clone();
    let known = row.kind.map(|kind| known(&row, kind).into_any());
    let unknown = known.is_none().then(|| unknown(row.problem.clone(), reading));
    let short = row.digest.as_ref().map(|digest| digest.short().0.to_owned());
    view! {
        <tr>
            <td class="pick"><input type="checkbox" name="pick" value=pick aria-label=format!("Pick {name}")/></td>
            <th scope="row"><a class="mono" href=href>{name}</a>" "<Same tags=row.siblings/></th>
            <td class="nowrap">{row.digest.zip(short).map(|(digest, short)| {
                let whole = digest.to_string();
                view! { <DigestText digest=digest/> <CopyButton text=whole what=format!("digest {short}")/> }
            })}</td>
            {known}
            {unknown}
            <td class="note num nowrap" data-label="moved" data-fold="hide">{match moved {
                Some(at) => view! { <a href=history><When at=at/><span class="sr">{format!(", history of {name_of}")}</span></a> }.into_any(),
                None => view! { <a class="aside" href=history aria-label=format!("history of {name_of}")>"history"</a> }.into_any(),
            }}</td>
        </tr>
    }
}

/// The other tags on the same digest.
#[component]
fn Same(
    /// Which.
    tags: Vec<Tag>,
) -> impl IntoView {
    let more = tags.len() > SIBLINGS;
    let names: Vec<String> = tags.into_iter().take(SIBLINGS).map(|tag| tag.to_string()).collect();
    let text = format!("{}{}", names.join(" "), if more { " …" } else { "" });
    (!names.is_empty()).then(|| view! { <span class="same">{text}</span> })
}

/// The cells of a tag that is read.
fn known(row: &TagRow, kind: Kind) -> impl IntoView + use<> {
    let plain = matches!(kind, Kind::Image | Kind::Index);
    let word = match (kind, &row.artifact_type) {
        (Kind::Artifact, Some(artifact)) => domain::manifest::artifact_name(artifact).unwrap_or("artifact").to_owned(),
        (kind, _) => kind.as_str().to_owned(),
    };
    let old = kind == Kind::Schema1;
    // A registry could name a thousand platforms in one index.
    let short = |platform: &String| domain::text::visible(platform.strip_prefix("linux/").unwrap_or(platform), 30);
    let mut platforms: Vec<String> = row.platforms.iter().take(PLATFORMS).map(short).collect();
    if row.platforms.len() > PLATFORMS {
        platforms.push(format!("and {} more", row.platforms.len() - PLATFORMS));
    }
    let platforms =
        if platforms.is_empty() { if plain { "not told" } else { "none" }.to_owned() } else { platforms.join(" ") };
    let (size, created) = (row.size, row.created);
    view! {
        <td class="note nowrap">
            {if plain { word.into_any() } else { view! { <Badge word=word/> }.into_any() }}
            {old.then(|| view! { " " <Badge word="new clients can’t pull it" tone=Tone::Warn/> })}
        </td>
        <td class="note">{platforms}</td>
        <td class="num nowrap">{size.filter(|_| !old).map(|size| view! { <Bytes count=size/> })}</td>
        <td class="note num nowrap" data-label="built">{match created {
            Some(at) => view! { <When at=at/> }.into_any(),
            None => "not told".into_any(),
        }}</td>
    }
}

/// The cells of a tag that is not read yet, or could not be.
fn unknown(problem: Option<String>, reading: bool) -> impl IntoView {
    view! {
        <td colspan="4" class="note" data-fold="row">{match problem {
            Some(problem) => view! { <State tone=Tone::Warn word=domain::text::visible(&problem, 160)/> }.into_any(),
            None if reading => view! { <State tone=Tone::Accent word="reading"/> }.into_any(),
            None => "not read yet".into_any(),
        }}</td>
    }
}
