//! The way in for who was invited or lost their password: a link whose token becomes a cookie, so that it stands in no
//! history and no referrer.

use crate::{gate::stranger, sessions::cookie_name};
use app::{api::join::JoinToken, base::Base};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use operations::Operations;

/// Long enough to choose a password.
const COOKIE_SECONDS: u32 = 15 * 60;

/// What the link's handlers know.
#[derive(Clone)]
pub struct Join {
    operations: Operations,
    base: Base,
    https: bool,
}

impl Join {
    /// For this installation.
    pub fn new(operations: Operations, base: Base, https: bool) -> Self {
        Self { operations, base, https }
    }
    fn cookie(&self, value: &str, seconds: u32) -> String {
        let secure = if self.https { "; Secure" } else { "" };
        let name = cookie_name("-join", self.https, self.base);
        let path = self.base.cookie_path();
        format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path={path}; Max-Age={seconds}")
    }
}

/// Trades the token in the address for a cookie. A token that is not good leaves without one, and is counted.
pub async fn open(State(join): State<Join>, Path(token): Path<String>, request: Request) -> Response {
    // The token goes into a header: ours are made of these characters only.
    let plain = token.len() <= 200 && token.bytes().all(|c| c.is_ascii_alphanumeric());
    let good = plain && matches!(join.operations.open_link(&stranger(&request), &token).await, Ok(true));
    let cookie = if good { join.cookie(&token, COOKIE_SECONDS) } else { join.cookie("", 0) };
    let headers = [
        (header::LOCATION, join.base.to("/join")),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Takes the token out of its cookie for the page and its form; takes the cookie back when it has done its work. Stands
/// outside of the sessions, to see that one begins.
pub async fn remember(State(join): State<Join>, mut request: Request, next: Next) -> Response {
    let token = token(&join, request.headers());
    let (carried, completes) = (token.is_some(), request.uri().path() == "/do/person-join");
    request.extensions_mut().insert(JoinToken(token));
    let mut response = next.run(request).await;
    let session = format!("{}=", cookie_name("", join.https, join.base));
    let mut cookies = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let signed_in = cookies.any(|line| line.starts_with(&session) && !line.contains("Max-Age=0"));
    if carried
        && completes
        && signed_in
        && let Ok(gone) = join.cookie("", 0).parse()
    {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

fn token(join: &Join, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name("-join", join.https, join.base);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name && !value.is_empty()).then(|| value.to_owned()))
}
