//! Documents of registries, byte by byte: behind the gate like every page.

use crate::gate::stranger;
use app::{api::images, context::RequestId};
use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use domain::Actor;
use operations::Operations;

/// `/raw/{registry}/{repository}/{digest}`
pub async fn raw(
    State(operations): State<Operations>,
    Path((registry, repository, digest)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| stranger(&request));
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default().0;
    images::raw(&operations, &actor, &id, &registry, &repository, &digest).await
}
