//! The parts of an index: its platforms, its attestations, itself.

use crate::parts::list::Address;
use domain::text;
use leptos::prelude::*;
use operations::images::{Entry, EntryState, Image, View};

/// A link for each platform, one for the attestations, one for the index itself.
#[component]
pub fn Tabs(
    /// The image.
    image: Image,
    /// What is shown.
    view: View,
    /// The page's own path.
    path: String,
) -> impl IntoView {
    let attestations = image.entries.iter().filter(|entry| entry.is_attestation()).count();
    let referrers = image.referrers.rows.len();
    let here = Address::new(path, Vec::new());
    let shown = image.entries.into_iter().filter(|entry| !entry.is_attestation());
    let platforms = shown.map(|entry| tab(&here, entry)).collect_view();
    let current = |own: View| (view == own).then_some("page");
    view! {
        <nav class="tabs" aria-label="Parts of this index">
            {platforms}
            {(attestations > 0).then(|| view! {
                <a href=here.with("show", "attestations").href() aria-current=current(View::Attestations)>"Attestations " <span>{attestations}</span></a>
            })}
            {(referrers > 0 && view != View::Raw && view != View::Attestations).then(|| view! {
                <a href=format!("{}#referrers", crate::base::to(&crate::context::path_and_query()))>"Referrers " <span>{referrers}</span></a>
            })}
            <a href=here.with("show", "raw").href() aria-current=current(View::Raw)>"Index, raw"</a>
        </nav>
    }
}

fn tab(here: &Address, entry: Entry) -> impl IntoView + use<> {
    let name = text::visible(&entry.child.name, 60);
    let size = match &entry.state {
        EntryState::Read(summary) => text::bytes_text(summary.size),
        EntryState::Gone => "gone".to_owned(),
        EntryState::Unread(Some(_)) => "not read".to_owned(),
        EntryState::Unread(None) => String::new(),
    };
    let href = here.with("platform", &entry.child.name).href();
    view! { <a href=href aria-current=entry.chosen.then_some("page")>{name} " " <span>{size}</span></a> }
}
