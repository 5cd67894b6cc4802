//! What who manages people does to others' accounts: disable and enable them, end their sessions and tokens, remove them.

use super::Operations;
use crate::{Error, Kind, Result, tokens::told};
use domain::{Actor, Permission, Place, audit::Act};
use store::{RemovePerson, RevokeSessions, RevokeToken, SetDisabled};

const MANAGE: Permission = Permission::PeopleManage;

/// Why nothing happened, where the last administrator would be lost.
pub(crate) fn last_administrator(error: Error, what: &str) -> Error {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    match cause {
        Some(store::Error::Conflict(why)) if why.contains("nobody would be left") => {
            let message =
                format!("{what} would leave nobody who may do everything. Make somebody else Administrator first.");
            Error { cause: error.cause, ..Error::new(Kind::Conflict, message) }
        }
        _ => error,
    }
}

impl Operations {
    /// Keeps somebody from acting, at once: their sessions end, their tokens are refused, no registry token is issued to
    /// them. Or lets them again. What is so already stays.
    pub async fn disable_person(&self, actor: &Actor, name: &str, disabled: bool) -> Result<()> {
        let person = self.person_called(actor, name).await?;
        let act = if disabled { "person.disable" } else { "person.enable" };
        let act = Act::new(act, format!("person {}", person.name));
        let permit = self.decide(actor, MANAGE, Place::System, &act).await?;
        if person.disabled == disabled {
            return Ok(());
        }
        let changed = self.change(permit, &act, SetDisabled { person: person.id, disabled }).await;
        changed.map_err(|error| last_administrator(error, &format!("Disabling {}", person.name)))
    }

    /// Removes somebody with their sessions, tokens, memberships, links and grants, once their name was typed.
    pub async fn remove_person(&self, actor: &Actor, name: &str, confirm: &str) -> Result<()> {
        let person = self.person_called(actor, name).await?;
        let act = Act::new("person.remove", format!("person {}", person.name)).before(serde_json::json!({
            "id": person.id, "full name": person.display_name,
        }));
        let permit = self.decide(actor, MANAGE, Place::System, &act).await?;
        if confirm.trim() != person.name {
            return Err(Error::field("confirm", format!("Type {}.", person.name)));
        }
        let removed = self.change(permit, &act, RemovePerson { person: person.id }).await;
        removed.map(|_| ()).map_err(|error| last_administrator(error, &format!("Removing {}", person.name)))
    }

    /// Ends all sessions of somebody.
    pub async fn end_sessions_of(&self, actor: &Actor, name: &str) -> Result<()> {
        let person = self.person_called(actor, name).await?;
        let act = Act::new("session.revoke", format!("all sessions of {}", person.name));
        let permit = self.decide(actor, MANAGE, Place::System, &act).await?;
        self.change(permit, &act, RevokeSessions { person: person.id }).await.map(|_| ())
    }

    /// Ends a token of somebody, at once.
    pub async fn revoke_token_of(&self, actor: &Actor, name: &str, prefix: &str) -> Result<()> {
        let person = self.person_called(actor, name).await?;
        let own = self.0.store.tokens().of_person(person.id).await?;
        let missing = || Error::not_found(format!("token {}", super::shown(prefix)));
        let token = own.into_iter().find(|token| token.prefix == prefix).ok_or_else(missing)?;
        let act = Act::new("token.revoke", format!("token {} of {}", token.name, person.name)).before(told(
            &token.prefix,
            &token.restriction,
            token.expires,
        ));
        let permit = self.decide(actor, MANAGE, Place::System, &act).await?;
        self.change(permit, &act, RevokeToken { person: person.id, prefix: token.prefix }).await
    }
}
