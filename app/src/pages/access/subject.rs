//! What the pages of people, teams and robots share: their filter, their pager, their grants, what was said and done.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Address, Badge, Denied, Icon, Pager, PostForm, When},
};
use domain::{Permission, Timestamp, text};
use leptos::prelude::*;
use operations::subjects::{NameQuery, SubjectGrant};

/// What the address asks of a list that goes by name.
pub fn query(address: &Address) -> NameQuery {
    let get = |name: &str| address.get(name).to_owned();
    NameQuery { text: get("q"), after: get("after"), before: get("before") }
}

/// The pager of a list that goes by name.
#[component]
pub fn NamePager(
    /// The list.
    address: Address,
    /// How many rows stand here, and how many there are.
    shown: (usize, u64),
    /// The name before which the page before ends.
    #[prop(optional_no_strip)]
    previous: Option<String>,
    /// The name after which the next page begins.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    let (here, all) = shown;
    let shown = if here as u64 == all { text::count(all) } else { format!("{here} of {}", text::count(all)) };
    let previous = previous.map(|name| address.with("before", &name).href());
    let next = next.map(|name| address.with("after", &name).href());
    view! { <Pager shown=shown previous=previous next=next/> }
}

/// Something was done.
#[component]
pub fn Done(
    /// What.
    text: &'static str,
) -> impl IntoView {
    view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p></div> }
}

/// What stopped forms that are a button only.
pub fn stopped(actions: &[&str]) -> impl IntoView + use<> {
    let errors: Vec<_> = actions.iter().filter_map(|action| form_error(action)).collect();
    errors
        .into_iter()
        .map(|error| view! { <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/><p>{error.message}</p></div> })
        .collect_view()
}

/// A day that lies ahead, or `never`.
#[component]
pub fn Ends(
    /// When.
    #[prop(optional_no_strip)]
    at: Option<Timestamp>,
    /// What is said where there is no end.
    #[prop(default = "not by itself")]
    never: &'static str,
) -> impl IntoView {
    match at {
        Some(at) => view! { <time datetime=at.rfc3339() title=at.utc()>{at.rfc3339().get(..10).unwrap_or_default().to_owned()}</time> }.into_any(),
        None => never.into_any(),
    }
}

/// A step before a button that takes something away: it names what goes.
#[component]
pub fn Step(
    /// What is about to be done.
    summary: &'static str,
    /// What goes.
    goes: String,
    /// Where the button posts to.
    action: &'static str,
    /// Whose.
    name: String,
    /// The button's words.
    word: String,
) -> impl IntoView {
    view! {
        <details><summary>{summary}</summary>
            <PostForm action=action class="stack">
                <p>{goes}</p>
                <input type="hidden" name="name" value=name/>
                <p class="actions"><button data-tone="danger">{word}</button></p>
            </PostForm>
        </details>
    }
}

/// A moment, or `never`.
#[component]
pub fn Seen(
    /// When.
    #[prop(optional_no_strip)]
    at: Option<Timestamp>,
) -> impl IntoView {
    match at {
        Some(at) => view! { <When at=at/> }.into_any(),
        None => "never".into_any(),
    }
}

/// A field for a day.
#[component]
pub fn DayField(
    /// Its label.
    label: &'static str,
    /// A sentence below it.
    hint: &'static str,
    /// What stands in it.
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    let invalid = error.as_ref().map(|_| "true");
    view! {
        <p class="field">
            <label for="expires">{label}</label>
            <span class="note" id="expires-hint">{hint}</span>
            <input id="expires" name="expires" type="date" value=value aria-invalid=invalid aria-describedby="expires-hint"/>
            {error.map(|error| view! { <span class="error"><Icon name="alert"/>{error}</span> })}
        </p>
    }
}

/// What a subject holds rights by, with the ways to change it.
#[component]
pub fn GrantsOf(
    /// As grants name it: `person-3`.
    subject: String,
    /// The grants that may be looked at.
    grants: Vec<SubjectGrant>,
    /// Does whoever looks see all that there are? If not, one sentence says so of every subject alike: whether there are others
    /// is not told.
    whole: bool,
) -> impl IntoView {
    let none = grants.is_empty();
    let empty = if whole {
        "Nothing is granted: without a grant nothing may be done."
    } else {
        "No grant that you may look at."
    };
    let may_grant = api::grants::may_grant();
    view! {
        <section class="stack" aria-labelledby="grants">
            <h2 id="grants">"Grants"</h2>
            {none.then(|| view! { <p class="empty">{empty}</p> })}
            {(!none).then(|| view! {
                <table data-fold="">
                    <thead><tr><th scope="col">"Role"</th><th scope="col">"Where"</th><th scope="col">"By way of"</th>
                        <th scope="col">"Because"</th><th scope="col" class="num">"Ends"</th></tr></thead>
                    <tbody>{grants.into_iter().map(|grant| view! { <GrantRow grant=grant/> }).collect_view()}</tbody>
                </table>
            })}
            {(!whole).then(|| view! { <p class="note">"There may be grants elsewhere that you may not look at."</p> })}
            <p class="actions">
                {may_grant.then(|| view! { <a class="button" href=to(&format!("/access/grants/new?subject={subject}"))>"Grant access"</a> })}
                <a class="button" href=to(&format!("/access/grants?subject={subject}"))>"All about these grants"</a>
                {(!may_grant).then(|| view! { <Denied label="Grant access" permission=Permission::GrantManage/> })}
            </p>
        </section>
    }
}

/// A grant in its row.
#[component]
fn GrantRow(
    /// Which.
    grant: SubjectGrant,
) -> impl IntoView {
    let because = text::visible(&grant.because, 200);
    view! {
        <tr>
            <th scope="row">{grant.role} " " {grant.ended.then(|| view! { <Badge word="ended"/> })}</th>
            <td data-label="where"><span class="mono">{grant.place}</span></td>
            <td class="note" data-label="by way of">{grant.through.unwrap_or_else(|| "own grant".to_owned())}</td>
            <td class="note" data-fold="row">{because} <span class="quiet">" by " {grant.by}</span></td>
            <td class="note num" data-label="ends"><Ends at=grant.until/></td>
        </tr>
    }
}
