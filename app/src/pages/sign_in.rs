//! The door.

use crate::{
    base::own_path,
    context::{actor, encrypted, form_error},
    parts::{Field, Head, PostForm, rail::Brand},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const ACTION: &str = "/do/session-create";

/// Asks for name and password; afterwards one goes on to the page that was asked for.
#[component]
pub fn SignIn() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let next = query.get_str("next").and_then(own_path).filter(|next| *next != "/").unwrap_or_default().to_owned();
    let ended = query.get_str("ended").is_some();
    let error = form_error(ACTION);
    let name = error.as_ref().and_then(|e| e.typed("name")).unwrap_or_default();
    let shown = next.split('?').next().unwrap_or_default().trim_start_matches("/registries/").replace('~', "/");
    let signed_in = actor().is_known();
    view! {
        <div class="stack" data-gap="wide">
            {(!signed_in).then(|| view! { <Brand/> })}
            <div class="stack">
                <Head title="Sign in"/>
                {(!shown.is_empty()).then(|| view! { <p class="quiet">"You will go on to " <code>{shown}</code> "."</p> })}
                {ended.then(|| view! { <p class="quiet" role="status">"You are signed out."</p> })}
            </div>
            <PostForm action=ACTION error=error class="stack">
                <input type="hidden" name="next" value=next/>
                <Field name="name" label="Name" value=name autocomplete="username" required=true/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                <p class="actions"><button data-tone="primary">"Sign in"</button></p>
            </PostForm>
            <p class="note">
                "Forgotten it? Whoever runs this server can reset it with "
                <code>"wharfinger admin reset-password"</code> ". Wharfinger " {env!("CARGO_PKG_VERSION")} "."
            </p>
            {(!encrypted()).then(|| view! {
                <p class="note">"This connection is plain HTTP: whoever stands between can read what you type."</p>
            })}
        </div>
    }
}
