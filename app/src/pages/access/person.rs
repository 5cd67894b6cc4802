//! Somebody: what they have, and what can be done about their account.

use super::{
    AccessTab, crumbs,
    people::tone,
    subject::{Done, Ends, GrantsOf, Seen, Step, stopped},
};
use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Badge, Field, Head, Icon, PostForm, RefreshTokens, State, TextCommand, When, page},
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
    let text = |name: &str| query.get_str(name).map(str::to_owned);
    let (saved, made) = (text("saved"), text("made"));
    page(async move {
        let person = api::people::details(&name).await?;
        let made = made.and_then(|name| api::people::made(&name));
        let done = saved.as_deref().and_then(said);
        let facts = view! {
            <span><State tone=tone(person.state) word=person.state.as_str()/></span>
            <span>{person.title}</span>
            <span>"last seen " <Seen at=person.last_seen/></span>
            <span>"since " <When at=person.created/></span>
        };
        let full = domain::text::visible(&person.display_name, 120);
        let heading = view! { {person.name.clone()} " " <span class="quiet">{full}</span> };
        let subject = format!("person-{}", person.id);
        let (grants, more, manage) = (person.grants.clone(), person.more_grants, person.may_manage);
        let own = domain::access::Subject::Person(person.id);
        let refresh = if manage { api::refresh_tokens::list(own).await? } else { Vec::new() };
        Ok(view! {
            <Head title=person.name.clone() heading=heading.into_any() crumbs=crumbs(AccessTab::People) facts=facts.into_any()/>
            {done.map(|text| view! { <Done text=text/> })}
            {stopped(&["/do/person-link", "/do/person-link-revoke", "/do/person-disable", "/do/person-enable", "/do/person-sign-out", "/do/person-token-revoke"])}
            {made.map(|(path, whole)| view! { <MadeLink path=path whole=whole/> })}
            <Teams teams=person.teams.clone()/>
            <GrantsOf subject=subject grants=grants more=more/>
            <Tokens name=person.name.clone() tokens=person.tokens.clone() manage=manage/>
            <RefreshTokens subject=own rows=refresh/>
            {manage.then(|| view! { <Account person=person/> })}
        })
    })
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
                    let (what, owner) = (domain::text::visible(&row.name, 100), name.clone());
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

/// The grants that go with an account, in words; without a number where not all may be looked at.
fn own_grants(person: &PersonDetails) -> String {
    let own = person.grants.iter().filter(|grant| grant.through.is_none()).count();
    if person.more_grants { "the grants made to it".to_owned() } else { format!("{own} grants of its own") }
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
    let sessions = match person.sessions {
        1 => "1 session".to_owned(),
        n => format!("{n} sessions"),
    };
    let disabled = person.state == PersonState::Disabled;
    let error = form_error("/do/person-remove");
    let problem = error.as_ref().and_then(|error| error.of("confirm"));
    let removing = error.is_some();
    let removal = format!(
        "The account goes, with {sessions}, {} tokens, its place in {} teams and {}. The audit log keeps its entries.",
        person.tokens.len(),
        person.teams.len(),
        own_grants(&person)
    );
    let signing_out = format!("This ends {sessions} of {name}: who uses them signs in again. Tokens stay good.");
    let disabling = format!(
        "This ends {sessions} for good, and refuses {} tokens until {name} is enabled again. Grants and teams stay.",
        person.tokens.len()
    );
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
            {(!disabled).then(|| view! {
                <Step summary="Disable this person" goes=disabling action="/do/person-disable" name=name.clone() word=format!("Disable {name}")/>
            })}
            <details open=removing><summary>"Remove this person"</summary>
                <PostForm action="/do/person-remove" error=error class="stack">
                    <p>{removal}</p>
                    <input type="hidden" name="name" value=name.clone()/>
                    <Field name="confirm" label=format!("Type {name} to confirm") error=problem mono=true required=true/>
                    <p class="actions"><button data-tone="danger">{format!("Remove person {name}")}</button></p>
                </PostForm>
            </details>
        </section>
    }
}
