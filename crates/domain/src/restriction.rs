//! What a token may do at most, and what a grant gives: some permissions, in one registry, on some repositories.

use crate::{Id, Permission, Place, RepositoryName, patterns::Pattern};
use serde::{Deserialize, Serialize};

/// Permissions and where they hold. Whatever is left out restricts nothing: the empty one lets everything through.
///
/// Who may do something to content may also see it: [`Permission::RepositoryPull`] brings
/// [`Permission::RepositoryView`] along, and that brings [`Permission::RegistryView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Restriction {
    permissions: Vec<Permission>,
    registry: Option<Id>,
    repositories: Option<Pattern>,
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
        Self { permissions: own.permissions, registry: own.registry, repositories: own.repositories }
    }
}

impl Restriction {
    /// No restriction at all.
    pub const NONE: &Restriction = &Restriction { permissions: Vec::new(), registry: None, repositories: None };

    /// To these permissions (none named: all), in this registry, on repositories that match.
    pub fn new(
        permissions: impl IntoIterator<Item = Permission>,
        registry: Option<Id>,
        repositories: Option<Pattern>,
    ) -> Self {
        let mut all: Vec<Permission> = permissions.into_iter().collect();
        for (of, brings) in BRINGS {
            if all.contains(of) {
                all.push(*brings);
            }
        }
        all.sort_unstable();
        all.dedup();
        // A pattern that everything matches restricts nothing.
        let repositories = repositories.filter(|pattern| pattern.as_str() != "*");
        Self { permissions: all, registry, repositories }
    }

    /// The permissions it is to; empty for all.
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }
    /// The registry it is to.
    pub fn registry(&self) -> Option<Id> {
        self.registry
    }
    /// What the names of repositories have to match.
    pub fn repositories(&self) -> Option<&Pattern> {
        self.repositories.as_ref()
    }
    /// Does it let everything through?
    pub fn is_none(&self) -> bool {
        self == Self::NONE
    }

    /// Does it let `permission` at `place` through? The program as a whole and a whole registry are more than some
    /// repositories: there only looking passes, since what is shown is narrowed by [`crate::Visible`].
    pub fn lets_through(&self, permission: Permission, place: &Place) -> bool {
        let looks = matches!(permission, Permission::RegistryView | Permission::RepositoryView);
        let here = match place {
            Place::System => looks || (self.registry.is_none() && self.repositories.is_none()),
            Place::Registry(id) => self.is_in(*id) && (looks || self.repositories.is_none()),
            Place::Repository(id, name) => self.is_in(*id) && self.names(name),
        };
        here && (self.permissions.is_empty() || self.permissions.contains(&permission))
    }

    fn is_in(&self, registry: Id) -> bool {
        self.registry.is_none_or(|own| own == registry)
    }
    fn names(&self, name: &RepositoryName) -> bool {
        self.repositories.as_ref().is_none_or(|pattern| pattern.matches(name.as_str()))
    }

    /// Is it certainly no wider than `other`? A pattern is no wider than itself, nor a name than a pattern it matches;
    /// of two other patterns that can't be told, and the answer is no.
    pub fn is_within(&self, other: &Self) -> bool {
        let permissions = other.permissions.is_empty()
            || (!self.permissions.is_empty() && self.permissions.iter().all(|own| other.permissions.contains(own)));
        let registry = other.registry.is_none() || self.registry == other.registry;
        let repositories = match (&self.repositories, &other.repositories) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own == other || (own.is_literal() && other.matches(own.as_str())),
        };
        permissions && registry && repositories
    }
}

/// Who has the first has the second too. In an order in which one pass is enough.
const BRINGS: &[(Permission, Permission)] = &[
    (Permission::RepositoryPull, Permission::RepositoryView),
    (Permission::RepositoryPush, Permission::RepositoryView),
    (Permission::RepositoryDelete, Permission::RepositoryView),
    (Permission::RepositoryView, Permission::RegistryView),
    (Permission::RegistryManage, Permission::RegistryView),
];

#[cfg(test)]
mod tests;
