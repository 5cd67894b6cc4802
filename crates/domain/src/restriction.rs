//! What a token may do at most, and what a grant gives: some permissions, in one registry, on some repositories.

use crate::{
    Id, Permission, Place,
    access::{PermissionSet, Scope},
    patterns::Pattern,
};
use serde::{Deserialize, Serialize};

/// Permissions and where they hold. Whatever is left out restricts nothing: the empty one lets everything through.
///
/// Who may do something to content may also see it: [`Permission::RepositoryPull`] brings
/// [`Permission::RepositoryView`] along, and that brings [`Permission::RegistryView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Restriction {
    permissions: Vec<Permission>,
    scope: Scope,
}

/// How it stands in the records, as JSON: `{}` is no restriction.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    permissions: Vec<Permission>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registry: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repositories: Option<Pattern>,
}

impl From<Written> for Restriction {
    fn from(written: Written) -> Self {
        Self::new(written.permissions, written.registry, written.repositories)
    }
}

impl From<Restriction> for Written {
    fn from(own: Restriction) -> Self {
        Self { registry: own.registry(), repositories: own.repositories().cloned(), permissions: own.permissions }
    }
}

impl Restriction {
    /// No restriction at all.
    pub const NONE: &Restriction = &Restriction { permissions: Vec::new(), scope: Scope::ALL };

    /// To these permissions (none named: all), in this registry, on repositories that match.
    pub fn new(
        permissions: impl IntoIterator<Item = Permission>,
        registry: Option<Id>,
        repositories: Option<Pattern>,
    ) -> Self {
        let all: PermissionSet = permissions.into_iter().collect();
        Self { permissions: all.into(), scope: Scope::new(registry, repositories) }
    }

    /// The permissions it is to; empty for all.
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }
    /// Where it holds.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
    /// The registry it is to.
    pub fn registry(&self) -> Option<Id> {
        self.scope.registry()
    }
    /// What the names of repositories have to match.
    pub fn repositories(&self) -> Option<&Pattern> {
        self.scope.repositories()
    }
    /// Does it let everything through?
    pub fn is_none(&self) -> bool {
        self == Self::NONE
    }

    /// Is this permission one of those it is to?
    pub fn names(&self, permission: Permission) -> bool {
        self.permissions.is_empty() || self.permissions.contains(&permission)
    }
    /// Does it let `permission` at `place` through? Where that is: see [`Scope::reaches`].
    pub fn lets_through(&self, permission: Permission, place: &Place) -> bool {
        self.names(permission) && self.scope.reaches(permission, place)
    }

    /// Is it certainly no wider than `other`? Of two patterns a "no" may be too careful; a "yes" never is.
    pub fn is_within(&self, other: &Self) -> bool {
        let permissions = other.permissions.is_empty()
            || (!self.permissions.is_empty() && self.permissions.iter().all(|own| other.names(*own)));
        permissions && self.scope.is_within(&other.scope)
    }
}

#[cfg(test)]
mod tests;
