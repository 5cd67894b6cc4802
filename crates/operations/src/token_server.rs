//! The token server: whoever comes to a registry asks here first, and gets a token for what their grants allow. It is on
//! the way of every pull: it needs no index, no registry and no writing, and what it reads is in memory most of the time.

mod access;
mod identity;
mod ledger;
mod lines;
pub(crate) mod memory;
mod refresh;
mod secrets;
pub(crate) mod work;

pub use identity::Credentials;
pub use refresh::RefreshTokenRow;

pub(crate) use ledger::Ledger;
pub(crate) use memory::Keeper;

use crate::{
    Error, Kind, Operations, Result,
    issuing::{Claims, token_id},
};
use domain::{
    Actor, Id, Timestamp,
    token_scope::{AccessEntry, Asked, asked},
};
use identity::Identity;
use memory::Service;

/// Seconds that a token lives where nothing else was chosen.
pub const USUAL_LIFE: i64 = 300;
/// The shortest life in seconds: clients take anything shorter for a mistake (distribution, "Token Authentication").
pub const SHORTEST_LIFE: i64 = 60;
/// The longest life in seconds: so long a token is still good after its right was taken away.
pub const LONGEST_LIFE: i64 = 300;

/// Who issues, where no public address is set.
const ISSUER: &str = "wharfinger";
/// What services begin with; the registry's number follows.
const SERVICE: &str = "registry-";

/// A request for a token, as the client made it.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// From where and with what it comes; nobody known yet.
    pub stranger: Actor,
    /// What it brings to say who it is.
    pub credentials: Credentials,
    /// The account it says that it is for.
    pub account: Option<String>,
    /// The registry it is for.
    pub service: String,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// What the client calls itself.
    pub client: String,
    /// Does it want a refresh token too?
    pub offline: bool,
}

/// A token that was issued.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token itself.
    pub token: String,
    /// Seconds that it lives.
    pub life: i64,
    /// Since when.
    pub issued: Timestamp,
    /// What it allows, as scopes with spaces between them.
    pub scope: String,
    /// A refresh token, where one was asked for.
    pub refresh_token: Option<String>,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Why there is no token at all. Asking for too much is no reason.
#[derive(Debug)]
pub enum TokenRefusal {
    /// What came along to say who it is does not.
    Wrong {
        /// For the audit log.
        why: &'static str,
        /// For whoever asked: it tells nobody more than they know.
        message: &'static str,
    },
    /// Too many wrong tries; try again in so many seconds.
    TooOften(u64),
    /// Too much to do; try again in so many seconds.
    Busy(u64),
    /// Our own fault.
    Failed(Error),
}

impl From<Error> for TokenRefusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<store::Error> for TokenRefusal {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// The service of a registry: the audience of its tokens. It never changes, whatever the registry is called.
pub fn service_name(registry: Id) -> String {
    format!("{SERVICE}{registry}")
}

/// The registry of a service, by its one way of being written.
fn registry_of(service: &str) -> Option<Id> {
    let id = service.strip_prefix(SERVICE)?.parse().ok()?;
    (service_name(id) == service).then_some(id)
}

impl Operations {
    /// Who issues our tokens: the public address, where it is set, so that two installations are never mixed up.
    /// Registries have it in their configuration: setting another address means configuring them anew.
    pub fn token_issuer(&self) -> &str {
        self.settings().public_url.as_deref().map_or(ISSUER, |url| url.trim_end_matches('/'))
    }

    /// Issues a token for as much of what is asked as whoever asks may do: perhaps for nothing at all.
    pub async fn issue_token(&self, request: &TokenRequest) -> Result<IssuedToken, TokenRefusal> {
        let memory = self.token_memory().await?;
        let service = registry_of(&request.service).and_then(|id| memory.services.get(&id)).copied();
        let identity = match self.identify(request, &memory, service).await {
            Ok(identity) => identity,
            Err(refusal) => {
                self.note_refused(request, service, &refusal);
                return Err(refusal);
            }
        };
        let asked = asked(request.scopes.iter().map(String::as_str));
        let (access, granted) = access::granted(&identity.actor, service, &asked);
        let issued = self.signed(service, &identity.user, &access).await?;
        let refresh_token = match service.filter(|_| request.offline) {
            Some(service) => self.new_refresh_token(request, service, &identity).await,
            None => None,
        };
        self.note_issued(request, service, &identity, &asked, &access);
        Ok(IssuedToken { refresh_token, scope: granted, ..issued })
    }

    /// A token for one of our own calls of a registry, for exactly this.
    pub(crate) async fn own_token(&self, registry: Id, access: &[AccessEntry]) -> Result<IssuedToken> {
        let memory = self.token_memory().await?;
        let unknown = || Error::new(Kind::NotFound, "There is no such registry.");
        let service = memory.services.get(&registry).copied().ok_or_else(unknown)?;
        let issued = self.signed(Some(service), &Actor::program().name, access).await?;
        self.note_own_tokens(registry, access);
        Ok(issued)
    }

    /// Notes that the program made a token for one of its own calls.
    pub(crate) fn note_own_tokens(&self, registry: Id, access: &[AccessEntry]) {
        for line in lines::own(registry, access) {
            self.0.ledger.note_own(line, self.now());
        }
    }

    /// Signing takes some microseconds (with RSA some hundred): less than handing it to another thread and back.
    async fn signed(&self, service: Option<Service>, subject: &str, access: &[AccessEntry]) -> Result<IssuedToken> {
        let algorithm = service.map(|service| service.algorithm).unwrap_or_default();
        let life = service.map_or(SHORTEST_LIFE, |service| service.seconds);
        // A service that is none of ours is not repeated: who knows whose it is.
        let audience = service.map(|service| service_name(service.registry)).unwrap_or_default();
        let (signer, issued, id) = (self.signer(algorithm).await?, self.now(), token_id()?);
        let claims = Claims { issuer: self.token_issuer(), subject, service: &audience, id: &id, issued, life, access };
        Ok(IssuedToken { token: signer.sign(&claims)?, life, issued, scope: String::new(), refresh_token: None })
    }

    fn note_issued(
        &self,
        request: &TokenRequest,
        service: Option<Service>,
        identity: &Identity,
        asked: &[Asked],
        access: &[AccessEntry],
    ) {
        let (ledger, now) = (&self.0.ledger, self.now());
        for line in lines::of(identity, service, asked, access) {
            ledger.note(line, now);
        }
        if let Some(secret) = identity.used {
            ledger.used(secret, now, &request.stranger.address);
        }
        for (registry, name, permission) in access::uses(service, asked, access) {
            self.note_use(identity.subject, registry, name, permission, &request.stranger.address);
        }
    }

    fn note_refused(&self, request: &TokenRequest, service: Option<Service>, refusal: &TokenRefusal) {
        if let Some(line) = lines::refused(request, service, refusal) {
            self.0.ledger.note(line, self.now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_one_way_of_being_written() {
        assert_eq!(registry_of(&service_name(12)), Some(12));
        for other in ["", "registry-", "registry-+3", "registry-03", "registry- 3", "Registry-3", "registry-3 ", "3"] {
            assert_eq!(registry_of(other), None, "{other}");
        }
    }
}
