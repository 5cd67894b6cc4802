//! The way to the first account: a link printed at the start, whose token becomes a cookie.

use crate::{
    gate::stranger,
    sessions::cookie_name,
    settings::{Settings, Wrong},
    stopped::Stopped,
};
use app::{api::setup::SetupToken, base::Base};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use operations::Operations;
use std::net::SocketAddr;

/// Long enough to choose a password.
const COOKIE_SECONDS: u32 = 15 * 60;

/// What the setup link's handlers know.
#[derive(Clone)]
pub struct Setup {
    operations: Operations,
    base: Base,
    https: bool,
}

impl Setup {
    /// For this installation.
    pub fn new(operations: Operations, base: Base, https: bool) -> Self {
        Self { operations, base, https }
    }
    fn cookie(&self, value: &str, seconds: u32) -> String {
        let secure = if self.https { "; Secure" } else { "" };
        let name = cookie_name("-setup", self.https, self.base);
        let path = self.base.cookie_path();
        format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path={path}; Max-Age={seconds}")
    }
}

/// Trades the token in the address for a cookie, so that it stands in no history and no referrer.
pub async fn open(State(setup): State<Setup>, Path(token): Path<String>, request: Request) -> Response {
    // The token goes into a header: ours are made of these characters only.
    let plain = token.len() <= 200 && token.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    let actor = stranger(&request);
    let good = plain && matches!(setup.operations.setup_ready(&actor, &token).await, Ok(true));
    let cookie = if good { setup.cookie(&token, COOKIE_SECONDS) } else { setup.cookie("", 0) };
    let headers = [
        (header::LOCATION, setup.base.to("/setup")),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Takes the token out of its cookie for the setup page and its form; takes the cookie back when it has done its work.
/// Stands outside of the sessions, to see that one begins.
pub async fn remember(State(setup): State<Setup>, mut request: Request, next: Next) -> Response {
    let token = token(&setup, request.headers());
    let (carried, completes) = (token.is_some(), request.uri().path() == "/do/setup-complete");
    request.extensions_mut().insert(SetupToken(token));
    let mut response = next.run(request).await;
    let session = format!("{}=", cookie_name("", setup.https, setup.base));
    let mut cookies = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let signed_in = cookies.any(|line| line.starts_with(&session) && !line.contains("Max-Age=0"));
    if carried
        && completes
        && signed_in
        && let Ok(gone) = setup.cookie("", 0).parse()
    {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

fn token(setup: &Setup, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name("-setup", setup.https, setup.base);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name && !value.is_empty()).then(|| value.to_owned()))
}

/// Makes the first person where the settings say who that is, else gives the link to print. Nothing if somebody is there.
pub async fn prepare(settings: &Settings, operations: &Operations, at: SocketAddr) -> Result<Option<String>, Stopped> {
    if !operations.is_empty().await? {
        return Ok(None);
    }
    if let Some(first) = &settings.first_person {
        let password = read_password(&first.password_file)
            .map_err(|why| Wrong(format!("WHARFINGER_ADMIN_PASSWORD_FILE: {why}.")))?;
        operations.first_person(&first.username, password).await.map_err(|error| {
            // What is wrong is in the fields, and both come from settings.
            Stopped::from(error).of_setting("WHARFINGER_ADMIN_USERNAME or _PASSWORD_FILE")
        })?;
        tracing::info!(person = first.username, "the first person was made from the settings");
        return Ok(None);
    }
    let Some(token) = operations.new_setup_token().await? else { return Ok(None) };
    let path = format!("/setup/{token}");
    Ok(Some(match &settings.public_url {
        Some(url) => url.url(&path),
        None => format!("{}{path}", address(settings, at)),
    }))
}

/// Where a browser on this machine finds us.
pub fn address(settings: &Settings, at: SocketAddr) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let host = if at.ip().is_unspecified() { "localhost".to_owned() } else { bracketed(at) };
    format!("{scheme}://{host}:{}{}", at.port(), settings.base())
}

fn bracketed(at: SocketAddr) -> String {
    if at.is_ipv6() { format!("[{}]", at.ip()) } else { at.ip().to_string() }
}

/// The first line of a file, without its end.
pub fn read_password(file: &std::path::Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{} can't be read ({error})", file.display()))?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(line.to_owned()),
        None => Err(format!("{} has no password in its first line", file.display())),
    }
}
