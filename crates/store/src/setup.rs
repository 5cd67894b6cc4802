//! The one-time setup link, by which the first person is made while there is none.

use crate::{Error, Store, pools::Pools, sql::statements};
use domain::Timestamp;

statements! {
    CLEAR = "DELETE FROM setup_links";
    INSERT = "INSERT INTO setup_links (token_hash, expires)
              SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM people) RETURNING token_hash";
    VALID = "SELECT 1 FROM setup_links WHERE token_hash = $1 AND expires > $2 AND NOT EXISTS (SELECT 1 FROM people)";
}

/// The setup link.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'s>(&'s Pools);

impl Store {
    /// The setup link.
    pub fn setup(&self) -> Setup<'_> {
        Setup(&self.inner.records)
    }
}

impl Setup<'_> {
    /// Makes this the one valid link, known by its token's hash. `false` when there is a person already.
    pub async fn replace(&self, token_hash: &str, expires: Timestamp) -> Result<bool, Error> {
        let mut change = self.0.begin().await?;
        sqlx::query(CLEAR).execute(&mut *change).await?;
        let statement = sqlx::query_scalar::<_, String>(INSERT).bind(token_hash).bind(expires.0);
        let made = statement.fetch_optional(&mut *change).await?.is_some();
        change.commit().await?;
        Ok(made)
    }
    /// Is this the valid link's token? Leaves it valid.
    pub async fn is_valid(&self, token_hash: &str, now: Timestamp) -> Result<bool, Error> {
        let found = sqlx::query_scalar::<_, i64>(VALID).bind(token_hash).bind(now.0).fetch_optional(&self.0.readers);
        Ok(found.await?.is_some())
    }
}
