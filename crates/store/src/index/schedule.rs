//! When repositories are to be refreshed, and what came of it. It lives in the cache, so that a fill that was stopped goes
//! on where it was.

use super::{CHUNK, Index, Repository, array, repositories::repository};
use crate::{Error, sql::statements};
use domain::{Id, Timestamp, Visible};

statements! {
    DUE = "SELECT * FROM repositories WHERE registry_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3";
    NEXT_DUE = "SELECT MIN(due_at) FROM repositories WHERE registry_id = $1";
    VIEWED = "UPDATE repositories SET viewed_at = $2, due_at = MIN(due_at, $3) WHERE id = $1";
    SOON = "UPDATE repositories SET due_at = $2 WHERE id = $1 AND due_at > $2";
    ALL_SOON = "UPDATE repositories SET due_at = $2 WHERE id IN
                (SELECT id FROM repositories WHERE registry_id = $1 AND due_at > $2 LIMIT 500)";
    REFRESHED = "UPDATE repositories SET refreshed_at = CASE WHEN $3 IS NULL THEN $2 ELSE refreshed_at END, trouble = $3,
                 errors = CASE WHEN $3 IS NULL THEN 0 ELSE errors + 1 END, due_at = $4 WHERE id = $1";
    TROUBLE = "UPDATE repositories SET trouble = $3 WHERE registry_id = $1 AND name IN (SELECT value FROM json_each($2))";
    DOUBT = "UPDATE repositories SET doubt = $2 WHERE id = $1";
}

/// A repository that is due, with what decides when it is due next.
pub type Due = Repository;

/// What came of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// When it ended.
    pub at: Timestamp,
    /// What stopped it, in a sentence.
    pub trouble: Option<String>,
    /// When the next one is due.
    pub due_at: Timestamp,
}

impl Index {
    /// Repositories of a registry whose refresh is due, the longest due first. Those that were never read come first of all.
    pub async fn due(&self, registry: Id, now: Timestamp, limit: u32) -> Result<Vec<Due>, Error> {
        let query = sqlx::query(DUE).bind(registry).bind(now.0).bind(limit);
        query.fetch_all(&self.pools.readers).await?.iter().map(repository).collect()
    }

    /// When the next refresh of any repository of the registry is due.
    pub async fn next_due(&self, registry: Id) -> Result<Option<Timestamp>, Error> {
        let next: Option<i64> = sqlx::query_scalar(NEXT_DUE).bind(registry).fetch_one(&self.pools.readers).await?;
        Ok(next.map(Timestamp))
    }

    /// Notes that a person looked at the repository; its next refresh is due at `due_at` or earlier.
    pub async fn viewed(&self, repository: Id, at: Timestamp, due_at: Timestamp) -> Result<(), Error> {
        let viewed = sqlx::query(VIEWED).bind(repository).bind(at.0).bind(due_at.0);
        viewed.execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Makes the repository due now.
    pub async fn make_due(&self, repository: Id, now: Timestamp) -> Result<(), Error> {
        sqlx::query(SOON).bind(repository).bind(now.0).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Makes all repositories of a registry due now.
    pub async fn make_all_due(&self, registry: Id, now: Timestamp) -> Result<(), Error> {
        while sqlx::query(ALL_SOON).bind(registry).bind(now.0).execute(&self.pools.writer).await?.rows_affected() > 0 {}
        Ok(())
    }

    /// Notes what came of a refresh.
    pub async fn refreshed(&self, repository: Id, refreshed: &Refreshed) -> Result<(), Error> {
        let statement = sqlx::query(REFRESHED)
            .bind(repository)
            .bind(refreshed.at.0)
            .bind(&refreshed.trouble)
            .bind(refreshed.due_at.0);
        statement.execute(&self.pools.writer).await?;
        Ok(())
    }

    /// Notes with repositories of a registry what speaks against what it said of them, in a sentence; when they are due
    /// stays.
    pub async fn note_trouble(&self, registry: Id, names: &[String], trouble: &str) -> Result<(), Error> {
        for chunk in names.chunks(CHUNK) {
            let statement = sqlx::query(TROUBLE).bind(registry).bind(array(chunk)).bind(trouble);
            statement.execute(&self.pools.writer).await?;
        }
        Ok(())
    }

    /// Notes why what a registry says of the tags of a repository is not believed, in a sentence; until the next list.
    pub async fn note_doubt(&self, repository: Id, doubt: &str) -> Result<(), Error> {
        sqlx::query(DOUBT).bind(repository).bind(doubt).execute(&self.pools.writer).await?;
        Ok(())
    }

    /// The repository of this row, if it may be seen.
    pub async fn repository_by_id(&self, visible: &Visible, id: Id) -> Result<Option<Repository>, Error> {
        self.by_id(visible, id).await
    }
}
