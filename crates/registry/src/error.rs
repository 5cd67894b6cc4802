//! What can go wrong with a registry, by cause. Each error says what happened in a sentence and what an administrator
//! can do about it; none holds a secret, a query or a user's name.

use crate::said::Said;
use std::{net::IpAddr, time::Duration};

/// What stopped a request. `Display` is a sentence for administrators, [`Error::what_to_do`] the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host's name has no address.
    #[error("The name {host} can't be resolved: {why}.")]
    Dns {
        /// The host that was looked up.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// The host refuses the connection.
    #[error("{host} refuses the connection.")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// The host can't be reached, or the connection broke before an answer.
    #[error("{host} can't be reached: {why}.")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the system said.
        why: String,
    },
    /// No connection within the time for connecting.
    #[error("{host} did not accept a connection within {} s.", after.as_secs())]
    ConnectTimeout {
        /// Host and port.
        host: String,
        /// The time that was allowed.
        after: Duration,
    },
    /// No whole answer within the time for a request.
    #[error("{host} did not answer within {} s.", after.as_secs())]
    Timeout {
        /// Host and port.
        host: String,
        /// The time that was allowed.
        after: Duration,
    },
    /// TLS could not be agreed on.
    #[error("No secure connection to {host}: {why}.")]
    Tls {
        /// Host and port.
        host: String,
        /// Why not.
        why: TlsWhy,
    },
    /// The registry wants credentials, or refuses those it was given.
    #[error("The registry does not accept the sign-in ({said}).")]
    Unauthorized {
        /// What came back.
        said: Said,
    },
    /// The sign-in is good, and does not allow this.
    #[error("The registry does not allow this to the account it knows ({said}).")]
    Denied {
        /// What came back.
        said: Said,
    },
    /// It is not there.
    #[error("The registry does not have this {what} ({said}).")]
    NotFound {
        /// What was looked for.
        what: Missing,
        /// What came back.
        said: Said,
    },
    /// Too many requests; ask again after this time.
    #[error("The registry asks us to wait{}.", retry_after.map(|t| format!(" {} s", t.as_secs().max(1))).unwrap_or_default())]
    RateLimited {
        /// How long, where it was said.
        retry_after: Option<Duration>,
    },
    /// The registry does not do this.
    #[error("The registry does not do this ({said}).")]
    Unsupported {
        /// What came back.
        said: Said,
    },
    /// The registry refuses the request for another reason.
    #[error("The registry refuses the request ({said}).")]
    Rejected {
        /// What came back.
        said: Said,
    },
    /// The registry failed.
    #[error("The registry failed ({said}).")]
    ServerFault {
        /// What came back.
        said: Said,
    },
    /// The answer is larger than what is read of its kind.
    #[error("The {what} is larger than {} KiB, which is the most that is read.", cap / 1024)]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// The cap in bytes.
        cap: u64,
    },
    /// The bytes are not those of their digest.
    #[error("The content does not match its digest: {expected} was asked for, {found} came.")]
    Integrity {
        /// The digest it should have.
        expected: String,
        /// The digest it has, or what was said about it.
        found: String,
    },
    /// The answer is not what the protocol says.
    #[error("The answer can't be read: {what}.")]
    Malformed {
        /// What is odd.
        what: String,
    },
    /// The answer broke off.
    #[error("The answer of {host} broke off: {why}.")]
    Interrupted {
        /// Host and port.
        host: String,
        /// What the connection said.
        why: String,
    },
    /// The registry points to an address that it may not point to.
    #[error("{host} is at an address that this registry may not lead to{}.", address.map(|a| format!(" ({a})")).unwrap_or_default())]
    ForbiddenAddress {
        /// Host and port.
        host: String,
        /// The address, where it is known.
        address: Option<IpAddr>,
    },
    /// The registry sends us to another host for its tokens, and nobody confirmed that host.
    #[error("The registry wants its sign-in sent to {host}, which nobody confirmed.")]
    RealmNotConfirmed {
        /// The host (and port, unless it is the default one), as an administrator would confirm it.
        host: String,
    },
    /// The next page of a list is somewhere it may not be.
    #[error("The list can't be read to its end: {why}.")]
    BadLink {
        /// What is wrong with the link.
        why: String,
    },
    /// A redirect leads where it may not.
    #[error("The registry redirects in a way that is not followed: {why}.")]
    BadRedirect {
        /// What is wrong with it.
        why: String,
    },
    /// Redirects without end.
    #[error("The registry redirected more than {limit} times.")]
    TooManyRedirects {
        /// The most that are followed.
        limit: usize,
    },
    /// The connection's settings can't be used.
    #[error("The settings of this registry can't be used: {why}.")]
    Settings {
        /// What is wrong.
        why: String,
    },
    /// A change without the permit for it: a defect of this program.
    #[error("There is no permit for this change: {why}.")]
    NoPermit {
        /// What is missing.
        why: String,
    },
}

