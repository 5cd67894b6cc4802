//! Who may do what where. One pure [`allows`]; a permission granted is a [`Permit`] that one holds.

use crate::{
    Actor, ActorKind, Id, RepositoryName,
    access::{PermissionSet, Scope, delegation::missing_to_give},
};
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
    /// Change one's own profile, password, sessions and tokens.
    ProfileEdit = "profile.edit",
    /// See which registries there are and how they do.
    RegistryView = "registry.view",
    /// Add, edit, test, disable and remove registries, and the keys that sign tokens for them.
    RegistryManage = "registry.manage",
    /// Read a registry's own list of all its repositories.
    RegistryCatalog = "registry.catalog",
    /// See names, sizes and dates of a repository's content.
    RepositoryView = "repository.view",
    /// Pull, and see configuration, environment, labels and history of a repository's images.
    RepositoryPull = "repository.pull",
    /// Push: add to a repository's content, and move its tags.
    RepositoryPush = "repository.push",
    /// Delete tags and what they hold.
    TagDelete = "tag.delete",
    /// Run cleanup policies.
    PolicyRun = "policy.run",
    /// See who may do what there, and why.
    GrantView = "grant.view",
    /// Give and take rights there, no more than one has oneself.
    GrantManage = "grant.manage",
    /// Invite, disable and remove people; make teams and robots.
    PeopleManage = "people.manage",
    /// Read the audit log.
    AuditView = "audit.view",
    /// Back up and restore the records.
    BackupMake = "backup.make",
}

impl Permission {
    /// The permission called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == name)
    }
    /// Can roles hold it? The doors are open to those who stand before them, whatever was granted.
    pub const fn is_grantable(self) -> bool {
        !matches!(self, Self::SignIn | Self::SetUp | Self::ProfileEdit)
    }
    /// Is it about looking at what can be narrowed to some repositories?
    pub const fn is_looking(self) -> bool {
        matches!(self, Self::RegistryView | Self::RepositoryView)
    }
    /// The widest place it is asked for at: what is asked of the whole program takes a grant for everything.
    pub const fn is_of_system(self) -> bool {
        matches!(self, Self::PeopleManage | Self::BackupMake)
    }
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

/// May `actor` do `permission` at `place`? Every operation asks here.
///
/// What is granted is what the actor's [`crate::access::Rights`] hold; who comes by a token may do no more than the
/// token's [`crate::Restriction`] lets through. Beside that strangers may come to the door, and people mind what is their own.
pub fn allows(actor: &Actor, permission: Permission, place: Place) -> Result<Permit, Refusal> {
    if may(actor, permission, &place) {
        Ok(Permit { permission, place, actor: actor.clone() })
    } else {
        // As [`crate::Visible`] has it, asked of one place instead of made for all.
        let may_know = match &place {
            Place::System => actor.is_known(),
            Place::Registry(_) => may(actor, Permission::RegistryView, &place),
            Place::Repository(..) => may(actor, Permission::RepositoryView, &place),
        };
        Err(Refusal { permission, place, actor: actor.name.clone(), may_know })
    }
}

/// May `actor` give `permissions` in all of `scope`, or take them away? [`Permission::GrantManage`] there, and all that is
/// given ([`crate::access::delegation::missing_to_give`]). A scope is many places: the permit names the narrowest that holds it.
///
/// # Errors
/// What is missing, as it is: not only the right to grant.
pub fn allows_giving(actor: &Actor, permissions: PermissionSet, scope: &Scope) -> Result<Permit, PermissionSet> {
    let missing = missing_to_give(actor, permissions, scope);
    let literal = scope.repositories().filter(|pattern| pattern.is_literal());
    let name = literal.and_then(|pattern| pattern.as_str().parse::<RepositoryName>().ok());
    let place = match (scope.registry(), name) {
        (Some(id), Some(name)) => Place::Repository(id, name),
        (Some(id), None) => Place::Registry(id),
        (None, _) => Place::System,
    };
    if missing.is_empty() {
        Ok(Permit { permission: Permission::GrantManage, place, actor: actor.clone() })
    } else {
        Err(missing)
    }
}

/// The rule itself: what is held, as far as the restriction lets it through.
pub fn may(actor: &Actor, permission: Permission, place: &Place) -> bool {
    let held =
        if permission.is_grantable() { actor.rights.allow(permission, place) } else { is_open(actor.kind, permission) };
    held && actor.restriction().lets_through(permission, place)
}

/// What nobody has to grant.
fn is_open(kind: ActorKind, permission: Permission) -> bool {
    match kind {
        ActorKind::Person | ActorKind::Cli => true,
        ActorKind::Robot | ActorKind::Registry | ActorKind::Schedule => false,
        ActorKind::Anonymous => matches!(permission, Permission::SignIn | Permission::SetUp),
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

#[cfg(test)]
mod tests;
