//! Where a digest is, and which tags of the same name lag behind.

use super::groups::{copied, image, search_for};
use crate::parts::{Bytes, DigestText, State, Tone, When, place};
use domain::text;
use leptos::prelude::*;
use operations::whereabouts::{How, Lag, Standing, Whereabouts};

/// Every place that holds a digest.
#[component]
pub fn WhereIs(
    /// What is known of it.
    found: Whereabouts,
) -> impl IntoView {
    let Whereabouts { digest, places, lags, blob } = found;
    let count = text::counted(places.found as u64, "place", "places");
    let more = (places.found > places.rows.len() || places.cut).then(|| {
        format!("These are the first {} of {count} that were looked at.", text::count(places.rows.len() as u64))
    });
    let rows = places.rows.iter().map(|(hit, how)| {
        let how = match how {
            How::Itself => None,
            How::Index => Some("its index"),
            How::Blob => Some("contains it"),
        };
        image(hit, "", how.map(|how| view! { " " <span class="note">{how}</span> }.into_any()))
    });
    let built = search_for(&format!("base:{digest}"));
    view! {
        <section class="stack" aria-labelledby="where">
            <h2 id="where">"Where " <DigestText digest=digest.clone() copy=true/> " is"</h2>
            <p class="note">
                {blob.map(|size| view! { "A layer or a configuration of " <Bytes count=size/> ", held in " })}
                {blob.is_none().then_some("A manifest, held in ")}
                {count}". "
                {blob.is_none().then(|| view! { <a href=built>"What is built on it"</a> })}
            </p>
            <table data-fold="">
                <thead class="sr"><tr><th scope="col">"Image"</th><th scope="col">"Digest"</th><th scope="col">"Registry"</th><th scope="col">"Built"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {more.map(|more| view! { <p class="note">{more}</p> })}
        </section>
        {(!lags.is_empty()).then(|| view! { <Lags lags=lags/> })}
    }
}

/// Tags of the same name that point to another image.
#[component]
fn Lags(
    /// Those tags.
    lags: Vec<Lag>,
) -> impl IntoView {
    let rows = lags.into_iter().map(|lag| {
        let (tone, word) = match lag.standing {
            Standing::Older => (Tone::Warn, format!("older than on {}", lag.registry)),
            Standing::Newer => (Tone::Warn, format!("newer: {} lags behind", lag.registry)),
            Standing::Other => (Tone::Idle, format!("another image than on {}", lag.registry)),
        };
        let image = lag.image;
        let tag = image.tag.map(|tag| {
            let href = place::tag(image.registry.as_str(), &image.repository, &tag);
            view! { <a class="mono" href=href><span class="quiet">{format!("{}:", image.repository)}</span>{tag.to_string()}</a> }
        });
        view! {
            <tr>
                <th scope="row">{tag}</th>
                <td class="nowrap">{image.digest.map(copied)}</td>
                <td class="note">{image.registry.to_string()}</td>
                <td><State tone=tone word=word/></td>
                <td class="note num">{image.created.map(|at| view! { <When at=at/> })}</td>
            </tr>
        }
    });
    view! {
        <section class="stack" aria-labelledby="lags">
            <h2 id="lags">"The same tags elsewhere"</h2>
            <table data-fold="">
                <thead class="sr"><tr><th scope="col">"Tag"</th><th scope="col">"Digest"</th><th scope="col">"Registry"</th><th scope="col">"Compared"</th><th scope="col">"Built"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}