/// Why TLS failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsWhy {
    /// Nobody we trust signed the certificate.
    #[error("its certificate is signed by nobody we trust")]
    UnknownIssuer,
    /// The certificate is over.
    #[error("its certificate has expired")]
    Expired,
    /// The certificate is not valid yet.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The certificate is for other names.
    #[error("its certificate is for another name")]
    WrongName,
    /// The server wants a client certificate, and we have none.
    #[error("it wants a client certificate")]
    ClientCertificateWanted,
    /// The server refuses our client certificate.
    #[error("it refuses our client certificate")]
    ClientCertificateRefused,
    /// The other end does not speak TLS.
    #[error("it does not speak TLS; the address may have to begin with http://")]
    NotTls,
    /// The other end speaks TLS, and we asked without.
    #[error("it speaks TLS; the address has to begin with https://")]
    PlainToTls,
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// What was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The distribution API itself, below the address given.
    Api,
    /// A list of repositories.
    Catalog,
    /// A repository.
    Repository,
    /// A manifest: a tag, or a digest.
    Manifest,
    /// A blob.
    Blob,
    /// The list of referrers.
    Referrers,
    /// An upload under way.
    Upload,
    /// A token.
    Token,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Api => "API",
            Self::Catalog => "catalogue",
            Self::Repository => "repository",
            Self::Manifest => "manifest",
            Self::Blob => "blob",
            Self::Referrers => "list of referrers",
            Self::Upload => "upload",
            Self::Token => "token server",
        })
    }
}

