//! What the pages of people, teams and robots share: who may see them, what they hold, and lists that go by name.

use crate::{Error, Kind, Operations, Result, grants::sees};
use domain::{
    Actor, ActorKind, FieldErrors, Id, Permission, Permit, Place, Timestamp, Visible,
    access::{Authority, Grant, Rights, Scope, Subject},
    audit::Act,
    permission::allows,
};
use std::collections::HashMap;
use store::Part;

/// As many rows a page of a list by name has.
const ROWS: u32 = 50;

/// A grant, as the page of its subject shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectGrant {
    /// Its number.
    pub id: Id,
    /// The role's name.
    pub role: String,
    /// Where, in words.
    pub place: String,
    /// Through whom it comes, where that is not the subject itself: `team payments`, `everyone signed in`.
    pub through: Option<String>,
    /// Until when; without, for good.
    pub until: Option<Timestamp>,
    /// Has it run out?
    pub ended: bool,
    /// Because of what, in its maker's words.
    pub because: String,
    /// The name of whoever made it.
    pub by: String,
}

/// A part of a list that goes by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many there are, as far as the filter lets through.
    pub count: u64,
    /// The name before which the page before ends.
    pub previous: Option<String>,
    /// The name after which the next page begins.
    pub next: Option<String>,
}

/// What is asked of a list that goes by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameQuery {
    /// A part of the name; empty for all.
    pub text: String,
    /// Begin after this name.
    pub after: String,
    /// End before this name.
    pub before: String,
}

impl NameQuery {
    /// As much of a filter counts.
    pub(crate) fn text(&self) -> String {
        self.text.trim().chars().take(100).collect()
    }
    /// One row more than a page has tells whether there is another.
    pub(crate) fn part(&self) -> Part {
        match (self.after.as_str(), self.before.as_str()) {
            ("", "") => Part::First(ROWS + 1),
            ("", before) => Part::Before(before.to_owned(), ROWS + 1),
            (after, _) => Part::After(after.to_owned(), ROWS + 1),
        }
    }
    /// The page that these rows make.
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, count: u64, name: impl Fn(&T) -> &str) -> ByName<T> {
        let more = rows.len() > ROWS as usize;
        let (before, after) = match self.part() {
            Part::Before(..) => {
                if more {
                    rows.remove(0);
                }
                (more, true)
            }
            Part::After(..) => (true, more),
            Part::First(_) => (false, more),
        };
        rows.truncate(ROWS as usize);
        let previous = rows.first().filter(|_| before).map(|row| name(row).to_owned());
        let next = rows.last().filter(|_| after).map(|row| name(row).to_owned());
        ByName { rows, count, previous, next }
    }
}

impl<T> ByName<T> {
    /// The same page of something else.
    pub(crate) fn map<U>(self, each: impl FnMut(T) -> U) -> ByName<U> {
        let Self { rows, count, previous, next } = self;
        ByName { rows: rows.into_iter().map(each).collect(), count, previous, next }
    }
}

/// Does the actor see every account: who manages people, and who may see all grants?
pub(crate) fn sees_accounts(actor: &Actor) -> bool {
    manages_people(actor) || allows(actor, Permission::GrantView, Place::System).is_ok()
}

/// May the actor manage every account?
pub(crate) fn manages_people(actor: &Actor) -> bool {
    allows(actor, Permission::PeopleManage, Place::System).is_ok()
}

/// Does `actor` hold all of `rights`, as far as its token lets them through? Who could act with more by a secret or a link
/// would have given themselves more than they have. What several grants cover only together counts as not held.
pub(crate) fn holds_all_of(actor: &Actor, rights: &Rights) -> bool {
    let restriction = actor.restriction();
    let held = |permission: Permission, scope: &Scope| {
        restriction.names(permission) && scope.is_within(restriction.scope()) && actor.rights.cover(permission, scope)
    };
    rights.held().all(|part| part.permissions.iter().all(|permission| held(permission, &part.scope)))
}

/// A description, as it is kept: one line or several, and no more than `most` characters.
pub(crate) fn described(wrong: &mut FieldErrors, field: &str, text: &str, most: usize) -> String {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > most || text.chars().any(|c| c != '\n' && domain::text::is_hidden(c)) {
        wrong.push(field, format!("Up to {most} plain characters stand here."));
    }
    text
}

/// A day as a form sends it (`2027-01-31`): its first moment in UTC. Empty for never.
pub(crate) fn day(wrong: &mut FieldErrors, field: &str, text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let at = (text.len() == 10).then(|| Timestamp::parse(&format!("{text}T00:00:00Z"))).flatten();
    match at {
        Some(at) if at > now => Some(at),
        Some(_) => {
            wrong.push(field, "This day has begun already. Choose a later one, or none.");
            None
        }
        None => {
            wrong.push(field, "A day looks like 2027-01-31.");
            None
        }
    }
}

impl Operations {
    /// May the actor care for this team's members and robots: who manages people, and its leads?
    pub(crate) fn cares_for(actor: &Actor, authority: &Authority, team: Id) -> bool {
        manages_people(actor) || leads(actor, authority, team)
    }

    /// The permit for an act on a team's members and robots. What one leads is one's own.
    pub(crate) async fn decide_for_team(&self, actor: &Actor, team: Id, act: &Act) -> Result<Permit> {
        let authority = self.authority().await?;
        let own = leads(actor, &authority, team) && !manages_people(actor);
        let permission = if own { Permission::ProfileEdit } else { Permission::PeopleManage };
        self.decide(actor, permission, Place::System, act).await
    }

