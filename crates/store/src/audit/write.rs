//! Writing entries. Each is added within a transaction that holds the lock for writing, so that the chain has one end.

use super::row::{self, Personal};
use crate::{Error, Store, change::finish, sealing::random, sql::statements};
use domain::{
    Actor, Id, OpenedPermit, Permit, Place, RepositoryName, Timestamp, Via,
    audit::{Act, Chained, FIRST, Outcome, Stage, personal},
};
use serde_json::Value;
use sqlx::SqliteConnection;
use std::sync::atomic::{AtomicU64, Ordering};

statements! {
    // By whom and in which request: after a restore, another act may have been opened under the same number.
    OPENED_ACT = "SELECT act, target FROM entries WHERE sequence = $1 AND stage = 'opened'
                  AND actor_kind = $2 AND actor_id = $3 AND request_id = $4";
    UNENDED = "SELECT e.sequence, e.act, e.target, e.registry_id, e.repository FROM entries e
               WHERE e.stage = 'opened' AND e.at < $1
               AND NOT EXISTS (SELECT 1 FROM entries o WHERE o.opened = e.sequence)
               ORDER BY e.sequence";
}

/// How many events could not be written since the last one that could.
#[derive(Debug, Default)]
pub(crate) struct Lost(pub(super) AtomicU64);

/// What an outcome entry takes from the permit that was opened.
pub(crate) struct Opened {
    entry: Id,
    actor: Actor,
    place: Place,
}

impl Opened {
    pub(crate) fn of(opened: &OpenedPermit) -> Self {
        let permit = opened.permit();
        Self { entry: opened.entry(), actor: permit.actor().clone(), place: permit.place().clone() }
    }
}

/// How an act ended.
pub(crate) struct Ending<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) detail: Option<&'a str>,
    pub(crate) after: Option<Value>,
    pub(crate) at: Timestamp,
}

/// Something that happened or was refused, to be written with others.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Who did or tried it.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, where that is of interest.
    pub detail: Option<String>,
    /// Where.
    pub place: Place,
}

/// As many entries are written in one transaction: others wait for it some milliseconds.
const AT_ONCE: usize = 50;

/// An opened entry without an outcome: sequence, act, target, registry, repository.
type Unended = (Id, String, String, Option<Id>, Option<String>);

/// An entry on its way into the log.
pub(super) struct Draft<'a> {
    at: Timestamp,
    stage: Stage,
    opened: Option<Id>,
    actor: &'a Actor,
    act: &'a str,
    target: &'a str,
    registry: Option<Id>,
    repository: Option<&'a str>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    outcome: Outcome,
    detail: Option<&'a str>,
}

impl Store {
    /// Writes that an act is about to happen. From then on the permit is one that makes changes possible.
    ///
    /// # Errors
    /// If the entry can't be written, the permit is gone and the change can't happen.
    pub async fn open_act(&self, permit: Permit, act: &Act, at: Timestamp) -> Result<OpenedPermit, Error> {
        let (store, act) = (self.clone(), act.clone());
        finish(async move {
            let mut change = store.inner.records.begin().await?;
            let draft = Draft {
                stage: Stage::Opened,
                registry: permit.place().registry(),
                repository: permit.place().repository().map(RepositoryName::as_str),
                before: act.before.as_ref(),
                after: act.after.as_ref(),
                ..event(permit.actor(), &act.act, &act.target, at)
            };
            let entry = append(&mut change, &store.inner.chain_id, &draft).await?;
            change.commit().await?;
            Ok(opened(permit, entry))
        })
        .await
    }

    /// Writes how an act ended that changed something outside our records. (Inside, [`Store::write`] does it.)
    pub async fn close_act(
        &self,
        opened: &OpenedPermit,
        outcome: Outcome,
        detail: Option<&str>,
        after: Option<Value>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let (store, opened, detail) = (self.clone(), Opened::of(opened), detail.map(str::to_owned));
        finish(async move {
            let mut change = store.inner.records.begin().await?;
            let ending = Ending { outcome, detail: detail.as_deref(), after, at };
            close(&mut change, &store.inner.chain_id, &opened, ending).await?;
            Ok(change.commit().await?)
        })
        .await
    }

