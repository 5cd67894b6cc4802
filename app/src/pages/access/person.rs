//! Somebody: what they have, and what can be done about their account.

use super::{
    AccessTab,
    asking::Asking,
    crumbs,
    people::tone,
    subject::{Done, Ends, GrantsOf, Seen, Step, stopped},
};
use crate::{
    api,
    base::to,
    error::AppError,
    parts::{Badge, Crumb, Denied, Head, Icon, PostForm, RefreshTokens, State, TextCommand, When, denied, page},
};
use domain::{
    Permission,
    access::{Subject, what_if::Change},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::{
    people::{LinkKind, PersonDetails, PersonState},
    tokens::TokenRow,
};

/// What came of the last act.
fn said(saved: &str) -> Option<&'static str> {
    Some(match saved {
        "link" => "The link is void.",
        "disabled" => "Disabled. Their sessions are ended and their tokens are refused, from this second on.",
        "enabled" => "Enabled. They sign in again, and their tokens are good again.",
        "sessions" => "They are signed out everywhere.",
        "refresh" => "The sign-in is revoked. Whatever used it is refused from now on.",
        "token" => "The token is revoked. Whatever used it is refused from now on.",
        _ => return None,
    })
}

/// The page.
#[component]
pub fn Person() -> impl IntoView {
    let name = use_params_map().get_untracked().get("person").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let of = |name: &str| query.get_str(name).map(str::to_owned);
    let (saved, made, ask) = (of("saved"), of("made"), of("ask").unwrap_or_default());
    page(async move {
        let person = api::people::details(&name).await?;
        // Whoever sees all grants sees all of these; so does everybody of their own.
        let whole = person.own || denied::may(Permission::GrantView);
        let disables = ask == "disable" && person.state != PersonState::Disabled;
        if person.may_manage && (disables || ask == "remove") {
            return asking(&person, disables, whole).await;
        }
        let made = made.and_then(|name| api::people::made(&name));
        let done = saved.as_deref().and_then(said);
        let facts = view! {
            <span><State tone=tone(person.state) word=person.state.as_str()/></span>
            {whole.then(|| view! { <span>{person.title}</span> })}
            <span>"last seen " <Seen at=person.last_seen/></span>
            <span>"since " <When at=person.created/></span>
        };
        let full = text::visible(&person.display_name, 120);
        let heading = view! { {person.name.clone()} " " <span class="quiet">{full}</span> };
        let subject = format!("person-{}", person.id);
        let (grants, manage) = (person.grants.clone(), person.may_manage);
        let own = Subject::Person(person.id);
        let refresh = if manage { api::refresh_tokens::list(own).await? } else { Vec::new() };
        Ok(view! {
            <Head title=person.name.clone() heading=heading.into_any() crumbs=crumbs(AccessTab::People) facts=facts.into_any()/>
            {done.map(|text| view! { <Done text=text/> })}
            {stopped(&["/do/person-link", "/do/person-link-revoke", "/do/person-enable", "/do/person-sign-out", "/do/person-token-revoke"])}
            {made.map(|(path, whole)| view! { <MadeLink path=path whole=whole/> })}
            <Teams teams=person.teams.clone()/>
            <GrantsOf subject=subject grants=grants whole=whole/>
            <Tokens name=person.name.clone() tokens=person.tokens.clone() manage=manage/>
            <RefreshTokens subject=own rows=refresh/>
            {if manage {
                view! { <Account person=person/> }.into_any()
            } else {
                view! { <div class="section"><Denied label="Change this account" permission=Permission::PeopleManage/></div> }.into_any()
            }}
        }
        .into_any())
    })
}

/// The last question before somebody is disabled or removed.
async fn asking(person: &PersonDetails, disables: bool, whole: bool) -> Result<AnyView, AppError> {
    let (name, subject) = (person.name.clone(), Subject::Person(person.id));
    let (sessions, tokens) = (count(person.sessions, "session"), count(person.tokens.len(), "token"));
    let mut crumbs = crumbs(AccessTab::People);
    let back = format!("/access/people/{name}");
    crumbs.push(Crumb::new(name.clone(), &back));
    let fields = vec![("name", name.clone())];
    if disables {
        let preview = api::what_if::what_if(Change::Acts(subject, false)).await?;
        let goes = vec![
            format!("This ends {sessions} for good, and refuses {tokens} until {name} is enabled again."),
            "No registry gives them a token from that second on. Grants and teams stay, and hold again once they are enabled."
                .to_owned(),
        ];
        return Ok(view! {
            <Asking title=format!("Disable {name}") crumbs=crumbs goes=goes preview=preview action="/do/person-disable" fields=fields
                button=format!("Disable {name}") back=back/>
        }
        .into_any());
    }
    let preview = api::what_if::what_if(Change::Removed(subject)).await?;
    let own = person.grants.iter().filter(|grant| grant.through.is_none()).count();
    let grants = if whole {
        text::counted(own as u64, "grant of its own", "grants of its own")
    } else {
        "the grants made to it".to_owned()
    };
    let teams = count(person.teams.len(), "team");
    let goes = vec![
        format!("The account goes, with {sessions}, {tokens}, its place in {teams} and {grants}."),
        "The audit log keeps its entries.".to_owned(),
    ];
    Ok(view! {
        <Asking title=format!("Remove {name}") crumbs=crumbs goes=goes preview=preview action="/do/person-remove" fields=fields
            confirm=Some(name.clone()) button=format!("Remove person {name}") back=back/>
    }
    .into_any())
}

fn count(number: usize, one: &str) -> String {
    text::counted(number as u64, one, &format!("{one}s"))
}