    /// The grants a subject holds rights by that the actor may know of, its own first; and whether there are more.
    pub(crate) async fn grants_shown(&self, actor: &Actor, subject: Subject) -> Result<(Vec<SubjectGrant>, bool)> {
        let authority = self.authority().await?;
        let names: HashMap<Id, String> =
            self.0.store.registries().names(&Visible::to(actor)).await?.into_iter().collect();
        let now = self.now();
        let mut grants = authority.grants_of(subject);
        let all = grants.len();
        grants.retain(|grant| sees(actor, &authority, grant));
        grants.sort_by_key(|grant| (grant.subject != subject, grant.subject, grant.id));
        let shown = |grant: &Grant| SubjectGrant {
            id: grant.id,
            role: authority.role(grant.role).map_or_else(|| grant.role.to_string(), |role| role.name),
            place: place(&grant.scope, &names),
            through: (grant.subject != subject).then(|| through(&authority, grant.subject)),
            until: grant.until,
            ended: !grant.holds(now),
            because: grant.because.clone(),
            by: grant.by.clone(),
        };
        Ok((grants.iter().map(|grant| shown(grant)).collect(), grants.len() < all))
    }
}

/// Is the actor one of this team's leads?
pub(crate) fn leads(actor: &Actor, authority: &Authority, team: Id) -> bool {
    let own = |member: &domain::access::Member| member.team == team && member.person == actor.id && member.lead;
    actor.kind == ActorKind::Person && authority.members().iter().any(own)
}

/// How many grants a subject has itself.
pub(crate) fn own_grants(authority: &Authority, subject: Subject) -> usize {
    authority.grants_of(subject).iter().filter(|grant| grant.subject == subject).count()
}

fn through(authority: &Authority, subject: Subject) -> String {
    let name = authority.name(subject).unwrap_or("somebody who is gone");
    match subject {
        Subject::Team(_) => format!("team {name}"),
        _ => name.to_owned(),
    }
}

/// Where a grant holds, in words. A registry that the reader does not see has its number.
fn place(scope: &Scope, names: &HashMap<Id, String>) -> String {
    let registry = scope.registry().map(|id| names.get(&id).cloned().unwrap_or_else(|| format!("registry {id}")));
    match (registry, scope.repositories()) {
        (None, None) => "everywhere".to_owned(),
        (Some(registry), None) => registry,
        (None, Some(pattern)) => format!("{pattern} in every registry"),
        (Some(registry), Some(pattern)) => format!("{pattern} in {registry}"),
    }
}

/// A name that is in use becomes an error beside its field.
pub(crate) fn name_taken(error: Error, what: &str, name: &str) -> Error {
    let taken = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    match taken {
        Some(store::Error::Taken(_)) => Error::field("name", format!("There is {what} called {name} already.")),
        _ => error,
    }
}

/// The form was made for another version, or is none of ours.
pub(crate) fn version(text: &str) -> Result<i64> {
    let stale = || Error::new(Kind::Conflict, "The form does not say what it changes. Reload the page and try again.");
    text.parse().map_err(|_| stale())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_262_400_000_000);

    #[test]
    fn a_day_is_its_first_moment_and_lies_ahead() {
        let mut wrong = FieldErrors::new();
        let at = day(&mut wrong, "expires", "2027-01-31", NOW).expect("a day");
        assert_eq!((at.utc().as_str(), wrong.is_empty()), ("2027-01-31 00:00:00 UTC", true));
        assert_eq!(day(&mut wrong, "expires", " ", NOW), None);
        assert!(wrong.is_empty(), "none is none");
        for bad in ["2026-11-21", "1999-01-01", "31.1.2027", "2027-02-30", "2027-1-1", "tomorrow"] {
            let mut wrong = FieldErrors::new();
            assert_eq!(day(&mut wrong, "expires", bad, NOW), None);
            assert!(!wrong.is_empty(), "{bad}");
        }
    }

    #[test]
    fn a_page_knows_what_lies_before_and_behind_it() {
        let rows = |n: u32| (0..n).map(|n| format!("{n:03}")).collect::<Vec<_>>();
        let asked = |after: &str, before: &str| NameQuery {
            after: after.into(),
            before: before.into(),
            ..NameQuery::default()
        };
        let ends = |page: ByName<String>| (page.rows.len(), page.previous, page.next);
        assert_eq!(ends(asked("", "").page(rows(50), 50, |row| row)), (50, None, None));
        assert_eq!(ends(asked("", "").page(rows(51), 60, |row| row)), (50, None, Some("049".into())));
        assert_eq!(ends(asked("x", "").page(rows(3), 60, |row| row)), (3, Some("000".into()), None));
        assert_eq!(ends(asked("", "x").page(rows(51), 60, |row| row)), (50, Some("001".into()), Some("050".into())));
        assert_eq!(ends(asked("", "x").page(rows(2), 60, |row| row)), (2, None, Some("001".into())));
    }

    #[test]
    fn a_token_does_not_act_with_more_than_it_is_let() {
        use domain::{Restriction, Via, access::Rights};
        let whole = Actor { rights: Rights::administrator(), ..Actor::cli() };
        let narrow = Restriction::new([Permission::PeopleManage], None, None);
        let token = Actor { via: Via::Token { id: 1, restriction: narrow }, ..whole.clone() };
        assert!(holds_all_of(&whole, &Rights::administrator()) && !holds_all_of(&token, &Rights::program()));
        assert!(holds_all_of(&token, &Rights::default()), "nothing is always held");
        let reader = Actor { rights: Rights::program(), ..whole };
        assert!(holds_all_of(&reader, &Rights::program()) && !holds_all_of(&reader, &Rights::administrator()));
    }
}
