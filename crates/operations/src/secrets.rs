//! The secrets we make: one look at the text tells what kind it is, a public part finds it, and only the hash of the rest
//! is kept. They are 32 random bytes, which nobody guesses, so a fast hash is enough: slow ones are for what people choose.

use crate::{Result, setup::random_token};
use sha2::{Digest as _, Sha256};

/// What every secret begins with, so that people and secret scanners know one when they see it.
const MARK: &str = "wharfinger";
/// Hexadecimal digits by which a secret is found.
const PREFIX: usize = 12;
/// Hexadecimal digits of the secret part.
const SECRET: usize = 64;

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// A person's token: `wharfinger_<12>_<64>`.
    Token,
    /// A robot's secret: `wharfinger_robot_<12>_<64>`.
    Robot,
    /// A refresh token of the token server: `wharfinger_refresh_<12>_<64>`.
    Refresh,
}

impl SecretKind {
    const ALL: [Self; 3] = [Self::Token, Self::Robot, Self::Refresh];

    fn beginning(self) -> String {
        match self {
            Self::Token => format!("{MARK}_"),
            Self::Robot => format!("{MARK}_robot_"),
            Self::Refresh => format!("{MARK}_refresh_"),
        }
    }
}

/// A secret's text, taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretText<'t> {
    /// What it claims to be.
    pub kind: SecretKind,
    /// The public part to find it by.
    pub prefix: &'t str,
    /// The rest, to be compared by its [`hash`].
    pub secret: &'t str,
}

impl<'t> SecretText<'t> {
    /// Takes a text apart; nothing if it is none of ours. It says nothing about whether it is good.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let hex =
            |part: &str, n: usize| part.len() == n && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        SecretKind::ALL.into_iter().find_map(|kind| {
            let (prefix, secret) = text.strip_prefix(kind.beginning().as_str())?.split_once('_')?;
            (hex(prefix, PREFIX) && hex(secret, SECRET)).then_some(Self { kind, prefix, secret })
        })
    }
    /// Is this the hash of the secret part? Takes the same time wherever they differ.
    pub(crate) fn is_of(&self, secret_hash: &str) -> bool {
        same(secret_hash, &hash(self.secret))
    }
}

/// Does this text hold one of our secrets, or a part of one? Such texts are never told.
pub(crate) fn is_like_ours(text: &str) -> bool {
    text.to_lowercase().contains(&format!("{MARK}_"))
}

/// A secret that was made just now.
#[derive(Clone)]
pub(crate) struct MadeSecret {
    /// The public part.
    pub prefix: String,
    /// What is kept of the secret part.
    pub hash: String,
    /// The whole of it, to be shown once.
    pub text: String,
}

/// Makes a secret of this kind.
pub(crate) fn make(kind: SecretKind) -> Result<MadeSecret> {
    let (prefix, secret) = (random_token()?[..PREFIX].to_owned(), random_token()?);
    Ok(MadeSecret { hash: hash(&secret), text: format!("{}{prefix}_{secret}", kind.beginning()), prefix })
}

/// What is kept of a secret.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Takes the same time wherever they differ.
fn same(a: &str, b: &str) -> bool {
    let differing = a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    a.len() == b.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_make_is_a_secret_and_its_kind_is_seen() {
        let (prefix, secret) = ("0123456789ab", "c".repeat(SECRET));
        for (beginning, kind) in [
            ("wharfinger", SecretKind::Token),
            ("wharfinger_robot", SecretKind::Robot),
            ("wharfinger_refresh", SecretKind::Refresh),
        ] {
            let text = format!("{beginning}_{prefix}_{secret}");
            let read = SecretText::read(&text).map(|read| (read.kind, read.prefix, read.secret));
            assert_eq!(read, Some((kind, prefix, secret.as_str())));
        }
        for text in [
            String::new(),
            secret.clone(),
            format!("wharfinger_{prefix}"),
            format!("wharfinger_{prefix}_{secret}0"),
            format!("wharfinger_{prefix}_{}", secret.to_uppercase()),
            format!("wharfinger_{prefix}x_{secret}"),
            format!("wharfinger_person_{prefix}_{secret}"),
            format!("wharfinger_robot__{prefix}_{secret}"),
            format!("other_{prefix}_{secret}"),
        ] {
            assert!(SecretText::read(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_made_is_read_again_and_only_itself_fits_its_hash() {
        for kind in SecretKind::ALL {
            let (made, other) = (make(kind).expect("random bytes"), make(kind).expect("random bytes"));
            let read = SecretText::read(&made.text).expect("it is ours");
            assert!(read.kind == kind && read.prefix == made.prefix);
            assert!(read.is_of(&made.hash) && !read.is_of(&other.hash) && !read.is_of(""));
            assert!(!made.text.contains(&made.hash));
        }
    }

    #[test]
    fn hashes_are_the_same_or_not() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
