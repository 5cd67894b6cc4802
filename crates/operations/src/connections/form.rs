//! What an administrator types about a registry, and what it means.

use domain::{
    Address, Connection, Permission, Place, RegistryName, Secret, Secrets, SignIn, Trust, fields::FieldError,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::{Held, SecretEdit, SecretsEdit};

/// The form, as it was typed: every field a text. Its `Debug` shows no secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionForm {
    /// The registry's name before the edit; empty for a new one.
    pub was: String,
    /// The version that was read before the edit.
    pub version: String,
    /// Where its values are kept on the server, with the secrets of a former try.
    pub draft: String,
    /// See [`RegistryName`].
    pub name: String,
    /// See [`Address`].
    pub address: String,
    /// One line.
    pub description: String,
    /// `none`, `basic`, `token`, `identity-token` or `token-server`.
    pub sign_in: String,
    /// For `basic` and `token`.
    pub username: String,
    /// Empty keeps what is stored.
    pub password: String,
    /// Empty keeps what is stored.
    pub identity_token: String,
    /// `system`, `authority` or `anybody`.
    pub trust: String,
    /// PEM, for `authority`.
    pub authority: String,
    /// PEM; empty for none.
    pub client_certificate: String,
    /// PEM; empty keeps what is stored.
    pub client_key: String,
    /// Empty for none.
    pub proxy: String,
    /// `user:password`; empty keeps what is stored.
    pub proxy_credentials: String,
    /// Seconds.
    pub connect_timeout: String,
    /// Seconds.
    pub request_timeout: String,
    /// Requests at once.
    pub concurrency: String,
    /// `host` or `host:port`; empty for none.
    pub realm_host: String,
    /// `on`, or empty.
    pub probe_delete: String,
    /// A pasted Docker `config.json`; never kept.
    pub docker_config: String,
}

impl fmt::Debug for ConnectionForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionForm")
            .field("name", &self.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Which secrets are stored already, so that their fields may stay empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four secrets, each there or not")]
pub struct Stored {
    /// The password.
    pub password: bool,
    /// The identity token.
    pub identity_token: bool,
    /// The key of the client certificate.
    pub client_key: bool,
    /// The proxy's credentials.
    pub proxy_credentials: bool,
}

impl From<Held> for Stored {
    fn from(held: Held) -> Self {
        Self {
            password: held.password,
            identity_token: held.identity_token,
            client_key: held.client_key,
            proxy_credentials: held.proxy_credentials,
        }
    }
}

/// What the form means, once it is right.
pub(crate) struct Meant {
    pub name: RegistryName,
    pub description: String,
    pub connection: Connection,
    pub secrets: Secrets,
}

/// Collects what is wrong with which field.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn say(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }
    fn parse<T, E: fmt::Display>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.say(field, why.to_string())).ok()
    }
    fn number(&mut self, field: &str, text: &str, usual: u32, most: u32) -> u32 {
        let text = text.trim();
        if text.is_empty() {
            return usual;
        }
        match text.parse::<u32>() {
            Ok(number) if (1..=most).contains(&number) => number,
            _ => {
                self.say(field, format!("Enter a number from 1 to {most}."));
                usual
            }
        }
    }
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn secret(text: &str) -> Option<Secret> {
    (!text.is_empty()).then(|| Secret::new(text))
}

fn is_pem(text: &str, label: &str) -> bool {
    text.contains(&format!("-----BEGIN {label}")) && text.contains("-----END ")
}

impl ConnectionForm {
    /// An empty form with the defaults.
    pub fn empty() -> Self {
        let text = |s: &str| s.to_owned();
        Self {
            sign_in: text("none"),
            trust: text("system"),
            connect_timeout: text("5"),
            request_timeout: text("30"),
            concurrency: text("8"),
            probe_delete: text("on"),
            ..Self::default()
        }
    }

    /// The form of a stored registry, without its secrets.
    pub fn of(record: &store::Registry) -> Self {
        let connection = &record.connection;
        let (sign_in, username) = match &connection.sign_in {
            SignIn::None => ("none", ""),
            SignIn::Basic { username } => ("basic", username.as_str()),
            SignIn::Token { username } => ("token", username.as_str()),
            SignIn::IdentityToken => ("identity-token", ""),
            SignIn::TokenServer => ("token-server", ""),
        };
        let (trust, authority) = match &connection.trust {
            Trust::System => ("system", ""),
            Trust::Authority { pem } => ("authority", pem.as_str()),
            Trust::Anybody => ("anybody", ""),
        };
        Self {
            was: record.name.to_string(),
            version: record.version.to_string(),
            name: record.name.to_string(),
            address: connection.address.to_string(),
            description: record.description.clone(),
            sign_in: sign_in.to_owned(),
            username: username.to_owned(),
            trust: trust.to_owned(),
            authority: authority.to_owned(),
            client_certificate: connection.client_certificate.clone().unwrap_or_default(),
            proxy: connection.proxy.clone().unwrap_or_default(),
            connect_timeout: connection.connect_timeout.to_string(),
            request_timeout: connection.request_timeout.to_string(),
            concurrency: connection.concurrency.to_string(),
            realm_host: connection.realm_host.clone().unwrap_or_default(),
            probe_delete: if connection.probe_delete { "on".to_owned() } else { String::new() },
            ..Self::default()
        }
    }

