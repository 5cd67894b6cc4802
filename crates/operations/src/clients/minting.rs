//! The tokens that the dashboard's own clients come with where this program is the registry's token server. They are
//! for `wharfinger`, which nobody can be called.

use crate::{Inner, Operations, token_server::service_name};
use domain::{
    Id, Secret,
    token_scope::{AccessEntry, Asked, asked},
};
use futures_util::future::BoxFuture;
use registry::{Error, Minted, Minter};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

/// Makes tokens for one registry. Clients are kept by [`Inner`], so it is not kept by them.
struct Own {
    inner: Weak<Inner>,
    registry: Id,
}

impl Operations {
    /// Whoever makes our own tokens for a registry.
    pub(crate) fn minter(&self, registry: Id) -> Arc<dyn Minter> {
        Arc::new(Own { inner: Arc::downgrade(&self.0), registry })
    }
}

impl Minter for Own {
    fn mint<'m>(&'m self, wanted: &'m str, scopes: &'m [String]) -> BoxFuture<'m, Result<Minted, Error>> {
        Box::pin(async move {
            let stopped = |why: String| Error::Settings { why };
            let own = service_name(self.registry);
            if wanted != own {
                let wanted = domain::text::visible(wanted, 100);
                return Err(stopped(format!(
                    "the registry asks for tokens for “{wanted}”, and not for {own}: see its page about tokens"
                )));
            }
            let inner = self.inner.upgrade().ok_or_else(|| stopped("the program is ending".to_owned()))?;
            let access = access_for(scopes);
            let made = Operations(inner).own_token(self.registry, &access).await;
            let issued = made.map_err(|error| stopped(format!("no token could be made: {error}")))?;
            let life = Duration::from_secs(u64::try_from(issued.life).unwrap_or_default());
            Ok(Minted { token: Secret::new(issued.token), life })
        })
    }
}

/// Exactly what is asked for: who calls has asked whether that is allowed.
fn access_for(scopes: &[String]) -> Vec<AccessEntry> {
    let entry = |asked: Asked| match asked {
        Asked::Repository { name, pull, push, delete } => AccessEntry::repository(&name, pull, push, delete),
        Asked::Catalog => Some(AccessEntry::catalog()),
    };
    asked(scopes.iter().map(String::as_str)).into_iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_s_scope_becomes_exactly_its_entries() {
        let access = |scope: &str| access_for(&[scope.to_owned()]);
        let name = "team/app".parse().expect("a name");
        assert_eq!(access("registry:catalog:*"), [AccessEntry::catalog()]);
        for (scope, pull, push, delete) in [
            ("repository:team/app:pull", true, false, false),
            ("repository:team/app:pull,push", true, true, false),
            ("repository:team/app:delete", false, false, true),
        ] {
            let expected = AccessEntry::repository(&name, pull, push, delete).expect("an entry");
            assert_eq!(access(scope), [expected], "{scope}");
        }
        assert_eq!(access(""), []);
    }
}
