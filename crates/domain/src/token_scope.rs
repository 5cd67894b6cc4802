//! What clients of a registry ask tokens for, and what a token then says that one may: the scope grammar of the
//! distribution token protocol, read leniently and within bounds, and the entries of a token's `access`.

use crate::RepositoryName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// More things than these are not asked for in one request; what follows them is dropped.
pub const MOST: usize = 64;
/// Scopes are read up to this many bytes; the scope that would go beyond, and what follows it, is dropped.
pub const BYTES: usize = 16 * 1024;

/// One thing that a token is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `repository:name:actions`. At least one action is asked for.
    Repository {
        /// The repository.
        name: RepositoryName,
        /// Reading.
        pull: bool,
        /// Writing.
        push: bool,
        /// Deleting.
        delete: bool,
    },
    /// `registry:catalog:*`: the registry's own list of its repositories.
    Catalog,
}

/// Reads the scopes of one request: each parameter holds one, or several with spaces between them
/// (distribution, "Token Scope Documentation").
///
/// A scope is `type[(class)]:name:action[,action]`. What is not understood is dropped, never an error: another type,
/// another action, a name that is no [`RepositoryName`] (so a `host:port/` before it too). `*` asks for everything one
/// can do with a repository; a class (`repository(plugin)`) changes nothing. What is asked for twice becomes one, in
/// the place where it stood first.
pub fn asked<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    let mut left = BYTES;
    for scope in scopes.into_iter().flat_map(str::split_ascii_whitespace) {
        // The byte more stands for the space between two, so that very many empty ones end too.
        let Some(rest) = left.checked_sub(scope.len() + 1) else { break };
        left = rest;
        let Some(one) = Asked::read(scope) else { continue };
        if !all.iter_mut().any(|known| known.take_in(&one)) {
            if all.len() == MOST {
                break;
            }
            all.push(one);
        }
    }
    all
}

impl Asked {
    /// One scope. The name is what stands between the first colon and the last.
    fn read(scope: &str) -> Option<Self> {
        let (what, actions) = scope.rsplit_once(':')?;
        let (kind, name) = what.split_once(':')?;
        let asks = |action: &str| actions.split(',').any(|one| one == action || one == "*");
        match without_class(kind)? {
            "repository" => {
                let (pull, push, delete) = (asks("pull"), asks("push"), asks("delete"));
                (pull || push || delete).then_some(())?;
                Some(Self::Repository { name: name.parse().ok()?, pull, push, delete })
            }
            "registry" => (name == "catalog" && asks("*")).then_some(Self::Catalog),
            _ => None,
        }
    }

    /// Takes in what `other` asks for, if both are about the same.
    fn take_in(&mut self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Repository { name, pull, push, delete },
                Self::Repository { name: same, pull: also_pull, push: also_push, delete: also_delete },
            ) if name == same => {
                (*pull, *push, *delete) = (*pull || *also_pull, *push || *also_push, *delete || *also_delete);
                true
            }
            (Self::Catalog, Self::Catalog) => true,
            _ => false,
        }
    }
}

/// `repository(plugin)` is a `repository`. A bracket that is not closed is nothing at all.
fn without_class(kind: &str) -> Option<&str> {
    match kind.split_once('(') {
        None => Some(kind),
        Some((kind, class)) => class.strip_suffix(')').map(|_| kind),
    }
}

impl fmt::Display for Asked {
    /// The scope as a client would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog => f.write_str("registry:catalog:*"),
            Self::Repository { name, pull, push, delete } => {
                let actions = Action::of(*pull, *push, *delete);
                let words: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
                write!(f, "repository:{name}:{}", words.join(","))
            }
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceType {
    /// A repository.
    Repository,
    /// The registry itself; its only name is `catalog`.
    Registry,
}

/// What one may do, in the words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Reading content and tags. Registries want it for pushing too.
    Pull,
    /// Writing.
    Push,
    /// Deleting manifests and blobs.
    Delete,
    /// Everything: only ever said of the catalogue.
    #[serde(rename = "*")]
    All,
}

impl Action {
    /// The word of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
            Self::All => "*",
        }
    }

    fn of(pull: bool, push: bool, delete: bool) -> Vec<Self> {
        let each = [(pull, Self::Pull), (push, Self::Push), (delete, Self::Delete)];
        each.into_iter().filter_map(|(is, action)| is.then_some(action)).collect()
    }
}

/// One entry of a token's `access` claim: what the token lets its holder do (distribution, "Token Authentication
/// Implementation", `{"type", "name", "actions"}`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: ResourceType,
    /// Its name.
    pub name: String,
    /// What one may do. Never empty.
    pub actions: Vec<Action>,
}

impl AccessEntry {
    /// For a repository; nothing where nothing is allowed: registries take an entry without actions for none.
    pub fn repository(name: &RepositoryName, pull: bool, push: bool, delete: bool) -> Option<Self> {
        let actions = Action::of(pull, push, delete);
        let entry = Self { kind: ResourceType::Repository, name: name.to_string(), actions };
        (!entry.actions.is_empty()).then_some(entry)
    }

    /// For the list of repositories.
    pub fn catalog() -> Self {
        Self { kind: ResourceType::Registry, name: "catalog".to_owned(), actions: vec![Action::All] }
    }
}

#[cfg(test)]
mod tests;
