//! Why somebody may or may not do something: the sibling of [`crate::permission::allows`].

use super::{Authority, Grant, Role, Subject, authority::Given, rights::Held};
use crate::{Permission, Place, Restriction, Timestamp};
use std::{collections::HashSet, sync::Arc};

/// Yes or no, and what decided.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// May they?
    pub allowed: bool,
    /// May the subject act at all? Disabled people and expired robots may not.
    pub acts: bool,
    /// The grants that give it, as far as the subject may act and the token lets it through.
    pub by: Vec<Arc<Grant>>,
    /// A grant gives it, and the token does not let it through.
    pub stopped_by_token: bool,
    /// Grants that gave it until they ended.
    pub ended: Vec<Arc<Grant>>,
    /// Grants that hold there, and give something else.
    pub nearby: Vec<Arc<Grant>>,
    /// Grants that give it in another place, of those that may be told of; not all of them, where there are many.
    pub elsewhere: Vec<Arc<Grant>>,
    /// Roles that would give it, those that give least first.
    pub roles: Vec<Role>,
    /// People who could grant it there.
    pub grantors: Vec<Subject>,
    /// People and robots, and those that are always there, who may do it there.
    pub holders: Vec<Subject>,
}

/// As many grants for another place are named.
const ELSEWHERE: usize = 20;

impl Authority {
    /// Why `subject`, coming by a token with this `restriction`, may or may not do `permission` at `place`. Of grants for other
    /// places it names those that `may_tell` lets through.
    pub fn explain(
        &self,
        subject: Subject,
        restriction: &Restriction,
        permission: Permission,
        place: &Place,
        now: Timestamp,
        may_tell: impl Fn(&Grant) -> bool,
    ) -> Explanation {
        let acts = self.acts(subject, now);
        let passes = restriction.lets_through(permission, place);
        let (mut giving, mut ended, mut nearby, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for given in self.given_to(subject) {
            let (gives, holds) = (given.held.permissions.contains(permission), given.grant.holds(now));
            let grant = Arc::clone(&given.grant);
            if !given.held.scope.reaches(permission, place) {
                if gives && holds && elsewhere.len() < ELSEWHERE && may_tell(&grant) {
                    elsewhere.push(grant);
                }
                continue;
            }
            match (gives, holds) {
                (true, true) => giving.push(grant),
                (true, false) => ended.push(grant),
                (false, true) => nearby.push(grant),
                (false, false) => {}
            }
        }
        let allowed = acts && passes && !giving.is_empty();
        let mut roles = self.roles();
        roles.retain(|role| role.permissions.contains(permission));
        roles.sort_by_key(|role| role.permissions.iter().count());
        let (given, granting) =
            (self.given_at(permission, place, now), self.given_at(Permission::GrantManage, place, now));
        Explanation {
            allowed,
            acts,
            stopped_by_token: acts && !passes && !giving.is_empty(),
            by: if allowed { giving } else { Vec::new() },
            ended,
            nearby,
            elsewhere,
            roles,
            grantors: self.grantors_of(&given, &granting, now),
            holders: self.holders_of(&given, now),
        }
    }

    /// How `subject` comes by a grant: itself, one of its teams, or those that are always there.
    pub fn comes_by(&self, subject: Subject, grant: &Grant) -> Option<Subject> {
        self.through(subject).into_iter().find(|through| *through == grant.subject)
    }

    /// The people, robots and those that are always there who have `permission` at `place`.
    pub fn holders_at(&self, permission: Permission, place: &Place, now: Timestamp) -> Vec<Subject> {
        self.holders_of(&self.given_at(permission, place, now), now)
    }

    /// The people who could grant `permission` at `place`: they hold it there, and the right to grant.
    pub fn grantors(&self, permission: Permission, place: &Place, now: Timestamp) -> Vec<Subject> {
        let granting = self.given_at(Permission::GrantManage, place, now);
        self.grantors_of(&self.given_at(permission, place, now), &granting, now)
    }

    fn given_at(&self, permission: Permission, place: &Place, now: Timestamp) -> HashSet<Subject> {
        self.given_where(now, |held| held.permissions.contains(permission) && held.scope.reaches(permission, place))
    }

    /// To whom something is granted, themselves, that is so. All grants are looked at once: making what each subject holds,
    /// to ask it, costs far more.
    pub(super) fn given_where(&self, now: Timestamp, is_so: impl Fn(&Held) -> bool) -> HashSet<Subject> {
        let some = |all: &[Given]| all.iter().any(|given| is_so(&given.held) && given.grant.holds(now));
        self.every_given().filter(|(_, all)| some(all)).map(|(subject, _)| subject).collect()
    }

    /// Those of the rows of the matrix who may act and come by something that was given to these.
    pub(super) fn holders_of(&self, given: &HashSet<Subject>, now: Timestamp) -> Vec<Subject> {
        let mut all = self.rows();
        all.retain(|subject| self.acts(*subject, now) && self.comes_by_any(*subject, given));
        all
    }

    fn grantors_of(&self, given: &HashSet<Subject>, granting: &HashSet<Subject>, now: Timestamp) -> Vec<Subject> {
        let mut people = self.holders_of(given, now);
        people.retain(|subject| matches!(subject, Subject::Person(_)) && self.comes_by_any(*subject, granting));
        people
    }

    fn comes_by_any(&self, subject: Subject, given: &HashSet<Subject>) -> bool {
        !given.is_empty() && self.through(subject).iter().any(|through| given.contains(through))
    }
}
