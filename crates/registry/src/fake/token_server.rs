//! A token server (distribution token authentication): for the fake, and, with a signing key, for the real
//! `docker-registry`.

use crate::clock::wall;

use super::{User, access::basic, answers::json_answer, listen};
use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{Method, header};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::UNIX_EPOCH,
};
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// The audience of the tokens.
const SERVICE: &str = "test-registry";
/// Who issues them.
pub const ISSUER: &str = "test-issuer";

/// One thing somebody may do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Right {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) action: String,
}

impl Right {
    pub(super) fn new(kind: &str, name: &str, action: &str) -> Self {
        Self { kind: kind.into(), name: name.into(), action: action.into() }
    }
}

/// A key to sign with and its self-signed certificate, both PEM (P-256, PKCS#8).
#[derive(Clone, Debug)]
pub struct Signing {
    /// The certificate: the registry's `rootcertbundle`.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct TokenOptions {
    /// Who gets tokens.
    pub users: Vec<User>,
    /// Strangers get tokens for pulling.
    pub anonymous_pull: bool,
    /// Seconds a token lives, as told to clients.
    pub life: u64,
    /// Answers POST (OAuth2); else 405.
    pub oauth: bool,
    /// Signed tokens, for the real registry.
    pub signing: Option<Signing>,
}

impl TokenOptions {
    /// For these users, as most servers are.
    pub fn new(users: Vec<User>) -> Self {
        Self { users, anonymous_pull: false, life: 300, oauth: true, signing: None }
    }
}

/// A request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// The scopes, as they came.
    pub scopes: Vec<String>,
    /// `grant_type`, of a POST.
    pub grant: Option<String>,
    /// Whom it was for: the user, or nobody.
    pub user: Option<String>,
    /// Whether it was given.
    pub given: bool,
}

/// A running token server. It ends when it is dropped.
#[derive(Debug)]
pub struct TokenServer {
    /// Where it listens.
    pub addr: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    options: TokenOptions,
    issued: Mutex<HashMap<String, HashSet<Right>>>,
    log: Mutex<Vec<Asked>>,
}

impl TokenServer {
    /// Starts one on a free loopback port.
    pub async fn start(options: TokenOptions) -> io::Result<Self> {
        let inner = Arc::new(Inner { options, issued: Mutex::default(), log: Mutex::default() });
        let router = Router::new().route("/token", axum::routing::any(handle)).with_state(inner.clone());
        let (addr, task) = listen::serve(SocketAddr::from(([127, 0, 0, 1], 0)), None, router).await?;
        Ok(Self { addr, inner, task })
    }
    /// Where tokens are asked for.
    pub fn realm(&self) -> String {
        format!("http://{}/token", self.addr)
    }
    /// The audience of its tokens.
    pub fn service(&self) -> &'static str {
        SERVICE
    }
    /// The certificate its tokens are signed with, if they are.
    pub fn certificate(&self) -> Option<&str> {
        self.inner.options.signing.as_ref().map(|signing| signing.certificate.as_str())
    }
    /// Every request so far.
    pub fn requests(&self) -> Vec<Asked> {
        self.inner.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// A token for `subject` that allows exactly these scopes, as if somebody had asked for it who may do everything.
    pub fn mint(&self, subject: &str, scopes: &[String]) -> String {
        let user = User::new(subject, "");
        grant(&self.inner, Some(&user), scopes)
    }
    /// No token issued so far is good any more.
    pub fn revoke_all(&self) {
        self.inner.issued.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
    pub(super) fn rights_of(&self, token: &str) -> Option<HashSet<Right>> {
        self.inner.issued.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let is_post = parts.method == Method::POST;
    if is_post && !inner.options.oauth {
        return json_answer(405, &json!({"error": "unsupported"}));
    }
    let raw = if is_post { body.to_vec() } else { parts.uri.query().unwrap_or_default().as_bytes().to_vec() };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&raw).into_owned().collect();
    let one = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let scopes: Vec<String> = pairs
        .iter()
        .filter(|(key, _)| key == "scope")
        .flat_map(|(_, value)| value.split(' '))
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let users = &inner.options.users;
    let by_password = |name: &str, password: &str| users.iter().find(|u| u.name == name && u.password == password);
    let by_token = |token: &str| users.iter().find(|u| u.identity_token.as_deref() == Some(token));
    let grant = one("grant_type");
    let found = match grant.as_deref() {
        Some("refresh_token") => by_token(&one("refresh_token").unwrap_or_default()).map(Some),
        Some(_) => by_password(&one("username").unwrap_or_default(), &one("password").unwrap_or_default()).map(Some),
        None => match basic(authorization) {
            Some((name, password)) if name.is_empty() => by_token(&password).map(Some),
            Some((name, password)) => by_password(&name, &password).map(Some),
            None => Some(None),
        },
    };
    let user = found.flatten().map(|user| user.name.clone());
    let asked = Asked { method: parts.method.to_string(), scopes: scopes.clone(), grant, user, given: found.is_some() };
    inner.log.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    match found {
        Some(user) => issue(&inner, user, &scopes),
        None => json_answer(
            401,
            &json!({"errors": [{"code": "UNAUTHORIZED", "message": "incorrect username or password"}]}),
        ),
    }
}

fn issue(inner: &Inner, user: Option<&User>, scopes: &[String]) -> Response {
    let token = grant(inner, user, scopes);
    json_answer(200, &json!({"token": token, "access_token": token, "expires_in": inner.options.life}))
}

/// A token for the intersection of asked and allowed.
fn grant(inner: &Inner, user: Option<&User>, scopes: &[String]) -> String {
    let may = |action: &str| match user {
        Some(user) => user.writes || matches!(action, "pull" | "*"),
        None => inner.options.anonymous_pull && action == "pull",
    };
    let mut access: Vec<Value> = Vec::new();
    let mut rights: HashSet<Right> = HashSet::new();
    for scope in scopes {
        let Some(((kind, name), actions)) =
            scope.rsplit_once(':').and_then(|(what, actions)| Some((what.split_once(':')?, actions)))
        else {
            continue;
        };
        let given: Vec<&str> = actions.split(',').filter(|action| may(action)).collect();
        rights.extend(given.iter().map(|action| Right::new(kind, name, action)));
        access.push(json!({"type": kind, "name": name, "actions": given}));
    }
    let token = match &inner.options.signing {
        Some(signing) => sign(signing, user.map_or("", |user| &user.name), &access),
        None => random(),
    };
    inner.issued.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), rights);
    token
}

fn random() -> String {
    let mut bytes = [0; 24];
    SystemRandom::new().fill(&mut bytes).expect("the system has random bytes");
    hex::encode(bytes)
}

/// A JWT that distribution 2.8 and 3 both take: the chain in the header, the audience as one text.
fn sign(signing: &Signing, subject: &str, access: &[Value]) -> String {
    let certificate = CertificateDer::from_pem_slice(signing.certificate.as_bytes()).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(signing.key.as_bytes()).expect("a key");
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der(), &random)
        .expect("a P-256 key");
    let now = wall().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let head = json!({"alg": "ES256", "typ": "JWT", "x5c": [STANDARD.encode(&certificate)]});
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": SERVICE, "exp": now + 300, "nbf": now - 30, "iat": now, "jti": self::random(), "access": access,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let signature = pair.sign(&random, signed.as_bytes()).expect("ring signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
