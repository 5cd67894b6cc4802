//! What is no container image: charts, signatures, SBOMs, caches, and whatever else stands in a manifest.

use super::{
    layers::Share,
    troubles::{Needs, PartTrouble},
};
use crate::parts::{Bytes, DigestText, Json, first};
use domain::{
    annotations::safe_link,
    manifest::{Descriptor, artifact_name},
    text,
};
use leptos::prelude::*;
use operations::images::{Chart, Manifest, Part};

/// What the artifact holds, blob by blob.
#[component]
pub fn Contents(
    /// The manifest.
    manifest: Manifest,
) -> impl IntoView {
    let layers = manifest.document.layers().to_vec();
    // Some wrap what they make in an image's clothes: its configuration then says nothing.
    let config = manifest
        .document
        .config()
        .map(|config| config.media_type.clone())
        .filter(|_| manifest.document.image_config().is_none());
    let kind = manifest.document.artifact_type().map(str::to_owned).or(config).unwrap_or_default();
    let known = artifact_name(&kind).filter(|name| *name != "image");
    let largest = layers.iter().map(|layer| layer.size).max().unwrap_or(0);
    let (count, sum) =
        (layers.len() as u64, manifest.document.manifest().map_or(0, domain::manifest::ImageManifest::layers_size));
    let empty = layers.is_empty();
    let (layers, rest) = first(layers);
    view! {
        <section class="stack" aria-labelledby="contents">
            <div class="cluster">
                <h2 id="contents">"Contents"</h2>
                <span class="note push">{known.map(|name| format!("{name}, "))} <code>{text::visible(&kind, 120)}</code></span>
            </div>
            {if empty {
                view! { <p class="quiet">"It holds no blobs: what it has to say stands in its annotations."</p> }.into_any()
            } else {
                view! {
                    <table data-fold="">
                        <thead><tr><th scope="col">"What"</th><th scope="col">"Digest"</th><th scope="col" class="num">"Size"</th>
                            <th scope="col"><span class="sr">"Share"</span></th><th scope="col">"Media type"</th></tr></thead>
                        <tbody>{layers.into_iter().map(|layer| row(layer, largest)).collect_view()}</tbody>
                        <tfoot><tr><th scope="row">{text::counted(count, "blob", "blobs")}</th><td></td>
                            <td class="num"><Bytes count=sum/></td><td></td><td></td></tr></tfoot>
                    </table>
                    {rest.map(|rest| view! { <p class="note">{rest}</p> })}
                }.into_any()
            }}
            {match manifest.text {
                Part::Here(raw) => view! {
                    <details><summary>{format!("Its configuration, {} bytes", text::count(raw.size as u64))}</summary>
                        <Json text=raw.text what="configuration"/></details>
                }.into_any(),
                Part::Failed(trouble) => view! { <PartTrouble what="Its configuration could not be read." trouble=trouble/> }.into_any(),
                Part::Needs(permission) => view! { <Needs permission=permission/> }.into_any(),
                Part::None => ().into_any(),
            }}
        </section>
    }
}

fn row(layer: Descriptor, largest: u64) -> impl IntoView {
    let named =
        layer.annotation("org.opencontainers.image.title").or_else(|| layer.annotation("in-toto.io/predicate-type"));
    let named = named.map(|name| text::visible(name, 120));
    let known = artifact_name(&layer.media_type).map(str::to_owned);
    let size = layer.size;
    let media_type = text::visible(&layer.media_type, 120);
    view! {
        <tr>
            <th scope="row" data-fold="row">{match (named, known) {
                (Some(name), _) => view! { <code>{name}</code> }.into_any(),
                (None, Some(name)) => name.into_any(),
                (None, None) => view! { <span class="quiet">"blob"</span> }.into_any(),
            }}</th>
            <td class="nowrap"><DigestText digest=layer.digest copy=true/></td>
            <td class="num"><Bytes count=size/></td>
            <td data-fold="hide"><Share of=size largest=largest/></td>
            <td class="note mono">{media_type}</td>
        </tr>
    }
}

/// What a helm chart says of itself.
#[component]
pub fn ChartFacts(
    /// The chart, if it is one.
    chart: Part<Chart>,
) -> impl IntoView {
    let inside = match chart {
        Part::None => return ().into_any(),
        Part::Here(chart) => facts(chart).into_any(),
        Part::Needs(permission) => view! { <Needs permission=permission/> }.into_any(),
        Part::Failed(trouble) => view! { <PartTrouble what="It could not be read." trouble=trouble/> }.into_any(),
    };
    view! { <section class="stack" aria-labelledby="chart"><h2 id="chart">"Chart"</h2>{inside}</section> }.into_any()
}

fn facts(chart: Chart) -> impl IntoView {
    let mono = |text: String| view! { <dd class="mono">{text::visible(&text, 300)}</dd> }.into_any();
    let plain = |text: String| view! { <dd>{text::visible(&text, 600)}</dd> }.into_any();
    let row = |name: &'static str, value: Option<AnyView>| value.map(|value| view! { <dt>{name}</dt>{value} });
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let list = |items: Vec<AnyView>| (!items.is_empty()).then(|| view! { <dd><ul>{items}</ul></dd> }.into_any());
    let sources = list(chart.sources.into_iter().map(|source| view! { <li>{link(source)}</li> }.into_any()).collect());
    let dependencies = chart.dependencies.into_iter().map(|(name, version, from)| {
        let from = if from.is_empty() { String::new() } else { format!(" from {}", text::visible(&from, 200)) };
        view! { <li><code>{format!("{} {}", text::visible(&name, 80), text::visible(&version, 40))}</code>{from}</li> }
            .into_any()
    });
    let dependencies = list(dependencies.collect());
    let maintainers = chart.maintainers.join(", ");
    view! {
        <dl>
            {chart.deprecated.then(|| view! { <dt>"State"</dt><dd><span class="badge" data-tone="warn">"deprecated"</span></dd> })}
            {row("Name", filled(chart.name).map(mono))}
            {row("Version", filled(chart.version).map(mono))}
            {row("Installs", chart.app_version.map(mono))}
            {row("Kind", chart.kind.map(plain))}
            {row("Kubernetes", chart.kube_version.map(mono))}
            {row("Description", chart.description.map(plain))}
            {row("Maintainers", filled(maintainers).map(plain))}
            {row("Keywords", filled(chart.keywords.join(", ")).map(plain))}
            {row("Home page", chart.home.map(|home| view! { <dd>{link(home)}</dd> }.into_any()))}
            {row("Sources", sources)}
            {row("Needs", dependencies)}
        </dl>
    }
}

/// A text as a link, if it is a safe one.
fn link(value: String) -> impl IntoView {
    let shown = text::visible(&value, 200);
    match safe_link(&value) {
        Some(href) => view! { <a href=href rel="noopener noreferrer nofollow">{shown}</a> }.into_any(),
        None => view! { <code>{shown}</code> }.into_any(),
    }
}
