//! The headers that tell a browser what it must not do with an answer of ours.

use super::Doors;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// For everything that is no page; pages bring their own, with a nonce.
pub const STRICTEST: &str = "default-src 'none'; frame-ancestors 'none'";

static ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, STRICTEST),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Assets say otherwise themselves; everything else is for one reader at one time.
    (header::CACHE_CONTROL, "no-store"),
    // Never `no-referrer`: without WebAssembly a form's error comes back through the page it came from.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Half a year; without `includeSubDomains` and `preload`, which are not ours to decide.
const HSTS: &str = "max-age=15552000";

/// Sets each of them where the answer has none yet.
pub async fn secure(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if doors.0.https {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static(HSTS));
    }
    response
}
