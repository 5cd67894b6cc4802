//! Where a check strikes.

use super::{all_checks, tone};
use crate::parts::{Address, DigestText, Pager, State, place};
use domain::{RegistryName, health::About, text};
use leptos::prelude::*;
use operations::health::{CheckRow, Page, Strike};

/// What the check says, and where.
#[component]
pub fn Struck(
    /// The page's address.
    address: Address,
    /// The check.
    row: CheckRow,
    /// Where it strikes.
    page: Page<Strike>,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let check = row.check;
    let found = row.count.map(|count| {
        let (one, several) = check.about().counted_in();
        let unit = if count.number == 1 && count.exact { one } else { several };
        format!(", {}{} {unit} found", text::count(count.number), if count.exact { "" } else { "+" })
    });
    // A manifest counts once, and stands wherever it is held.
    let (one, several) = match check.about() {
        About::Manifest | About::Presence => ("place", "places"),
        about => about.counted_in(),
    };
    let shown = text::counted(page.rows.len() as u64, one, several);
    let text = format!("{shown} shown{}", found.unwrap_or_default());
    let previous = page.previous.clone().map(|at| address.with("before", &at).href());
    let next = page.next.clone().map(|at| address.with("after", &at).href());
    let empty = page.rows.is_empty();
    let back = all_checks(&registry);
    let rows = page.rows.into_iter().map(|one| view! { <Row one=one registry=registry.clone()/> }).collect_view();
    view! {
        <section class="stack" aria-label="What it means">
            <p><State tone=tone(check.level()) word=check.level().as_str()/></p>
            <p>{check.explanation()}</p>
            <p><b>{check.what_to_do()}</b></p>
            {row.off.map(|_| view! { <p class="note">"This check is switched off: it is left out of counts."</p> })}
        </section>
        {if empty {
            view! {
                <div class="empty stack">
                    <h2>"It found nothing here"</h2>
                    <p>"In what is read, nothing is like this."</p>
                    <p class="actions"><a class="button" href=back>"All checks"</a></p>
                </div>
            }.into_any()
        } else {
            view! {
                <section class="stack" aria-label="Where">
                    <table data-fold="">
                        <thead><tr><th scope="col">"Where"</th><th scope="col">"What"</th><th scope="col">"Digest"</th><th scope="col">"Found"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <Pager shown=text previous=previous next=next/>
                </section>
            }.into_any()
        }}
    }
}

#[component]
fn Row(
    /// Where.
    one: Strike,
    /// In which registry.
    registry: RegistryName,
) -> impl IntoView {
    let repository = one.repository;
    let tag = one.tags.first().cloned();
    let own = match (&tag, &one.manifest) {
        (Some(tag), _) => place::tag(registry.as_str(), &repository, tag),
        (None, Some((digest, _))) => place::manifest(registry.as_str(), &repository, digest),
        (None, None) => place::repository(registry.as_str(), &repository),
    };
    let more: Vec<String> = one.tags.iter().skip(1).map(ToString::to_string).collect();
    let kind = one.manifest.as_ref().map_or("repository", |(_, kind)| kind.as_str());
    let digest = one.manifest.map(|(digest, _)| {
        let href = place::manifest(registry.as_str(), &repository, &digest);
        view! { <a href=href><DigestText digest=digest/></a> }
    });
    view! {
        <tr>
            <th scope="row">
                <a class="mono" href=own>{repository.to_string()}{tag.map(|tag| view! { <span class="quiet">{format!(":{tag}")}</span> })}</a>
                {(!more.is_empty()).then(|| view! { " " <span class="same">{more.join(" ")}</span> })}
            </th>
            <td class="note">{kind}</td>
            <td class="nowrap" data-fold="hide">{digest}</td>
            <td class="note" data-fold="row">{one.detail.map(|detail| text::visible(&detail, 300))}</td>
        </tr>
    }
}
