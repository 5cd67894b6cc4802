//! Refresh tokens: for clients that keep one instead of a password. Each ends with what it was made with, and when it is
//! not used for long.

use super::{
    TokenRefusal, TokenRequest,
    identity::{Identity, Proof, fit, wrong},
    memory::Service,
    registry_of,
    secrets::Owner,
    service_name,
    work::RefreshWork,
};
use crate::{
    Error, Operations, Result,
    secrets::{self, SecretKind, SecretText},
    subjects::leads,
};
use domain::{Actor, ActorKind, Id, Permission, Place, Timestamp, Visible, access::Subject, audit::Act};
use std::{collections::HashMap, sync::Arc};
use store::{Behind, HeldRefreshToken, MadeWith, NewRefreshToken, RefreshRoom, RevokeRefreshToken, UsedSecret};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// Days without use after which one ends.
pub const IDLE_DAYS: i64 = 90;
/// From so many of a subject on, one makes room that was not used for [`UNUSED_DAYS`].
const USUAL: i64 = 100;
/// Days: a client keeps its refresh token and nothing else, and what it uses each week is not taken from it.
const UNUSED_DAYS: i64 = 7;
/// Beyond so many of a subject there is no other: the client goes on with its secret.
const MOST: i64 = 10_000;
/// As many are in a list.
const LISTED: u32 = 1_000;
/// As many characters of what a client calls itself are kept.
const CLIENT: usize = 100;

/// A refresh token in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshTokenRow {
    /// What it is revoked by.
    pub id: Id,
    /// Its public part.
    pub prefix: String,
    /// The registry it is good for, by name; its service where the registry is gone or can't be seen.
    pub registry: String,
    /// What the client calls itself.
    pub client: String,
    /// The token or secret it was made with; none for a password.
    pub made_with: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// When it was used last, to the minute.
    pub last_used: Timestamp,
    /// From where, then.
    pub last_address: String,
    /// When it ends if it is not used.
    pub ends: Timestamp,
}

/// A refresh token that is to be made.
struct Wanted {
    subject: Subject,
    with: MadeWith,
    service: String,
    client: String,
    address: String,
}

/// Is there anything at this registry that the actor may see, with what it came with?
fn sees_any(actor: &Actor, registry: Id) -> bool {
    let (restriction, view) = (actor.restriction(), Permission::RepositoryView);
    restriction.names(view)
        && restriction.scope().touches(registry)
        && actor.rights.scopes(view).any(|scope| scope.touches(registry))
}

impl Operations {
    /// Who comes by this refresh token.
    pub(super) async fn by_refresh_token(
        &self,
        request: &TokenRequest,
        service: Option<Service>,
        text: &str,
    ) -> Result<Identity, TokenRefusal> {
        let unknown = || wrong("there is no such refresh token");
        let read = SecretText::read(text).filter(|read| read.kind == SecretKind::Refresh).ok_or_else(unknown)?;
        let held = self.0.store.refresh_tokens().by_prefix(read.prefix).await?;
        let held = held.filter(|held| read.is_of(&held.secret_hash)).ok_or_else(unknown)?;
        if held.service != request.service {
            return Err(wrong("the refresh token is for another registry"));
        }
        if held.last_used.plus_seconds(IDLE_DAYS * 86_400) <= self.now() {
            return Err(wrong("the refresh token was not used for too long"));
        }
        if matches!(held.behind, Behind::Password { .. }) {
            self.takes_passwords(service)?;
        }
        self.behind(request, held).await
    }

    /// Whom a refresh token acts for, if what it hangs on still holds.
    async fn behind(&self, request: &TokenRequest, held: HeldRefreshToken) -> Result<Identity, TokenRefusal> {
        let of = |kind, id, name, disabled| Owner { kind, id, name, disabled };
        let (owner, expires, restricted) = match held.behind {
            Behind::Password { person, name, then, now, disabled } => {
                if secrets::hash(&now) != then {
                    return Err(wrong("the password was changed since"));
                }
                (of(ActorKind::Person, person, name, disabled), None, None)
            }
            Behind::Token { person, name, disabled, token, restriction, expires } => {
                (of(ActorKind::Person, person, name, disabled), expires, Some((token, restriction)))
            }
            Behind::RobotSecret { name, disabled, secret, expires } => {
                let Subject::Robot(id) = held.subject else { return Err(wrong("the refresh token is nobody's")) };
                (of(ActorKind::Robot, id, name, disabled), expires, Some((secret, domain::Restriction::default())))
            }
        };
        fit(&owner, expires, self.now())?;
        // A refresh token makes no other: `with` is nothing.
        let proof = Proof { by: "refresh token", with: None, used: Some(UsedSecret::Refresh(held.id)) };
        self.known_as(request, &owner, restricted, proof).await
    }

