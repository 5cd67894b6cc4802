//! Answers of the token server, in the words of the form that asked.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use operations::token_server::{IssuedToken, TokenRefusal};
use serde_json::{Value, json};

/// How it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By GET: errors as registries write them (distribution, "Errors").
    Plain,
    /// By POST: errors as in RFC 6749, 5.2.
    OAuth,
}

/// Why there is no token, for programs and for people.
struct Fault<'a> {
    status: StatusCode,
    /// By the words of distribution.
    code: &'static str,
    /// By the words of RFC 6749.
    error: &'static str,
    message: &'a str,
}

impl Fault<'_> {
    fn answer(&self, form: Form) -> Response {
        // Clients that came by POST and understand registries only look for `errors` too.
        let mut body = json!({ "errors": [{ "code": self.code, "message": self.message }] });
        if form == Form::OAuth {
            body["error"] = self.error.into();
            body["error_description"] = self.message.into();
        }
        closed(self.status, body)
    }
}

/// No cache may keep any of it.
fn closed(status: StatusCode, body: Value) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (status, headers, Json(body)).into_response()
}

/// A form that can't be understood.
pub(super) fn fault(error: &'static str, message: &str) -> Response {
    Fault { status: StatusCode::BAD_REQUEST, code: "UNSUPPORTED", error, message }.answer(Form::OAuth)
}

/// Our own fault.
pub(super) fn failed(form: Form, error: &operations::Error) -> Response {
    tracing::error!(cause = ?error.cause, message = error.message, "the token server failed");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let message = "The token server can't answer now. Its log says why.";
    with(Fault { status, code: "UNAVAILABLE", error: "temporarily_unavailable", message }.answer(form), 2)
}

fn with(mut answer: Response, retry_after: u64) -> Response {
    answer.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
    answer
}

/// What came of a request.
pub(super) fn answer(form: Form, done: Result<IssuedToken, TokenRefusal>) -> Response {
    match done {
        Ok(issued) => good(form, issued),
        Err(TokenRefusal::Wrong { message, .. }) => {
            // RFC 6749 would have 400 for a wrong password or refresh token. Clients of registries know only 401 as a
            // reason to ask in another way, or to ask their user.
            let status = StatusCode::UNAUTHORIZED;
            let mut answer = Fault { status, code: "UNAUTHORIZED", error: "invalid_grant", message }.answer(form);
            let challenge = HeaderValue::from_static("Basic realm=\"Wharfinger\", charset=\"UTF-8\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
        Err(TokenRefusal::TooOften(seconds)) => {
            let message = format!("Too many wrong tries. Try again in {seconds} s.");
            let status = StatusCode::TOO_MANY_REQUESTS;
            let fault = Fault { status, code: "TOOMANYREQUESTS", error: "temporarily_unavailable", message: &message };
            with(fault.answer(form), seconds)
        }
        Err(TokenRefusal::Busy(seconds)) => {
            let message = "Too many passwords are waiting to be checked. Tokens and robots' secrets need no waiting.";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            with(Fault { status, code: "UNAVAILABLE", error: "temporarily_unavailable", message }.answer(form), seconds)
        }
        Err(TokenRefusal::Failed(error)) => failed(form, &error),
    }
}

fn good(form: Form, issued: IssuedToken) -> Response {
    let mut body = json!({
        "token": issued.token,
        "access_token": issued.token,
        "expires_in": issued.life,
        "issued_at": issued.issued.rfc3339(),
    });
    if let Some(refresh) = issued.refresh_token {
        body["refresh_token"] = refresh.into();
    }
    if form == Form::OAuth {
        body["token_type"] = "Bearer".into();
        body["scope"] = issued.scope.into();
    }
    closed(StatusCode::OK, body)
}
