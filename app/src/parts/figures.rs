//! Figures: bytes, counts and times, written one way everywhere.

use crate::context::page_time;
use domain::{Timestamp, text};
use leptos::prelude::*;

/// Bytes in decimal units, the unit quieter than the figure.
#[component]
pub fn Bytes(
    /// How many.
    count: u64,
) -> impl IntoView {
    let (figure, unit) = text::bytes(count);
    view! { {figure} " " <span class="quiet">{unit}</span> }
}

/// A count with its thousands parted.
#[component]
pub fn Count(
    /// How many.
    count: u64,
) -> impl IntoView {
    text::count(count)
}

/// When something is to be: `now`, `in under a minute`, `in 5 min`.
#[component]
pub fn Due(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let now = page_time();
    view! { <time datetime=at.rfc3339() title=at.utc() data-relative="due">{text::due(at, now)}</time> }
}

/// A point in time: relative up to a month, then a date; UTC to the second in its title.
#[component]
pub fn When(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let now = page_time();
    view! { <time datetime=at.rfc3339() title=at.utc() data-relative="">{text::ago(at, now)}</time> }
}
