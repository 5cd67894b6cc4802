//! Who can do what: at a repository, by a subject, by role.

use super::{
    AccessHead, AccessTab,
    grants_table::{Until, kind, subject_path},
};
use crate::{
    api,
    base::to,
    context::actor,
    error::AppError,
    parts::{
        Address, Badge, Count, Denied, Tone, WhyNot, denied, page,
        slots::{Slots, SlotsLegend, Where, names},
    },
};
use domain::{Permission, text};
use leptos::prelude::*;
use operations::{
    error::Kind,
    grants::{GrantRow, Holder, Holders},
    roles::RoleRow,
};

/// The three ways to look.
const WAYS: [(&str, &str); 3] = [("repository", "By repository"), ("subject", "By subject"), ("role", "By role")];

/// The page.
#[component]
pub fn AccessOverview() -> impl IntoView {
    let address = Address::here("/access", &["by", "registry", "repository", "who"]);
    page(async move {
        let looks = actor().rights.anywhere(Permission::GrantView);
        // Who may look at nobody else looks at what they have themselves.
        let usual = if looks { "repository" } else { "subject" };
        let by = WAYS.iter().map(|(own, _)| *own).find(|own| *own == address.get("by")).unwrap_or(usual);
        let body = match by {
            "repository" => by_repository(&address).await?,
            "role" => by_role().await?,
            _ => by_subject(&address, looks).await?,
        };
        let ways = WAYS.into_iter().map(|(own, word)| {
            if own == by {
                return view! { <b aria-current="true">{word}</b> }.into_any();
            }
            view! { <a href=to(&format!("/access?by={own}"))>{word}</a> }.into_any()
        });
        let grant = if api::grants::may_grant() {
            view! { <a class="button" data-tone="primary" href=to("/access/grants/new")>"Grant access"</a> }.into_any()
        } else {
            view! { <Denied label="Grant access" permission=Permission::GrantManage/> }.into_any()
        };
        Ok(view! {
            <AccessHead tab=AccessTab::Overview actions=grant/>
            <nav class="cluster" aria-label="Shown">{ways.collect_view()}</nav>
            {body}
        })
    })
}

/// Who can do what at one repository.
async fn by_repository(address: &Address) -> Result<AnyView, AppError> {
    let (registry, repository) = (address.get("registry").to_owned(), address.get("repository").to_owned());
    let registries: Vec<String> = api::overview::rail().await?.into_iter().map(|row| row.name.to_string()).collect();
    let chosen = if registry.is_empty() && registries.len() == 1 { registries[0].clone() } else { registry };
    let (found, error) = if chosen.is_empty() || repository.is_empty() {
        (None, None)
    } else {
        match api::grants::who_can(&chosen, &repository).await {
            Err(error) if matches!(error.kind, Kind::Invalid | Kind::Forbidden | Kind::NotFound) => (None, Some(error)),
            found => (Some(found?), None),
        }
    };
    let closed = error.as_ref().filter(|error| error.kind == Kind::Forbidden).map(|_| {
        let place = format!("{chosen}/{}", repository.replace('/', "~"));
        view! { <p><WhyNot what="see who can do what there" permission=Permission::GrantView place=place/></p> }
    });
    let wrong = error.map(|error| error.of("repository").unwrap_or(error.message));
    let invalid = wrong.as_ref().map(|_| "true");
    let explain = to("/access/explain");
    Ok(view! {
        <section class="stack" aria-label="By repository">
            <form class="filters" action=to("/access")>
                <input type="hidden" name="by" value="repository"/>
                <label>"Registry"
                    <select name="registry">
                        {registries.into_iter().map(|name| view! { <option value=name.clone() selected=name == chosen>{name.clone()}</option> }).collect_view()}
                    </select>
                </label>
                <label class="wide">"Repository"<input class="mono" name="repository" type="search" value=repository.clone() placeholder="team-a/api"
                    aria-invalid=invalid spellcheck="false" autocomplete="off"/></label>
                <button>"Who can do what there?"</button>
                {wrong.map(|wrong| view! { <p class="danger" role="alert">{wrong}</p> })}
            </form>
            {closed}
            {match found {
                Some(found) => view! { <HoldersTable holders=found/> }.into_any(),
                None => view! { <p class="note">"Name a repository, there already or not: what is shown is who could do what there. " <a href=explain>"Explain"</a> " says why one may or may not do one thing."</p> }.into_any(),
            }}
        </section>
    }
    .into_any())
}

/// Those who can do something at one repository.
#[component]
fn HoldersTable(
    /// Who, what, by what.
    holders: Holders,
) -> impl IntoView {
    let Holders { rows, more, as_everyone } = holders;
    if rows.is_empty() && as_everyone == 0 {
        return view! { <div class="empty stack"><p><b>"Nobody can do anything there."</b></p></div> }.into_any();
    }
    let people =
        |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{} people", text::count(count as u64)) };
    view! {
        <SlotsLegend/>
        <table class="matrix" data-fold="" aria-label="Who can do what there">
            <thead><tr><th scope="col">"Who"</th><th scope="col">"May"</th><th scope="col">"By"</th></tr></thead>
            <tbody>{rows.into_iter().map(|row| view! { <HolderRow row=row/> }).collect_view()}</tbody>
        </table>
        {(as_everyone > 0).then(|| view! { <p class="note">{format!("{} more can do there what everyone can.", people(as_everyone))}</p> })}
        {(more > 0).then(|| view! { <p class="note">{format!("And {} more.", text::count(more as u64))}</p> })}
    }
    .into_any()
}

