//! Uploads of blobs: start (or mount), pieces, end.

use super::{
    Inner,
    answers::{answer, digest_invalid, no_route, refused},
    route::Call,
    state::Upload,
};
use axum::response::Response;
use bytes::Bytes;
use domain::Digest;
use http::{HeaderName, Method, header};
use serde_json::json;

pub(super) fn start(inner: &Inner, call: &Call, name: &str) -> Response {
    if call.method != Method::POST {
        return no_route();
    }
    let mut state = inner.state();
    if let (Some(digest), Some(from)) =
        (call.query.get("mount").and_then(|d| d.parse::<Digest>().ok()), call.query.get("from"))
        && state.mount(from, name, &digest)
    {
        return created(call, name, &digest);
    }
    state.next_upload += 1;
    let id = format!("00000000-0000-4000-8000-{:012x}", state.next_upload);
    state.uploads.insert(id.clone(), Upload { repository: name.to_owned(), bytes: Vec::new() });
    under_way(202, call, name, &id, 0)
}

pub(super) fn go_on(inner: &Inner, call: &Call, name: &str, id: &str) -> Response {
    let mut state = inner.state();
    let Some(mut upload) = state.uploads.remove(id).filter(|upload| upload.repository == name) else {
        return refused(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", json!(null));
    };
    match call.method {
        Method::PATCH | Method::GET => {
            upload.bytes.extend_from_slice(&call.body);
            let (length, status) = (upload.bytes.len(), if call.method == Method::GET { 204 } else { 202 });
            state.uploads.insert(id.to_owned(), upload);
            under_way(status, call, name, id, length)
        }
        Method::PUT => {
            upload.bytes.extend_from_slice(&call.body);
            let asked = call.query.get("digest").and_then(|d| d.parse::<Digest>().ok());
            match asked.filter(|digest| digest.matches(&upload.bytes) == Some(true)) {
                Some(digest) => {
                    state.put_blob(name, Bytes::from(upload.bytes));
                    created(call, name, &digest)
                }
                None => digest_invalid(),
            }
        }
        Method::DELETE => answer(204, &[], ""),
        _ => no_route(),
    }
}

fn under_way(status: u16, call: &Call, name: &str, id: &str, length: usize) -> Response {
    let location = format!("{}/v2/{name}/blobs/uploads/{id}?_state=fake", call.base);
    let range = format!("0-{}", length.saturating_sub(1));
    answer(
        status,
        &[(header::LOCATION, &location), (header::RANGE, &range), (HeaderName::from_static("docker-upload-uuid"), id)],
        "",
    )
}

fn created(call: &Call, name: &str, digest: &Digest) -> Response {
    let location = format!("{}/v2/{name}/blobs/{digest}", call.base);
    answer(
        201,
        &[(header::LOCATION, &location), (HeaderName::from_static("docker-content-digest"), digest.as_str())],
        "",
    )
}