/// The link that was made just now.
#[component]
fn MadeLink(
    /// Its path here.
    path: String,
    /// Its whole address, if the setting says what ours is.
    #[prop(optional_no_strip)]
    whole: Option<String>,
) -> impl IntoView {
    let unset = whole.is_none();
    view! {
        <div class="notice" data-tone="good" role="status">
            <Icon name="check"/>
            <p><b>"Copy the link now, and pass it on: it is shown only this once."</b> " It is good for 7 days and for one use."</p>
            <TextCommand text=whole.unwrap_or(path) what="link"/>
            {unset.then(|| view! {
                <p>"This is its path only: put the address that people reach Wharfinger at before it. With the setting "
                    <code>"--public-url"</code> " whole links stand here."</p>
            })}
        </div>
    }
}

/// The teams they are in.
#[component]
fn Teams(
    /// By name, and whether they lead them.
    teams: Vec<(String, bool)>,
) -> impl IntoView {
    let none = teams.is_empty();
    view! {
        <section class="stack" aria-labelledby="teams">
            <h2 id="teams">"Teams"</h2>
            {none.then(|| view! { <p class="empty">"In no team."</p> })}
            {(!none).then(|| view! {
                <ul>{teams.into_iter().map(|(team, lead)| view! {
                    <li><a href=to(&format!("/access/teams/{team}"))>{team.clone()}</a> " " {lead.then(|| view! { <Badge word="lead"/> })}</li>
                }).collect_view()}</ul>
            })}
        </section>
    }
}

/// Their tokens.
#[component]
fn Tokens(
    /// Whose.
    name: String,
    /// The newest first.
    tokens: Vec<TokenRow>,
    /// Can they be revoked here?
    manage: bool,
) -> impl IntoView {
    (!tokens.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby="tokens">
            <h2 id="tokens">"Tokens"</h2>
            <table data-fold="">
                <thead><tr><th scope="col">"Token"</th><th scope="col" class="num">"Last used"</th><th scope="col">"From"</th>
                    <th scope="col" class="num">"Ends"</th><th scope="col"><span class="sr">"Revoke it"</span></th></tr></thead>
                <tbody>{tokens.into_iter().map(|row| {
                    let (what, owner) = (text::visible(&row.name, 100), name.clone());
                    view! {
                        <tr>
                            <th scope="row">{what.clone()} " " <code class="note">{row.prefix.clone()}</code> " "
                                {row.expired.then(|| view! { <Badge word="expired"/> })}</th>
                            <td class="note num" data-label="last used"><Seen at=row.last_used/></td>
                            <td class="note" data-label="from"><code>{row.last_address}</code></td>
                            <td class="note num" data-label="ends"><Ends at=row.expires/></td>
                            <td class="num">{manage.then(|| view! {
                                <details><summary>"Revoke"<span class="sr">{format!(" {what}")}</span></summary>
                                    <PostForm action="/do/person-token-revoke">
                                        <input type="hidden" name="name" value=owner/>
                                        <input type="hidden" name="prefix" value=row.prefix/>
                                        <button data-size="small" data-tone="danger">{format!("Revoke {what}")}</button>
                                    </PostForm>
                                </details>
                            })}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </section>
    })
}

/// A button that posts the person's name.
#[component]
fn Act(
    /// Where to.
    action: &'static str,
    /// Whose.
    name: String,
    /// Its word.
    word: String,
) -> impl IntoView {
    view! {
        <PostForm action=action><input type="hidden" name="name" value=name/><button>{word}</button></PostForm>
    }
}

/// What can be done about the account.
#[component]
fn Account(
    /// Whose.
    person: PersonDetails,
) -> impl IntoView {
    let name = person.name.clone();
    let link = person.link.as_ref().map(|(kind, by, until)| {
        let what = match kind {
            LinkKind::Invite => "A link to take the account",
            LinkKind::Reset => "A link to choose another password",
        };
        let (by, until) = (by.clone(), *until);
        view! { <p class="note">{what} " is good until " <Ends at=Some(until)/> ", made by " {by} "."</p> }
    });
    let has_link = link.is_some();
    let make = match person.state {
        PersonState::Invited => "Make another invitation link",
        _ => "Make a link to choose another password",
    };
    let sessions = count(person.sessions, "session");
    let disabled = person.state == PersonState::Disabled;
    let ask = |what: &str| to(&format!("/access/people/{name}?ask={what}"));
    let (disable, remove) = (ask("disable"), ask("remove"));
    let signing_out = format!("This ends {sessions} of {name}: who uses them signs in again. Tokens stay good.");
    view! {
        <section class="stack" aria-labelledby="account">
            <h2 id="account">"Account"</h2>
            {link}
            <div class="cluster">
                {(!disabled).then(|| view! { <Act action="/do/person-link" name=name.clone() word=make.to_owned()/> })}
                {has_link.then(|| view! { <Act action="/do/person-link-revoke" name=name.clone() word="Void the link".to_owned()/> })}
                {disabled.then(|| view! { <Act action="/do/person-enable" name=name.clone() word=format!("Enable {name}")/> })}
            </div>
            <p class="note">"A link ends nothing until it is used; then all sessions end. Disabling ends sessions and refuses tokens at once."</p>
            {(person.sessions > 0).then(|| view! {
                <Step summary="Sign them out everywhere" goes=signing_out action="/do/person-sign-out" name=name.clone() word=format!("End {sessions} of {name}")/>
            })}
            <p class="actions">
                {(!disabled).then(|| view! { <a class="button" href=disable><span class="danger">"Disable this person"</span></a> })}
                <a class="button" href=remove><span class="danger">"Remove this person"</span></a>
            </p>
        </section>
    }
}
