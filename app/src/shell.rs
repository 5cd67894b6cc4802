//! The document around every page: head, rail, and the few lines that start what lives.

use crate::{
    base::to,
    context::{actor, base_text, path_and_query, preferences},
    islands::Live,
    parts::rail::{Masthead, Rail},
    routes::App,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// The names of this build's files, with their hashes.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The favicon.
    pub icon: String,
    /// The icons, one file of symbols.
    pub sprite: String,
    /// The glue that starts the WebAssembly.
    pub js: String,
    /// The WebAssembly.
    pub wasm: String,
}

/// The whole document.
pub fn shell() -> impl IntoView {
    let assets = use_context::<Assets>().unwrap_or_default();
    let at = |name: &str| to(&format!("/assets/{name}"));
    let who = actor();
    let plain = !who.is_known();
    let preferences = preferences();
    let theme = Some(preferences.theme).filter(|theme| !theme.is_empty());
    let zone = Some(preferences.zone).filter(|zone| !zone.is_empty());
    // A module script waits for the end of the document, the download of the WebAssembly should not; a preload link
    // would also make browsers without scripts fetch it.
    let fetch = format!("self.__wasm=fetch({:?})", at(&assets.wasm));
    let boot = format!(
        "import init,* as m from {:?};init({{module_or_path:self.__wasm}}).then(()=>{{m.hydrate();\
         document.querySelectorAll('leptos-island').forEach(e=>m[e.dataset.component]?.(e));\
         document.documentElement.dataset.live='on'}})",
        at(&assets.js)
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-base=base_text() data-theme=theme data-zone=zone>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href=at(&assets.icon)/>
                <link rel="stylesheet" href=at(&assets.css)/>
                <link rel="modulepreload" href=at(&assets.js) nonce=use_nonce()/>
                <script nonce=use_nonce()>{fetch}</script>
                <script type="module" nonce=use_nonce()>{boot}</script>
                <MetaTags/>
            </head>
            <body class=plain.then_some("plain")>
                <a class="skip button" href=format!("{}#main", to(&path_and_query()))>"Skip to content"</a>
                {(!plain).then(|| view! { <Masthead/> <Rail/> })}
                <main id="main" tabindex="-1">
                    <App/>
                </main>
                <Live/>
            </body>
        </html>
    }
}
