//! Older and newer, never page numbers.

use leptos::prelude::*;

/// Links to the neighbouring pages of a list; either may be missing.
#[component]
pub fn Pager(
    /// What stands in this page, such as "1 to 50 of 10,412".
    #[prop(into)]
    shown: String,
    /// The page before.
    #[prop(optional_no_strip)]
    previous: Option<String>,
    /// The page after.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{shown}</span>
            {previous.map(|href| view! { <a class="button push" rel="prev" href=href>"Back"</a> })}
            {next.map(|href| view! { <a class="button" rel="next" href=href>"More"</a> })}
        </nav>
    }
}
