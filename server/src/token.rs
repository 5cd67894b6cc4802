//! `/token`: where clients of registries ask for tokens, by the distribution token protocol ("Token Authentication
//! Specification") and its OAuth2 form ("OAuth2 Token Authentication"). No session and no cookie; up before anything else.

mod answer;
mod asked;

use crate::gate::stranger;
use answer::{Form, answer, fault};
use asked::Asked;
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use operations::{Operations, token_keys::Algorithm, token_server::TokenRequest};
use url::form_urlencoded;

/// Where it is, below the base.
pub const AT: &str = "/token";

/// Its addresses.
pub fn routes(operations: &Operations) -> Router {
    Router::new()
        // A HEAD would leave a token, and perhaps a refresh token, that nobody ever reads: it asks for nothing.
        .route(AT, get(by_get).post(by_post).head(async || ()))
        .route("/token/certificates.pem", get(certificates))
        .route("/token/jwks.json", get(keys))
        .with_state(operations.clone())
}

/// The protocol's first form: parameters in the address, who asks in the `Authorization` header.
async fn by_get(State(operations): State<Operations>, request: Request) -> Response {
    let asked = Asked::in_address(&request);
    issue(&operations, Form::Plain, asked.request(stranger(&request))).await
}

/// Its OAuth2 form (RFC 6749, 4.3 and 6): everything in the body.
async fn by_post(State(operations): State<Operations>, request: Request) -> Response {
    let stranger = stranger(&request);
    let is_form =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
        });
    if !is_form {
        return fault("invalid_request", "Send a form: application/x-www-form-urlencoded.");
    }
    // The doors have read it already, and know how long it may be.
    let Ok(body) = to_bytes(request.into_body(), crate::doors::bodies::LARGEST).await else {
        return fault("invalid_request", "The form can't be read.");
    };
    match Asked::in_form(&body) {
        Ok(asked) => issue(&operations, Form::OAuth, asked.request(stranger)).await,
        Err((error, message)) => fault(error, message),
    }
}

async fn issue(operations: &Operations, form: Form, request: TokenRequest) -> Response {
    answer(form, operations.issue_token(&request).await)
}

/// The certificates that a registry is to trust, for its `rootcertbundle`.
async fn certificates(State(operations): State<Operations>, uri: Uri) -> Response {
    let mut asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let algorithm = asked.find(|(name, _)| name == "algorithm").map(|(_, value)| Algorithm::from_name(&value));
    if algorithm == Some(None) {
        return (StatusCode::NOT_FOUND, "There is no such algorithm: it is ES256, RS256 or EdDSA.\n").into_response();
    }
    match operations.token_certificates(algorithm.flatten()).await {
        Ok(Some(bundle)) => document("application/x-pem-file", bundle),
        Ok(None) => {
            let why = "There are no keys of this algorithm yet. Choose it for a registry first.\n";
            (StatusCode::NOT_FOUND, why).into_response()
        }
        Err(error) => answer::failed(Form::Plain, &error),
    }
}

/// The same keys as a JSON Web Key Set.
async fn keys(State(operations): State<Operations>) -> Response {
    match operations.token_jwks().await {
        Ok(set) => document("application/jwk-set+json", set),
        Err(error) => answer::failed(Form::Plain, &error),
    }
}

fn document(kind: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        // A rotation must show at once to whoever fetches it before a restart.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}
