//! Asking for access: whoever lacks a right asks for it, and those who could grant it grant or decline.

use crate::{
    Error, Kind, Operations, Result,
    explain::{place_text, smallest},
    grants::{GrantForm, GrantRow, Names},
};
use domain::{
    Actor, FieldErrors, Id, Permission, Place, Timestamp,
    access::{Authority, PermissionSet, Role, RoleId, Scope, Subject, delegation::missing_to_give},
    audit::Act,
    permission::allows,
};
use store::{AccessRequest, AddRequest, AnswerRequest, WantedAccess};

pub use store::{Answered, RequestAnswer};

/// Characters of a reason at most.
const REASON: usize = 500;
/// Characters of a grant's reason at most.
const GRANT_REASON: usize = 300;
/// As many requests somebody makes in an hour at most.
const AN_HOUR: i64 = 10;
const HOUR: i64 = 3_600;
/// As many open requests are looked through for those that somebody can answer.
const LOOKED: u32 = 2_000;
/// As many of one's own are listed.
const OWN: u32 = 20;

/// What is typed to ask for access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestForm {
    /// The name of a permission.
    pub act: String,
    /// Where, as [`crate::explain::Question::place`].
    pub place: String,
    /// What for.
    pub because: String,
}

/// How a request is granted. An empty text leaves it as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestGrant {
    /// The role: `writer`, `custom-4`; empty for the smallest that would do.
    pub role: String,
    /// Until when, as [`GrantForm::until`].
    pub until: String,
    /// Because of what; empty for the reason that was given.
    pub because: String,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its number.
    pub id: Id,
    /// Who asks.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// What they ask for.
    pub permission: Permission,
    /// Where, as addresses say it.
    pub place: String,
    /// The registry of the place, by name, as the form for a grant takes it.
    pub registry: String,
    /// The repository of the place, as the form for a grant takes it.
    pub repository: String,
    /// What for.
    pub because: String,
    /// When.
    pub created: Timestamp,
    /// The answer, once there is one.
    pub answered: Option<Answered>,
    /// The smallest role that whoever looks could grant for it.
    pub role: Option<Role>,
    /// Do they have it by now, by whatever grant?
    pub has_it: bool,
}

/// Could `actor` grant this: the right to grant there, and what is asked for?
fn could_grant(actor: &Actor, wanted: &WantedAccess) -> bool {
    let permissions: PermissionSet = [wanted.permission].into_iter().collect();
    missing_to_give(actor, permissions, &Scope::of(&wanted.place)).is_empty()
}

/// What the log says of a request.
fn target(place: &str, wanted: &WantedAccess, name: &str) -> String {
    format!("{} on {place} for {name}", wanted.permission)
}

fn reason(text: &str) -> Option<String> {
    let text = text.trim().replace("\r\n", "\n");
    let plain = text.chars().all(|c| c == '\n' || !domain::text::is_hidden(c));
    (text.chars().count() <= REASON && plain).then_some(text)
}

impl Operations {
    /// Asks for a permission at a place. Its registry has to be one that one sees; whether the repository is there is not told.
    pub async fn request_access(&self, actor: &Actor, form: &RequestForm) -> Result<Id> {
        let person = self.person(actor).await?;
        let mut wrong = FieldErrors::new();
        let permission = Permission::named(form.act.trim()).filter(|permission| permission.is_grantable());
        if permission.is_none() {
            wrong.push("act", "Choose a permission.");
        }
        let place = wrong.take("where", self.place_of(actor, &form.place).await);
        let because = reason(&form.because).filter(|text| !text.is_empty());
        if because.is_none() {
            wrong.push("because", format!("Say in up to {REASON} characters what you need it for."));
        }
        let (Some(permission), Some(place), Some(because)) = (permission, place, because) else {
            return Err(Error::invalid(wrong.0));
        };
        if allows(actor, permission, place.clone()).is_ok() {
            return Err(Error::field("act", "You may do this already."));
        }
        let wanted = WantedAccess { permission, place, because };
        let said = self.say_place(actor, &wanted.place).await?;
        let act = Act::new("access.request", target(&said, &wanted, &person.name))
            .after(serde_json::json!({ "because": wanted.because }));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        let recent = self.0.store.access_requests().made_since(person.id, self.now().plus_seconds(-HOUR)).await?;
        if recent >= AN_HOUR {
            let message = format!("You asked {AN_HOUR} times within an hour. Wait for answers, and ask again later.");
            return Err(Error { retry_after: Some(HOUR.unsigned_abs()), ..Error::new(Kind::TooMany, message) });
        }
        self.change(permit, &act, AddRequest { person: person.id, wanted }).await.map_err(asked_before)
    }

