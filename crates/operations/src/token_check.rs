//! Looking whether a registry really takes our tokens, and only these. What it is asked reads only, and goes through the
//! same door as everything that registries are asked.

use crate::{
    Error, Kind, Operations, Result,
    clients::in_use,
    issuing::{Algorithm, Claims, Signer, generate, token_id},
    token_server::service_name,
    token_settings::TokenSettings,
};
use domain::{
    Actor, Id, Permission, Place, RepositoryName, Secret, SignIn, Timestamp,
    access::{Rights, Subject},
    audit::Act,
    probe::Tone,
    token_check::{About, Challenge, Line, Ours, Said, Seen, TokenCheck, bundle, judge},
    token_scope::AccessEntry,
};
use registry::{
    Registry,
    facts::{self, Asking, Opened},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::BundleCheck;

/// A whole check takes no longer than this.
const LONGEST: Duration = Duration::from_secs(40);

/// What the last checks found, by registry. They are made anew in a moment, so nothing is stored.
#[derive(Default)]
pub(crate) struct TokenChecks(Mutex<HashMap<Id, TokenCheck>>);

impl TokenChecks {
    /// What the last check of a registry found.
    pub(crate) fn of(&self, registry: Id) -> Option<TokenCheck> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&registry).cloned()
    }
    fn keep(&self, registry: Id, check: TokenCheck) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(registry, check);
    }
}

impl Operations {
    /// Checks that a registry takes our tokens and only these, and keeps what was found for its page.
    pub async fn check_registry_tokens(&self, actor: &Actor, name: &str) -> Result<TokenCheck> {
        let record = self.record(actor, name).await?;
        let act = Act::new("registry.tokens-check", format!("registry {name}"));
        let permit = self.decide(actor, Permission::RegistryManage, Place::Registry(record.id), &act).await?;
        in_use(&record)?;
        let realm = self.token_realm().ok_or_else(|| {
            let message = "There is no address to compare with. Start Wharfinger with --public-url.";
            Error::new(Kind::Setting, message)
        })?;
        let operations = self.clone();
        let work = async move {
            let check = operations.look_at_tokens(&record, realm).await?;
            operations.0.token_checks.keep(record.id, check.clone());
            Ok(check)
        };
        self.act(permit, &act, Box::pin(work)).await
    }

    async fn look_at_tokens(&self, record: &store::Registry, realm: String) -> Result<TokenCheck> {
        let client = self.client(record).await?;
        let rights = self.rights_of(Subject::Anonymous).await?;
        let ours = Ours {
            realm,
            service: service_name(record.id),
            plain_registry: record.connection.address.is_plain(),
            signs_in_so: record.connection.sign_in == SignIn::TokenServer,
            grants_strangers_pull: reaches(&rights, Permission::RepositoryPull, record.id),
            grants_strangers_catalogue: reaches(&rights, Permission::RegistryCatalog, record.id),
        };
        let look = Look { operations: self, client, registry: record.id };
        let lines = match tokio::time::timeout(LONGEST, look.all()).await {
            Ok(Ok(seen)) => {
                if let Some(kid) = seen.next_kid {
                    let found = bundle(&seen.seen, &ours);
                    let check = BundleCheck { registry: record.id, at: self.now(), kid, found };
                    self.0.store.keep_bundle_check(&check).await?;
                }
                judge(&seen.seen, &ours)
            }
            Ok(Err(Stopped::Registry(error))) => {
                vec![Line::new(About::Registry, Tone::Danger, error.to_string()).to_do(error.what_to_do())]
            }
            Ok(Err(Stopped::Ours(error))) => return Err(error),
            Err(_) => vec![
                Line::new(About::Registry, Tone::Danger, "The check took longer than 40 s and was ended.")
                    .to_do("Look at the registry’s load, and check again."),
            ],
        };
        Ok(TokenCheck { at: self.now(), lines })
    }
}

/// Is this permission held for anything in the registry?
fn reaches(rights: &Rights, permission: Permission, registry: Id) -> bool {
    rights.scopes(permission).any(|scope| scope.touches(registry))
}

/// What ended a check.
enum Stopped {
    /// The registry does not answer.
    Registry(registry::Error),
    /// We could not make a token.
    Ours(Error),
}

impl From<registry::Error> for Stopped {
    fn from(error: registry::Error) -> Self {
        Self::Registry(error)
    }
}
impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// What was seen, and which key was next meanwhile.
struct Looked {
    seen: Seen,
    next_kid: Option<String>,
}

/// A check under way.
struct Look<'o> {
    operations: &'o Operations,
    client: Registry,
    registry: Id,
}

