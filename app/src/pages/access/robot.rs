//! A robot: its secrets, what it may do, and how it is used.

use super::{
    AccessTab,
    asking::Asking,
    crumbs,
    robots::{TeamChoice, tone},
    subject::{DayField, Done, Ends, GrantsOf, Seen, stopped},
    templates::UseIt,
};
use crate::{
    api,
    base::to,
    context::form_error,
    error::AppError,
    parts::{Badge, Crumb, Denied, Field, Head, Icon, PostForm, RefreshTokens, State, TextCommand, When, denied, page},
};
use domain::{
    Permission,
    access::{Subject, what_if::Change},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::robots::{RobotDetails, RobotSecretRow, RobotState};

/// What came of the last act.
fn said(saved: &str) -> Option<&'static str> {
    Some(match saved {
        "made" => "The robot is made. Grant it what it is to do, then make a secret for it.",
        "edited" => "The robot is saved.",
        "disabled" => "Disabled: from this second on it gets no token for a registry.",
        "enabled" => "Enabled. Its secrets are good again.",
        "refresh" => "The sign-in is revoked. Whatever used it is refused from now on.",
        "revoked" => "The secret is revoked. Whatever used it is refused from now on.",
        _ => return None,
    })
}

/// The page.
#[component]
pub fn Robot() -> impl IntoView {
    let name = use_params_map().get_untracked().get("robot").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let of = |name: &str| query.get_str(name).map(str::to_owned);
    let (saved, made) = (of("saved"), of("made"));
    let (registry, ask) = (of("registry").unwrap_or_default(), of("ask").unwrap_or_default());
    page(async move {
        let robot = api::robots::details(&name).await?;
        let whole = denied::may(Permission::GrantView);
        let disables = ask == "disable" && robot.row.state != RobotState::Disabled;
        if robot.may_care && (disables || ask == "remove") {
            return asking(&robot, disables, whole).await;
        }
        let made = made.and_then(|name| api::robots::made(&name));
        let templates = api::robots::templates(&registry, &robot.user, made.as_deref()).await?;
        let done = saved.as_deref().and_then(said);
        let facts = view! {
            <span><State tone=tone(robot.row.state) word=robot.row.state.as_str()/></span>
            <span>"of " <a href=to(&format!("/access/teams/{}", robot.row.team))>{robot.row.team.clone()}</a></span>
            <span>"last used " <Seen at=robot.row.last_used/></span>
            <span>"ends " <Ends at=robot.row.expires/></span>
            <span>"made by " {robot.made_by.clone()} " " <When at=robot.created/></span>
        };
        let purpose = text::visible(&robot.row.purpose, 500);
        let (subject, path) = (format!("robot-{}", robot.id), format!("/access/robots/{}", robot.row.name));
        let (grants, care) = (robot.grants.clone(), robot.may_care);
        let own = Subject::Robot(robot.id);
        let refresh = if care { api::refresh_tokens::list(own).await? } else { Vec::new() };
        Ok(view! {
            <Head title=robot.row.name.clone() crumbs=crumbs(AccessTab::Robots) facts=facts.into_any()/>
            {done.map(|text| view! { <Done text=text/> })}
            {stopped(&["/do/robot-enable", "/do/robot-secret-revoke"])}
            {(!purpose.is_empty()).then(|| view! { <p>{purpose}</p> })}
            <p class="note">"It signs in as " <code>{robot.user.clone()}</code> ", with one of its secrets as the password."</p>
            <Secrets robot=robot.clone() made=made/>
            <RefreshTokens subject=own rows=refresh/>
            <GrantsOf subject=subject grants=grants whole=whole/>
            <UseIt templates=templates path=path/>
            {if care {
                view! { <Manage robot=robot/> }.into_any()
            } else {
                view! { <div class="section"><Denied label="Change the robot" permission=Permission::PeopleManage/></div> }.into_any()
            }}
        }
        .into_any())
    })
}

