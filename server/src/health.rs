//! Two questions that machines ask: is the process alive, and can it do its work?

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use operations::Operations;
use serde_json::json;
use std::time::Duration;
use tokio::sync::watch;

/// A database that takes longer is no help to anybody.
const PATIENCE: Duration = Duration::from_secs(3);

/// Alive, whatever else may be wrong.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Do both databases answer, and are we not about to stop? Why not stands in the log, not in the answer.
pub async fn readyz(State((operations, stop)): State<(Operations, watch::Receiver<bool>)>) -> Response {
    let stopping = *stop.borrow();
    let databases = match tokio::time::timeout(PATIENCE, operations.store().ready()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(cause = ?error, "the databases do not answer");
            false
        }
        Err(_) => {
            tracing::error!("the databases take too long to answer");
            false
        }
    };
    let ready = databases && !stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready, "databases": databases, "stopping": stopping }))).into_response()
}
