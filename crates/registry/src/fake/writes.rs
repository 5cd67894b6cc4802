//! Pushes of manifests, and deletions.

use super::{
    Inner,
    answers::{answer, blob_unknown, digest_invalid, json_answer, manifest_unknown, no_route, refused, unsupported},
    route::Call,
    state::State,
};
use axum::response::Response;
use domain::{
    Digest,
    manifest::{DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST},
};
use http::{HeaderName, Method, header};
use serde_json::{Value, json};

/// The most bytes of a manifest, as distribution reads them.
const LARGEST: usize = 4 * 1024 * 1024;

pub(super) fn manifest(inner: &Inner, call: &Call, name: &str, reference: &str) -> Response {
    match call.method {
        Method::PUT => put(inner, call, name, reference),
        Method::DELETE => delete(inner, name, reference),
        _ => no_route(),
    }
}

fn put(inner: &Inner, call: &Call, name: &str, reference: &str) -> Response {
    let media_type = call.header(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_owned();
    let invalid = |why: &str| refused(400, "MANIFEST_INVALID", "manifest invalid", json!(why));
    if call.body.len() > LARGEST {
        return invalid("http: request body too large");
    }
    let Ok(document) = serde_json::from_slice::<Value>(&call.body) else { return invalid("no JSON") };
    let known = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].contains(&media_type.as_str());
    if !known || document["schemaVersion"] != 2 {
        return invalid("unknown media type or schema");
    }
    let digest = Digest::of(&call.body);
    if reference.contains(':') && reference != digest.as_str() {
        return digest_invalid();
    }
    let mut state = inner.state();
    let missing = missing(&state, name, &document);
    if !missing.is_empty() {
        let one = |digest: &String| json!({"code": "MANIFEST_BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": digest});
        return json_answer(400, &json!({"errors": missing.iter().map(one).collect::<Vec<_>>()}));
    }
    state.put_manifest(name, &media_type, call.body.clone());
    if !reference.contains(':') {
        state.repository(name).tags.insert(reference.to_owned(), digest.clone());
    }
    let location = format!("{}/v2/{name}/manifests/{digest}", call.base);
    answer(
        201,
        &[(header::LOCATION, &location), (HeaderName::from_static("docker-content-digest"), digest.as_str())],
        "",
    )
}

/// The blobs and children that the repository does not hold.
fn missing(state: &State, name: &str, document: &Value) -> Vec<String> {
    let held = state.repositories.get(name);
    let blobs = document["layers"].as_array().into_iter().flatten().chain(document.get("config"));
    let children = document["manifests"].as_array().into_iter().flatten();
    let digest = |descriptor: &Value| descriptor["digest"].as_str().unwrap_or_default().to_owned();
    let has_blob = |digest: &String| digest.parse().is_ok_and(|digest| state.blob(name, &digest).is_some());
    let has_child = |digest: &String| held.is_some_and(|held| held.find(digest).is_some());
    let lost_blobs = blobs.map(digest).filter(|digest| !has_blob(digest));
    let lost_children = children.map(digest).filter(|digest| !has_child(digest));
    lost_blobs.chain(lost_children).collect()
}

fn delete(inner: &Inner, name: &str, reference: &str) -> Response {
    if !inner.options.delete {
        return unsupported();
    }
    let mut state = inner.state();
    let Ok(digest) = reference.parse::<Digest>() else {
        if !inner.options.untag {
            return digest_invalid();
        }
        let gone = state.repositories.get_mut(name).and_then(|held| held.tags.remove(reference));
        return if gone.is_some() { answer(202, &[], "") } else { manifest_unknown(name, reference) };
    };
    let Some(held) = state.repositories.get_mut(name) else { return manifest_unknown(name, reference) };
    if held.manifests.remove(&digest).is_none() {
        return refused(404, "MANIFEST_UNKNOWN", "manifest unknown", Value::Null);
    }
    held.tags.retain(|_, target| *target != digest);
    answer(202, &[], "")
}

pub(super) fn blob(inner: &Inner, call: &Call, name: &str, digest: &str) -> Response {
    if call.method != Method::DELETE {
        return no_route();
    }
    if !inner.options.delete {
        return unsupported();
    }
    let mut state = inner.state();
    let gone = digest
        .parse::<Digest>()
        .is_ok_and(|digest| state.repositories.get_mut(name).is_some_and(|held| held.blobs.remove(&digest)));
    if gone { answer(202, &[], "") } else { blob_unknown(digest) }
}
