//! Grants in a table: who, what, where, until when, because of what, by whom, since when.

use crate::{
    base::to,
    parts::{
        Badge, Tone, When,
        list::escape,
        slots::{Slots, Where},
    },
};
use domain::{Timestamp, access::Subject, text};
use leptos::prelude::*;
use operations::grants::GrantRow;

/// Grants, each with a link to it. `by` says through whom a subject has each of them.
#[component]
pub fn GrantsTable(
    /// The grants.
    rows: Vec<GrantRow>,
    /// What the table is called.
    label: &'static str,
) -> impl IntoView {
    view! {
        <table data-fold="" aria-label=label>
            <thead><tr><th scope="col">"Who"</th><th scope="col">"Role"</th><th scope="col">"Where"</th><th scope="col">"Until"</th>
                <th scope="col">"Because"</th><th scope="col">"By"</th><th scope="col" class="num">"Since"</th></tr></thead>
            <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
        </table>
    }
}

/// One grant.
#[component]
fn Row(
    /// Which.
    row: GrantRow,
) -> impl IntoView {
    let href = to(&format!("/access/grants/{}", row.id));
    let because = text::visible(&row.because, 120);
    view! {
        <tr>
            <th scope="row"><a href=href>{text::visible(&row.subject_name, 80)}</a> " " <span class="note">{kind(row.subject)}</span></th>
            <td data-label="role"><Slots permissions=row.permissions/>" "<a href=to(&format!("/access/roles/{}", row.role))>{row.role_name}</a></td>
            <td data-label="where"><Where scope=row.scope registry=row.registry/></td>
            <td data-label="until"><Until at=row.until ended=row.ended/></td>
            <td class="note" data-fold="row">{because}</td>
            <td class="note" data-label="by">{text::visible(&row.by, 64)}</td>
            <td class="note num" data-label="since"><When at=row.created/></td>
        </tr>
    }
}

/// What kind of subject it is, where its name does not say so.
pub fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Person(_) => "person",
        Subject::Team(_) => "team",
        Subject::Robot(_) => "robot",
        Subject::Everyone | Subject::Anonymous => "always there",
    }
}

/// The last day of a grant; the moment, where it is not the end of a day.
pub fn last_day(until: Timestamp) -> String {
    let last = Timestamp(until.0 - 1);
    let midnight = until.rfc3339().ends_with("T00:00:00Z") && until.0 % 1_000_000 == 0;
    if midnight { last.rfc3339().chars().take(10).collect() } else { until.rfc3339() }
}

/// When a grant ends.
#[component]
pub fn Until(
    /// The first moment at which it no longer holds.
    at: Option<Timestamp>,
    /// Has it come?
    ended: bool,
) -> impl IntoView {
    match at {
        None => view! { <span class="note">"no end"</span> }.into_any(),
        Some(at) => view! {
            <time datetime=at.rfc3339() title=at.utc()>{last_day(at)}</time>
            {ended.then(|| view! { " " <Badge word="ended" tone=Tone::Warn/> })}
        }
        .into_any(),
    }
}

/// The page that shows what a subject holds.
pub fn subject_path(subject: &str) -> String {
    let mut path = "/access?by=subject&who=".to_owned();
    escape(&mut path, subject);
    to(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_shown_as_the_last_day_it_holds() {
        let at = |text| last_day(Timestamp::parse(text).expect("a time"));
        assert_eq!(at("2027-01-01T00:00:00Z"), "2026-12-31");
        assert_eq!(at("2026-12-31T12:00:00Z"), "2026-12-31T12:00:00Z");
    }
}
