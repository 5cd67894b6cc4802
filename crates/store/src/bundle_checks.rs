//! Whether registries have the bundle with the next key, as each was seen last. They are asked again in a moment, so only
//! the last answer is kept.

use crate::{Error, Store, sql::statements};
use domain::{Id, Timestamp, Visible, token_check::Bundle};

statements! {
    KEEP = "INSERT INTO bundle_checks (registry_id, at, kid, found) VALUES ($1, $2, $3, $4)
            ON CONFLICT (registry_id) DO UPDATE SET at = excluded.at, kid = excluded.kid, found = excluded.found";
    LATEST = "SELECT registry_id, at, kid, found FROM bundle_checks ORDER BY registry_id";
}

/// What a registry was seen to know of the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleCheck {
    /// Which registry.
    pub registry: Id,
    /// When it was asked.
    pub at: Timestamp,
    /// The key that was next then.
    pub kid: String,
    /// What was found.
    pub found: Bundle,
}

impl Store {
    /// Keeps what was found last.
    pub async fn keep_bundle_check(&self, check: &BundleCheck) -> Result<(), Error> {
        let statement =
            sqlx::query(KEEP).bind(check.registry).bind(check.at.0).bind(&check.kid).bind(check.found.as_str());
        statement.execute(&self.inner.records.writer).await?;
        Ok(())
    }

    /// What was found last of every registry that may be seen.
    pub async fn bundle_checks(&self, visible: &Visible) -> Result<Vec<BundleCheck>, Error> {
        let rows: Vec<(Id, i64, String, String)> =
            sqlx::query_as(LATEST).fetch_all(&self.inner.records.readers).await?;
        let seen = rows.into_iter().filter(|row| visible.registry(row.0));
        let check = |(registry, at, kid, found): (Id, i64, String, String)| BundleCheck {
            registry,
            at: Timestamp(at),
            kid,
            // A word of a newer program.
            found: Bundle::from_word(&found).unwrap_or_default(),
        };
        Ok(seen.map(check).collect())
    }
}