    /// Writes something that happened or was refused, in one entry, and gives its number. If that fails, it is counted,
    /// and the next entry that succeeds is preceded by one that says how many were lost.
    pub async fn record(
        &self,
        actor: &Actor,
        act: &Act,
        outcome: Outcome,
        detail: Option<&str>,
        place: &Place,
        at: Timestamp,
    ) -> Option<Id> {
        let (store, actor, act, place) = (self.clone(), actor.clone(), act.clone(), place.clone());
        let (name, detail) = (act.act.clone(), detail.map(str::to_owned));
        let written = finish(async move {
            let draft = Draft {
                registry: place.registry(),
                repository: place.repository().map(RepositoryName::as_str),
                before: act.before.as_ref(),
                after: act.after.as_ref(),
                outcome,
                detail: detail.as_deref(),
                ..event(&actor, &act.act, &act.target, at)
            };
            store.record_or_fail(&draft).await
        })
        .await;
        match written {
            Ok(sequence) => Some(sequence),
            Err(error) => {
                self.inner.lost.0.fetch_add(1, Ordering::SeqCst);
                tracing::error!(audit.act = name, %error, "an audit entry could not be written");
                None
            }
        }
    }

    /// Writes many things that happened, some at a time so that nobody waits long for the lock. What can't be written is
    /// counted, as [`Store::record`] does. Gives how many were written.
    pub async fn record_all(&self, all: Vec<Happened>, at: Timestamp) -> usize {
        let mut written = 0;
        let mut all = all.into_iter();
        loop {
            let some: Vec<Happened> = all.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return written;
            }
            let (store, count) = (self.clone(), some.len());
            match finish(async move { store.record_some(&some, at).await }).await {
                Ok(()) => written += count,
                Err(error) => {
                    self.inner.lost.0.fetch_add(count as u64, Ordering::SeqCst);
                    tracing::error!(count, %error, "audit entries could not be written");
                }
            }
        }
    }

    async fn record_some(&self, some: &[Happened], at: Timestamp) -> Result<(), Error> {
        let mut change = self.inner.records.begin().await?;
        let lost = self.tell_lost(&mut change, at).await?;
        for one in some {
            let draft = Draft {
                registry: one.place.registry(),
                repository: one.place.repository().map(RepositoryName::as_str),
                before: one.act.before.as_ref(),
                after: one.act.after.as_ref(),
                outcome: one.outcome,
                detail: one.detail.as_deref(),
                ..event(&one.actor, &one.act.act, &one.act.target, at)
            };
            append(&mut change, &self.inner.chain_id, &draft).await?;
        }
        change.commit().await?;
        self.inner.lost.0.fetch_sub(lost, Ordering::SeqCst);
        Ok(())
    }

    /// Writes an entry about the entries that could not be written, if there were any, within a change; says how many.
    pub(super) async fn tell_lost(&self, change: &mut SqliteConnection, at: Timestamp) -> Result<u64, Error> {
        let lost = self.inner.lost.0.load(Ordering::SeqCst);
        if lost > 0 {
            let detail = format!("{lost} entries could not be written");
            append(change, &self.inner.chain_id, &gap(&Actor::program(), &detail, None, at)).await?;
        }
        Ok(lost)
    }

    async fn record_or_fail(&self, draft: &Draft<'_>) -> Result<Id, Error> {
        let mut change = self.inner.records.begin().await?;
        let lost = self.tell_lost(&mut change, draft.at).await?;
        let sequence = append(&mut change, &self.inner.chain_id, draft).await?;
        change.commit().await?;
        self.inner.lost.0.fetch_sub(lost, Ordering::SeqCst);
        Ok(sequence)
    }

    /// Writes an outcome for acts that were opened before `before` and never ended: the program ended in between.
    /// Called once at the start of the process that serves; says how many there were.
    pub async fn reconcile(&self, before: Timestamp, at: Timestamp) -> Result<u64, Error> {
        let mut change = self.inner.records.begin().await?;
        let why = "the program ended in between";
        let ended = end_unended(&mut change, &self.inner.chain_id, before, why, at).await?;
        change.commit().await?;
        Ok(ended)
    }
}

/// Writes an outcome for what was opened before `before` and never ended, within a change; says how many there were.
pub(crate) async fn end_unended(
    change: &mut SqliteConnection,
    chain_id: &str,
    before: Timestamp,
    why: &str,
    at: Timestamp,
) -> Result<u64, Error> {
    let unended: Vec<Unended> = sqlx::query_as(UNENDED).bind(before.0).fetch_all(&mut *change).await?;
    let program = Actor::program();
    for (sequence, act, target, registry, repository) in &unended {
        let draft = Draft {
            stage: Stage::Outcome,
            opened: Some(*sequence),
            registry: *registry,
            repository: repository.as_deref(),
            detail: Some(why),
            ..event(&program, act, target, at)
        };
        append(change, chain_id, &draft).await?;
    }
    Ok(unended.len() as u64)
}