    /// Takes back one's own request.
    pub async fn withdraw_request(&self, actor: &Actor, id: Id) -> Result<()> {
        let person = self.person(actor).await?;
        let found = self.0.store.access_requests().by_id(id).await?.filter(|request| request.person == person.id);
        let request = found.ok_or_else(|| Error::not_found(format!("request {id}")))?;
        let said = self.say_place(actor, &request.wanted.place).await?;
        let act = Act::new("access.withdraw", target(&said, &request.wanted, &person.name));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        self.change(permit, &act, answer(id, RequestAnswer::Withdrawn, String::new(), &person.name)).await
    }

    /// The requests that wait and that this actor could grant, the oldest first.
    pub async fn requests(&self, actor: &Actor) -> Result<Vec<RequestRow>> {
        let open = self.grantable_requests(actor).await?;
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        Ok(open.into_iter().map(|request| self.request_row(actor, &authority, &names, request)).collect())
    }

    /// How many there are, for the section's tabs.
    pub async fn requests_waiting(&self, actor: &Actor) -> Result<usize> {
        Ok(self.grantable_requests(actor).await?.len())
    }

    /// One's own requests, the newest first, with their answers.
    pub async fn own_requests(&self, actor: &Actor) -> Result<Vec<RequestRow>> {
        let person = self.person(actor).await?;
        let own = self.0.store.access_requests().of_person(person.id, OWN).await?;
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        Ok(own.into_iter().map(|request| self.request_row(actor, &authority, &names, request)).collect())
    }

    /// One request, for those who could grant it, and for whoever made it.
    pub async fn request(&self, actor: &Actor, id: Id) -> Result<RequestRow> {
        let own = self.person(actor).await.ok().map(|person| person.id);
        let found = self.0.store.access_requests().by_id(id).await?;
        let request = match found.filter(|request| Some(request.person) == own) {
            Some(request) => request,
            None => self.answerable(actor, id).await?,
        };
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        Ok(self.request_row(actor, &authority, &names, request))
    }

    /// Grants a request: gives whoever asked what they asked for, where they asked for it, which answers the request.
    pub async fn grant_request(&self, actor: &Actor, id: Id, how: &RequestGrant) -> Result<GrantRow> {
        let request = self.answerable(actor, id).await?;
        let (authority, names) = (self.authority().await?, self.registry_names_for(actor).await?);
        let row = self.request_row(actor, &authority, &names, request);
        if row.answered.is_some() {
            return Err(Error::new(Kind::Conflict, "This request was answered already."));
        }
        if row.has_it {
            let message = "They have by now what they asked for. Close the request.";
            return Err(Error::new(Kind::Conflict, message));
        }
        let role = match (how.role.trim(), &row.role) {
            ("", Some(smallest)) => smallest.id.to_string(),
            ("", None) => return Err(Error::field("role", "You could grant no role that gives just this. Name one.")),
            // One that is not there is told by what reads the form of a grant.
            (named, _) => match named.parse::<RoleId>() {
                Ok(role) if authority.role(role).is_some_and(|role| !role.permissions.contains(row.permission)) => {
                    return Err(Error::field("role", "This role does not give what is asked for."));
                }
                _ => named.to_owned(),
            },
        };
        let because = if how.because.trim().is_empty() { one_line(&row.because) } else { how.because.clone() };
        let form = GrantForm {
            subject: row.subject.to_string(),
            role,
            registry: row.registry,
            repositories: row.repository,
            until: how.until.clone(),
            because,
        };
        self.add_grant(actor, &form, None).await
    }

    /// Says no, and why.
    pub async fn decline_request(&self, actor: &Actor, id: Id, why: &str) -> Result<()> {
        self.known_request(actor, id).await?;
        let why = reason(why).filter(|text| !text.is_empty());
        let why = why.ok_or_else(|| Error::field("reason", format!("Say why in up to {REASON} characters.")))?;
        self.answer(actor, id, RequestAnswer::Declined, "access.decline", why).await
    }

    /// Says that a request was granted: whoever asked has it now. Called after the grant is made.
    pub async fn answer_request(&self, actor: &Actor, id: Id) -> Result<()> {
        let request = self.answerable(actor, id).await?;
        let rights = self.rights_of(Subject::Person(request.person)).await?;
        if !rights.allow(request.wanted.permission, &request.wanted.place) {
            let message = "What was granted does not give what was asked for. The request stays open.";
            return Err(Error::new(Kind::Conflict, message));
        }
        self.answer(actor, id, RequestAnswer::Granted, "access.grant", String::new()).await
    }

