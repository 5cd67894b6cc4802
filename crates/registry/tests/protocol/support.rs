//! Scripted servers, permits and images for the tests.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use domain::{
    Actor, Connection, Digest, OpenedPermit, Permission, Place, Reference, RepositoryName, Secret, Secrets, SignIn,
    manifest::OCI_MANIFEST,
};
use http::HeaderMap;
use registry::{Registry, Writer};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A request that a scripted server got.
#[derive(Clone, Debug)]
pub struct Got {
    pub method: String,
    pub target: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

type Script = Arc<dyn Fn(&Got, usize) -> Response + Send + Sync>;

#[derive(Clone)]
struct Inner {
    script: Script,
    log: Arc<Mutex<Vec<Got>>>,
}

/// A server that answers what its script says: the request and how many came before are its arguments.
pub struct Scripted {
    pub addr: SocketAddr,
    log: Arc<Mutex<Vec<Got>>>,
}

impl Scripted {
    pub async fn start(script: impl Fn(&Got, usize) -> Response + Send + Sync + 'static) -> Self {
        Self::start_knowing(move |_| script).await
    }
    /// The script is made with the address it will answer at.
    pub async fn start_knowing<S: Fn(&Got, usize) -> Response + Send + Sync + 'static>(
        script: impl FnOnce(SocketAddr) -> S,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let log = Arc::default();
        let inner = Inner { script: Arc::new(script(addr)), log: Arc::clone(&log) };
        let router = Router::new().fallback(handle).with_state(inner);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { addr, log }
    }
    pub fn requests(&self) -> Vec<Got> {
        self.log.lock().expect("the log").clone()
    }
    pub fn connection(&self) -> Connection {
        at(self.addr)
    }
    pub fn registry(&self) -> Registry {
        connect(&self.connection())
    }
}

async fn handle(State(inner): State<Inner>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let got = Got {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let before = {
        let mut log = inner.log.lock().expect("the log");
        log.push(got.clone());
        log.len() - 1
    };
    (inner.script)(&got, before)
}

/// A server that reads a request's head, writes these bytes and closes.
pub async fn raw(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(answer).await;
        }
    });
    addr
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).expect("an answer")
}

pub fn at(addr: SocketAddr) -> Connection {
    let mut connection = Connection::new(format!("http://{addr}").parse().expect("an address"));
    connection.request_timeout = 5;
    connection
}

pub fn connect(connection: &Connection) -> Registry {
    Registry::connect("test", connection, &Secrets::default()).expect("good settings")
}

pub fn with_password(connection: &Connection, sign_in: SignIn, password: &str) -> Registry {
    let connection = Connection { sign_in, ..connection.clone() };
    let secrets = Secrets { password: Some(Secret::new(password)), ..Secrets::default() };
    Registry::connect("test", &connection, &secrets).expect("good settings")
}

pub fn basic(username: &str) -> SignIn {
    SignIn::Basic { username: username.into() }
}

pub fn token(username: &str) -> SignIn {
    SignIn::Token { username: username.into() }
}

pub fn name(text: &str) -> RepositoryName {
    text.parse().expect("a repository's name")
}

pub fn tag(text: &str) -> Reference {
    Reference::Tag(text.parse().expect("a tag"))
}

/// A permit as the store would open it.
#[expect(clippy::disallowed_methods, reason = "there is no store in this crate; the entry's number is made up")]
pub fn permit(repository: &str, permission: Permission) -> OpenedPermit {
    let place = Place::Repository(1, name(repository));
    domain::permission::allows(&Actor::cli(), permission, place).expect("the command line may").opened(1)
}

/// A small image; different texts make different ones.
pub async fn push_image(writer: &Writer<'_>, reference: &str, text: &str) -> Digest {
    let config = Bytes::from(json!({"architecture": "amd64", "os": "linux", "config": {"Cmd": [text]}}).to_string());
    let layer = Bytes::from(format!("layer {text}"));
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": Digest::of(&config), "size": config.len()},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": Digest::of(&layer), "size": layer.len()}],
    });
    writer.put_blob(config).await.expect("the config is pushed");
    writer.put_blob(layer).await.expect("the layer is pushed");
    let bytes = Bytes::from(manifest.to_string());
    writer.put_manifest(&tag(reference), OCI_MANIFEST, bytes).await.expect("the manifest is pushed").digest
}
