//! An entry's row, from and to the type that is hashed.

use crate::{Error, sql::statements};
use domain::{
    Timestamp,
    audit::{Chained, Outcome, Stage},
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

statements! {
    HEAD = "SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1";
    INSERT = r#"INSERT INTO entries (sequence, chain_id, at, stage, opened, actor_kind, actor_id, via, personal, request_id, act,
                target, registry_id, repository, "before", "after", outcome, detail, hash)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"#;
    INSERT_PERSON = "INSERT INTO entry_people (sequence, salt, name, address, agent) VALUES ($1, $2, $3, $4, $5)";
}

/// The last entry's place and hash, if there is one.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Option<(i64, String)>, Error> {
    Ok(sqlx::query_as(HEAD).fetch_optional(connection).await?)
}

/// Personal data beside the chain.
pub(super) struct Personal<'a> {
    pub(super) salt: [u8; 16],
    pub(super) name: &'a str,
    pub(super) address: &'a str,
    pub(super) agent: &'a str,
}

pub(super) async fn insert(
    change: &mut SqliteConnection,
    entry: &Chained,
    hash: &str,
    personal: &Personal<'_>,
) -> Result<(), Error> {
    sqlx::query(INSERT)
        .bind(entry.sequence)
        .bind(&entry.chain_id)
        .bind(entry.at.0)
        .bind(entry.stage.as_str())
        .bind(entry.opened)
        .bind(&entry.actor_kind)
        .bind(entry.actor_id)
        .bind(&entry.via)
        .bind(&entry.personal)
        .bind(&entry.request_id)
        .bind(&entry.act)
        .bind(&entry.target)
        .bind(entry.registry_id)
        .bind(&entry.repository)
        .bind(&entry.before)
        .bind(&entry.after)
        .bind(entry.outcome.as_str())
        .bind(&entry.detail)
        .bind(hash)
        .execute(&mut *change)
        .await?;
    sqlx::query(INSERT_PERSON)
        .bind(entry.sequence)
        .bind(hex::encode(personal.salt))
        .bind(personal.name)
        .bind(personal.address)
        .bind(personal.agent)
        .execute(change)
        .await?;
    Ok(())
}

/// Reads what [`insert`] wrote.
pub(super) fn chained(row: &SqliteRow) -> Result<Chained, Error> {
    Ok(Chained {
        chain_id: row.try_get("chain_id")?,
        sequence: row.try_get("sequence")?,
        at: Timestamp(row.try_get("at")?),
        stage: stage(row.try_get("stage")?)?,
        opened: row.try_get("opened")?,
        actor_kind: row.try_get("actor_kind")?,
        actor_id: row.try_get("actor_id")?,
        via: row.try_get("via")?,
        personal: row.try_get("personal")?,
        request_id: row.try_get("request_id")?,
        act: row.try_get("act")?,
        target: row.try_get("target")?,
        registry_id: row.try_get("registry_id")?,
        repository: row.try_get("repository")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        outcome: outcome(row.try_get("outcome")?)?,
        detail: row.try_get("detail")?,
    })
}

fn stage(text: &str) -> Result<Stage, Error> {
    let all = [Stage::Opened, Stage::Outcome, Stage::Event, Stage::Gap];
    all.into_iter().find(|stage| stage.as_str() == text).ok_or_else(|| Error::Broken(format!("stage {text}")))
}

pub(super) fn outcome(text: &str) -> Result<Outcome, Error> {
    let all = [Outcome::Unknown, Outcome::Done, Outcome::Refused, Outcome::Failed];
    all.into_iter().find(|outcome| outcome.as_str() == text).ok_or_else(|| Error::Broken(format!("outcome {text}")))
}
