//! Whether registries are read in the background.

use crate::{Change, Context, Error, Generations, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp};

statements! {
    PAUSED = "SELECT registry_id, paused_at FROM sync_settings WHERE paused_at IS NOT NULL";
    PAUSED_AT = "SELECT paused_at FROM sync_settings WHERE registry_id = $1";
    SET = "INSERT INTO sync_settings (registry_id, paused_at) VALUES ($1, $2)
           ON CONFLICT (registry_id) DO UPDATE SET paused_at = excluded.paused_at";
}

/// The settings of the reading in the background.
#[derive(Clone, Copy, Debug)]
pub struct SyncSettings<'s>(&'s Pools);

impl Store {
    /// Whether registries are read in the background.
    pub fn sync_settings(&self) -> SyncSettings<'_> {
        SyncSettings(&self.inner.records)
    }
}

impl SyncSettings<'_> {
    /// The registries whose reading is paused, and since when.
    pub async fn paused(&self) -> Result<Vec<(Id, Timestamp)>, Error> {
        let rows: Vec<(Id, i64)> = sqlx::query_as(PAUSED).fetch_all(&self.0.readers).await?;
        Ok(rows.into_iter().map(|(id, at)| (id, Timestamp(at))).collect())
    }
    /// Since when a registry's reading is paused, if it is.
    pub async fn paused_at(&self, registry: Id) -> Result<Option<Timestamp>, Error> {
        let found: Option<Option<i64>> =
            sqlx::query_scalar(PAUSED_AT).bind(registry).fetch_optional(&self.0.readers).await?;
        Ok(found.flatten().map(Timestamp))
    }
}

/// Pauses a registry's reading in the background, or lets it go on.
#[derive(Clone, Copy, Debug)]
pub struct PauseSync {
    /// Which registry.
    pub registry: Id,
    /// Paused?
    pub paused: bool,
}

impl Change for PauseSync {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let at = self.paused.then_some(context.at.0);
        sqlx::query(SET).bind(self.registry).bind(at).execute(&mut *context.change).await?;
        Ok(())
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::REGISTRIES]
    }
}
