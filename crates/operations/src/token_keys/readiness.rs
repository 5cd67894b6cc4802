//! Which registries have the bundle with the next key. A registry tells nobody: it is seen when its tokens are checked, and
//! holds until the keys are rotated.

use crate::{Operations, Result, issuing::Algorithm};
use domain::{Actor, RegistryName, Timestamp, Visible, token_check::Bundle};
use std::collections::HashMap;

/// What is known of a registry and the key that signs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Which registry.
    pub registry: RegistryName,
    /// What it was seen to know; nothing where it was not asked since this key is the next one.
    pub found: Option<Bundle>,
    /// When it was asked, about this key.
    pub at: Option<Timestamp>,
}

impl Readiness {
    /// May a rotation cut it off from its clients? It may where nobody knows.
    pub fn is_open(&self) -> bool {
        !matches!(self.found, Some(Bundle::Current | Bundle::Unused))
    }
}

impl Operations {
    /// What a registry was last seen to know of the next key, and when.
    pub(crate) async fn bundle_of(
        &self,
        actor: &Actor,
        registry: &RegistryName,
        algorithm: Algorithm,
    ) -> Result<Option<(Bundle, Timestamp)>> {
        let all = self.readiness(actor, algorithm).await?;
        let one = all.into_iter().find(|one| one.registry == *registry);
        Ok(one.and_then(|one| one.found.zip(one.at)))
    }

    /// The registries whose tokens this algorithm signs, by name, as far as they may be seen.
    pub(super) async fn readiness(&self, actor: &Actor, algorithm: Algorithm) -> Result<Vec<Readiness>> {
        let known = self.token_memory().await?;
        let next = known.keys.next(algorithm);
        let next = next.as_ref().map(|signer| signer.certificate().kid());
        let visible = Visible::to(actor);
        let checks = self.0.store.bundle_checks(&visible).await?.into_iter();
        let checks: HashMap<_, _> =
            checks.filter(|check| next == Some(check.kid.as_str())).map(|check| (check.registry, check)).collect();
        let mut all: Vec<Readiness> = Vec::new();
        for (id, name) in self.0.store.registries().names(&visible).await? {
            if known.services.get(&id).is_none_or(|service| service.algorithm != algorithm) {
                continue;
            }
            // A name that can't be read is shown nowhere.
            let Ok(registry) = name.parse() else { continue };
            let check = checks.get(&id);
            all.push(Readiness { registry, found: check.map(|check| check.found), at: check.map(|check| check.at) });
        }
        all.sort_by(|one, other| one.registry.as_str().cmp(other.registry.as_str()));
        Ok(all)
    }
}
