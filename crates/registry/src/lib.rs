//! The distribution protocol (OCI distribution specification 1.1 and Docker's registry HTTP API V2) as a client speaks it:
//! names and types come from `domain`, transport is kept apart from them, and a manifest is its raw bytes first.
//!
//! [`Registry`] reads, [`Writer`] changes (and needs an opened permit), [`facts`] finds out what a registry can do. With
//! the feature `fake` there is a registry in this process, and a harness that starts the real `docker-registry`.

mod addresses;
mod blobs;
mod catalog;
mod causes;
pub mod challenge;
mod clock;
pub mod error;
pub mod facts;
#[cfg(feature = "fake")]
pub mod fake;
mod items;
mod manifests;
pub mod paging;
mod patience;
mod ping;
mod referrers;
mod resolve;
mod said;
mod schema1;
mod tags;
mod tls;
mod tokens;
mod transport;
mod trust;
mod wire;
mod writer;

pub use blobs::CONFIG_CAP;
pub use error::{Error, Missing, TlsWhy};
pub use manifests::{Fetched, Head, MANIFEST_CAP};
pub use paging::{Listing, NextPage, Page};
pub use ping::Ping;
pub use referrers::{FoundBy, Referrers, fallback_tag, referrer_tags};
pub use said::Said;
pub use writer::{Deleted, Pushed, Writer};

use domain::{Connection, Secrets};
use std::{fmt, sync::Arc};

/// How this program calls itself at registries.
pub const USER_AGENT: &str = wire::USER_AGENT;

/// What this crate answers with.
pub type Result<T> = std::result::Result<T, Error>;

/// A registry as it is reached through one connection. Cheap to clone: clones share connections, tokens, the cap on
/// requests under way and what was learned about the registry.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    transport: transport::Transport,
    referrers: referrers::Api,
}

impl Registry {
    /// Makes a client; nothing is sent yet. Fails only where the settings themselves can't be used (a certificate that
    /// is none, a key that does not fit, a proxy's address). `name` is for logs.
    pub fn connect(name: &str, connection: &Connection, secrets: &Secrets) -> Result<Self> {
        let transport = transport::Transport::new(name, connection, secrets)?;
        Ok(Self { inner: Arc::new(Inner { transport, referrers: referrers::Api::default() }) })
    }

    /// The name it was connected under.
    pub fn name(&self) -> &str {
        &self.inner.transport.name
    }

    fn transport(&self) -> &transport::Transport {
        &self.inner.transport
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("name", &self.name()).finish_non_exhaustive()
    }
}
