//! The rail: what exists, then what one does, then oneself.

use super::{Icon, PostForm, State, Tone, page::suspended};
use crate::{
    api,
    base::to,
    context::{actor, path_and_query, preferences, site},
};
use domain::{Permission, Place, permission::allows};
use leptos::prelude::*;

/// The brand's mark.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href=to("/")>
            <svg viewBox="0 0 18 18" aria-hidden="true">
                <path fill-rule="evenodd" d="M.5 3.5h17v2.3l-4 1.4v4.6h2.8v2.7H1.7v-2.7h2.8V7.2l-4-1.4zM7 7.4v4.4h4V7.4z"></path>
            </svg>
            "Wharfinger"
        </a>
    }
}

/// On small screens a bar with the menu's button.
#[component]
pub fn Masthead() -> impl IntoView {
    view! {
        <header class="masthead">
            <Brand/>
            <button type="button" popovertarget="rail"><Icon name="menu"/>"Menu"</button>
        </header>
    }
}

/// A link of the rail; `key` is the letter after `g` that leads there.
fn link(path: &str, current: bool, key: Option<&'static str>, content: impl IntoView + 'static) -> AnyView {
    view! { <li><a href=to(path) aria-current=current.then_some("page") data-key=key>{content}</a></li> }.into_any()
}

/// The rail itself.
#[component]
pub fn Rail() -> impl IntoView {
    let here = path_and_query();
    let path = here.split('?').next().unwrap_or_default().to_owned();
    let who = actor();
    let role = who.rights.title();
    let name = who.name.clone();
    let may = |permission| allows(&who, permission, Place::System).is_ok();
    let (known, audits, connects) =
        (who.is_known(), who.rights.anywhere(Permission::AuditView), who.rights.anywhere(Permission::RegistryManage));
    let adds = may(Permission::RegistryManage);
    let themes = [("", "as the system"), ("light", "light"), ("dark", "dark")];
    let theme = preferences().theme;
    view! {
        <nav class="rail" id="rail" popover="" aria-label="Main">
            <form action=to("/search") role="search">
                <label class="sr" for="find">"Search everything"</label>
                <input id="find" name="q" type="search" placeholder="Search" aria-keyshortcuts="/" data-suggest="" autocomplete="off" spellcheck="false" maxlength="256"/>
                <kbd aria-hidden="true">"/"</kbd>
            </form>
            <ul>{link("/", path == "/", Some("o"), "Overview")}</ul>
            <div>
                <h2>"Registries"</h2>
                <Registries path=path.clone() adds=adds/>
            </div>
            <ul>
                {known.then(|| link("/access", path == "/access" || path.starts_with("/access/"), Some("a"), "Access"))}
                {audits.then(|| link("/audit", path.starts_with("/audit"), Some("l"), "Audit"))}
            </ul>
            <div class="rail-foot">
                <ul>
                    {connects.then(|| link("/settings/registries", path.starts_with("/settings"), None, "Settings"))}
                    {if known {
                        link("/profile", path.starts_with("/profile"), None, view! { {name} <span class="count">{role}</span> })
                    } else {
                        link("/sign-in", false, None, "Sign in")
                    }}
                </ul>
                {known.then(|| view! { <PostForm action="/do/profile-theme" class="cluster">
                    <label for="theme" class="quiet">"Theme"</label>
                    <select id="theme" name="theme">
                        {themes.map(|(value, word)| view! { <option value=value selected=value == theme>{word}</option> }).collect_view()}
                    </select>
                    <input type="hidden" name="next" value=here.clone()/>
                    <noscript><button data-size="small">"Set"</button></noscript>
                </PostForm>
                <PostForm action="/do/session-end"><button data-size="small">"Sign out"</button></PostForm> })}
                {site().demo.then(|| view! { <p class="note">"This is the demo: its registry lives in this program and ends with it."</p> })}
            </div>
        </nav>
        <KeyHelp/>
    }
}

/// The registries with their health and size.
#[component]
fn Registries(
    /// The page's own path.
    path: String,
    /// May whoever asks add one?
    adds: bool,
) -> impl IntoView {
    suspended(async move {
        let registries = api::overview::rail().await.unwrap_or_default();
        let rows = registries
            .into_iter()
            .enumerate()
            .map(|(n, registry)| {
                let own = format!("/registries/{}", registry.name);
                let current = path == own || path.starts_with(&format!("{own}/"));
                let tone = Tone::from(registry.health.0);
                let word = format!("{}:", registry.health.1);
                let count = registry.repositories.map(domain::text::count);
                link(
                    &own,
                    current,
                    (n == 0).then_some("r"),
                    view! {
                        <State tone=tone word=word quiet=true/>
                        {registry.name.to_string()}
                        <span class="count">{count}</span>
                    },
                )
            })
            .collect_view();
        view! {
            <ul>
                {rows}
                {adds.then(|| view! { <li><a href=to("/settings/registries/new")><span class="quiet">"Add a registry"</span></a></li> })}
            </ul>
        }
    })
}

/// The keys, opened by `?`.
#[component]
fn KeyHelp() -> impl IntoView {
    let keys = [
        ("/", "search"),
        ("?", "this help"),
        ("g o", "overview"),
        ("g r", "first registry"),
        ("g a", "access"),
        ("g l", "audit log"),
        ("j k", "next and previous row"),
        ("x", "pick the row"),
        ("Enter", "open"),
        ("y", "copy the digest"),
        ("f", "filter"),
        ("[ ]", "back and more"),
        ("Esc", "leave, close, clear"),
    ];
    view! {
        <div id="keys" popover="" class="keys">
            <h2>"Keys"</h2>
            <p><a href=to("/api/v1")>"The API, for programs"</a></p>
            <dl>{keys.map(|(key, what)| view! { <dt><kbd>{key}</kbd></dt><dd>{what}</dd> }).collect_view()}</dl>
        </div>
    }
}
