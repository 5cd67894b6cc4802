//! Bearer tokens (distribution token authentication): fetched once for concurrent callers, kept by realm, service and
//! scopes until shortly before they end.

use crate::{
    Error, Said,
    error::Missing,
    pace::Class,
    patience,
    resolve::Origin,
    said::clean,
    turns::Turns,
    wire::{Answer, Sent, Wire},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{Secret, Secrets, SignIn};
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

/// The most bytes of a token server's answer. Tokens of 20 KiB are seen; a megabyte is no token.
const TOKEN_CAP: u64 = 1024 * 1024;
/// A token without a stated life lives this long (distribution token specification).
const DEFAULT_LIFE: Duration = Duration::from_mins(1);
/// A refusal is believed this long before the same credentials are tried again: a wrong password in a busy program must
/// not lock its account out.
const REFUSAL_KEPT: Duration = Duration::from_secs(10);
/// The most tokens that are kept.
const KEPT: usize = 2_000;

/// Makes tokens in this process, for a registry whose token server this program is ([`SignIn::TokenServer`]).
pub trait Minter: Send + Sync {
    /// A token for `service`, as the registry names it, that allows what `scopes` say and nothing else. An error where
    /// the registry wants tokens for a service that is not its own.
    fn mint<'m>(&'m self, service: &'m str, scopes: &'m [String]) -> BoxFuture<'m, Result<Minted, Error>>;
}

/// A token that was made in this process.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The token.
    pub token: Secret,
    /// How long it lives, from now on.
    pub life: Duration,
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) realm: String,
    pub(crate) service: String,
    /// Sorted, without doubles.
    pub(crate) scopes: Vec<String>,
}

impl Key {
    pub(crate) fn new(realm: &str, service: &str, scope: &str) -> Self {
        let mut scopes: Vec<String> = scope.split_ascii_whitespace().map(str::to_owned).collect();
        scopes.sort();
        scopes.dedup();
        Self { realm: realm.to_owned(), service: service.to_owned(), scopes }
    }
}

/// A token as it goes into a header, and whether it was kept from an earlier fetch.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) header: HeaderValue,
    pub(crate) was_kept: bool,
}

struct Kept {
    header: HeaderValue,
    until: Instant,
}

impl Kept {
    fn new(token: &str, started: Instant, life: Duration) -> Result<Self, Error> {
        // A tenth is kept as a margin for clocks and for the way there, ten seconds at most.
        let margin = (life / 10).min(Duration::from_secs(10));
        Ok(Self { header: bearer_of(token)?, until: started + life.saturating_sub(margin) })
    }
}

/// The header that a token goes in.
pub(crate) fn bearer_of(token: &str) -> Result<HeaderValue, Error> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Error::Malformed { what: "the token holds odd characters".to_owned() })?;
    header.set_sensitive(true);
    Ok(header)
}

/// One place for each key. Whoever holds its lock fetches; the others wait and find the result.
#[derive(Default)]
struct Slot {
    kept: Option<Kept>,
    /// The last failure: those who waited while it happened share it, and a refusal is kept for a while.
    failed: Option<(Instant, Error)>,
}

/// The tokens of one registry.
pub(crate) struct Tokens {
    slots: std::sync::Mutex<HashMap<Key, Arc<Mutex<Slot>>>>,
    sign_in: SignIn,
    secrets: Secrets,
    minter: Option<Arc<dyn Minter>>,
}

impl Tokens {
    pub(crate) fn new(sign_in: SignIn, secrets: Secrets, minter: Option<Arc<dyn Minter>>) -> Self {
        Self { slots: std::sync::Mutex::default(), sign_in, secrets, minter }
    }

    fn slot(&self, key: &Key) -> Arc<Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if slots.len() >= KEPT && !slots.contains_key(key) {
            // Those nobody is using right now; they come back with one request each.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(key.clone()).or_default().clone()
    }