    /// Makes a refresh token, as a client wanted. If it can't be kept in time there is none: the client asks with what it
    /// has. Nor is there one for a registry where whoever asks may see nothing.
    pub(super) async fn new_refresh_token(
        &self,
        request: &TokenRequest,
        service: Service,
        identity: &Identity,
    ) -> Option<String> {
        let with = identity.with.clone().filter(|_| sees_any(&identity.actor, service.registry))?;
        let turn = Arc::clone(&self.0.refresh_work.0).try_acquire_owned().ok()?;
        let wanted = Wanted {
            subject: identity.subject,
            with,
            service: service_name(service.registry),
            client: request.client.chars().filter(|c| !c.is_control()).take(CLIENT).collect(),
            address: request.stranger.address.clone(),
        };
        // A write that began goes on with its turn, whether or not somebody still waits for it.
        let operations = self.clone();
        let keeping = tokio::spawn(async move { operations.kept_refresh_token(turn, wanted).await });
        match timeout(RefreshWork::LONGEST, keeping).await.ok()?.map_err(Error::internal).flatten() {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(cause = ?error.cause, "a refresh token could not be kept");
                None
            }
        }
    }

    /// The text of one that is kept; nothing where its subject has too many.
    async fn kept_refresh_token(&self, _turn: OwnedSemaphorePermit, wanted: Wanted) -> Result<Option<String>> {
        let (made, now) = (secrets::make(SecretKind::Refresh)?, self.now());
        let new = NewRefreshToken {
            prefix: &made.prefix,
            secret_hash: &made.hash,
            subject: wanted.subject,
            with: &wanted.with,
            service: &wanted.service,
            client: &wanted.client,
            at: now,
            address: &wanted.address,
        };
        let room = RefreshRoom { usual: USUAL, unused_since: now.plus_seconds(-UNUSED_DAYS * 86_400), most: MOST };
        let kept = self.0.store.refresh_tokens().add(&new, room).await?;
        Ok(kept.then_some(made.text))
    }

    /// The refresh tokens of a person or a robot, the last used first, up to a thousand: one's own, or those of whom one
    /// looks after. Of a registry that whoever asks can't see, the service is told instead of the name.
    pub async fn refresh_tokens(&self, actor: &Actor, subject: Subject) -> Result<Vec<RefreshTokenRow>> {
        self.minds_refresh_tokens(actor, subject, None).await?;
        let names = self.0.store.registries().names(&Visible::to(actor)).await?;
        let names: HashMap<Id, String> = names.into_iter().collect();
        let rows = self.0.store.refresh_tokens().of_subject(subject, LISTED).await?.into_iter();
        let name = |service: &str| registry_of(service).and_then(|id| names.get(&id).cloned());
        let row = |row: store::RefreshToken| RefreshTokenRow {
            id: row.id,
            prefix: row.prefix,
            registry: name(&row.service).unwrap_or(row.service),
            client: row.client,
            made_with: row.made_with,
            created: row.created,
            last_used: row.last_used,
            last_address: row.last_address,
            ends: row.last_used.plus_seconds(IDLE_DAYS * 86_400),
        };
        Ok(rows.map(row).filter(|row| row.ends > self.now()).collect())
    }

    /// Ends a refresh token, at once; gives the name of whose it was.
    pub async fn revoke_refresh_token(&self, actor: &Actor, subject: Subject, id: Id) -> Result<String> {
        let name = self.authority().await?.name(subject).unwrap_or("nobody").to_owned();
        let act = Act::new("refresh-token.revoke", format!("refresh token {id} of {name}"));
        let permit = self.minds_refresh_tokens(actor, subject, Some(&act)).await?;
        self.change(permit, &act, RevokeRefreshToken { subject, id }).await?;
        Ok(name)
    }

    /// May this actor look after what belongs to the subject? Their own, their team's robots', or anybody's.
    async fn minds_refresh_tokens(&self, actor: &Actor, subject: Subject, act: Option<&Act>) -> Result<domain::Permit> {
        let authority = self.authority().await?;
        let own = match subject {
            Subject::Person(id) => actor.kind == ActorKind::Person && actor.id == id,
            Subject::Robot(id) if actor.restriction().is_none() => {
                authority.robot(id).is_some_and(|robot| leads(actor, &authority, robot.team))
            }
            Subject::Robot(_) => false,
            _ => return Err(Error::not_found("such account")),
        };
        let permission = if own { Permission::ProfileEdit } else { Permission::PeopleManage };
        match act {
            Some(act) => self.decide(actor, permission, Place::System, act).await,
            None => Ok(domain::permission::allows(actor, permission, Place::System)?),
        }
    }

    /// Removes refresh tokens that were not used for too long.
    pub async fn remove_idle_refresh_tokens(&self) -> Result<u64> {
        let before = self.now().plus_seconds(-IDLE_DAYS * 86_400);
        Ok(self.0.store.refresh_tokens().remove_idle(before).await?)
    }
}
