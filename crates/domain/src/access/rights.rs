//! What somebody holds at one moment.

use super::{PermissionSet, Scope, index::ByName};
use crate::{Id, Permission, Place, Visible, patterns::Pattern};
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
    index: OnceLock<ByName>,
    /// All permissions that are held anywhere.
    anything: OnceLock<PermissionSet>,
    /// What may be seen by each permission, once it was asked for.
    visible: OnceLock<Box<[OnceLock<Visible>; Permission::ALL.len()]>>,
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
        Self(Arc::new(Inner { held, ..Inner::default() }))
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
        let text = match place {
            Place::Repository(_, name) => Some(name.as_str()),
            // To look at the whole takes no more than some of it; all else takes what has no pattern.
            _ if permission.is_looking() => None,
            _ => Some(""),
        };
        self.near(text)
            .filter(move |held| held.permissions.contains(permission) && held.scope.reaches(permission, place))
    }
    /// The parts that can concern a name, or a pattern as a whole; without one, all.
    fn near<'a>(&'a self, text: Option<&'a str>) -> Box<dyn Iterator<Item = &'a Held> + 'a> {
        let all = &self.0.held;
        match text.filter(|_| all.len() > MANY) {
            Some(text) => {
                let patterns = || ByName::of(all.iter().map(|held| held.scope.repositories()));
                let index = self.0.index.get_or_init(patterns);
                Box::new(index.candidates(text).map(|at| all[at].as_ref()))
            }
            None => Box::new(all.iter().map(Arc::as_ref)),
        }
    }
    /// Is `permission` at `place` among them?
    pub fn allow(&self, permission: Permission, place: &Place) -> bool {
        self.deciding(permission, place).next().is_some()
    }
    /// Is `permission` held for all of `scope` by one grant? What more than one grant covers together counts as not.
    pub fn cover(&self, permission: Permission, scope: &Scope) -> bool {
        // What holds the whole of a registry has no pattern itself.
        let text = scope.repositories().map_or("", Pattern::as_str);
        self.near(Some(text)).any(|held| held.permissions.contains(permission) && scope.is_within(&held.scope))
    }
    /// Where `permission` is held.
    pub fn scopes(&self, permission: Permission) -> impl Iterator<Item = &Scope> {
        self.held().filter(move |held| held.permissions.contains(permission)).map(|held| &held.scope)
    }
    /// Where names may be seen by `permission`, as [`Visible`] has it for one who comes without a token: made once.
    pub(crate) fn visible(&self, permission: Permission, make: impl FnOnce() -> Visible) -> Visible {
        let all = self.0.visible.get_or_init(Box::default);
        all[permission as usize].get_or_init(make).clone()
    }
    /// One word for people: what somebody is here, by and large.
    pub fn title(&self) -> &'static str {
        if self.near(Some("")).any(|held| held.scope.is_everything() && held.permissions == PermissionSet::grantable())
        {
            "Administrator"
        } else if self.0.held.is_empty() {
            "No access yet"
        } else {
            "Member"
        }
    }
    /// Is `permission` held anywhere?
    pub fn anywhere(&self, permission: Permission) -> bool {
        let all = || self.held().fold(PermissionSet::EMPTY, |all, held| all.union(held.permissions));
        self.0.anything.get_or_init(all).contains(permission)
    }
}
