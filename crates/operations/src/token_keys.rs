//! The keys that tokens for registries are signed with: made at first need, held in memory ready to sign, rotated without
//! any registry noticing.

mod readiness;
mod ring;

pub use crate::issuing::Algorithm;
pub use readiness::Readiness;
pub(crate) use ring::KeyRing;
pub use store::KeyState;

use crate::{
    Error, Kind, Operations, Result,
    issuing::{self, Certificate, Signer, bundle_pem, jwks},
};
use domain::{Actor, Permission, Place, Timestamp, access::Rights, audit::Act};
use std::sync::Arc;
use store::{AddSigningKeys, NewSigningKey, PrivateKey, RotateSigningKeys, SigningKey, Successor};

/// A retired key's certificate stays in the bundle for so long: what it signed last has ended by then everywhere.
const STAYS: i64 = crate::token_server::LONGEST_LIFE + 86_400;
/// From so many seconds before its end on a certificate is warned of.
const WARNED: i64 = 365 * 86_400;
/// As many retired keys of an algorithm are shown.
const RETIRED_SHOWN: usize = 5;

/// A key in the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Its name, as tokens carry it.
    pub kid: String,
    /// What it is there for.
    pub state: KeyState,
    /// Can it be unsealed? A retired key is never asked.
    pub readable: bool,
    /// Since when there is such a key.
    pub created: Timestamp,
    /// Since when it signs, or when it stopped signing.
    pub since: Option<Timestamp>,
    /// When its certificate ends.
    pub ends: Timestamp,
    /// Does that come within a year?
    pub ends_soon: bool,
    /// Does it stand in the bundle that registries read?
    pub published: bool,
}

/// The keys of one algorithm, for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysOfAlgorithm {
    /// Which.
    pub algorithm: Algorithm,
    /// The one that signs, the next one, then the retired ones, the youngest first.
    pub keys: Vec<KeyRow>,
    /// How many registries' tokens are signed with it.
    pub registries: usize,
    /// Those of them that may be seen, by name, and whether they know the next key.
    pub readiness: Vec<Readiness>,
}

impl Operations {
    /// Every algorithm that has keys.
    pub async fn signing_keys(&self, actor: &Actor) -> Result<Vec<KeysOfAlgorithm>> {
        domain::permission::allows(actor, Permission::RegistryManage, Place::System)?;
        let known = self.token_memory().await?;
        let (keys, now) = (self.0.store.signing_keys().list().await?, self.now());
        let mut all = Vec::new();
        for algorithm in Algorithm::ALL {
            let own: Vec<&SigningKey> = keys.iter().filter(|key| key.algorithm == algorithm.as_str()).collect();
            if own.is_empty() {
                continue;
            }
            let registries = known.services.values().filter(|service| service.algorithm == algorithm).count();
            let mut rows = own.iter().map(|key| key_row(key, now)).collect::<Result<Vec<_>>>()?;
            rows.sort_by_key(|row| (row.state, std::cmp::Reverse(row.since)));
            rows.truncate(2 + RETIRED_SHOWN);
            let readiness = self.readiness(actor, algorithm).await?;
            all.push(KeysOfAlgorithm { algorithm, keys: rows, registries, readiness });
        }
        Ok(all)
    }

    /// Lets the next key sign, and makes another to be next. Keys that can't be unsealed any more are replaced both.
    ///
    /// `current_kid` is the name of the key that signed when this was decided (nothing: whichever does): a form that is sent twice
    /// must not rotate twice, since registries know no more than two keys.
    pub async fn rotate_signing_key(&self, actor: &Actor, algorithm: &str, current_kid: Option<&str>) -> Result<()> {
        let name = crate::people::shown(algorithm);
        let act = Act::new("key.rotate", format!("{name} keys for registry tokens"));
        let permit = self.decide(actor, Permission::RegistryManage, Place::System, &act).await?;
        let unknown = || Error::not_found(format!("algorithm {name}"));
        let algorithm = Algorithm::from_name(algorithm).ok_or_else(unknown)?;
        let keys = self.0.store.signing_keys().list().await?;
        let find = |state| keys.iter().find(|key| key.algorithm == algorithm.as_str() && key.state == state);
        let (Some(current), Some(next)) = (find(KeyState::Current), find(KeyState::Next)) else {
            return Err(Error::new(
                Kind::Conflict,
                "There are no such keys yet. A registry that needs them makes them.",
            ));
        };
        let signs = kid(current)?;
        if current_kid.is_some_and(|known| known != signs) {
            let message = "The keys were rotated already: another one signs than on the page you came from.";
            return Err(Error::new(Kind::Conflict, message));
        }
        let made = self.new_key(algorithm).await?;
        let (successor, comes) = if next.private.is_some() {
            (Successor::Next(next.id), kid(next)?)
        } else {
            let other = self.new_key(algorithm).await?;
            let comes = other.1;
            (Successor::New(other.0), comes)
        };
        let act = act
            .before(serde_json::json!({ "current": kid(current)?, "next": kid(next)? }))
            .after(serde_json::json!({ "current": comes, "next": made.1 }));
        self.change(permit, &act, RotateSigningKeys { algorithm: algorithm.as_str(), successor, next: made.0 }).await
    }

