//! Who may do what where. One pure [`allows`]; a permission granted is a [`Permit`] that one holds.

use crate::{Actor, ActorKind, Id, RepositoryName};
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
/// the program itself may look, and strangers may only come to the door.
pub fn allows(actor: &Actor, permission: Permission, place: Place) -> Result<Permit, Refusal> {
    if role_of(actor).allows(permission) {
        Ok(Permit { permission, place, actor: actor.clone() })
    } else {
        let may_know = actor.is_known() && place == Place::System;
        Err(Refusal { permission, place, actor: actor.name.clone(), may_know })
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible(Scope);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Everything,
    Nothing,
}

impl Visible {
    /// What this actor may see of registries and repositories.
    pub fn to(actor: &Actor) -> Self {
        Self(if role_of(actor).allows(Permission::RepositoryView) { Scope::Everything } else { Scope::Nothing })
    }
    /// May anything be seen without looking closer? SQL binds this as its first condition.
    pub fn everything(&self) -> bool {
        self.0 == Scope::Everything
    }
    /// May this repository be seen?
    pub fn repository(&self, _registry: Id, _name: &RepositoryName) -> bool {
        self.everything()
    }
    /// May this registry be seen?
    pub fn registry(&self, _registry: Id) -> bool {
        self.everything()
    }
}

#[cfg(test)]
mod tests;
