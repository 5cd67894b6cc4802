//! What subjects hold before or after a change, looked up once for all who hold it through the same team.

use super::{
    super::{Authority, Grant, Held, PermissionSet, Scope, Subject, index::ByName},
    Change,
};
use crate::{Id, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// One side of a change. Without a change it is as it is.
pub(super) struct Side<'a> {
    authority: &'a Authority,
    change: Option<&'a Change>,
    now: Timestamp,
    touched: &'a HashSet<Id>,
    lists: HashMap<Subject, Listed>,
    covered: HashMap<Subject, HashMap<Scope, PermissionSet>>,
    /// What the other side lacks of this one's, by the subject it comes through.
    pub(super) differing: HashMap<Subject, Had>,
}

/// Grants of one subject, each with what is known to be held there on the other side.
pub(super) type Had = Arc<Vec<(Arc<Held>, PermissionSet)>>;

/// What is granted to one subject and holds now.
struct Listed {
    held: Vec<Arc<Held>>,
    /// Those of them that the change touches.
    touched: Vec<Arc<Held>>,
    index: ByName,
}

impl<'a> Side<'a> {
    /// `touched` are the grants that differ between the sides.
    pub(super) fn new(
        authority: &'a Authority,
        change: Option<&'a Change>,
        touched: &'a HashSet<Id>,
        now: Timestamp,
    ) -> Self {
        Self {
            authority,
            change,
            now,
            touched,
            lists: HashMap::new(),
            covered: HashMap::new(),
            differing: HashMap::new(),
        }
    }

    /// Through whom a subject holds rights; nobody, if it may not act.
    pub(super) fn through(&self, subject: Subject) -> Vec<Subject> {
        let acts = match self.change {
            Some(Change::Acts(changed, acts)) if *changed == subject => *acts && self.authority.name(subject).is_some(),
            Some(Change::Removed(gone)) if *gone == subject => false,
            _ => self.authority.acts(subject, self.now),
        };
        if !acts {
            return Vec::new();
        }
        let mut through = self.authority.through(subject);
        match self.change {
            Some(Change::Joins(member)) if Subject::Person(member.person) == subject => {
                let team = Subject::Team(member.team);
                if !through.contains(&team) {
                    through.push(team);
                }
            }
            Some(Change::Leaves { team, person }) if Subject::Person(*person) == subject => {
                through.retain(|one| *one != Subject::Team(*team));
            }
            Some(Change::Removed(gone)) => through.retain(|one| one != gone),
            _ => {}
        }
        through
    }

    /// All that is granted to this subject itself.
    pub(super) fn all(&mut self, through: Subject) -> Had {
        Arc::new(self.listed(through).held.iter().map(|held| (Arc::clone(held), PermissionSet::EMPTY)).collect())
    }

    /// What is granted to this subject itself and may differ from the other side.
    pub(super) fn touched(&mut self, through: Subject) -> Vec<Arc<Held>> {
        self.listed(through).touched.clone()
    }

    /// What this subject's own grants give in all of `scope`.
    pub(super) fn covered(&mut self, through: Subject, scope: &Scope) -> PermissionSet {
        if let Some(known) = self.covered.get(&through).and_then(|known| known.get(scope)) {
            return *known;
        }
        let listed = self.listed(through);
        // Whatever holds all of a pattern is found where the names that begin like it are found.
        let name = scope.repositories().map_or("", |pattern| pattern.as_str());
        let candidates = listed.index.candidates(name).map(|at| &listed.held[at]);
        let wide = candidates.filter(|held| scope.is_within(&held.scope));
        let permissions = wide.fold(PermissionSet::EMPTY, |all, held| all.union(held.permissions));
        // What is one account's own is asked for once.
        if !matches!(through, Subject::Person(_) | Subject::Robot(_)) {
            self.covered.entry(through).or_default().insert(scope.clone(), permissions);
        }
        permissions
    }

    fn listed(&mut self, through: Subject) -> &Listed {
        if !self.lists.contains_key(&through) {
            let held = self.read(through);
            let differs = |held: &&Arc<Held>| held.grant.is_some_and(|id| self.touched.contains(&id));
            let touched = held.iter().filter(differs).cloned().collect();
            let index = ByName::of(held.iter().map(|held| held.scope.repositories()));
            self.lists.insert(through, Listed { held, touched, index });
        }
        &self.lists[&through]
    }

    /// The subject's own grants that hold now, as this side has them.
    fn read(&self, through: Subject) -> Vec<Arc<Held>> {
        let mut all = Vec::new();
        for given in self.authority.given_itself(through) {
            match self.change {
                Some(Change::Revoke(id)) if given.grant.id == *id => {}
                Some(Change::Grant(new)) if given.grant.id == new.id => {}
                Some(Change::Role(role)) if given.grant.role == role.id && given.grant.holds(self.now) => {
                    all.push(Arc::new(Held { permissions: role.permissions, ..Held::clone(&given.held) }));
                }
                _ if given.grant.holds(self.now) => all.push(Arc::clone(&given.held)),
                _ => {}
            }
        }
        if let Some(Change::Grant(new)) = self.change
            && new.subject == through
            && new.holds(self.now)
        {
            all.push(Arc::new(self.held(new)));
        }
        all
    }

    fn held(&self, grant: &Grant) -> Held {
        Held { grant: Some(grant.id), permissions: self.authority.permissions(grant.role), scope: grant.scope.clone() }
    }
}
