//! Who asks: a token, as `Authorization: Bearer` or as the password of `Basic`. Cookies are not looked at, so that no
//! page of another site can ask in somebody's name.

use super::{asked::Interface, problem::Problem};
use crate::gate::stranger;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The token that a request carries.
fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// Lets in who brings a good token, and tells everything inside who that is.
pub async fn check(State(interface): State<Interface>, mut request: Request, next: Next) -> Response {
    let stranger = stranger(&request);
    let Some(token) = token(request.headers()) else {
        let detail = "Send an access token: Authorization: Bearer wharfinger_…. People make theirs in their profile.";
        return Problem::new(StatusCode::UNAUTHORIZED, "sign-in-needed", detail).into_response();
    };
    match interface.operations.by_token(&stranger, &token).await {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_bearer_or_as_the_password_of_basic() {
        let of = |value: &str| token(&HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("a value"))]));
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of("bearer  abc").as_deref(), Some("abc"));
        // `ada:abc` and `:abc`: the name counts for nothing.
        assert_eq!(of("Basic YWRhOmFiYw==").as_deref(), Some("abc"));
        assert_eq!(of("Basic OmFiYw==").as_deref(), Some("abc"));
        for bad in ["", "abc", "Digest abc", "Basic !", "Basic YWJj"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
