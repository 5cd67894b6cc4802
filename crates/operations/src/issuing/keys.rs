//! Keys: made here, kept sealed by the store, parsed once and then held in memory.

use super::certificate;
use crate::error::{Error, Result};
use domain::Timestamp;
use ring::{
    rand::{SecureRandom as _, SystemRandom},
    rsa::KeyPair as RsaKeyPair,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use rsa::{
    RsaPrivateKey,
    pkcs8::EncodePrivateKey as _,
    rand_core::{TryCryptoRng, TryRng},
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, fmt};

/// Bits of an RSA key: what every registry takes, and what certificates are still made with.
const RSA_BITS: usize = 2048;

/// What a key signs with, by the names of RFC 7518 and RFC 8037.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: the fastest to sign, and taken by every distribution registry.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits: for registries that know nothing else.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519. Distribution 2.8 does not start with such a certificate in its bundle.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The name in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// Does distribution 2.x know it? It refuses to start with a certificate of another key in its bundle.
    pub fn known_to_distribution_2(self) -> bool {
        self != Self::EdDsa
    }
}

/// A new key, before the store seals and keeps it.
#[derive(Clone)]
pub struct NewKey {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The private key, PKCS#8 DER (RFC 5958). A secret.
    pub private: Vec<u8>,
    /// The self-signed certificate, DER.
    pub certificate: Vec<u8>,
    /// libtrust's name of the key, as tokens carry it.
    pub kid: String,
    /// When the certificate ends.
    pub ends: Timestamp,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewKey({} {})", self.algorithm.as_str(), self.kid)
    }
}

/// Makes a key and its certificate. An RSA key takes some hundred milliseconds of a core: ask for it off the async
/// threads.
pub fn generate(algorithm: Algorithm, now: Timestamp) -> Result<NewKey> {
    let private = private_key(algorithm)?;
    let der = certificate::self_signed(algorithm, &private, now)?;
    let certificate = certificate::Certificate::parse(&der)?;
    Ok(NewKey { algorithm, private, certificate: der, kid: certificate.kid().to_owned(), ends: certificate.ends() })
}

fn private_key(algorithm: Algorithm) -> Result<Vec<u8>> {
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map(|document| document.as_ref().to_vec())
            .map_err(|_| no_random()),
        Algorithm::EdDsa => {
            Ed25519KeyPair::generate_pkcs8(&random).map(|document| document.as_ref().to_vec()).map_err(|_| no_random())
        }
        // ring signs with RSA keys but makes none; this crate makes the key and does nothing else with it.
        Algorithm::Rs256 => RsaPrivateKey::new(&mut System(random), RSA_BITS)
            .map_err(Error::internal)?
            .to_pkcs8_der()
            .map(|document| document.as_bytes().to_vec())
            .map_err(Error::internal),
    }
}

/// ring's source of random bytes, as the crate that makes RSA keys wants it.
struct System(SystemRandom);

impl TryRng for System {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_ne_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_ne_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        // There is no key without chance, and no way to say so here.
        self.0.fill(bytes).expect("the system gives random bytes");
        Ok(())
    }
}

impl TryCryptoRng for System {}

fn no_random() -> Error {
    Error::internal(std::io::Error::other("the system gives no random bytes"))
}

/// A private key, parsed: parsing costs more than signing.
pub(super) enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Pair {
    pub(super) fn parse(algorithm: Algorithm, private: &[u8]) -> Result<Self> {
        let pair = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private, &SystemRandom::new())
                    .map(Self::Es256)
            }
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(private).map(Self::Rs256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(private).map(Self::EdDsa),
        };
        pair.map_err(|rejected| Error::internal(std::io::Error::other(format!("a signing key is not one: {rejected}"))))
    }

    /// The public key as it stands in a certificate: the content of its bit string (RFC 5280, 4.1.2.7).
    pub(super) fn public(&self) -> &[u8] {
        match self {
            Self::Es256(pair) => pair.public_key().as_ref(),
            Self::Rs256(pair) => pair.public_key().as_ref(),
            Self::EdDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// The signature as a token carries it (RFC 7518, 3.3 and 3.4; RFC 8037, 3.1).
    pub(super) fn sign(&self, random: &SystemRandom, message: &[u8]) -> Result<Vec<u8>> {
        let signed = match self {
            Self::Es256(pair) => pair.sign(random, message).map(|signature| signature.as_ref().to_vec()),
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature).map(|()| signature)
            }
        };
        signed.map_err(|_| no_random())
    }
}

/// As many random bytes as asked for.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let made = ring::rand::generate::<[u8; N]>(&SystemRandom::new());
    made.map(ring::rand::Random::expose).map_err(|_| no_random())
}
