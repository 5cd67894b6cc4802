//! The layers of two images: in both, gone, new.

use crate::parts::{Bytes, DigestText};
use domain::{
    compare::{Change, Comparison, LayerRow, Sum},
    text,
};
use leptos::prelude::*;

/// The layers in order, closed by the sums of both.
#[component]
pub fn Layers(
    /// How they differ.
    comparison: Comparison,
    /// What A is called.
    a: String,
    /// What B is called.
    b: String,
    /// Where A and B are.
    hrefs: (String, String),
) -> impl IntoView {
    let (sum_a, sum_b) = (comparison.a_size, comparison.b_size);
    let rows = paired(comparison.layers).into_iter().map(layer).collect_view();
    view! {
        <section class="stack" aria-labelledby="layers">
            <h2 id="layers">"Layers"</h2>
            <table data-fold="">
                <thead><tr>
                    <th scope="col"><span class="sr">"Change"</span></th><th scope="col">"Made by"</th>
                    <th scope="col"><a href=hrefs.0>"A, "{a}</a></th><th scope="col" class="num">"Size"</th>
                    <th scope="col"><a href=hrefs.1>"B, "{b}</a></th><th scope="col" class="num">"Size"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <SumRow word="In both" sum=comparison.shared/>
                    <tr><td></td><th scope="row">"Sum"</th><td></td><td class="num" data-label="A"><Bytes count=sum_a/></td><td></td>
                        <td class="num" data-label="B"><Bytes count=sum_b/></td></tr>
                </tfoot>
            </table>
        </section>
    }
}

/// Where both go apart, a layer of A stands before the one of B that the same command made.
fn paired(rows: Vec<LayerRow>) -> Vec<LayerRow> {
    let mut out = Vec::with_capacity(rows.len());
    for run in rows.chunk_by(|a, b| a.change != Change::Same && b.change != Change::Same) {
        let mut added: Vec<LayerRow> = run.iter().filter(|row| row.change == Change::Added).cloned().collect();
        for row in run.iter().filter(|row| row.change != Change::Added) {
            out.push(row.clone());
            if row.change == Change::Removed
                && !row.line.is_empty()
                && let Some(at) = added.iter().position(|other| other.line == row.line)
            {
                // Those of B before it have no counterpart, and keep their order.
                out.extend(added.drain(..=at));
            }
        }
        out.extend(added);
    }
    out
}

/// How much of both is the same.
#[component]
fn SumRow(
    /// What the sum is of.
    word: &'static str,
    /// The sum.
    sum: Sum,
) -> impl IntoView {
    let layers = text::counted(sum.layers, "layer", "layers");
    view! {
        <tr class="part"><td></td><th scope="row">{word} ", " {layers}</th><td></td><td class="num"><Bytes count=sum.bytes/></td><td></td>
            <td class="num"><Bytes count=sum.bytes/></td></tr>
    }
}

fn layer(row: LayerRow) -> impl IntoView {
    let line = text::visible(&row.line, 2_000);
    let made_by = if line.is_empty() {
        view! { <span class="quiet">"not told"</span> }.into_any()
    } else {
        let title = line.clone();
        view! { <code class="clip" title=title>{line}</code> }.into_any()
    };
    let here = || view! { <DigestText digest=row.digest.clone()/> }.into_any();
    let size = || view! { <Bytes count=row.size/> }.into_any();
    let same = view! { <span class="quiet">"same"</span> }.into_any();
    let none = || ().into_any();
    let (digest_a, size_a, digest_b, size_b) = match row.change {
        Change::Removed => (here(), size(), none(), none()),
        Change::Added => (none(), none(), here(), size()),
        Change::Same | Change::Changed => (here(), size(), same, none()),
    };
    let change = matches!(row.change, Change::Removed | Change::Added).then_some(row.change.as_str());
    view! {
        <tr data-change=change>
            <td class="sign"><span aria-hidden="true">{row.change.sign()}</span><span class="sr">{row.change.words()}</span></td>
            <th scope="row" data-fold="row">{made_by}</th>
            <td class="nowrap">{digest_a}</td><td class="num">{size_a}</td>
            <td class="nowrap">{digest_b}</td><td class="num">{size_b}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Digest;

    fn row(change: Change, line: &str) -> LayerRow {
        let digest = Digest::of(format!("{change:?}{line}").as_bytes());
        LayerRow { change, line: line.into(), digest, size: 1, media_type: String::new() }
    }

    #[test]
    fn layers_of_the_same_command_stand_beside_each_other_and_none_is_lost() {
        use Change::{Added, Removed, Same};
        let rows = vec![
            row(Same, "ADD"),
            row(Removed, "COPY a"),
            row(Removed, "RUN x"),
            row(Removed, "COPY b"),
            row(Added, "COPY a"),
            row(Added, "RUN y"),
            row(Added, "COPY b"),
            row(Same, "USER"),
            row(Added, ""),
        ];
        let shown: Vec<_> = paired(rows).iter().map(|row| format!("{}{}", row.change.sign(), row.line)).collect();
        assert_eq!(shown, ["=ADD", "−COPY a", "+COPY a", "−RUN x", "−COPY b", "+RUN y", "+COPY b", "=USER", "+"]);
    }
}
