//! Links by which people choose a password once: to come in, or after they lost it. Nobody needs mail for it: who makes a
//! link passes it on.

use crate::{
    Error, Kind, Operations, Result,
    error::WayOut,
    passwords::Passwords,
    people::{check_name, shown},
    reach::holds_reach_of,
    setup::{hash, random_token},
    subjects::{described, manages_people, name_taken},
};
use domain::{
    Actor, ActorKind, FieldErrors, Id, Permission, Place, Timestamp, Via,
    access::{Authority, Subject},
    audit::Act,
    audit::Outcome,
};
use store::{AddLink, InvitePerson, Link, LinkKind, NewLink, NewPerson, PersonState, RevokeLink, UseLink};

/// A link is good for this many seconds.
const LIFE: i64 = 7 * 24 * 60 * 60;

/// Under this word tries with wrong links are counted; no account can be called so.
const WRONG_LINK: &str = "invitation link";

/// A link that was made just now.
#[derive(Clone)]
pub struct MadeLink {
    /// For whom.
    pub person: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Its path here: shown once, and kept nowhere.
    pub path: String,
    /// Until when it is good.
    pub expires: Timestamp,
}

impl std::fmt::Debug for MadeLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeLink").field("person", &self.person).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A link that is still good, for who opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// For whom it is.
    pub name: String,
    /// What it is for.
    pub kind: LinkKind,
}

impl Operations {
    /// Makes an account without a password and without rights, and the link by which somebody takes it.
    pub async fn invite(&self, actor: &Actor, name: &str, display_name: &str) -> Result<MadeLink> {
        let name = name.trim();
        let act = Act::new("person.invite", format!("person {}", shown(name)));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let mut wrong = FieldErrors::new();
        if let Err(error) = check_name(name) {
            wrong.0.extend(error.fields);
        }
        let display_name = described(&mut wrong, "display_name", display_name, 120).replace('\n', " ");
        wrong.or(()).map_err(|wrong| Error::invalid(wrong.0))?;
        let new = NewPerson {
            name: name.to_owned(),
            display_name,
            password_hash: String::new(),
            time_zone: String::new(),
            theme: String::new(),
        };
        let (made, link) = self.new_link(actor, name, LinkKind::Invite)?;
        let act = act.after(serde_json::json!({ "link until": made.expires.rfc3339() }));
        let invited = self.change(permit, &act, InvitePerson(new, link)).await;
        invited.map_err(|error| name_taken(error, "somebody", name))?;
        Ok(made)
    }

    /// Makes another link for somebody: to come in, while they have not, else to choose another password. The former link is
    /// void; nothing else ends until it is used.
    pub async fn make_link(&self, actor: &Actor, name: &str) -> Result<MadeLink> {
        let person = self.person_called(actor, name).await?;
        let (kind, act) = match person.state() {
            PersonState::Invited => (LinkKind::Invite, "person.invite"),
            PersonState::Active | PersonState::Disabled => (LinkKind::Reset, "person.reset"),
        };
        let act = Act::new(act, format!("person {}", person.name));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        if person.disabled {
            return Err(Error::new(Kind::Conflict, format!("{} is disabled. Enable them first.", person.name)));
        }
        // Who holds the link can act as that person.
        let authority = self.authority().await?;
        if !holds_reach_of(actor, &authority, Subject::Person(person.id), self.now()) {
            let why = "this person may do more";
            self.event(actor, &act, Outcome::Refused, Some(why), &Place::System).await;
            let message = format!("{} may do more than you. Somebody who may do as much makes this link.", person.name);
            return Err(Error::new(Kind::Forbidden, message));
        }
        let (made, link) = self.new_link(actor, &person.name, kind)?;
        let act = act.after(serde_json::json!({ "link until": made.expires.rfc3339() }));
        self.change(permit, &act, AddLink { person: person.id, link }).await?;
        Ok(made)
    }

    /// Voids the link of somebody.
    pub async fn revoke_link(&self, actor: &Actor, name: &str) -> Result<()> {
        let person = self.person_called(actor, name).await?;
        let act = Act::new("person.link.revoke", format!("person {}", person.name));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        self.change(permit, &act, RevokeLink { person: person.id }).await
    }

    /// The whole address of a path of ours, if the setting says what our address is.
    pub fn public_address(&self, path: &str) -> Option<String> {
        let url = self.settings().public_url.as_deref()?;
        Some(format!("{}{path}", url.trim_end_matches('/')))
    }

    /// Is this link still good, and for whom? Opening it trades it for a cookie that carries the same token.
    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>> {
        if token.is_empty() {
            return Ok(None);
        }
        let link = self.0.store.links().good(&hash(token), self.now()).await?;
        Ok(link.map(|link| Invitation { name: link.name, kind: link.kind }))
    }

