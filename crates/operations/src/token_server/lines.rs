//! What the audit log says of tokens: a line for each thing that was asked, the same ones counted together.

use super::{
    Credentials, TokenRefusal, TokenRequest,
    access::{actions, entry_of},
    identity::Identity,
    memory::Service,
};
use crate::{people::shown, secrets::is_like_ours};
use domain::{
    Actor, ActorKind, Id, Permission, Place, RepositoryName, Timestamp, Via,
    audit::{Act, Outcome},
    token_scope::{AccessEntry, Asked, ResourceType},
};
use std::collections::HashMap;
use store::Happened;

/// As many characters of a client's own description are kept.
const AGENT: usize = 200;
/// As many repositories stand in one of the program's own lines.
const NAMES: usize = 200;

/// What is told of one kind of request. Those that say the same are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Line {
    kind: ActorKind,
    id: Id,
    name: String,
    via: Via,
    address: String,
    agent: String,
    registry: Option<Id>,
    about: About,
    asked: String,
    granted: String,
    by: &'static str,
    refused: Option<&'static str>,
}

/// Whose lines are counted together, so that what some make up hides nothing of others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// Tokens of ours, of the program for itself.
    Own,
    /// Nobody known, who asked for something.
    Strangers,
    /// Nobody known, who was not let in.
    Wrong,
    /// A person or a robot.
    Of(ActorKind, Id, String),
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum About {
    Repository(RepositoryName),
    /// So many of them.
    Repositories(usize),
    Catalog,
    /// Nothing in the registry: `docker login` asks so.
    SignIn,
    /// An account, where nobody knows who asked.
    Account(String),
}

/// How often something happened, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub count: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Times {
    pub(super) fn once(at: Timestamp) -> Self {
        Self { count: 1, first: at, last: at }
    }
    pub(super) fn again(&mut self, at: Timestamp) {
        self.count = self.count.saturating_add(1);
        self.last = self.last.max(at);
    }
}

/// What a token that was issued says about what was asked.
pub(super) fn of(identity: &Identity, service: Option<Service>, asked: &[Asked], access: &[AccessEntry]) -> Vec<Line> {
    let line = |about, asked, granted, refused| Line {
        about,
        asked,
        granted,
        refused,
        by: identity.by,
        ..by(&identity.actor, registry_of(service))
    };
    if asked.is_empty() {
        return vec![line(About::SignIn, String::new(), String::new(), None)];
    }
    let missing = match service {
        Some(_) => Permission::RepositoryPull,
        None => Permission::RegistryView,
    };
    let each = asked.iter().map(|one| {
        let granted = entry_of(access, one).map(actions).unwrap_or_default();
        let refused = granted.is_empty().then(|| why(one, missing));
        let about = match one {
            Asked::Catalog => About::Catalog,
            Asked::Repository { name, .. } => About::Repository(name.clone()),
        };
        let text = one.to_string();
        let actions = text.rsplit_once(':').map_or("", |(_, actions)| actions);
        line(about, actions.to_owned(), granted, refused)
    });
    each.collect()
}

/// Why nothing of it was granted.
fn why(asked: &Asked, missing: Permission) -> &'static str {
    match (asked, missing) {
        (_, Permission::RegistryView) => "the service is no registry of ours",
        (Asked::Catalog, _) => "no registry.catalog there",
        (Asked::Repository { .. }, _) => "none of it is granted there",
    }
}

/// What is told of a request that got no token; nothing where the fault is ours.
pub(super) fn refused(request: &TokenRequest, service: Option<Service>, refusal: &TokenRefusal) -> Option<Line> {
    let why = match refusal {
        TokenRefusal::Wrong { why, .. } => why,
        TokenRefusal::TooOften(_) => "too many wrong tries",
        TokenRefusal::Busy(_) => "too many passwords at once",
        TokenRefusal::Failed(_) => return None,
    };
    let account = match &request.credentials {
        Credentials::Pair { name, .. } => typed(name),
        Credentials::Refresh(_) => "a refresh token".to_owned(),
        Credentials::Nobody | Credentials::Unreadable => String::new(),
    };
    Some(Line { about: About::Account(account), refused: Some(why), ..by(&request.stranger, registry_of(service)) })
}

/// A name as it may be told. Some put their secret where the name goes.
pub(super) fn typed(name: &str) -> String {
    if is_like_ours(name) { "a secret typed as a name".to_owned() } else { shown(name) }
}

/// What is told of tokens that the program makes for itself.
pub(super) fn own(registry: Id, access: &[AccessEntry]) -> Vec<Line> {
    let line = |about, granted| Line { about, granted, ..by(&Actor::program(), Some(registry)) };
    if access.is_empty() {
        return vec![line(About::SignIn, String::new())];
    }
    let about = |entry: &AccessEntry| match (entry.kind, entry.name.parse()) {
        (ResourceType::Repository, Ok(name)) => About::Repository(name),
        _ => About::Catalog,
    };
    access.iter().map(|entry| line(about(entry), actions(entry))).collect()
}

