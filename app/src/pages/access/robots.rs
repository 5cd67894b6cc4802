//! Robots: the accounts of machines.

use super::{
    AccessHead, AccessTab,
    subject::{DayField, Done, Ends, NamePager, Seen, query},
};
use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Address, Field, Icon, PostForm, State, Tone, WhyNot, denied, page},
};
use domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::robots::{RobotRow, RobotState};

/// What a state is shown as.
pub fn tone(state: RobotState) -> Tone {
    match state {
        RobotState::Active => Tone::Good,
        RobotState::Disabled | RobotState::Expired => Tone::Warn,
    }
}

/// The list.
#[component]
pub fn Robots() -> impl IntoView {
    let address = Address::here("/access/robots", &["q", "after", "before"]);
    let asked = use_query_map().get_untracked();
    let removed = asked.get_str("saved") == Some("removed");
    let team = asked.get("team").unwrap_or_default();
    page(async move {
        let found = api::robots::list(&query(&address)).await?;
        let teams = api::robots::teams().await?;
        let shown = (found.rows.len(), found.count);
        let (none, filtered) = (found.rows.is_empty(), !address.get("q").is_empty());
        Ok(view! {
            <AccessHead tab=AccessTab::Robots/>
            {removed.then(|| view! { <Done text="The robot is removed, with its secrets and the grants made to it."/> })}
            <section class="stack" aria-label="Robots">
                <form class="filters" action=to("/access/robots")>
                    <label class="wide">"Name"<input name="q" type="search" value=address.get("q").to_owned()/></label>
                    <button>"Filter"</button>
                </form>
                {if none {
                    let sentence = if filtered { "No robot fits." } else { "No robot yet. A robot is what a build, a deployment or a cluster signs in as." };
                    view! { <p class="empty">{sentence}</p> }.into_any()
                } else {
                    view! {
                        <RobotTable rows=found.rows/>
                        <NamePager address=address shown=shown previous=found.previous next=found.next/>
                    }.into_any()
                }}
            </section>
            <Make teams=teams chosen=team/>
        })
    })
}

/// Robots in a table.
#[component]
pub fn RobotTable(
    /// Which.
    rows: Vec<RobotRow>,
) -> impl IntoView {
    // How many grants there are is for those who may look at all of them.
    let counts = denied::may(Permission::GrantView);
    view! {
        <table data-fold="">
            <thead><tr><th scope="col">"Robot"</th><th scope="col">"State"</th><th scope="col">"Team"</th>
                {counts.then(|| view! { <th scope="col" class="num">"Grants"</th> })}<th scope="col" class="num">"Last used"</th><th scope="col" class="num">"Ends"</th></tr></thead>
            <tbody>{rows.into_iter().map(|row| {
                let purpose = domain::text::visible(&row.purpose, 100);
                view! {
                    <tr>
                        <th scope="row"><a class="mono" href=to(&format!("/access/robots/{}", row.name))>{row.name.clone()}</a> " " <span class="quiet">{purpose}</span></th>
                        <td data-fold="row"><State tone=tone(row.state) word=row.state.as_str()/></td>
                        <td class="note" data-label="team"><a href=to(&format!("/access/teams/{}", row.team))>{row.team.clone()}</a></td>
                        {counts.then(|| view! { <td class="num" data-label="grants">{row.grants}</td> })}
                        <td class="note num" data-label="last used"><Seen at=row.last_used/></td>
                        <td class="note num" data-label="ends"><Ends at=row.expires/></td>
                    </tr>
                }
            }).collect_view()}</tbody>
        </table>
    }
}

/// The teams a robot can belong to.
#[component]
pub fn TeamChoice(
    /// Which there are.
    teams: Vec<String>,
    /// The one that is chosen.
    chosen: String,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    view! {
        <p class="field"><label for="team">"Team"</label>
            <span class="note">"It belongs to the team, and stays when whoever made it goes."</span>
            <select id="team" name="team">
                {teams.into_iter().map(|name| view! { <option value=name.clone() selected=name == chosen>{name.clone()}</option> }).collect_view()}
            </select>
            {error.map(|error| view! { <span class="error"><Icon name="alert"/>{error}</span> })}
        </p>
    }
}

/// The form that makes a robot.
#[component]
fn Make(
    /// The teams it could belong to.
    teams: Vec<String>,
    /// The team that is chosen at first.
    chosen: String,
) -> impl IntoView {
    if teams.is_empty() && denied::may(Permission::PeopleManage) {
        return view! {
            <p class="note">"Robots belong to teams. " <a href=to("/access/teams")>"Make a team first"</a> "."</p>
        }
        .into_any();
    }
    if teams.is_empty() {
        return view! {
            <p class="note">"Robots belong to teams, and are made by those who lead one and those who manage people. "
                <WhyNot what="make one" permission=Permission::PeopleManage/></p>
        }
        .into_any();
    }
    let error = form_error("/do/robot-create");
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let typed = |field: &str| error.as_ref().and_then(|error| error.typed(field)).unwrap_or_default();
    let (name, purpose, expires) = (typed("name"), typed("purpose"), typed("expires"));
    let (name_error, team_error, purpose_error, expires_error) = (of("name"), of("team"), of("purpose"), of("expires"));
    let open = error.is_some() || !chosen.is_empty();
    let chosen = if error.is_some() { typed("team") } else { chosen };
    view! {
        <details id="make" open=open><summary>"Make a robot"</summary>
            <PostForm action="/do/robot-create" error=error class="stack">
                <Field name="name" label="Name" hint="a to z, 0 to 9, and single . _ - between them. It stands in other systems, and stays as it is." value=name
                    error=name_error mono=true required=true placeholder="ci-build"/>
                <TeamChoice teams=teams chosen=chosen error=team_error/>
                <Field name="purpose" label="What it is for" value=purpose error=purpose_error placeholder="builds the storefront"/>
                <DayField label="It ends on" hint="From this day on (UTC) it may do nothing. Empty for a robot that stays." value=expires error=expires_error/>
                <p class="actions"><button data-tone="primary">"Make robot"</button></p>
            </PostForm>
        </details>
    }
    .into_any()
}
