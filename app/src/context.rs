//! What every page and every server function finds in its context, and how it is asked for.

use crate::{
    base::{Base, base, redirect, to},
    error::{AppError, ErrorKey},
    shell::Assets,
};
use axum::http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER},
    request::Parts,
};
use base64::Engine as _;
use domain::{Actor, Timestamp};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::{components::provide_server_redirect, location::RequestUrl};
use operations::Operations;
use std::sync::{Arc, OnceLock};

/// What the server knows once and every request shares.
#[derive(Clone)]
pub struct Site {
    /// What people can do.
    pub operations: Operations,
    /// Where we are mounted.
    pub base: Base,
    /// The names of this build's files, read anew per page in a debug build.
    pub assets: Arc<dyn Fn() -> Assets + Send + Sync>,
    /// Proves errors that travel in addresses.
    pub errors: ErrorKey,
    /// Is this the demo, with its embedded registry?
    pub demo: bool,
}

/// The number of a request: in its answer's header, in the log, and on error pages.
#[derive(Clone, Debug, Default)]
pub struct RequestId(pub String);

/// Is this request encrypted on its way to us, as far as we know?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encrypted(pub bool);

/// How a person wants pages to look; the server puts it beside the [`Actor`] of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `light` or `dark`; empty follows the system.
    pub theme: String,
    /// An IANA time zone; empty is UTC.
    pub zone: String,
}

/// How the person who asks wants pages to look.
pub fn preferences() -> Preferences {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Preferences>().cloned()).unwrap_or_default()
}

/// What time it is on this page: the same from its head to its foot.
#[derive(Clone, Copy)]
struct PageTime(Timestamp);

/// What time it is on the page being rendered.
pub fn page_time() -> Timestamp {
    use_context::<PageTime>().map_or_else(|| operations().now(), |time| time.0)
}

/// Puts it all into the context of one request.
pub fn provide(site: &Site) {
    provide_context(PageTime(site.operations.now()));
    ANY.get_or_init(|| site.clone());
    provide_context(site.base);
    provide_context(site.clone());
    provide_context((site.assets)());
    provide_server_redirect(redirect);
    if let Some(parts) = use_context::<Parts>() {
        // axum routes the path without the base, the pages' router wants it with the base
        provide_context(RequestUrl::new(&format!("http://host{}{}", site.base.0, parts.uri)));
    }
    if let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<ResponseOptions>()) {
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce)) {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
        response.insert_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Scripts by nonce only, styles and pictures from us only, nobody frames us.
fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The site, for a page whose reader has gone: its context is taken down while it is still being made.
static ANY: OnceLock<Site> = OnceLock::new();

/// Has the reader of this page gone, so that nobody waits for it?
pub fn is_abandoned() -> bool {
    use_context::<Site>().is_none()
}

/// The site this page belongs to.
pub fn site() -> Site {
    use_context().or_else(|| ANY.get().cloned()).expect("a page belongs to a site")
}

/// What people can do.
pub fn operations() -> Operations {
    site().operations
}

/// Who asks.
pub fn actor() -> Actor {
    let known = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Actor>().cloned());
    known.unwrap_or_else(|| Actor::anonymous("", "", ""))
}

/// The number of this request.
pub fn request_id() -> String {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestId>().cloned()).unwrap_or_default().0
}

/// Is this request encrypted, as far as we know?
pub fn encrypted() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<Encrypted>().is_some_and(|e| e.0))
}

/// The path and query of the page being rendered, without the base.
pub fn path_and_query() -> String {
    use_context::<Parts>().map(|parts| parts.uri.to_string()).unwrap_or_default()
}

/// Is this page fetched again by an open page that follows what happens, and not by somebody who came to it?
pub fn follows() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.headers.contains_key("x-refresh"))
}

/// The digest that an open page shows, and goes on showing while it is fetched again (its `data-shows`).
pub fn followed() -> Option<String> {
    let shown = use_context::<Parts>()?.headers.get("x-refresh")?.to_str().ok()?.to_owned();
    shown.contains(':').then_some(shown)
}

/// Sets the status of a page, or of an answer to a script; a plain form's redirect stays as it is.
pub fn set_status(status: u16) {
    let form = use_context::<Parts>().is_some_and(|parts| {
        let html = parts.headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
        parts.method == Method::POST && html
    });
    if let (false, Some(response), Ok(status)) = (form, use_context::<ResponseOptions>(), StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}

/// Translates what an operation answered for a page or a form: the one place where errors are logged and get a status.
pub fn answer<T>(result: operations::Result<T>) -> Result<T, AppError> {
    result.map_err(|error| {
        let error = AppError::from_operation(&error, &request_id());
        tell(&error);
        error.sealed(&site().errors)
    })
}

/// Like [`answer`] for a form: an error brings back what was typed (never give it a secret).
pub fn answer_form<T>(result: operations::Result<T>, typed: &[(&str, &str)]) -> Result<T, AppError> {
    result.map_err(|error| {
        let mut error = AppError::from_operation(&error, &request_id());
        tell(&error);
        error.typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        error.sealed(&site().errors)
    })
}

/// Gives the answer the status and the headers of this error.
pub fn tell(error: &AppError) {
    set_status(error.kind.status());
    if let (Some(seconds), Some(response)) = (error.retry_after, use_context::<ResponseOptions>()) {
        response.insert_header(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// The error that a form without WebAssembly brought back in the address, if it is for this server function and ours.
pub fn form_error(function: &str) -> Option<AppError> {
    let query = leptos_router::hooks::use_query_map().get_untracked();
    if query.get_str("__path")? != function {
        return None;
    }
    let json = base64::engine::general_purpose::URL_SAFE.decode(query.get_str("__err")?).ok()?;
    let error: AppError = serde_json::from_slice(&json).ok()?;
    error.is_ours(&site().errors).then_some(error)
}

/// The address a form posts to.
pub fn post_to(function: &str) -> String {
    debug_assert!(function.starts_with("/do/"), "{function}");
    to(function)
}

/// The base, for the browser.
pub fn base_text() -> &'static str {
    base().0
}
