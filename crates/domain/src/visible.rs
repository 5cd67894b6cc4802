//! What an actor may see: every list, count, sum and search takes it, and applies it before any limit.

use crate::{
    Actor, Id, Permission, RepositoryName, Restriction,
    access::{Scope, index::ByName},
    patterns::Pattern,
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError},
};

/// A union of parts: what is in any of them may be seen.
///
/// A query applies it in this order: nothing where [`Self::repositories_at_all`] says no; all where [`Self::everything`] says
/// yes; else rows that are in one of [`Self::parts`].
#[derive(Clone)]
pub struct Visible(Arc<Inner>);

#[derive(Default)]
struct Inner {
    registries: Registries,
    parts: Vec<Part>,
    /// The parts by what they match.
    index: OnceLock<ByName>,
    /// What is left of it for one registry, once it was asked for.
    here: Mutex<HashMap<Id, Visible>>,
}

/// From so many parts on it pays to look by name.
const MANY: usize = 12;

impl fmt::Debug for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visible").field("registries", &self.0.registries).field("parts", &self.0.parts).finish()
    }
}
impl PartialEq for Visible {
    fn eq(&self, other: &Self) -> bool {
        let (own, other) = (&self.0, &other.0);
        Arc::ptr_eq(own, other) || own.registries == other.registries && own.parts == other.parts
    }
}
impl Eq for Visible {}

static EVERYTHING: LazyLock<Visible> =
    LazyLock::new(|| Visible::new(Registries::All, vec![Part { registry: None, matching: Vec::new() }]));
static NOTHING: LazyLock<Visible> = LazyLock::new(|| Visible::new(Registries::default(), Vec::new()));

/// The registries that may be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Registries {
    All,
    These(BTreeSet<Id>),
}

impl Default for Registries {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

/// Repositories in one registry or in all, whose names match every one of some patterns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    registry: Option<Id>,
    matching: Vec<Pattern>,
}

impl Part {
    /// The one registry it is in; without, it is in all.
    pub fn registry(&self) -> Option<Id> {
        self.registry
    }
    /// What names have to match, all of it: none, one, or two.
    pub fn matching(&self) -> &[Pattern] {
        &self.matching
    }
    fn is_all(&self) -> bool {
        self.registry.is_none() && self.matching.is_empty()
    }
    fn has(&self, registry: Id, name: Option<&str>) -> bool {
        self.registry.is_none_or(|own| own == registry)
            && self.matching.iter().all(|pattern| name.is_some_and(|name| pattern.matches(name)))
    }
    /// Of what names have to match, that which says most about what they begin with.
    fn narrowest(&self) -> Option<&Pattern> {
        self.matching.iter().max_by_key(|pattern| (pattern.is_literal(), pattern.prefix().len()))
    }
    /// Is all of it in `other`, as far as can be told?
    fn is_within(&self, other: &Self) -> bool {
        (other.registry.is_none() || self.registry == other.registry)
            && other.matching.iter().all(|wide| self.matching.iter().any(|own| wide.contains(own)))
    }
    /// What is in both a grant's scope and a token's; nothing where they can't meet.
    fn of(grant: &Scope, token: &Scope) -> Option<Self> {
        if !grant.meets(token) {
            return None;
        }
        let mut matching: Vec<Pattern> = [grant, token].into_iter().filter_map(Scope::repositories).cloned().collect();
        // Of two patterns of which one holds the other, the narrow one says it all.
        if let [a, b] = &matching[..] {
            if b.contains(a) {
                matching.truncate(1);
            } else if a.contains(b) {
                matching.remove(0);
            }
        }
        Some(Self { registry: grant.registry().or(token.registry()), matching })
    }
}

