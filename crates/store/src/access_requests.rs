//! What people ask to be granted, until somebody who can grants or declines it.

use crate::{Change, Context, Error, Store, pools::Pools, sql::statements};
use domain::{Id, Permission, Place, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    ADD = "INSERT INTO access_requests (person_id, permission, registry_id, repository, because, created)
           SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM access_requests WHERE person_id = $1 AND answer IS NULL) < $7
           RETURNING id";
    // Whoever was removed asks for nothing; whoever is disabled may be enabled again.
    OPEN = "SELECT r.*, p.name AS person_name FROM access_requests r JOIN people p ON p.id = r.person_id
            WHERE r.answer IS NULL ORDER BY r.created, r.id LIMIT $1";
    BY_ID = "SELECT r.*, p.name AS person_name FROM access_requests r JOIN people p ON p.id = r.person_id WHERE r.id = $1";
    OF_PERSON = "SELECT r.*, p.name AS person_name FROM access_requests r JOIN people p ON p.id = r.person_id
                 WHERE r.person_id = $1 ORDER BY r.created DESC, r.id DESC LIMIT $2";
    SINCE = "SELECT COUNT(*) FROM access_requests WHERE person_id = $1 AND created > $2";
    ANSWER = "UPDATE access_requests SET answer = $2, reason = $3, answered = $4, answered_by = $5
              WHERE id = $1 AND answer IS NULL RETURNING id";
}

/// As many open requests a person has at most.
pub const MOST_OPEN: i64 = 20;

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestAnswer {
    /// It was granted.
    Granted,
    /// It was not.
    Declined,
    /// Whoever asked took it back.
    Withdrawn,
}

impl RequestAnswer {
    /// The word the records use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
    fn parse(text: &str) -> Result<Self, Error> {
        let all = [Self::Granted, Self::Declined, Self::Withdrawn];
        let found = all.into_iter().find(|answer| answer.as_str() == text);
        found.ok_or_else(|| Error::Broken(format!("a request has the answer {text}")))
    }
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which.
    pub answer: RequestAnswer,
    /// Why; may be empty.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// By whom, by the name they had.
    pub by: String,
}

/// What somebody asks for: a permission at a place, because of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedAccess {
    /// What.
    pub permission: Permission,
    /// Where.
    pub place: Place,
    /// Why, in their words.
    pub because: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// Never used again.
    pub id: Id,
    /// Who asks.
    pub person: Id,
    /// What they are called.
    pub person_name: String,
    /// What they ask for.
    pub wanted: WantedAccess,
    /// When they asked.
    pub created: Timestamp,
    /// The answer, once there is one.
    pub answered: Option<Answered>,
}

/// The requests.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequests<'s>(&'s Pools);

impl Store {
    /// What people ask to be granted.
    pub fn access_requests(&self) -> AccessRequests<'_> {
        AccessRequests(&self.inner.records)
    }
}

impl AccessRequests<'_> {
    /// Those that wait for an answer, the oldest first, up to `limit`.
    pub async fn open(&self, limit: u32) -> Result<Vec<AccessRequest>, Error> {
        let rows = sqlx::query(OPEN).bind(limit).fetch_all(&self.0.readers).await?;
        // What this program can't read, nobody can grant with it.
        Ok(rows.iter().filter_map(|row| request(row).ok()).collect())
    }
    /// One of them.
    pub async fn by_id(&self, id: Id) -> Result<Option<AccessRequest>, Error> {
        sqlx::query(BY_ID).bind(id).fetch_optional(&self.0.readers).await?.as_ref().map(request).transpose()
    }
    /// A person's, the newest first, up to `limit`.
    pub async fn of_person(&self, person: Id, limit: u32) -> Result<Vec<AccessRequest>, Error> {
        let rows = sqlx::query(OF_PERSON).bind(person).bind(limit).fetch_all(&self.0.readers).await?;
        rows.iter().map(request).collect()
    }
    /// How many requests a person made after a moment, whatever became of them.
    pub async fn made_since(&self, person: Id, since: Timestamp) -> Result<i64, Error> {
        Ok(sqlx::query_scalar(SINCE).bind(person).bind(since.0).fetch_one(&self.0.readers).await?)
    }
}

fn request(row: &SqliteRow) -> Result<AccessRequest, Error> {
    let permission: String = row.try_get("permission")?;
    let permission = Permission::named(&permission)
        .ok_or_else(|| Error::Broken(format!("a request is for {permission}, which is no permission")))?;
    let (registry, repository): (Option<Id>, Option<String>) =
        (row.try_get("registry_id")?, row.try_get("repository")?);
    let place = match (registry, repository) {
        (None, _) => Place::System,
        (Some(registry), None) => Place::Registry(registry),
        (Some(registry), Some(name)) => Place::Repository(registry, name.parse()?),
    };
    let answered = match row.try_get::<Option<String>, _>("answer")? {
        None => None,
        Some(answer) => Some(Answered {
            answer: RequestAnswer::parse(&answer)?,
            reason: row.try_get("reason")?,
            at: Timestamp(row.try_get::<Option<i64>, _>("answered")?.unwrap_or_default()),
            by: row.try_get("answered_by")?,
        }),
    };
    Ok(AccessRequest {
        id: row.try_get("id")?,
        person: row.try_get("person_id")?,
        person_name: row.try_get("person_name")?,
        wanted: WantedAccess { permission, place, because: row.try_get("because")? },
        created: Timestamp(row.try_get("created")?),
        answered,
    })
}

/// Adds a request. The same one that is open already is [`Error::Taken`], one more than [`MOST_OPEN`] a conflict.
#[derive(Clone, Debug)]
pub struct AddRequest {
    /// Who asks.
    pub person: Id,
    /// What for.
    pub wanted: WantedAccess,
}

impl Change for AddRequest {
    type Output = Id;
    async fn apply(self, context: &mut Context<'_>) -> Result<Id, Error> {
        let WantedAccess { permission, place, because } = &self.wanted;
        let statement = sqlx::query_scalar::<_, Id>(ADD)
            .bind(self.person)
            .bind(permission.as_str())
            .bind(place.registry())
            .bind(place.repository().map(domain::RepositoryName::as_str))
            .bind(because)
            .bind(context.at.0)
            .bind(MOST_OPEN);
        let added = statement.fetch_optional(&mut *context.change).await;
        let added = added.map_err(|error| Error::from(error).taken("request"))?;
        added.ok_or(Error::Conflict("too many requests are open"))
    }
    fn after(id: &Id) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "request": id }))
    }
}

/// Answers a request that has no answer yet.
#[derive(Clone, Debug)]
pub struct AnswerRequest {
    /// Which.
    pub id: Id,
    /// How.
    pub answer: RequestAnswer,
    /// Why; may be empty.
    pub reason: String,
    /// By whom.
    pub by: String,
}

impl Change for AnswerRequest {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query_scalar::<_, Id>(ANSWER)
            .bind(self.id)
            .bind(self.answer.as_str())
            .bind(&self.reason)
            .bind(context.at.0)
            .bind(&self.by);
        let answered = statement.fetch_optional(&mut *context.change).await?;
        answered.map(|_| ()).ok_or(Error::Conflict("somebody else answered meanwhile"))
    }
}
