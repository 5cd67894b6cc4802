//! Where a grant holds.

use crate::{Id, Permission, Place, RepositoryName, patterns::Pattern};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything, one registry, or the repositories whose names match a pattern in one registry or in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Scope {
    registry: Option<Id>,
    repositories: Option<Pattern>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registry: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repositories: Option<Pattern>,
}
impl From<Written> for Scope {
    fn from(written: Written) -> Self {
        Self::new(written.registry, written.repositories)
    }
}
impl From<Scope> for Written {
    fn from(own: Scope) -> Self {
        Self { registry: own.registry, repositories: own.repositories }
    }
}

impl Scope {
    /// Everything there is and will be.
    pub const EVERYTHING: &Scope = &Self::ALL;
    pub(crate) const ALL: Scope = Scope { registry: None, repositories: None };

    /// In this registry (none: in all), on the repositories that match (none: on all, and on the registry itself).
    pub fn new(registry: Option<Id>, repositories: Option<Pattern>) -> Self {
        // A pattern that everything matches leaves nothing out.
        Self { registry, repositories: repositories.filter(|pattern| pattern.as_str() != "*") }
    }
    /// Exactly this place.
    pub fn of(place: &Place) -> Self {
        let literal = |name: &RepositoryName| name.as_str().parse().ok();
        Self { registry: place.registry(), repositories: place.repository().and_then(literal) }
    }
    /// The one registry it is in; without, it is in all.
    pub fn registry(&self) -> Option<Id> {
        self.registry
    }
    /// What names of repositories have to match; without, it holds for registries as a whole.
    pub fn repositories(&self) -> Option<&Pattern> {
        self.repositories.as_ref()
    }
    /// Is it everything?
    pub fn is_everything(&self) -> bool {
        self == Self::EVERYTHING
    }
    /// Is anything of this registry in it?
    pub fn touches(&self, registry: Id) -> bool {
        self.registry.is_none_or(|own| own == registry)
    }
    /// Is the whole of `place` in it?
    pub fn covers(&self, place: &Place) -> bool {
        match place {
            Place::System => self.is_everything(),
            Place::Registry(id) => self.touches(*id) && self.repositories.is_none(),
            Place::Repository(id, name) => {
                self.touches(*id) && self.repositories.as_ref().is_none_or(|pattern| pattern.matches(name.as_str()))
            }
        }
    }
    /// Is `permission` at `place` in it? To look at the whole takes no more than some of it: what is shown is narrowed by
    /// [`crate::Visible`].
    pub fn reaches(&self, permission: Permission, place: &Place) -> bool {
        match place {
            Place::System if permission.is_looking() => true,
            Place::Registry(id) if permission.is_looking() => self.touches(*id),
            _ => self.covers(place),
        }
    }
    /// Is all of it certainly in `other`? Of two patterns a "no" may be too careful; a "yes" never is.
    pub fn is_within(&self, other: &Self) -> bool {
        let registry = other.registry.is_none() || self.registry == other.registry;
        let repositories = match (&self.repositories, &other.repositories) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => other.contains(own),
        };
        registry && repositories
    }
    /// Could a place be in both?
    pub fn meets(&self, other: &Self) -> bool {
        let registry = self.registry.is_none() || other.registry.is_none() || self.registry == other.registry;
        let repositories = match (&self.repositories, &other.repositories) {
            (Some(own), Some(other)) => own.meets(other),
            _ => true,
        };
        registry && repositories
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.registry, &self.repositories) {
            (None, None) => f.write_str("everything"),
            (Some(id), None) => write!(f, "registry {id}"),
            (None, Some(pattern)) => write!(f, "{pattern} in every registry"),
            (Some(id), Some(pattern)) => write!(f, "{pattern} in registry {id}"),
        }
    }
}