    /// Makes the keys of an algorithm where there are none: whoever chooses an algorithm for a registry asks this first.
    pub async fn prepare_signing_keys(&self, algorithm: Algorithm) -> Result<()> {
        if self.token_memory().await?.keys.signer(algorithm).is_some() {
            return Ok(());
        }
        let known = self.0.store.signing_keys().list().await?;
        if known.iter().any(|key| key.algorithm == algorithm.as_str() && key.state != KeyState::Retired) {
            // There are some, only they can't be unsealed: that is for people to decide.
            return Ok(());
        }
        // The program needs its own keys to work at all; nobody has to grant it that.
        let own = Rights::everywhere([Permission::RegistryManage].into_iter().collect());
        let actor = Actor { rights: own, ..Actor::program() };
        let (current, next) = (self.new_key(algorithm).await?, self.new_key(algorithm).await?);
        let act = Act::new("key.create", format!("{} keys for registry tokens", algorithm.as_str()))
            .after(serde_json::json!({ "current": current.1, "next": next.1 }));
        let permit = self.decide(&actor, Permission::RegistryManage, Place::System, &act).await?;
        let change = AddSigningKeys { algorithm: algorithm.as_str(), current: current.0, next: next.0 };
        self.change(permit, &act, change).await
    }

    /// What signs with this algorithm now.
    pub(crate) async fn signer(&self, algorithm: Algorithm) -> Result<Arc<Signer>> {
        if let Some(signer) = self.token_memory().await?.keys.signer(algorithm) {
            return Ok(signer);
        }
        self.prepare_signing_keys(algorithm).await?;
        self.token_memory().await?.keys.signer(algorithm).ok_or_else(|| {
            let message = "The keys that sign tokens can't be read with the key file at hand. Rotate them.";
            Error::new(Kind::Setting, message)
        })
    }

    /// The certificates that registries are to trust, PEM: of every key that signs, will sign next, or signed a short time
    /// ago. Everybody may have them. Without an algorithm, what distribution 2.x can't read is left out; nothing where an
    /// algorithm has no keys.
    pub async fn token_certificates(&self, algorithm: Option<Algorithm>) -> Result<Option<String>> {
        if algorithm.is_none_or(|algorithm| algorithm == Algorithm::default()) {
            self.prepare_signing_keys(Algorithm::default()).await?;
        }
        let certificates = self.published(algorithm).await?;
        Ok((!certificates.is_empty()).then(|| bundle_pem(&certificates)))
    }

    /// The same keys as a JSON Web Key Set (RFC 7517), of every algorithm.
    pub async fn token_jwks(&self) -> Result<String> {
        let keys = self.token_memory().await?;
        Ok(jwks(keys.keys.published(self.now()).collect::<Vec<_>>()))
    }

    /// The certificates of one algorithm, which gets keys if it has none.
    pub(crate) async fn public_keys(&self, algorithm: Algorithm) -> Result<Vec<Certificate>> {
        self.prepare_signing_keys(algorithm).await?;
        self.published(Some(algorithm)).await
    }

    /// The certificates themselves, as [`Operations::token_certificates`] chooses them.
    pub(crate) async fn published(&self, algorithm: Option<Algorithm>) -> Result<Vec<Certificate>> {
        let (known, now) = (self.token_memory().await?, self.now());
        let wanted = |certificate: &&Certificate| match algorithm {
            Some(algorithm) => certificate.algorithm() == algorithm,
            None => certificate.algorithm().known_to_distribution_2(),
        };
        Ok(known.keys.published(now).filter(wanted).cloned().collect())
    }

    /// A new key with its name.
    async fn new_key(&self, algorithm: Algorithm) -> Result<(NewSigningKey, String)> {
        let now = self.now();
        let made = tokio::task::spawn_blocking(move || issuing::generate(algorithm, now));
        let made = made.await.map_err(Error::internal)??;
        let private = PrivateKey(made.private);
        Ok((NewSigningKey { private, certificate: made.certificate, expires: made.ends }, made.kid))
    }
}

fn kid(key: &SigningKey) -> Result<String> {
    Ok(Certificate::parse(&key.certificate)?.kid().to_owned())
}

fn key_row(key: &SigningKey, now: Timestamp) -> Result<KeyRow> {
    let certificate = Certificate::parse(&key.certificate)?;
    Ok(KeyRow {
        algorithm: certificate.algorithm(),
        kid: certificate.kid().to_owned(),
        state: key.state,
        readable: key.private.is_some() || key.state == KeyState::Retired,
        created: key.created,
        since: match key.state {
            KeyState::Next => None,
            KeyState::Current => key.activated,
            KeyState::Retired => key.retired,
        },
        ends: certificate.ends(),
        ends_soon: certificate.ends() <= now.plus_seconds(WARNED),
        published: is_published(key, now),
    })
}

/// Is something that the key signed perhaps still about, or soon will be?
fn is_published(key: &SigningKey, now: Timestamp) -> bool {
    key.state != KeyState::Retired || key.retired.is_some_and(|at| at.plus_seconds(STAYS) > now)
}
