//! A team: who is in it, which robots it owns, what it may do.

use super::{
    AccessTab, crumbs,
    robots::RobotTable,
    subject::{Done, GrantsOf, stopped},
};
use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Badge, Field, Head, PostForm, When, page},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::teams::TeamDetails;

/// What came of the last act.
fn said(saved: &str) -> Option<&'static str> {
    Some(match saved {
        "made" => "The team is made. Add its members, and grant it what they are to have.",
        "edited" => "The team is saved.",
        "member" => "The members are saved.",
        "left" => "They are no longer in the team, and have its grants no more.",
        _ => return None,
    })
}

/// The page.
#[component]
pub fn Team() -> impl IntoView {
    let name = use_params_map().get_untracked().get("team").unwrap_or_default();
    let saved = use_query_map().get_untracked().get("saved");
    page(async move {
        let team = api::teams::details(&name).await?;
        let done = saved.as_deref().and_then(said);
        let what = domain::text::visible(&team.description, 500);
        let facts = view! { <span>"since " <When at=team.created/></span> };
        let subject = format!("team-{}", team.id);
        let (grants, more, manage) = (team.grants.clone(), team.more_grants, team.may_manage);
        let robots = team.robots.clone();
        let no_robots = robots.is_empty();
        Ok(view! {
            <Head title=team.name.clone() crumbs=crumbs(AccessTab::Teams) facts=facts.into_any()/>
            {done.map(|text| view! { <Done text=text/> })}
            {stopped(&["/do/team-member-remove"])}
            {(!what.is_empty()).then(|| view! { <p>{what}</p> })}
            <Members team=team.clone()/>
            <section class="stack" aria-labelledby="robots">
                <h2 id="robots">"Robots"</h2>
                {if no_robots {
                    view! { <p class="empty">"The team has no robots."</p> }.into_any()
                } else {
                    view! { <RobotTable rows=robots/> }.into_any()
                }}
                {team.may_care.then(|| view! { <p class="actions"><a class="button" href=to(&format!("/access/robots?team={}#make", team.name))>"Make a robot"</a></p> })}
            </section>
            <GrantsOf subject=subject grants=grants more=more/>
            {manage.then(|| view! { <Manage team=team/> })}
        })
    })
}

/// Who is in it.
#[component]
fn Members(
    /// In which.
    team: TeamDetails,
) -> impl IntoView {
    let none = team.members.is_empty();
    let (care, links) = (team.may_care, team.sees_accounts);
    let error = form_error("/do/team-member-set");
    let (typed, problem) = (
        error.as_ref().and_then(|error| error.typed("person")).unwrap_or_default(),
        error.as_ref().and_then(|error| error.of("person")),
    );
    let name = team.name.clone();
    view! {
        <section class="stack" aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            {none.then(|| view! { <p class="empty">"Nobody is in it yet."</p> })}
            {(!none).then(|| view! {
                <table data-fold="">
                    <thead><tr><th scope="col">"Person"</th><th scope="col">"Part"</th><th scope="col" class="num">"Since"</th>
                        <th scope="col"><span class="sr">"Change it"</span></th></tr></thead>
                    <tbody>{team.members.into_iter().map(|member| {
                        let (team, who) = (name.clone(), member.name.clone());
                        let full = domain::text::visible(&member.display_name, 120);
                        view! {
                            <tr>
                                <th scope="row">
                                    {if links {
                                        view! { <a href=to(&format!("/access/people/{who}"))>{who.clone()}</a> }.into_any()
                                    } else {
                                        who.clone().into_any()
                                    }}
                                    " " <span class="quiet">{full}</span> " " {member.disabled.then(|| view! { <Badge word="disabled"/> })}
                                </th>
                                <td class="note" data-label="part">{if member.lead { "lead" } else { "member" }}</td>
                                <td class="note num" data-label="since"><When at=member.added/></td>
                                <td class="num">{care.then(|| view! { <Change team=team who=who lead=member.lead/> })}</td>
                            </tr>
                        }
                    }).collect_view()}</tbody>
                </table>
            })}
            <p class="note">"Leads care for the members and the robots of their team."</p>
            {care.then(|| view! {
                <PostForm action="/do/team-member-set" error=error class="stack">
                    <input type="hidden" name="team" value=team.name.clone()/>
                    <Field name="person" label="Add a person" hint="The name they sign in with" value=typed error=problem mono=true required=true/>
                    <label class="tick"><input type="checkbox" name="lead" value="yes"/><span>"As a lead"</span></label>
                    <p class="actions"><button>"Add to the team"</button></p>
                </PostForm>
            })}
        </section>
    }
}

