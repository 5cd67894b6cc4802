//! What to paste where a secret is to be used, for a registry to choose.

use crate::{Operations, Result};
use domain::{
    Actor, Visible,
    commands::Snippet,
    templates::{Account, Use},
};

/// The templates for one registry, and the registries to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates {
    /// The registry they are for; empty if there is none to see.
    pub registry: String,
    /// The registries to choose from.
    pub registries: Vec<String>,
    /// For each place of use what to paste there.
    pub uses: Vec<(Use, Vec<Snippet>)>,
}

impl Operations {
    /// The templates for `user`, at the registry called so, or the first one that the actor sees.
    pub async fn templates(
        &self,
        actor: &Actor,
        registry: &str,
        user: &str,
        secret: Option<&str>,
    ) -> Result<Templates> {
        let all = self.0.store.registries().list(&Visible::to(actor)).await?;
        let registries = all.iter().map(|record| record.name.to_string()).collect();
        let chosen = all.iter().find(|record| record.name.as_str() == registry).or(all.first());
        let Some(record) = chosen else {
            return Ok(Templates { registry: String::new(), registries, uses: Vec::new() });
        };
        let (address, trust) = (&record.connection.address, &record.connection.trust);
        let account = Account { address, trust, user, secret };
        let uses = Use::ALL.into_iter().map(|place| (place, place.snippets(&account))).collect();
        Ok(Templates { registry: record.name.to_string(), registries, uses })
    }
}
