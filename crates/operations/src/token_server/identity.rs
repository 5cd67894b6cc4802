//! Who asks for a token: nobody, a person by password or token, a robot by a secret, or either by a refresh token.

use super::{
    TokenRefusal, TokenRequest, lines,
    memory::{Known, Service},
    secrets::{Owner, Password},
};
use crate::{
    Operations,
    people::shown,
    secrets::{SecretKind, SecretText},
    throttle::Throttle,
};
use domain::{Actor, Id, Restriction, Timestamp, Via, access::Subject, robots};
use std::fmt;
use store::{MadeWith, UsedSecret};

/// A longer password is nobody's.
const LONGEST_PASSWORD: usize = 1024;
/// Under this name wrong refresh tokens are counted; no account can be called so.
const REFRESH: &str = "refresh token";

/// What came along to say who asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    Nobody,
    /// A name with a password, a token or a robot's secret.
    Pair {
        /// The name.
        name: String,
        /// What proves it.
        secret: String,
    },
    /// A refresh token.
    Refresh(String),
    /// Something that can't be read.
    Unreadable,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("Nobody"),
            Self::Pair { name, .. } => write!(f, "Pair({:?})", lines::typed(name)),
            Self::Refresh(_) => f.write_str("Refresh"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// Who it is.
pub(super) struct Identity {
    /// As the audit log knows them, with what they hold and are restricted to.
    pub actor: Actor,
    pub subject: Subject,
    /// The name that goes into the token: registries repeat it in their notifications.
    pub user: String,
    /// How it was proved, in a word.
    pub by: &'static str,
    /// What a refresh token would hang on.
    pub with: Option<MadeWith>,
    /// What was used to prove it, where that is noted.
    pub used: Option<UsedSecret>,
}

pub(super) fn wrong(why: &'static str) -> TokenRefusal {
    TokenRefusal::Wrong { why, message: "This name and secret do not match, or the secret has expired or was revoked." }
}

impl Operations {
    /// Finds out who asks.
    pub(super) async fn identify(
        &self,
        request: &TokenRequest,
        memory: &Known,
        service: Option<Service>,
    ) -> Result<Identity, TokenRefusal> {
        match &request.credentials {
            Credentials::Nobody => Ok(Identity {
                actor: self.with_rights(request.stranger.clone()).await?,
                subject: Subject::Anonymous,
                user: String::new(),
                by: "nothing",
                with: None,
                used: None,
            }),
            Credentials::Unreadable => Err(wrong("what came along can't be read")),
            Credentials::Refresh(text) => {
                let found = self.by_refresh_token(request, service, text).await;
                found.map_err(|refusal| self.counted(&self.0.secret_throttle, REFRESH, request, refusal))
            }
            Credentials::Pair { name, secret } => {
                // Some clients write the + of a robot's name as it is, and it arrives as a space.
                let same = |account: &String| account.replace(' ', "+").eq_ignore_ascii_case(name);
                if !request.account.as_ref().is_none_or(same) {
                    return Err(wrong("the account is another than the name"));
                }
                match SecretText::read(secret) {
                    Some(text) => {
                        let found = self.by_secret(request, memory, name, &text).await;
                        found.map_err(|refusal| self.counted(&self.0.secret_throttle, name, request, refusal))
                    }
                    None => self.by_password(request, memory, service, name, secret).await,
                }
            }
        }
    }

    /// Are passwords taken, and what was made with them? As it is set now, not as it was when a client signed in. Where they
    /// are not, a right one is refused as a wrong one is, and neither costs a slow hash.
    pub(super) fn takes_passwords(&self, service: Option<Service>) -> Result<(), TokenRefusal> {
        let refused = |why, message| Err(TokenRefusal::Wrong { why, message });
        if self.settings().no_token_passwords {
            refused(
                "no passwords are taken for tokens",
                "No passwords are taken here. Make an access token in your profile, and use that.",
            )
        } else if service.is_some_and(|service| !service.passwords) {
            refused(
                "this registry takes no passwords",
                "This registry takes no passwords. Make an access token in your profile, and use that.",
            )
        } else {
            Ok(())
        }
    }

    /// A wrong secret is counted, and answered more and more slowly. A good one never comes here, however many wrong ones
    /// come from its address; nor does a password, which is counted elsewhere.
    fn counted(
        &self,
        throttle: &Throttle,
        account: &str,
        request: &TokenRequest,
        refusal: TokenRefusal,
    ) -> TokenRefusal {
        let TokenRefusal::Wrong { .. } = refusal else { return refusal };
        let (address, now) = (&request.stranger.address, self.now());
        let account = shown(account);
        if let Err(seconds) = throttle.check(&account, address, now) {
            return TokenRefusal::TooOften(seconds);
        }
        throttle.failed(&account, address, now);
        refusal
    }

    /// By a person's token or a robot's secret. They are 256 random bits, so that SHA-256 keeps them as well as a slow hash
    /// would: nobody tries 2^256 of them, however fast each try is. Passwords are chosen by people, and need the slow one.
    async fn by_secret(
        &self,
        request: &TokenRequest,
        memory: &Known,
        name: &str,
        text: &SecretText<'_>,
    ) -> Result<Identity, TokenRefusal> {
        if text.kind == SecretKind::Refresh {
            return Err(wrong("a refresh token is no secret to sign in with"));
        }
        let found = self.secret(&memory.secrets, text).await?;
        let secret = found.ok_or_else(|| wrong("there is no such secret"))?;
        let owner = &secret.owner;
        fit(owner, secret.expires, self.now())?;
        if !name.is_empty() && !name.eq_ignore_ascii_case(&owner.user()) {
            return Err(TokenRefusal::Wrong {
                why: "the secret belongs to another name",
                message: "This secret belongs to another user name. Sign in with that one.",
            });
        }
        let (by, used, with) = match secret.kind {
            SecretKind::Robot => ("robot secret", UsedSecret::RobotSecret(secret.id), MadeWith::RobotSecret(secret.id)),
            _ => ("token", UsedSecret::Token(secret.id), MadeWith::Token { person: owner.id, token: secret.id }),
        };
        let proof = Proof { by, with: Some(with), used: Some(used) };
        let restricted = Some((secret.id, secret.restriction.clone()));
        self.known_as(request, owner, restricted, proof).await
    }

    async fn by_password(
        &self,
        request: &TokenRequest,
        memory: &Known,
        service: Option<Service>,
        name: &str,
        password: &str,
    ) -> Result<Identity, TokenRefusal> {
        self.takes_passwords(service)?;
        let typed = name;
        let name = shown(typed);
        // What no person can be called is not made to fit, and costs no slow hash.
        if name != typed || name.starts_with(robots::USER) || password.chars().count() > LONGEST_PASSWORD {
            return Err(self.counted(&self.0.token_throttle, &name, request, wrong("that is no password")));
        }
        let found = self.password(&memory.secrets, &name).await?;
        let found = found.filter(|found| !found.owner.disabled && !found.hash.is_empty());
        self.verified(request, &name, found.as_deref(), password).await?;
        let found = found.ok_or_else(|| wrong("name and password do not match"))?;
        let with = MadeWith::Password { person: found.owner.id, hash: crate::secrets::hash(&found.hash) };
        let proof = Proof { by: "password", with: Some(with), used: None };
        self.known_as(request, &found.owner, None, proof).await
    }

    /// Is the password right? Those that were a short time ago are not asked again; all others wait for their turn.
    async fn verified(
        &self,
        request: &TokenRequest,
        name: &str,
        found: Option<&Password>,
        password: &str,
    ) -> Result<(), TokenRefusal> {
        let (work, throttle, address) = (&self.0.password_work, &self.0.token_throttle, &request.stranger.address);
        let known =
            || found.is_some_and(|found| work.remembered.knows(found.owner.id, &found.hash, password, self.now()));
        let slow = || throttle.check(name, address, self.now()).map_err(TokenRefusal::TooOften);
        if known() {
            return Ok(());
        }
        slow()?;
        let turn = work.turns.take().await.map_err(|_| TokenRefusal::Busy(super::work::BUSY_FOR))?;
        // While this one waited, others may have found out: a client asks several times at once.
        if known() {
            return Ok(());
        }
        slow()?;
        // Counted before it is made: whoever hangs up has tried all the same.
        throttle.failed(name, address, self.now());
        let hash = found.map(|found| found.hash.clone());
        if self.0.passwords.verify_in(turn, password.to_owned(), hash).await?
            && let Some(found) = found
        {
            let now = self.now();
            work.remembered.remember(found.owner.id, &found.hash, password, now);
            throttle.succeeded(name, address, now);
            return Ok(());
        }
        Err(wrong("name and password do not match"))
    }

    /// The identity of an owner who proved to be it.
    pub(super) async fn known_as(
        &self,
        request: &TokenRequest,
        owner: &Owner,
        restricted: Option<(Id, Restriction)>,
        proof: Proof,
    ) -> Result<Identity, TokenRefusal> {
        let via = restricted.map_or(Via::Nothing, |(id, restriction)| Via::Token { id, restriction });
        let actor = Actor { kind: owner.kind, id: owner.id, name: owner.name.clone(), via, ..request.stranger.clone() };
        Ok(Identity {
            actor: self.with_rights(actor).await?,
            subject: owner.subject(),
            user: owner.user(),
            by: proof.by,
            with: proof.with,
            used: proof.used,
        })
    }
}

/// How somebody proved who they are.
pub(super) struct Proof {
    pub by: &'static str,
    pub with: Option<MadeWith>,
    pub used: Option<UsedSecret>,
}

/// May the owner still act, and is what they came with still good?
pub(super) fn fit(owner: &Owner, expires: Option<Timestamp>, now: Timestamp) -> Result<(), TokenRefusal> {
    if owner.disabled {
        Err(wrong("the account is disabled"))
    } else if expires.is_some_and(|until| until <= now) {
        Err(wrong("the secret or its account has expired"))
    } else {
        Ok(())
    }
}
