//! Teams: groups of people.

use super::{
    AccessHead, AccessTab,
    subject::{Done, NamePager, query},
};
use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Address, Denied, Field, PostForm, denied, page},
};
use domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::teams::TeamRow;

/// The list.
#[component]
pub fn Teams() -> impl IntoView {
    let address = Address::here("/access/teams", &["q", "after", "before"]);
    let removed = use_query_map().get_untracked().get("saved").is_some_and(|saved| saved == "removed");
    page(async move {
        let found = api::teams::list(&query(&address)).await?;
        let may_manage = denied::may(Permission::PeopleManage);
        // Members see all grants of their teams; of others’ teams they are for those who may look at all of them.
        let counts = !may_manage || denied::may(Permission::GrantView);
        let shown = (found.rows.len(), found.count);
        let (none, filtered) = (found.rows.is_empty(), !address.get("q").is_empty());
        Ok(view! {
            <AccessHead tab=AccessTab::Teams/>
            {removed.then(|| view! { <Done text="The team is removed, and the grants made to it."/> })}
            <section class="stack" aria-label="Teams">
                <form class="filters" action=to("/access/teams")>
                    <label class="wide">"Name"<input name="q" type="search" value=address.get("q").to_owned()/></label>
                    <button>"Filter"</button>
                </form>
                {if none {
                    let sentence = match (filtered, may_manage) {
                        (true, _) => "No team fits.",
                        (false, true) => "No team yet. What is granted to a team, its members have; robots belong to teams.",
                        (false, false) => "You are in no team.",
                    };
                    view! { <p class="empty">{sentence}</p> }.into_any()
                } else {
                    view! {
                        <table data-fold="">
                            <thead><tr><th scope="col">"Team"</th><th scope="col">"Leads"</th><th scope="col" class="num">"Members"</th>
                                <th scope="col" class="num">"Robots"</th>{counts.then(|| view! { <th scope="col" class="num">"Grants"</th> })}</tr></thead>
                            <tbody>{found.rows.into_iter().map(|row| view! { <Row row=row counts=counts/> }).collect_view()}</tbody>
                        </table>
                        <NamePager address=address shown=shown previous=found.previous next=found.next/>
                    }.into_any()
                }}
            </section>
            {if may_manage {
                view! { <Make/> }.into_any()
            } else {
                view! { <p><Denied label="Make a team" permission=Permission::PeopleManage/></p> }.into_any()
            }}
        })
    })
}

/// A team in its row.
#[component]
fn Row(
    /// Which.
    row: TeamRow,
    /// Are its grants counted?
    counts: bool,
) -> impl IntoView {
    let what = domain::text::visible(&row.description, 120);
    view! {
        <tr>
            <th scope="row"><a href=to(&format!("/access/teams/{}", row.name))>{row.name.clone()}</a> " " <span class="quiet">{what}</span></th>
            <td class="note" data-label="leads">{if row.leads.is_empty() { "none".to_owned() } else { row.leads.join(", ") }}</td>
            <td class="num" data-label="members">{row.members}</td>
            <td class="num" data-label="robots">{row.robots}</td>
            {counts.then(|| view! { <td class="num" data-label="grants">{row.grants}</td> })}
        </tr>
    }
}

/// The form that makes a team.
#[component]
fn Make() -> impl IntoView {
    let error = form_error("/do/team-create");
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let typed = |field: &str| error.as_ref().and_then(|error| error.typed(field)).unwrap_or_default();
    let (name, description) = (typed("name"), typed("description"));
    let (name_error, description_error) = (of("name"), of("description"));
    let open = error.is_some();
    view! {
        <details open=open><summary>"Make a team"</summary>
            <PostForm action="/do/team-create" error=error class="stack">
                <Field name="name" label="Name" hint="Letters, digits and . _ - @" value=name error=name_error mono=true required=true/>
                <Field name="description" label="What it is" value=description error=description_error/>
                <p class="actions"><button data-tone="primary">"Make team"</button></p>
            </PostForm>
        </details>
    }
}
