//! Addresses that only the benchmarks ask, to compare pages with: the same rows as JSON, and a handler that does nothing.

use crate::gate::stranger;
use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Actor, RepositoryName};
use operations::{
    Operations,
    tags::{TagRow, TagsQuery},
};
use serde::{Deserialize, Serialize};

/// What axum alone takes for an answer, outside of every door of ours.
pub fn bare() -> Router {
    Router::new().route("/bench/hello", get(async || "hello\n"))
}

/// What stands behind the same doors as the pages.
pub fn behind_the_doors(operations: &Operations) -> Router {
    Router::new().route("/bench/tags.json", get(tags).with_state(operations.clone()))
}

/// Which rows.
#[derive(Deserialize)]
struct Wanted {
    registry: String,
    repository: RepositoryName,
}

/// What the page shows of a tag.
#[derive(Serialize)]
struct Row {
    tag: String,
    digest: Option<String>,
    kind: Option<&'static str>,
    artifact_type: Option<String>,
    platforms: Vec<String>,
    size: Option<u64>,
    created: Option<i64>,
    siblings: Vec<String>,
    problem: Option<String>,
}

impl From<TagRow> for Row {
    fn from(row: TagRow) -> Self {
        Self {
            tag: row.tag.to_string(),
            digest: row.digest.map(|digest| digest.to_string()),
            kind: row.kind.map(domain::Kind::as_str),
            artifact_type: row.artifact_type,
            platforms: row.platforms,
            size: row.size,
            created: row.created.map(|at| at.0),
            siblings: row.siblings.iter().map(ToString::to_string).collect(),
            problem: row.problem,
        }
    }
}

/// The rows of the tags page, found out as the page does.
async fn tags(State(operations): State<Operations>, Query(wanted): Query<Wanted>, request: Request) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| stranger(&request));
    let Wanted { registry, repository } = wanted;
    match operations.tags(&actor, &registry, &repository, &TagsQuery::default(), false).await {
        Ok(shown) => Json(shown.rows.into_iter().map(Row::from).collect::<Vec<_>>()).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.message).into_response(),
    }
}
