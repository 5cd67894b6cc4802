//! Oneself: name, time zone, password, tokens, sessions.

mod tokens;

use crate::{
    api,
    context::{actor, form_error},
    pages::access::templates::UseIt,
    parts::{Badge, Field, Head, Icon, PostForm, RefreshTokens, When, page},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::sessions::SessionRow;
use tokens::Tokens;

/// The page.
#[component]
pub fn Profile() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let text = |name: &str| query.get_str(name).map(str::to_owned);
    let (saved, made, registry) = (text("saved"), text("made"), text("registry"));
    page(async move {
        let profile = api::profile::profile().await?;
        let sessions = api::session::list().await?;
        let tokens = api::tokens::list().await?;
        let requests = api::requests::own().await?;
        let refresh = api::refresh_tokens::own().await?;
        let own = domain::access::Subject::Person(actor().id);
        let made = made.and_then(|name| api::tokens::made(&name));
        let registries: Vec<String> =
            api::overview::rail().await?.into_iter().map(|row| row.name.to_string()).collect();
        let templates = if made.is_some() || registry.is_some() {
            let registry = registry.unwrap_or_default();
            Some(api::robots::templates(&registry, &profile.name, made.as_deref()).await?)
        } else {
            None
        };
        let edit = form_error("/do/profile-edit");
        let password = form_error("/do/profile-password");
        let of = |error: &Option<crate::error::AppError>, field: &str| error.as_ref().and_then(|e| e.of(field));
        let typed =
            |field: &str, now: &str| edit.as_ref().and_then(|e| e.typed(field)).unwrap_or_else(|| now.to_owned());
        let (display_name, time_zone) =
            (typed("display_name", &profile.display_name), typed("time_zone", &profile.time_zone));
        let (name_error, zone_error) = (of(&edit, "display_name"), of(&edit, "time_zone"));
        let (old_error, new_error, again_error) =
            (of(&password, "old"), of(&password, "password"), of(&password, "again"));
        let done = match saved.as_deref() {
            Some("joined") => Some("Your account is yours. What you may do here is for others to grant."),
            Some("profile") => Some("Your profile is saved."),
            Some("password") => Some("Your password is changed. All other sessions are ended."),
            Some("token") => Some("The token is revoked. Whatever used it is refused from now on."),
            Some("refresh") => Some("The sign-in is revoked. Whatever used it is refused from now on."),
            Some("session") => Some("The session is ended."),
            Some("sessions") => Some("All other sessions are ended."),
            _ => None,
        };
        let others = sessions.len() > 1;
        let facts = view! { <span>{profile.role}</span> <span>"since " <When at=profile.created/></span> };
        Ok(view! {
            <Head title=profile.name.clone() facts=facts.into_any()/>
            {done.map(|text| view! {
                <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p></div>
            })}
            <div class="split" data-side="even">
                <section class="stack" aria-labelledby="about">
                    <h2 id="about">"About you"</h2>
                    <PostForm action="/do/profile-edit" error=edit class="stack">
                        <Field name="display_name" label="Full name" value=display_name error=name_error autocomplete="name"/>
                        <Field name="time_zone" label="Time zone" hint="Such as Europe/Berlin. Pages say UTC; with this their times also show yours."
                            value=time_zone error=zone_error placeholder="UTC"/>
                        <p class="actions"><button data-tone="primary">"Save profile"</button></p>
                    </PostForm>
                </section>
                <section class="stack sided" aria-labelledby="secret">
                    <h2 id="secret">"Password"</h2>
                    <PostForm action="/do/profile-password" error=password class="stack">
                        <input type="hidden" name="username" autocomplete="username" value=profile.name.clone()/>
                        <Field name="old" label="Old password" kind="password" error=old_error autocomplete="current-password" required=true/>
                        <Field name="password" label="New password" hint="At least 12 characters. A few words are good." kind="password"
                            error=new_error autocomplete="new-password" required=true/>
                        <Field name="again" label="New password again" kind="password" error=again_error autocomplete="new-password" required=true/>
                        <p class="actions"><button>"Change password and end other sessions"</button></p>
                    </PostForm>
                </section>
            </div>
            <Tokens tokens=tokens registries=registries made=made/>
            {templates.map(|templates| view! { <UseIt templates=templates path="/profile".to_owned()/> })}
            <RefreshTokens subject=own rows=refresh/>
            <crate::pages::access::requests::OwnRequests rows=requests/>
            <section class="stack" aria-labelledby="sessions">
                <h2 id="sessions">"Sessions"</h2>
                <p class="quiet">"Where you are signed in."</p>
                <table data-fold="">
                    <thead><tr><th scope="col">"Address"</th><th scope="col">"Program"</th><th scope="col" class="num">"Begun"</th>
                        <th scope="col" class="num">"Last seen"</th><th scope="col"><span class="sr">"End it"</span></th></tr></thead>
                    <tbody>{sessions.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                </table>
                {others.then(|| view! {
                    <PostForm action="/do/session-revoke-others"><button>"Sign out everywhere else"</button></PostForm>
                })}
            </section>
        })
    })
}

/// A session; the one that asks can't be ended here but by signing out.
#[component]
fn Row(
    /// Which.
    row: SessionRow,
) -> impl IntoView {
    let agent = domain::text::visible(&row.agent, 120);
    view! {
        <tr>
            <th scope="row"><code>{row.address.clone()}</code> " " {row.current.then(|| view! { <Badge word="this one"/> })}</th>
            <td class="note" data-fold="row">{agent}</td>
            <td class="note num" data-label="begun"><When at=row.created/></td>
            <td class="note num" data-label="last seen"><When at=row.last_seen/></td>
            <td class="num">
                {(!row.current).then(|| view! {
                    <PostForm action="/do/session-revoke">
                        <input type="hidden" name="id" value=row.id/>
                        <button data-size="small" aria-label=format!("End the session at {}", row.address)>"End"</button>
                    </PostForm>
                })}
            </td>
        </tr>
    }
}
