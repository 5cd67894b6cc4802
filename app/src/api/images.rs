//! Images by tag or digest, and their documents byte by byte.

use crate::{
    context::{actor, answer, followed, follows, operations},
    error::AppError,
};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Actor, Digest, Reference, RepositoryName};
use operations::{
    Operations,
    images::{Image, View},
};

/// The image behind a reference, as far as it is kept; a visit brings it up to date.
pub async fn image(
    registry: &str,
    repository: &RepositoryName,
    reference: &Reference,
    view: &View,
) -> Result<Image, AppError> {
    let (operations, actor) = (operations(), actor());
    if follows() {
        let shows = followed().and_then(|digest| digest.parse::<Digest>().ok());
        return answer(operations.follow_image(&actor, registry, repository, reference, view, shows.as_ref()).await);
    }
    answer(operations.image(&actor, registry, repository, reference, view).await)
}

/// A document byte by byte, at `/raw/{registry}/{repository}/{digest}` (the repository with `~` for `/`). What it says
/// comes from others: the browser is told to take it for nothing but JSON, and to run nothing of it.
pub async fn raw(
    operations: &Operations,
    actor: &Actor,
    request: &str,
    registry: &str,
    repository: &str,
    digest: &str,
) -> Response {
    let found = async {
        let (repository, digest) = (RepositoryName::from_segment(repository)?, digest.parse::<Digest>()?);
        operations.raw_document(actor, registry, &repository, &digest).await
    };
    let (status, kind, body) = match found.await {
        Ok(bytes) => (StatusCode::OK, "application/json; charset=utf-8", bytes),
        Err(error) => {
            let error = AppError::from_operation(&error, request);
            let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, "text/plain; charset=utf-8", format!("{}\nReference {request}\n", error.message).into_bytes())
        }
    };
    // A digest's bytes never change, but who may see them does.
    let cache = if status.is_success() { "private, max-age=300" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    (status, headers, body).into_response()
}
