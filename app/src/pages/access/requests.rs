//! What people ask to be granted: those that wait for whoever looks, and their own.

use super::{AccessHead, AccessTab};
use crate::{
    api,
    base::to,
    context::{actor, form_error},
    parts::{Address, Icon, PostForm, State, Tone, When, WhyNot, page},
};
use domain::{Permission, text};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::access_requests::{RequestAnswer, RequestRow};

/// The page.
#[component]
pub fn Requests() -> impl IntoView {
    let saved = use_query_map().get_untracked().get("saved").unwrap_or_default();
    page(async move {
        let waiting = api::requests::waiting().await?;
        let own = if actor().kind == domain::ActorKind::Person { api::requests::own().await? } else { Vec::new() };
        let done = match saved.as_str() {
            "asked" => Some("Your request waits for those who can grant it."),
            "withdrawn" => Some("The request is taken back."),
            "declined" => Some("The request is declined. Whoever asked sees why."),
            "granted" => Some("The request is closed: it was granted."),
            _ => None,
        };
        let errors = ["/do/access-decline", "/do/access-grant", "/do/access-withdraw"];
        let error = errors.into_iter().find_map(form_error);
        Ok(view! {
            <AccessHead tab=AccessTab::Requests/>
            {done.map(|text| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p></div> })}
            {error.map(|error| {
                let words = error.of("reason").unwrap_or(error.message);
                view! { <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/><p>{words}</p></div> }
            })}
            <section class="stack" aria-labelledby="waiting">
                <h2 id="waiting">"Waiting for your answer"</h2>
                {if !api::grants::may_grant() {
                    view! { <p class="empty">"Requests are answered by those who can grant what is asked for. "
                        <WhyNot what="answer any" permission=Permission::GrantManage/></p> }.into_any()
                } else if waiting.is_empty() {
                    view! { <p class="empty">"Nobody asks for anything that you could grant."</p> }.into_any()
                } else {
                    view! { <ul class="notes">{waiting.into_iter().map(|row| view! { <Waiting row=row/> }).collect_view()}</ul> }.into_any()
                }}
            </section>
            <OwnRequests rows=own/>
        })
    })
}

/// What is asked for, with the way to why it is missing.
fn wanted(row: &RequestRow, who: String) -> impl IntoView + use<> {
    let pairs = vec![("who", who), ("act", row.permission.to_string()), ("where", row.place.clone())];
    let href = Address::new("/access/explain", pairs).href();
    view! { <a href=href><code>{row.permission.as_str()}</code>" on "<code>{row.place.clone()}</code></a> }
}

/// A request that waits, with its two answers.
#[component]
fn Waiting(
    /// Which.
    row: RequestRow,
) -> impl IntoView {
    let name = text::visible(&row.name, 80);
    let because = text::visible(&row.because, 500);
    let grant = to(&api::requests::granting(&row));
    let role = row.role.as_ref().map_or_else(|| "access".to_owned(), |role| role.name.clone());
    let (give, close) = (format!("Grant {role} to {name}"), format!("{name} has it now: close the request"));
    let decline = format!("Decline the request of {name}");
    let (id, reason) = (row.id, format!("reason-{}", row.id));
    view! {
        <li>
            <State tone=Tone::Accent word="waits" quiet=true/>
            <div class="stack">
                <p><b>{name}</b>" asks for "{wanted(&row, row.subject.to_string())}" "<span class="note"><When at=row.created/></span></p>
                <p>{because}</p>
                <div class="cluster">
                    {if row.has_it {
                        view! {
                            <PostForm action="/do/access-grant"><input type="hidden" name="id" value=id/>
                                <button data-size="small">{close}</button></PostForm>
                        }.into_any()
                    } else {
                        view! { <a class="button" data-size="small" href=grant>{give}</a> }.into_any()
                    }}
                    <details><summary>{decline}</summary>
                        <PostForm action="/do/access-decline" class="stack">
                            <input type="hidden" name="id" value=id/>
                            <p class="field"><label for=reason.clone()>"Why"</label><input id=reason name="reason" required=true maxlength="500" autocomplete="off"/></p>
                            <p class="actions"><button data-size="small" data-tone="danger">"Decline"</button></p>
                        </PostForm>
                    </details>
                </div>
            </div>
        </li>
    }
}

/// One's own requests with their answers; nothing where there are none.
#[component]
pub fn OwnRequests(
    /// The newest first.
    rows: Vec<RequestRow>,
) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.into_iter().map(|row| {
        let (tone, word) = match row.answered.as_ref().map(|answered| answered.answer) {
            None => (Tone::Accent, "waits"),
            Some(RequestAnswer::Granted) => (Tone::Good, "granted"),
            Some(RequestAnswer::Declined) => (Tone::Danger, "declined"),
            Some(RequestAnswer::Withdrawn) => (Tone::Idle, "taken back"),
        };
        let said = row.answered.as_ref().map(|answered| {
            let by = text::visible(&answered.by, 80);
            let why = text::visible(&answered.reason, 500);
            if why.is_empty() { format!("by {by}") } else { format!("by {by}: {why}") }
        });
        let open = row.answered.is_none();
        let label = format!("Take back {} on {}", row.permission, row.place);
        view! {
            <tr>
                <th scope="row">{wanted(&row, String::new())}</th>
                <td class="note" data-fold="row">{text::visible(&row.because, 200)}</td>
                <td class="note num" data-label="asked"><When at=row.created/></td>
                <td><State tone=tone word=word/>" "<span class="note">{said}</span></td>
                <td class="num">{open.then(|| view! {
                    <PostForm action="/do/access-withdraw"><input type="hidden" name="id" value=row.id/><button data-size="small" aria-label=label>"Take back"</button></PostForm>
                })}</td>
            </tr>
        }
    });
    view! {
        <section class="stack" aria-labelledby="own-requests">
            <h2 id="own-requests">"What you asked for"</h2>
            <table data-fold="">
                <thead><tr><th scope="col">"What"</th><th scope="col">"Because"</th><th scope="col" class="num">"Asked"</th><th scope="col">"Answer"</th>
                    <th scope="col"><span class="sr">"Take it back"</span></th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
