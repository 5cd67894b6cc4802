//! What the token server has to know of every registry: that it is there, and how tokens for it are made.

use crate::{Error, Store, TokenSetting, sql::statements};
use domain::Id;
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    ALL_OF_THEM = "SELECT r.id, t.algorithm, t.passwords, t.seconds FROM registries r
                   LEFT JOIN token_settings t ON t.registry_id = r.id WHERE r.removed_at IS NULL";
}

/// A registry as the token server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The registry.
    pub registry: Id,
    /// How its tokens are made, where that was chosen.
    pub chosen: Option<TokenSetting>,
}

impl Store {
    /// Every registry that is connected, also those that are not in use at the moment. Whoever asks must not show it.
    pub async fn services(&self) -> Result<Vec<Service>, Error> {
        let rows = sqlx::query(ALL_OF_THEM).fetch_all(&self.inner.records.readers).await?;
        let service = |row: &SqliteRow| {
            let algorithm: Option<String> = row.try_get("algorithm")?;
            let chosen = algorithm.map(|algorithm| {
                let (passwords, seconds) = (row.try_get("passwords")?, row.try_get("seconds")?);
                Ok::<_, Error>(TokenSetting { algorithm, passwords, seconds })
            });
            Ok(Service { registry: row.try_get("id")?, chosen: chosen.transpose()? })
        };
        rows.iter().map(service).collect()
    }
}
