//! Access tokens: secrets by which programs act for a person, within a restriction, until they expire or are revoked.

mod using;

use crate::{
    Error, Operations, Result,
    people::Profile,
    secrets::{self, SecretKind},
    setup::random_token,
};
use domain::{Actor, ActorKind, Id, Permission, Place, Restriction, Timestamp, Via, audit::Act, fields::FieldErrors};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use store::{AddToken, Person, RevokeToken, Token};

/// As many tokens a person may have: lists of them have no pages.
const MOST: usize = 100;
/// The longest life of a token that ends, in days.
const MOST_DAYS: i64 = 3_650;
/// A new token waits so many seconds for the page that shows it.
const WAITS: i64 = 120;

/// What is typed to make a token, every field a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenForm {
    /// What it is for.
    pub name: String,
    /// For how many days; `never` for a token that stays until it is revoked.
    pub days: String,
    /// Names of permissions; none for all that the person has.
    pub permissions: Vec<String>,
    /// The only registry it is good for, by name; empty for all.
    pub registry: String,
    /// A pattern of repositories; empty for all.
    pub repositories: String,
}

/// A token in the list of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// The public part it is called by.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// The most it may do.
    pub restriction: Restriction,
    /// The name of the registry it is restricted to; one that was removed is named as it was.
    pub registry: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// Until when; without, until it is revoked.
    pub expires: Option<Timestamp>,
    /// Has it run out?
    pub expired: bool,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
    /// From where, then; empty before.
    pub last_address: String,
    /// Is it the one that asks?
    pub current: bool,
}

/// A token that was made just now.
#[derive(Clone)]
pub struct NewToken {
    /// The whole of it: shown once, and kept nowhere.
    pub secret: String,
    /// What lists show of it.
    pub row: TokenRow,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken").field("row", &self.row).finish_non_exhaustive()
    }
}

/// New tokens on their way to the page that shows them, in memory only.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<String, (Actor, Timestamp, String)>>);

/// What a form asks for, once it is right.
struct Wanted {
    name: String,
    expires: Option<Timestamp>,
    restriction: Restriction,
}

