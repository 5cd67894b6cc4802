//! People: who can sign in, the links by which they come in, and what ends their accounts.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    tokens::Token,
    values::{Time, bounded},
};
use axum::http::{HeaderValue, header};
use operations::{
    invitations::MadeLink,
    people::{LinkKind, PersonDetails, PersonRow, PersonState},
    subjects::{NameQuery, SubjectGrant},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_people, invite_person))
        .routes(routes!(read_person, remove_person))
        .routes(routes!(switch_person))
        .routes(routes!(make_link, void_link))
        .routes(routes!(end_sessions_of_person))
        .routes(routes!(revoke_token_of_person))
}

/// Whether somebody can act.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AccountState {
    /// Made, without a password yet.
    Invited,
    /// May sign in.
    Active,
    /// May not act.
    Disabled,
}

impl From<PersonState> for AccountState {
    fn from(state: PersonState) -> Self {
        match state {
            PersonState::Invited => Self::Invited,
            PersonState::Active => Self::Active,
            PersonState::Disabled => Self::Disabled,
        }
    }
}

impl AccountState {
    fn word(self) -> &'static str {
        match self {
            Self::Invited => PersonState::Invited.as_str(),
            Self::Active => PersonState::Active.as_str(),
            Self::Disabled => PersonState::Disabled.as_str(),
        }
    }
}

/// Which people are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeopleWanted {
    /// A part of the name or the full name.
    #[param(max_length = 100)]
    q: String,
    /// Only those in this state.
    #[param(inline)]
    state: Option<AccountState>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 200)]
    cursor: String,
}

/// A part of the people.
#[derive(Serialize, ToSchema)]
struct People {
    /// By name.
    people: Vec<ListedPerson>,
    /// How many there are in all pages.
    count: u64,
}

/// Somebody in the list.
#[derive(Serialize, ToSchema)]
struct ListedPerson {
    /// The name to sign in with.
    name: String,
    /// The full name; may be empty.
    display_name: String,
    /// Whether they can act.
    state: AccountState,
    /// The teams they are in, by name.
    teams: Vec<String>,
    /// How many grants are made to themselves, for those who may look at all grants.
    own_grants: Option<usize>,
    /// When they were seen last.
    last_seen: Option<Time>,
}

impl ListedPerson {
    fn of(row: PersonRow, counts: bool) -> Self {
        Self {
            name: row.name,
            display_name: row.display_name,
            state: row.state.into(),
            teams: row.teams,
            own_grants: counts.then_some(row.grants),
            last_seen: row.last_seen.map(Time),
        }
    }
}

/// A grant by which an account holds rights.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldGrant {
    /// Its number.
    #[schema(value_type = i64)]
    id: domain::Id,
    /// The role's name.
    role: String,
    /// Where, in words.
    place: String,
    /// Through whom it comes, where that is not the account itself.
    through: Option<String>,
    /// Until when; without, for good.
    until: Option<Time>,
    /// Has it run out?
    ended: bool,
    /// Because of what.
    because: String,
    /// Who made it.
    by: String,
}

impl From<SubjectGrant> for HeldGrant {
    fn from(grant: SubjectGrant) -> Self {
        Self {
            id: grant.id,
            role: grant.role,
            place: grant.place,
            through: grant.through,
            until: grant.until.map(Time),
            ended: grant.ended,
            because: grant.because,
            by: grant.by,
        }
    }
}

/// Somebody.
#[derive(Serialize, ToSchema)]
struct Person {
    /// As grants name them.
    #[schema(example = "person-3")]
    subject: String,
    /// The name to sign in with.
    name: String,
    /// The full name; may be empty.
    display_name: String,
    /// Whether they can act.
    state: AccountState,
    /// Since when.
    created: Time,
    /// When they were seen last.
    last_seen: Option<Time>,
    /// The teams they are in.
    teams: Vec<OwnTeam>,
    /// What they hold rights by.
    grants: Vec<HeldGrant>,
    /// How many sessions they have.
    sessions: usize,
    /// Their tokens, without secrets; only for who manages people, and themselves.
    tokens: Vec<Token>,
    /// Until when their link is good, if they have one.
    link_until: Option<Time>,
}

/// A team somebody is in.
#[derive(Serialize, ToSchema)]
struct OwnTeam {
    /// Its name.
    name: String,
    /// Do they lead it?
    lead: bool,
}

impl From<PersonDetails> for Person {
    fn from(person: PersonDetails) -> Self {
        Self {
            subject: format!("person-{}", person.id),
            name: person.name,
            display_name: person.display_name,
            state: person.state.into(),
            created: person.created.into(),
            last_seen: person.last_seen.map(Time),
            teams: person.teams.into_iter().map(|(name, lead)| OwnTeam { name, lead }).collect(),
            grants: person.grants.into_iter().map(HeldGrant::from).collect(),
            sessions: person.sessions,
            tokens: person.tokens.into_iter().map(Token::from).collect(),
            link_until: person.link.map(|(_, _, until)| Time(until)),
        }
    }
}

/// Somebody to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "grace", "display_name": "Grace Hopper" }))]
struct NewPerson {
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The full name.
    #[serde(default)]
    #[schema(max_length = 120)]
    display_name: String,
}

/// What a link is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LinkPurpose {
    /// To come in for the first time.
    Invite,
    /// To choose another password.
    Reset,
}

