//! Why somebody may or may not do something somewhere: yes or no, by which grants, what is missing, who could help.

use crate::{
    Error, Operations, Result, access,
    grants::{Names, name_of, role_name, sees},
};
use domain::{
    Actor, Id, Permission, Place, RepositoryName, Restriction, Timestamp, Visible,
    access::{
        Authority, Grant, Rights, Role, RoleId, Scope, Subject,
        delegation::{missing_to_give, suits},
        explain::Explanation,
    },
    permission::allows,
};

/// As many people who could grant something are named.
const GRANTORS: usize = 10;
/// As many grants are told of in each way.
const WEIGHED: usize = 20;

/// A question, as it stands in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Who: `person-3`, a name, or empty for oneself.
    pub who: String,
    /// What: the name of a permission.
    pub act: String,
    /// Where: `everything`, a registry's name, `registry/team~api`; empty is everything.
    pub place: String,
}

/// What a grant was found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It gives what was asked for.
    Gives,
    /// It would give it, and the token one came by, or the account's state, stands before it.
    Stopped,
    /// It gave it, until it ended.
    Ended,
    /// It holds there, and gives something else.
    GivesOther,
    /// It gives it, in another place.
    Elsewhere,
}

/// A grant that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Its number, if whoever asks may know of it.
    pub grant: Option<Id>,
    /// What people call its role.
    pub role: String,
    /// As whom it reaches the subject, if not as itself: `team payments`, `everyone signed in`.
    pub through: Option<String>,
    /// Where it holds, as addresses say it.
    pub place: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Why it was given, if whoever asks may know of it.
    pub because: String,
    /// What it does here.
    pub weight: Weight,
}

/// One permission at the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Which.
    pub permission: Permission,
    /// What gives it: a role, and through whom.
    pub by: Option<String>,
}

/// The answer.
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
#[derive(Clone, Debug)]
pub struct Answer {
    /// Who.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// Is it whoever asks?
    pub oneself: bool,
    /// What.
    pub permission: Permission,
    /// Where.
    pub place: Place,
    /// Where, as addresses say it.
    pub place_text: String,
    /// The name of the registry, if it is in one.
    pub registry: Option<String>,
    /// May they?
    pub allowed: bool,
    /// May they act at all?
    pub acts: bool,
    /// Does the token that one came by stand before it?
    pub stopped_by_token: bool,
    /// The grants that were looked at: those that give it, those that gave it, the rest.
    pub weighed: Vec<Weighed>,
    /// What else they may do at the same place.
    pub beside: Vec<Beside>,
    /// Roles that would give it, those that give least first.
    pub roles: Vec<Role>,
    /// People who could grant it.
    pub grantors: Vec<(Subject, String)>,
    /// How many more there are.
    pub more_grantors: usize,
    /// The role that whoever asks could grant for it, if there is one.
    pub could_grant: Option<Role>,
    /// How many can do it there, for those who may see who may do what.
    pub holders: Option<usize>,
}

/// Where something holds, as addresses and exports say it: `everything`, `production`, `production/team-a/**`,
/// `*/team-a/**`. A registry that whoever asks may not see goes by its number.
pub fn scope_text(names: &Names, scope: &Scope) -> String {
    let registry = scope.registry().map(|id| names.get(&id).cloned().unwrap_or_else(|| format!("registry {id}")));
    match (registry, scope.repositories()) {
        (None, None) => "everything".to_owned(),
        (Some(registry), None) => registry,
        (None, Some(pattern)) => format!("*/{pattern}"),
        (Some(registry), Some(pattern)) => format!("{registry}/{pattern}"),
    }
}

/// The same for a place, with the repository as one segment.
pub(crate) fn place_text(names: &Names, place: &Place) -> String {
    match place {
        Place::Repository(id, name) => {
            let registry = names.get(id).cloned().unwrap_or_else(|| format!("registry {id}"));
            format!("{registry}/{}", name.to_segment())
        }
        _ => scope_text(names, &Scope::of(place)),
    }
}

/// A repository as it is typed: with `/` or `~`, and what follows a tag's colon or a digest's `@` left away.
fn repository(text: &str) -> Option<RepositoryName> {
    let text = text.split([':', '@']).next().unwrap_or_default();
    text.replace('~', "/").parse().ok()
}

