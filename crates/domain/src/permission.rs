//! Who may do what where. One pure [`allows`]; a permission granted is a [`Permit`] that one holds.

use crate::{Actor, ActorKind, Id, RepositoryName, patterns::Pattern};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Something one may be allowed to do. The names are namespaced strings, so that later parts can add their own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }
        impl Permission {
            /// Every permission, in the order of the documentation.
            pub const ALL: &[Permission] = &[$(Permission::$variant),+];
            /// The name in the audit log and the interfaces.
            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$variant => $name,)+ }
            }
            /// What it is for, in one sentence.
            pub fn purpose(self) -> &'static str {
                match self { $(Permission::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

permissions! {
    /// Sign in: read the pages that stand before it.
    SignIn = "session.create",
    /// Create the first person while there is none.
    SetUp = "setup.complete",
    /// Change one's own profile, password and sessions.
    ProfileEdit = "profile.edit",
    /// Add people, and reset their passwords.
    PeopleManage = "people.manage",
    /// See which registries there are and how they do.
    RegistryView = "registry.view",
    /// Add, edit, test, disable and remove registries.
    RegistryManage = "registry.manage",
    /// See names, sizes and dates of a repository's content.
    RepositoryView = "repository.view",
    /// See configuration, environment, labels and history of a repository's images.
    RepositoryPull = "repository.pull",
    /// Add to a repository's content.
    RepositoryPush = "repository.push",
    /// Remove a repository's content.
    RepositoryDelete = "repository.delete",
    /// Read the audit log.
    AuditView = "audit.view",
    /// Back up and restore the records.
    BackupMake = "backup.make",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a permission is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The program as a whole.
    System,
    /// One registry.
    Registry(Id),
    /// One repository of a registry.
    Repository(Id, RepositoryName),
}

impl Place {
    /// The registry this place is in.
    pub fn registry(&self) -> Option<Id> {
        match self {
            Self::System => None,
            Self::Registry(id) | Self::Repository(id, _) => Some(*id),
        }
    }
    /// The repository this place is.
    pub fn repository(&self) -> Option<&RepositoryName> {
        match self {
            Self::Repository(_, name) => Some(name),
            _ => None,
        }
    }
}

/// A permission that was granted: who holds it may go on to the act. It can't be copied, stored or made up.
#[derive(Debug)]
pub struct Permit {
    permission: Permission,
    place: Place,
    actor: Actor,
}

/// A [`Permit`] whose *opened* entry stands in the audit log: only this makes a change possible.
#[derive(Debug)]
pub struct OpenedPermit {
    permit: Permit,
    entry: Id,
}

/// A permission that was not granted, with what is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{actor} has no {permission}")]
pub struct Refusal {
    /// What was asked for.
    pub permission: Permission,
    /// Where.
    pub place: Place,
    /// Who asked.
    pub actor: String,
    /// May the actor know that the place exists? If not, the answer is "not found".
    pub may_know: bool,
}

/// May `actor` do `permission` at `place`? Every operation asks here, from the first one on.
///
/// While there are no roles, every person and the command line hold the role Administrator, which allows all;
/// the program itself may look, and strangers may only come to the door. Who comes by a token may do no more than the
/// token's [`crate::Restriction`], whatever the role.
pub fn allows(actor: &Actor, permission: Permission, place: Place) -> Result<Permit, Refusal> {
    if may(actor, permission, &place) {
        Ok(Permit { permission, place, actor: actor.clone() })
    } else {
        let visible = Visible::to(actor);
        let may_know = match &place {
            Place::System => actor.is_known(),
            Place::Registry(id) => visible.registry(*id),
            Place::Repository(id, name) => visible.repository(*id, name),
        };
        Err(Refusal { permission, place, actor: actor.name.clone(), may_know })
    }
}

/// The rule itself: what the role holds, as far as the restriction lets it through.
fn may(actor: &Actor, permission: Permission, place: &Place) -> bool {
    role_of(actor).allows(permission) && actor.restriction().lets_through(permission, place)
}

/// A named set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Administrator,
    /// The program itself in the background: may look at registries and their content.
    Program,
    /// Nobody known: may sign in, or set up an empty installation.
    Stranger,
}

impl Role {
    /// Does the role hold this permission?
    pub fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Administrator => true,
            Self::Program => {
                matches!(permission, Permission::RegistryView | Permission::RepositoryView | Permission::RepositoryPull)
            }
            Self::Stranger => matches!(permission, Permission::SignIn | Permission::SetUp),
        }
    }
    /// The word the pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::Program => "Program",
            Self::Stranger => "Stranger",
        }
    }
}

