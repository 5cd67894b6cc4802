//! A registry in this process, over real HTTP on a loopback port: an honest imitation of distribution 2.8.2 for the demo
//! and for tests, with switches for what other registries do and for faults. The conformance story holds it to the real
//! one. [`real`] starts that real one, [`certificates`] makes what TLS needs, [`token_server`] issues tokens for both.

mod access;
mod answers;
pub mod certificates;
pub mod demo;
pub mod faults;
mod listen;
mod reads;
pub mod real;
mod route;
mod state;
pub mod token_server;
mod uploads;
mod writes;

pub use faults::{Fault, Trouble};
pub use route::Seen;

use bytes::Bytes;
use domain::{Address, Connection, Digest};
use state::State;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use token_server::TokenServer;
use tokio::task::JoinHandle;

/// Who may use the fake.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// Everybody.
    #[default]
    Anonymous,
    /// These users, by Basic authentication.
    Basic(Vec<User>),
    /// Whoever brings a token that this server issued. Its realm is on its own port: confirm it in the connection
    /// ([`Fake::connection`] does).
    Token(Arc<TokenServer>),
}

/// A user of the fake, or of a token server.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The identity token, for the refresh token grant.
    pub identity_token: Option<String>,
    /// May push and delete too? Else only pull and list.
    pub writes: bool,
}

impl User {
    /// Somebody who may do everything.
    pub fn new(name: &str, password: &str) -> Self {
        Self { name: name.into(), password: password.into(), identity_token: None, writes: true }
    }
}

/// What TLS shows and asks.
#[derive(Clone, Debug)]
pub struct FakeTls {
    /// The certificate chain, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key: String,
    /// Clients have to show a certificate of this authority, PEM.
    pub client_authority: Option<String>,
}

/// How the fake behaves. The default is an open distribution 2.8.2 with deleting enabled.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as in a configuration file")]
pub struct FakeOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may use it.
    pub access: Access,
    /// With TLS.
    pub tls: Option<FakeTls>,
    /// Takes what clients push. Without it only [`Fake`] itself can put something in.
    pub pushes: bool,
    /// `storage.delete.enabled`.
    pub delete: bool,
    /// DELETE by tag removes only the tag (distribution 3).
    pub untag: bool,
    /// Has the referrers API.
    pub referrers_api: bool,
    /// Tells its catalogue.
    pub catalog: bool,
    /// Gives tags in pages with links, when `n` is asked for (distribution 3).
    pub tag_pages: bool,
    /// The largest `n` of a list; more is answered with 400.
    pub largest_page: usize,
}

impl Default for FakeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            access: Access::Anonymous,
            tls: None,
            pushes: true,
            delete: true,
            untag: false,
            referrers_api: false,
            catalog: true,
            tag_pages: false,
            largest_page: 1_000,
        }
    }
}

/// A running fake. It ends when it is dropped.
#[derive(Debug)]
pub struct Fake {
    /// Where it listens.
    pub addr: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    options: FakeOptions,
    state: Mutex<State>,
    faults: Mutex<Vec<Fault>>,
    log: Mutex<Vec<Seen>>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn log(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fake {
    /// Starts one; it answers when this returns.
    pub async fn start(options: FakeOptions) -> io::Result<Self> {
        let inner =
            Arc::new(Inner { options, state: Mutex::default(), faults: Mutex::default(), log: Mutex::default() });
        let (addr, task) =
            listen::serve(inner.options.listen, inner.options.tls.as_ref(), route::router(inner.clone())).await?;
        Ok(Self { addr, inner, task })
    }

    /// Its address, as an administrator would enter it.
    pub fn address(&self) -> Address {
        let scheme = if self.inner.options.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.addr).parse().expect("a socket address is an address")
    }

    /// A connection to it without sign-in and with the system's trust, its token server's host confirmed.
    pub fn connection(&self) -> Connection {
        let mut connection = Connection::new(self.address());
        if let Access::Token(server) = &self.inner.options.access {
            connection.realm_host = Some(server.addr.to_string());
        }
        connection
    }

    /// Stores a blob in a repository.
    pub fn push_blob(&self, repository: &str, bytes: impl Into<Bytes>) -> Digest {
        self.inner.state().put_blob(repository, bytes.into())
    }

    /// Stores a manifest in a repository, unchecked: children and blobs may be missing.
    pub fn push_manifest(&self, repository: &str, media_type: &str, bytes: impl Into<Bytes>) -> Digest {
        self.inner.state().put_manifest(repository, media_type, bytes.into())
    }

    /// Points a tag to a manifest.
    pub fn tag(&self, repository: &str, tag: &str, digest: &Digest) {
        self.inner.state().repository(repository).tags.insert(tag.to_owned(), digest.clone());
    }

    /// Makes a repository without content, as one is left when all of it was deleted.
    pub fn empty_repository(&self, repository: &str) {
        self.inner.state().repository(repository).had_manifests = true;
    }

    /// Removes a manifest and leaves what points to it, as a clean-up gone wrong does.
    pub fn lose_manifest(&self, repository: &str, digest: &Digest) {
        self.inner.state().repository(repository).manifests.remove(digest);
    }

    /// From now on, this goes wrong.
    pub fn fault(&self, fault: Fault) {
        self.inner.faults().push(fault);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.inner.faults().clear();
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<Seen> {
        self.inner.log().clone()
    }

    /// How many requests had this method and this text in path and query.
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.inner.log().iter().filter(|seen| seen.method == method && seen.target.contains(part)).count()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.inner.log().clear();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}