impl Error {
    /// A word for logs and figures; it stays the same when the sentences change.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Refused { .. } => "refused",
            Self::Unreachable { .. } => "unreachable",
            Self::ConnectTimeout { .. } => "connect-timeout",
            Self::Timeout { .. } => "timeout",
            Self::Tls { .. } => "tls",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Denied { .. } => "denied",
            Self::NotFound { .. } => "not-found",
            Self::RateLimited { .. } => "rate-limited",
            Self::Unsupported { .. } => "unsupported",
            Self::Rejected { .. } => "rejected",
            Self::ServerFault { .. } => "server-fault",
            Self::TooLarge { .. } => "too-large",
            Self::Integrity { .. } => "integrity",
            Self::Malformed { .. } => "malformed",
            Self::Interrupted { .. } => "interrupted",
            Self::ForbiddenAddress { .. } => "forbidden-address",
            Self::RealmNotConfirmed { .. } => "realm-not-confirmed",
            Self::BadLink { .. } => "bad-link",
            Self::BadRedirect { .. } => "bad-redirect",
            Self::TooManyRedirects { .. } => "too-many-redirects",
            Self::Settings { .. } => "settings",
            Self::NoPermit { .. } => "no-permit",
        }
    }

    /// What the registry itself said, where it answered at all.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::Unauthorized { said }
            | Self::Denied { said }
            | Self::NotFound { said, .. }
            | Self::Unsupported { said }
            | Self::Rejected { said }
            | Self::ServerFault { said } => Some(said),
            _ => None,
        }
    }

    /// The HTTP status that came back, if one did.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::RateLimited { .. } => Some(429),
            _ => self.said().map(|said| said.status),
        }
    }

    /// The error code of the distribution specification that came back (`NAME_UNKNOWN`), if one did.
    pub fn code(&self) -> Option<&str> {
        self.said().and_then(|said| said.code.as_deref())
    }

    /// Is this a clear answer that the thing itself is not there? (A missing API or list is not.)
    pub fn is_absence(&self) -> bool {
        let thing =
            matches!(self, Self::NotFound { what: Missing::Repository | Missing::Manifest | Missing::Blob, .. });
        // distribution 2.8 answers 404 for a manifest that is there, when the Accept header lacks its type.
        thing && self.said().is_some_and(|said| !said.message.contains("accept header"))
    }

    /// Could the same request succeed in a while, with nothing changed here?
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Dns { .. }
                | Self::Refused { .. }
                | Self::Unreachable { .. }
                | Self::ConnectTimeout { .. }
                | Self::Timeout { .. }
                | Self::RateLimited { .. }
                | Self::ServerFault { .. }
                | Self::Interrupted { .. }
        )
    }

    /// The way out, in a sentence for administrators.
    pub fn what_to_do(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "Check the spelling of the address, and that this machine's DNS knows the name.",
            Self::Refused { .. } => "Check the port, and that the registry is running and listens on this address.",
            Self::Unreachable { .. } => {
                "Check the network between this machine and the registry: routes, firewall, proxy."
            }
            Self::ConnectTimeout { .. } => "Check the address and the firewall: something drops the packets.",
            Self::Timeout { .. } => "Look at the registry's load and storage, or allow more seconds for a request.",
            Self::Tls { why, .. } => why.what_to_do(),
            Self::Unauthorized { .. } => "Enter the user and password again, or check that the account still exists.",
            Self::Denied { .. } => "Give the account this right at the registry, or connect with another account.",
            Self::NotFound { what: Missing::Api, .. } => {
                "Check the address: a registry answers at /v2/ below it. A path prefix may be missing or too much."
            }
            Self::NotFound { what: Missing::Catalog, .. } => {
                "This registry has no catalogue. Enter its repositories by hand."
            }
            Self::NotFound { what: Missing::Token, .. } => {
                "Check the token server's address in the registry's configuration."
            }
            Self::NotFound { .. } => "Read the list again: it may have been deleted or moved in the meantime.",
            Self::RateLimited { .. } => "Wait, or connect with an account that may ask more often.",
            Self::Unsupported { .. } => {
                "See the probe for what this registry can do, and the setting that would allow it."
            }
            Self::Rejected { .. } => "Look at the registry's log at this time.",
            Self::ServerFault { .. } => "Look at the registry's log at this time, its storage and its free space.",
            Self::TooLarge { .. } => {
                "Read it with another client; it is larger than the specification asks anybody to take."
            }
            Self::Integrity { .. } => {
                "Do not use this content. Check the registry's storage, and any cache or proxy before it."
            }
            Self::Malformed { .. } => {
                "Check that the address is a registry's, and no page or proxy answers in its place."
            }
            Self::Interrupted { .. } => "Try again; if it stays, look at the registry's log and any proxy before it.",
            Self::ForbiddenAddress { .. } => {
                "If this is your own network, register the registry at its private address; otherwise do not trust it."
            }
            Self::RealmNotConfirmed { .. } => {
                "Confirm that host in the registry's settings, if it is your token server."
            }
            Self::BadLink { .. } => {
                "Set the registry's public address (http.host, or relative URLs) so that its links lead back to it."
            }
            Self::BadRedirect { .. } | Self::TooManyRedirects { .. } => {
                "Use the address that the redirects end at, or mend the proxy before the registry."
            }
            Self::Settings { .. } => "Edit the registry's settings.",
            Self::NoPermit { .. } => "Report this with its number: it is a defect of this program.",
        }
    }
}

impl TlsWhy {
    /// The way out, in a sentence for administrators.
    pub fn what_to_do(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => "Paste the certificate of your own authority in the registry's settings.",
            Self::Expired => "Renew the registry's certificate.",
            Self::NotYetValid => "Check the clocks of both machines.",
            Self::WrongName => "Use a name that stands in the certificate, or have one made for this name.",
            Self::ClientCertificateWanted => "Add a client certificate and its key in the registry's settings.",
            Self::ClientCertificateRefused => "Check that the registry trusts the authority of our client certificate.",
            Self::NotTls => "Use http:// if the registry has no TLS, or check the port.",
            Self::PlainToTls => "Use https:// in the address.",
            Self::Other(_) => "Look at the registry's TLS settings: versions, ciphers, certificate chain.",
        }
    }
}
