//! A registry and the token server: what to paste into its configuration, whether it really uses it, and how its tokens
//! are issued.

mod next_key;
mod settings;

pub(crate) use next_key::NextKey;

use crate::{
    api,
    base::to,
    context::form_error,
    error::AppError,
    parts::{Badge, Crumb, Head, Icon, PostForm, State, TextCommand, When, page},
};
use domain::{commands::Snippet, probe::Tone, token_check::TokenCheck};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::token_settings::{RegistryTokens as Shown, Written};
use settings::Settings;

const CHECK: &str = "/do/registry-tokens-check";

/// The page.
#[component]
pub fn RegistryTokens() -> impl IntoView {
    let name = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let saved = use_query_map().get_untracked().get("saved").is_some_and(|saved| saved == "settings");
    page(async move {
        let shown = api::registry_tokens::registry_tokens(&name).await?;
        let crumbs = vec![
            Crumb::new("Registries", "/settings/registries"),
            Crumb::new(name.clone(), &format!("/settings/registries/{name}")),
        ];
        let settings = shown.settings;
        let facts = view! {
            <span>"Service "<code>{shown.service.clone()}</code></span>
            <span><code>{settings.algorithm.as_str()}</code></span>
            <span>{format!("Tokens live {} s", settings.seconds)}</span>
            {(!settings.passwords || shown.no_passwords).then(|| view! { <Badge word="no passwords"/> })}
        };
        Ok(view! {
            <Head title=format!("Tokens of {name}") crumbs=crumbs facts=facts.into_any()/>
            {saved.then(|| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/>
                <p>"The settings are saved. They hold from the next token on. After another algorithm fetch the certificates again and restart the registry."</p></div> })}
            <p>"Wharfinger can decide what clients may pull from and push to " <code>{shown.address.clone()}</code>
                ". The registry sends them here for a token, and lets them do what the token says. The grants that decide on these pages decide there too."</p>
            <Check shown=shown.clone() error=form_error(CHECK)/>
            {match shown.written.clone() {
                Some(written) => view! { <Configuration written=written/> }.into_any(),
                None => view! { <NoAddress/> }.into_any(),
            }}
            <Settings shown=shown/>
        })
    })
}

/// Why there is nothing to copy.
#[component]
fn NoAddress() -> impl IntoView {
    view! {
        <section class="stack" aria-labelledby="configuration">
            <h2 id="configuration">"Configuration"</h2>
            <div class="notice" data-tone="warn"><Icon name="alert"/>
                <p><b>"Wharfinger does not know its own address."</b></p>
                <p>"The registry tells every client where to ask for tokens. That address comes from a setting, and never from the address of a request, which anybody can choose. "
                    "Start Wharfinger with it, then come back:"</p>
            </div>
            <TextCommand text="wharfinger serve --public-url https://wharfinger.example.com" what="The setting"/>
        </section>
    }
}

/// What to copy, and where the keys are.
#[component]
fn Configuration(
    /// What was written.
    written: Written,
) -> impl IntoView {
    let Written { realm, bundle_url, jwks_url, snippets } = written;
    let key = |label: &'static str, url: String, file: &'static str| {
        let shown = url.clone();
        view! { <dt>{label}</dt> <dd><a href=url download=file><code>{shown}</code></a></dd> }
    };
    view! {
        <section class="stack" aria-labelledby="configuration">
            <h2 id="configuration">"Configuration"</h2>
            <p>"Take what fits your registry. Clients ask for tokens at " <code>{realm}</code> "."</p>
            <dl>
                {key("Certificates, PEM", bundle_url, "tokens.pem")}
                {key("Keys, JWKS", jwks_url, "jwks.json")}
            </dl>
            <p class="note">"These are public keys: no sign-in is needed to fetch them. The key that signs now and the next one are both in the file, so a rotation needs no restart. "
                "zot reads the first certificate only: after a rotation fetch the file again and restart it. The key set is for other programs; our tokens carry their certificate."</p>
            {snippets.into_iter().enumerate().map(|(at, snippet)| view! { <Copied snippet=snippet open=at < 2/> }).collect_view()}
        </section>
    }
}

/// One thing to copy. What comes first is open.
#[component]
fn Copied(
    /// What.
    snippet: Snippet,
    /// Open?
    open: bool,
) -> impl IntoView {
    view! {
        <details open=open.then_some("")>
            <summary>{snippet.caption.clone()}</summary>
            <TextCommand text=snippet.text what=snippet.caption/>
        </details>
    }
}

/// Whether the registry really uses it.
#[component]
fn Check(
    /// All about it.
    shown: Shown,
    /// What the last try brought back.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
) -> impl IntoView {
    let why_not = match (&shown.written, shown.enabled) {
        (None, _) => Some("Wharfinger needs its own address first: see below."),
        (_, false) => Some("Nothing asks a registry that is switched off."),
        _ => None,
    };
    let button = if shown.check.is_some() { "Check again" } else { "Check the registry" };
    let connection = to(&format!("/settings/registries/{}", shown.registry));
    let registry = shown.registry.to_string();
    view! {
        <section class="stack" aria-labelledby="check">
            <div class="cluster"><h2 id="check">"Does it use it?"</h2>
                {shown.check.as_ref().map(|check| view! { <span class="note push">"as of "<When at=check.at/></span> })}</div>
            {match shown.check {
                Some(check) => view! { <Found check=check/> }.into_any(),
                None => view! {
                    <p>"Not checked since Wharfinger started. The check looks at the challenge, shows the registry good tokens and forged ones, and asks as a stranger. It reads only."</p>
                    {shown.bundle.map(|(found, at)| view! { <p>"Before that: " <NextKey found=Some(found) at=Some(at)/></p> })}
                }.into_any(),
            }}
            <div class="actions">
                {match why_not {
                    None => view! {
                        <PostForm action=CHECK error=error>
                            <input type="hidden" name="registry" value=registry/>
                            <button data-tone="primary">{button}</button>
                        </PostForm>
                    }.into_any(),
                    Some(why) => view! {
                        <button type="button" aria-disabled="true" aria-describedby="unchecked">{button}</button>
                        <span class="note" id="unchecked">{why}</span>
                    }.into_any(),
                }}
                {(!shown.signs_in_so).then(|| view! { <a class="button" href=connection>"How Wharfinger signs in"</a> })}
            </div>
        </section>
    }
}

fn word(tone: Tone) -> &'static str {
    match tone {
        Tone::Danger => "amiss:",
        Tone::Warn => "open:",
        Tone::Good => "fine:",
        Tone::Idle => "for your knowledge:",
    }
}

fn rank(tone: Tone) -> u8 {
    match tone {
        Tone::Danger => 0,
        Tone::Warn => 1,
        Tone::Idle => 2,
        Tone::Good => 3,
    }
}

/// What a check found, worst first.
#[component]
fn Found(
    /// The check.
    check: TokenCheck,
) -> impl IntoView {
    let (tone, sentence) = check.verdict();
    let mut lines = check.lines;
    lines.sort_by_key(|line| rank(line.tone));
    view! {
        <p><State tone=tone.into() word=sentence/></p>
        <ul class="notes findings">
            {lines.into_iter().map(|line| view! {
                <li>
                    <State tone=line.tone.into() word=word(line.tone) quiet=true/>
                    <span><b>{line.about.name()}</b> " " {line.seen}</span>
                    <span></span>
                    {line.to_do.map(|to_do| view! { <div class="stack"><p>{to_do}</p></div> })}
                </li>
            }).collect_view()}
        </ul>
    }
}