impl Visible {
    /// Where this actor sees names, sizes and dates ([`Permission::RepositoryView`]).
    pub fn to(actor: &Actor) -> Self {
        Self::by(actor, Permission::RepositoryView)
    }
    /// Where this actor may also look inside: configurations, labels, history ([`Permission::RepositoryPull`]).
    pub fn inside(actor: &Actor) -> Self {
        Self::by(actor, Permission::RepositoryPull)
    }
    /// The repositories at which this actor has `permission`, and the registries it sees.
    pub fn by(actor: &Actor, permission: Permission) -> Self {
        let restriction = actor.restriction();
        let free = restriction.scope().is_everything()
            && restriction.names(permission)
            && restriction.names(Permission::RegistryView);
        let make = |restriction: &Restriction| {
            let seen = |permission| {
                let scopes = actor.rights.scopes(permission).filter(move |_| restriction.names(permission));
                scopes.filter_map(|scope| Part::of(scope, restriction.scope()))
            };
            Self::new(Registries::of(seen(Permission::RegistryView)), fewest(seen(permission).collect()))
        };
        if free { actor.rights.visible(permission, || make(Restriction::NONE)) } else { make(restriction) }
    }
    fn new(registries: Registries, parts: Vec<Part>) -> Self {
        Self(Arc::new(Inner { registries, parts, ..Inner::default() }))
    }
    /// Nothing at all.
    pub fn nothing() -> Self {
        NOTHING.clone()
    }
    /// May everything be seen without looking closer? SQL binds this as its first condition.
    pub fn everything(&self) -> bool {
        self.0.parts.first().is_some_and(Part::is_all)
    }
    /// May this repository be seen?
    pub fn repository(&self, registry: Id, name: &RepositoryName) -> bool {
        self.registry(registry) && self.has(registry, Some(name.as_str()))
    }
    /// May what the records say of this place be seen, whether or not its registry is still there? What is about a registry
    /// as a whole (no repository) is seen by who sees all of it.
    pub fn recorded(&self, registry: Id, repository: Option<&str>) -> bool {
        self.has(registry, repository)
    }
    fn has(&self, registry: Id, name: Option<&str>) -> bool {
        let all = &self.0.parts;
        if all.len() <= MANY {
            return all.iter().any(|part| part.has(registry, name));
        }
        let index = self.0.index.get_or_init(|| ByName::of(all.iter().map(Part::narrowest)));
        // Whoever sees all of a registry has no pattern there.
        index.candidates(name.unwrap_or_default()).any(|at| all[at].has(registry, name))
    }
    /// May this registry be seen?
    pub fn registry(&self, registry: Id) -> bool {
        match &self.0.registries {
            Registries::All => true,
            Registries::These(some) => some.contains(&registry),
        }
    }
    /// May every registry be seen, those to come too?
    pub fn every_registry(&self) -> bool {
        self.0.registries == Registries::All
    }
    /// May any registry be seen?
    pub fn registries_at_all(&self) -> bool {
        self.0.registries != Registries::default()
    }
    /// May any repository be seen?
    pub fn repositories_at_all(&self) -> bool {
        !self.0.parts.is_empty()
    }
    /// What of repositories may be seen: all that is in one of these.
    pub fn parts(&self) -> &[Part] {
        &self.0.parts
    }
    /// What is left of it for questions about this one registry.
    #[must_use]
    pub fn in_registry(&self, registry: Id) -> Self {
        if !self.registry(registry) {
            return Self::nothing();
        }
        if self.everything() {
            return EVERYTHING.clone();
        }
        if let Some(known) = self.0.here.lock().unwrap_or_else(PoisonError::into_inner).get(&registry) {
            return known.clone();
        }
        let here = self.0.parts.iter().filter(|part| part.registry.is_none_or(|own| own == registry));
        let parts = here.map(|part| Part { registry: None, matching: part.matching.clone() }).collect();
        let made = Self::new(Registries::All, fewest(parts));
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner).insert(registry, made.clone());
        made
    }
    /// What is left of it for questions about this one repository: all or nothing.
    #[must_use]
    pub fn in_repository(&self, registry: Id, name: &RepositoryName) -> Self {
        if self.repository(registry, name) { EVERYTHING.clone() } else { Self::nothing() }
    }
}

impl Registries {
    fn of(parts: impl Iterator<Item = Part>) -> Self {
        let mut some = BTreeSet::new();
        for part in parts {
            match part.registry {
                Some(id) => some.insert(id),
                None => return Self::All,
            };
        }
        Self::These(some)
    }
}

/// The same without what is in another part anyway, in a fixed order.
fn fewest(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| (a.matching.len(), a).cmp(&(b.matching.len(), b)));
    parts.dedup();
    if parts.iter().any(Part::is_all) {
        return vec![Part { registry: None, matching: Vec::new() }];
    }
    // Everything against everything is too much for those who hold very many; they lose nothing by keeping them all.
    if parts.len() > 200 {
        return parts;
    }
    let within = |at: usize| {
        parts.iter().enumerate().any(|(other, wide)| {
            other != at && parts[at].is_within(wide) && (!wide.is_within(&parts[at]) || other < at)
        })
    };
    let keep: Vec<bool> = (0..parts.len()).map(|at| !within(at)).collect();
    parts.into_iter().zip(keep).filter_map(|(part, keep)| keep.then_some(part)).collect()
}

#[cfg(test)]
mod tests;
