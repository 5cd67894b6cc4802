//! How the token server issues for each registry. A registry without a row has what is usual;
//! [`crate::Store::services`] reads them.

use crate::{Change, Context, Error, Generations, sql::statements};
use domain::Id;

statements! {
    SET = "INSERT INTO token_settings (registry_id, algorithm, passwords, seconds) VALUES ($1, $2, $3, $4)
           ON CONFLICT (registry_id) DO UPDATE SET algorithm = excluded.algorithm, passwords = excluded.passwords,
           seconds = excluded.seconds";
}

/// How tokens for a registry are issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSetting {
    /// What they are signed with, by the name that stands in them (`ES256`).
    pub algorithm: String,
    /// Are passwords taken, or only tokens and robots' secrets?
    pub passwords: bool,
    /// Seconds that a token lives.
    pub seconds: i64,
}

/// Sets how tokens for a registry are issued.
#[derive(Clone, Debug)]
pub struct SetTokenSetting {
    /// Which registry.
    pub registry: Id,
    /// How.
    pub setting: TokenSetting,
}

impl Change for SetTokenSetting {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement = sqlx::query(SET)
            .bind(self.registry)
            .bind(&self.setting.algorithm)
            .bind(self.setting.passwords)
            .bind(self.setting.seconds);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::REGISTRIES]
    }
}
