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
mod gathering;
mod items;
mod latency;
mod manifests;
mod pace;
pub mod paging;
mod patience;
mod ping;
mod quota;
mod rate;
mod referrers;
mod resolve;
mod said;
mod schema1;
mod tags;
mod tls;
mod tokens;
mod transport;
mod trust;
mod turns;
mod vendors;
mod wire;
mod writer;

pub use blobs::CONFIG_CAP;
pub use error::{Error, Missing, TlsWhy};
pub use manifests::{Fetched, Head, MANIFEST_CAP};
pub use pace::{PaceState, Pause, PauseWhy};
pub use paging::{Listing, NextPage, Page};
pub use ping::Ping;
pub use quota::Quota;
pub use referrers::{FoundBy, Referrers, fallback_tag, referrer_tags};
pub use said::Said;
pub use tokens::{Minted, Minter};
pub use vendors::{TaggedDigest, Vendor};
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
    class: pace::Class,
}

struct Inner {
    transport: transport::Transport,
    referrers: referrers::Api,
    vendor: vendors::Known,
}

impl Registry {
    /// Makes a client; nothing is sent yet. Fails only where the settings themselves can't be used (a certificate that
    /// is none, a key that does not fit, a proxy's address). `name` is for logs.
    pub fn connect(name: &str, connection: &Connection, secrets: &Secrets) -> Result<Self> {
        Self::connect_minting(name, connection, secrets, None)
    }

    /// Like [`Self::connect`], with whoever makes the tokens for [`domain::SignIn::TokenServer`]. Without one that way
    /// of signing in fails when the registry asks for a token.
    pub fn connect_minting(
        name: &str,
        connection: &Connection,
        secrets: &Secrets,
        minter: Option<Arc<dyn Minter>>,
    ) -> Result<Self> {
        let transport = transport::Transport::new(name, connection, secrets, minter)?;
        let vendor = vendors::Known::at(connection.address.host());
        let inner = Inner { transport, referrers: referrers::Api::default(), vendor };
        Ok(Self { inner: Arc::new(inner), class: pace::Class::Person })
    }

    /// The name it was connected under.
    pub fn name(&self) -> &str {
        &self.inner.transport.name
    }

    /// The same registry for work that nobody waits for: its requests stay within a limit that follows how the registry
    /// answers, leave one place to people, and wait, as long as it takes, when the registry asks for it or what it allows is
    /// nearly used up. Dropping the future ends the wait.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { inner: self.inner.clone(), class: pace::Class::Background }
    }

    /// How the registry is being asked right now, by all clones together.
    pub fn state(&self) -> PaceState {
        self.inner.transport.state()
    }

    fn transport(&self) -> transport::Door<'_> {
        transport::Door { transport: &self.inner.transport, class: self.class }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("name", &self.name()).finish_non_exhaustive()
    }
}
