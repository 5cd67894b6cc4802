//! Reading the audit log.

use crate::{Error, Operations, Result};
use domain::{
    Actor, Id, Permission, Place, Timestamp, Visible, audit::Outcome, fields::FieldError, permission::allows,
};
use store::{AUDIT_LOOKED, AuditFilter, AuditLines, AuditReadable};
pub use store::{Entry as AuditEntry, Verified};

/// As many entries stand on a page that asks for no number.
const PAGE: u32 = 50;
/// Entries of a page at most.
const MOST: u32 = 500;

/// What is asked of the log; empty texts ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Any part of act, target, actor or detail.
    pub text: String,
    /// The actor's name.
    pub actor: String,
    /// The beginning of an act, such as `registry.`.
    pub act: String,
    /// `done`, `refused`, `failed` or `unknown`.
    pub outcome: String,
    /// Only what concerned this registry.
    pub registry: Option<Id>,
    /// The first day, `2026-11-21`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Entries below this number: the next page.
    pub below: Option<Id>,
    /// Entries above this number: the page before.
    pub above: Option<Id>,
    /// Entries of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The number below which the next page begins, if there is one.
    pub older: Option<Id>,
    /// The number above which the page before ends, if there may be one.
    pub newer: Option<Id>,
    /// So many entries were looked through before it was given up to fill the page: there may be more beyond it.
    pub looked: Option<u64>,
}

/// The start of a day in UTC, where one is asked for.
fn day(field: &str, text: &str) -> std::result::Result<Option<Timestamp>, FieldError> {
    let Some(text) = some(text) else { return Ok(None) };
    let day = Timestamp::parse(&format!("{text}T00:00:00Z"));
    day.map(Some).ok_or_else(|| FieldError::new(field, "A day looks like 2026-11-21."))
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// As many entries a page looks through at most.
fn looked() -> u64 {
    AUDIT_LOOKED.unsigned_abs()
}

/// Where this actor may read the log; a refusal if that is nowhere.
fn readable(actor: &Actor) -> Result<AuditReadable> {
    let readable = AuditReadable::by(actor);
    if !readable.anything() {
        allows(actor, Permission::AuditView, Place::System)?;
    }
    Ok(readable)
}

impl Operations {
    /// A page of the log: who may read it only at some places reads what happened there.
    pub async fn audit(&self, actor: &Actor, query: &AuditQuery) -> Result<AuditPage> {
        let readable = readable(actor)?;
        let (from, to) = match (day("from", &query.from), day("to", &query.to)) {
            (Ok(from), Ok(to)) => (from, to),
            (from, to) => return Err(Error::invalid(from.err().into_iter().chain(to.err()).collect())),
        };
        let outcomes = [Outcome::Done, Outcome::Refused, Outcome::Failed, Outcome::Unknown];
        let filter = AuditFilter {
            text: some(&query.text),
            actor: some(&query.actor),
            act: some(&query.act),
            outcome: outcomes.into_iter().find(|outcome| outcome.as_str() == query.outcome),
            registry: query.registry,
            from,
            to: to.map(|at| at.plus_seconds(86_400)),
            ..AuditFilter::default()
        };
        let audit = self.0.store.audit();
        let limit = query.limit.unwrap_or(PAGE).clamp(1, MOST);
        let page = limit as usize;
        let sequence = |entry: &AuditEntry| entry.entry.sequence;
        if let Some(above) = query.above {
            let AuditLines { mut entries, stopped } = audit.entries_above(&readable, &filter, above, limit + 1).await?;
            let more = entries.len() > page;
            if more {
                entries.remove(0);
            }
            let older = entries.last().map_or(above.saturating_add(1), sequence);
            let newer = if more { entries.first().map(sequence) } else { stopped };
            return Ok(AuditPage { entries, older: Some(older), newer, looked: stopped.map(|_| looked()) });
        }
        let AuditLines { mut entries, stopped } = audit.entries(&readable, &filter, query.below, limit + 1).await?;
        let more = entries.len() > page;
        entries.truncate(page);
        let older = if more { entries.last().map(sequence) } else { stopped };
        let newer = query.below.map(|below| entries.first().map_or(below.saturating_sub(1), sequence));
        Ok(AuditPage { entries, older, newer, looked: stopped.map(|_| looked()) })
    }

    /// One entry. What may not be read is not there.
    pub async fn audit_entry(&self, actor: &Actor, sequence: Id) -> Result<AuditEntry> {
        let found = self.0.store.audit().entry(&readable(actor)?, sequence).await?;
        found.ok_or_else(|| Error::not_found(format!("entry {sequence}")))
    }

    /// Goes through the chain from its first entry: all of it, so that it takes the right to read all of it.
    pub async fn verify_audit(&self, actor: &Actor) -> Result<Verified> {
        let _permit = allows(actor, Permission::AuditView, Place::System)?;
        Ok(self.0.store.audit().verify().await?)
    }

    /// The names of registries by id, those removed too, for entries that name them.
    pub async fn registry_names(&self, actor: &Actor) -> Result<Vec<(Id, String)>> {
        readable(actor)?;
        Ok(self.0.store.registries().names(&Visible::to(actor)).await?)
    }
}