impl Operations {
    /// Why somebody may or may not do something. About oneself everybody may ask where they may look; about others it takes
    /// `grant.view` there. What one may not see answers as what is not there.
    pub async fn explain(&self, actor: &Actor, question: &Question) -> Result<Answer> {
        let missing = || Error::not_found(format!("place called {} that you may see", shown(&question.place)));
        let own = access::subject(actor);
        let permission = Permission::named(question.act.trim()).filter(|permission| permission.is_grantable());
        let permission = permission.ok_or_else(|| Error::not_found("such permission"))?;
        let place = self.place_of(actor, &question.place).await.map_err(|_| missing())?;
        let authority = self.authority().await?;
        let who = question.who.trim();
        let subject = if who.is_empty() { own } else { crate::grants::subject_called(&authority, who).ok() };
        let oneself = own.is_some() && subject == own;
        if !oneself && allows(actor, Permission::GrantView, place.clone()).is_err() || !known(actor, &place) {
            return Err(missing());
        }
        let name = subject.filter(|subject| authority.name(*subject).is_some());
        let subject = name.ok_or_else(|| Error::not_found(format!("person, team or robot called {}", shown(who))))?;
        let restriction = if oneself { actor.restriction().clone() } else { Restriction::default() };
        let (now, looked, wanted, asker) = (self.now(), authority.clone(), place.clone(), actor.clone());
        let explained = tokio::task::spawn_blocking(move || {
            // What others hold at other places is told to those who may look there.
            let may_tell = |grant: &Grant| oneself || sees(&asker, &looked, grant);
            looked.explain(subject, &restriction, permission, &wanted, now, may_tell)
        });
        let explanation = explained.await.map_err(Error::internal)?;
        let rights = self.rights_of(subject).await?;
        let names = self.registry_names_for(actor).await?;
        let asking = Asking { actor, authority: &authority, names: &names, subject, now };
        let scope = Scope::of(&place);
        let sees_others = allows(actor, Permission::GrantView, place.clone()).is_ok();
        let could_grant = explanation
            .roles
            .iter()
            .find(|role| suits(subject, role) && missing_to_give(actor, role.permissions, &scope).is_empty());
        let grantors: Vec<Subject> = explanation.grantors.iter().copied().filter(|one| *one != subject).collect();
        let grantors = if actor.is_known() { grantors } else { Vec::new() };
        Ok(Answer {
            subject,
            name: name_of(&authority, subject),
            oneself,
            permission,
            place_text: place_text(&names, &place),
            registry: place.registry().and_then(|id| names.get(&id).cloned()),
            allowed: explanation.allowed,
            acts: explanation.acts,
            stopped_by_token: explanation.stopped_by_token,
            weighed: asking.weighed(&explanation, permission, &place),
            beside: asking.beside(&rights, &place, oneself),
            could_grant: could_grant.cloned(),
            more_grantors: grantors.len().saturating_sub(GRANTORS),
            grantors: grantors.iter().take(GRANTORS).map(|one| (*one, name_of(&authority, *one))).collect(),
            holders: sees_others.then_some(explanation.holders.len()),
            roles: explanation.roles,
            place,
        })
    }

    /// The place that a text names, if its registry may be seen. The repository need not be there.
    pub(crate) async fn place_of(&self, actor: &Actor, text: &str) -> Result<Place> {
        let text = text.trim();
        if matches!(text, "" | "everything") {
            return Ok(Place::System);
        }
        let (registry, rest) = text.split_once('/').unwrap_or((text, ""));
        let record = self.record(actor, registry).await?;
        if rest.is_empty() {
            return Ok(Place::Registry(record.id));
        }
        let name = repository(rest).ok_or_else(|| Error::not_found(format!("repository {}", shown(rest))))?;
        Ok(Place::Repository(record.id, name))
    }

    /// A place as addresses say it.
    pub(crate) async fn say_place(&self, actor: &Actor, place: &Place) -> Result<String> {
        Ok(place_text(&self.registry_names_for(actor).await?, place))
    }
}

/// What somebody typed, as it may stand in a message.
fn shown(text: &str) -> String {
    domain::text::visible(text.trim(), 80)
}

/// May whoever asks know of the place: see it, or see who may do what there?
fn known(actor: &Actor, place: &Place) -> bool {
    match place {
        Place::System => actor.is_known(),
        Place::Registry(id) => Visible::to(actor).registry(*id),
        Place::Repository(id, name) => {
            Visible::to(actor).repository(*id, name) || allows(actor, Permission::GrantView, place.clone()).is_ok()
        }
    }
}

/// What the parts of an answer are made with.
struct Asking<'a> {
    actor: &'a Actor,
    authority: &'a Authority,
    names: &'a Names,
    subject: Subject,
    now: Timestamp,
}

