//! Labels and annotations: known keys by their meaning, links only where they are safe.

use crate::parts::first;
use domain::{
    annotations::{Explained, explain},
    text,
};
use leptos::prelude::*;

/// Longer values are cut; the raw document has all of them.
const MOST: usize = 600;

/// Pairs with what they mean; nothing at all without any.
#[component]
pub fn Labels(
    /// The heading's id.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// The pairs.
    pairs: Vec<(String, String)>,
) -> impl IntoView {
    let (known, other): (Vec<_>, Vec<_>) = explain(&pairs).into_iter().partition(|row| row.label.is_some());
    let (other, rest) = first(other);
    (!pairs.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {(!known.is_empty()).then(|| view! { <dl>{known.into_iter().map(row).collect_view()}</dl> })}
            {(!other.is_empty()).then(|| view! { <dl class="long">{other.into_iter().map(row).collect_view()}</dl> })}
            {rest.map(|rest| view! { <p class="note">{rest}</p> })}
        </section>
    })
}

fn row(row: Explained) -> impl IntoView {
    let key = text::visible(&row.key, 200);
    let name = match row.label {
        Some(label) => view! { <dt title=key>{label}</dt> }.into_any(),
        None if key.is_empty() => view! { <dt>"without a key"</dt> }.into_any(),
        None => view! { <dt class="mono">{key}</dt> }.into_any(),
    };
    let value = text::visible(&row.value, MOST);
    let value = match row.link {
        Some(href) => {
            let short = value.trim_start_matches("https://").to_owned();
            view! { <dd><a href=href rel="noopener noreferrer nofollow">{short}</a></dd> }.into_any()
        }
        None if value.is_empty() => view! { <dd class="quiet">"empty"</dd> }.into_any(),
        None => view! { <dd class="mono">{value}</dd> }.into_any(),
    };
    view! { {name} {value} }
}
