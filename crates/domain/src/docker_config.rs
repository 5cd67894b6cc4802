//! Reads the `config.json` that `docker login` writes, so that it can be pasted instead of typed.

use crate::connection::{Address, Secret};
use crate::json;
use serde_json::Value;

/// What a `config.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerConfig {
    /// Registries with credentials in the file.
    pub entries: Vec<Entry>,
    /// Sentences about registries whose credentials are kept elsewhere, or can't be read.
    pub elsewhere: Vec<Elsewhere>,
}

/// Credentials for one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The registry as the file names it.
    pub host: String,
    /// What to sign in with.
    pub credentials: Credentials,
}

/// What the file holds for a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// User and password.
    Password {
        /// The user's name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// An identity token (OAuth2 refresh token).
    IdentityToken(Secret),
}

/// Credentials that are not in the file, and where to look for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The registry; `None` is all that have no helper of their own.
    pub host: Option<String>,
    /// What it is, and what to do.
    pub sentence: String,
}

impl Entry {
    /// The registry's address. Docker Hub's entry names its index, not its registry.
    pub fn address(&self) -> Option<Address> {
        address(&self.host)
    }
}

fn address(host: &str) -> Option<Address> {
    let bare = host.split_once("://").map_or(host, |(_, rest)| rest);
    let bare = bare.split('/').next().unwrap_or_default();
    if matches!(bare, "index.docker.io" | "docker.io" | "registry-1.docker.io") {
        return "https://registry-1.docker.io".parse().ok();
    }
    let scheme = if host.starts_with("http://") { "http" } else { "https" };
    format!("{scheme}://{bare}").parse().ok()
}

impl DockerConfig {
    /// Reads the file's text.
    ///
    /// # Errors
    /// A sentence, if it is no `config.json`.
    pub fn parse(text: &str) -> Result<Self, String> {
        const SHAPE: &str =
            "A Docker config.json looks like {\"auths\": {\"registry.example.com\": {\"auth\": \"…\"}}}.";
        let value: Value = serde_json::from_str(text.trim()).map_err(|_| format!("This is not JSON. {SHAPE}"))?;
        let object = value.as_object().ok_or(SHAPE)?;
        let mut config = Self::default();
        let store = json::text(object, "credsStore");
        let no_helpers = json::Object::new();
        let helpers = json::object(object, "credHelpers").unwrap_or(&no_helpers);
        for (host, entry) in json::object(object, "auths").into_iter().flatten() {
            let has_helper = helpers.contains_key(host) || store.is_some();
            match entry.as_object().map(credentials) {
                Some(Ok(credentials)) => config.entries.push(Entry { host: host.clone(), credentials }),
                // Docker leaves an empty entry for what a helper keeps.
                _ if has_helper => {}
                Some(Err(sentence)) => config.elsewhere.push(Elsewhere { host: Some(host.clone()), sentence }),
                None => {}
            }
        }
        for (host, helper) in helpers.iter().filter_map(|(host, helper)| Some((host, helper.as_str()?))) {
            config.elsewhere.push(Elsewhere { host: Some(host.clone()), sentence: helped(host, helper) });
        }
        if let Some(store) = store {
            config.elsewhere.push(Elsewhere { host: None, sentence: stored(&store) });
        }
        if config.entries.is_empty() && config.elsewhere.is_empty() {
            return Err(format!("The file names no registry. {SHAPE}"));
        }
        Ok(config)
    }
}

fn helped(host: &str, helper: &str) -> String {
    let program = crate::quoting::shell(&format!("docker-credential-{helper}"));
    let asked = crate::quoting::shell(host);
    format!(
        "“credHelpers” leaves {host} to the program docker-credential-{helper}; the secret is not in this file. Ask it on \
         the machine the file is from: echo {asked} | {program} get. What cloud helpers answer is often valid for hours only."
    )
}

fn stored(store: &str) -> String {
    let program = crate::quoting::shell(&format!("docker-credential-{store}"));
    format!(
        "“credsStore” keeps secrets in {store}, not in this file. On the machine the file is from, {program} list names \
         the registries, and echo HOST | {program} get shows the secret of one."
    )
}

fn credentials(entry: &json::Object) -> Result<Credentials, String> {
    if let Some(token) = json::text(entry, "identitytoken") {
        return Ok(Credentials::IdentityToken(Secret::new(token)));
    }
    let pair = match (json::text(entry, "auth"), json::text(entry, "username"), json::text(entry, "password")) {
        (Some(auth), ..) => {
            let decoded = base64(&auth).and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.ok_or("Its “auth” is not readable base64.")?;
            // Docker pads what it encodes with NUL.
            let decoded = decoded.trim_end_matches('\0');
            decoded.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
        }
        (None, Some(name), Some(password)) => Some((name, password)),
        _ => None,
    };
    match pair {
        Some((name, token)) if name == "<token>" && !token.is_empty() => {
            Ok(Credentials::IdentityToken(Secret::new(token)))
        }
        Some((username, password)) if !username.is_empty() => {
            Ok(Credentials::Password { username, password: Secret::new(password) })
        }
        _ => Err("Its entry has no credentials.".to_owned()),
    }
}

/// Base64 of either alphabet, with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace() && *c != b'=') {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.extend(u8::try_from(bits >> held & 0xff));
        }
        bits &= (1 << held) - 1;
    }
    // Six bits left over are half a byte too few.
    (held < 6).then_some(out)
}

#[cfg(test)]
mod tests;
