//! Tokens as registries read them: JSON Web Tokens in compact form (RFC 7515, RFC 7519) with the claims of the
//! distribution token protocol.

use super::{
    certificate::Certificate,
    keys::{Pair, random_bytes},
};
use crate::error::{Error, Result};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use domain::{Timestamp, token_scope::AccessEntry};
use ring::rand::SystemRandom;
use serde::Serialize;
use std::fmt;

/// Seconds before its issue from which on a token is good: the registry's clock may be behind ours. Distribution
/// allows 60 seconds of its own; others allow none.
const BACK: i64 = 30;

/// What a token says.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a> {
    /// `iss`: who issues it, as the registry is configured.
    pub issuer: &'a str,
    /// `sub`: whom it is for; empty for strangers. Registries write it into their notifications.
    pub subject: &'a str,
    /// `aud`: the registry's service. Written as a text: distribution 2.x takes no list.
    pub service: &'a str,
    /// `jti`: its own id, so that the audit log can name it. [`token_id`] makes one.
    pub id: &'a str,
    /// `iat`.
    pub issued: Timestamp,
    /// Seconds until `exp`.
    pub life: i64,
    /// `access`: what it lets its holder do.
    pub access: &'a [AccessEntry],
}

/// The claims in the order and the words of the protocol.
#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: &'a str,
    access: &'a [AccessEntry],
}

impl<'a> From<&Claims<'a>> for Written<'a> {
    fn from(claims: &Claims<'a>) -> Self {
        let now = claims.issued.seconds();
        Self {
            iss: claims.issuer,
            sub: claims.subject,
            aud: claims.service,
            exp: now.saturating_add(claims.life),
            nbf: now.saturating_sub(BACK),
            iat: now,
            jti: claims.id,
            access: claims.access,
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
    x5c: [String; 1],
}

/// A key in memory, ready to sign: parsed once, its header written once.
pub struct Signer {
    certificate: Certificate,
    pub(super) pair: Pair,
    head: String,
    pub(super) random: SystemRandom,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} {})", self.certificate.algorithm().as_str(), self.certificate.kid())
    }
}

impl Signer {
    /// From what [`super::generate`] made: the private key (PKCS#8 DER) and its certificate (DER). An error if one of
    /// them can't be read, or if they don't belong together.
    pub fn from_parts(private: &[u8], certificate: &[u8]) -> Result<Self> {
        let certificate = Certificate::parse(certificate)?;
        let pair = Pair::parse(certificate.algorithm(), private)?;
        if !certificate.is_of(pair.public()) {
            return Err(Error::internal(std::io::Error::other("a signing key has another key's certificate")));
        }
        let header = Header {
            alg: certificate.algorithm().as_str(),
            typ: "JWT",
            kid: certificate.kid(),
            x5c: [BASE64.encode(certificate.der())],
        };
        let head = BASE64URL_NOPAD.encode(&serde_json::to_vec(&header).map_err(Error::internal)?) + ".";
        Ok(Self { certificate, pair, head, random: SystemRandom::new() })
    }

    /// The public half.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A token that says this.
    pub fn sign(&self, claims: &Claims<'_>) -> Result<String> {
        let claims = serde_json::to_vec(&Written::from(claims)).map_err(Error::internal)?;
        self.seal(&self.head, &claims)
    }

    /// `head` (in base64url, with its dot), the claims and the signature of both.
    pub(super) fn seal(&self, head: &str, claims: &[u8]) -> Result<String> {
        /// As many characters as the longest signature takes (RSA with 2048 bits) with its dot.
        const SIGNATURE: usize = 343;
        let mut token = String::with_capacity(head.len() + BASE64URL_NOPAD.encode_len(claims.len()) + SIGNATURE);
        token.push_str(head);
        BASE64URL_NOPAD.encode_append(claims, &mut token);
        let signature = self.pair.sign(&self.random, token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }
}

/// A new id for a token: 128 random bits, hexadecimal.
pub fn token_id() -> Result<String> {
    Ok(HEXLOWER.encode(&random_bytes::<16>()?))
}
