//! What reviews said of grants: who looked at which, when, and what they decided.

use crate::{Change, Context, Error, Generations, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    CONFIRM = "UPDATE grants SET reviewed = $2 WHERE id = $1 RETURNING id";
    ADD = "INSERT INTO access_reviews (grant_id, what, decision, note, by_name, at) VALUES ($1, $2, $3, $4, $5, $6)";
    // Newest first, from the newest or below one, no more than asked for.
    BELOW = "SELECT * FROM access_reviews WHERE id < $1 AND at >= $2 AND at < $3 ORDER BY id DESC LIMIT $4";
}

/// A grant that somebody looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Never used again.
    pub id: Id,
    /// Which grant; it may be gone.
    pub grant: Id,
    /// What it was then, in words.
    pub what: String,
    /// `confirmed` or `revoked`.
    pub decision: String,
    /// What was said to it; may be empty.
    pub note: String,
    /// Who looked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The reviews.
#[derive(Clone, Copy, Debug)]
pub struct AccessReviews<'s>(&'s Pools);

impl Store {
    /// What reviews said of grants.
    pub fn access_reviews(&self) -> AccessReviews<'_> {
        AccessReviews(&self.inner.records)
    }
}

impl AccessReviews<'_> {
    /// Those of some time, the newest first, below the one of this number if there is one.
    pub async fn list(
        &self,
        from: Timestamp,
        to: Timestamp,
        below: Option<Id>,
        limit: u32,
    ) -> Result<Vec<Review>, Error> {
        let query = sqlx::query(BELOW).bind(below.unwrap_or(Id::MAX)).bind(from.0).bind(to.0).bind(limit);
        query.fetch_all(&self.0.readers).await?.iter().map(review).collect()
    }
}

fn review(row: &SqliteRow) -> Result<Review, Error> {
    Ok(Review {
        id: row.try_get("id")?,
        grant: row.try_get("grant_id")?,
        what: row.try_get("what")?,
        decision: row.try_get("decision")?,
        note: row.try_get("note")?,
        by: row.try_get("by_name")?,
        at: Timestamp(row.try_get("at")?),
    })
}

/// Says of a grant that it is right, and keeps that it was said.
#[derive(Clone, Debug)]
pub struct ConfirmGrant {
    /// Which.
    pub grant: Id,
    /// What it is, in words.
    pub what: String,
    /// What is said to it; may be empty.
    pub note: String,
    /// Who says it.
    pub by: String,
}

impl Change for ConfirmGrant {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let found = sqlx::query_scalar::<_, Id>(CONFIRM).bind(self.grant).bind(context.at.0);
        found.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("grant"))?;
        KeepReview { grant: self.grant, what: self.what, decision: "confirmed", note: self.note, by: self.by }
            .apply(context)
            .await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::ACCESS]
    }
}

/// Keeps what a review decided of a grant. Beside the change that takes it away, so that there is none without the other.
#[derive(Clone, Debug)]
pub struct KeepReview {
    /// Which.
    pub grant: Id,
    /// What it is, in words.
    pub what: String,
    /// `confirmed` or `revoked`.
    pub decision: &'static str,
    /// What is said to it; may be empty.
    pub note: String,
    /// Who says it.
    pub by: String,
}

impl Change for KeepReview {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query(ADD)
            .bind(self.grant)
            .bind(&self.what)
            .bind(self.decision)
            .bind(&self.note)
            .bind(&self.by)
            .bind(context.at.0);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
}
