//! What reviews said of grants: who looked at which, when, and what they decided.

use crate::{Change, Context, Error, Generations, Store, grants::still_as, pools::Pools, sql::statements};
use domain::{
    Id, Timestamp,
    access::{Grant, Scope},
};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    CONFIRM = "UPDATE grants SET reviewed = $2 WHERE id = $1";
    ADD = "INSERT INTO access_reviews (grant_id, what, registry_id, repositories, decision, note, by_name, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
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
    /// Where it held then.
    pub scope: Scope,
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
    let repositories: Option<String> = row.try_get("repositories")?;
    let repositories = repositories.map(|pattern| pattern.parse()).transpose()?;
    Ok(Review {
        scope: Scope::new(row.try_get("registry_id")?, repositories),
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
    /// The grant as it was when somebody looked at it.
    pub was: Grant,
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
        still_as(context.change, &self.was).await?;
        sqlx::query(CONFIRM).bind(self.was.id).bind(context.at.0).execute(&mut *context.change).await?;
        let Self { was, what, note, by } = self;
        KeepReview { grant: was.id, what, scope: was.scope, decision: "confirmed", note, by }.apply(context).await
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
    /// Where it holds: who may read of it later.
    pub scope: Scope,
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
            .bind(self.scope.registry())
            .bind(self.scope.repositories().map(ToString::to_string))
            .bind(self.decision)
            .bind(&self.note)
            .bind(&self.by)
            .bind(context.at.0);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
}
