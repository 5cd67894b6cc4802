//! An image by tag or digest: what it is, how to pull it, what it is made of, what refers to it.

mod artifact;
mod attestations;
mod config;
mod labels;
mod layers;
mod pulls;
mod raw;
mod referrers;
mod standing;
mod tabs;
mod troubles;

use crate::{
    api,
    base::to,
    context::tell,
    parts::{Bytes, Crumb, DigestText, Head, When, list::Address, page, place},
};
use artifact::{ChartFacts, Contents};
use attestations::Attestations;
use config::ConfigFacts;
use domain::{Kind, Reference, RepositoryName, manifest::Document, text};
use labels::Labels;
use layers::Layers;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::error::{Kind as Stop, WayOut};
use operations::images::{Image, Manifest, Part, View};
use pulls::Pulls;
use raw::RawDocument;
use referrers::ReferrersTable;
use standing::Standing;
use tabs::Tabs;
use troubles::{Gone, Needs, NotThere, PartTrouble, Unreadable};

/// The page of a tag.
#[component]
pub fn ByTag() -> impl IntoView {
    shown("tag", |text| Ok(Reference::Tag(text.parse()?)))
}

/// The page of a digest.
#[component]
pub fn ByDigest() -> impl IntoView {
    shown("digest", |text| Ok(Reference::Digest(text.parse()?)))
}

fn shown(name: &'static str, read: fn(&str) -> Result<Reference, domain::InvalidName>) -> impl IntoView {
    let params = use_params_map().get_untracked();
    let of = |key: &str| params.get_str(key).unwrap_or_default().to_owned();
    let (registry, repository, reference) = (of("registry"), of("repository"), of(name));
    let query = use_query_map().get_untracked();
    let view = view_of(query.get_str("show"), query.get_str("platform"));
    page(async move {
        let invalid = |error: domain::InvalidName| crate::parts::nothing(error.0);
        let repository = RepositoryName::from_segment(&repository).map_err(invalid)?;
        let reference = read(&reference).map_err(invalid)?;
        match api::images::image(&registry, &repository, &reference, &view).await {
            Ok(image) => Ok(view! { <Whole image=image view=view/> }.into_any()),
            Err(error) if error.kind == Stop::NotFound && matches!(error.way_out, Some(WayOut::Repository(..))) => {
                tell(&error);
                Ok(view! { <NotThere registry=registry repository=repository reference=reference error=error/> }
                    .into_any())
            }
            Err(error) => Err(error),
        }
    })
}

fn view_of(show: Option<&str>, platform: Option<&str>) -> View {
    match (show, platform) {
        (Some("attestations"), _) => View::Attestations,
        (Some("raw"), _) => View::Raw,
        (_, Some(platform)) => View::Platform(platform.to_owned()),
        _ => View::Image,
    }
}

/// The path of this image's page, without the base.
fn own_path(image: &Image) -> String {
    let repository = place::repository_path(image.registry.as_str(), &image.repository);
    match &image.reference {
        Reference::Tag(tag) => format!("{repository}/tags/{tag}"),
        Reference::Digest(digest) => format!("{repository}/manifests/{digest}"),
    }
}

/// The address of a document byte by byte.
fn raw_address(image: &Image, digest: &domain::Digest) -> String {
    to(&format!("/raw/{}/{}/{digest}", image.registry, image.repository.to_segment()))
}

fn full_name(image: &Image, reference: &Reference) -> String {
    let separator = if matches!(reference, Reference::Tag(_)) { ':' } else { '@' };
    format!("{}/{}{separator}{reference}", image.registry, image.repository)
}

#[component]
fn Whole(
    /// What there is to show.
    image: Image,
    /// Which part of it.
    view: View,
) -> impl IntoView {
    let path = own_path(&image);
    let index = image.document.index().is_some();
    let unknown = matches!(image.document, Document::Unknown { .. });
    view! {
        <Top image=image.clone()/>
        <Standing image=image.clone()/>
        {(!unknown).then(|| view! { <Pulls image=image.clone()/> })}
        {unknown.then(|| view! { <Unreadable image=image.clone()/> })}
        {index.then(|| view! { <Tabs image=image.clone() view=view.clone() path=path.clone()/> })}
        {match (index, &view) {
            (true, View::Attestations) => view! { <Attestations image=image/> }.into_any(),
            (true, View::Raw) => view! { <IndexRaw image=image/> }.into_any(),
            _ => view! { <Body image=image/> }.into_any(),
        }}
    }
}

/// The way down to an image of this repository.
fn crumbs(registry: &str, repository: &RepositoryName) -> Vec<Crumb> {
    vec![
        Crumb::new("Registries", "/"),
        Crumb::new(registry, &place::registry_path(registry)),
        Crumb::new(repository.to_string(), &place::repository_path(registry, repository)),
    ]
}

