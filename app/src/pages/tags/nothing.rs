//! A list of tags without a row: why that is, and what to do next.

use crate::parts::{
    Address,
    filters::{Chips, is_narrowed},
};
use domain::{filters::field, text};
use leptos::prelude::*;
use operations::{lists::needs_content, tags::Tags as Shown};

/// Nothing to show: the repository is empty, or nothing is like the filter.
#[component]
pub fn Nothing(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let filtered = is_narrowed(&shown.filters);
    let clear = address.with_filters(Vec::new()).href();
    let name = shown.repository.to_string();
    let unread = shown.total - shown.read.min(shown.total);
    let looked = text::counted(shown.total, "tag was looked at", "tags were looked at");
    let waits = (unread > 0 && needs_content(&shown.filters))
        .then(|| format!(" {} of them are not read yet, so there may be more.", text::count(unread)));
    let filters = shown.filters.clone();
    view! {
        <div class="empty stack">
            {if filtered {
                view! {
                    <h2>"No tag of " <code>{name}</code> " is like that"</h2>
                    <p>{looked}"."{waits}</p>
                    <p class="cluster">"In force: " <Chips address=address filters=filters/></p>
                    <p class="actions"><a class="button" href=clear>"Clear all filters"</a></p>
                }.into_any()
            } else if shown.referrers.is_none_or(|count| count > 0) && shown.total > 0 {
                view! {
                    <h2><code>{name}</code> " has signatures and SBOMs only"</h2>
                    <p class="actions"><a class="button" href=address.with(field::REFERRERS, "shown").href()>"Show them"</a></p>
                }.into_any()
            } else {
                view! {
                    <h2><code>{name}</code> " has no tags"</h2>
                    <p>"The registry knows this repository, and no tag is in it: either all were deleted, or nothing was pushed by tag yet."</p>
                }.into_any()
            }}
        </div>
    }
}
