//! What somebody holds at one moment.

use super::{PermissionSet, Scope, index::Index};
use crate::{Id, Permission, Place};
use std::{
    fmt,
    sync::{Arc, LazyLock, OnceLock},
};

/// Some permissions somewhere, and the grant they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The grant; none for what the program gives itself and the command line.
    pub grant: Option<Id>,
    /// What may be done.
    pub permissions: PermissionSet,
    /// Where.
    pub scope: Scope,
}

/// All that somebody holds at one moment, united. A cheap clone; nothing by default.
#[derive(Clone, Default)]
pub struct Rights(Arc<Inner>);

#[derive(Default)]
struct Inner {
    held: Vec<Arc<Held>>,
    index: OnceLock<Index>,
}

/// From so many on it pays to look by name.
const MANY: usize = 12;

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.held).finish()
    }
}
impl PartialEq for Rights {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.held == other.0.held
    }
}
impl Eq for Rights {}

static EVERYTHING: LazyLock<Rights> = LazyLock::new(|| Rights::everywhere(PermissionSet::grantable()));
static PROGRAM: LazyLock<Rights> =
    LazyLock::new(|| Rights::everywhere([Permission::RepositoryPull].into_iter().collect()));

impl Rights {
    /// All of these together.
    pub fn new(held: Vec<Arc<Held>>) -> Self {
        Self(Arc::new(Inner { held, index: OnceLock::new() }))
    }
    /// Everything that can be granted, everywhere: the command line's, which stands on the server's own machine.
    pub fn administrator() -> Self {
        EVERYTHING.clone()
    }
    /// The program's own in the background: it may look at registries and their content.
    pub fn program() -> Self {
        PROGRAM.clone()
    }
    /// These permissions everywhere.
    pub fn everywhere(permissions: PermissionSet) -> Self {
        Self::new(vec![Arc::new(Held { grant: None, permissions, scope: Scope::EVERYTHING.clone() })])
    }
    /// Each part of it.
    pub fn held(&self) -> impl Iterator<Item = &Held> {
        self.0.held.iter().map(Arc::as_ref)
    }
    /// The parts that give `permission` at `place`.
    pub fn deciding<'a>(&'a self, permission: Permission, place: &'a Place) -> impl Iterator<Item = &'a Held> {
        let all = &self.0.held;
        let by_name = place.repository().filter(|_| all.len() > MANY);
        let found: Box<dyn Iterator<Item = &'a Arc<Held>> + 'a> = match by_name {
            Some(name) => {
                let index = self.0.index.get_or_init(|| Index::of(all));
                Box::new(index.candidates(name.as_str()).map(|at| &all[at]))
            }
            None => Box::new(all.iter()),
        };
        found
            .map(Arc::as_ref)
            .filter(move |held| held.permissions.contains(permission) && held.scope.reaches(permission, place))
    }
    /// Is `permission` at `place` among them?
    pub fn allow(&self, permission: Permission, place: &Place) -> bool {
        self.deciding(permission, place).next().is_some()
    }
    /// Is `permission` held for all of `scope` by one grant? What more than one grant covers together counts as not.
    pub fn cover(&self, permission: Permission, scope: &Scope) -> bool {
        self.held().any(|held| held.permissions.contains(permission) && scope.is_within(&held.scope))
    }
    /// Where `permission` is held.
    pub fn scopes(&self, permission: Permission) -> impl Iterator<Item = &Scope> {
        self.held().filter(move |held| held.permissions.contains(permission)).map(|held| &held.scope)
    }
    /// One word for people: what somebody is here, by and large.
    pub fn title(&self) -> &'static str {
        if self.held().any(|held| held.scope.is_everything() && held.permissions == PermissionSet::grantable()) {
            "Administrator"
        } else if self.0.held.is_empty() {
            "No access yet"
        } else {
            "Member"
        }
    }
    /// Is `permission` held anywhere?
    pub fn anywhere(&self, permission: Permission) -> bool {
        self.scopes(permission).next().is_some()
    }
}