impl Asking<'_> {
    fn weighed(&self, explanation: &Explanation, permission: Permission, place: &Place) -> Vec<Weighed> {
        let giving = self.authority.grants_of(self.subject);
        let stopped = giving.into_iter().filter(|grant| {
            !explanation.allowed
                && grant.holds(self.now)
                && grant.scope.reaches(permission, place)
                && self.authority.permissions(grant.role).contains(permission)
        });
        let gives = explanation.by.iter().map(|grant| (grant.clone(), Weight::Gives));
        let stopped = stopped.map(|grant| (grant, Weight::Stopped));
        let ended = explanation.ended.iter().map(|grant| (grant.clone(), Weight::Ended));
        let nearby = explanation.nearby.iter().map(|grant| (grant.clone(), Weight::GivesOther));
        let elsewhere = explanation.elsewhere.iter().map(|grant| (grant.clone(), Weight::Elsewhere));
        let all = gives.take(WEIGHED).chain(stopped.take(WEIGHED)).chain(ended.take(WEIGHED));
        let all = all.chain(nearby.take(WEIGHED)).chain(elsewhere.take(WEIGHED));
        all.map(|(grant, weight)| self.one(&grant, weight)).collect()
    }

    fn one(&self, grant: &Grant, weight: Weight) -> Weighed {
        let may_know = sees(self.actor, self.authority, grant);
        let scope = if may_know { scope_text(self.names, &grant.scope) } else { "also elsewhere".to_owned() };
        Weighed {
            grant: may_know.then_some(grant.id),
            role: role_name(self.authority, grant.role),
            through: through(self.authority, self.subject, grant),
            place: scope,
            until: grant.until,
            because: if may_know { grant.because.clone() } else { String::new() },
            weight,
        }
    }

    /// All that can be asked for at the same place.
    fn beside(&self, rights: &Rights, place: &Place, oneself: bool) -> Vec<Beside> {
        let open = Restriction::default();
        let restriction = if oneself { self.actor.restriction() } else { &open };
        let makes_sense = |permission: &Permission| match place {
            Place::System => permission.is_grantable(),
            Place::Registry(_) => permission.is_grantable() && !permission.is_of_system(),
            Place::Repository(..) => {
                use Permission as P;
                let of = [P::RepositoryView, P::RepositoryPull, P::RepositoryPush, P::TagDelete, P::PolicyRun];
                of.contains(permission) || [P::GrantView, P::GrantManage].contains(permission)
            }
        };
        let decides = |permission: Permission| {
            let held = rights.deciding(permission, place).next().and_then(|held| held.grant);
            held.filter(|_| restriction.lets_through(permission, place))
        };
        let all = Permission::ALL.iter().copied().filter(makes_sense);
        let all: Vec<(Permission, Option<Id>)> = all.map(|permission| (permission, decides(permission))).collect();
        // Looked for once, for all of them.
        let mut grants = self.authority.grants_of(self.subject);
        grants.retain(|grant| all.iter().any(|(_, id)| *id == Some(grant.id)));
        let said = |id: Id| {
            let grant = grants.iter().find(|grant| grant.id == id)?;
            let role = role_name(self.authority, grant.role);
            Some(match through(self.authority, self.subject, grant) {
                Some(through) => format!("{role}, {through}"),
                None => role,
            })
        };
        all.into_iter().map(|(permission, id)| Beside { permission, by: id.and_then(said) }).collect()
    }
}

/// As whom a grant reaches a subject, if not as itself.
pub(crate) fn through(authority: &Authority, subject: Subject, grant: &Grant) -> Option<String> {
    if grant.subject == subject {
        return None;
    }
    let name = name_of(authority, grant.subject);
    Some(match grant.subject {
        Subject::Team(_) => format!("team {name}"),
        _ => name,
    })
}

/// The role that would do and gives least, of those that are there.
pub(crate) fn smallest(authority: &Authority, permission: Permission) -> Option<RoleId> {
    let mut roles = authority.roles();
    roles.retain(|role| role.permissions.contains(permission));
    roles.into_iter().min_by_key(|role| role.permissions.iter().count()).map(|role| role.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_by_any_of_its_spellings() {
        for text in ["team/api", "team~api", "team/api:v1", "team~api@sha256:abc"] {
            assert_eq!(repository(text).expect("a name").as_str(), "team/api", "{text}");
        }
        assert_eq!(repository("Team/API"), None);
    }

    #[test]
    fn a_place_has_one_text() {
        let names = Names::from([(7, "production".to_owned())]);
        let scope = |registry, pattern: Option<&str>| {
            scope_text(&names, &Scope::new(registry, pattern.map(|text| text.parse().expect("a pattern"))))
        };
        assert_eq!(scope(None, None), "everything");
        assert_eq!(scope(Some(7), None), "production");
        assert_eq!(scope(Some(7), Some("team-a/**")), "production/team-a/*");
        assert_eq!(scope(None, Some("team-a/**")), "*/team-a/*");
        assert_eq!(scope(Some(8), None), "registry 8", "one that may not be seen has no name");
        let place = Place::Repository(7, "team/api".parse().expect("a name"));
        assert_eq!(place_text(&names, &place), "production/team~api");
    }
}
