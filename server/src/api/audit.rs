//! The audit log.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    problem::Problem,
    values::{Time, bounded, cursor, limit, read_cursor},
};
use domain::{Id, audit};
use operations::audit::{AuditEntry as Line, AuditQuery, Verified};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_entries)).routes(routes!(read_entry)).routes(routes!(verify_audit))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
struct Wanted {
    /// Any part of act, target, actor or detail.
    #[param(max_length = 256)]
    q: String,
    /// The actor's whole name.
    #[param(max_length = 256)]
    actor: String,
    /// The beginning of an act.
    #[param(max_length = 256, example = "registry.")]
    act: String,
    /// How it ended.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Only what concerned the registry of this number, as entries name it.
    #[param(value_type = Option<i64>)]
    registry: Option<Id>,
    /// The first day, in UTC.
    #[param(format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-11-01")]
    from: Option<String>,
    /// The last day, in UTC.
    #[param(format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-11-30")]
    to: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByNumber {
    /// The number of the entry.
    #[param(example = 1, minimum = 1, value_type = i64)]
    sequence: Id,
}

/// How an act ended.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// Not known yet, or never told.
    Unknown,
    /// Done.
    Done,
    /// Refused: the actor may not.
    Refused,
    /// Tried, and failed.
    Failed,
}

impl From<audit::Outcome> for Outcome {
    fn from(outcome: audit::Outcome) -> Self {
        match outcome {
            audit::Outcome::Unknown => Self::Unknown,
            audit::Outcome::Done => Self::Done,
            audit::Outcome::Refused => Self::Refused,
            audit::Outcome::Failed => Self::Failed,
        }
    }
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
struct AuditEntries {
    /// Newest first.
    entries: Vec<AuditEntry>,
}

/// A line of the log: an act with its outcome.
#[derive(Serialize, ToSchema)]
struct AuditEntry {
    /// Its place in the chain.
    #[schema(value_type = i64)]
    sequence: Id,
    /// When it began or happened.
    at: Time,
    /// When it ended, if it was opened and has ended.
    ended: Option<Time>,
    /// Who: `person`, `robot`, `schedule`, `cli`, `registry` or `anonymous`.
    actor_kind: String,
    /// The actor's name then; empty once it was erased.
    actor: String,
    /// By what: `session 7`, `token 3`.
    via: String,
    /// From where.
    address: String,
    /// With what program.
    agent: String,
    /// The number of the request.
    request: String,
    /// What: `registry.add`.
    act: String,
    /// Upon what.
    target: String,
    /// The number of the registry it concerned.
    #[schema(value_type = Option<i64>)]
    registry: Option<Id>,
    /// The repository it concerned.
    repository: Option<String>,
    /// How it ended.
    outcome: Outcome,
    /// Why, where it did not end well.
    detail: Option<String>,
    /// The fields before.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// The fields after.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The hash of the entry, which covers the one before.
    hash: String,
}

/// What going through the chain found.
#[derive(Serialize, ToSchema)]
struct Chain {
    /// Is it whole?
    whole: bool,
    /// How many entries it has, if it is whole.
    entries: Option<u64>,
    /// Its last hash, to be kept elsewhere, if it is whole.
    head: Option<String>,
    /// The entry at which it is broken.
    #[schema(value_type = Option<i64>)]
    broken_at: Option<Id>,
    /// What is wrong there.
    why: Option<String>,
}

/// Fields are an object; anything else is not shown.
fn fields(text: Option<&str>) -> Option<Value> {
    text.and_then(|text| serde_json::from_str(text).ok()).filter(Value::is_object)
}

/// What was intended, with what the outcome added.
fn together(intended: Option<Value>, added: Option<Value>) -> Option<Value> {
    match (intended, added) {
        (Some(Value::Object(mut all)), Some(Value::Object(more))) => {
            all.extend(more);
            Some(Value::Object(all))
        }
        (intended, added) => intended.or(added),
    }
}

impl From<Line> for AuditEntry {
    fn from(line: Line) -> Self {
        let own = line.entry;
        Self {
            sequence: own.sequence,
            at: own.at.into(),
            ended: line.ended_at.map(Time),
            actor_kind: own.actor_kind,
            actor: line.actor_name,
            via: own.via,
            address: line.address,
            agent: line.agent,
            request: own.request_id,
            act: own.act,
            target: own.target,
            registry: own.registry_id,
            repository: own.repository,
            outcome: line.outcome.into(),
            detail: line.detail,
            before: fields(line.before.as_deref()),
            after: together(fields(line.after.as_deref()), fields(line.ended_after.as_deref())),
            hash: line.hash,
        }
    }
}

/// A day that is named is one: the pages' forms send empty fields along, programs do not.
fn day(name: &str, text: Option<String>) -> Result<String, Problem> {
    match text {
        Some(text) if text.trim().len() != 10 => Err(Problem::malformed(name, "A day looks like 2026-11-21.")),
        text => Ok(text.unwrap_or_default()),
    }
}

/// List entries of the audit log
///
/// Newest first; an act and its outcome are one line.
#[utoipa::path(get, path = "/audit", tag = "Audit", operation_id = "listEntries", params(Wanted),
    responses((status = 200, description = "A page of the log.", body = AuditEntries)))]
async fn list_entries(asked: Asked, Query(wanted): Query<Wanted>) -> Answer {
    for (name, text) in [("q", &wanted.q), ("actor", &wanted.actor), ("act", &wanted.act)] {
        bounded(name, text, 256)?;
    }
    let below = if wanted.cursor.is_empty() { None } else { Some(read_cursor("entry", &wanted.cursor)?) };
    let query = AuditQuery {
        text: wanted.q,
        actor: wanted.actor,
        act: wanted.act,
        outcome: wanted.outcome.map(super::tags::word).unwrap_or_default(),
        registry: wanted.registry,
        from: day("from", wanted.from)?,
        to: day("to", wanted.to)?,
        below,
        above: None,
        limit: limit(wanted.limit)?,
    };
    let shown = asked.operations.audit(&asked.actor, &query).await?;
    let page = AuditEntries { entries: shown.entries.into_iter().map(AuditEntry::from).collect() };
    asked.page(&page, shown.older.map(|id| cursor("entry", id)).as_deref())
}

/// Read an entry of the audit log
#[utoipa::path(get, path = "/audit/{sequence}", tag = "Audit", operation_id = "readEntry", params(ByNumber),
    responses((status = 200, description = "The entry.", body = AuditEntry)))]
async fn read_entry(asked: Asked, Path(at): Path<ByNumber>) -> Answer {
    asked.answer(&AuditEntry::from(asked.operations.audit_entry(&asked.actor, at.sequence).await?))
}

/// Verify the audit log
///
/// Goes through the hash chain from its first entry.
#[utoipa::path(post, path = "/audit-verification", tag = "Audit", operation_id = "verifyAudit",
    responses((status = 200, description = "What was found.", body = Chain)))]
async fn verify_audit(asked: Asked) -> Answer {
    let found = match asked.operations.verify_audit(&asked.actor).await? {
        Verified::Whole { entries, head } => Chain {
            whole: true,
            entries: Some(entries.try_into().unwrap_or_default()),
            head: Some(head),
            broken_at: None,
            why: None,
        },
        Verified::Broken { sequence, why } => {
            Chain { whole: false, entries: None, head: None, broken_at: Some(sequence), why: Some(why) }
        }
    };
    Ok(axum::response::IntoResponse::into_response(axum::Json(found)))
}
