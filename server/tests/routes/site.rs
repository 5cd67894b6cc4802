//! An installation in a temporary folder, its router, and the requests that tests make of it.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
};
use domain::Timestamp;
use operations::{Clock, Operations};
use server::{
    doors::address::Peer,
    routes::{self, Parts},
    serve::for_operations,
    settings::{Flags, Settings},
};
use std::{net::SocketAddr, sync::Arc};
use store::{Store, StoreOptions};
use tokio::sync::watch;
use tower::ServiceExt;

pub const NAME: &str = "ada";
pub const PASSWORD: &str = "a harbour full of cranes";
/// Where the clock stands at first.
pub const BEGIN: Timestamp = Timestamp(1_790_000_000_000_000);

pub struct Site {
    pub router: Router,
    pub operations: Operations,
    pub clock: Clock,
    pub stop: watch::Sender<bool>,
    origin: String,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers.get(name.as_ref()).map_or("", |value| value.to_str().expect("a text"))
    }
    pub fn location(&self) -> &str {
        self.header("location")
    }
    /// The whole `Set-Cookie` line of the cookie called so.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().expect("a text"));
        lines.filter(|line| line.starts_with(&format!("{name}="))).map(str::to_owned).next()
    }
    /// `name=value` of the first cookie that was set.
    pub fn carried(&self) -> String {
        let line = self.header("set-cookie");
        line.split(';').next().unwrap_or_default().to_owned()
    }
}

/// A request in the making.
pub struct Ask<'s> {
    site: &'s Site,
    builder: axum::http::request::Builder,
    body: Body,
}

impl Ask<'_> {
    pub fn with(mut self, name: impl TryInto<HeaderName, Error: Into<axum::http::Error>>, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }
    /// As a browser that goes to a page.
    pub fn html(self) -> Self {
        self.with("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }
    pub fn cookie(self, cookie: &str) -> Self {
        if cookie.is_empty() { self } else { self.with("cookie", cookie) }
    }
    /// From one of our own pages.
    pub fn on_our_page(self) -> Self {
        let origin = self.site.origin.clone();
        self.with("origin", &origin)
    }
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body = Body::from(text);
        self.with("content-type", "application/x-www-form-urlencoded")
    }
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
    pub fn request(self) -> Request {
        self.builder.body(self.body).expect("a request")
    }
    pub async fn send(self) -> Answer {
        let router = self.site.router.clone();
        let response = router.oneshot(self.request()).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.expect("the body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

impl Site {
    /// With these flags, and nobody in it.
    pub async fn empty(flags: &[(&'static str, &str)]) -> Self {
        Self::build(flags, false).await
    }

    /// With these flags and one person.
    pub async fn with(flags: &[(&'static str, &str)]) -> Self {
        Self::build(flags, true).await
    }

    async fn build(flags: &[(&'static str, &str)], person: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut all: Flags = flags.iter().map(|(name, value)| (*name, vec![(*value).to_owned()])).collect();
        let data_dir = folder.path().join("data");
        all.insert("data-dir", vec![data_dir.display().to_string()]);
        let settings = Settings::resolve(&all, None, &|_| None).expect("good settings");
        let clock = Clock::standing(BEGIN);
        let store = Store::open(&StoreOptions { data_dir, now: clock.now() }).await.expect("the records");
        let operations = Operations::new(store, clock.clone(), for_operations(&settings)).expect("operations");
        if person {
            operations.first_person(NAME, PASSWORD.to_owned()).await.expect("the first person");
        }
        let (stop, stopping) = watch::channel(false);
        let origin = settings.public_url.as_ref().map_or("http://localhost:3000".to_owned(), |url| url.origin.clone());
        let router = routes::build(Parts {
            settings,
            operations: operations.clone(),
            assets: Arc::new(app::shell::Assets::default),
            stop: stopping,
        });
        Self { router: router.expect("a router"), operations, clock, stop, origin, _folder: folder }
    }

    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let peer = Peer(SocketAddr::from(([127, 0, 0, 1], 4711)));
        let builder = Request::builder().method(method).uri(path).header("host", "localhost:3000").extension(peer);
        Ask { site: self, builder, body: Body::empty() }
    }
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }
    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    /// Tries to sign in as a browser without scripts would.
    pub async fn try_sign_in(&self, password: &str, next: &str) -> Answer {
        self.try_sign_in_as(NAME, password, next).await
    }

    async fn try_sign_in_as(&self, name: &str, password: &str, next: &str) -> Answer {
        let fields = [("name", name), ("password", password), ("next", next)];
        let ask = self.post("/do/session-create").html().on_our_page();
        ask.with("referer", &format!("{}/sign-in", self.origin)).form(&fields).send().await
    }

    /// Signs in, and gives the cookie.
    pub async fn signed_in(&self) -> String {
        self.signed_in_as(NAME).await
    }

    /// Signs in somebody who has the same password.
    pub async fn signed_in_as(&self, name: &str) -> String {
        let answer = self.try_sign_in_as(name, PASSWORD, "").await;
        assert!(answer.status.is_redirection(), "{answer:?}");
        let cookie = answer.carried();
        assert!(!cookie.is_empty(), "{answer:?}");
        cookie
    }
}
