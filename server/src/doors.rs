//! Our own doors: what every request passes before it reaches a page, from the outside in.

pub mod address;
pub mod base;
pub mod bodies;
pub mod headers;
pub mod origin;
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
}

impl Doors {
    /// From the settings. `base` is the path of the public URL.
    pub fn new(settings: &Settings, base: app::base::Base) -> Self {
        Self(Arc::new(Inner {
            origin: settings.public_url.as_ref().map(|url| url.origin.clone()),
            https: settings.https(),
            tls: settings.tls.is_some(),
            client: address::Client::new(settings.proxy_header, settings.trusted_proxies.clone()),
            session_cookie: crate::sessions::cookie_name("", settings.https(), base),
        }))
    }
}

/// The text of a refusal, for browsers as a page that needs nothing else and for programs as JSON.
pub(crate) fn refusal(
    request: &axum::http::HeaderMap,
    status: axum::http::StatusCode,
    kind: &str,
    message: &str,
    id: &str,
) -> axum::response::Response {
    use axum::{http::header, response::IntoResponse};
    if wants_html(request) {
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\"><title>{title} · Wharfinger</title>\
             <h1>{title}</h1><p>{message}</p><p>Number of this request: <code>{id}</code></p></html>",
            title = escaped(status.canonical_reason().unwrap_or("Refused")),
            message = escaped(message),
            id = escaped(id),
        );
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page)
            .into_response()
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

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
