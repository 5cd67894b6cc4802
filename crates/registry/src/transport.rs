//! The one door to a registry: a request is a value, [`Door::ask`] waits its turn, signs in, sends it and sorts what came
//! back into success and errors by cause.

use crate::{
    Error, Said,
    challenge::challenges,
    error::{Missing, TlsWhy},
    latency::Kind,
    pace::{Class, PaceState},
    patience,
    resolve::Origin,
    tokens::{Key, Minter, Tokens, basic_of},
    turns::{Turn, Turns},
    wire::{Answer, Sent, Wire},
};
use bytes::Bytes;
use domain::{Connection, RepositoryName, Secrets, SignIn};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex},
};
use url::Url;

/// Accepts JSON only: Pulp answers 406 for lists when manifest types are named.
pub(crate) const JSON: &str = "application/json";

/// What a request needs to be allowed, in the words of the token specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Nothing,
    Catalog,
    Pull(RepositoryName),
    Push(RepositoryName),
    Delete(RepositoryName),
}

impl Scope {
    fn as_text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Catalog => "registry:catalog:*".into(),
            Self::Pull(name) => format!("repository:{name}:pull"),
            // distribution asks for both: push alone is not enough there.
            Self::Push(name) => format!("repository:{name}:pull,push"),
            Self::Delete(name) => format!("repository:{name}:delete"),
        }
    }
}

/// A request, as a value.
#[derive(Clone, Debug)]
pub(crate) struct Req {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) scope: Scope,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// The most bytes that are read of a success.
    pub(crate) cap: u64,
    /// What is read, for the error when it is too large.
    pub(crate) reads: &'static str,
    /// What a 404 means here.
    pub(crate) what: Missing,
    /// What its time can be compared with.
    pub(crate) kind: Option<Kind>,
}

impl Req {
    pub(crate) fn new(method: Method, url: Url, scope: Scope, what: Missing) -> Self {
        let kind = (method == Method::HEAD).then_some(Kind::Look);
        Self {
            method,
            url,
            scope,
            headers: Vec::new(),
            body: Bytes::new(),
            cap: 64 * 1024,
            reads: "answer",
            what,
            kind,
        }
    }
    pub(crate) fn accept(self, types: &'static str) -> Self {
        self.header(header::ACCEPT, HeaderValue::from_static(types))
    }
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
    pub(crate) fn reading(mut self, what: &'static str, cap: u64) -> Self {
        (self.reads, self.cap) = (what, cap);
        self
    }
    pub(crate) fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }
    pub(crate) fn body(mut self, bytes: Bytes) -> Self {
        self.body = bytes;
        self
    }
}

/// How the last request was signed.
#[derive(Clone)]
enum Signed {
    Not,
    Basic(HeaderValue),
    /// With what the caller brought.
    Given(HeaderValue),
    Bearer {
        key: Key,
        header: HeaderValue,
        was_kept: bool,
    },
}

/// What is known of how a registry wants to be asked.
#[derive(Default)]
struct Learned {
    /// Realm and service of its Bearer challenge.
    bearer: Option<(String, String)>,
    /// Basic was asked for.
    basic: bool,
    /// Where it asks for other scopes than the specification's.
    scopes: HashMap<String, String>,
}

pub(crate) struct Transport {
    pub(crate) name: String,
    base: Url,
    wire: Wire,
    turns: Turns,
    tokens: Tokens,
    sign_in: SignIn,
    secrets: Secrets,
    has_client_certificate: bool,
    learned: Mutex<Learned>,
}

impl Transport {
    pub(crate) fn new(
        name: &str,
        connection: &Connection,
        secrets: &Secrets,
        minter: Option<Arc<dyn Minter>>,
    ) -> Result<Self, Error> {
        let mut base = connection.address.url().clone();
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Ok(Self {
            name: name.to_owned(),
            base,
            wire: Wire::new(connection, secrets)?,
            turns: Turns::new(connection.concurrency),
            tokens: Tokens::new(connection.sign_in.clone(), secrets.clone(), minter),
            sign_in: connection.sign_in.clone(),
            secrets: secrets.clone(),
            has_client_certificate: connection.client_certificate.is_some(),
            learned: Mutex::default(),
        })
    }

    /// The URL of a path below the registry's address. Names and digests need no escaping: their grammar sees to it.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }
    /// Has the URL the registry's own scheme, host and port?
    pub(crate) fn is_home(&self, url: &Url) -> bool {
        self.wire.is_home(url)
    }

    /// How the registry is being asked right now.
    pub(crate) fn state(&self) -> PaceState {
        self.turns.state()
    }