/// The head: where, what, its few facts.
#[component]
fn Top(
    /// The image.
    image: Image,
) -> impl IntoView {
    let registry = image.registry.to_string();
    let crumbs = crumbs(&registry, &image.repository);
    let (title, what) = match &image.reference {
        Reference::Tag(tag) => (format!("{}:{tag}", image.repository), tag.to_string().into_any()),
        Reference::Digest(digest) => {
            let (start, end) = digest.short();
            (format!("{}@{start}…{end}", image.repository), view! { <DigestText digest=digest.clone()/> }.into_any())
        }
    };
    let separator = if matches!(image.reference, Reference::Tag(_)) { ":" } else { "@" };
    let siblings: Vec<String> = image.siblings.iter().take(8).map(ToString::to_string).collect();
    let more = image.siblings.len().saturating_sub(8);
    let heading = view! {
        <span class="quiet">{image.repository.to_string()}{separator}</span>{what}
        {(!siblings.is_empty()).then(|| view! {
            " " <span class="same">{siblings.join(" ")}{(more > 0).then(|| format!(" and {more} more"))}</span>
        })}
    };
    let compare = Address::new(
        "/compare",
        vec![
            (
                "a",
                image.previous.as_ref().map(|tag| full_name(&image, &Reference::Tag(tag.clone()))).unwrap_or_default(),
            ),
            ("b", full_name(&image, &image.reference)),
        ],
    );
    let word = image.previous.as_ref().map_or_else(|| "Compare".to_owned(), |tag| format!("Compare with {tag}"));
    let history = match &image.reference {
        Reference::Tag(tag) => {
            let path = format!("{}/history", place::repository_path(image.registry.as_str(), &image.repository));
            Some(Address::new(path, vec![("tag", tag.to_string())]).href())
        }
        Reference::Digest(_) => None,
    };
    let actions = view! {
        {history.map(|href| view! { <a class="button" href=href>"History"</a> })}
        <a class="button" href=compare.href()>{word}</a>
    };
    view! { <Head title=title heading=heading.into_any() crumbs=crumbs facts=facts(&image) actions=actions.into_any()/> }
}

fn facts(image: &Image) -> AnyView {
    let summary = &image.summary;
    let platforms = image.entries.iter().filter(|entry| entry.is_platform()).count() as u64;
    let what = match summary.kind {
        Kind::Index if platforms > 0 => {
            view! { <span>"index of " <b>{text::count(platforms)}</b> {if platforms == 1 { " platform" } else { " platforms" }}</span> }.into_any()
        }
        Kind::Image => view! { <span>"image" {summary.platforms.first().map(|name| format!(" for {name}"))}</span> }.into_any(),
        kind => view! { <span>{kind.as_str()}</span> }.into_any(),
    };
    let size = summary.size;
    let subject = summary.subject.clone();
    let (registry, repository) = (image.registry.to_string(), image.repository.clone());
    view! {
        {what}
        <span><DigestText digest=image.digest.clone() copy=true/></span>
        {(size > 0).then(|| view! { <span><b><Bytes count=size/></b></span> })}
        {summary.created.map(|at| view! { <span>"built " <When at=at/></span> })}
        {subject.map(|subject| {
            let href = place::manifest(&registry, &repository, &subject);
            view! { <span>"refers to " <a href=href><DigestText digest=subject/></a></span> }
        })}
    }
    .into_any()
}

/// The manifest shown, beside what it says of itself.
#[component]
fn Body(
    /// The image.
    image: Image,
) -> impl IntoView {
    let gone = image.entries.iter().any(operations::images::Entry::is_gone);
    let parts = match image.shown.clone() {
        Part::Here(manifest) => view! { <Shown image=image.clone() manifest=*manifest/> }.into_any(),
        Part::Failed(trouble) => view! { <PartTrouble what="This part of the index could not be read." trouble=trouble/> <ReferrersTable image=image.clone()/> }.into_any(),
        Part::Needs(permission) => view! { <Needs permission=permission/> }.into_any(),
        Part::None => view! { <ReferrersTable image=image.clone()/> }.into_any(),
    };
    view! {
        {gone.then(|| view! { <Gone image=image/> })}
        {parts}
    }
}

#[component]
fn Shown(
    /// The image.
    image: Image,
    /// The manifest shown.
    manifest: Manifest,
) -> impl IntoView {
    let notes: Vec<String> = manifest.document.notes().to_vec();
    let unknown = matches!(manifest.document, Document::Unknown { .. });
    let container = matches!(manifest.document, Document::Image(_) | Document::Schema1(_));
    let aside = container || !matches!(manifest.chart, Part::None) || !manifest.document.annotations().is_empty();
    let raw = raw_address(&image, &manifest.digest);
    let main = view! {
        <div class="stack" data-gap="wide">
            {(!notes.is_empty() && !unknown).then(|| view! {
                <div class="notice" data-tone="warn"><crate::parts::Icon name="alert"/>
                    {notes.into_iter().take(10).map(|note| view! { <p>{text::visible(&note, 300)}</p> }).collect_view()}
                </div>
            })}
            {if container {
                view! { <Layers manifest=manifest.clone()/> }.into_any()
            } else {
                view! { <Contents manifest=manifest.clone()/> }.into_any()
            }}
            <ReferrersTable image=image.clone()/>
            <RawDocument raw=manifest.raw.clone() what="manifest" href=raw.clone() open=unknown/>
        </div>
    };
    if !aside {
        return main.into_any();
    }
    let annotations = manifest.document.annotations().to_vec();
    let of_index = image.document.index().map(|index| index.annotations.clone()).unwrap_or_default();
    view! {
        <div class="split" data-side="narrow">
            {main}
            <aside class="stack sided" data-gap="wide">
                {container.then(|| view! { <ConfigFacts config=manifest.config.clone()/> })}
                <ChartFacts chart=manifest.chart.clone()/>
                {manifest.config.here().map(|config| view! { <Labels id="labels" title="Labels" pairs=config.labels.clone()/> })}
                <Labels id="annotations" title="Annotations" pairs=annotations/>
                <Labels id="index-annotations" title="Annotations of the index" pairs=of_index/>
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn IndexRaw(
    /// The image.
    image: Image,
) -> impl IntoView {
    let href = raw_address(&image, &image.digest);
    view! { <RawDocument raw=image.raw what="index" href=href open=true/> }
}
