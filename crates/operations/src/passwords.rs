//! Passwords: hashed with argon2id away from the async threads, only so many at once.

mod remembered;
mod turns;

pub(crate) use remembered::Remembered;
pub(crate) use turns::Turns;

use crate::error::{Error, Result};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use domain::{fields::FieldError, passwords};
use std::sync::Arc;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// Hashes and verifies passwords. A clone shares the bound on how many are worked on at once.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Verified when there is no such account, so that the answer takes the same time.
    nobody: Arc<str>,
}

/// OWASP's first choice for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String> {
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| Error::internal(std::io::Error::other(error.to_string())))?.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

impl Passwords {
    /// With a bound on how many are worked on at once: each takes 19 MiB and some 20 ms of a core.
    pub fn new(at_once: usize) -> Result<Self> {
        Ok(Self { turns: Arc::new(Semaphore::new(at_once)), nobody: hash_now("nobody has this password")?.into() })
    }

    /// Checks the rules: length, not common, not the name, typed the same twice.
    pub fn check(name: &str, password: &str, again: &str) -> Result<(), Vec<FieldError>> {
        passwords::check("password", password, name).map_err(|error| vec![error])?;
        if password != again {
            return Err(vec![FieldError::new("again", "The two are not the same.")]);
        }
        Ok(())
    }

    /// The hash to keep, in PHC form with its parameters and salt.
    pub async fn hash(&self, password: String) -> Result<String> {
        let turn = self.turn().await?;
        let work = move || {
            let _turn = turn;
            hash_now(&password)
        };
        spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// Does the password belong to this hash? Without a hash (no such account) the answer is no, and takes as long.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let turn = self.turn().await?;
        self.verify_in(turn, password, hash).await
    }

    /// The same in this turn, for callers that have turns of their own. Work that has begun can't be stopped: the turn goes
    /// along and ends with it, even if whoever asked does not wait any more.
    pub(crate) async fn verify_in(
        &self,
        turn: OwnedSemaphorePermit,
        password: String,
        hash: Option<String>,
    ) -> Result<bool> {
        let nobody = Arc::clone(&self.nobody);
        let known = hash.is_some();
        let work = move || {
            let _turn = turn;
            verify_now(&password, hash.as_deref().unwrap_or(&nobody))
        };
        Ok(spawn_blocking(work).await.map_err(Error::internal)? && known)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_at_the_recommended_cost() {
        let passwords = Passwords::new(1).expect("passwords");
        let hash = passwords.hash("four words are enough".into()).await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("four words are enough".into(), Some(hash.clone())).await.expect("verify"));
        assert!(!passwords.verify("four words are enough!".into(), Some(hash)).await.expect("verify"));
    }

    #[tokio::test]
    async fn whoever_hangs_up_frees_no_turn_before_the_work_is_done() {
        let passwords = Passwords::new(1).expect("passwords");
        let asked =
            [passwords.verify("x".into(), None).map(|_| ()).boxed(), passwords.hash("x".into()).map(|_| ()).boxed()];
        for mut one in asked {
            assert!(one.as_mut().now_or_never().is_none(), "it works elsewhere");
            drop(one);
            assert_eq!(passwords.turns.available_permits(), 0, "and goes on");
            drop(passwords.turn().await.expect("its turn comes once that is done"));
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password_at_all() {
        let passwords = Passwords::new(1).expect("passwords");
        assert!(!passwords.verify("nobody has this password".into(), None).await.expect("verify"));
        assert!(!passwords.verify("x".into(), Some("not a hash".into())).await.expect("verify"));
    }
}