    /// Servers say the same for a missing certificate and for a bad one; we know whether we sent one.
    fn about_our_certificate(&self, error: Error) -> Error {
        match error {
            Error::Tls { host, why: TlsWhy::ClientCertificateWanted } if self.has_client_certificate => {
                Error::Tls { host, why: TlsWhy::ClientCertificateRefused }
            }
            other => other,
        }
    }

    /// How a request is signed before the registry asks: as it asked the last time.
    async fn sign_ahead(&self, scope: &Scope) -> Result<Signed, Error> {
        let text = scope.as_text();
        let (bearer, basic) = {
            let learned = self.learned();
            let scope = learned.scopes.get(&text).unwrap_or(&text).clone();
            let key = learned.bearer.as_ref().map(|(realm, service)| Key::new(realm, service, &scope));
            (key, learned.basic)
        };
        if let Some(key) = bearer {
            return self.bearer(key, None).await;
        }
        if basic || matches!(self.sign_in, SignIn::Basic { .. }) {
            return Ok(basic_of(&self.sign_in, &self.secrets)?.map_or(Signed::Not, Signed::Basic));
        }
        Ok(Signed::Not)
    }

    /// How a request is signed after a 401, or `None` if nothing is left to try.
    async fn sign_after(&self, scope: &Scope, answer: &Answer, before: &Signed) -> Result<Option<Signed>, Error> {
        let all = challenges(&answer.headers);
        let bearer = all.iter().find(|c| c.scheme == "bearer").and_then(|c| Some((c, c.get("realm")?)));
        if let Some((challenge, realm)) = bearer {
            let own = scope.as_text();
            let said = challenge.get("scope").filter(|s| !s.trim().is_empty());
            // Who makes the token does not let the registry choose what it allows.
            let said = said.filter(|_| self.sign_in != SignIn::TokenServer);
            let wanted = said.unwrap_or(&own);
            let service = challenge.get("service").unwrap_or_default();
            let key = Key::new(realm, service, wanted);
            {
                let mut learned = self.learned();
                learned.bearer = Some((realm.to_owned(), service.to_owned()));
                if wanted != own && learned.scopes.len() < 10_000 {
                    learned.scopes.insert(own.clone(), wanted.to_owned());
                }
            }
            return match before {
                // Refused with a token fetched just now for just this: asking again would change nothing.
                Signed::Bearer { key: last, was_kept: false, .. } if *last == key => Ok(None),
                Signed::Bearer { header, .. } => self.bearer(key, Some(header)).await.map(Some),
                _ => self.bearer(key, None).await.map(Some),
            };
        }
        let asks_basic = all.iter().any(|c| c.scheme == "basic");
        if asks_basic && !matches!(before, Signed::Basic(_)) {
            self.learned().basic = true;
            return Ok(basic_of(&self.sign_in, &self.secrets)?.map(Signed::Basic));
        }
        Ok(None)
    }

    async fn bearer(&self, key: Key, stale: Option<&HeaderValue>) -> Result<Signed, Error> {
        let token = self.tokens.get(&self.wire, &key, stale).await?;
        Ok(Signed::Bearer { key, header: token.header, was_kept: token.was_kept })
    }

    /// Is the password one for the registry's own host? Not if it is for a token server elsewhere.
    fn password_is_for_home(&self) -> bool {
        match self.sign_in {
            SignIn::Basic { .. } => true,
            SignIn::Token { .. } => {
                let learned = self.learned();
                let realm = learned.bearer.as_ref().and_then(|(realm, _)| self.base.join(realm).ok());
                realm.is_some_and(|realm| self.wire.is_home(&realm))
            }
            SignIn::None | SignIn::IdentityToken | SignIn::TokenServer => false,
        }
    }

    fn learned(&self) -> std::sync::MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The door, for people or for background work.
#[derive(Clone, Copy)]
pub(crate) struct Door<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) class: Class,
}

impl Deref for Door<'_> {
    type Target = Transport;
    fn deref(&self) -> &Transport {
        self.transport
    }
}

