//! The names of the distribution world: registry, repository, tag, digest. A value that exists is valid.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a text is not the name it should be. The message is meant for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{0}")]
pub struct InvalidName(pub String);

fn invalid<T>(why: impl Into<String>) -> Result<T, InvalidName> {
    Err(InvalidName(why.into()))
}

/// Implements what every name shares: text in, text out, and serde through the same check.
macro_rules! name {
    ($type:ident) => {
        impl $type {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
        impl TryFrom<String> for $type {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// The short word by which a registry is called in links and in the audit log: `[a-z0-9]` with `-` inside, at most 40.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistryName(String);
name!(RegistryName);

impl FromStr for RegistryName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match text {
            "" => invalid("Enter a name."),
            t if t.len() > 40 => invalid("A name has at most 40 characters."),
            t if !t.chars().all(ok) => invalid("A name is made of a to z, 0 to 9 and hyphens."),
            t if t.starts_with('-') || t.ends_with('-') => invalid("A name begins and ends with a letter or a digit."),
            t => Ok(Self(t.to_owned())),
        }
    }
}

/// A repository's name: lower-case components joined by `/` (OCI distribution specification 1.1, "Pulling manifests").
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName(String);
name!(RepositoryName);

impl FromStr for RepositoryName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return invalid("Enter a repository.");
        }
        if text.len() > 255 {
            return invalid("A repository's name has at most 255 characters.");
        }
        if text.split('/').all(component) {
            Ok(Self(text.to_owned()))
        } else {
            invalid("A repository's name is made of a to z, 0 to 9 and single separators (. _ - /) between them.")
        }
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn component(text: &str) -> bool {
    let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().copied().is_some_and(word) || !bytes.last().copied().is_some_and(word) {
        return false;
    }
    bytes.split(|c| word(*c)).all(|gap| matches!(gap, b"" | b"." | b"_" | b"__") || gap.iter().all(|c| *c == b'-'))
}

impl RepositoryName {
    /// The name as one segment of our URLs: `team/api` becomes `team~api` (`~` can't occur in a name).
    pub fn to_segment(&self) -> String {
        self.0.replace('/', "~")
    }
    /// Reads what [`Self::to_segment`] wrote.
    pub fn from_segment(segment: &str) -> Result<Self, InvalidName> {
        if segment.contains('/') {
            invalid("A repository's segment has no slash.")
        } else {
            segment.replace('~', "/").parse()
        }
    }
    /// Everything before the last `/`, or nothing at the top.
    pub fn namespace(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(namespace, _)| namespace)
    }
    /// The last component.
    pub fn last(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, last)| last)
    }
}

/// A tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (OCI distribution specification 1.1).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);
name!(Tag);

impl FromStr for Tag {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let rest = |c: char| first(c) || c == '.' || c == '-';
        if text.is_empty() {
            invalid("Enter a tag.")
        } else if text.len() > 128 {
            invalid("A tag has at most 128 characters.")
        } else if text.starts_with(first) && text.chars().all(rest) {
            Ok(Self(text.to_owned()))
        } else {
            invalid("A tag is made of letters, digits, _ . and -, and begins with none of the last two.")
        }
    }
}

impl Tag {
    /// The digest whose referrers this tag holds, if it is a referrers tag: `sha256-<hex>` (OCI 1.1 fallback) or with
    /// cosign's `.sig`, `.att` or `.sbom` after it.
    pub fn subject(&self) -> Option<Digest> {
        let (algorithm, rest) = self.0.split_once('-')?;
        let hex = rest.split('.').next()?;
        let suffix = &rest[hex.len()..];
        // Any other word before a hyphen is no algorithm: `main-5d0c1fe` refers to nothing.
        if !matches!(algorithm, "sha256" | "sha512") || !matches!(suffix, "" | ".sig" | ".att" | ".sbom") {
            return None;
        }
        format!("{algorithm}:{hex}").parse().ok()
    }
}

/// A content digest, `algorithm:encoded` (OCI image specification 1.1, "Digests"). Any well-formed algorithm is
/// recognised; sha256 and sha512 are checked for their length too, and can be verified.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);
name!(Digest);

impl FromStr for Digest {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = || invalid("A digest looks like sha256: followed by 64 hexadecimal digits.");
        let Some((algorithm, encoded)) = text.split_once(':') else { return bad() };
        let part = |p: &str| !p.is_empty() && p.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let algorithm_ok = algorithm.split(['+', '.', '_', '-']).all(part);
        let encoded_ok = !encoded.is_empty()
            && encoded.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'=' | b'_' | b'-'));
        let hex = |n: usize| encoded.len() == n && encoded.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let length_ok = match algorithm {
            "sha256" => hex(64),
            "sha512" => hex(128),
            _ => true,
        };
        if text.len() <= 255 && algorithm_ok && encoded_ok && length_ok { Ok(Self(text.to_owned())) } else { bad() }
    }
}

const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

impl Digest {
    /// The sha256 digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self::of_sum("sha256:", &sha2::Sha256::digest(bytes))
    }
    /// The digest whose SHA-256 sum this is.
    pub fn sha256(sum: [u8; 32]) -> Self {
        Self::of_sum("sha256:", &sum)
    }
    /// The digest whose SHA-512 sum this is.
    pub fn sha512(sum: [u8; 64]) -> Self {
        Self::of_sum("sha512:", &sum)
    }
    fn of_sum(algorithm: &str, sum: &[u8]) -> Self {
        let mut text = String::with_capacity(algorithm.len() + sum.len() * 2);
        text.push_str(algorithm);
        for byte in sum {
            text.push(HEX[usize::from(byte >> 4)]);
            text.push(HEX[usize::from(byte & 15)]);
        }
        Self(text)
    }
    /// Before the colon.
    pub fn algorithm(&self) -> &str {
        self.0.split_once(':').map_or("", |(algorithm, _)| algorithm)
    }
    /// After the colon.
    pub fn encoded(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, encoded)| encoded)
    }
    /// Is this the digest of `bytes`? `None` when the algorithm is one that can't be computed here.
    pub fn matches(&self, bytes: &[u8]) -> Option<bool> {
        use sha2::Digest as _;
        match self.algorithm() {
            "sha256" => Some(hex::encode(sha2::Sha256::digest(bytes)) == self.encoded()),
            "sha512" => Some(hex::encode(sha2::Sha512::digest(bytes)) == self.encoded()),
            _ => None,
        }
    }
    /// The first eight and the last four characters, as the pages show it.
    pub fn short(&self) -> (&str, &str) {
        let encoded = self.encoded();
        if encoded.len() <= 12 || !encoded.is_ascii() {
            (encoded, "")
        } else {
            (&encoded[..8], &encoded[encoded.len() - 4..])
        }
    }
}

/// What a manifest is asked by: a tag, which may move, or a digest, which can't.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// By tag.
    Tag(Tag),
    /// By digest.
    Digest(Digest),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl FromStr for Reference {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.contains(':') { Ok(Self::Digest(text.parse()?)) } else { Ok(Self::Tag(text.parse()?)) }
    }
}

#[cfg(test)]
mod tests;
