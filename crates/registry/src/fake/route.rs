//! From a request to its handler. Repository names hold slashes, so paths are taken apart from their end.

use super::{Inner, access, answers, faults, reads, uploads, writes};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use domain::RepositoryName;
use http::{HeaderMap, HeaderValue, Method, header};
use std::{collections::HashMap, sync::Arc};
use url::form_urlencoded;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// `User-Agent`.
    pub agent: String,
    /// The scheme of `Authorization`, if it had one (`Basic`, `Bearer`); never its secret.
    pub authorization: Option<String>,
    /// The status that was answered.
    pub status: u16,
}

/// A request as the handlers see it.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) query: HashMap<String, String>,
    pub(super) body: Bytes,
    pub(super) base: String,
}

impl Call {
    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// Reads only.
    pub(super) fn is_read(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
    /// Brings something.
    fn is_push(&self) -> bool {
        matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }
}

/// What a path names.
pub(super) enum Route<'a> {
    Base,
    Catalog,
    Tags(&'a str),
    Manifest(&'a str, &'a str),
    Blob(&'a str, &'a str),
    Uploads(&'a str),
    Upload(&'a str, &'a str),
    Referrers(&'a str, &'a str),
}

impl Route<'_> {
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Tags(name)
            | Self::Manifest(name, _)
            | Self::Blob(name, _)
            | Self::Uploads(name)
            | Self::Upload(name, _)
            | Self::Referrers(name, _) => Some(name),
        }
    }
}

pub(super) fn router(inner: Arc<Inner>) -> Router {
    Router::new().fallback(handle).with_state(inner)
}

async fn handle(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // What is not taken need not be held either.
    let largest = if inner.options.pushes { 512 * 1024 * 1024 } else { 64 * 1024 };
    let body = axum::body::to_bytes(body, largest).await.unwrap_or_default();
    let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let text =
        |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default().to_owned();
    let authorization = text(header::AUTHORIZATION);
    let mut seen = Seen {
        method: parts.method.to_string(),
        target,
        agent: text(header::USER_AGENT),
        authorization: authorization.split_once(' ').map(|(scheme, _)| scheme.to_owned()),
        status: 0,
    };
    let troubles = faults::met(&mut inner.faults(), &seen);
    let scheme = if inner.options.tls.is_some() { "https" } else { "http" };
    let call = Call {
        base: format!("{scheme}://{}", text(header::HOST)),
        method: parts.method,
        headers: parts.headers,
        query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        body,
    };
    let position = {
        let mut log = inner.log();
        log.push(seen.clone());
        log.len() - 1
    };
    let mut response = match faults::before(&troubles).await {
        Some(response) => response,
        None => faults::after(&troubles, answer(&inner, &call, parts.uri.path())).await,
    };
    let version = HeaderValue::from_static("registry/2.0");
    response.headers_mut().entry("docker-distribution-api-version").or_insert(version);
    seen.status = response.status().as_u16();
    if let Some(entry) = inner.log().get_mut(position) {
        entry.status = seen.status;
    }
    if call.method == Method::HEAD { without_body(response) } else { response }
}

/// A HEAD has the headers of the GET and no body.
fn without_body(mut response: Response) -> Response {
    use axum::body::HttpBody;
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    response.map(|_| Body::empty())
}

fn answer(inner: &Inner, call: &Call, path: &str) -> Response {
    if path == "/v2" {
        return answers::answer(301, &[(header::LOCATION, "/v2/")], "");
    }
    if path == "/" {
        return answers::answer(200, &[], "");
    }
    let Some(route) = parse(path) else { return answers::no_route() };
    if let Some(refusal) = access::check(inner, call, &route) {
        return refusal;
    }
    if call.is_push() && !inner.options.pushes {
        return answers::takes_nothing();
    }
    match route {
        Route::Base => answers::answer(200, &[(header::CONTENT_TYPE, "application/json; charset=utf-8")], "{}"),
        Route::Catalog => reads::catalog(inner, call),
        Route::Tags(name) => reads::tags(inner, call, name),
        Route::Manifest(name, reference) if call.is_read() => reads::manifest(inner, call, name, reference),
        Route::Manifest(name, reference) => writes::manifest(inner, call, name, reference),
        Route::Blob(name, digest) if call.is_read() => reads::blob(inner, call, name, digest),
        Route::Blob(name, digest) => writes::blob(inner, call, name, digest),
        Route::Uploads(name) => uploads::start(inner, call, name),
        Route::Upload(name, id) => uploads::go_on(inner, call, name, id),
        Route::Referrers(name, digest) => reads::referrers(inner, name, digest),
    }
}

fn parse(path: &str) -> Option<Route<'_>> {
    let rest = path.strip_prefix("/v2/")?;
    match rest {
        "" => return Some(Route::Base),
        "_catalog" => return Some(Route::Catalog),
        _ => {}
    }
    let named = |name: &str| name.parse::<RepositoryName>().is_ok();
    if let Some(name) = rest.strip_suffix("/tags/list").filter(|n| named(n)) {
        return Some(Route::Tags(name));
    }
    if let Some(name) = rest.strip_suffix("/blobs/uploads/").filter(|n| named(n)) {
        return Some(Route::Uploads(name));
    }
    let (before, last) = rest.rsplit_once('/')?;
    let (name, noun) = before.rsplit_once('/')?;
    match noun {
        "uploads" => name.strip_suffix("/blobs").filter(|n| named(n)).map(|name| Route::Upload(name, last)),
        "manifests" if named(name) && last.parse::<domain::Reference>().is_ok() => Some(Route::Manifest(name, last)),
        "blobs" if named(name) && last.parse::<domain::Digest>().is_ok() => Some(Route::Blob(name, last)),
        "referrers" if named(name) && last.parse::<domain::Digest>().is_ok() => Some(Route::Referrers(name, last)),
        _ => None,
    }
}
