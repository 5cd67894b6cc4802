//! Grants that should be looked at again, and what was decided of those that were.

use super::{
    AccessHead, AccessTab, crumbs,
    grants_table::{GrantsTable, kind},
};
use crate::{
    api,
    base::to,
    context::form_error,
    error::AppError,
    parts::{Address, Chip, Head, Icon, Pager, PostForm, When, WhyNot, denied, nothing, page},
};
use domain::{Id, text};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::{
    grants::GrantRow,
    reviews::{PastReviews, ReviewPage, ReviewQuery, ReviewRow},
};

/// The reasons by their words, as the page calls them.
const REASONS: [(&str, &str); 7] = [
    ("disabled", "of those who may not act"),
    ("ended", "ended"),
    ("ending", "ending soon"),
    ("unused", "never used"),
    ("broad", "broader than their use"),
    ("unreviewed", "not reviewed for 180 days"),
    ("old", "old"),
];

/// The page.
#[component]
pub fn Review() -> impl IntoView {
    let address = Address::here("/access/review", &["why", "days", "from"]);
    let query = use_query_map().get_untracked();
    let text_of = |name: &str| query.get(name).unwrap_or_default();
    let (saved, done, refused) = (text_of("saved"), text_of("done"), text_of("refused"));
    let (asks, note) = (text_of("ask") == "revoke", text_of("note"));
    let chosen: Vec<Id> = text_of("grants").split('-').filter_map(|id| id.parse().ok()).collect();
    page(async move {
        if asks {
            return asking(api::reviews::chosen(&chosen).await?, note);
        }
        let get = |name: &str| address.get(name).to_owned();
        let from = address.get("from").parse().unwrap_or(0);
        let asked = ReviewQuery { why: get("why"), days: get("days"), from };
        let found = api::reviews::list(&asked).await?;
        let error = form_error("/do/review-decide");
        let done: usize = done.parse().unwrap_or(0);
        let refused: usize = refused.parse().unwrap_or(0);
        let told = match saved.as_str() {
            "confirm" => Some(format!("{} confirmed.", text::counted(done as u64, "grant is", "grants are"))),
            "revoke" => Some(format!("{} revoked.", text::counted(done as u64, "grant is", "grants are"))),
            _ => None,
        };
        let kept = (refused > 0).then(|| {
            format!(
                " {} left as they were: you lack the right, or somebody else was faster.",
                text::counted(refused as u64, "grant", "grants")
            )
        });
        let actions = view! { <a class="button" href=to("/access/review/report")>"Past reviews"</a> };
        Ok(view! {
            <AccessHead tab=AccessTab::Review actions=actions.into_any()/>
            {told.map(|told| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{told}{kept}</p></div> })}
            <Reasons address=address.clone() asked=asked found=found.clone()/>
            <p class="note">{match found.watched {
                Some(at) => view! { "Uses of rights are noted since "<When at=at/>". A grant is watched for 30 days before anything is said of its use." }.into_any(),
                None => "No use of a right was noted yet: nothing is said of what is not used.".into_any(),
            }}</p>
            {if found.rows.is_empty() {
                view! { <p class="empty">"No grant needs a look."</p> }.into_any()
            } else {
                view! { <List address=address found=found from=from error=error/> }.into_any()
            }}
        }
        .into_any())
    })
}

/// The last question before several grants go: which they are.
fn asking(rows: Vec<GrantRow>, note: String) -> Result<AnyView, AppError> {
    if rows.is_empty() {
        return Err(nothing("None of these grants is there, or none is yours to take."));
    }
    let words = format!("Revoke {}", text::counted(rows.len() as u64, "grant", "grants"));
    let ids = rows.iter().map(|row| view! { <input type="hidden" name="grants[]" value=row.id/> }).collect_view();
    let error = form_error("/do/review-decide");
    let said = (!note.is_empty()).then(|| view! { <p>"Note: " {text::visible(&note, 300)}</p> });
    Ok(view! {
        <AccessHead tab=AccessTab::Review/>
        <section class="stack" aria-labelledby="sure"><h2 id="sure">{words.clone()}"?"</h2>
            <p>"They go together, or none of them does."</p>
            <GrantsTable rows=rows label="Grants that go"/>
            {said}
            <PostForm action="/do/review-decide" error=error>
                {ids}
                <input type="hidden" name="note" value=note/>
                <input type="hidden" name="decision" value="revoke"/>
                <input type="hidden" name="sure" value="yes"/>
                <p class="actions"><button data-tone="danger">{words}</button>
                    <a class="button" data-tone="plain" href=to("/access/review")>"Keep them"</a></p>
            </PostForm>
        </section>
    }
    .into_any())
}

#[component]
fn Reasons(
    /// The page's address.
    address: Address,
    /// What is asked for.
    asked: ReviewQuery,
    /// What was found.
    found: ReviewPage,
) -> impl IntoView {
    let options = REASONS.map(|(word, called)| {
        let count = found.counts.get(word).copied().unwrap_or(0);
        view! { <option value=word selected=word == asked.why>{format!("{called} ({count})")}</option> }
    });
    let chip = REASONS.iter().find(|(word, _)| *word == asked.why).map(|(_, called)| *called);
    view! {
        <form class="filters" action=to("/access/review")>
            <label class="wide">"Why"<select name="why"><option value="">"any reason"</option>{options}</select></label>
            <label>"Old after days"<input name="days" type="number" min="1" max="3650" value=found.old_days/></label>
            <button>"Filter"</button>
        </form>
        {chip.map(|word| view! { <div class="cluster"><Chip word=word href=address.with("why", "").with("from", "").href()/></div> })}
    }
}

