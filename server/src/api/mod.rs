//! `/api/v1`: what the pages show and do, for programs. The same operations and the same authorization as the pages; a
//! token instead of a cookie; JSON with names that stay.
//!
//! To add an operation: write its handler in the file of its noun, with `#[utoipa::path]` above and a struct for what it
//! answers, and name it in that file's `routes()`. It is then served and documented; nothing else is to be done.

#![expect(clippy::struct_field_names, reason = "fields are called as they are called in the JSON")]
#![expect(clippy::unnecessary_wraps, reason = "handlers end in answers, and every handler can fail")]

mod access;
mod across;
mod answer;
mod asked;
mod audit;
mod browse;
mod compare;
mod connections;
mod document;
mod grants;
mod health;
mod holders;
mod images;
mod keys;
mod lists;
mod me;
mod overview;
mod people;
pub(crate) mod problem;
mod refresh_tokens;
mod registries;
mod registry_tokens;
mod repositories;
mod requests;
mod reviews;
mod robots;
mod roles;
mod search;
mod sign_in;
mod storage;
mod sync;
mod tags;
mod teams;
mod tokens;
mod untagged;
mod values;
mod what_if;

pub use document::generated;

use crate::doors::AssetNames;
use app::base::Base;
use asked::Interface;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use operations::Operations;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Where it is, below the base.
pub const AT: &str = "/api/v1";

/// Is this address one of the interface?
pub fn is_here(path: &str) -> bool {
    path.strip_prefix(AT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every operation, with what it says of itself.
fn operations_of_all() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .merge(overview::routes())
        .merge(search::routes())
        .merge(registries::routes())
        .merge(connections::routes())
        .merge(repositories::routes())
        .merge(tags::routes())
        .merge(untagged::routes())
        .merge(across::routes())
        .merge(images::routes())
        .merge(compare::routes())
        .merge(sync::routes())
        .merge(storage::routes())
        .merge(health::routes())
        .merge(access::routes())
        .merge(holders::routes())
        .merge(what_if::routes())
        .merge(requests::routes())
        .merge(reviews::routes())
        .merge(keys::routes())
        .merge(refresh_tokens::routes())
        .merge(registry_tokens::routes())
        .merge(grants::routes())
        .merge(roles::routes())
        .merge(audit::routes())
        .merge(people::routes())
        .merge(teams::routes())
        .merge(robots::routes())
        .merge(me::routes())
        .merge(tokens::routes())
}

/// The router of the interface, without its place.
pub fn routes(operations: &Operations, base: Base, assets: AssetNames) -> Router {
    let interface = Interface { operations: operations.clone(), base };
    let (router, described) = operations_of_all().split_for_parts();
    let document = document::finished(described, base);
    let page = browse::Page::of(&document, operations.settings().public_url.as_deref(), base, assets);
    let json: Arc<[u8]> = serde_json::to_vec_pretty(&document).unwrap_or_default().into();
    let guarded = router.layer(middleware::from_fn_with_state(interface.clone(), sign_in::check)).with_state(interface);
    // The document and its page say what the program can do, not what is in it. They are the same for everybody, and
    // may be read without a token.
    Router::new()
        .route("/", get(browse::show).with_state(page))
        .route("/openapi.json", get(openapi).with_state(json))
        .merge(guarded)
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(middleware::from_fn(problem::finish))
}

/// The document, as JSON.
async fn openapi(State(json): State<Arc<[u8]>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache")),
    ];
    (headers, json.to_vec()).into_response()
}