    /// Is the token of a link that somebody opens good? Tries with wrong ones are counted and slowed down.
    pub async fn open_link(&self, actor: &Actor, token: &str) -> Result<bool> {
        if self.invitation(token).await?.is_some() {
            return Ok(true);
        }
        self.throttle(WRONG_LINK, actor)?;
        self.0.throttle.failed(WRONG_LINK, &actor.address, self.now());
        Ok(false)
    }

    /// Chooses the password of whom the link is for, and gives their id: they are signed in by it. All that came by an old
    /// password ends. The link is as good as its maker still is: who could not make it now has not made it.
    pub async fn join(&self, actor: &Actor, token: &str, password: String, again: String) -> Result<Id> {
        let Some(link) = self.0.store.links().good(&hash(token), self.now()).await? else {
            // Only wrong links wait, so that nobody is kept from a good one; each leaves an entry, so they must.
            self.throttle(WRONG_LINK, actor)?;
            self.0.throttle.failed(WRONG_LINK, &actor.address, self.now());
            let act = Act::new("person.join", "somebody by a link");
            self.event(actor, &act, Outcome::Refused, Some("the link is not valid"), &Place::System).await;
            return Err(used_up());
        };
        let act = match link.kind {
            LinkKind::Invite => "person.join",
            LinkKind::Reset => "person.password",
        };
        let act = Act::new(act, format!("person {}", link.name));
        if !self.maker_may(&link).await? {
            // Like a wrong link: each leaves an entry.
            self.throttle(WRONG_LINK, actor)?;
            self.0.throttle.failed(WRONG_LINK, &actor.address, self.now());
            let why = "whoever made the link could not make it now";
            self.event(actor, &act, Outcome::Refused, Some(why), &Place::System).await;
            return Err(outlived());
        }
        let joining = Actor {
            kind: ActorKind::Person,
            id: link.person,
            name: link.name.clone(),
            via: Via::Setup,
            ..Actor::anonymous(&actor.address, &actor.agent, &actor.request_id)
        };
        let permit = self.decide(&joining, Permission::SignIn, Place::System, &act).await?;
        Passwords::check(&link.name, &password, &again).map_err(Error::invalid)?;
        let password_hash = self.0.passwords.hash(password).await?;
        let change = UseLink { token_hash: hash(token), person: link.person, password_hash };
        match self.change(permit, &act, change).await {
            Ok(()) => Ok(link.person),
            Err(error) if error.kind == Kind::NotFound => Err(used_up()),
            Err(error) => Err(error),
        }
    }

    /// Could whoever made this link make it now? Since then it may lead to more, or its maker may have come down or gone.
    async fn maker_may(&self, link: &Link) -> Result<bool> {
        let Some(maker) = maker(&link.made_by) else { return Ok(false) };
        let (maker, authority) = (self.with_rights(maker).await?, self.authority().await?);
        let reaches = || holds_reach_of(&maker, &authority, Subject::Person(link.person), self.now());
        Ok(manages_people(&maker) && reaches())
    }

    fn new_link(&self, actor: &Actor, name: &str, kind: LinkKind) -> Result<(MadeLink, NewLink)> {
        let (token, expires) = (random_token()?, self.now().plus_seconds(LIFE));
        let link = NewLink { token_hash: hash(&token), kind, made_by: made_by(actor), expires };
        Ok((MadeLink { person: name.to_owned(), kind, path: format!("/join/{token}"), expires }, link))
    }
}

/// How a link says who made it: as grants name them, so that it can be asked later what they may do.
fn made_by(actor: &Actor) -> String {
    crate::access::subject(actor).map_or_else(|| actor.name.clone(), |subject| subject.to_string())
}

/// Whoever made a link that says so, without what they hold. Nobody, where that can't be told.
fn maker(made_by: &str) -> Option<Actor> {
    let cli = Actor::cli();
    if made_by == cli.name {
        return Some(cli);
    }
    let (kind, id) = match made_by.parse().ok()? {
        Subject::Person(id) => (ActorKind::Person, id),
        Subject::Robot(id) => (ActorKind::Robot, id),
        Subject::Team(_) | Subject::Everyone | Subject::Anonymous => return None,
    };
    Some(Actor { kind, id, name: made_by.to_owned(), ..Actor::anonymous("", "", "") })
}

/// What people call whoever made a link.
pub(crate) fn maker_name(authority: &Authority, made_by: &str) -> String {
    match made_by.parse::<Subject>() {
        Ok(subject) => authority.name(subject).unwrap_or("somebody who is gone").to_owned(),
        Err(_) => made_by.to_owned(),
    }
}

fn outlived() -> Error {
    let message = "Whoever made this link may no longer give it to you. Ask an administrator for another one.";
    Error::new(Kind::Forbidden, message).way_out(WayOut::SignIn)
}

fn used_up() -> Error {
    let message = "The link is used up or too old. Ask whoever gave it to you for another one.";
    Error::new(Kind::Forbidden, message).way_out(WayOut::SignIn)
}