impl Operations {
    /// One's own tokens, the newest first.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenRow>> {
        let person = self.person(actor).await?;
        self.tokens_of(actor, person.id).await
    }

    /// Somebody's tokens, the newest first; the caller has asked whether the actor may know.
    pub(crate) async fn tokens_of(&self, actor: &Actor, person: Id) -> Result<Vec<TokenRow>> {
        let tokens = self.0.store.tokens().of_person(person).await?;
        let names = self.names_for(&tokens).await?;
        Ok(tokens.into_iter().map(|token| self.row_of_token(actor, token, &names)).collect())
    }

    /// Makes a token that acts for oneself; its secret comes back this once. Who acts by a token makes no wider one, and
    /// none that lives longer.
    pub async fn make_token(&self, actor: &Actor, form: &TokenForm) -> Result<NewToken> {
        let person = self.person(actor).await?;
        let wanted = self.wanted(actor, form).await?;
        let act = Act::new("token.create", format!("token {} of {}", wanted.name, person.name));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        let own = self.0.store.tokens().of_person(person.id).await?;
        if own.len() >= MOST {
            let message = format!("You have {MOST} tokens. Revoke one that you no longer need first.");
            return Err(Error::field("name", message));
        }
        if let Via::Token { id, restriction } = &actor.via {
            let until = own.iter().find(|token| token.id == *id).and_then(|token| token.expires);
            let longer = until.is_some_and(|until| wanted.expires.is_none_or(|wanted| wanted > until));
            if longer || !wanted.restriction.is_within(restriction) {
                let message = "A token makes no token that may do more than itself, or lives longer. Sign in for that.";
                return Err(Error::new(crate::Kind::Forbidden, message));
            }
        }
        self.add(permit, act, &person, wanted, actor).await
    }

    /// Ends one of one's own tokens, at once.
    pub async fn revoke_token(&self, actor: &Actor, prefix: &str) -> Result<()> {
        let person = self.person(actor).await?;
        let own = self.0.store.tokens().of_person(person.id).await?;
        let missing = || Error::not_found(format!("token {}", crate::people::shown(prefix)));
        let token = own.into_iter().find(|token| token.prefix == prefix).ok_or_else(missing)?;
        let act = Act::new("token.revoke", format!("token {} of {}", token.name, person.name)).before(told(
            &token.prefix,
            &token.restriction,
            token.expires,
        ));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        self.change(permit, &act, RevokeToken { person: person.id, prefix: token.prefix }).await
    }

    /// Makes a token that acts for the person called `name` for `seconds`, from the command line; gives it back this once.
    pub async fn add_token(&self, actor: &Actor, name: &str, seconds: i64) -> Result<String> {
        let act = Act::new("token.create", format!("token made on the command line of {name}"));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let found = self.0.store.people().by_name(name).await?;
        let person = found.ok_or_else(|| Error::not_found(format!("person {name}")))?;
        let wanted = Wanted {
            name: "made on the command line".to_owned(),
            expires: Some(self.now().plus_seconds(seconds)),
            restriction: Restriction::default(),
        };
        Ok(self.add(permit, act, &person, wanted, actor).await?.secret)
    }

    /// Keeps a new token for the page that shows it next, and gives a name to ask for it by.
    pub fn hold_token(&self, actor: &Actor, secret: String) -> Result<String> {
        let (name, now) = (random_token()?, self.now());
        let mut waiting = self.0.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (_, at, _)| at.plus_seconds(WAITS) > now);
        waiting.insert(name.clone(), (actor.clone(), now, secret));
        Ok(name)
    }

    /// The new token of this name, once, for the session that made it.
    pub fn held_token(&self, actor: &Actor, name: &str) -> Option<String> {
        let now = self.now();
        let mut waiting = self.0.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (owner, at, _) = waiting.get(name)?;
        let own = owner.id == actor.id && owner.via == actor.via && at.plus_seconds(WAITS) > now;
        own.then(|| waiting.remove(name)).flatten().map(|(_, _, secret)| secret)
    }

    /// Who one is, by whatever token or session one comes: one's profile, and the token.
    pub async fn whoami(&self, actor: &Actor) -> Result<(Profile, Option<TokenRow>)> {
        let stranger = || Error::new(crate::Kind::SignInNeeded, "Sign in to go on.");
        if actor.kind != ActorKind::Person {
            return Err(stranger());
        }
        let found = self.0.store.people().by_id(actor.id).await?;
        let person = found.filter(|person| !person.disabled).ok_or_else(stranger)?;
        let token = match &actor.via {
            Via::Token { id, .. } => {
                let own = self.0.store.tokens().of_person(person.id).await?;
                own.into_iter().find(|token| token.id == *id)
            }
            _ => None,
        };
        let names = self.names_for(token.as_slice()).await?;
        let token = token.map(|token| self.row_of_token(actor, token, &names));
        Ok((Profile::of(&person, actor), token))
    }

    async fn add(
        &self,
        permit: domain::Permit,
        act: Act,
        person: &Person,
        wanted: Wanted,
        actor: &Actor,
    ) -> Result<NewToken> {
        let made = secrets::make(SecretKind::Token)?;
        let act = act.after(told(&made.prefix, &wanted.restriction, wanted.expires));
        let change = AddToken {
            prefix: made.prefix.clone(),
            secret_hash: made.hash,
            person: person.id,
            name: wanted.name.clone(),
            restriction: wanted.restriction.clone(),
            expires: wanted.expires,
        };
        let created = self.now();
        let id = self.change(permit, &act, change).await?;
        let token = Token {
            id,
            prefix: made.prefix,
            secret_hash: String::new(),
            person: person.id,
            name: wanted.name,
            restriction: wanted.restriction,
            created,
            expires: wanted.expires,
            last_used: None,
            last_address: String::new(),
        };
        let names = self.names_for(std::slice::from_ref(&token)).await?;
        Ok(NewToken { secret: made.text, row: self.row_of_token(actor, token, &names) })
    }

    async fn wanted(&self, actor: &Actor, form: &TokenForm) -> Result<Wanted> {
        let mut wrong = FieldErrors::new();
        let name = form.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(domain::text::is_hidden) {
            wrong.push("name", "Say in up to 100 characters what the token is for.");
        }
        let expires = match form.days.trim() {
            "never" => None,
            days => match days.parse::<i64>() {
                Ok(days) if (1..=MOST_DAYS).contains(&days) => Some(self.now().plus_seconds(days * 86_400)),
                _ => {
                    wrong.push("days", format!("A token lives 1 to {MOST_DAYS} days, or never ends."));
                    None
                }
            },
        };
        let known = |name: &String| Permission::ALL.iter().copied().find(|permission| permission.as_str() == name);
        let permissions: Option<Vec<Permission>> = form.permissions.iter().map(known).collect();
        if permissions.is_none() {
            wrong.push("permissions", "One of these permissions does not exist.");
        }
        let registry = match form.registry.trim() {
            "" => None,
            name => wrong.take("registry", self.record(actor, name).await).map(|record| record.id),
        };
        let repositories = match form.repositories.trim() {
            "" => None,
            pattern => wrong.take("repositories", pattern.parse::<domain::patterns::Pattern>()),
        };
        let restriction = Restriction::new(permissions.unwrap_or_default(), registry, repositories);
        wrong.or(Wanted { name, expires, restriction }).map_err(|wrong| Error::invalid(wrong.0))
    }

    /// The names of the registries that these tokens are restricted to. They are their owner's words, seen or not.
    async fn names_for(&self, tokens: &[Token]) -> Result<HashMap<Id, String>> {
        if tokens.iter().all(|token| token.restriction.registry().is_none()) {
            return Ok(HashMap::new());
        }
        let all = domain::Visible::to(&Actor::program());
        Ok(self.0.store.registries().names(&all).await?.into_iter().collect())
    }

    fn row_of_token(&self, actor: &Actor, token: Token, names: &HashMap<Id, String>) -> TokenRow {
        TokenRow {
            registry: token.restriction.registry().and_then(|id| names.get(&id).cloned()),
            expired: token.expires.is_some_and(|until| until <= self.now()),
            current: matches!(&actor.via, Via::Token { id, .. } if *id == token.id),
            prefix: token.prefix,
            name: token.name,
            restriction: token.restriction,
            created: token.created,
            expires: token.expires,
            last_used: token.last_used,
            last_address: token.last_address,
        }
    }
}

/// What the audit log says of a token; never its secret.
pub(crate) fn told(prefix: &str, restriction: &Restriction, expires: Option<Timestamp>) -> serde_json::Value {
    serde_json::json!({ "prefix": prefix, "restriction": restriction, "expires": expires.map(Timestamp::rfc3339) })
}