/// The last question before the robot is disabled or removed.
async fn asking(robot: &RobotDetails, disables: bool, whole: bool) -> Result<AnyView, AppError> {
    let (name, subject) = (robot.row.name.clone(), Subject::Robot(robot.id));
    let secrets = text::counted(robot.secrets.len() as u64, "secret", "secrets");
    let mut crumbs = crumbs(AccessTab::Robots);
    let back = format!("/access/robots/{name}");
    crumbs.push(Crumb::new(name.clone(), &back));
    let fields = vec![("name", name.clone())];
    if disables {
        let preview = api::what_if::what_if(Change::Acts(subject, false)).await?;
        let goes = vec![format!(
            "From this second on {name} gets no token for a registry, and its {secrets} are refused until it is enabled again. Its grants stay."
        )];
        return Ok(view! {
            <Asking title=format!("Disable {name}") crumbs=crumbs goes=goes preview=preview action="/do/robot-disable" fields=fields
                button=format!("Disable {name}") back=back/>
        }
        .into_any());
    }
    let preview = api::what_if::what_if(Change::Removed(subject)).await?;
    let grants = if whole {
        text::counted(robot.row.grants as u64, "grant", "grants")
    } else {
        "the grants made to it".to_owned()
    };
    let goes = vec![
        format!("The robot goes, with {secrets} and {grants}. Whatever signs in as it is refused."),
        "The audit log keeps its entries.".to_owned(),
    ];
    Ok(view! {
        <Asking title=format!("Remove {name}") crumbs=crumbs goes=goes preview=preview action="/do/robot-remove" fields=fields
            confirm=Some(name.clone()) button=format!("Remove robot {name}") back=back/>
    }
    .into_any())
}

/// Its secrets: the new one, shown once; the list; the form that makes one.
#[component]
fn Secrets(
    /// Whose.
    robot: RobotDetails,
    /// The one that was made just now.
    #[prop(optional_no_strip)]
    made: Option<String>,
) -> impl IntoView {
    let (none, care, name) = (robot.secrets.is_empty(), robot.may_care, robot.row.name.clone());
    view! {
        <section class="stack" aria-labelledby="secrets">
            <h2 id="secrets">"Secrets"</h2>
            {made.map(|secret| view! {
                <div class="notice" data-tone="good" role="status">
                    <Icon name="check"/>
                    <p><b>"Copy the secret now: it is shown only this once."</b></p>
                    <TextCommand text=secret what="secret"/>
                </div>
            })}
            {none.then(|| view! { <p class="empty">"It has no secret: nothing can sign in as it."</p> })}
            {(!none).then(|| view! {
                <table data-fold="">
                    <thead><tr><th scope="col">"Secret"</th><th scope="col" class="num">"Made"</th><th scope="col" class="num">"Last used"</th>
                        <th scope="col">"From"</th><th scope="col" class="num">"Ends"</th><th scope="col"><span class="sr">"Revoke it"</span></th></tr></thead>
                    <tbody>{robot.secrets.into_iter().map(|row| view! { <Secret robot=name.clone() row=row care=care/> }).collect_view()}</tbody>
                </table>
            })}
            {care.then(|| view! { <NewSecret robot=robot.row.name/> })}
        </section>
    }
}

/// A secret in its row.
#[component]
fn Secret(
    /// Whose.
    robot: String,
    /// Which.
    row: RobotSecretRow,
    /// Can it be revoked here?
    care: bool,
) -> impl IntoView {
    let name = text::visible(&row.name, 100);
    view! {
        <tr>
            <th scope="row">{name.clone()} " " <code class="note">{row.prefix.clone()}</code> " " {row.expired.then(|| view! { <Badge word="expired"/> })}</th>
            <td class="note num" data-label="made"><When at=row.created/></td>
            <td class="note num" data-label="last used"><Seen at=row.last_used/></td>
            <td class="note" data-label="from"><code>{row.last_address}</code></td>
            <td class="note num" data-label="ends"><Ends at=row.expires/></td>
            <td class="num">
                {care.then(|| view! {
                    <details><summary>"Revoke"<span class="sr">{format!(" {name}")}</span></summary>
                        <PostForm action="/do/robot-secret-revoke">
                            <input type="hidden" name="robot" value=robot/>
                            <input type="hidden" name="prefix" value=row.prefix/>
                            <button data-size="small" data-tone="danger">{format!("Revoke {name}")}</button>
                        </PostForm>
                    </details>
                })}
            </td>
        </tr>
    }
}

