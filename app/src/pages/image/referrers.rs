//! What refers to an image: signatures, SBOMs, attestations.

use super::troubles::PartTrouble;
use crate::parts::{Bytes, DigestText, State, Tone, When, place};
use domain::text;
use leptos::prelude::*;
use operations::images::{EntryState, FoundBy, Image, Referrer};

/// The table; a quiet sentence where nothing refers to it.
#[component]
pub fn ReferrersTable(
    /// The image.
    image: Image,
) -> impl IntoView {
    let (registry, repository) = (image.registry.to_string(), image.repository.clone());
    let rows = image.referrers.rows.into_iter().map(|row| {
        let href = place::manifest(&registry, &repository, &row.digest);
        self::row(row, href)
    });
    let rows: Vec<_> = rows.collect();
    let none = rows.is_empty();
    let (failed, asking, at) = (image.referrers.trouble.is_some(), image.referrers.asking, image.referrers.at);
    let nothing = match (asking, at) {
        (true, _) => None,
        (false, Some(_)) => Some("Nothing refers to it: no signature, no SBOM."),
        (false, None) => Some("Nothing is known to refer to it."),
    };
    view! {
        <section class="stack" aria-labelledby="referrers" id="referrers-now" data-refresh="" data-topic=image.topic>
            <h2 id="referrers">"Referrers"</h2>
            {asking.then(|| view! {
                <p class="note">
                    <State tone=Tone::Accent word=format!("asking {registry} what refers to it")/> " "
                    {at.map(|at| view! { " as of " <When at=at/> })}
                </p>
            })}
            {image.referrers.trouble.map(|trouble| view! { <PartTrouble what="Not all could be asked for." trouble=trouble/> })}
            {match (none, failed) {
                (true, true) => ().into_any(),
                (true, false) => nothing.map(|nothing| view! { <p class="quiet">{nothing}</p> }).into_any(),
                (false, _) => view! {
                    <table data-fold="">
                        <thead><tr><th scope="col">"Kind"</th><th scope="col">"Artifact type"</th><th scope="col">"Digest"</th>
                            <th scope="col" class="num">"Size"</th><th scope="col">"Made"</th><th scope="col">"Found by"</th></tr></thead>
                        <tbody>{rows.into_iter().collect_view()}</tbody>
                    </table>
                }.into_any(),
            }}
        </section>
    }
}

fn row(row: Referrer, href: String) -> impl IntoView {
    let artifact_type = text::visible(&row.artifact_type, 120);
    let found_by = match &row.found_by {
        FoundBy::Api => "referrers API".into_any(),
        FoundBy::Kept => "read before".into_any(),
        FoundBy::Tag(tag) => {
            let whole = tag.to_string();
            let short = shortened(&whole);
            view! { "tag " <code title=whole>{short}</code> }.into_any()
        }
    };
    let (size, made) = match &row.state {
        EntryState::Read(summary) => (view! { <Bytes count=summary.size/> }.into_any(), summary.created),
        EntryState::Gone => (view! { <State tone=Tone::Danger word="gone"/> }.into_any(), None),
        EntryState::Unread(_) => (view! { <State tone=Tone::Idle word="not read"/> }.into_any(), None),
    };
    view! {
        <tr>
            <th scope="row">{text::visible(&row.name, 60)}</th>
            <td class="mono" data-fold="row">{artifact_type}</td>
            <td class="nowrap"><a href=href><DigestText digest=row.digest/></a></td>
            <td class="num">{size}</td>
            <td class="note nowrap">{made.map(|at| view! { <When at=at/> })}</td>
            <td class="note">{found_by}</td>
        </tr>
    }
}

/// `sha256-60c5…fcaf.sig`
fn shortened(tag: &str) -> String {
    let Some((algorithm, rest)) = tag.split_once('-') else { return tag.to_owned() };
    let (hex, end) = rest.split_once('.').map_or((rest, String::new()), |(hex, end)| (hex, format!(".{end}")));
    if hex.len() <= 12 || !hex.is_ascii() {
        return tag.to_owned();
    }
    format!("{algorithm}-{}…{}{end}", &hex[..4], &hex[hex.len() - 4..])
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_referrers_tag_is_shortened_in_its_middle() {
        assert_eq!(shortened(&format!("sha256-{}.sig", "ab12".repeat(16))), "sha256-ab12…ab12.sig");
        assert_eq!(shortened("sha256-ab"), "sha256-ab");
        assert_eq!(shortened("latest"), "latest");
    }
}
