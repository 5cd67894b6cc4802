//! How much a request may bring along, and how long it may take for it.

use super::refusal;
use app::context::RequestId;
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use std::time::Duration;

/// Our largest form is a registry's settings with certificates in it.
pub const LARGEST: usize = 256 * 1024;
const SLOWEST: Duration = Duration::from_secs(30);

/// Reads the body before anything is decided, so that what comes after never waits for a slow client.
pub async fn limit(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default().0;
    let refuse = |status, kind: &str, message: &str| refusal(&parts.headers, status, kind, message, &id);
    let told = body.size_hint().lower();
    if told > LARGEST as u64 {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "A form may bring along 256 KiB at most.");
    }
    match tokio::time::timeout(SLOWEST, to_bytes(body, LARGEST)).await {
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "too-slow", "The form took longer than 30 seconds to arrive."),
        Ok(Err(error)) => {
            // A body that breaks off is nobody's fault here; one that is too long names its limit.
            tracing::debug!(cause = %error, "a body could not be read");
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "A form may bring along 256 KiB at most.")
        }
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    }
}
