//! What sums and checks cover: figures are never without it.

use leptos::prelude::*;
use operations::storage::Covered;

/// How much of it is read, as a fact.
#[component]
pub fn CoveredNote(
    /// What is covered.
    covered: Covered,
) -> impl IntoView {
    let word = if covered.is_complete() {
        "everything is read".to_owned()
    } else {
        format!("covers the {} % of tags that are read", covered.percent())
    };
    view! { <span>{word}</span> }
}
