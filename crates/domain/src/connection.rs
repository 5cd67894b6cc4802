//! How a registry is reached: what an administrator enters, without the secrets, and the secrets apart.

use crate::InvalidName;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use url::Url;

/// A registry's address: `https://host[:port][/prefix]`, or plain `http://`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(Url);

impl FromStr for Address {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = |why: &str| Err(InvalidName(why.to_owned()));
        let text = text.trim();
        if text.is_empty() {
            return bad("Enter an address.");
        }
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let Ok(mut url) = Url::parse(&with_scheme) else {
            return bad("An address looks like https://registry.example.com:5000.");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return bad("An address begins with https:// or http://.");
        }
        if url.host_str().is_none_or(str::is_empty) {
            return bad("The address has no host.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return bad("Enter user and password in their own fields, not in the address.");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return bad("An address has no ? and no #.");
        }
        let path = url.path().trim_end_matches('/').trim_end_matches("/v2").to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl Address {
    /// As a URL, its path without a `/` at the end (the URL type itself keeps one at the root).
    pub fn url(&self) -> &Url {
        &self.0
    }
    /// Without TLS?
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
    /// The host, without port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
    /// The port, also where the scheme implies it.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }
    /// What stands before a repository's name in a pull command: host, port where it is not the default, prefix. A host
    /// without a dot keeps its port, because clients would take it for a part of a name on Docker Hub.
    pub fn authority(&self) -> String {
        format!("{}{}", self.login_host(), self.0.path().trim_end_matches('/'))
    }
    /// What one signs in at, and what clients name their folders of certificates after: [`Self::authority`] without the
    /// prefix. Docker Hub goes by the name its clients know.
    pub fn login_host(&self) -> String {
        let host = self.host();
        let bare = !host.contains(['.', ':']) && host != "localhost";
        match self.0.port().or_else(|| bare.then(|| self.port())) {
            Some(port) => format!("{host}:{port}"),
            None if matches!(host, "registry-1.docker.io" | "index.docker.io") => "docker.io".to_owned(),
            None => host.to_owned(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl TryFrom<String> for Address {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

/// How we sign in at a registry. The secret itself is in [`Secrets`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum SignIn {
    /// Not at all.
    #[default]
    None,
    /// HTTP Basic on every request.
    Basic {
        /// The user's name.
        username: String,
    },
    /// The token challenge, answered with user and password (distribution token authentication).
    Token {
        /// The user's name.
        username: String,
    },
    /// The token challenge, answered with an identity token (OAuth2 refresh token).
    IdentityToken,
    /// The token challenge, answered with tokens that this program makes itself: it is the registry's token server.
    TokenServer,
}

/// Whom we trust on the other end of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Trust {
    /// The system's certificate authorities.
    #[default]
    System,
    /// Only these authorities.
    Authority {
        /// One or more certificates, PEM.
        pem: String,
    },
    /// Anybody. Flagged in red wherever it is shown.
    Anybody,
}

/// What an administrator enters about a registry, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Where it is.
    pub address: Address,
    /// How we sign in.
    pub sign_in: SignIn,
    /// Whom we trust.
    pub trust: Trust,
    /// Our certificate for mutual TLS, PEM; its key is in [`Secrets`].
    pub client_certificate: Option<String>,
    /// `http://`, `https://` or `socks5://` proxy without credentials; none is used unless set.
    pub proxy: Option<String>,
    /// Seconds to open a connection.
    pub connect_timeout: u32,
    /// Seconds for one whole request.
    pub request_timeout: u32,
    /// Requests under way at the same time.
    pub concurrency: u32,
    /// A token realm on another host that an administrator confirmed (`host` or `host:port`).
    pub realm_host: Option<String>,
    /// May the probe ask to delete a random digest? Never asked on hosted services.
    pub probe_delete: bool,
}

impl Connection {
    /// With the defaults: no sign-in, the system's trust, 5 s to connect, 30 s a request, 8 requests at once.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            sign_in: SignIn::None,
            trust: Trust::System,
            client_certificate: None,
            proxy: None,
            connect_timeout: 5,
            request_timeout: 30,
            concurrency: 8,
            realm_host: None,
            probe_delete: true,
        }
    }
}

/// A text that must not be seen: its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into hiding.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text. Each use is a place to look at twice.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The secrets of a connection. Sealed at rest, never sent to a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// For Basic and the token challenge.
    pub password: Option<Secret>,
    /// For [`SignIn::IdentityToken`].
    pub identity_token: Option<Secret>,
    /// The private key of the client certificate, PEM.
    pub client_key: Option<Secret>,
    /// `user:password` for the proxy.
    pub proxy_credentials: Option<Secret>,
}

#[cfg(test)]
mod tests;
