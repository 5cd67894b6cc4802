//! The people as a list, and one of them as a page.

use super::Operations;
use crate::{
    Error, Result,
    invitations::maker_name,
    subjects::{ByName, NameQuery, SubjectGrant, manages_people, own_grants, sees_accounts},
    tokens::TokenRow,
};
use domain::{Actor, ActorKind, Id, Permission, Place, Timestamp, access::Subject, permission::allows};
use store::{LinkKind, Person, PersonState};

/// Somebody in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The name to sign in with.
    pub name: String,
    /// The full name; may be empty.
    pub display_name: String,
    /// Whether they can act.
    pub state: PersonState,
    /// The teams they are in, by name.
    pub teams: Vec<String>,
    /// How many grants are made to themselves.
    pub grants: usize,
    /// When they were seen last; nothing if never.
    pub last_seen: Option<Timestamp>,
    /// Until when the link is good by which they are to come in, or choose another password.
    pub link_until: Option<Timestamp>,
}

/// Somebody's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonDetails {
    /// The number that grants name them by.
    pub id: Id,
    /// The name to sign in with.
    pub name: String,
    /// The full name; may be empty.
    pub display_name: String,
    /// Whether they can act.
    pub state: PersonState,
    /// What they are by and large.
    pub title: &'static str,
    /// Since when.
    pub created: Timestamp,
    /// When they were seen last; nothing if never.
    pub last_seen: Option<Timestamp>,
    /// The teams they are in, by name, and whether they lead them.
    pub teams: Vec<(String, bool)>,
    /// What they hold rights by, as far as the one who asks may look.
    pub grants: Vec<SubjectGrant>,
    /// Is there more, at places where they may not look?
    pub more_grants: bool,
    /// How many sessions they have.
    pub sessions: usize,
    /// Their tokens; only for who manages people, and themselves.
    pub tokens: Vec<TokenRow>,
    /// The link that is still good, if there is one: what for, by whom, until when.
    pub link: Option<(LinkKind, String, Timestamp)>,
    /// May the one who asks change something about them?
    pub may_manage: bool,
    /// Is it the one who asks?
    pub own: bool,
}

impl Operations {
    /// A part of the people, by name; `state` is a word of [`PersonState`], or empty.
    pub async fn people(&self, actor: &Actor, query: &NameQuery, state: &str) -> Result<ByName<PersonRow>> {
        if !sees_accounts(actor) {
            allows(actor, Permission::PeopleManage, Place::System)?;
        }
        let state = PersonState::ALL.into_iter().find(|known| known.as_str() == state);
        let (people, text) = (self.0.store.people(), query.text());
        let rows = people.page(&text, state, &query.part()).await?;
        let count = people.count_of(&text, state).await?;
        let authority = self.authority().await?;
        let now = self.now();
        let page = query.page(rows, count, |row| &row.person.name);
        Ok(page.map(|row| {
            let teams = authority.teams_of(row.person.id).iter().filter_map(|team| authority.team(*team));
            PersonRow {
                state: row.person.state(),
                teams: teams.map(|team| team.name.clone()).collect(),
                grants: own_grants(&authority, Subject::Person(row.person.id)),
                name: row.person.name,
                display_name: row.person.display_name,
                last_seen: row.last_seen,
                link_until: row.link_expires.filter(|until| *until > now),
            }
        }))
    }

    /// Somebody, for who sees every account and for themselves.
    pub async fn person_details(&self, actor: &Actor, name: &str) -> Result<PersonDetails> {
        let person = self.person_called(actor, name).await?;
        let own = actor.kind == ActorKind::Person && actor.id == person.id;
        let may_manage = manages_people(actor);
        let subject = Subject::Person(person.id);
        let authority = self.authority().await?;
        let now = self.now();
        let leads = |team: Id| authority.members().iter().any(|m| m.team == team && m.person == person.id && m.lead);
        let teams = authority.teams_of(person.id).iter().filter_map(|team| authority.team(*team));
        let mut teams: Vec<(String, bool)> = teams.map(|team| (team.name.clone(), leads(team.id))).collect();
        teams.sort();
        let link = self.0.store.links().of_person(person.id, now).await?.filter(|_| may_manage);
        let (grants, more_grants) = self.grants_shown(actor, subject).await?;
        let tokens = if may_manage || own { self.tokens_of(actor, person.id).await? } else { Vec::new() };
        Ok(PersonDetails {
            id: person.id,
            state: person.state(),
            title: self.rights_of(subject).await?.title(),
            created: person.created,
            last_seen: self.0.store.people().last_seen(person.id).await?,
            teams,
            grants,
            more_grants,
            sessions: self.0.store.sessions().list(person.id, now).await?.len(),
            tokens,
            link: link.map(|link| (link.kind, maker_name(&authority, &link.made_by), link.expires)),
            may_manage,
            own,
            name: person.name,
            display_name: person.display_name,
        })
    }

    /// The person of this name, if the actor may know of them.
    pub(crate) async fn person_called(&self, actor: &Actor, name: &str) -> Result<Person> {
        let found = self.0.store.people().by_name(name).await?;
        // A token that does not reach one's own account shows nothing of it.
        let minds_own =
            actor.kind == ActorKind::Person && allows(actor, Permission::ProfileEdit, Place::System).is_ok();
        let may_know = |person: &Person| sees_accounts(actor) || minds_own && actor.id == person.id;
        found.filter(may_know).ok_or_else(|| Error::not_found(format!("person {}", super::shown(name))))
    }
}
