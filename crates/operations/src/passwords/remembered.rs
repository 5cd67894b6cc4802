//! Passwords that were found right a short time ago, so that a client that asks again and again does not cost a slow hash
//! each time. Nothing that is kept tells a password: only a MAC of it, under a key that ends with the process.

use crate::error::{Error, Result};
use domain::{Id, Timestamp};
use ring::{hmac, rand::SystemRandom};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// It is remembered for so many seconds at most.
const FOR: i64 = 5 * 60;
/// As many are remembered; beyond, all are forgotten.
const MOST: usize = 10_000;

/// What is remembered.
pub(crate) struct Remembered {
    key: hmac::Key,
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Remembered {
    /// Nothing yet, under a new key.
    pub(crate) fn new() -> Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        let key = key.map_err(|_| Error::internal(std::io::Error::other("the system gives no random bytes")))?;
        Ok(Self { key, seen: Mutex::default() })
    }

    /// The password's hash is in it: with another password, or the same one set again, nothing is remembered any more.
    fn tag(&self, person: Id, hash: &str, password: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&person.to_be_bytes());
        for part in [hash, password] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Was this found right a short time ago?
    pub(crate) fn knows(&self, person: Id, hash: &str, password: &str, now: Timestamp) -> bool {
        let tag = self.tag(person, hash, password);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes nothing last longer.
        seen.get(&tag).is_some_and(|at| *at <= now && at.plus_seconds(FOR) > now)
    }

    /// It was found right now.
    pub(crate) fn remember(&self, person: Id, hash: &str, password: &str, now: Timestamp) {
        let tag = self.tag(person, hash, password);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, at| *at <= now && at.plus_seconds(FOR) > now);
        }
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(tag, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    #[test]
    fn only_the_same_password_of_the_same_person_is_known_and_not_for_long() {
        let remembered = Remembered::new().expect("a key");
        remembered.remember(1, "hash", "four words", NOW);
        assert!(remembered.knows(1, "hash", "four words", NOW.plus_seconds(FOR - 1)));
        for (person, hash, password, at) in [
            (2, "hash", "four words", NOW),
            (1, "hash", "four word", NOW),
            (1, "other hash", "four words", NOW),
            // Where one part ends and the next begins is not up to who types them.
            (1, "hashfour", " words", NOW),
            (1, "hash", "four words", NOW.plus_seconds(FOR)),
            (1, "hash", "four words", NOW.plus_seconds(-1)),
        ] {
            assert!(!remembered.knows(person, hash, password, at), "{person} {hash} {password} {at:?}");
        }
        let other = Remembered::new().expect("another key");
        other
            .seen
            .lock()
            .expect("what is remembered")
            .extend(remembered.seen.lock().expect("what is remembered").iter());
        assert!(!other.knows(1, "hash", "four words", NOW), "another process can't read it");
    }

    #[test]
    fn memory_is_bounded() {
        let remembered = Remembered::new().expect("a key");
        for n in 0..=MOST {
            remembered.remember(1, "hash", &n.to_string(), NOW);
        }
        assert!(remembered.seen.lock().expect("what is remembered").len() <= MOST);
        assert!(remembered.knows(1, "hash", &MOST.to_string(), NOW));
    }
}
