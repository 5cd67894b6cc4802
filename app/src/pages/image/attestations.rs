//! The attestations an index holds, each with what it is about.

use crate::parts::{DigestText, State, Tone, place};
use domain::text;
use leptos::prelude::*;
use operations::images::{Entry, EntryState, Image};

/// The table.
#[component]
pub fn Attestations(
    /// The image.
    image: Image,
) -> impl IntoView {
    let (registry, repository) = (image.registry.to_string(), image.repository.clone());
    let rows = image.entries.into_iter().filter(Entry::is_attestation).map(|entry| {
        let href = place::manifest(&registry, &repository, &entry.child.descriptor.digest);
        row(entry, href)
    });
    view! {
        <section class="stack" aria-labelledby="attestations">
            <h2 id="attestations">"Attestations"</h2>
            <p class="quiet">"What the builder says of each image: how it was built, and of what."</p>
            <table data-fold="">
                <thead><tr><th scope="col">"About"</th><th scope="col">"Holds"</th><th scope="col">"Digest"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

fn row(entry: Entry, href: String) -> impl IntoView {
    let holds = match &entry.state {
        EntryState::Gone => view! { <State tone=Tone::Danger word="gone: the registry no longer has it"/> }.into_any(),
        EntryState::Unread(why) => {
            let why = why.clone().unwrap_or_else(|| "not read".to_owned());
            view! { <span class="quiet">{text::visible(&why, 200)}</span> }.into_any()
        }
        EntryState::Read(_) if entry.predicates.is_empty() => {
            view! { <span class="quiet">"not told"</span> }.into_any()
        }
        EntryState::Read(_) => {
            let mut words: Vec<String> = entry.predicates.iter().map(|kind| predicate(kind)).collect();
            words.dedup();
            let all = entry.predicates.join(" ");
            view! { <span title=text::visible(&all, 400)>{words.join(", ")}</span> }.into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">{capital(&text::visible(&entry.child.name, 80))}</th>
            <td data-fold="row">{holds}</td>
            <td class="nowrap"><a href=href><DigestText digest=entry.child.descriptor.digest/></a></td>
        </tr>
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A predicate type in words, where it is known.
fn predicate(kind: &str) -> String {
    let known = [
        ("slsa.dev/provenance", "SLSA provenance"),
        ("spdx", "SPDX SBOM"),
        ("cyclonedx", "CycloneDX SBOM"),
        ("in-toto.io/attestation/vulns", "vulnerabilities"),
        ("slsa.dev/verification_summary", "verification summary"),
    ];
    let word = known.iter().find(|(part, _)| kind.contains(part)).map(|(_, word)| (*word).to_owned());
    word.unwrap_or_else(|| text::visible(kind, 120))
}
