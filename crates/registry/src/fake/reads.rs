//! Lists, manifests and blobs, as distribution 2.8.2 serves them.

use super::{
    Inner,
    answers::{answer, blob_unknown, json_answer, manifest_unknown, name_unknown, no_route, refused},
    route::Call,
    state::Manifest,
};
use axum::response::Response;
use domain::{
    Digest,
    manifest::{DOCKER_LIST, OCI_INDEX, OCI_MANIFEST},
};
use http::{HeaderValue, header};
use serde_json::{Value, json};
use url::form_urlencoded;

/// `n` as it was asked: a number that is none is the default.
fn asked(call: &Call, largest: usize) -> Result<Option<usize>, Box<Response>> {
    let n = call.query.get("n").and_then(|n| n.parse::<i64>().ok()).filter(|n| *n >= 0);
    match n.and_then(|n| usize::try_from(n).ok()) {
        Some(n) if n > largest => Err(Box::new(refused(
            400,
            "PAGINATION_NUMBER_INVALID",
            "invalid number of results requested",
            json!({ "n": n }),
        ))),
        n => Ok(n),
    }
}

/// The items after `last`, at most `n` of them, and the link to the rest.
fn cut(all: Vec<String>, call: &Call, n: usize, path: &str) -> (Vec<String>, Option<String>) {
    let last = call.query.get("last").map_or("", String::as_str);
    let rest: Vec<String> = all.into_iter().filter(|item| last.is_empty() || item.as_str() > last).collect();
    let goes_on = rest.len() > n && n > 0;
    let page: Vec<String> = rest.into_iter().take(n).collect();
    let link = page.last().filter(|_| goes_on).map(|last| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("last", last)
            .append_pair("n", &n.to_string())
            .finish();
        format!("<{path}?{query}>; rel=\"next\"")
    });
    (page, link)
}

fn linked(mut response: Response, link: Option<String>) -> Response {
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

pub(super) fn catalog(inner: &Inner, call: &Call) -> Response {
    let n = match asked(call, inner.options.largest_page) {
        Ok(n) => n.unwrap_or(100),
        Err(refusal) => return *refusal,
    };
    let all: Vec<String> = inner.state().repositories.keys().cloned().collect();
    let (page, link) = cut(all, call, n, "/v2/_catalog");
    linked(json_answer(200, &json!({ "repositories": page })), link)
}

pub(super) fn tags(inner: &Inner, call: &Call, name: &str) -> Response {
    let mut all: Vec<String> = match inner.state().repositories.get(name) {
        Some(held) if held.had_manifests => held.tags.keys().cloned().collect(),
        _ => return name_unknown(name),
    };
    if all.is_empty() {
        return json_answer(200, &json!({"name": name, "tags": Value::Null}));
    }
    if !inner.options.tag_pages {
        // Directory order, which is none.
        all.sort_by_key(|tag| Digest::of(tag.as_bytes()));
        return json_answer(200, &json!({"name": name, "tags": all}));
    }
    let n = match asked(call, inner.options.largest_page) {
        Ok(n) => n.unwrap_or(all.len()),
        Err(refusal) => return *refusal,
    };
    let (page, link) = cut(all, call, n, &format!("/v2/{name}/tags/list"));
    linked(json_answer(200, &json!({"name": name, "tags": page})), link)
}

pub(super) fn manifest(inner: &Inner, call: &Call, name: &str, reference: &str) -> Response {
    let state = inner.state();
    let held = state.repositories.get(name);
    let Some((digest, manifest)) = held.and_then(|held| held.find(reference)) else {
        return manifest_unknown(name, reference);
    };
    let accepts = |kind: &str| {
        let all = call.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(',')).any(|one| one.split(';').next().unwrap_or_default().trim() == kind)
    };
    let lacking = |what: &str| {
        let message = format!(
            "OCI {what} found, but accept header does not support OCI {}",
            if what == "index" { "indexes" } else { "manifests" }
        );
        refused(404, "MANIFEST_UNKNOWN", &message, Value::Null)
    };
    match manifest.media_type.as_str() {
        OCI_MANIFEST if !accepts(OCI_MANIFEST) => lacking("manifest"),
        OCI_INDEX if !accepts(OCI_INDEX) => lacking("index"),
        // Who does not know lists gets the child for linux/amd64 in its place.
        DOCKER_LIST if !accepts(DOCKER_LIST) && !reference.contains(':') => {
            match amd64(&manifest).and_then(|child| held?.find(&child)) {
                Some((digest, child)) => served(call, &digest, &child),
                None => manifest_unknown(name, reference),
            }
        }
        _ => served(call, &digest, &manifest),
    }
}

fn amd64(list: &Manifest) -> Option<String> {
    let list: Value = serde_json::from_slice(&list.bytes).ok()?;
    let is = |m: &&Value| m["platform"]["os"] == "linux" && m["platform"]["architecture"] == "amd64";
    list["manifests"].as_array()?.iter().find(is)?["digest"].as_str().map(str::to_owned)
}

fn served(call: &Call, digest: &Digest, manifest: &Manifest) -> Response {
    let etag = format!("\"{digest}\"");
    let same = [etag.as_str(), digest.as_str()].contains(&call.header(header::IF_NONE_MATCH));
    let content_digest = http::HeaderName::from_static("docker-content-digest");
    let headers = [
        (header::ETAG, etag.as_str()),
        (content_digest, digest.as_str()),
        (header::CONTENT_TYPE, manifest.media_type.as_str()),
    ];
    if same { answer(304, &headers[..2], "") } else { answer(200, &headers, manifest.bytes.clone()) }
}

pub(super) fn blob(inner: &Inner, call: &Call, name: &str, digest: &str) -> Response {
    let Ok(parsed) = digest.parse::<Digest>() else { return no_route() };
    let Some(bytes) = inner.state().blob(name, &parsed) else { return blob_unknown(digest) };
    let content_digest = http::HeaderName::from_static("docker-content-digest");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (content_digest, digest),
        (header::CACHE_CONTROL, "max-age=31536000"),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    let Some((from, to)) = range(call.header(header::RANGE), bytes.len()) else { return answer(200, &headers, bytes) };
    let span = format!("bytes {from}-{to}/{}", bytes.len());
    let mut response = answer(206, &headers, bytes.slice(from..=to));
    if let Ok(value) = HeaderValue::try_from(span) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

/// `bytes=FROM-[TO]` inside of what there is.
fn range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    let to = if to.is_empty() { length.checked_sub(1)? } else { to.parse::<usize>().ok()?.min(length.checked_sub(1)?) };
    (from <= to).then_some((from, to))
}

/// The referrers API, where the fake has it: every manifest of the repository with this subject.
pub(super) fn referrers(inner: &Inner, name: &str, subject: &str) -> Response {
    if !inner.options.referrers_api {
        return no_route();
    }
    let state = inner.state();
    let mut found: Vec<Value> = Vec::new();
    for (digest, manifest) in state.repositories.get(name).into_iter().flat_map(|held| &held.manifests) {
        let document: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
        if document["subject"]["digest"] == subject {
            let kind = document
                .get("artifactType")
                .or_else(|| document["config"].get("mediaType"))
                .cloned()
                .unwrap_or_default();
            found.push(json!({
                "mediaType": manifest.media_type, "digest": digest, "size": manifest.bytes.len(), "artifactType": kind,
                "annotations": document.get("annotations").cloned().unwrap_or_else(|| json!({})),
            }));
        }
    }
    found.sort_by_key(|entry| entry["digest"].to_string());
    let body = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": found});
    answer(200, &[(header::CONTENT_TYPE, OCI_INDEX)], body.to_string())
}