#[component]
fn List(
    /// The page's address.
    address: Address,
    /// What was found.
    found: ReviewPage,
    /// The number of the first row.
    from: usize,
    /// What stopped the last try.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
) -> impl IntoView {
    let count = found.rows.len();
    let shown = format!("{} to {} of {}", from + 1, from + count, text::count(found.total as u64));
    let at = |n: usize| address.with("from", &if n == 0 { String::new() } else { n.to_string() }).href();
    let previous = (from > 0).then(|| at(from.saturating_sub(50)));
    let next = (from + count < found.total).then(|| at(from + count));
    let wrong = error.as_ref().and_then(|error| error.of("grants").or_else(|| error.of("note")));
    view! {
        <PostForm action="/do/review-decide" error=error class="stack">
            {wrong.map(|wrong| view! { <p class="danger" role="alert">{wrong}</p> })}
            <table data-fold="" aria-label="Grants to look at">
                <thead><tr><th scope="col" class="pick"><span class="sr">"Choose"</span></th><th scope="col">"Who"</th><th scope="col">"Role"</th>
                    <th scope="col">"Where"</th><th scope="col">"Last used"</th><th scope="col">"Why"</th></tr></thead>
                <tbody>{found.rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
            </table>
            <div class="bulk">
                <span class="picked">" chosen"</span>
                <label>"Note "<input name="note" maxlength="300" autocomplete="off"/></label>
                <button name="decision" value="confirm">"Confirm the chosen grants"</button>
                <button name="decision" value="revoke" data-tone="danger">"Revoke the chosen grants"</button>
            </div>
        </PostForm>
        <Pager shown=shown previous=previous next=next/>
    }
}

#[component]
fn Row(
    /// Which.
    row: ReviewRow,
) -> impl IntoView {
    let grant = row.grant;
    let name = text::visible(&grant.subject_name, 80);
    let pick = format!("Choose {} for {name} on {}", grant.role_name, row.place);
    let place = denied::holding(&grant.scope, grant.registry.as_deref());
    let closed = api::grants::missing(grant.permissions, &grant.scope).filter(|_| !grant.may_change);
    let used = row.last_used.map_or_else(|| "never seen".into_any(), |at| view! { <When at=at/> }.into_any());
    view! {
        <tr>
            <td class="pick">{grant.may_change.then(|| view! { <input type="checkbox" name="grants[]" value=grant.id aria-label=pick/> })}</td>
            <th scope="row"><a href=to(&format!("/access/grants/{}", grant.id))>{name}</a>" "<span class="note">{kind(grant.subject)}</span></th>
            <td data-label="role">{grant.role_name}</td>
            <td class="mono" data-label="where">{row.place}</td>
            <td class="note" data-label="last used">{used}</td>
            <td data-fold="row">{row.reasons.into_iter().map(|(_, said)| view! { <span>{said}" "</span> }).collect_view()}
                {closed.map(|missing| view! { <WhyNot what="change it" permission=missing place=place/> })}</td>
        </tr>
    }
}

/// What reviews decided, to be printed.
#[component]
pub fn Report() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let (from, to_day) = (query.get("from").unwrap_or_default(), query.get("to").unwrap_or_default());
    page(async move {
        let PastReviews { rows, is_cut } = api::reviews::past(&from, &to_day).await?;
        let count = text::counted(rows.len() as u64, "decision", "decisions");
        let facts = view! { <span>{count}</span> };
        let none = rows.is_empty();
        let rows = rows.into_iter().map(|row| view! {
            <tr>
                <td class="when"><When at=row.at/></td>
                <th scope="row">{text::visible(&row.what, 200)}" "<span class="note">{format!("grant {}", row.grant)}</span></th>
                <td data-label="decision">{row.decision}</td>
                <td data-label="by">{text::visible(&row.by, 80)}</td>
                <td class="note" data-fold="row">{text::visible(&row.note, 300)}</td>
            </tr>
        });
        Ok(view! {
            <Head title="Reviews of grants" crumbs=crumbs(AccessTab::Review) facts=facts.into_any()/>
            <form class="filters" action=to("/access/review/report")>
                <label>"From"<input name="from" type="date" value=from/></label>
                <label>"To"<input name="to" type="date" value=to_day/></label>
                <button>"Filter"</button>
            </form>
            {is_cut.then(|| view! { <p class="note">"Not all are shown: there may be older ones. Choose a shorter time to see them."</p> })}
            {if none {
                view! { <p class="empty">"No review was recorded in this time."</p> }.into_any()
            } else {
                view! {
                    <table class="entries" data-fold="" aria-label="Reviews">
                        <thead><tr><th scope="col" class="when">"When"</th><th scope="col">"Grant"</th><th scope="col">"Decision"</th><th scope="col">"By"</th><th scope="col">"Note"</th></tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                }.into_any()
            }}
        })
    })
}
