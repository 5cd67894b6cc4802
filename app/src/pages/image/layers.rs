//! Layers with the commands that made them: a Dockerfile read backwards, and what each line weighs.

use crate::{
    pages::search::search_for,
    parts::{Bytes, DigestText, first},
};
use domain::{
    Digest,
    history::{Layer, Step},
    manifest::Descriptor,
    text,
};
use leptos::prelude::*;
use operations::images::{Manifest, Part};
use std::collections::HashMap;

/// Longer commands are cut; the history in the raw configuration has all of them.
const MOST: usize = 2_000;

/// The layers and the lines without one, oldest first, closed by their sum.
#[component]
pub fn Layers(
    /// The manifest.
    manifest: Manifest,
) -> impl IntoView {
    let of: HashMap<Digest, Descriptor> =
        manifest.document.layers().iter().map(|layer| (layer.digest.clone(), layer.clone())).collect();
    let steps = manifest.steps.steps.clone();
    let largest = steps.iter().filter_map(|step| step.layer.as_ref()).map(|layer| layer.size).max().unwrap_or(0);
    let count = steps.iter().filter(|step| step.layer.is_some()).count() as u64;
    let sized = manifest.document.manifest().map(domain::manifest::ImageManifest::layers_size);
    // Without the configuration there is no history to fit, and the config's own place says why.
    let note = manifest.steps.note.clone().filter(|_| matches!(manifest.config, Part::Here(_)));
    let media_type = manifest.document.media_type().to_owned();
    let form = form(&media_type).map_or_else(|| text::visible(&media_type, 120), str::to_owned);
    let (steps, rest) = first(steps);
    let built = search_for(&format!("base:{}", manifest.digest));
    let rows = steps.into_iter().enumerate().map(|(n, step)| row(n, step, &of, largest)).collect_view();
    view! {
        <section class="stack" aria-labelledby="layers">
            <div class="cluster">
                <h2 id="layers">"Layers"</h2>
                <span class="note push"><DigestText digest=manifest.digest copy=true/> " " <span title=media_type>{form}</span> " · " <a href=built>"What is built on it"</a></span>
            </div>
            <table data-fold="">
                <thead><tr>
                    <th scope="col" class="num"><span class="sr">"Number"</span></th><th scope="col">"Made by"</th><th scope="col">"Digest"</th>
                    <th scope="col" class="num">"Size"</th><th scope="col"><span class="sr">"Share"</span></th><th scope="col">"Packed"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr>
                    <td></td><th scope="row">{text::counted(count, "layer", "layers")}</th><td></td>
                    <td class="num">{match sized {
                        Some(size) => view! { <Bytes count=size/> }.into_any(),
                        None => view! { <span class="quiet">"not told"</span> }.into_any(),
                    }}</td><td></td><td></td>
                </tr></tfoot>
            </table>
            {rest.into_iter().chain(note).map(|note| view! { <p class="note">{note}</p> }).collect_view()}
        </section>
    }
}

/// A manifest's form in words.
fn form(media_type: &str) -> Option<&'static str> {
    use domain::manifest::{DOCKER_MANIFEST, OCI_MANIFEST, SCHEMA1, SCHEMA1_SIGNED};
    match media_type {
        OCI_MANIFEST => Some("OCI image manifest"),
        DOCKER_MANIFEST => Some("Docker manifest, schema 2"),
        SCHEMA1 => Some("Docker manifest, schema 1"),
        SCHEMA1_SIGNED => Some("Docker manifest, schema 1, signed"),
        _ => None,
    }
}

fn row(n: usize, step: Step, of: &HashMap<Digest, Descriptor>, largest: u64) -> impl IntoView + use<> {
    let line = text::visible(if step.line.is_empty() { &step.raw } else { &step.line }, MOST);
    let quiet = step.layer.is_none();
    let said = step.comment.map(|comment| format!(" ({})", text::visible(&comment, 200))).unwrap_or_default();
    let title = format!("{line}{said}");
    let told = !line.is_empty();
    let layer = step.layer.map(|layer| {
        let descriptor = of.get(&layer.digest).cloned();
        cells(layer, descriptor, largest)
    });
    view! {
        <tr>
            <td class="num quiet" data-fold="hide">{n + 1}</td>
            <th scope="row" data-fold="row">
                {if told {
                    view! { <code class=if quiet { "clip quiet" } else { "clip" } title=title>{line}</code> }.into_any()
                } else {
                    view! { <span class="quiet">"not told"</span> }.into_any()
                }}
            </th>
            {match layer {
                Some(cells) => cells.into_any(),
                None => view! { <td colspan="4" class="note">"no layer"</td> }.into_any(),
            }}
        </tr>
    }
}

fn cells(layer: Layer, descriptor: Option<Descriptor>, largest: u64) -> impl IntoView {
    let packing = descriptor
        .as_ref()
        .and_then(Descriptor::packing)
        .map_or_else(|| text::visible(&layer.media_type, 60), str::to_owned);
    let foreign = descriptor.as_ref().is_some_and(Descriptor::is_foreign);
    let media_type = text::visible(&layer.media_type, 200);
    // Schema 1 tells no sizes.
    let size = if layer.media_type.is_empty() && layer.size == 0 {
        view! { <span class="quiet">"not told"</span> }.into_any()
    } else {
        view! { <Bytes count=layer.size/> }.into_any()
    };
    let others = search_for(&format!("layer:{}", layer.digest));
    let title = format!("Images that contain the layer {}", layer.digest.short().0);
    view! {
        <td class="nowrap"><DigestText digest=layer.digest copy=true/> " " <a class="note" href=others aria-label=title.clone() title=title>"images"</a></td>
        <td class="num">{size}</td>
        <td data-fold="hide"><Share of=layer.size largest=largest/></td>
        <td class="note nowrap" title=media_type>{packing} {foreign.then_some(", kept elsewhere")}</td>
    }
}

/// A bar that says how much of the largest this is. Decoration: the figure stands beside it.
#[component]
pub fn Share(
    /// How much.
    of: u64,
    /// The most.
    largest: u64,
) -> impl IntoView {
    let share = if largest == 0 { 0 } else { (u128::from(of) * 100 / u128::from(largest)).max(u128::from(of > 0)) };
    view! {
        <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=share.to_string() height="8"></rect></svg>
    }
}