/// A link that was made just now.
#[derive(Serialize, ToSchema)]
struct Link {
    /// For whom.
    person: String,
    /// What it is for.
    purpose: LinkPurpose,
    /// Its path here, shown only this once.
    path: String,
    /// Its whole address, if the setting `--public-url` says what ours is.
    address: Option<String>,
    /// Until when it is good.
    expires: Time,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InPerson {
    /// The name of the person.
    #[param(example = "grace", min_length = 1, max_length = 64)]
    pub(super) person: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TokenOfPerson {
    /// The name of the person.
    #[param(example = "grace", min_length = 1, max_length = 64)]
    person: String,
    /// The public part of the token.
    #[param(example = "0123456789ab", pattern = "^[0-9a-f]{12}$")]
    prefix: String,
}

/// Whether somebody is kept from acting.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonSwitch {
    /// May they no longer act?
    disabled: bool,
}

fn made(asked: &Asked, link: MadeLink) -> Answer {
    let answer = Link {
        address: asked.operations.public_address(&link.path),
        purpose: match link.kind {
            LinkKind::Invite => LinkPurpose::Invite,
            LinkKind::Reset => LinkPurpose::Reset,
        },
        path: link.path,
        expires: link.expires.into(),
        person: link.person,
    };
    let mut response = asked.created(&format!("/people/{}", answer.person), &answer)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// List people
#[utoipa::path(get, path = "/people", tag = "People", operation_id = "listPeople", params(PeopleWanted),
    responses((status = 200, description = "The people, by name.", body = People)))]
async fn list_people(asked: Asked, Query(wanted): Query<PeopleWanted>) -> Answer {
    bounded("q", &wanted.q, 100)?;
    bounded("cursor", &wanted.cursor, 200)?;
    let query = NameQuery { text: wanted.q, after: wanted.cursor, before: String::new() };
    let state = wanted.state.map_or("", AccountState::word);
    let found = asked.operations.people(&asked.actor, &query, state).await?;
    let counts = asked.counts_grants();
    let rows = found.rows.into_iter().map(|row| ListedPerson::of(row, counts));
    let people = People { people: rows.collect(), count: found.count };
    asked.page(&people, found.next.as_deref())
}

/// Invite somebody
///
/// Makes an account without a password and without rights. The link in the answer is shown only this once, good for 7 days.
#[utoipa::path(post, path = "/people", tag = "People", operation_id = "invitePerson", request_body = NewPerson,
    responses((status = 201, description = "The account is made.", body = Link)))]
async fn invite_person(asked: Asked, Json(new): Json<NewPerson>) -> Answer {
    let link = asked.operations.invite(&asked.actor, &new.name, &new.display_name).await?;
    made(&asked, link)
}

/// Read about somebody
#[utoipa::path(get, path = "/people/{person}", tag = "People", operation_id = "readPerson", params(InPerson),
    responses((status = 200, description = "The person.", body = Person)))]
async fn read_person(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    asked.answer(&Person::from(asked.operations.person_details(&asked.actor, &at.person).await?))
}

/// Remove somebody
///
/// With their sessions, tokens, memberships and grants. The audit log keeps what they did. The last who may do everything
/// can't be removed.
#[utoipa::path(delete, path = "/people/{person}", tag = "People", operation_id = "removePerson", params(InPerson),
    responses((status = 204, description = "They are removed.")))]
async fn remove_person(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    // Whoever calls this has typed the name: it stands in the address. It counts as it is kept.
    let name = asked.operations.person_details(&asked.actor, &at.person).await?.name;
    asked.operations.remove_person(&asked.actor, &name, &name).await?;
    done()
}

/// Disable or enable somebody
///
/// Disabling ends their sessions, and refuses their tokens, at once.
#[utoipa::path(put, path = "/people/{person}/disabled", tag = "People", operation_id = "switchPerson", params(InPerson),
    request_body = PersonSwitch, responses((status = 204, description = "It is so.")))]
async fn switch_person(asked: Asked, Path(at): Path<InPerson>, Json(switch): Json<PersonSwitch>) -> Answer {
    asked.operations.disable_person(&asked.actor, &at.person, switch.disabled).await?;
    done()
}

/// Make a link for somebody
///
/// To come in, while they have not; else to choose another password. The former link is void; nothing else ends until it is
/// used.
#[utoipa::path(post, path = "/people/{person}/link", tag = "People", operation_id = "makeLink", params(InPerson),
    responses((status = 201, description = "The link, shown only this once.", body = Link)))]
async fn make_link(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    let link = asked.operations.make_link(&asked.actor, &at.person).await?;
    made(&asked, link)
}

/// Void somebody's link
#[utoipa::path(delete, path = "/people/{person}/link", tag = "People", operation_id = "voidLink", params(InPerson),
    responses((status = 204, description = "They have no link.")))]
async fn void_link(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    asked.operations.revoke_link(&asked.actor, &at.person).await?;
    done()
}

/// Sign somebody out everywhere
#[utoipa::path(delete, path = "/people/{person}/sessions", tag = "People", operation_id = "endSessionsOfPerson", params(InPerson),
    responses((status = 204, description = "Their sessions are ended.")))]
async fn end_sessions_of_person(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    asked.operations.end_sessions_of(&asked.actor, &at.person).await?;
    done()
}

/// Revoke a token of somebody
///
/// At once, and for good.
#[utoipa::path(delete, path = "/people/{person}/tokens/{prefix}", tag = "People", operation_id = "revokeTokenOfPerson",
    params(TokenOfPerson), responses((status = 204, description = "It is revoked.")))]
async fn revoke_token_of_person(asked: Asked, Path(at): Path<TokenOfPerson>) -> Answer {
    asked.operations.revoke_token_of(&asked.actor, &at.person, &at.prefix).await?;
    done()
}
