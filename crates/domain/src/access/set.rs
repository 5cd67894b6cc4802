//! Sets of permissions.

use crate::Permission;
use serde::{Deserialize, Serialize};

/// Some permissions. A set is always whole: who may do something may also do what that takes ([`BRINGS`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct PermissionSet(u32);

/// Who has the first has the second too. In an order in which one pass is enough.
///
/// `docker push` asks for pull and push together, and a registry accepts no push without pull. What deletes is a right to delete.
pub const BRINGS: &[(Permission, Permission)] = &[
    (Permission::PolicyRun, Permission::TagDelete),
    (Permission::RepositoryPush, Permission::RepositoryPull),
    (Permission::RepositoryPull, Permission::RepositoryView),
    (Permission::TagDelete, Permission::RepositoryView),
    (Permission::RepositoryView, Permission::RegistryView),
    (Permission::RegistryManage, Permission::RegistryView),
    (Permission::RegistryCatalog, Permission::RegistryView),
    (Permission::GrantManage, Permission::GrantView),
];

impl PermissionSet {
    /// None at all.
    pub const EMPTY: Self = Self(0);

    /// This one alone, without what it brings: for showing.
    pub(super) const fn only(permission: Permission) -> Self {
        Self(Self::bit(permission))
    }
    const fn bit(permission: Permission) -> u32 {
        1 << permission as u32
    }
    /// Is it in?
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & Self::bit(permission) != 0
    }
    /// Are all of `other` in?
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Those in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Those in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Those in this one and not in `other`. What is left may lack what it takes: it is for showing.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// None in it?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// How many are in it.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }
    /// Those in it, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
    /// All that can be granted: what roles are made of.
    pub fn grantable() -> Self {
        Permission::ALL.iter().copied().filter(|permission| permission.is_grantable()).collect()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let mut all = permissions.into_iter().fold(0, |all, one| all | Self::bit(one));
        for (of, brings) in BRINGS {
            if all & Self::bit(*of) != 0 {
                all |= Self::bit(*brings);
            }
        }
        Self(all)
    }
}
impl From<Vec<Permission>> for PermissionSet {
    fn from(permissions: Vec<Permission>) -> Self {
        permissions.into_iter().collect()
    }
}
impl From<PermissionSet> for Vec<Permission> {
    fn from(set: PermissionSet) -> Self {
        set.iter().collect()
    }
}