    /// A token for the key: kept, or fetched now. `stale` is one that was just refused: it is never given again.
    pub(crate) async fn get(&self, wire: &Wire, key: &Key, stale: Option<&HeaderValue>) -> Result<Token, Error> {
        let asked = Instant::now();
        let slot = self.slot(key);
        let mut slot = slot.lock().await;
        if let Some(kept) = &slot.kept
            && kept.until > Instant::now()
            && stale != Some(&kept.header)
        {
            return Ok(Token { header: kept.header.clone(), was_kept: true });
        }
        if let Some((at, error)) = &slot.failed {
            let kept = if matches!(error, Error::Unauthorized { .. }) { REFUSAL_KEPT } else { Duration::ZERO };
            if *at + kept > asked {
                return Err(error.clone());
            }
        }
        slot.kept = None;
        match self.fetch(wire, key).await {
            Ok(kept) => {
                let header = kept.header.clone();
                *slot = Slot { kept: Some(kept), failed: None };
                Ok(Token { header, was_kept: false })
            }
            Err(error) => {
                slot.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn fetch(&self, wire: &Wire, key: &Key) -> Result<Kept, Error> {
        if self.sign_in == SignIn::TokenServer {
            return self.mint(key).await;
        }
        let realm = self.realm(wire, key)?;
        let authority = Origin::of(&realm).authority();
        let started = Instant::now();
        let answer = match (&self.sign_in, &self.secrets.identity_token) {
            (SignIn::IdentityToken, Some(token)) => self.with_identity_token(wire, key, &realm, token).await,
            _ => self.with_password(wire, key, &realm).await,
        };
        let answer = answer.map_err(|error| match error {
            // A token server on this machine or in a private network is named by an administrator, or not used.
            Error::ForbiddenAddress { .. } => Error::RealmNotConfirmed { host: authority.clone() },
            other => other,
        })?;
        read(&answer, started)
    }

    /// Made here: nothing goes over the network, whatever the realm is.
    async fn mint(&self, key: &Key) -> Result<Kept, Error> {
        let missing = "its tokens are made by this program, once the registry is added";
        let minter = self.minter.as_ref().ok_or_else(|| Error::Settings { why: missing.into() })?;
        let started = Instant::now();
        let Minted { token, life } = minter.mint(&key.service, &key.scopes).await?;
        Kept::new(token.reveal(), started, life)
    }

    /// The realm, if our credentials may go there: to the registry's own host, or to one that was confirmed; to TLS only
    /// if the registry has TLS.
    fn realm(&self, wire: &Wire, key: &Key) -> Result<Url, Error> {
        let malformed = |what: &str| Error::Malformed { what: what.to_owned() };
        // Some write the realm as a path; it is the registry's own then.
        let base = format!("{}://{}", if wire.home().https { "https" } else { "http" }, wire.home().authority());
        let base = Url::parse(&base).map_err(|_| malformed("the token realm can't be read"))?;
        let realm = base.join(&key.realm).map_err(|_| malformed("the token realm is no address"))?;
        if !matches!(realm.scheme(), "http" | "https") || !realm.username().is_empty() || realm.password().is_some() {
            return Err(malformed("the token realm is no http address"));
        }
        let origin = Origin::of(&realm);
        if wire.home().https && !origin.https {
            return Err(malformed("the token realm has no TLS although the registry has"));
        }
        let ours = origin.host == wire.home().host || wire.is_confirmed(&origin);
        if self.has_credentials() && !ours {
            return Err(Error::RealmNotConfirmed { host: origin.authority() });
        }
        Ok(realm)
    }

    fn has_credentials(&self) -> bool {
        self.sign_in != SignIn::None
    }

    /// The usual way: GET with Basic credentials, or without any. Where GET is not offered, POST with the password grant.
    async fn with_password(&self, wire: &Wire, key: &Key, realm: &Url) -> Result<Answer, Error> {
        let credentials = basic_of(&self.sign_in, &self.secrets)?;
        let mut url = realm.clone();
        {
            let mut query = url.query_pairs_mut();
            if let SignIn::Basic { username } | SignIn::Token { username } = &self.sign_in {
                query.append_pair("account", username);
            }
            query.append_pair("client_id", "wharfinger");
            for scope in &key.scopes {
                query.append_pair("scope", scope);
            }
            query.append_pair("service", &key.service);
        }
        let answer = ask(wire, Method::GET, url, credentials, Vec::new()).await?;
        let not_offered = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED);
        match (&self.sign_in, &self.secrets.password) {
            (SignIn::Basic { username } | SignIn::Token { username }, Some(password)) if not_offered => {
                let form = [("grant_type", "password"), ("username", username), ("password", password.reveal())];
                post(wire, key, realm, &form).await
            }
            _ => Ok(answer),
        }
    }

    /// OAuth2 with the refresh token grant. Where POST is not offered, GET with the token in place of a password, as
    /// containerd does (dated quirks there: 400, 401, 404 and 405 from Harbor, GCR, Artifactory and JFrog).
    async fn with_identity_token(&self, wire: &Wire, key: &Key, realm: &Url, token: &Secret) -> Result<Answer, Error> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.reveal())];
        let answer = post(wire, key, realm, &form).await?;
        if !matches!(answer.status.as_u16(), 400 | 401 | 404 | 405) {
            return Ok(answer);
        }
        let mut url = realm.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", "wharfinger");
            for scope in &key.scopes {
                query.append_pair("scope", scope);
            }
            query.append_pair("service", &key.service);
        }
        let second = ask(wire, Method::GET, url, Some(basic("", token.reveal())?), Vec::new()).await?;
        // If neither works, the first answer is the one about the identity token.
        Ok(if second.status.is_success() { second } else { answer })
    }
}

