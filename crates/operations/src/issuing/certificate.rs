//! Certificates of signing keys: made once with the key, and read again wherever only the public half is needed, so
//! that what registries are configured with can be shown even while the private keys can't be read.

use super::keys::Algorithm;
use crate::error::{Error, Result};
use data_encoding::{BASE32, BASE64};
use domain::Timestamp;
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose, PublicKeyData as _};
use ring::digest::{SHA256, digest};
use std::{fmt, sync::Arc};
use time::OffsetDateTime;
use x509_parser::{
    oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519},
    prelude::{FromDer as _, X509Certificate},
    public_key::PublicKey,
    x509::SubjectPublicKeyInfo,
};

const DAY: i64 = 24 * 60 * 60;
/// Ten years, with the leap days that any ten years have at least.
const LIFE: i64 = 3652 * DAY;

/// The public half of a signing key, as its certificate tells it. A cheap clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    der: Vec<u8>,
    kid: String,
    public: Public,
    point: Vec<u8>,
    ends: Timestamp,
}

/// The public key by its numbers, big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Public {
    P256 { x: Vec<u8>, y: Vec<u8> },
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} {})", self.algorithm().as_str(), self.0.kid)
    }
}

impl Certificate {
    /// Reads a certificate (DER, RFC 5280) of a key that tokens can be signed with.
    pub fn parse(der: &[u8]) -> Result<Self> {
        let (_, read) = X509Certificate::from_der(der).map_err(|error| unreadable(&error))?;
        let key = read.public_key();
        let time = |at: x509_parser::time::ASN1Time| Timestamp(at.timestamp().saturating_mul(1_000_000));
        Ok(Self(Arc::new(Inner {
            der: der.to_vec(),
            kid: libtrust_id(key.raw),
            public: public(key).ok_or_else(|| unreadable(&"its key is of an unknown kind"))?,
            point: key.subject_public_key.data.to_vec(),
            ends: time(read.validity().not_after),
        })))
    }

    /// What its key signs with.
    pub fn algorithm(&self) -> Algorithm {
        match self.0.public {
            Public::P256 { .. } => Algorithm::Es256,
            Public::Rsa { .. } => Algorithm::Rs256,
            Public::Ed25519 { .. } => Algorithm::EdDsa,
        }
    }

    /// The key's name as libtrust makes it: what tokens say, and what distribution 2.x looks for.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// When it ends: registries then refuse what the key signs.
    pub fn ends(&self) -> Timestamp {
        self.0.ends
    }

    pub(super) fn public(&self) -> &Public {
        &self.0.public
    }

    /// Is this the certificate of the key with this public half?
    pub(super) fn is_of(&self, point: &[u8]) -> bool {
        self.0.point == point
    }

    /// PEM (RFC 7468), with a newline at the end.
    pub fn pem(&self) -> String {
        let text = BASE64.encode(&self.0.der);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|&byte| char::from(byte)));
            pem.push('\n');
        }
        pem + "-----END CERTIFICATE-----\n"
    }
}

/// The certificates as one file: distribution's `rootcertbundle`. Leave out, for distribution 2.x, what is not
/// [`Algorithm::known_to_distribution_2`].
pub fn bundle_pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::pem).collect()
}

/// A certificate for this private key, signed by itself. It is no authority's: nothing can be certified with it.
pub(super) fn self_signed(algorithm: Algorithm, private: &[u8], now: Timestamp) -> Result<Vec<u8>> {
    let signs = match algorithm {
        Algorithm::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        Algorithm::Rs256 => &rcgen::PKCS_RSA_SHA256,
        Algorithm::EdDsa => &rcgen::PKCS_ED25519,
    };
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&private.into(), signs).map_err(Error::internal)?;
    let at = |time: Timestamp| OffsetDateTime::from_unix_timestamp(time.seconds()).map_err(Error::internal);
    let mut wanted = CertificateParams::default();
    // A day back: the registry's clock may be behind ours.
    wanted.not_before = at(now.plus_seconds(-DAY))?;
    wanted.not_after = at(now.plus_seconds(LIFE))?;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.distinguished_name = rcgen::DistinguishedName::new();
    // Names differ, so that nobody who looks an issuer up by its name takes one key for another.
    let kid = libtrust_id(&key.subject_public_key_info());
    wanted.distinguished_name.push(DnType::CommonName, format!("Wharfinger tokens {}", &kid[..14]));
    Ok(wanted.self_signed(&key).map_err(Error::internal)?.der().to_vec())
}

/// The name that libtrust gives a public key (DER `SubjectPublicKeyInfo`): base32 of the first 240 bits of its SHA-256,
/// in twelve groups of four.
fn libtrust_id(key: &[u8]) -> String {
    let text = BASE32.encode(&digest(&SHA256, key).as_ref()[..30]);
    let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..at + 4]).collect();
    groups.join(":")
}

fn public(key: &SubjectPublicKeyInfo) -> Option<Public> {
    let kind = &key.algorithm.algorithm;
    let bytes: &[u8] = &key.subject_public_key.data;
    if *kind == OID_PKCS1_RSAENCRYPTION {
        let PublicKey::RSA(rsa) = key.parsed().ok()? else { return None };
        Some(Public::Rsa { modulus: without_zeros(rsa.modulus), exponent: without_zeros(rsa.exponent) })
    } else if *kind == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
        // An uncompressed point (SEC 1, 2.3.3): 4, then both coordinates.
        let point = bytes.strip_prefix(&[4])?;
        (curve == OID_EC_P256 && point.len() == 64).then(|| {
            let (x, y) = point.split_at(32);
            Public::P256 { x: x.to_vec(), y: y.to_vec() }
        })
    } else {
        (*kind == OID_SIG_ED25519 && bytes.len() == 32).then(|| Public::Ed25519 { x: bytes.to_vec() })
    }
}

/// DER writes a zero before a number whose first bit is set; RFC 7518 does not.
fn without_zeros(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|&byte| byte == 0).collect()
}

fn unreadable(why: &dyn fmt::Display) -> Error {
    Error::internal(std::io::Error::other(format!("a signing certificate can't be read: {why}")))
}