/// One of them.
#[component]
fn HolderRow(
    /// Who.
    row: Holder,
) -> impl IntoView {
    let through = row.through.into_iter().map(|one| {
        let href = one.grant.map(|id| to(&format!("/access/grants/{id}")));
        let until = one.until.map(|at| view! { " until " <Until at=Some(at) ended=false/> });
        let by = one.by.map_or_else(|| " of their own".to_owned(), |by| format!(" by {}", text::visible(&by, 64)));
        view! {
            <div>{match href {
                Some(href) => view! { <a href=href>{one.role}</a> }.into_any(),
                None => view! { {one.role} " " <span class="note">"by a wider grant"</span> }.into_any(),
            }}<span class="note">{by}{until}</span></div>
        }
    });
    let title = names(row.permissions);
    view! {
        <tr>
            <th scope="row"><a href=subject_path(&row.subject.to_string())>{text::visible(&row.name, 80)}</a><small class="quiet">{kind(row.subject)}</small></th>
            <td data-label="may" title=title><Slots permissions=row.permissions/></td>
            <td data-fold="row">{through.collect_view()}</td>
        </tr>
    }
}

/// What one subject holds.
async fn by_subject(address: &Address, looks: bool) -> Result<AnyView, AppError> {
    let who = address.get("who").to_owned();
    let (found, error) = match api::grants::held_by(&who).await {
        Err(error) if error.kind == Kind::NotFound => (None, Some(error)),
        found => (Some(found?), None),
    };
    let subjects = api::grants::subjects().await?;
    // Of others one sentence says so, whether or not there is more: that is not told.
    let whole = who.is_empty() || !looks || denied::may(Permission::GrantView);
    let typed = if who.is_empty() { String::new() } else { found.as_ref().map_or(who, |found| found.name.clone()) };
    let wrong = error.map(|error| error.message);
    let invalid = wrong.as_ref().map(|_| "true");
    let body = found.map(|found| {
        let own = found.grants.is_empty();
        let title = text::visible(&found.name, 80);
        let rows = found.grants.into_iter().map(|(row, by)| view! { <HeldRow row=row by=by/> }).collect_view();
        view! {
            <h2>{title} " " <span class="note">{kind(found.subject)}</span> " "
                {(!found.acts).then(|| view! { <Badge word="may not act" tone=Tone::Warn/> })}</h2>
            {if own {
                view! { <p>"Holds nothing that you may look at."</p> }.into_any()
            } else {
                view! {
                    <SlotsLegend/>
                    <table class="matrix" data-fold="" aria-label="What is held">
                        <thead><tr><th scope="col">"Where"</th><th scope="col">"Role"</th><th scope="col">"By"</th><th scope="col">"Until"</th><th scope="col"><span class="sr">"Grant"</span></th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                }.into_any()
            }}
            {(found.more > 0).then(|| view! { <p class="note">{format!("And {} more.", text::count(found.more as u64))}</p> })}
            {(!whole).then(|| view! { <p class="note">"There may be more at places that you may not look at."</p> })}
        }
    });
    Ok(view! {
        <section class="stack" aria-label="By subject">
            {looks.then(|| view! {
                <form class="filters" action=to("/access")>
                    <input type="hidden" name="by" value="subject"/>
                    <label class="wide">"Who"<input name="who" type="search" value=typed list="subjects" placeholder="person, team or robot; empty for yourself" aria-invalid=invalid autocomplete="off" spellcheck="false"/></label>
                    <datalist id="subjects">{subjects.into_iter().map(|(_, name)| view! { <option value=name></option> }).collect_view()}</datalist>
                    <button>"What can they do?"</button>
                </form>
            })}
            {wrong.map(|wrong| view! { <p class="danger" role="alert">{wrong}</p> })}
            {body}
        </section>
    }
    .into_any())
}

/// A grant by which somebody holds something.
#[component]
fn HeldRow(
    /// Which.
    row: GrantRow,
    /// Through whom.
    #[prop(optional_no_strip)]
    by: Option<String>,
) -> impl IntoView {
    let title = names(row.permissions);
    view! {
        <tr>
            <th scope="row"><Where scope=row.scope registry=row.registry/></th>
            <td data-label="role" title=title><Slots permissions=row.permissions/>" "{row.role_name}</td>
            <td class="note" data-label="by">{by.map_or_else(|| "own grant".to_owned(), |by| text::visible(&by, 64))}</td>
            <td data-label="until"><Until at=row.until ended=row.ended/></td>
            <td class="num"><a href=to(&format!("/access/grants/{}", row.id))>{format!("Grant {}", row.id)}</a></td>
        </tr>
    }
}

/// How often each role is granted.
async fn by_role() -> Result<AnyView, AppError> {
    let roles = api::roles::list().await?;
    let rows = roles.into_iter().map(|RoleRow { role, grants, .. }| {
        let (id, count) = (role.id.to_string(), grants as u64);
        view! {
            <tr>
                <th scope="row"><a href=to(&format!("/access/roles/{id}"))>{text::visible(&role.name, 64)}</a></th>
                <td data-label="gives"><Slots permissions=role.permissions/></td>
                <td class="note" data-fold="row">{text::visible(&role.description, 200)}</td>
                <td class="num" data-label="grants"><a href=to(&format!("/access/grants?role={id}"))><Count count=count/>{if count == 1 { " grant" } else { " grants" }}</a></td>
            </tr>
        }
    });
    Ok(view! {
        <section class="stack" aria-label="By role">
            <SlotsLegend/>
            <table class="matrix" data-fold="" aria-label="Roles and how often they are granted">
                <thead><tr><th scope="col">"Role"</th><th scope="col">"Gives"</th><th scope="col">"What it is for"</th><th scope="col" class="num">"Granted"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any())
}
