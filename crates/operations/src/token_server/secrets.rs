//! Secrets that came so far and are good, as the records have them: on the way of every pull nothing is read twice.

use crate::{
    Operations, Result,
    secrets::{SecretKind, SecretText},
};
use domain::{ActorKind, Id, Restriction, Timestamp, access::Subject, robots};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// As many are kept; beyond, all are read again.
const MOST: usize = 100_000;

/// Whose secret it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub kind: ActorKind,
    pub id: Id,
    /// The name as the dashboard shows it.
    pub name: String,
    /// May it no longer act?
    pub disabled: bool,
}

impl Owner {
    /// The subject that grants name.
    pub(crate) fn subject(&self) -> Subject {
        match self.kind {
            ActorKind::Robot => Subject::Robot(self.id),
            _ => Subject::Person(self.id),
        }
    }
    /// The name one comes with at `docker login`; registries see it too.
    pub(crate) fn user(&self) -> String {
        match self.kind {
            ActorKind::Robot => format!("{}{}", robots::USER, self.name),
            _ => self.name.clone(),
        }
    }
}

/// A token of a person, or a secret of a robot.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub kind: SecretKind,
    pub id: Id,
    pub hash: String,
    pub owner: Owner,
    pub restriction: Restriction,
    /// Until when it and its owner are good.
    pub expires: Option<Timestamp>,
}

/// A person with a password.
#[derive(Clone)]
pub(crate) struct Password {
    pub owner: Owner,
    /// Empty for those who have none yet.
    pub hash: String,
}

/// Those of one generation.
#[derive(Default)]
pub(crate) struct Secrets {
    secrets: Mutex<HashMap<(bool, String), Arc<Secret>>>,
    passwords: Mutex<HashMap<String, Arc<Password>>>,
}

fn kept<K: std::hash::Hash + Eq, V: Clone>(all: &Mutex<HashMap<K, V>>, key: &K) -> Option<V> {
    all.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

fn keep<K: std::hash::Hash + Eq, V>(all: &Mutex<HashMap<K, V>>, key: K, value: V) {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST {
        all.clear();
    }
    all.insert(key, value);
}

impl Operations {
    /// The secret that this text names, if its secret part is right. What does not fit is read again each time: nobody
    /// fills the memory with guesses.
    pub(super) async fn secret(&self, memory: &Secrets, text: &SecretText<'_>) -> Result<Option<Arc<Secret>>> {
        let key = (text.kind == SecretKind::Robot, text.prefix.to_owned());
        let known = kept(&memory.secrets, &key);
        if let Some(secret) = known {
            return Ok(text.is_of(&secret.hash).then_some(secret));
        }
        let found = match text.kind {
            SecretKind::Token => self.token_of(text.prefix).await?,
            SecretKind::Robot => self.robot_secret_of(text.prefix).await?,
            SecretKind::Refresh => None,
        };
        let found = found.filter(|secret| text.is_of(&secret.hash)).map(Arc::new);
        if let Some(secret) = &found {
            keep(&memory.secrets, key, Arc::clone(secret));
        }
        Ok(found)
    }

    /// The person called so, with the hash of their password.
    pub(super) async fn password(&self, memory: &Secrets, name: &str) -> Result<Option<Arc<Password>>> {
        let key = name.to_lowercase();
        let known = kept(&memory.passwords, &key);
        if known.is_some() {
            return Ok(known);
        }
        let Some(person) = self.0.store.people().by_name(name).await? else { return Ok(None) };
        let owner = Owner { kind: ActorKind::Person, id: person.id, name: person.name, disabled: person.disabled };
        let found = Arc::new(Password { owner, hash: person.password_hash });
        keep(&memory.passwords, key, Arc::clone(&found));
        Ok(Some(found))
    }

    async fn token_of(&self, prefix: &str) -> Result<Option<Secret>> {
        let held = self.0.store.tokens().by_prefix(prefix).await?;
        Ok(held.map(|held| Secret {
            kind: SecretKind::Token,
            id: held.token.id,
            hash: held.token.secret_hash,
            owner: Owner {
                kind: ActorKind::Person,
                id: held.token.person,
                name: held.person_name,
                disabled: held.disabled,
            },
            restriction: held.token.restriction,
            expires: held.token.expires,
        }))
    }

    async fn robot_secret_of(&self, prefix: &str) -> Result<Option<Secret>> {
        let held = self.0.store.robots().secret_by_prefix(prefix).await?;
        Ok(held.map(|held| Secret {
            kind: SecretKind::Robot,
            id: held.secret.id,
            hash: held.secret.secret_hash,
            owner: Owner {
                kind: ActorKind::Robot,
                id: held.robot.id,
                name: held.robot.name,
                disabled: held.robot.disabled,
            },
            restriction: Restriction::default(),
            expires: [held.secret.expires, held.robot.expires].into_iter().flatten().min(),
        }))
    }
}