/// The buttons of a member.
#[component]
fn Change(
    /// In which team.
    team: String,
    /// Who.
    who: String,
    /// Do they lead it?
    lead: bool,
) -> impl IntoView {
    let word = if lead { "Make member" } else { "Make lead" };
    let (same_team, same_person) = (team.clone(), who.clone());
    let (set, out) = (format!("{word}: {who}"), format!("Take {who} out of {team}"));
    view! {
        <div class="cluster">
            <PostForm action="/do/team-member-set">
                <input type="hidden" name="team" value=same_team/>
                <input type="hidden" name="person" value=same_person/>
                <input type="hidden" name="lead" value=if lead { "no" } else { "yes" }/>
                <button data-size="small" aria-label=set>{word}</button>
            </PostForm>
            <details><summary>"Take out"<span class="sr">{format!(" {who}")}</span></summary>
                <PostForm action="/do/team-member-remove">
                    <input type="hidden" name="team" value=team/>
                    <input type="hidden" name="person" value=who/>
                    <button data-size="small" data-tone="danger">{out}</button>
                </PostForm>
            </details>
        </div>
    }
}

/// Renaming and removing.
#[component]
fn Manage(
    /// Which.
    team: TeamDetails,
) -> impl IntoView {
    let edit = form_error("/do/team-edit");
    let of = |field: &str| edit.as_ref().and_then(|error| error.of(field));
    let typed =
        |field: &str, now: &str| edit.as_ref().and_then(|error| error.typed(field)).unwrap_or_else(|| now.to_owned());
    let (name, description) = (typed("name", &team.name), typed("description", &team.description));
    let (name_error, description_error, editing) = (of("name"), of("description"), edit.is_some());
    let remove = form_error("/do/team-remove");
    let (problem, removing) = (remove.as_ref().and_then(|error| error.of("confirm")), remove.is_some());
    let robots = team.robots.len();
    let mut goes: Vec<String> = team.grants.iter().map(|grant| format!("{}, {}", grant.role, grant.place)).collect();
    if team.more_grants {
        goes.push("Some at places you may not look at".to_owned());
    }
    let none = goes.is_empty();
    let (was, name_of_it) = (team.name.clone(), team.name);
    view! {
        <section class="stack" aria-labelledby="manage">
            <h2 id="manage">"Change the team"</h2>
            <details open=editing><summary>"Rename or describe it"</summary>
                <PostForm action="/do/team-edit" error=edit class="stack">
                    <input type="hidden" name="was" value=was/>
                    <input type="hidden" name="version" value=team.version/>
                    <Field name="name" label="Name" value=name error=name_error mono=true required=true/>
                    <Field name="description" label="What it is" value=description error=description_error/>
                    <p class="actions"><button>"Save team"</button></p>
                </PostForm>
            </details>
            <details open=removing><summary>"Remove this team"</summary>
                {if robots > 0 {
                    view! { <p>"It has " {robots} " robots. Remove them or give them to another team first."</p> }.into_any()
                } else {
                    view! {
                        <PostForm action="/do/team-remove" error=remove class="stack">
                            {if none {
                                view! { <p>"No grant is made to it. Its members stay as people."</p> }.into_any()
                            } else {
                                view! {
                                    <p>"These grants go with it. Its members stay as people."</p>
                                    <ul>{goes.into_iter().map(|one| view! { <li>{one}</li> }).collect_view()}</ul>
                                }.into_any()
                            }}
                            <input type="hidden" name="name" value=name_of_it.clone()/>
                            <Field name="confirm" label=format!("Type {name_of_it} to confirm") error=problem mono=true required=true/>
                            <p class="actions"><button data-tone="danger">{format!("Remove team {name_of_it}")}</button></p>
                        </PostForm>
                    }.into_any()
                }}
            </details>
        </section>
    }
}