/// Writes that something was done to the program as a whole, within a change.
pub(crate) async fn note(
    change: &mut SqliteConnection,
    chain_id: &str,
    actor: &Actor,
    act: &Act,
    at: Timestamp,
) -> Result<Id, Error> {
    let draft = Draft {
        before: act.before.as_ref(),
        after: act.after.as_ref(),
        outcome: Outcome::Done,
        ..event(actor, &act.act, &act.target, at)
    };
    append(change, chain_id, &draft).await
}

/// An event about the program as a whole, to be changed where it differs.
fn event<'a>(actor: &'a Actor, act: &'a str, target: &'a str, at: Timestamp) -> Draft<'a> {
    Draft {
        at,
        stage: Stage::Event,
        opened: None,
        actor,
        act,
        target,
        registry: None,
        repository: None,
        before: None,
        after: None,
        outcome: Outcome::Unknown,
        detail: None,
    }
}

/// An entry about entries that are missing, and why.
pub(super) fn gap<'a>(actor: &'a Actor, detail: &'a str, after: Option<&'a Value>, at: Timestamp) -> Draft<'a> {
    Draft { stage: Stage::Gap, detail: Some(detail), after, ..event(actor, "audit.gap", "audit log", at) }
}

#[expect(clippy::disallowed_methods, reason = "the one place that may: the opened entry has just been written")]
fn opened(permit: Permit, entry: Id) -> OpenedPermit {
    permit.opened(entry)
}

/// Adds the outcome entry of an opened act, within a change; gives the act's name.
pub(crate) async fn close(
    change: &mut SqliteConnection,
    chain_id: &str,
    opened: &Opened,
    ending: Ending<'_>,
) -> Result<String, Error> {
    let actor = &opened.actor;
    let found = sqlx::query_as(OPENED_ACT).bind(opened.entry).bind(actor.kind.as_str()).bind(actor.id);
    let found: Option<(String, String)> = found.bind(&actor.request_id).fetch_optional(&mut *change).await?;
    let (act, target) = found.ok_or(Error::NotFound("opened entry"))?;
    let draft = Draft {
        stage: Stage::Outcome,
        opened: Some(opened.entry),
        registry: opened.place.registry(),
        repository: opened.place.repository().map(RepositoryName::as_str),
        after: ending.after.as_ref(),
        outcome: ending.outcome,
        detail: ending.detail,
        ..event(&opened.actor, &act, &target, ending.at)
    };
    append(change, chain_id, &draft).await?;
    Ok(act)
}

/// Adds an entry at the end of the chain, and gives its number.
pub(super) async fn append(change: &mut SqliteConnection, chain_id: &str, draft: &Draft<'_>) -> Result<Id, Error> {
    let (last, previous) = row::head(change).await?.unwrap_or((0, FIRST.to_owned()));
    let actor = draft.actor;
    let beside = Personal { salt: random(), name: &actor.name, address: &actor.address, agent: &actor.agent };
    let entry = Chained {
        chain_id: chain_id.to_owned(),
        sequence: last + 1,
        at: draft.at,
        stage: draft.stage,
        opened: draft.opened,
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.id,
        via: via(&actor.via),
        personal: personal(&beside.salt, beside.name, beside.address, beside.agent),
        request_id: actor.request_id.clone(),
        act: draft.act.to_owned(),
        target: draft.target.to_owned(),
        registry_id: draft.registry,
        repository: draft.repository.map(str::to_owned),
        before: draft.before.map(Value::to_string),
        after: draft.after.map(Value::to_string),
        outcome: draft.outcome,
        detail: draft.detail.map(str::to_owned),
    };
    row::insert(change, &entry, &entry.hash(&previous), &beside).await?;
    Ok(entry.sequence)
}

/// `session 12`, as the log keeps it.
fn via(via: &Via) -> String {
    match via {
        Via::Session(id) => format!("session {id}"),
        Via::Token { id, .. } => format!("token {id}"),
        Via::Setup => "setup link".to_owned(),
        Via::CommandLine => "command line".to_owned(),
        Via::Program => "program".to_owned(),
        Via::Nothing => "nothing".to_owned(),
    }
}
