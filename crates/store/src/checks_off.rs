//! Which checks of the content's health are switched off: for one registry, or for all.

use crate::{Change, Context, Error, Store, pools::Pools, sql::statements};
use domain::{
    Id,
    health::{Check, CheckSet},
};

statements! {
    OFF = "SELECT check_name FROM checks_off WHERE registry_id = $1 OR registry_id = 0";
    OFF_HERE = "SELECT check_name FROM checks_off WHERE registry_id = $1";
    ALL_OFF = "SELECT registry_id, check_name FROM checks_off";
    SWITCH_OFF = "INSERT INTO checks_off (registry_id, check_name) VALUES ($1, $2) ON CONFLICT (registry_id, check_name) DO NOTHING";
    SWITCH_ON = "DELETE FROM checks_off WHERE registry_id = $1 AND check_name = $2";
}

/// Stands for all registries.
pub(crate) const EVERYWHERE: Id = 0;

/// The checks that are switched off.
#[derive(Clone, Copy, Debug)]
pub struct ChecksOff<'s>(&'s Pools);

impl Store {
    /// The checks that are switched off.
    pub fn checks_off(&self) -> ChecksOff<'_> {
        ChecksOff(&self.inner.records)
    }
}

impl ChecksOff<'_> {
    /// The checks that are off in a registry: there, or in all.
    pub async fn in_registry(&self, registry: Id) -> Result<CheckSet, Error> {
        self.read(OFF, registry).await
    }
    /// The checks that are off in all registries.
    pub async fn everywhere(&self) -> Result<CheckSet, Error> {
        self.read(OFF_HERE, EVERYWHERE).await
    }
    async fn read(&self, sql: &'static str, registry: Id) -> Result<CheckSet, Error> {
        let names: Vec<String> = sqlx::query_scalar(sql).bind(registry).fetch_all(&self.0.readers).await?;
        // A check of another version of the program is none of ours.
        Ok(names.iter().filter_map(|name| Check::parse(name)).collect())
    }
    /// The checks that are off, by registry, in one look; 0 stands for all registries.
    pub async fn all(&self) -> Result<Vec<(Id, Check)>, Error> {
        let rows: Vec<(Id, String)> = sqlx::query_as(ALL_OFF).fetch_all(&self.0.readers).await?;
        Ok(rows.into_iter().filter_map(|(registry, name)| Some((registry, Check::parse(&name)?))).collect())
    }
}

/// Switches a check on or off, in one registry or in all. One that is so already stays so.
#[derive(Clone, Copy, Debug)]
pub struct SwitchCheck {
    /// In which registry; nothing: in all.
    pub registry: Option<Id>,
    /// Which check.
    pub check: Check,
    /// On?
    pub on: bool,
}

impl Change for SwitchCheck {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let sql = if self.on { SWITCH_ON } else { SWITCH_OFF };
        let statement = sqlx::query(sql).bind(self.registry.unwrap_or(EVERYWHERE)).bind(self.check.as_str());
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
}
