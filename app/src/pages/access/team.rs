//! A team: who is in it, which robots it owns, what it may do.

use super::{
    AccessTab,
    asking::Asking,
    crumbs,
    robots::RobotTable,
    subject::{Done, GrantsOf},
};
use crate::{
    api,
    base::to,
    context::{actor, form_error},
    error::AppError,
    parts::{Address, Badge, Crumb, Denied, Field, Head, PostForm, When, denied, page},
};
use domain::{
    ActorKind, Permission,
    access::{Subject, what_if::Change},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::teams::{TeamDetails, TeamMember};

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
    let query = use_query_map().get_untracked();
    let of = |name: &str| query.get(name).unwrap_or_default();
    let (saved, ask, who) = (query.get("saved"), of("ask"), of("person"));
    page(async move {
        let team = api::teams::details(&name).await?;
        let out = team.members.iter().find(|member| ask == "out" && member.name == who);
        if let Some(member) = out.filter(|_| team.may_care) {
            return leaving(&team, member).await;
        }
        if ask == "remove" && team.may_manage && team.robots.is_empty() {
            return removing(&team).await;
        }
        let done = saved.as_deref().and_then(said);
        let what = text::visible(&team.description, 500);
        let facts = view! { <span>"since " <When at=team.created/></span> };
        let subject = format!("team-{}", team.id);
        let (grants, manage, care) = (team.grants.clone(), team.may_manage, team.may_care);
        let whole = is_known_whole(&team);
        let robots = team.robots.clone();
        let no_robots = robots.is_empty();
        Ok(view! {
            <Head title=team.name.clone() crumbs=crumbs(AccessTab::Teams) facts=facts.into_any()/>
            {done.map(|text| view! { <Done text=text/> })}
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
            <GrantsOf subject=subject grants=grants whole=whole/>
            {if manage {
                view! { <Manage team=team/> }.into_any()
            } else {
                let label = if care { "Rename or remove the team" } else { "Change the team" };
                view! { <div class="section"><Denied label=label permission=Permission::PeopleManage/></div> }.into_any()
            }}
        }
        .into_any())
    })
}

/// Does whoever looks see all grants of the team? Its members do, and those who see all there are.
fn is_known_whole(team: &TeamDetails) -> bool {
    let who = actor();
    let member = who.kind == ActorKind::Person && team.members.iter().any(|member| member.person == who.id);
    member || denied::may(Permission::GrantView)
}

/// The way down to a page below the team’s.
fn below(team: &TeamDetails) -> (Vec<Crumb>, String) {
    let back = format!("/access/teams/{}", team.name);
    let mut crumbs = crumbs(AccessTab::Teams);
    crumbs.push(Crumb::new(team.name.clone(), &back));
    (crumbs, back)
}

/// The last question before somebody is taken out.
async fn leaving(team: &TeamDetails, member: &TeamMember) -> Result<AnyView, AppError> {
    let (name, who) = (team.name.clone(), member.name.clone());
    let preview = api::what_if::what_if(Change::Leaves { team: team.id, person: member.person }).await?;
    let mut goes =
        vec![format!("{who} no longer has what {name} is granted, but for what they are granted otherwise.")];
    if member.lead {
        goes.push("They no longer care for its members and robots.".to_owned());
    }
    let (crumbs, back) = below(team);
    let words = format!("Take {who} out of {name}");
    let fields = vec![("team", name), ("person", who)];
    Ok(view! {
        <Asking title=words.clone() crumbs=crumbs goes=goes preview=preview action="/do/team-member-remove" fields=fields button=words back=back/>
    }
    .into_any())
}

/// The last question before the team is removed.
async fn removing(team: &TeamDetails) -> Result<AnyView, AppError> {
    let name = team.name.clone();
    let preview = api::what_if::what_if(Change::Removed(Subject::Team(team.id))).await?;
    let members = text::counted(team.members.len() as u64, "member stays as a person", "members stay as people");
    let goes = vec!["The team goes, with the grants made to it.".to_owned(), format!("Its {members}.")];
    let (crumbs, back) = below(team);
    let fields = vec![("name", name.clone())];
    Ok(view! {
        <Asking title=format!("Remove {name}") crumbs=crumbs goes=goes preview=preview action="/do/team-remove" fields=fields
            confirm=Some(name.clone()) button=format!("Remove team {name}") back=back/>
    }
    .into_any())
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
                        let full = text::visible(&member.display_name, 120);
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
    let (set, out) = (format!("{word}: {who}"), format!(" {who}"));
    let asked = vec![("ask", "out".to_owned()), ("person", who.clone())];
    let href = Address::new(format!("/access/teams/{team}"), asked).href();
    view! {
        <div class="cluster">
            <PostForm action="/do/team-member-set">
                <input type="hidden" name="team" value=team/>
                <input type="hidden" name="person" value=who/>
                <input type="hidden" name="lead" value=if lead { "no" } else { "yes" }/>
                <button data-size="small" aria-label=set>{word}</button>
            </PostForm>
            <a class="button" data-size="small" href=href><span class="danger">"Take out"<span class="sr">{out}</span></span></a>
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
    let robots = text::counted(team.robots.len() as u64, "robot", "robots");
    let owns = !team.robots.is_empty();
    let remove = to(&format!("/access/teams/{}?ask=remove", team.name));
    let was = team.name;
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
            {if owns {
                view! { <p class="note">{format!("It has {robots}. Before the team can be removed they are removed, or given to another team.")}</p> }.into_any()
            } else {
                view! { <p class="actions"><a class="button" href=remove><span class="danger">"Remove this team"</span></a></p> }.into_any()
            }}
        </section>
    }
}
