//! Giving and taking rights: nobody gives more than they have, nor for longer, and nobody takes what they could not give.

use super::{Authority, BuiltIn, PermissionSet, Role, Scope, Subject};
use crate::{Actor, Id, Permission, Timestamp};
use std::collections::HashMap;

impl Scope {
    /// Is `permission` held by this actor in all of it, as far as its token lets it through?
    fn is_held(&self, actor: &Actor, permission: Permission) -> bool {
        let restriction = actor.restriction();
        restriction.names(permission) && self.is_within(restriction.scope()) && actor.rights.cover(permission, self)
    }
}

/// What `actor` lacks to give `permissions` in all of `scope`, or to take them away: the right to grant there, and each of
/// them there. Nothing, if nothing is missing.
///
/// What several grants cover only together counts as not held.
pub fn missing_to_give(actor: &Actor, permissions: PermissionSet, scope: &Scope) -> PermissionSet {
    let needed = permissions.iter().chain([Permission::GrantManage]);
    let missing = needed.filter(|permission| !scope.is_held(actor, *permission));
    // Not made whole: what is missing is to be told as it is.
    missing.fold(PermissionSet::EMPTY, |all, one| all.union(PermissionSet::only(one)))
}

/// May `actor` see who holds something in all of `scope`?
pub fn may_see(actor: &Actor, scope: &Scope) -> bool {
    scope.is_held(actor, Permission::GrantView)
}

/// What nobody known may be granted at most: to look and to pull. What is changed has to be somebody's doing.
pub fn most_for_anonymous() -> PermissionSet {
    BuiltIn::Reader.permissions().union([Permission::RegistryCatalog].into_iter().collect())
}

/// Can this subject be granted this role at all?
pub fn suits(subject: Subject, role: &Role) -> bool {
    subject != Subject::Anonymous || most_for_anonymous().contains_all(role.permissions)
}

impl Authority {
    /// The end of what `actor` has itself of `permissions` and the right to grant in `scope`; nothing, if that has no end. What
    /// is given ends no later: who may do something until Friday can't give it to themselves for good.
    pub fn given_until(&self, actor: &Actor, permissions: PermissionSet, scope: &Scope) -> Option<Timestamp> {
        let needed: Vec<Permission> = permissions.iter().chain([Permission::GrantManage]).collect();
        let covering: Vec<_> = actor
            .rights
            .held()
            .filter(|held| scope.is_within(&held.scope) && needed.iter().any(|one| held.permissions.contains(*one)))
            .collect();
        let mut ends: HashMap<Id, Option<Timestamp>> =
            covering.iter().filter_map(|held| held.grant).map(|id| (id, Some(Timestamp(0)))).collect();
        for grant in self.grants() {
            if let Some(end) = ends.get_mut(&grant.id) {
                *end = grant.until;
            }
        }
        // Of each permission the latest end counts, and of all permissions the earliest.
        let latest = |permission: &Permission| {
            let ends = covering
                .iter()
                .filter(|held| held.permissions.contains(*permission))
                .map(|held| held.grant.and_then(|id| ends.get(&id).copied().flatten()).map_or(i64::MAX, |end| end.0));
            ends.max().unwrap_or(0)
        };
        needed.iter().map(latest).min().filter(|end| *end != i64::MAX).map(Timestamp)
    }
}

#[cfg(test)]
mod tests;
