//! The hits, a table for each kind.

use super::{
    SearchAddress,
    marked::{marked, marked_name},
};
use crate::{
    base::to,
    parts::{Badge, Bytes, CopyButton, DigestText, When, place},
};
use domain::{Digest, text};
use leptos::prelude::*;
use operations::search::{
    BaseHit, Because, DigestFound, Hits, ImageFound, ImagesFound, Kind, LabelHit, RepositoryFound, Thing, Why,
};

/// How many were found: with a plus where there may be more.
pub fn count<T>(hits: &Hits<T>) -> String {
    format!("{}{}", text::count(hits.found as u64), if hits.cut { "+" } else { "" })
}

/// A kind's heading, table and the way to all of them.
fn group<T>(
    kind: Kind,
    title: impl IntoView + 'static,
    hits: &Hits<T>,
    address: &SearchAddress,
    head: [&'static str; 4],
    rows: impl IntoView + 'static,
) -> AnyView {
    let id = kind.as_str();
    let shown = hits.rows.len();
    let what = match (address.chosen(kind), shown < hits.found || hits.cut) {
        (_, false) => None,
        (false, true) => Some(
            view! { <p><a href=address.of_kind(Some(kind))>"More of the " {count(hits)} " " {word(kind, hits.found)}</a></p> }.into_any(),
        ),
        (true, true) => Some(
            view! { <p class="note">{format!("These are the first {} of {}. A longer text finds less.", text::count(shown as u64), count(hits))}</p> }
                .into_any(),
        ),
    };
    view! {
        <section class="stack" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <table data-fold="">
                <thead class="sr"><tr>{head.map(|word| view! { <th scope="col">{word}</th> }).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {what}
        </section>
    }
    .into_any()
}

/// What a kind is called.
pub fn word(kind: Kind, count: usize) -> &'static str {
    match (kind, count == 1) {
        (Kind::Repositories, true) => "repository",
        (Kind::Repositories, false) => "repositories",
        (Kind::Tags, true) => "tag",
        (Kind::Tags, false) => "tags",
        (Kind::Digests, true) => "digest",
        (Kind::Digests, false) => "digests",
        (Kind::Labels, true) => "label",
        (Kind::Labels, false) => "labels",
        (Kind::Bases, true) => "base image",
        (Kind::Bases, false) => "base images",
        (Kind::Images, true) => "image",
        (Kind::Images, false) => "images",
    }
}

/// Repositories by name.
pub fn repositories(hits: &Hits<RepositoryFound>, asked: &str, address: &SearchAddress) -> AnyView {
    let rows = hits.rows.iter().map(|hit| {
        let href = place::repository(hit.registry.as_str(), &hit.name);
        let tags = hit.tags.map(|tags| {
            view! { {text::count(tags)} " " <span class="quiet">{if tags == 1 { "tag" } else { "tags" }}</span> }
        });
        view! {
            <tr>
                <th scope="row"><a class="mono" href=href>{marked_name(hit.name.as_str(), asked)}</a></th>
                <td class="note">{hit.registry.to_string()}</td>
                <td class="num">{tags}</td>
                <td class="note num">{hit.newest.map(|at| view! { "built " <When at=at/> })}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    group(Kind::Repositories, "Repositories", hits, address, ["Repository", "Registry", "Tags", "Newest image"], rows)
}

/// Tags by name.
pub fn tags(hits: &Hits<ImageFound>, asked: &str, address: &SearchAddress) -> AnyView {
    let rows = hits.rows.iter().map(|hit| image(hit, asked, None)).collect_view();
    group(Kind::Tags, "Tags", hits, address, ["Tag", "Digest", "Registry", "Built"], rows)
}

/// A row of an image: by its tag, else by its digest.
pub fn image(hit: &ImageFound, asked: &str, said: Option<AnyView>) -> AnyView {
    let registry = hit.registry.as_str();
    let name = match (&hit.tag, &hit.digest) {
        (Some(tag), _) => {
            let href = place::tag(registry, &hit.repository, tag);
            view! { <a class="mono" href=href><span class="quiet">{format!("{}:", hit.repository)}</span>{marked(tag.as_str(), asked)}</a> }.into_any()
        }
        (None, Some(digest)) => {
            let href = place::manifest(registry, &hit.repository, digest);
            let (start, end) = digest.short();
            view! { <a class="mono" href=href><span class="quiet">{format!("{}@", hit.repository)}</span>{format!("{start}…{end}")}</a> " " <Badge word="no tag"/> }.into_any()
        }
        (None, None) => {
            view! { <a class="mono" href=place::repository(registry, &hit.repository)>{hit.repository.to_string()}</a> }
                .into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">{name}{said}</th>
            <td class="nowrap">{hit.digest.clone().map(copied)}</td>
            <td class="note">{hit.registry.to_string()}</td>
            <td class="note num">{hit.created.map(|at| view! { <When at=at/> })}</td>
        </tr>
    }
    .into_any()
}

/// A digest with its button.
pub fn copied(digest: Digest) -> impl IntoView {
    let (whole, short) = (digest.to_string(), digest.short().0.to_owned());
    view! { <DigestText digest=digest/> <CopyButton text=whole what=format!("digest {short}")/> }
}

/// Manifests and blobs by digest: each leads to all places that hold it.
pub fn digests(hits: &Hits<DigestFound>, address: &SearchAddress) -> AnyView {
    let rows = hits.rows.iter().map(|hit| {
        let href = address.of_text(hit.digest.as_str());
        let what = match hit.thing {
            Thing::Manifest(kind) => kind.map_or("manifest, not read yet", domain::Kind::as_str),
            Thing::Blob => "layer or configuration",
        };
        let place = match &hit.tag {
            Some(tag) => format!("{}/{}:{tag}", hit.registry, hit.repository),
            None => format!("{}/{}", hit.registry, hit.repository),
        };
        let others = (hit.others > 0).then(|| format!(" and {} more", text::count(hit.others as u64)));
        view! {
            <tr>
                <th scope="row" class="nowrap"><a href=href><DigestText digest=hit.digest.clone() copy=false/></a></th>
                <td class="note">{what}</td>
                <td><span class="mono">{place}</span><span class="note">{others}</span></td>
                <td class="num">{hit.size.filter(|size| *size > 0).map(|size| view! { <Bytes count=size/> })}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    group(Kind::Digests, "Digests", hits, address, ["Digest", "What it is", "Where", "Size"], rows)
}

/// Labels and annotations: each leads to the images that have it.
pub fn labels(hits: &Hits<LabelHit>, asked: &str, address: &SearchAddress) -> AnyView {
    let (key, value) = asked.split_once('=').map_or((asked, asked), |(key, value)| (key.trim(), value.trim()));
    let rows = hits.rows.iter().map(|hit| {
        let href = address.of_text(&format!("label:{}={}", hit.key, hit.value));
        view! {
            <tr>
                <th scope="row" class="mono">{marked(&text::visible(&hit.key, 120), key)}</th>
                <td>{marked(&text::visible(&hit.value, 200), value)}</td>
                <td class="note">{if hit.annotation { "annotation" } else { "label" }}</td>
                <td class="note num"><a href=href>{images(hit.images, hit.more)}</a></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    group(Kind::Labels, "Labels and annotations", hits, address, ["Key", "Value", "Where it stands", "Held by"], rows)
}

/// Base images by name: each leads to the images that are built on it.
pub fn bases(hits: &Hits<BaseHit>, asked: &str, address: &SearchAddress) -> AnyView {
    let rows = hits.rows.iter().map(|hit| {
        let href = address.of_text(&format!("base:{}", hit.name));
        view! {
            <tr>
                <th scope="row" class="mono">{marked(&text::visible(&hit.name, 200), asked)}</th>
                <td></td><td></td>
                <td class="note num"><a href=href>{images(hit.images, hit.more)}</a></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    group(Kind::Bases, "Base images", hits, address, ["Base image", "", "", "Built on it"], rows)
}

fn images(count: usize, more: bool) -> String {
    format!("{}{} {}", text::count(count as u64), if more { "+" } else { "" }, word(Kind::Images, count))
}

/// Images that have what was asked for.
pub fn images_found(found: &ImagesFound, address: &SearchAddress) -> AnyView {
    let title = match &found.because {
        Because::Layer(digest) => {
            view! { "Images that contain the layer " <DigestText digest=digest.clone()/> }.into_any()
        }
        Because::Label(key, value) => {
            view! { "Images with " <code>{text::visible(&format!("{key}={value}"), 120)}</code> }.into_any()
        }
        Because::BuiltOn(digest) => view! { "Images built on " <DigestText digest=digest.clone()/> }.into_any(),
        Because::Said(name) => view! { "Images built on " <code>{text::visible(name, 120)}</code> }.into_any(),
    };
    if found.hits.rows.is_empty() {
        let none = match found.because {
            Because::Layer(_) => "No image that was read contains it.",
            Because::Label(..) => "No image that was read has it.",
            Because::BuiltOn(_) | Because::Said(_) => {
                "No image that was read begins with its layers, or says that it is built on it."
            }
        };
        return view! { <section class="stack" aria-labelledby="images"><h2 id="images">{title}</h2><p class="note">{none}</p></section> }.into_any();
    }
    let rows = found.hits.rows.iter().map(|(hit, why)| {
        let said = why.map(|why| {
            let word = match why {
                Why::Layers => "by its layers",
                Why::Said => "it says so",
            };
            view! { " " <span class="note">{word}</span> }.into_any()
        });
        image(hit, "", said)
    });
    let rows = rows.collect_view();
    group(Kind::Images, title, &found.hits, address, ["Image", "Digest", "Registry", "Built"], rows)
}

/// The address of a search for this text.
pub fn search_for(text: &str) -> String {
    let mut query = String::new();
    crate::parts::list::escape(&mut query, text);
    to(&format!("/search?q={query}"))
}