    /// The same form without what may not be shown.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self {
            password: String::new(),
            identity_token: String::new(),
            client_key: String::new(),
            proxy_credentials: String::new(),
            docker_config: String::new(),
            ..self.clone()
        }
    }

    /// Takes secrets that were left empty from a former try.
    #[must_use]
    pub fn with_secrets_of(mut self, former: &Self) -> Self {
        let pairs = [
            (&mut self.password, &former.password),
            (&mut self.identity_token, &former.identity_token),
            (&mut self.client_key, &former.client_key),
            (&mut self.proxy_credentials, &former.proxy_credentials),
        ];
        for (own, other) in pairs {
            if own.is_empty() {
                own.clone_from(other);
            }
        }
        self
    }

    /// Do its secrets go to the same end, on the same way, as those of `other`?
    pub(super) fn goes_the_way_of(&self, other: &Self) -> bool {
        self.address == other.address
            && self.trust == other.trust
            && self.authority == other.authority
            && self.proxy == other.proxy
    }

    /// Which secrets this form holds itself.
    pub fn held(&self) -> Stored {
        Stored {
            password: !self.password.is_empty(),
            identity_token: !self.identity_token.is_empty(),
            client_key: !self.client_key.is_empty(),
            proxy_credentials: !self.proxy_credentials.is_empty(),
        }
    }

    /// What it means; all that is wrong comes back at once. `stored` says which secrets need not be typed again.
    pub(crate) fn read(&self, stored: Stored) -> Result<Meant, Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let name = wrong.parse("name", self.name.trim().parse::<RegistryName>());
        if name.as_ref().is_some_and(|name| name.as_str() == "new") {
            wrong.say("name", "This word is taken by a page. Choose another.");
        }
        let address = wrong.parse("address", self.address.parse::<Address>());
        if self.description.chars().count() > 200 {
            wrong.say("description", "A description has up to 200 characters.");
        }
        let sign_in = self.read_sign_in(stored, &mut wrong);
        let trust = self.read_trust(address.as_ref(), &mut wrong);
        let client_certificate = self.read_client_certificate(stored, &mut wrong);
        let proxy = self.read_proxy(&mut wrong);
        let realm_host = self.read_realm_host(&mut wrong);
        let connect_timeout = wrong.number("connect_timeout", &self.connect_timeout, 5, 120);
        let request_timeout = wrong.number("request_timeout", &self.request_timeout, 30, 600);
        let concurrency = wrong.number("concurrency", &self.concurrency, 8, 64);
        match (name, address, wrong.0) {
            (Some(name), Some(address), wrong) if wrong.is_empty() => Ok(Meant {
                name,
                description: self.description.trim().to_owned(),
                connection: Connection {
                    address,
                    sign_in,
                    trust,
                    client_certificate,
                    proxy,
                    connect_timeout,
                    request_timeout,
                    concurrency,
                    realm_host,
                    probe_delete: self.probe_delete == "on",
                },
                secrets: Secrets {
                    password: secret(&self.password),
                    identity_token: secret(&self.identity_token),
                    client_key: secret(&self.client_key),
                    proxy_credentials: secret(&self.proxy_credentials),
                },
            }),
            (_, _, wrong) => Err(wrong),
        }
    }

    fn read_sign_in(&self, stored: Stored, wrong: &mut Wrong) -> SignIn {
        let username = self.username.trim().to_owned();
        let with_password = matches!(self.sign_in.as_str(), "basic" | "token");
        if with_password && (username.is_empty() || username.contains(':') || username.chars().any(char::is_control)) {
            wrong.say("username", "Enter the user; a name has no colon.");
        }
        if with_password && self.password.is_empty() && !stored.password {
            wrong.say("password", "Enter the password.");
        }
        if self.sign_in == "identity-token" && self.identity_token.is_empty() && !stored.identity_token {
            wrong.say("identity_token", "Enter the identity token.");
        }
        match self.sign_in.as_str() {
            "basic" => SignIn::Basic { username },
            "token" => SignIn::Token { username },
            "identity-token" => SignIn::IdentityToken,
            "token-server" => SignIn::TokenServer,
            _ => SignIn::None,
        }
    }

    fn read_trust(&self, address: Option<&Address>, wrong: &mut Wrong) -> Trust {
        match self.trust.as_str() {
            "authority" => {
                if !is_pem(&self.authority, "CERTIFICATE-----") {
                    wrong.say("authority", "Paste a certificate that begins with -----BEGIN CERTIFICATE-----.");
                }
                if address.is_some_and(Address::is_plain) {
                    wrong.say(
                        "authority",
                        "An address with http:// has no TLS. Write https://, or trust the system’s certificates.",
                    );
                }
                Trust::Authority { pem: self.authority.trim().to_owned() }
            }
            "anybody" => Trust::Anybody,
            _ => Trust::System,
        }
    }

    fn read_client_certificate(&self, stored: Stored, wrong: &mut Wrong) -> Option<String> {
        let certificate = some(&self.client_certificate)?;
        if !is_pem(&certificate, "CERTIFICATE-----") {
            wrong.say("client_certificate", "Paste a certificate that begins with -----BEGIN CERTIFICATE-----.");
        }
        if self.client_key.is_empty() && !stored.client_key {
            wrong.say("client_key", "The certificate needs its private key.");
        }
        if !self.client_key.is_empty() && !self.client_key.contains("PRIVATE KEY-----") {
            wrong.say("client_key", "Paste a key that begins with -----BEGIN PRIVATE KEY-----.");
        }
        Some(certificate)
    }

    fn read_proxy(&self, wrong: &mut Wrong) -> Option<String> {
        let proxy = some(&self.proxy)?;
        match url::Url::parse(&proxy) {
            Ok(url) if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || url.host_str().is_none() => {
                wrong.say(
                    "proxy",
                    "A proxy looks like http://proxy.example.com:3128 or socks5://proxy.example.com:1080.",
                );
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                wrong.say("proxy", "Enter user and password in the field beside it.");
            }
            Ok(_) => {}
            Err(_) => wrong
                .say("proxy", "A proxy looks like http://proxy.example.com:3128 or socks5://proxy.example.com:1080."),
        }
        Some(proxy)
    }

    fn read_realm_host(&self, wrong: &mut Wrong) -> Option<String> {
        let host = some(&self.realm_host)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if !host.chars().all(plain) {
            wrong.say("realm_host", "Enter a host such as auth.example.com, without https://.");
        }
        Some(host.to_lowercase())
    }
}

