//! What stopped a request, as RFC 9457 has it (`application/problem+json`): every refusal of the interface has this shape.

use super::asked::Told;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use operations::error::Error;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every refusal.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What stopped a request (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:wharfinger:problem:not-found", "title": "Not Found", "status": 404,
    "detail": "There is no registry nowhere.", "request": "9f2c4b1de07a5c38",
}))]
pub struct Problem {
    /// The kind of problem, as a name that stays: `urn:wharfinger:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:wharfinger:problem:[a-z-]+$")]
    kind: String,
    /// The kind in words; the same for every problem of this kind.
    title: &'static str,
    /// The status of the answer once more.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time, in one or two sentences for people.
    detail: String,
    /// The number of the request: in the header `X-Request-Id` and in the program's log.
    request: String,
    /// What is wrong with which field or parameter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Wrong>,
    /// What was tried at a registry and what came back, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tried: Vec<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// What is wrong with one field or parameter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Wrong {
    /// Its name.
    field: String,
    /// What is wrong with it, and what would be right.
    message: String,
}

impl Problem {
    /// A problem with this status; the word goes into its type.
    pub fn new(status: StatusCode, word: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:wharfinger:problem:{word}"),
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            request: String::new(),
            errors: Vec::new(),
            tried: Vec::new(),
            retry_after: None,
        }
    }
    /// The request itself can't be read: it does not fit the document.
    pub fn malformed(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let errors = vec![Wrong { field: field.to_owned(), message: message.clone() }];
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "malformed", message) }
    }
    /// With this number of the request.
    #[must_use]
    pub fn of_request(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request);
        self
    }
    /// As an answer, written out.
    pub fn answer(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"wharfinger\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        // The one place where what stopped an operation of the interface is logged.
        if error.is_internal() {
            tracing::error!(cause = ?error.cause, "{error}");
        } else {
            tracing::debug!(kind = ?error.kind, "{error}");
        }
        if error.is_about_a_place() {
            return Self::malformed("cursor", error.message);
        }
        let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let word = serde_json::to_value(error.kind).ok();
        let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("internal");
        let wrong = |field: domain::fields::FieldError| Wrong { field: field.field, message: field.message };
        Self {
            errors: error.fields.into_iter().map(wrong).collect(),
            tried: error.tried,
            retry_after: error.retry_after,
            ..Self::new(status, word, error.message)
        }
    }
}

impl From<domain::InvalidName> for Problem {
    fn from(invalid: domain::InvalidName) -> Self {
        Error::from(invalid).into()
    }
}

impl IntoResponse for Problem {
    /// Without its number, which [`finish`] knows.
    fn into_response(self) -> Response {
        let mut response = self.answer();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every refusal of the interface its shape and the number of the request, also those that axum makes.
pub async fn finish(request: Request, next: Next) -> Response {
    let id = super::asked::request_id(request.extensions());
    let response = next.run(request).await;
    if let Some(problem) = response.extensions().get::<Problem>().cloned() {
        return kept(&response, problem.of_request(&id).answer());
    }
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    if !refused || response.extensions().get::<Told>().is_some() {
        return response;
    }
    let problem = match status {
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            status,
            "method-not-allowed",
            "This address is not asked by this method. See the header Allow.",
        ),
        StatusCode::NOT_FOUND => Problem::new(status, "not-found", "There is nothing at this address."),
        status => Problem::new(status, "refused", "The request can’t be answered."),
    };
    kept(&response, problem.of_request(&id).answer())
}

/// What axum says about methods stays.
fn kept(before: &Response, mut after: Response) -> Response {
    let allowed: HeaderMap = before.headers().clone();
    if let Some(allow) = allowed.get(header::ALLOW) {
        after.headers_mut().insert(header::ALLOW, allow.clone());
    }
    after
}
