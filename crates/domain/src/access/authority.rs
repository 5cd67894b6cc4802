//! All that decides who may do what, in one value: people, teams, robots, roles and grants at one generation.

use super::{BuiltIn, Grant, Held, PermissionSet, Rights, Role, RoleId, Subject};
use crate::{Id, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// What matters of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    /// Never used again.
    pub id: Id,
    /// The name to sign in with.
    pub name: String,
    /// The full name; may be empty.
    pub display_name: String,
    /// May no longer act?
    pub disabled: bool,
}

/// What matters of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamFacts {
    /// Never used again.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// Somebody's being in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The team.
    pub team: Id,
    /// The person.
    pub person: Id,
    /// Do they care for the team's robots?
    pub lead: bool,
}

/// What matters of a robot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotFacts {
    /// Never used again.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The team it belongs to.
    pub team: Id,
    /// May no longer act?
    pub disabled: bool,
    /// The first moment at which it may no longer act.
    pub expires: Option<Timestamp>,
}

/// All of it, as the records have it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// People, disabled ones too.
    pub people: Vec<PersonFacts>,
    /// Teams.
    pub teams: Vec<TeamFacts>,
    /// Who is in them.
    pub members: Vec<Member>,
    /// Robots, disabled and expired ones too.
    pub robots: Vec<RobotFacts>,
    /// Roles that were made here.
    pub roles: Vec<Role>,
    /// Grants, expired ones too.
    pub grants: Vec<Grant>,
}

/// A grant with what its role gives today.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub grant: Arc<Grant>,
    pub held: Arc<Held>,
}

/// All that decides, at hand. It is asked for every page and every pull, and never changes: another generation is another one.
#[derive(Clone, Debug, Default)]
pub struct Authority {
    people: HashMap<Id, PersonFacts>,
    teams: HashMap<Id, TeamFacts>,
    members: Vec<Member>,
    teams_of: HashMap<Id, Vec<Id>>,
    robots: HashMap<Id, RobotFacts>,
    roles: HashMap<Id, Role>,
    given: HashMap<Subject, Vec<Given>>,
}

impl Authority {
    /// Of these facts.
    pub fn new(facts: Facts) -> Self {
        let mut authority = Self {
            people: facts.people.into_iter().map(|person| (person.id, person)).collect(),
            teams: facts.teams.into_iter().map(|team| (team.id, team)).collect(),
            robots: facts.robots.into_iter().map(|robot| (robot.id, robot)).collect(),
            members: facts.members,
            ..Self::default()
        };
        for member in &authority.members {
            authority.teams_of.entry(member.person).or_default().push(member.team);
        }
        for role in facts.roles {
            if let RoleId::Custom(id) = role.id {
                authority.roles.insert(id, role);
            }
        }
        for grant in facts.grants {
            let permissions = authority.permissions(grant.role);
            let held = Held { grant: Some(grant.id), permissions, scope: grant.scope.clone() };
            let given = Given { grant: Arc::new(grant), held: Arc::new(held) };
            authority.given.entry(given.grant.subject).or_default().push(given);
        }
        authority
    }