impl Look<'_> {
    async fn all(&self) -> std::result::Result<Looked, Stopped> {
        let api = facts::api(&self.client).await?;
        let challenge = challenge(&api);
        let catalogue = self.open(Asking::Catalogue, Some(&self.own(&[AccessEntry::catalog()]).await?)).await?;
        // A repository that is there is the better question; one that nobody can have does too.
        let repository = match catalogue {
            Opened::Yes(Some(name)) => name,
            _ => made_up()?,
        };
        let pull = [pulls(&repository)?];
        let own_pull = self.own(&pull).await?;
        let asked = Asking::Tags(&repository);
        let settings = self.operations.token_settings(self.registry).await?;
        let next = self.operations.token_memory().await?.keys.next(settings.algorithm);
        let next_key = match &next {
            Some(next) => Some(self.said(asked, Some(&self.of_next_key(next, &pull, settings)?)).await?),
            None => None,
        };
        let seen = Seen {
            clock_ahead: api.clock_ahead,
            challenge,
            own_token: self.said(Asking::Api, Some(&self.own(&[]).await?)).await?,
            own_pull: self.said(asked, Some(&own_pull)).await?,
            other_repository: self.said(Asking::Tags(&made_up()?), Some(&own_pull)).await?,
            other_key: self.said(asked, Some(&self.forged(Forgery::Key, &pull).await?)).await?,
            other_service: self.said(asked, Some(&self.forged(Forgery::Service, &pull).await?)).await?,
            expired: self.said(asked, Some(&self.forged(Forgery::Time, &pull).await?)).await?,
            next_key,
            strangers_catalogue: self.said(Asking::Catalogue, None).await?,
            strangers_pull: self.said(asked, None).await?,
        };
        Ok(Looked { seen, next_kid: next.map(|next| next.certificate().kid().to_owned()) })
    }

    async fn open(&self, asking: Asking<'_>, token: Option<&Secret>) -> registry::Result<Opened> {
        facts::opened(&self.client, asking, token).await
    }

    async fn said(&self, asking: Asking<'_>, token: Option<&Secret>) -> registry::Result<Said> {
        Ok(match self.open(asking, token).await? {
            Opened::Yes(_) => Said::In,
            Opened::No => Said::Out,
            Opened::Unclear(said) => Said::Unclear(said.to_string()),
        })
    }

    async fn own(&self, access: &[AccessEntry]) -> Result<Secret> {
        let issued = self.operations.own_token(self.registry, access).await?;
        Ok(Secret::new(issued.token))
    }
}

/// A token as this program makes them for the registry.
#[derive(Clone, Copy)]
struct Made<'a> {
    signer: &'a Signer,
    service: &'a str,
    /// So many seconds ago.
    ago: i64,
    life: i64,
    access: &'a [AccessEntry],
}

impl Look<'_> {
    fn made(&self, Made { signer, service, ago, life, access }: Made<'_>) -> Result<Secret> {
        let id = token_id()?;
        let token = signer.sign(&Claims {
            issuer: self.operations.token_issuer(),
            subject: &Actor::program().name,
            service,
            id: &id,
            issued: self.operations.now().plus_seconds(-ago),
            life,
            access,
        })?;
        Ok(Secret::new(token))
    }

    /// What the key signs that signs after the next rotation: a good token in all else, and told of as such.
    fn of_next_key(&self, next: &Signer, access: &[AccessEntry], settings: TokenSettings) -> Result<Secret> {
        self.operations.note_own_tokens(self.registry, access);
        let service = service_name(self.registry);
        self.made(Made { signer: next, service: &service, ago: 0, life: settings.seconds, access })
    }
}

/// What is wrong with a token that must be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgery {
    /// A key signed it that is in no bundle.
    Key,
    /// It is for another registry.
    Service,
    /// Its time was over ten minutes ago.
    Time,
}

impl Look<'_> {
    async fn forged(&self, forgery: Forgery, access: &[AccessEntry]) -> Result<Secret> {
        let TokenSettings { algorithm, seconds, .. } = self.operations.token_settings(self.registry).await?;
        let signer = match forgery {
            Forgery::Key => Arc::new(unknown_signer(algorithm, self.operations.now()).await?),
            Forgery::Service | Forgery::Time => self.operations.signer(algorithm).await?,
        };
        let service =
            if forgery == Forgery::Service { "another-registry".to_owned() } else { service_name(self.registry) };
        // Registries allow a minute for clocks that differ.
        let ago = if forgery == Forgery::Time { seconds + 600 } else { 0 };
        self.made(Made { signer: &signer, service: &service, ago, life: seconds, access })
    }
}

/// A key that was made just now and that nobody knows.
async fn unknown_signer(algorithm: Algorithm, now: Timestamp) -> Result<Signer> {
    // Finding the primes of an RSA key takes a while.
    let made = tokio::task::spawn_blocking(move || {
        let key = generate(algorithm, now)?;
        Signer::from_parts(&key.private, &key.certificate)
    });
    made.await.map_err(Error::internal)?
}

fn pulls(name: &RepositoryName) -> Result<AccessEntry> {
    AccessEntry::repository(name, true, false, false)
        .ok_or_else(|| Error::internal(std::io::Error::other("a token for pulling holds nothing")))
}

/// A repository that nobody has.
fn made_up() -> Result<RepositoryName> {
    Ok(format!("wharfinger-check/{}", token_id()?).parse()?)
}

fn challenge(api: &facts::Api) -> Challenge {
    let bearer = api.ways.iter().find(|way| way.scheme == "bearer");
    match bearer {
        _ if api.status == 200 => Challenge::Nothing,
        Some(way) => Challenge::Bearer {
            realm: way.realm.clone().unwrap_or_default(),
            service: way.service.clone().unwrap_or_default(),
        },
        None => Challenge::Other(api.ways.iter().map(|way| way.scheme.clone()).collect()),
    }
}
