//! Large layers, and who shares them.

use super::{Bytes, CopyButton, DigestText, chart::Bar, list::Address, place};
use domain::{RegistryName, text};
use leptos::prelude::*;
use operations::storage::LayerRow;

/// The largest layers of a registry or of one repository.
#[component]
pub fn LayerTable(
    /// The largest first.
    layers: Vec<LayerRow>,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    if layers.is_empty() {
        return view! { <p class="quiet">"There are none."</p> }.into_any();
    }
    let largest = layers.iter().map(|layer| layer.size).max().unwrap_or_default();
    let row = move |layer: LayerRow| {
        let search = Address::new("/search", vec![("q", layer.digest.to_string())]).href();
        let whole = layer.digest.to_string();
        let short = layer.digest.short().0.to_owned();
        let more = layer.repositories.saturating_sub(layer.some.len() as u64);
        let only = layer.repositories == 1;
        let last = layer.some.len().saturating_sub(1);
        let names = layer.some.iter().enumerate().map(|(n, name)| {
            let comma = if n < last { ", " } else { "" };
            view! { <a class="mono" href=place::repository(registry.as_str(), name)>{name.to_string()}</a>{comma} }
        });
        let names = names.collect_view();
        let rest = match (more, layer.some.is_empty()) {
            (0, _) => String::new(),
            (more, true) => text::counted(more, "repository", "repositories"),
            (more, false) => format!(" and {} more", text::count(more)),
        };
        view! {
            <tr>
                <th scope="row" class="nowrap"><DigestText digest=layer.digest/><CopyButton text=whole what=format!("digest {short}")/></th>
                <td data-fold="hide"><Bar part=layer.size whole=largest accent=layer.repositories == 1/></td>
                <td class="num nowrap" data-label="size"><Bytes count=layer.size/></td>
                <td class="note" data-fold="row">{only.then_some("only in ")}{names}{rest}</td>
                <td class="note nowrap num"><a class="button" data-tone="plain" data-size="small" href=search aria-label=format!("Which images have layer {short}")>"Which images"</a></td>
            </tr>
        }
    };
    view! {
        <table data-fold="">
            <thead><tr><th scope="col">"Layer"</th><th scope="col"><span class="sr">"Share"</span></th><th scope="col" class="num">"Size"</th><th scope="col">"Held by"</th><th scope="col"><span class="sr">"Images"</span></th></tr></thead>
            <tbody>{layers.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