    /// Answers what a grant just fulfilled. The grant is made, whatever becomes of this: a request that stays open can be
    /// closed on its page.
    pub(crate) async fn answer_fulfilled(&self, actor: &Actor) {
        if let Err(error) = self.answer_granted(actor).await {
            tracing::warn!(%error, "requests that a grant fulfils could not be answered");
        }
    }

    /// Answers the requests whose askers have by now what they asked for, of those that this actor could grant: after each
    /// grant, so that nobody has to remember to.
    async fn answer_granted(&self, actor: &Actor) -> Result<()> {
        for request in self.grantable_requests(actor).await? {
            let rights = self.rights_of(Subject::Person(request.person)).await?;
            if rights.allow(request.wanted.permission, &request.wanted.place) {
                self.answer(actor, request.id, RequestAnswer::Granted, "access.grant", String::new()).await?;
            }
        }
        Ok(())
    }

    async fn answer(&self, actor: &Actor, id: Id, how: RequestAnswer, named: &str, why: String) -> Result<()> {
        let request = self.known_request(actor, id).await?;
        let said = self.say_place(actor, &request.wanted.place).await?;
        let act = Act::new(named, target(&said, &request.wanted, &request.person_name));
        let act = if why.is_empty() { act } else { act.after(serde_json::json!({ "reason": why })) };
        let permissions: PermissionSet = [request.wanted.permission].into_iter().collect();
        let permit = self.may_give(actor, permissions, &Scope::of(&request.wanted.place), Some(&act)).await?;
        self.change(permit, &act, answer(id, how, why, &actor.name)).await
    }

    async fn grantable_requests(&self, actor: &Actor) -> Result<Vec<AccessRequest>> {
        if !actor.rights.anywhere(Permission::GrantManage) {
            return Ok(Vec::new());
        }
        let mut open = self.0.store.access_requests().open(LOOKED).await?;
        open.retain(|request| could_grant(actor, &request.wanted));
        Ok(open)
    }

    /// A request that waits, for those who may see who may do what at its place.
    async fn known_request(&self, actor: &Actor, id: Id) -> Result<AccessRequest> {
        let found = self.0.store.access_requests().by_id(id).await?;
        let knows =
            |request: &AccessRequest| allows(actor, Permission::GrantView, request.wanted.place.clone()).is_ok();
        found.filter(knows).ok_or_else(|| Error::not_found(format!("request {id} that you may answer")))
    }

    async fn answerable(&self, actor: &Actor, id: Id) -> Result<AccessRequest> {
        let request = self.known_request(actor, id).await?;
        let permissions: PermissionSet = [request.wanted.permission].into_iter().collect();
        self.may_give(actor, permissions, &Scope::of(&request.wanted.place), None).await?;
        Ok(request)
    }

    fn request_row(&self, actor: &Actor, authority: &Authority, names: &Names, request: AccessRequest) -> RequestRow {
        let AccessRequest { id, person, person_name, wanted, created, answered } = request;
        let subject = Subject::Person(person);
        let scope = Scope::of(&wanted.place);
        let could = |role: &Role| missing_to_give(actor, role.permissions, &scope).is_empty();
        let role = smallest(authority, wanted.permission).and_then(|role| authority.role(role)).filter(could);
        let has_it = authority.rights_of(subject, self.now()).allow(wanted.permission, &wanted.place);
        RequestRow {
            id,
            subject,
            name: person_name,
            permission: wanted.permission,
            place: place_text(names, &wanted.place),
            // Empty would be all of them: one that may not be seen gets a name that none has.
            registry: wanted.place.registry().map(|id| called(names, id)).unwrap_or_default(),
            repository: wanted.place.repository().map(ToString::to_string).unwrap_or_default(),
            because: wanted.because,
            created,
            answered,
            role,
            has_it,
        }
    }
}

fn called(names: &Names, id: Id) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("registry {id}"))
}

/// A request's reason as that of a grant, which has one line and less room.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= GRANT_REASON {
        return line;
    }
    line.chars().take(GRANT_REASON - 1).chain(['…']).collect()
}

fn answer(id: Id, answer: RequestAnswer, reason: String, by: &str) -> AnswerRequest {
    AnswerRequest { id, answer, reason, by: by.to_owned() }
}

/// What the records say of a request too many.
fn asked_before(error: Error) -> Error {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    let message = match cause {
        Some(store::Error::Taken("request")) => "You asked for this already. It waits for an answer.",
        Some(store::Error::Conflict("too many requests are open")) => {
            "You have 20 requests that wait for an answer. Take one back first."
        }
        _ => return error,
    };
    let kind = error.kind;
    Error { cause: error.cause, ..Error::new(kind, message) }
}
