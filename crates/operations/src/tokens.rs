//! Access tokens: secrets by which programs act for a person, until they expire.

use crate::{Error, Operations, Result, setup::random_token};
use domain::{Actor, Permission, Place, audit::Act};
use sha2::{Digest as _, Sha256};
use store::AddToken;

/// What every token begins with, so that people and secret scanners know one when they see it.
const MARK: &str = "wharfinger";
/// Hexadecimal digits by which a token is found.
const PREFIX: usize = 12;

impl Operations {
    /// Makes a token that acts for the person called `name` for `seconds`; gives it back this once.
    pub async fn add_token(&self, actor: &Actor, name: &str, seconds: i64) -> Result<String> {
        let act = Act::new("token.create", format!("person {name}"));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let person =
            self.0.store.people().by_name(name).await?.ok_or_else(|| Error::not_found(format!("person {name}")))?;
        let (prefix, secret) = (random_token()?[..PREFIX].to_owned(), random_token()?);
        let expires = self.now().plus_seconds(seconds);
        let act = act.after(serde_json::json!({ "prefix": prefix, "expires": expires.rfc3339() }));
        let change = AddToken {
            prefix: prefix.clone(),
            secret_hash: hex::encode(Sha256::digest(secret.as_bytes())),
            person: person.id,
            name: "made on the command line".to_owned(),
            restriction: serde_json::json!({}),
            expires: Some(expires),
        };
        self.change(permit, &act, change).await?;
        Ok(format!("{MARK}_{prefix}_{secret}"))
    }
}
