//! What if: who gains and who loses what where, before a change is made.
//!
//! Only those whom the change concerns are looked at, and of what they hold only what can matter: the answer comes in
//! moments with hundred thousand grants too.

mod side;

use super::{Authority, Grant, Member, PermissionSet, Role, Scope, Subject};
use crate::{Id, Timestamp};
use side::{Had, Side};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// A change of who may do what, as it would be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A grant is added, or the one with the same id becomes this one.
    Grant(Grant),
    /// A grant is revoked.
    Revoke(Id),
    /// A role becomes this one.
    Role(Role),
    /// A person or a robot may act or not.
    Acts(Subject, bool),
    /// A person comes into a team.
    Joins(Member),
    /// A person leaves a team.
    Leaves {
        /// Which team.
        team: Id,
        /// Who.
        person: Id,
    },
    /// A person, a team or a robot is removed, with its grants.
    Removed(Subject),
}

/// Permissions and where.
pub type Listed = Vec<(Scope, PermissionSet)>;

/// What some subjects gain and lose: all of them the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Who, in order.
    pub subjects: Vec<Subject>,
    /// What they will be able to do and are not now. Where two scopes overlap a permission can stand in both.
    pub gained: Listed,
    /// What they are able to do and will not be.
    pub lost: Listed,
}

/// The answer: those who lose something first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Who gains and loses what.
    pub differences: Vec<Difference>,
    /// How many people and robots the change concerns, whether or not it makes a difference to them.
    pub concerned: usize,
}

impl WhatIf {
    /// What changes for one subject.
    pub fn of(&self, subject: Subject) -> Option<&Difference> {
        self.differences.iter().find(|difference| difference.subjects.contains(&subject))
    }
    /// Does nobody gain or lose anything?
    pub fn is_nothing(&self) -> bool {
        self.differences.is_empty()
    }
}

type Parts = BTreeMap<Scope, PermissionSet>;

impl Authority {
    /// Who gains and who loses what by this change, if it were made now. A scope that is covered only by several grants
    /// together counts as not covered: what is shown may be too much, and never too little.
    pub fn what_if(&self, change: &Change, now: Timestamp) -> WhatIf {
        let touched = self.touched(change);
        let mut before = Side::new(self, None, &touched, now);
        let mut after = Side::new(self, Some(change), &touched, now);
        let concerned = self.concerned(change);
        let mut groups: HashMap<(Listed, Listed), Vec<Subject>> = HashMap::new();
        for subject in &concerned {
            let gained = more(&mut before, &mut after, *subject);
            let lost = more(&mut after, &mut before, *subject);
            if !gained.is_empty() || !lost.is_empty() {
                groups.entry((listed(gained), listed(lost))).or_default().push(*subject);
            }
        }
        let mut differences: Vec<Difference> =
            groups.into_iter().map(|((gained, lost), subjects)| Difference { subjects, gained, lost }).collect();
        differences.sort_by(|a, b| (a.lost.is_empty(), &a.subjects).cmp(&(b.lost.is_empty(), &b.subjects)));
        WhatIf { differences, concerned: concerned.len() }
    }

    /// The grants that give something else after the change.
    fn touched(&self, change: &Change) -> HashSet<Id> {
        match change {
            Change::Grant(Grant { id, .. }) | Change::Revoke(id) => [*id].into(),
            Change::Role(role) => self.grants().filter(|own| own.role == role.id).map(|own| own.id).collect(),
            _ => HashSet::new(),
        }
    }

