//! Signing in and out, and the sessions of a person.

use crate::{Error, Kind, Operations, Result, people::shown, secrets::is_like_ours};
use domain::{Actor, ActorKind, Id, Permission, Place, Timestamp, Via, audit::Act, audit::Outcome};
use store::{RevokeOtherSessions, RevokeSession};

/// One of a person's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its public id.
    pub id: Id,
    /// Is it the one that asks?
    pub current: bool,
    /// Where it was last seen.
    pub address: String,
    /// The browser's own description.
    pub agent: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last seen; right to the minute.
    pub last_seen: Timestamp,
}

/// The session an actor came by.
pub(crate) fn session_id(actor: &Actor) -> Option<Id> {
    match actor.via {
        Via::Session(id) => Some(id),
        _ => None,
    }
}

impl Operations {
    /// Too often? Then not now.
    pub(crate) fn throttle(&self, account: &str, actor: &Actor) -> Result<()> {
        self.0.throttle.check(account, &actor.address, self.now()).map_err(|seconds| Error {
            retry_after: Some(seconds),
            ..Error::new(Kind::TooMany, format!("Too many tries. Try again in {seconds} s."))
        })
    }

    /// Checks name and password. The answer and its time are the same for a wrong password and for nobody.
    pub async fn sign_in(&self, actor: &Actor, name: &str, password: String) -> Result<Id> {
        let shown = shown(name);
        // A secret that is typed into the wrong field is not for everybody who reads the log.
        let told = if is_like_ours(&shown) { "a secret typed as a name" } else { &shown };
        let act = Act::new("session.create", format!("person {told}"));
        self.decide(actor, Permission::SignIn, Place::System, &act).await?;
        self.throttle(&shown, actor)?;
        self.0.throttle.failed(&shown, &actor.address, self.now());
        let person = self.0.store.people().by_name(&shown).await?.filter(|person| !person.disabled);
        // Who was invited and has not come in yet has no password: as nobody.
        let hash = person.as_ref().map(|person| person.password_hash.clone()).filter(|hash| !hash.is_empty());
        let right = password.chars().count() <= 1024 && self.0.passwords.verify(password, hash).await?;
        match person.filter(|_| right) {
            Some(person) => {
                self.0.throttle.succeeded(&shown, &actor.address, self.now());
                let known = Actor { kind: ActorKind::Person, id: person.id, name: person.name, ..actor.clone() };
                self.event(&known, &act, Outcome::Done, None, &Place::System).await;
                Ok(person.id)
            }
            None => {
                self.event(actor, &act, Outcome::Refused, Some("name and password do not match"), &Place::System).await;
                Err(Error::new(Kind::WrongPassword, "That name and password do not match. Check both and try again."))
            }
        }
    }

    /// Remembers that somebody signed out; the session itself ends with the cookie's secret.
    pub async fn sign_out(&self, actor: &Actor) -> Result<()> {
        if actor.is_known() {
            let act = Act::new("session.end", format!("person {}", actor.name));
            self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
            self.event(actor, &act, Outcome::Done, None, &Place::System).await;
        }
        Ok(())
    }

    /// One's own sessions, this one first.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionRow>> {
        let person = self.person(actor).await?;
        let own = session_id(actor);
        let mut rows: Vec<SessionRow> = self
            .0
            .store
            .sessions()
            .list(person.id, self.now())
            .await?
            .into_iter()
            .map(|s| SessionRow {
                id: s.id,
                current: Some(s.id) == own,
                address: s.address,
                agent: s.agent,
                created: s.created,
                last_seen: s.last_seen,
            })
            .collect();
        rows.sort_by_key(|row| !row.current);
        Ok(rows)
    }

    /// Ends one of one's own sessions.
    pub async fn revoke_session(&self, actor: &Actor, session: Id) -> Result<()> {
        let person = self.person(actor).await?;
        let act = Act::new("session.revoke", format!("session {session} of {}", person.name));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        self.change(permit, &act, RevokeSession { person: person.id, session }).await
    }

    /// Ends all of one's own sessions but this one.
    pub async fn revoke_other_sessions(&self, actor: &Actor) -> Result<()> {
        let person = self.person(actor).await?;
        let act = Act::new("session.revoke", format!("other sessions of {}", person.name));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        let except = session_id(actor).unwrap_or(0);
        self.change(permit, &act, RevokeOtherSessions { person: person.id, except }).await?;
        Ok(())
    }
}
