//! One HTTP exchange: the only place that touches the network. Redirects are followed by hand, bodies are capped, every
//! host is checked, and failures get their cause.

use crate::{
    Error,
    causes::cause,
    latency::Kind,
    resolve::{Origin, Reach, resolver},
    tls::{self, Peer},
};
use bytes::{Bytes, BytesMut};
use domain::{Connection, Secrets};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::{Client, redirect::Policy};
use std::time::Duration;
use url::Url;

/// The most redirects that are followed.
const REDIRECTS: usize = 5;
/// The most bytes that are read of an answer that is no success.
const ERROR_CAP: u64 = 64 * 1024;
/// How we call ourselves.
pub(crate) const USER_AGENT: &str = concat!("wharfinger/", env!("CARGO_PKG_VERSION"));

/// A request as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Goes to the URL's own origin only; marked sensitive.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) body: Bytes,
    /// The most bytes that are read of a success.
    pub(crate) cap: u64,
    /// What is read, for the error when it is too large.
    pub(crate) reads: &'static str,
    /// What its time can be compared with.
    pub(crate) kind: Option<Kind>,
}

impl Sent {
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Where it came from in the end.
    pub(crate) url: Url,
}

impl Answer {
    /// A header as text, if it is there and readable.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
    /// The content type without its parameters, in lower case.
    pub(crate) fn content_type(&self) -> String {
        let value = self.header(header::CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// The clients for the hosts there can be: each has its own addresses that it may reach, and its own trust.
pub(crate) struct Wire {
    home: Origin,
    /// The token server that an administrator confirmed.
    confirmed: Option<String>,
    named: Client,
    led: Client,
    has_proxy: bool,
    connect_timeout: Duration,
    request_timeout: Duration,
}

impl Wire {
    pub(crate) fn new(connection: &Connection, secrets: &Secrets) -> Result<Self, Error> {
        let home = Origin::of(connection.address.url());
        let client = |reach: Reach, peer: Peer| client(connection, secrets, reach, peer);
        Ok(Self {
            named: client(Reach::Named, Peer::Named)?,
            led: client(Reach::Led { home: home.host.clone() }, Peer::Led)?,
            has_proxy: proxy_of(connection).is_some(),
            confirmed: connection.realm_host.clone(),
            connect_timeout: seconds(connection.connect_timeout),
            request_timeout: seconds(connection.request_timeout),
            home,
        })
    }

    /// Is this exactly the registry's own scheme, host and port?
    pub(crate) fn is_home(&self, url: &Url) -> bool {
        Origin::of(url) == self.home
    }
    /// The registry's own origin.
    pub(crate) fn home(&self) -> &Origin {
        &self.home
    }
    /// Did an administrator confirm this host for our credentials?
    pub(crate) fn is_confirmed(&self, origin: &Origin) -> bool {
        self.confirmed.as_deref().is_some_and(|confirmed| origin.is_named(confirmed))
    }
    /// The time for one request.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    async fn client_for(&self, url: &Url) -> Result<&Client, Error> {
        let origin = Origin::of(url);
        let is_named = (origin.host == self.home.host && origin.port == self.home.port) || self.is_confirmed(&origin);
        if is_named {
            return Ok(&self.named);
        }
        let reach = Reach::Led { home: self.home.host.clone() };
        if self.has_proxy {
            reach.check_for_proxy(url).await?;
        } else {
            reach.check_literal(url).await?;
        }
        Ok(&self.led)
    }

    /// Sends once, follows redirects, reads the answer: all within the time for a request.
    pub(crate) async fn send(&self, sent: &Sent) -> Result<Answer, Error> {
        let host = Origin::of(&sent.url).authority();
        tokio::time::timeout(self.request_timeout, self.follow(sent))
            .await
            .unwrap_or(Err(Error::Timeout { host, after: self.request_timeout }))
    }

    async fn follow(&self, sent: &Sent) -> Result<Answer, Error> {
        let start = Origin::of(&sent.url);
        let mut url = sent.url.clone();
        let mut authorization = sent.authorization.as_ref();
        for _ in 0..=REDIRECTS {
            let answer = self.once(sent, &url, authorization).await?;
            let Some(next) = redirect_target(sent, &answer)? else { return Ok(answer) };
            // Once away from where it belongs the header never comes back, not even on the way home.
            if Origin::of(&next) != start {
                authorization = None;
            }
            url = next;
        }
        Err(Error::TooManyRedirects { limit: REDIRECTS })
    }

    async fn once(&self, sent: &Sent, url: &Url, authorization: Option<&HeaderValue>) -> Result<Answer, Error> {
        let client = self.client_for(url).await?;
        let mut request = client.request(sent.method.clone(), url.clone());
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        if !sent.is_safe() {
            request = request.body(sent.body.clone());
        }
        let failed = |error: reqwest::Error| cause(&error, url, self.connect_timeout);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let (cap, reads) = if status.is_success() { (sent.cap, sent.reads) } else { (ERROR_CAP, "error") };
        let mut body = BytesMut::new();
        if sent.method != Method::HEAD {
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
                if (body.len() + chunk.len()) as u64 > cap {
                    if status.is_success() {
                        return Err(Error::TooLarge { what: reads, cap });
                    }
                    // The beginning of an error's body says enough.
                    break;
                }
                body.extend_from_slice(&chunk);
            }
        }
        Ok(Answer { status, headers, body: body.freeze(), url: url.clone() })
    }
}

/// Where a redirect leads, if the answer is one that is followed.
fn redirect_target(sent: &Sent, answer: &Answer) -> Result<Option<Url>, Error> {
    let bad = |why: &str| Err(Error::BadRedirect { why: why.to_owned() });
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    if !sent.is_safe() {
        return bad("a change is never sent to another address");
    }
    let Some(location) = answer.header(header::LOCATION) else { return bad("it names no address") };
    let Ok(next) = answer.url.join(location) else { return bad("its address can't be read") };
    match (answer.url.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") if next.has_host() => {}
        ("https", "http") => return bad("it leads from https to http"),
        _ => return bad("its address is neither https nor http"),
    }
    if !next.username().is_empty() || next.password().is_some() {
        return bad("its address holds a user");
    }
    Ok(Some(next))
}

fn proxy_of(connection: &Connection) -> Option<&str> {
    connection.proxy.as_deref().map(str::trim).filter(|proxy| !proxy.is_empty())
}

fn seconds(n: u32) -> Duration {
    Duration::from_secs(u64::from(n.max(1)))
}

fn client(connection: &Connection, secrets: &Secrets, reach: Reach, peer: Peer) -> Result<Client, Error> {
    let settings = |error: reqwest::Error| Error::Settings { why: error.without_url().to_string() };
    let proxy_url = proxy_of(connection)
        .map(Url::parse)
        .transpose()
        .map_err(|_| Error::Settings { why: "the proxy's address can't be read".into() })?;
    let proxy_host = proxy_url.as_ref().and_then(Url::host_str).map(str::to_owned);
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls::config(connection, secrets, peer)?)
        .dns_resolver(resolver(reach, proxy_host))
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(seconds(connection.connect_timeout))
        .pool_max_idle_per_host(connection.concurrency.max(1) as usize)
        .pool_idle_timeout(Duration::from_mins(1))
        .tcp_nodelay(true);
    if let Some(url) = proxy_url {
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(Error::Settings { why: "a proxy's address begins with http://, https:// or socks5://".into() });
        }
        let mut proxy = reqwest::Proxy::all(url).map_err(settings)?;
        if let Some((user, password)) = secrets.proxy_credentials.as_ref().and_then(|s| s.reveal().split_once(':')) {
            proxy = proxy.basic_auth(user, password);
        }
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(settings)
}
