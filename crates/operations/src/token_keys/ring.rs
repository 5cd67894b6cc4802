//! The keys in memory: parsed once for a generation of the records.

use super::is_published;
use crate::issuing::{Algorithm, Certificate, Signer};
use domain::Timestamp;
use std::{collections::HashMap, sync::Arc};
use store::{KeyState, SigningKey};

/// All keys, ready to sign.
#[derive(Default)]
pub(crate) struct KeyRing {
    signers: HashMap<Algorithm, Arc<Signer>>,
    /// Those that will sign after the next rotation.
    next: HashMap<Algorithm, Arc<Signer>>,
    /// Each beside its row, without the private half.
    certificates: Vec<(SigningKey, Certificate)>,
}

impl KeyRing {
    /// Of what the records hold. A key that can't be read is logged and left out: the others go on.
    pub(crate) fn new(keys: Vec<SigningKey>) -> Self {
        let mut ring = Self::default();
        for mut key in keys {
            let private = key.private.take();
            let certificate = match Certificate::parse(&key.certificate) {
                Ok(certificate) => certificate,
                Err(error) => {
                    tracing::error!(key = key.id, cause = ?error.cause, "a signing key's certificate can't be read");
                    continue;
                }
            };
            let signers = match key.state {
                KeyState::Current => Some(&mut ring.signers),
                KeyState::Next => Some(&mut ring.next),
                KeyState::Retired => None,
            };
            if let Some(signers) = signers {
                match private.map(|private| Signer::from_parts(&private.0, &key.certificate)) {
                    Some(Ok(signer)) => {
                        signers.insert(signer.certificate().algorithm(), Arc::new(signer));
                    }
                    Some(Err(error)) => {
                        tracing::error!(key = key.id, cause = ?error.cause, "a signing key can't be read");
                    }
                    None => tracing::error!(key = key.id, "a signing key can't be unsealed with the key file at hand"),
                }
            }
            ring.certificates.push((key, certificate));
        }
        // Some registries take the first certificate of the bundle only.
        ring.certificates.sort_by_key(|(key, _)| (key.state, std::cmp::Reverse(key.id)));
        ring
    }

    /// What signs with this algorithm.
    pub(crate) fn signer(&self, algorithm: Algorithm) -> Option<Arc<Signer>> {
        self.signers.get(&algorithm).cloned()
    }

    /// What will sign with it after the next rotation.
    pub(crate) fn next(&self, algorithm: Algorithm) -> Option<Arc<Signer>> {
        self.next.get(&algorithm).cloned()
    }

    /// The certificates that registries are to trust at this moment.
    pub(crate) fn published(&self, now: Timestamp) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().filter(move |(key, _)| is_published(key, now)).map(|(_, certificate)| certificate)
    }
}