/// The role an actor holds.
pub fn role_of(actor: &Actor) -> Role {
    match actor.kind {
        ActorKind::Person | ActorKind::Cli => Role::Administrator,
        ActorKind::Schedule => Role::Program,
        ActorKind::Robot | ActorKind::Registry | ActorKind::Anonymous => Role::Stranger,
    }
}

impl Permit {
    /// What was granted.
    pub fn permission(&self) -> Permission {
        self.permission
    }
    /// Where it was granted.
    pub fn place(&self) -> &Place {
        &self.place
    }
    /// To whom it was granted.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// Only the store calls this, after it has written the opened entry `entry` (a lint holds everybody else to it).
    pub fn opened(self, entry: Id) -> OpenedPermit {
        OpenedPermit { permit: self, entry }
    }
}

impl OpenedPermit {
    /// The permit that was opened.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }
    /// The number of the opened entry.
    pub fn entry(&self) -> Id {
        self.entry
    }
}

/// What an actor may see: every list, count, sum and search takes it, and applies it before any limit.
///
/// A query applies it in this order: nothing where [`Self::repositories_at_all`] says no; else rows of
/// [`Self::only_registry`] and with names that match [`Self::only_matching`], where these are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    /// Registries at all?
    registries: bool,
    /// Repositories at all?
    repositories: bool,
    /// Only in this registry.
    within: Option<Id>,
    /// Only those whose names match.
    matching: Option<Pattern>,
}

impl Visible {
    /// What this actor may see of registries and repositories.
    pub fn to(actor: &Actor) -> Self {
        let registries = may(actor, Permission::RegistryView, &Place::System);
        let restriction = actor.restriction();
        Self {
            registries,
            repositories: registries && may(actor, Permission::RepositoryView, &Place::System),
            within: restriction.registry(),
            matching: restriction.repositories().cloned(),
        }
    }
    /// Where this actor may also look inside: configurations, labels, history ([`Permission::RepositoryPull`]).
    pub fn inside(actor: &Actor) -> Self {
        let permissions = actor.restriction().permissions();
        let passes = permissions.is_empty() || permissions.contains(&Permission::RepositoryPull);
        let visible = Self::to(actor);
        let repositories = visible.repositories && passes && role_of(actor).allows(Permission::RepositoryPull);
        Self { repositories, ..visible }
    }
    /// May anything be seen without looking closer? SQL binds this as its first condition.
    pub fn everything(&self) -> bool {
        self.repositories && self.within.is_none() && self.matching.is_none()
    }
    /// May this repository be seen?
    pub fn repository(&self, registry: Id, name: &RepositoryName) -> bool {
        self.repositories
            && self.within.is_none_or(|only| only == registry)
            && self.matching.as_ref().is_none_or(|pattern| pattern.matches(name.as_str()))
    }
    /// May this registry be seen?
    pub fn registry(&self, registry: Id) -> bool {
        self.registries && self.within.is_none_or(|only| only == registry)
    }
    /// May any registry be seen?
    pub fn registries_at_all(&self) -> bool {
        self.registries
    }
    /// May any repository be seen?
    pub fn repositories_at_all(&self) -> bool {
        self.repositories
    }
    /// The one registry whose content may be seen; without, that of all.
    pub fn only_registry(&self) -> Option<Id> {
        self.within
    }
    /// What the names of repositories have to match to be seen; without, all are.
    pub fn only_matching(&self) -> Option<&Pattern> {
        self.matching.as_ref()
    }
    /// What is left of it for questions about this one registry.
    #[must_use]
    pub fn in_registry(&self, registry: Id) -> Self {
        let here = self.within.is_none_or(|only| only == registry);
        Self {
            registries: self.registries && here,
            repositories: self.repositories && here,
            within: None,
            matching: self.matching.clone(),
        }
    }
    /// What is left of it for questions about this one repository: all or nothing.
    #[must_use]
    pub fn in_repository(&self, registry: Id, name: &RepositoryName) -> Self {
        let sees = self.repository(registry, name);
        Self { registries: sees, repositories: sees, within: None, matching: None }
    }
}

#[cfg(test)]
mod tests;
