//! The first start: a one-time link by which the first person is made, while there is none.

use crate::{
    Error, Kind, Operations, Result,
    error::WayOut,
    people::{check_name, new_person, shown},
};
use domain::{Actor, Id, Permission, Place, Via, audit::Act, audit::Outcome, permission::allows};
use sha2::{Digest as _, Sha256};

/// A setup link is good for this many seconds.
const LIFE: i64 = 24 * 60 * 60;

/// Under this word tries with wrong links are counted; no account can be called so.
const WRONG_LINK: &str = "setup link";

/// What is kept of a link's token.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// 32 random bytes in hex.
pub(crate) fn random_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
        .map_err(|_| Error::internal(std::io::Error::other("the system gives no random bytes")))?;
    Ok(hex::encode(bytes))
}

impl Operations {
    /// Is there nobody yet?
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.0.store.people().count().await? == 0)
    }

    /// A new setup link's token, while there is nobody; the one before is void.
    pub async fn new_setup_token(&self) -> Result<Option<String>> {
        let token = random_token()?;
        let made = self.0.store.setup().replace(&hash(&token), self.now().plus_seconds(LIFE)).await?;
        Ok(made.then_some(token))
    }

    /// Is this token still good? Opening the link trades it for a cookie that carries the same token.
    pub async fn setup_ready(&self, actor: &Actor, token: &str) -> Result<bool> {
        allows(actor, Permission::SetUp, Place::System)?;
        Ok(!token.is_empty() && self.0.store.setup().is_valid(&hash(token), self.now()).await?)
    }

    /// Makes the first person and signs them in; only with the link, and only while there is nobody.
    pub async fn complete_setup(
        &self,
        actor: &Actor,
        token: &str,
        name: &str,
        password: String,
        again: String,
    ) -> Result<Id> {
        let act = Act::new("person.create", format!("person {}", shown(name)));
        let actor = Actor { via: Via::Setup, ..actor.clone() };
        let permit = self.decide(&actor, Permission::SetUp, Place::System, &act).await?;
        if !self.setup_ready(&actor, token).await? {
            // Only wrong links wait, so that nobody is kept from a good one; each leaves an entry, so they must.
            self.throttle(WRONG_LINK, &actor)?;
            self.0.throttle.failed(WRONG_LINK, &actor.address, self.now());
            self.event(&actor, &act, Outcome::Refused, Some("the setup link is not valid"), &Place::System).await;
            let message = "The setup link is used up or too old. A restart of the program prints a new one.";
            return Err(Error::new(Kind::Forbidden, message).way_out(WayOut::SignIn));
        }
        let new = new_person(&self.0.passwords, name, password, again).await?;
        self.change(permit, &act, store::CreateFirstPerson(new)).await
    }

    /// Makes the first person without a link, from the program's own settings; does nothing when somebody is there.
    pub async fn first_person(&self, name: &str, password: String) -> Result<Option<Id>> {
        if !self.is_empty().await? {
            return Ok(None);
        }
        check_name(name)?;
        let actor = Actor::cli();
        let act = Act::new("person.create", format!("person {name}"));
        let permit = self.decide(&actor, Permission::PeopleManage, Place::System, &act).await?;
        let new = new_person(&self.0.passwords, name, password.clone(), password).await?;
        Ok(Some(self.change(permit, &act, store::CreateFirstPerson(new)).await?))
    }
}
