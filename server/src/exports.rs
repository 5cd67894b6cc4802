//! Lists as CSV files: behind the gate like every page, with what the page would show.

use crate::gate::stranger;
use axum::{
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Actor, Timestamp, csv};
use futures_util::stream;
use operations::{
    Operations,
    grants::{GrantQuery, GrantRow},
    matrix::{Line, MatrixQuery},
};
use serde::Deserialize;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;

/// What the file is asked for; the same words as the page's.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    subject: String,
    role: String,
    registry: String,
    repositories: String,
    ended: String,
}

/// As many lines go out at a time.
const LINES: usize = 200;

/// `/exports/grants.csv`
pub async fn grants(State(operations): State<Operations>, Query(asked): Query<Asked>, request: Request) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| stranger(&request));
    let query = GrantQuery {
        subject: asked.subject,
        role: asked.role,
        registry: asked.registry,
        repositories: asked.repositories,
        ended: asked.ended,
        ..GrantQuery::default()
    };
    match operations.all_grants(&actor, &query).await {
        Ok(rows) => file("grants.csv", &HEAD, rows.map(|row| line(&row))),
        Err(error) => stopped(error),
    }
}

fn stopped(error: operations::Error) -> Response {
    if error.is_internal() {
        tracing::error!(cause = ?error.cause, "{error}");
    }
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, error.message).into_response()
}

/// What the file of the matrix is asked for; the same words as the page's.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AskedMatrix {
    who: String,
    registry: String,
    may: String,
    patterns: String,
}

/// As many rows wait for whoever reads the file.
const AHEAD: usize = 16;
/// So long nobody may read what waits.
const UNREAD: Duration = Duration::from_secs(20);
/// As many tables are written at a time: each takes a thread.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(4)));

/// `/exports/matrix.csv`
pub async fn matrix(
    State(operations): State<Operations>,
    Query(asked): Query<AskedMatrix>,
    request: Request,
) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| stranger(&request));
    let AskedMatrix { who, registry, may, patterns } = asked;
    let query = MatrixQuery { who, registry, may, patterns, ..MatrixQuery::default() };
    let write = match operations.whole_matrix(&actor, &query).await {
        Ok(write) => write,
        Err(error) => return stopped(error),
    };
    let Ok(turn) = Arc::clone(&TURNS).try_acquire_owned() else {
        let message = "Some tables are being written already. Try again when they are done.";
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "10")], message).into_response();
    };
    let (rows, read) = tokio::sync::mpsc::channel::<Result<String, std::convert::Infallible>>(AHEAD);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let permissions: Vec<domain::Permission> = domain::access::PermissionSet::grantable().iter().collect();
        let head = ["subject", "name", "where"].into_iter().chain(permissions.iter().map(|one| one.as_str()));
        // Whoever hangs up or does not read ends it: nobody holds a thread for longer than that.
        let send = |text: String| runtime.block_on(rows.send_timeout(Ok(text), UNREAD)).is_ok();
        if !send(csv::line(head.chain(["grants"]))) {
            return;
        }
        write(&mut |lines| {
            let text: String = lines.iter().map(|line| cells(line, &permissions)).collect();
            text.is_empty() || send(text)
        });
    });
    sent("matrix.csv", Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(read)))
}

/// A cell of the table as a line: of each permission whether it holds for all, some or none of the place.
fn cells(line: &Line, permissions: &[domain::Permission]) -> String {
    let extent =
        |permission: &domain::Permission| match (line.all.contains(*permission), line.some.contains(*permission)) {
            (true, _) => "all",
            (false, true) => "some",
            (false, false) => "none",
        };
    let grants = line.grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let who = [line.subject.to_string(), line.name.clone(), line.place.to_string()];
    csv::line(who.into_iter().chain(permissions.iter().map(|one| extent(one).to_owned())).chain([grants]))
}

const HEAD: [&str; 11] =
    ["id", "subject", "name", "role", "permissions", "registry", "repositories", "until", "because", "by", "since"];

fn line(row: &GrantRow) -> String {
    let permissions: Vec<&str> = row.permissions.iter().map(domain::Permission::as_str).collect();
    let registry = row.scope.registry().map(|id| row.registry.clone().unwrap_or_else(|| id.to_string()));
    csv::line([
        row.id.to_string(),
        row.subject.to_string(),
        row.subject_name.clone(),
        row.role_name.clone(),
        permissions.join(" "),
        registry.unwrap_or_default(),
        row.scope.repositories().map(ToString::to_string).unwrap_or_default(),
        row.until.map(Timestamp::rfc3339).unwrap_or_default(),
        row.because.clone(),
        row.by.clone(),
        row.created.rfc3339(),
    ])
}

/// A file that is written while it is sent.
fn file(name: &str, head: &[&str], lines: impl Iterator<Item = String> + Send + 'static) -> Response {
    let mut lines = std::iter::once(csv::line(head)).chain(lines);
    let parts = std::iter::from_fn(move || {
        let part: String = lines.by_ref().take(LINES).collect();
        (!part.is_empty()).then_some(Ok::<_, std::convert::Infallible>(part))
    });
    sent(name, Body::from_stream(stream::iter(parts)))
}

fn sent(name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