/// What the audit log says about a connection; no secret is in it.
pub(crate) fn told(name: &RegistryName, description: &str, connection: &Connection) -> serde_json::Value {
    let mut told = serde_json::json!({ "name": name, "description": description, "connection": connection });
    let pem = |text: &serde_json::Value| {
        serde_json::json!(text.as_str().map(|pem| format!(
            "{} bytes of PEM, {}",
            pem.len(),
            domain::Digest::of(pem.as_bytes())
        )))
    };
    if let Some(value) = told.pointer_mut("/connection/trust/pem") {
        *value = pem(value);
    }
    if let Some(value) = told.pointer_mut("/connection/client_certificate").filter(|value| value.is_string()) {
        *value = pem(value);
    }
    told
}

/// Which secrets an edit changes, for the audit log.
pub(crate) fn changed(secrets: &Secrets) -> Vec<&'static str> {
    [
        ("password", secrets.password.is_some()),
        ("identity token", secrets.identity_token.is_some()),
        ("client key", secrets.client_key.is_some()),
        ("proxy credentials", secrets.proxy_credentials.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is)| is.then_some(name))
    .collect()
}

/// What an edit does to the stored secrets: what was typed is set; what the way of signing in no longer uses goes.
pub(crate) fn secrets_edit(meant: &Meant) -> SecretsEdit {
    let mut edit = SecretsEdit::from(meant.secrets.clone());
    let (password, token) = match meant.connection.sign_in {
        SignIn::None | SignIn::TokenServer => (false, false),
        SignIn::Basic { .. } | SignIn::Token { .. } => (true, false),
        SignIn::IdentityToken => (false, true),
    };
    if !password {
        edit.password = SecretEdit::Clear;
    }
    if !token {
        edit.identity_token = SecretEdit::Clear;
    }
    if meant.connection.client_certificate.is_none() {
        edit.client_key = SecretEdit::Clear;
    }
    if meant.connection.proxy.is_none() {
        edit.proxy_credentials = SecretEdit::Clear;
    }
    edit
}

/// Where and what is asked for to manage a registry.
pub(crate) const MANAGE: Permission = Permission::RegistryManage;

/// The place of a registry, or of the whole for a new one.
pub(crate) fn place(id: Option<domain::Id>) -> Place {
    id.map_or(Place::System, Place::Registry)
}

#[cfg(test)]
mod tests;
