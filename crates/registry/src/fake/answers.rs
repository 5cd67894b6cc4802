//! Answers in distribution's words.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// An answer with headers and a body.
pub(super) fn answer(status: u16, headers: &[(HeaderName, &str)], body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(*value) {
            response.headers_mut().insert(name.clone(), value);
        }
    }
    response
}

/// JSON with a status.
pub(super) fn json_answer(status: u16, value: &Value) -> Response {
    answer(status, &[(header::CONTENT_TYPE, "application/json; charset=utf-8")], value.to_string())
}

/// An error of the specification.
pub(super) fn refused(status: u16, code: &str, message: &str, detail: Value) -> Response {
    json_answer(status, &json!({"errors": [{"code": code, "message": message, "detail": detail}]}))
}

pub(super) fn name_unknown(name: &str) -> Response {
    refused(404, "NAME_UNKNOWN", "repository name not known to registry", json!({ "name": name }))
}

pub(super) fn manifest_unknown(name: &str, reference: &str) -> Response {
    let detail = if reference.contains(':') {
        json!({"Name": name, "Revision": reference})
    } else {
        json!({ "Tag": reference })
    };
    refused(404, "MANIFEST_UNKNOWN", "manifest unknown", detail)
}

pub(super) fn blob_unknown(digest: &str) -> Response {
    refused(404, "BLOB_UNKNOWN", "blob unknown to registry", json!(digest))
}

pub(super) fn digest_invalid() -> Response {
    refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content", json!({}))
}

pub(super) fn unsupported() -> Response {
    refused(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null)
}

/// Docker shows the message behind `denied: `.
pub(super) fn takes_nothing() -> Response {
    let message = "this registry holds made-up images in memory and takes no pushes; connect one of your own for that";
    refused(403, "DENIED", message, Value::Null)
}

/// What no route matches: not JSON.
pub(super) fn no_route() -> Response {
    answer(404, &[(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "404 page not found\n")
}
