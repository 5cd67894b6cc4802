//! Reading the log: one line per act, newest first. An opened entry and its outcome are one line.

use super::{Audit, row};
use crate::{
    Error,
    places::{Common, may_see},
    sql::statements,
};
use domain::{
    Actor, Id, Permission, Timestamp, Visible,
    audit::{Chained, Outcome},
};
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

/// A line per act: the opened entry with its outcome beside it, or an event. Outcomes by themselves are no lines.
macro_rules! line {
    ($condition:expr) => {
        concat!(
            "SELECT e.*, p.name AS actor_name, p.address, p.agent, o.sequence AS ended_sequence, o.at AS ended_at, ",
            "o.outcome AS ended_outcome, o.detail AS ended_detail, o.\"after\" AS ended_after ",
            "FROM entries e LEFT JOIN entry_people p ON p.sequence = e.sequence ",
            "LEFT JOIN entries o ON o.opened = e.sequence WHERE ",
            $condition
        )
    };
}
/// The lines that a filter lets through, from a place on to another: no more entries than lie between are looked at.
macro_rules! lines {
    ($from:literal, $to:literal, $direction:literal) => {
        line!(concat!(
            "e.sequence ",
            $from,
            " $1 AND e.sequence ",
            $to,
            " $13 AND e.stage <> 'outcome'
            AND ($2 IS NULL OR lower(e.act || ' ' || e.target || ' ' || COALESCE(o.detail, e.detail, '') || ' '
                || COALESCE(e.repository, '') || ' ' || COALESCE(p.name, '')) LIKE $2 ESCAPE '\\')
            AND ($3 IS NULL OR lower(p.name) = $3)
            AND ($4 IS NULL OR e.act LIKE $4 ESCAPE '\\')
            AND ($5 IS NULL OR e.registry_id = $5)
            AND ($6 IS NULL OR e.repository = $6)
            AND ($7 IS NULL OR COALESCE(o.outcome, e.outcome) = $7)
            AND ($8 IS NULL OR e.at >= $8)
            AND ($9 IS NULL OR e.at < $9)
            AND ($11 IS NULL OR e.registry_id = $11)
            AND ($12 IS NULL OR e.repository LIKE $12 ESCAPE '\\')
            ORDER BY e.sequence ",
            $direction,
            " LIMIT $10"
        ))
    };
}

statements! {
    LIST = lines!("<", ">=", "DESC");
    // Newer than a line, nearest first: the way back.
    LIST_NEWER = lines!(">", "<=", "ASC");
    LAST = "SELECT COALESCE(MAX(sequence), 0) FROM entries";
    ONE = line!("e.sequence = $1");
}

/// As many lines are read at once where some are left out afterwards.
const SOME: u32 = 500;
/// So many entries a page looks through; one that is not full by then says so, and the next goes on from there.
pub const LOOKED: Id = 20_000;

/// Lines of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The lines.
    pub entries: Vec<Entry>,
    /// The last entry that was looked at, where that was given up ([`LOOKED`]) before there were as many lines as were asked
    /// for: there may be more beyond it.
    pub stopped: Option<Id>,
}

/// What to show of the log. Everything that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the act, target, detail, repository or actor's name, in any case.
    pub text: Option<String>,
    /// The actor's whole name, in any case.
    pub actor: Option<String>,
    /// The beginning of the act's name, such as `registry.`.
    pub act: Option<String>,
    /// The registry it concerned.
    pub registry: Option<Id>,
    /// The repository it concerned.
    pub repository: Option<String>,
    /// How it ended; `Unknown` are those that have not.
    pub outcome: Option<Outcome>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub to: Option<Timestamp>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The entry that began the line (or, asked for by its number, an outcome).
    pub entry: Chained,
    /// Its hash.
    pub hash: String,
    /// The actor's name; empty once it was erased.
    pub actor_name: String,
    /// Where the actor came from.
    pub address: String,
    /// The actor's client.
    pub agent: String,
    /// The number of the outcome entry, if the act was opened and has ended.
    pub ended: Option<Id>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended, wherever that stands; unknown for an opened act without an outcome.
    pub outcome: Outcome,
    /// Why, wherever that stands.
    pub detail: Option<String>,
    /// The fields before, as JSON text.
    pub before: Option<String>,
    /// The fields after, as JSON text: what was intended, with what the outcome added in `ended_after`.
    pub after: Option<String>,
    /// What the outcome entry says about after, as JSON text.
    pub ended_after: Option<String>,
}

/// Where somebody may read the log: no list of places for anything else opens it.
#[derive(Clone, Debug)]
pub struct Readable(Visible);

