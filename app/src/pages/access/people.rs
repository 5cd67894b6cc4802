//! Who can sign in.

use super::{
    AccessHead, AccessTab,
    subject::{Done, NamePager, Seen, query},
};
use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Address, Denied, Field, PostForm, State, Tone, denied, page},
};
use domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::people::{PersonRow, PersonState};

/// What a state is shown as.
pub fn tone(state: PersonState) -> Tone {
    match state {
        PersonState::Active => Tone::Good,
        PersonState::Invited => Tone::Idle,
        PersonState::Disabled => Tone::Warn,
    }
}

/// The list.
#[component]
pub fn People() -> impl IntoView {
    let address = Address::here("/access/people", &["q", "state", "after", "before"]);
    let removed = use_query_map().get_untracked().get("saved").is_some_and(|saved| saved == "removed");
    page(async move {
        let state = address.get("state").to_owned();
        let found = api::people::list(&query(&address), &state).await?;
        // How many grants there are is for those who may look at all of them.
        let counts = denied::may(Permission::GrantView);
        let shown = (found.rows.len(), found.count);
        let none = found.rows.is_empty();
        let states = std::iter::once(("", "any state")).chain(PersonState::ALL.map(|one| (one.as_str(), one.as_str())));
        Ok(view! {
            <AccessHead tab=AccessTab::People/>
            {removed.then(|| view! { <Done text="The person is removed. The audit log keeps what they did."/> })}
            <section class="stack" aria-label="People">
                <form class="filters" action=to("/access/people")>
                    <label class="wide">"Name"<input name="q" type="search" value=address.get("q").to_owned()/></label>
                    <label>"State"
                        <select name="state">
                            {states.map(|(value, word)| view! { <option value=value selected=value == state>{word}</option> }).collect_view()}
                        </select>
                    </label>
                    <button>"Filter"</button>
                </form>
                {if none {
                    view! { <p class="empty">"Nobody fits."</p> }.into_any()
                } else {
                    view! {
                        <table data-fold="">
                            <thead><tr><th scope="col">"Person"</th><th scope="col">"State"</th><th scope="col">"Teams"</th>
                                {counts.then(|| view! { <th scope="col" class="num">"Own grants"</th> })}<th scope="col" class="num">"Last seen"</th></tr></thead>
                            <tbody>{found.rows.into_iter().map(|row| view! { <Row row=row counts=counts/> }).collect_view()}</tbody>
                        </table>
                        <NamePager address=address shown=shown previous=found.previous next=found.next/>
                    }.into_any()
                }}
            </section>
            {if denied::may(Permission::PeopleManage) {
                view! { <Invite/> }.into_any()
            } else {
                view! { <p><Denied label="Invite somebody" permission=Permission::PeopleManage/></p> }.into_any()
            }}
        })
    })
}

/// Somebody in their row.
#[component]
fn Row(
    /// Who.
    row: PersonRow,
    /// Are their grants counted?
    counts: bool,
) -> impl IntoView {
    let full = domain::text::visible(&row.display_name, 120);
    let word = match (row.state, row.link_until.is_some()) {
        (PersonState::Invited, false) => "invited, the link has run out".to_owned(),
        (PersonState::Active, true) => "active, may choose another password".to_owned(),
        (state, _) => state.as_str().to_owned(),
    };
    view! {
        <tr>
            <th scope="row"><a href=to(&format!("/access/people/{}", row.name))>{row.name.clone()}</a> " " <span class="quiet">{full}</span></th>
            <td data-fold="row"><State tone=tone(row.state) word=word/></td>
            <td class="note" data-label="teams">{if row.teams.is_empty() { "none".to_owned() } else { row.teams.join(", ") }}</td>
            {counts.then(|| view! { <td class="num" data-label="own grants">{row.grants}</td> })}
            <td class="note num" data-label="last seen"><Seen at=row.last_seen/></td>
        </tr>
    }
}

/// The form that invites somebody.
#[component]
fn Invite() -> impl IntoView {
    let error = form_error("/do/person-invite");
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let typed = |field: &str| error.as_ref().and_then(|error| error.typed(field)).unwrap_or_default();
    let (name, full) = (typed("name"), typed("display_name"));
    let (name_error, full_error) = (of("name"), of("display_name"));
    let open = error.is_some();
    view! {
        <details open=open><summary>"Invite somebody"</summary>
            <PostForm action="/do/person-invite" error=error class="stack">
                <p class="note">"Makes an account and a link by which it is taken within 7 days. It has no rights until you grant some."</p>
                <Field name="name" label="Name" hint="To sign in with: letters, digits and . _ - @" value=name error=name_error mono=true required=true/>
                <Field name="display_name" label="Full name" value=full error=full_error/>
                <p class="actions"><button data-tone="primary">"Make the account and its link"</button></p>
            </PostForm>
        </details>
    }
}
