//! Answers: JSON with an `ETag` that a client can ask by, pages with a link to the next one.

use super::{asked::Asked, problem::Problem};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use url::form_urlencoded::Serializer;

/// What every handler gives back.
pub type Answer = Result<Response, Problem>;

/// What may be kept by the client that asked, and by nobody in between; whether it is still so must be asked each time.
const KEPT: &str = "private, no-cache";

impl Asked {
    /// The answer to a GET: `value`, or 304 if the client has it already.
    pub fn answer(&self, value: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(value).map_err(operations::Error::internal)?;
        let tag = hex::encode(&digest(&SHA256, &body).as_ref()[..12]);
        // Weak: a proxy may compress what we send.
        Ok(self.tagged(&format!("W/\"{tag}\""), "application/json", body))
    }

    /// A page of a list, with the link to the next one.
    pub fn page(&self, value: &impl Serialize, next: Option<&str>) -> Answer {
        let mut response = self.answer(value)?;
        if let Some(link) = next.and_then(|cursor| HeaderValue::from_str(&self.next(cursor)).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }

    /// `<…>; rel="next"`: the same address with another cursor.
    fn next(&self, cursor: &str) -> String {
        let mut query = Serializer::new(String::new());
        let old = url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        query.extend_pairs(old.filter(|(name, _)| name != "cursor"));
        query.append_pair("cursor", cursor);
        format!("<{}?{}>; rel=\"next\"", self.base.to(self.uri.path()), query.finish())
    }

    /// Bytes under an entity tag.
    pub fn tagged(&self, tag: &str, media_type: &'static str, body: Vec<u8>) -> Response {
        let mut response = if self.has(tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, media_type)], body).into_response()
        };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        response
    }

    /// Does the client have what this tag stands for (RFC 9110, "If-None-Match": compared weakly)?
    fn has(&self, tag: &str) -> bool {
        let own = tag.trim_start_matches("W/");
        let asked = self.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        asked
            .flat_map(|value| value.split(','))
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == own || one == "*")
    }

    /// Something was made: what it is, and where.
    pub fn created(&self, path: &str, value: &impl Serialize) -> Answer {
        let at = self.base.to(&format!("{}{path}", super::AT));
        let mut response = (StatusCode::CREATED, axum::Json(value)).into_response();
        if let Ok(at) = HeaderValue::from_str(&at) {
            response.headers_mut().insert(header::LOCATION, at);
        }
        Ok(response)
    }
}

/// Done, and nothing to say about it.
pub fn done() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What was asked for goes on in the background.
pub fn accepted() -> Answer {
    Ok(StatusCode::ACCEPTED.into_response())
}