impl Readable {
    /// Where this actor holds [`Permission::AuditView`].
    pub fn by(actor: &Actor) -> Self {
        Self(Visible::by(actor, Permission::AuditView))
    }
    /// Is there any such place?
    pub fn anything(&self) -> bool {
        self.0.repositories_at_all()
    }
    fn has(&self, entry: &Entry) -> bool {
        may_see(&self.0, entry.entry.registry_id, entry.entry.repository.as_deref())
    }
}

/// Which way the log is read, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Below this number.
    Older(Id),
    /// Above this number.
    Newer(Id),
}

impl Audit<'_> {
    /// Lines of the log, newest first: at most `limit` below `below` (all, where it is not given). What is about the
    /// program itself is for those who may read all of it.
    pub async fn entries(
        &self,
        readable: &Readable,
        filter: &Filter,
        below: Option<Id>,
        limit: u32,
    ) -> Result<Lines, Error> {
        self.list(readable, filter, Way::Older(below.unwrap_or(Id::MAX)), limit, LOOKED).await
    }

    /// The lines just above `above`, newest first: the way back from [`Audit::entries`].
    pub async fn entries_above(
        &self,
        readable: &Readable,
        filter: &Filter,
        above: Id,
        limit: u32,
    ) -> Result<Lines, Error> {
        let mut lines = self.list(readable, filter, Way::Newer(above), limit, LOOKED).await?;
        lines.entries.reverse();
        Ok(lines)
    }

    /// The lines that lie next on a way, nearest first, among the next `look` entries.
    pub(crate) async fn list(
        &self,
        readable: &Readable,
        filter: &Filter,
        way: Way,
        limit: u32,
        look: Id,
    ) -> Result<Lines, Error> {
        let common = Common::of(&readable.0);
        let last: Id = sqlx::query_scalar(LAST).fetch_one(&self.records.readers).await?;
        // The entries are numbered without gaps: so many numbers are as many entries at most.
        let (sql, mut place, to, is_all) = match way {
            Way::Older(below) => {
                let below = below.min(last.saturating_add(1));
                let to = below.saturating_sub(look);
                (LIST, below, to, to <= 1)
            }
            Way::Newer(above) => {
                let to = above.saturating_add(look);
                (LIST_NEWER, above, to, to >= last)
            }
        };
        // Where more is left out than statements can leave out, they are asked again from where they stopped.
        let some = if readable.0.everything() { limit } else { limit.max(SOME) };
        let mut entries = Vec::new();
        loop {
            let rows = sqlx::query(sql)
                .bind(place)
                .bind(filter.text.as_ref().map(|text| format!("%{}%", escape(&text.to_lowercase()))))
                .bind(filter.actor.as_ref().map(|name| name.to_lowercase()))
                .bind(filter.act.as_ref().map(|act| format!("{}%", escape(act))))
                .bind(filter.registry)
                .bind(&filter.repository)
                .bind(filter.outcome.map(Outcome::as_str))
                .bind(filter.from.map(|at| at.0))
                .bind(filter.to.map(|at| at.0))
                .bind(some)
                .bind(common.registry)
                .bind(&common.beginning)
                .bind(to)
                .fetch_all(&self.records.readers)
                .await?;
            let all = rows.len() < some as usize;
            for row in &rows {
                place = row.try_get("sequence")?;
                let entry = entry(row)?;
                if readable.has(&entry) && entries.len() < limit as usize {
                    entries.push(entry);
                }
            }
            let full = entries.len() >= limit as usize;
            if all || full {
                return Ok(Lines { entries, stopped: (!full && !is_all).then_some(to) });
            }
        }
    }

    /// The entry with this number if it may be seen, with its outcome beside it if it was opened.
    pub async fn entry(&self, readable: &Readable, sequence: Id) -> Result<Option<Entry>, Error> {
        let row = sqlx::query(ONE).bind(sequence).fetch_optional(&self.records.readers).await?;
        Ok(row.as_ref().map(entry).transpose()?.filter(|entry| readable.has(entry)))
    }
}

/// A text that `LIKE … ESCAPE '\'` takes word for word.
pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn entry(row: &SqliteRow) -> Result<Entry, Error> {
    let chained = row::chained(row)?;
    let text = |column| -> Result<String, Error> { Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_default()) };
    let ended_outcome: Option<&str> = row.try_get("ended_outcome")?;
    let ended_detail: Option<String> = row.try_get("ended_detail")?;
    Ok(Entry {
        hash: row.try_get("hash")?,
        actor_name: text("actor_name")?,
        address: text("address")?,
        agent: text("agent")?,
        ended: row.try_get("ended_sequence")?,
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp),
        outcome: ended_outcome.map_or(Ok(chained.outcome), row::outcome)?,
        detail: ended_detail.or_else(|| chained.detail.clone()),
        before: chained.before.clone(),
        after: chained.after.clone(),
        ended_after: row.try_get("ended_after")?,
        entry: chained,
    })
}
