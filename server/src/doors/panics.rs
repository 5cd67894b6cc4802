//! A defect in a page answers 500 with the request's number, and ends nothing else.

use super::refusal;
use app::context::RequestId;
use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// Catches what panics inside.
pub async fn catch(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default().0;
    let headers = request.headers().clone();
    // Nothing that the request touched is used afterwards: what is shared guards itself.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
            tracing::error!(cause = text, "a page panicked");
            refusal(&headers, StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.", &id)
        }
    }
}
