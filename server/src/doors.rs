//! Our own doors: what every request passes before it reaches a page, from the outside in.

pub mod address;
pub mod base;
pub mod bodies;
pub mod headers;
pub mod origin;
pub mod pages;
pub mod panics;
pub mod requests;

use crate::settings::Settings;
use std::sync::Arc;

/// What the doors know about the settings.
#[derive(Clone)]
pub struct Doors(Arc<Inner>);

struct Inner {
    /// Our origin, where it is set.
    origin: Option<String>,
    https: bool,
    /// Do we speak TLS ourselves?
    tls: bool,
    client: address::Client,
    session_cookie: String,
    base: app::base::Base,
    assets: AssetNames,
}

/// The names of the front end's files, asked for each page.
pub type AssetNames = Arc<dyn Fn() -> app::shell::Assets + Send + Sync>;

tokio::task_local! {
    /// The doors of the request that is answered, and whether the interface for programs was asked: a refusal looks like
    /// our pages, or like its problems, because of them.
    static PASSED: (Doors, bool);
}

impl Doors {
    /// From the settings. `base` is the path of the public URL.
    pub fn new(settings: &Settings, base: app::base::Base, assets: AssetNames) -> Self {
        Self(Arc::new(Inner {
            base,
            assets,
            origin: settings.public_url.as_ref().map(|url| url.origin.clone()),
            https: settings.https(),
            tls: settings.tls.is_some(),
            client: address::Client::new(settings.proxy_header, settings.trusted_proxies.clone()),
            session_cookie: crate::sessions::cookie_name("", settings.https(), base),
        }))
    }
}

/// A refusal's page has a style sheet of ours, and nothing else.
const PLAIN_PAGE: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The text of a refusal, for browsers as a page that needs no more than the style sheet and for programs as JSON.
pub(crate) fn refusal(
    request: &axum::http::HeaderMap,
    status: axum::http::StatusCode,
    kind: &str,
    message: &str,
    id: &str,
) -> axum::response::Response {
    use axum::{http::header, response::IntoResponse};
    if PASSED.try_with(|(_, interface)| *interface).unwrap_or_default() {
        return crate::api::problem::Problem::new(status, kind, message).of_request(id).answer();
    }
    if wants_html(request) {
        let (style, overview) = PASSED
            .try_with(|(doors, _)| {
                let (base, assets) = (doors.0.base, (doors.0.assets)());
                (base.to(&format!("/assets/{}", assets.css)), base.to("/"))
            })
            .unwrap_or_else(|_| (String::new(), "/".to_owned()));
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
             <link rel=\"stylesheet\" href=\"{style}\"><title>{title} · Wharfinger</title></head>\
             <body class=\"plain\"><main id=\"main\"><div class=\"stack\"><header class=\"head\"><h1>{title}</h1></header>\
             <div class=\"notice\" data-tone=\"danger\" role=\"alert\"><p><b>{message}</b></p></div>\
             <p class=\"actions\"><a class=\"button\" data-tone=\"primary\" href=\"{overview}\">Go to the overview</a></p>\
             <p class=\"note\">Reference <code>{id}</code>. It stands in the log.</p></div></main></body></html>",
            style = escaped(&style),
            overview = escaped(&overview),
            title = escaped(status.canonical_reason().unwrap_or("Refused")),
            message = escaped(message),
            id = escaped(id),
        );
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, PLAIN_PAGE),
        ];
        (status, headers, page).into_response()
    } else {
        let json = serde_json::json!({ "kind": kind, "message": message, "reference": id });
        (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(json)).into_response()
    }
}

/// Does this client read pages? Browsers say so for every navigation; programs and `fetch` do not.
pub(crate) fn wants_html(headers: &axum::http::HeaderMap) -> bool {
    headers
        .get_all(axum::http::header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
