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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware, routing::get};
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_answers_with_the_number_and_without_its_text() {
        let broken = get(async || -> () { panic!("a secret") });
        let router = Router::new().route("/", broken).layer(middleware::from_fn(catch));
        for accepts in ["text/html", "*/*"] {
            let request = Request::builder().uri("/").header("accept", accepts);
            let request = request.extension(RequestId("0123456789abcdef".to_owned())).body(Body::empty());
            let response = router.clone().oneshot(request.expect("a request")).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
            let text = String::from_utf8_lossy(&body);
            assert!(text.contains("0123456789abcdef") && !text.contains("a secret"), "{text}");
        }
    }
}
