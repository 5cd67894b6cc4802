//! Whether a registry knows the key that signs next, in a word.

use crate::parts::{State, Tone, When};
use domain::{Timestamp, token_check::Bundle};
use leptos::prelude::*;

/// The word, and how good or bad it is.
fn word(found: Option<Bundle>) -> (Tone, &'static str) {
    match found {
        Some(Bundle::Current) => (Tone::Good, "ready for the next key"),
        Some(Bundle::Old) => (Tone::Warn, "has the old bundle: copy the new one before you rotate"),
        Some(Bundle::Unused) => (Tone::Idle, "does not use this token server"),
        Some(Bundle::Unclear) => (Tone::Idle, "can’t be told"),
        None => (Tone::Idle, "not asked about this key yet"),
    }
}

/// What was seen last, and when.
#[component]
pub(crate) fn NextKey(
    /// What; nothing where it was not asked about this key.
    found: Option<Bundle>,
    /// When.
    at: Option<Timestamp>,
) -> impl IntoView {
    let (tone, word) = word(found);
    view! { <State tone=tone word=word/> {at.map(|at| view! { " " <span class="note">"as of " <When at=at/></span> })} }
}
