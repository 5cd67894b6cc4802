//! What differs between two configurations.

use domain::{
    compare::{Comparison, FieldRow},
    text,
};
use leptos::prelude::*;

/// Fields, variables, labels and annotations that differ; the rest is named in one row.
#[component]
pub fn Fields(
    /// How they differ.
    comparison: Comparison,
    /// What A is called.
    a: String,
    /// What B is called.
    b: String,
) -> impl IntoView {
    let same = (!comparison.same.is_empty()).then(|| comparison.same.join(", "));
    let rows = comparison.fields.into_iter().map(field).collect_view();
    view! {
        <section class="stack" aria-labelledby="fields">
            <h2 id="fields">"Config, variables and labels"</h2>
            <table class="diff" data-fold="">
                <thead><tr><th scope="col"><span class="sr">"Change"</span></th><th scope="col">"Field"</th>
                    <th scope="col">"A, "{a}</th><th scope="col">"B, "{b}</th></tr></thead>
                <tbody>
                    {rows}
                    {same.map(|names| view! {
                        <tr><td class="sign"><span aria-hidden="true">"="</span><span class="sr">"in both"</span></td>
                            <th scope="row">{names}</th><td class="quiet" colspan="2">"the same in both"</td></tr>
                    })}
                </tbody>
            </table>
        </section>
    }
}

fn field(row: FieldRow) -> impl IntoView {
    let name = format!("{}{}", row.group.prefix(), text::visible(&row.name, 200));
    let not_set = || view! { <span class="quiet">"not set"</span> }.into_any();
    let a = row.a.map_or_else(not_set, |value| view! { <del>{text::visible(&value, 1_000)}</del> }.into_any());
    let b = row.b.map_or_else(not_set, |value| view! { <ins>{text::visible(&value, 1_000)}</ins> }.into_any());
    view! {
        <tr>
            <td class="sign"><span aria-hidden="true">{row.change.sign()}</span><span class="sr">{row.change.words()}</span></td>
            <th scope="row">{name}</th><td data-label="A">{a}</td><td data-label="B">{b}</td>
        </tr>
    }
}