    /// Whose rights the change can touch: people, robots, and those that are always there.
    fn concerned(&self, change: &Change) -> BTreeSet<Subject> {
        match change {
            Change::Grant(grant) => {
                let former = self.grants().find(|own| own.id == grant.id).map(|own| own.subject);
                [grant.subject].into_iter().chain(former).flat_map(|subject| self.holders(subject)).collect()
            }
            Change::Revoke(id) => {
                self.grants().filter(|grant| grant.id == *id).flat_map(|grant| self.holders(grant.subject)).collect()
            }
            Change::Role(role) => {
                let subjects: BTreeSet<Subject> =
                    self.grants().filter(|grant| grant.role == role.id).map(|grant| grant.subject).collect();
                subjects.into_iter().flat_map(|subject| self.holders(subject)).collect()
            }
            Change::Acts(subject, _) => [*subject].into(),
            Change::Joins(Member { person, .. }) | Change::Leaves { person, .. } => [Subject::Person(*person)].into(),
            Change::Removed(subject) => self.holders(*subject).into_iter().collect(),
        }
    }

    /// Who holds what is granted to a subject.
    pub fn holders(&self, subject: Subject) -> Vec<Subject> {
        let people = || self.subjects().into_iter().filter(|one| matches!(one, Subject::Person(_)));
        match subject {
            Subject::Person(_) | Subject::Robot(_) => vec![subject],
            Subject::Team(id) => self
                .members()
                .iter()
                .filter(|member| member.team == id)
                .map(|member| Subject::Person(member.person))
                .collect(),
            Subject::Everyone => people().chain([Subject::Everyone]).collect(),
            Subject::Anonymous => self.subjects().into_iter().filter(|one| !matches!(one, Subject::Team(_))).collect(),
        }
    }
}

/// What `subject` holds on `there` and not on `here`.
fn more(here: &mut Side<'_>, there: &mut Side<'_>, subject: Subject) -> Parts {
    let (mine, theirs) = (here.through(subject), there.through(subject));
    let mut parts = Parts::new();
    for through in theirs {
        // What comes through the same subject on both sides differs only where the change touches its grants.
        let both = mine.contains(&through);
        let changed = if both { differing(here, there, through) } else { there.all(through) };
        let known = if both { always(through) } else { &[] };
        for (held, had) in changed.iter() {
            let others = mine.iter().filter(|one| !both || **one != through && !known.contains(one));
            let have = others.fold(*had, |all, one| all.union(here.covered(*one, &held.scope)));
            let new = held.permissions.without(have);
            if !new.is_empty() {
                let part = parts.entry(held.scope.clone()).or_default();
                *part = part.union(new);
            }
        }
    }
    parts
}

/// Those to whom all belong who hold through this subject.
fn always(through: Subject) -> &'static [Subject] {
    match through {
        Subject::Robot(_) | Subject::Anonymous => &[Subject::Anonymous],
        Subject::Person(_) | Subject::Team(_) | Subject::Everyone => &[Subject::Everyone, Subject::Anonymous],
    }
}

/// What is granted to one subject itself on `there` and not on `here`, each with what it and those to whom all its holders
/// belong have there on `here`: looked up once for all of them.
fn differing(here: &mut Side<'_>, there: &mut Side<'_>, through: Subject) -> Had {
    if let Some(known) = there.differing.get(&through) {
        return Arc::clone(known);
    }
    let touched = there.touched(through).into_iter().map(|held| {
        let itself = here.covered(through, &held.scope);
        let have = always(through).iter().fold(itself, |all, one| all.union(here.covered(*one, &held.scope)));
        (held, have)
    });
    let touched: Had = Arc::new(touched.filter(|(held, have)| !have.contains_all(held.permissions)).collect());
    there.differing.insert(through, Arc::clone(&touched));
    touched
}

/// Without what stands in a wider scope too.
fn listed(parts: Parts) -> Listed {
    let all: Listed = parts.into_iter().collect();
    // Very many are not looked through: they lose nothing by being named twice.
    if all.len() > 200 {
        return all;
    }
    let wider = |own: &Scope| {
        let others = all.iter().filter(|(scope, _)| scope != own && own.is_within(scope) && !scope.is_within(own));
        others.fold(PermissionSet::EMPTY, |all, (_, permissions)| all.union(*permissions))
    };
    let parts = all.iter().map(|(scope, permissions)| (scope.clone(), permissions.without(wider(scope))));
    parts.filter(|(_, permissions)| !permissions.is_empty()).collect()
}

#[cfg(test)]
mod tests;