impl Door<'_> {
    /// Asks, and makes an error of everything but a success (and 304, which only a conditional request gets).
    pub(crate) async fn ask(&self, req: Req) -> Result<Answer, Error> {
        let what = req.what;
        let answer = self.exchange(req).await?;
        if answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED {
            Ok(answer)
        } else {
            Err(refusal(&answer, what))
        }
    }

    /// Asks without signing in, whatever the answer.
    pub(crate) async fn ask_plainly(&self, req: Req) -> Result<Answer, Error> {
        self.send(req, &Signed::Not, None).await
    }

    /// Asks with this header and no other, whatever the answer.
    pub(crate) async fn ask_with(&self, req: Req, authorization: HeaderValue) -> Result<Answer, Error> {
        self.send(req, &Signed::Given(authorization), None).await
    }

    /// Asks the registry's own host beside the distribution API, with user and password if they are wanted there and
    /// belong to this host; what is no success is an error.
    pub(crate) async fn ask_beside(&self, req: Req, with_password: bool) -> Result<Answer, Error> {
        if !self.is_home(&req.url) {
            return Err(Error::ForbiddenAddress { host: Origin::of(&req.url).authority(), address: None });
        }
        if with_password && matches!(self.sign_in, SignIn::Token { .. }) && self.learned().bearer.is_none() {
            // Whose password it is shows in the registry's challenge.
            let ping = Req::new(Method::GET, self.url("v2/"), Scope::Nothing, Missing::Api).accept(JSON);
            self.exchange(ping).await?;
        }
        let what = req.what;
        let password =
            if with_password && self.password_is_for_home() { basic_of(&self.sign_in, &self.secrets)? } else { None };
        let answer = self.send(req, &password.map_or(Signed::Not, Signed::Basic), None).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(refusal(&answer, what)) }
    }

    /// Asks, signs in where that is wanted, and gives the answer whatever its status.
    pub(crate) async fn exchange(&self, req: Req) -> Result<Answer, Error> {
        // The turn comes first: fetching a token for a request that then waits long would be in vain.
        let mut turn = self.turns.take(self.class, None).await?;
        let mut signed = told(&mut turn, self.sign_ahead(&req.scope).await)?;
        // Once unsigned, once with a token that was kept, once with a fresh one: nothing more can change the answer.
        for _ in 0..3 {
            let answer = self.send(req.clone(), &signed, Some(turn)).await?;
            if answer.status != StatusCode::UNAUTHORIZED || !self.wire.is_home(&answer.url) {
                return Ok(answer);
            }
            turn = self.turns.take(self.class, None).await?;
            match told(&mut turn, self.sign_after(&req.scope, &answer, &signed).await)? {
                Some(next) => signed = next,
                None => return Ok(answer),
            }
        }
        self.send(req, &signed, Some(turn)).await
    }

    async fn send(&self, req: Req, signed: &Signed, turn: Option<Turn<'_>>) -> Result<Answer, Error> {
        let authorization = match signed {
            Signed::Not => None,
            Signed::Basic(header) | Signed::Given(header) | Signed::Bearer { header, .. } => Some(header.clone()),
        };
        let Req { method, url, headers, body, cap, reads, kind, .. } = req;
        let sent = Sent { method, url, headers, authorization, body, cap, reads, kind };
        let started = std::time::Instant::now();
        let outcome = patience::send(&self.wire, &self.turns, self.class, turn, &sent)
            .await
            .map_err(|error| self.about_our_certificate(error));
        let ms = started.elapsed().as_millis();
        let (method, path) = (&sent.method, sent.url.path());
        match &outcome {
            Ok(answer) => {
                tracing::debug!(registry.name = self.name, %method, path, status = answer.status.as_u16(), duration_ms = ms, "Asked a registry");
            }
            Err(error) => {
                tracing::debug!(registry.name = self.name, %method, path, error.kind = error.kind(), duration_ms = ms, "A registry did not answer");
            }
        }
        outcome
    }
}

/// A token server that is short of patience, or away, slows background work down as the registry itself does.
fn told<T>(turn: &mut Turn<'_>, signed: Result<T, Error>) -> Result<T, Error> {
    signed.inspect_err(|error| turn.ended(patience::failed(error), None, None))
}

/// The error that an answer is.
pub(crate) fn refusal(answer: &Answer, what: Missing) -> Error {
    let status = answer.status.as_u16();
    let said = Said::read(status, &answer.content_type(), &answer.body);
    if status == 400 && said.message.contains("HTTP request to an HTTPS server") {
        let host = answer.url.host_str().unwrap_or_default().to_owned();
        return Error::Tls { host, why: TlsWhy::PlainToTls };
    }
    match status {
        // A Bearer registry says 401 for what the account may not do, with a valid token.
        401 if said.has("DENIED") || is_insufficient(answer) => Error::Denied { said },
        401 => Error::Unauthorized { said },
        403 => Error::Denied { said },
        404 | 410 => Error::NotFound { what, said },
        405 | 501 => Error::Unsupported { said },
        400 if said.has("UNSUPPORTED") => Error::Unsupported { said },
        413 => Error::TooLarge { what: "request", cap: 0 },
        429 => Error::RateLimited { retry_after: None },
        300..=399 => Error::BadRedirect { why: format!("its status is {status}") },
        500.. => Error::ServerFault { said },
        100..=299 => Error::Malformed { what: format!("the status {status} does not belong here") },
        _ => Error::Rejected { said },
    }
}

fn is_insufficient(answer: &Answer) -> bool {
    challenges(&answer.headers).iter().any(|c| c.get("error") == Some("insufficient_scope"))
}