    /// What a role gives; nothing if it is gone.
    pub fn permissions(&self, role: RoleId) -> PermissionSet {
        match role {
            RoleId::BuiltIn(role) => role.permissions(),
            RoleId::Custom(id) => self.roles.get(&id).map_or(PermissionSet::EMPTY, |role| role.permissions),
        }
    }
    /// A role by its id.
    pub fn role(&self, role: RoleId) -> Option<Role> {
        match role {
            RoleId::BuiltIn(role) => Some(role.into()),
            RoleId::Custom(id) => self.roles.get(&id).cloned(),
        }
    }
    /// Every role, those that are built in first, then by name.
    pub fn roles(&self) -> Vec<Role> {
        let mut own: Vec<Role> = self.roles.values().cloned().collect();
        own.sort_by(|a, b| a.name.cmp(&b.name));
        BuiltIn::ALL.iter().map(|role| Role::from(*role)).chain(own).collect()
    }
    /// A person.
    pub fn person(&self, id: Id) -> Option<&PersonFacts> {
        self.people.get(&id)
    }
    /// A team.
    pub fn team(&self, id: Id) -> Option<&TeamFacts> {
        self.teams.get(&id)
    }
    /// A robot.
    pub fn robot(&self, id: Id) -> Option<&RobotFacts> {
        self.robots.get(&id)
    }
    /// Who is in which team.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
    /// The teams a person is in.
    pub fn teams_of(&self, person: Id) -> &[Id] {
        self.teams_of.get(&person).map_or(&[], Vec::as_slice)
    }
    /// Every subject there is, in order: people, teams, robots, everyone, anonymous.
    pub fn subjects(&self) -> Vec<Subject> {
        let people = self.people.keys().map(|id| Subject::Person(*id));
        let teams = self.teams.keys().map(|id| Subject::Team(*id));
        let robots = self.robots.keys().map(|id| Subject::Robot(*id));
        let mut all: Vec<Subject> =
            people.chain(teams).chain(robots).chain([Subject::Everyone, Subject::Anonymous]).collect();
        all.sort_unstable();
        all
    }
    /// The name of a subject; nothing if it is gone.
    pub fn name(&self, subject: Subject) -> Option<&str> {
        match subject {
            Subject::Person(id) => self.people.get(&id).map(|person| person.name.as_str()),
            Subject::Team(id) => self.teams.get(&id).map(|team| team.name.as_str()),
            Subject::Robot(id) => self.robots.get(&id).map(|robot| robot.name.as_str()),
            Subject::Everyone => Some("everyone signed in"),
            Subject::Anonymous => Some("anonymous"),
        }
    }
    /// Is the subject there, and may it act at this moment?
    pub fn acts(&self, subject: Subject, now: Timestamp) -> bool {
        match subject {
            Subject::Person(id) => self.people.get(&id).is_some_and(|person| !person.disabled),
            Subject::Robot(id) => {
                let live = |robot: &RobotFacts| !robot.disabled && robot.expires.is_none_or(|until| until > now);
                self.robots.get(&id).is_some_and(live)
            }
            Subject::Team(id) => self.teams.contains_key(&id),
            Subject::Everyone | Subject::Anonymous => true,
        }
    }
    /// Through whom a subject holds rights: itself, its teams, and those that are always there.
    pub fn through(&self, subject: Subject) -> Vec<Subject> {
        match subject {
            Subject::Person(id) => {
                let teams = self.teams_of(id).iter().map(|team| Subject::Team(*team));
                [subject].into_iter().chain(teams).chain([Subject::Everyone, Subject::Anonymous]).collect()
            }
            Subject::Robot(_) => vec![subject, Subject::Anonymous],
            Subject::Everyone => vec![Subject::Everyone, Subject::Anonymous],
            Subject::Team(_) | Subject::Anonymous => vec![subject],
        }
    }
    /// The grants a subject holds rights by, expired ones too.
    pub fn grants_of(&self, subject: Subject) -> Vec<Arc<Grant>> {
        self.given_to(subject).map(|given| Arc::clone(&given.grant)).collect()
    }
    /// What is granted to this subject itself, ended grants too.
    pub(super) fn given_itself(&self, subject: Subject) -> &[Given] {
        self.given.get(&subject).map_or(&[], Vec::as_slice)
    }
    pub(super) fn given_to(&self, subject: Subject) -> impl Iterator<Item = &Given> {
        self.through(subject).into_iter().flat_map(|through| self.given.get(&through).map_or(&[][..], Vec::as_slice))
    }
    /// What is granted to each subject itself, in no order; ended grants too.
    pub(super) fn every_given(&self) -> impl Iterator<Item = (Subject, &[Given])> {
        self.given.iter().map(|(subject, given)| (*subject, given.as_slice()))
    }
    /// Every grant, in no order.
    pub fn grants(&self) -> impl Iterator<Item = &Arc<Grant>> {
        self.given.values().flatten().map(|given| &given.grant)
    }
    /// What a subject holds at this moment; nothing if it may not act.
    pub fn rights_of(&self, subject: Subject, now: Timestamp) -> Rights {
        if !self.acts(subject, now) {
            return Rights::default();
        }
        let live = self.given_to(subject).filter(|given| given.grant.holds(now));
        Rights::new(live.map(|given| Arc::clone(&given.held)).collect())
    }
    /// The next moment after `now` at which what a subject holds changes by itself.
    pub fn changes_at(&self, subject: Subject, now: Timestamp) -> Option<Timestamp> {
        let own = match subject {
            Subject::Robot(id) => self.robots.get(&id).and_then(|robot| robot.expires),
            _ => None,
        };
        let ends = self.given_to(subject).filter_map(|given| given.grant.until).chain(own);
        ends.filter(|until| *until > now).min()
    }
}