/// The form that makes a secret.
#[component]
fn NewSecret(
    /// Whose.
    robot: String,
) -> impl IntoView {
    let error = form_error("/do/robot-secret-create");
    let of = |field: &str| error.as_ref().and_then(|error| error.of(field));
    let typed = |field: &str| error.as_ref().and_then(|error| error.typed(field)).unwrap_or_default();
    let (name, expires) = (typed("name"), typed("expires"));
    let (name_error, expires_error) = (of("name"), of("expires"));
    let open = error.is_some();
    view! {
        <details open=open><summary>"Make a secret"</summary>
            <PostForm action="/do/robot-secret-create" error=error class="stack">
                <p class="note">"To change a secret without a pause: make another one, put it where the old one was, then revoke the old one."</p>
                <input type="hidden" name="robot" value=robot/>
                <Field name="name" label="Where it is used" value=name error=name_error required=true placeholder="GitHub Actions"/>
                <DayField label="It ends on" hint="From this day on (UTC) it is refused. Empty for a secret that stays until it is revoked." value=expires error=expires_error/>
                <p class="actions"><button data-tone="primary">"Make secret"</button></p>
            </PostForm>
        </details>
    }
}

/// Changing, disabling and removing.
#[component]
fn Manage(
    /// Which.
    robot: RobotDetails,
) -> impl IntoView {
    let name = robot.row.name.clone();
    let edit = form_error("/do/robot-edit");
    let purpose = edit.as_ref().and_then(|error| error.typed("purpose")).unwrap_or_else(|| robot.row.purpose.clone());
    let team = edit.as_ref().and_then(|error| error.typed("team")).unwrap_or_else(|| robot.row.team.clone());
    let expires = edit.as_ref().and_then(|error| error.typed("expires"));
    let now = robot.row.expires.map(|at| at.rfc3339().get(..10).unwrap_or_default().to_owned());
    let expires = expires.or(now).unwrap_or_default();
    let of = |field: &str| edit.as_ref().and_then(|error| error.of(field));
    let (team_error, purpose_error, expires_error, editing) =
        (of("team"), of("purpose"), of("expires"), edit.is_some());
    let ask = |what: &str| to(&format!("/access/robots/{name}?ask={what}"));
    let (disable, remove) = (ask("disable"), ask("remove"));
    let disabled = robot.row.state == RobotState::Disabled;
    let edited = name.clone();
    view! {
        <section class="stack" aria-labelledby="manage">
            <h2 id="manage">"Change the robot"</h2>
            {disabled.then(|| view! { <Enable name=name.clone()/> })}
            <details open=editing><summary>"Change team, purpose or end"</summary>
                <PostForm action="/do/robot-edit" error=edit class="stack">
                    <input type="hidden" name="name" value=edited/>
                    <input type="hidden" name="version" value=robot.version/>
                    <TeamChoice teams=robot.teams chosen=team error=team_error/>
                    <Field name="purpose" label="What it is for" value=purpose error=purpose_error/>
                    <DayField label="It ends on" hint="From this day on (UTC) it may do nothing. Empty for a robot that stays." value=expires error=expires_error/>
                    <p class="actions"><button>"Save robot"</button></p>
                </PostForm>
            </details>
            <p class="actions">
                {(!disabled).then(|| view! { <a class="button" href=disable><span class="danger">"Disable this robot"</span></a> })}
                <a class="button" href=remove><span class="danger">"Remove this robot"</span></a>
            </p>
        </section>
    }
}

/// The button that lets a robot act again.
#[component]
fn Enable(
    /// Which robot.
    name: String,
) -> impl IntoView {
    let word = format!("Enable {name}");
    view! {
        <PostForm action="/do/robot-enable"><input type="hidden" name="name" value=name/><button>{word}</button></PostForm>
    }
}
