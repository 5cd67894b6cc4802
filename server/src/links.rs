//! Links that let somebody in once: the token in the address becomes a cookie, so that it stands in no history and no
//! referrer. There is one for the first account, and one for who was invited or lost their password.

use crate::{gate::stranger, sessions::cookie_name};
use app::{
    api::{join::JoinToken, setup::SetupToken},
    base::Base,
};
use axum::{
    extract::{Path, Request, State},
    http::{Extensions, HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Actor;
use operations::Operations;

/// Long enough to choose a password.
const COOKIE_SECONDS: u32 = 15 * 60;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Making the first account.
    Setup,
    /// Coming in after an invitation, or with a password that was lost.
    Join,
}

impl Purpose {
    /// The page that goes on from the link.
    fn page(self) -> &'static str {
        match self {
            Self::Setup => "/setup",
            Self::Join => "/join",
        }
    }
    /// Where that page's form goes.
    fn form(self) -> &'static str {
        match self {
            Self::Setup => "/do/setup-complete",
            Self::Join => "/do/person-join",
        }
    }
    /// What the cookie's name ends with.
    fn cookie(self) -> &'static str {
        match self {
            Self::Setup => "-setup",
            Self::Join => "-join",
        }
    }
    /// Is the token of a link that is still good? One that is not is counted.
    async fn is_good(self, operations: &Operations, stranger: &Actor, token: &str) -> bool {
        let good = match self {
            Self::Setup => operations.setup_ready(stranger, token).await,
            Self::Join => operations.open_link(stranger, token).await,
        };
        matches!(good, Ok(true))
    }
    /// Hands the token to the page and its form.
    fn hand_over(self, token: Option<String>, to: &mut Extensions) {
        match self {
            Self::Setup => to.insert(SetupToken(token)).map(|_| ()),
            Self::Join => to.insert(JoinToken(token)).map(|_| ()),
        };
    }
}

/// What the handlers of one kind of link know.
#[derive(Clone)]
pub struct Link {
    purpose: Purpose,
    operations: Operations,
    base: Base,
    https: bool,
}

impl Link {
    /// For this installation.
    pub fn new(purpose: Purpose, operations: Operations, base: Base, https: bool) -> Self {
        Self { purpose, operations, base, https }
    }

    fn cookie_name(&self) -> String {
        cookie_name(self.purpose.cookie(), self.https, self.base)
    }

    fn cookie(&self, value: &str, seconds: u32) -> String {
        let secure = if self.https { "; Secure" } else { "" };
        let (name, path) = (self.cookie_name(), self.base.cookie_path());
        format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path={path}; Max-Age={seconds}")
    }

    /// The token that a browser carries.
    fn carried(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.cookie_name();
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == name && !value.is_empty()).then(|| value.to_owned()))
    }
}

/// Trades the token in the address for a cookie. A token that is not good leaves without one.
pub async fn open(State(link): State<Link>, Path(token): Path<String>, request: Request) -> Response {
    // The token goes into a header: ours are made of these characters only.
    let plain = token.len() <= 200 && token.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    let good = plain && link.purpose.is_good(&link.operations, &stranger(&request), &token).await;
    let cookie = if good { link.cookie(&token, COOKIE_SECONDS) } else { link.cookie("", 0) };
    let headers = [
        (header::LOCATION, link.base.to(link.purpose.page())),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Takes the token out of its cookie for the page and its form; takes the cookie back when it has done its work. Stands
/// outside of the sessions, to see that one begins.
pub async fn remember(State(link): State<Link>, mut request: Request, next: Next) -> Response {
    let token = link.carried(request.headers());
    let (carried, completes) = (token.is_some(), request.uri().path() == link.purpose.form());
    link.purpose.hand_over(token, request.extensions_mut());
    let mut response = next.run(request).await;
    let session = format!("{}=", cookie_name("", link.https, link.base));
    let mut cookies = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let signed_in = cookies.any(|line| line.starts_with(&session) && !line.contains("Max-Age=0"));
    if carried
        && completes
        && signed_in
        && let Ok(gone) = link.cookie("", 0).parse()
    {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}
