//! Who can do what at one repository, and by which grants.

use super::{name_of, role_name, sees};
use crate::{Error, Operations, Result};
use domain::{
    Actor, Id, Permission, Place, Timestamp,
    access::{Authority, Grant, PermissionSet, Subject},
    permission::allows,
};
use std::{collections::HashMap, sync::Arc};

/// As many people and robots are named; the rest is counted.
const NAMED: usize = 200;

/// Somebody who can do something there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// What they can do there.
    pub permissions: PermissionSet,
    /// By what.
    pub through: Vec<Through>,
}

/// A grant by which somebody can do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The grant, if whoever asks may know of it: it may hold at other places too.
    pub grant: Option<Id>,
    /// Its role.
    pub role: String,
    /// The team, or those that are always there, by which they have it; nothing for their own.
    pub by: Option<String>,
    /// Its end.
    pub until: Option<Timestamp>,
}

/// Who can do what at one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Those with something of their own or by a team: people, robots, then those that are always there.
    pub rows: Vec<Holder>,
    /// How many more there are.
    pub more: usize,
    /// How many can do no more than everyone signed in.
    pub as_everyone: usize,
}

impl Operations {
    /// Who can do what at a repository, which need not be there. Takes `grant.view` at it.
    pub async fn who_can(&self, actor: &Actor, registry: &str, repository: &str) -> Result<Holders> {
        let record = self.record(actor, registry).await?;
        let name =
            repository.trim().parse().map_err(|wrong: domain::InvalidName| Error::field("repository", wrong.0))?;
        let place = Place::Repository(record.id, name);
        allows(actor, Permission::GrantView, place.clone())?;
        let (authority, actor, now) = (self.authority().await?, actor.clone(), self.now());
        let work = tokio::task::spawn_blocking(move || holders(&actor, &authority, &place, now));
        work.await.map_err(Error::internal)
    }
}

/// What one subject holds, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBy {
    /// Who.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// May they act at all?
    pub acts: bool,
    /// The grants, each with the team or those always there by whom it comes; nothing for their own.
    pub grants: Vec<(super::GrantRow, Option<String>)>,
    /// How many more there are.
    pub more: usize,
    /// Has the subject grants at places that whoever asks may not look at?
    pub elsewhere: bool,
}

impl Operations {
    /// What a subject holds, by whatever grants; without a subject, what whoever asks holds.
    pub async fn held_by(&self, actor: &Actor, subject: &str) -> Result<HeldBy> {
        super::may_look(actor)?;
        let (authority, now) = (self.authority().await?, self.now());
        let unknown = || Error::not_found("such person, team or robot that you may look at");
        let own = crate::access::subject(actor);
        let subject = match subject.trim() {
            "" => own.ok_or_else(unknown)?,
            text => super::wanted::subject(&authority, text).map_err(|_| unknown())?,
        };
        let names = self.registry_names_for(actor).await?;
        let all = authority.grants_of(subject);
        let (mut seen, hidden): (Vec<_>, Vec<_>) = all.into_iter().partition(|grant| sees(actor, &authority, grant));
        // Of whom one may know nothing, one does not learn here that they are there.
        let grants_elsewhere = !domain::Visible::by(actor, Permission::GrantManage).repositories_at_all();
        let through_itself = seen.iter().any(|grant| grant.subject == subject);
        if own != Some(subject) && grants_elsewhere && !through_itself && !super::may_see_all(actor) {
            return Err(unknown());
        }
        let more = seen.len().saturating_sub(NAMED);
        seen.truncate(NAMED);
        let shown = seen.iter().map(|grant| {
            let by = (grant.subject != subject).then(|| called(&authority, grant.subject));
            (super::row(actor, &authority, &names, now, grant), by)
        });
        Ok(HeldBy {
            subject,
            name: name_of(&authority, subject),
            acts: authority.acts(subject, now),
            grants: shown.collect(),
            more,
            elsewhere: !hidden.is_empty(),
        })
    }
}

/// A team, or those that are always there, as somebody's source of rights.
fn called(authority: &Authority, subject: Subject) -> String {
    match subject {
        Subject::Team(_) => format!("team {}", name_of(authority, subject)),
        other => name_of(authority, other),
    }
}

fn holders(actor: &Actor, authority: &Authority, place: &Place, now: Timestamp) -> Holders {
    let mut there: HashMap<Subject, Vec<&Arc<Grant>>> = HashMap::new();
    for grant in authority.grants().filter(|grant| grant.holds(now) && grant.scope.covers(place)) {
        there.entry(grant.subject).or_default().push(grant);
    }
    let mut found = Holders::default();
    for subject in authority.subjects() {
        if matches!(subject, Subject::Team(_)) || !authority.acts(subject, now) {
            continue;
        }
        let through = authority.through(subject);
        let always = |one: &Subject| matches!(one, Subject::Everyone | Subject::Anonymous) && *one != subject;
        if through.iter().filter(|one| !always(one)).all(|one| !there.contains_key(one)) {
            // A robot has what anonymous has, and a person what everyone has: that is told once.
            let person = matches!(subject, Subject::Person(_));
            found.as_everyone += usize::from(person && through.iter().any(|one| there.contains_key(one)));
            continue;
        }
        if found.rows.len() >= NAMED && !matches!(subject, Subject::Everyone | Subject::Anonymous) {
            found.more += 1;
            continue;
        }
        found.rows.push(holder(actor, authority, &there, subject, &through));
    }
    found
}

fn holder(
    actor: &Actor,
    authority: &Authority,
    there: &HashMap<Subject, Vec<&Arc<Grant>>>,
    subject: Subject,
    through: &[Subject],
) -> Holder {
    let mut permissions = PermissionSet::EMPTY;
    let mut by = Vec::new();
    for one in through {
        for grant in there.get(one).map_or(&[][..], Vec::as_slice) {
            permissions = permissions.union(authority.permissions(grant.role));
            by.push(Through {
                grant: sees(actor, authority, grant).then_some(grant.id),
                role: role_name(authority, grant.role),
                by: (*one != subject).then(|| called(authority, *one)),
                until: grant.until,
            });
        }
    }
    Holder { subject, name: name_of(authority, subject), permissions, through: by }
}