/// A line about a repository, with that repository.
type Named = (RepositoryName, Line, Times);

/// The program's own lines: those of one registry that say the same of many repositories become one, so that rounds over
/// thousands of them do not fill the log.
pub(super) fn own_told(lines: HashMap<Line, Times>) -> Vec<Happened> {
    let mut told = Vec::new();
    // By registry and what was granted.
    let mut alike: HashMap<(Option<Id>, String), Vec<Named>> = HashMap::new();
    for (line, times) in lines {
        match line.about.clone() {
            About::Repository(name) => {
                alike.entry((line.registry, line.granted.clone())).or_default().push((name, line, times));
            }
            _ => told.push(line.told(times)),
        }
    }
    for mut some in alike.into_values() {
        some.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
        for some in some.chunks(NAMES) {
            told.extend(together(some));
        }
    }
    told
}

/// One line for some that differ in the repository only.
fn together(some: &[Named]) -> Option<Happened> {
    let (_, first, times) = some.first()?;
    let Some((_, rest)) = some.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Some(first.clone().told(*times));
    };
    let all = rest.iter().fold(*times, |all, (_, _, times)| Times {
        count: all.count.saturating_add(times.count),
        first: all.first.min(times.first),
        last: all.last.max(times.last),
    });
    let each = some.iter().map(|(name, _, times)| (name.to_string(), times.count.into()));
    let each: serde_json::Map<String, serde_json::Value> = each.collect();
    let mut happened = Line { about: About::Repositories(some.len()), ..first.clone() }.told(all);
    if let Some(after) = &mut happened.act.after {
        after["repositories"] = each.into();
    }
    Some(happened)
}

fn registry_of(service: Option<Service>) -> Option<Id> {
    service.map(|service| service.registry)
}

fn by(actor: &Actor, registry: Option<Id>) -> Line {
    // What strangers call themselves would make each of their lines another one.
    let agent = if actor.is_known() { actor.agent.chars().take(AGENT).collect() } else { String::new() };
    Line {
        kind: actor.kind,
        id: actor.id,
        name: actor.name.clone(),
        via: actor.via.clone(),
        address: actor.address.clone(),
        agent,
        registry,
        about: About::SignIn,
        asked: String::new(),
        granted: String::new(),
        by: "",
        refused: None,
    }
}

impl Line {
    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }
    pub(super) fn whose(&self) -> Whose {
        match (self.kind, &self.about) {
            (ActorKind::Schedule, _) => Whose::Own,
            (ActorKind::Anonymous, About::Account(_)) => Whose::Wrong,
            (ActorKind::Anonymous, _) => Whose::Strangers,
            (kind, _) => Whose::Of(kind, self.id, self.name.clone()),
        }
    }
    /// As an entry of the log.
    pub(super) fn told(self, times: Times) -> Happened {
        let place = match (self.registry, &self.about) {
            (Some(registry), About::Repository(name)) => Place::Repository(registry, name.clone()),
            (Some(registry), _) => Place::Registry(registry),
            (None, _) => Place::System,
        };
        let target = match self.about {
            About::Repository(name) => format!("repository {name}"),
            About::Repositories(count) => format!("{count} repositories"),
            About::Catalog => "list of repositories".to_owned(),
            About::SignIn => "sign-in at a registry".to_owned(),
            About::Account(account) => format!("account {account}"),
        };
        let (act, outcome) = match self.refused {
            None => ("token.issue", Outcome::Done),
            Some(_) => ("token.refuse", Outcome::Refused),
        };
        let mut after = serde_json::json!({
            "times": times.count, "first": times.first.rfc3339(), "last": times.last.rfc3339(),
        });
        for (name, value) in [("asked", &*self.asked), ("granted", &*self.granted), ("by", self.by)] {
            if !value.is_empty() {
                after[name] = value.into();
            }
        }
        let actor = Actor {
            kind: self.kind,
            id: self.id,
            name: self.name,
            via: self.via,
            ..Actor::anonymous(&self.address, &self.agent, "")
        };
        let act = crate::fitting(&Act::new(act, target).after(after));
        Happened { actor, act, outcome, detail: self.refused.map(str::to_owned), place }
    }
}

/// What is said of all of theirs that found no room.
pub(super) fn more(whose: Whose, count: u64, refused: bool) -> Happened {
    let actor = match whose {
        Whose::Own => Actor::program(),
        Whose::Strangers | Whose::Wrong => Actor::anonymous("", "", ""),
        Whose::Of(kind, id, name) => Actor { kind, id, name, ..Actor::anonymous("", "", "") },
    };
    let (act, outcome) = if refused { ("token.refuse", Outcome::Refused) } else { ("token.issue", Outcome::Done) };
    Happened {
        actor,
        act: Act::new(act, format!("and {count} more")).after(serde_json::json!({ "times": count })),
        outcome,
        detail: Some("more different ones than are told one by one".to_owned()),
        place: Place::System,
    }
}

#[cfg(test)]
mod tests;
