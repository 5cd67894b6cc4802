//! The outbox: what happened, in order, for whoever listens. Every change leaves a line under its act's name.

use crate::{Error, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp};
use sqlx::SqliteConnection;

statements! {
    APPEND = "INSERT INTO outbox (at, topic, body) VALUES ($1, $2, $3) RETURNING id";
    AFTER = "SELECT id, at, topic, body FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
    LAST = "SELECT COALESCE(MAX(id), 0) FROM outbox";
    PRUNE = "DELETE FROM outbox WHERE at < $1";
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Its place in the order.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// What it is about, such as `registry.add`.
    pub topic: String,
    /// What there is to say, as JSON.
    pub body: serde_json::Value,
}

/// The outbox.
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'s>(&'s Pools);

impl Store {
    /// What happened, in order.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(&self.inner.records)
    }
}

impl Outbox<'_> {
    /// Adds a line, and gives its number.
    pub async fn append(&self, topic: &str, body: &serde_json::Value, at: Timestamp) -> Result<Id, Error> {
        let mut change = self.0.begin().await?;
        let id = append(&mut change, topic, body, at).await?;
        change.commit().await?;
        Ok(id)
    }
    /// What came after line `id`, oldest first.
    pub async fn after(&self, id: Id, limit: u32) -> Result<Vec<News>, Error> {
        let rows: Vec<(Id, i64, String, String)> =
            sqlx::query_as(AFTER).bind(id).bind(limit).fetch_all(&self.0.readers).await?;
        let news = |(id, at, topic, body): (Id, i64, String, String)| {
            Ok(News { id, at: Timestamp(at), topic, body: serde_json::from_str(&body)? })
        };
        rows.into_iter().map(news).collect()
    }
    /// The number of the newest line: where a new listener begins.
    pub async fn last(&self) -> Result<Id, Error> {
        Ok(sqlx::query_scalar(LAST).fetch_one(&self.0.readers).await?)
    }
    /// Removes what is older than `before`, and says how much that was.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, Error> {
        Ok(sqlx::query(PRUNE).bind(before.0).execute(&self.0.writer).await?.rows_affected())
    }
}

/// Adds a line, within a change.
pub(crate) async fn append(
    change: &mut SqliteConnection,
    topic: &str,
    body: &serde_json::Value,
    at: Timestamp,
) -> Result<Id, Error> {
    Ok(sqlx::query_scalar(APPEND).bind(at.0).bind(topic).bind(body.to_string()).fetch_one(change).await?)
}