async fn post(wire: &Wire, key: &Key, realm: &Url, grant: &[(&str, &str)]) -> Result<Answer, Error> {
    ask(wire, Method::POST, realm.clone(), None, form(key, grant)).await
}

/// The body of an OAuth2 request.
fn form(key: &Key, grant: &[(&str, &str)]) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant);
    form.append_pair("client_id", "wharfinger").append_pair("service", &key.service);
    if !key.scopes.is_empty() {
        form.append_pair("scope", &key.scopes.join(" "));
    }
    form.finish().into_bytes()
}

async fn ask(
    wire: &Wire,
    method: Method,
    url: Url,
    authorization: Option<HeaderValue>,
    form: Vec<u8>,
) -> Result<Answer, Error> {
    let mut headers: Vec<(HeaderName, HeaderValue)> =
        vec![(header::ACCEPT, HeaderValue::from_static("application/json"))];
    if method == Method::POST {
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")));
    }
    let sent = Sent {
        method,
        url,
        headers,
        authorization,
        body: Bytes::from(form),
        cap: TOKEN_CAP,
        reads: "token",
        kind: None,
    };
    // The token server is not the registry: its pauses are its own.
    patience::send(wire, &Turns::new(1), Class::Person, None, &sent).await
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<f64>,
}

/// Reads the token server's answer; `started` is when the request went out, so that a slow answer never lives too long.
fn read(answer: &Answer, started: Instant) -> Result<Kept, Error> {
    if !answer.status.is_success() {
        return Err(refused(answer));
    }
    let malformed = |what: &str| Error::Malformed { what: what.to_owned() };
    let body: Body =
        serde_json::from_slice(&answer.body).map_err(|_| malformed("the token server's answer is no token"))?;
    let token = body.token.filter(|t| !t.is_empty()).or(body.access_token).filter(|t| !t.is_empty());
    let token = token.ok_or_else(|| malformed("the token server's answer holds no token"))?;
    let life = body.expires_in.filter(|s| *s > 0.0).map_or(DEFAULT_LIFE, |s| Duration::from_secs_f64(s.min(86_400.0)));
    Kept::new(&token, started, life)
}

/// A token server's refusal. OAuth2 has its own form: `{"error": …, "error_description": …}`.
fn refused(answer: &Answer) -> Error {
    #[derive(Deserialize)]
    struct OAuth {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let status = answer.status.as_u16();
    let said = match serde_json::from_slice::<OAuth>(&answer.body) {
        Ok(oauth) => Said {
            status,
            code: None,
            message: clean(format!("{} {}", oauth.error, oauth.error_description).trim(), 200),
        },
        Err(_) => Said::read(status, &answer.content_type(), &answer.body),
    };
    match status {
        // An OAuth2 server says 400 invalid_grant for a bad password or token.
        400 | 401 => Error::Unauthorized { said },
        403 => Error::Denied { said },
        404 => Error::NotFound { what: Missing::Token, said },
        500.. => Error::ServerFault { said },
        _ => Error::Rejected { said },
    }
}

/// The Basic header of a sign-in with user and password.
pub(crate) fn basic_of(sign_in: &SignIn, secrets: &Secrets) -> Result<Option<HeaderValue>, Error> {
    match sign_in {
        SignIn::Basic { username } | SignIn::Token { username } => {
            basic(username, secrets.password.as_ref().map_or("", Secret::reveal)).map(Some)
        }
        SignIn::None | SignIn::IdentityToken | SignIn::TokenServer => Ok(None),
    }
}

fn basic(username: &str, password: &str) -> Result<HeaderValue, Error> {
    let text = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
    let mut value =
        HeaderValue::try_from(text).map_err(|_| Error::Settings { why: "the password can't be sent".into() })?;
    value.set_sensitive(true);
    Ok(value)
}
