//! When secrets were used last, many at once: the records share their one writer with sign-ins.

use crate::{Error, Store, refresh_tokens, robots, tokens};
use domain::{Id, Timestamp};
use sqlx::SqliteConnection;

/// As many are written in one transaction.
const AT_ONCE: usize = 1_000;

/// What was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsedSecret {
    /// A person's token.
    Token(Id),
    /// A robot's secret.
    RobotSecret(Id),
    /// A refresh token.
    Refresh(Id),
}

/// That something was used, when and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// What.
    pub secret: UsedSecret,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub address: String,
}

impl Store {
    /// Notes last uses, each secret's at most once a minute. What is gone by now is passed over.
    ///
    /// # Errors
    /// When the records can't be written: then some of them may be noted and the rest is not.
    pub async fn note_last_uses(&self, uses: &[LastUse]) -> Result<(), Error> {
        for some in uses.chunks(AT_ONCE) {
            let mut change = self.inner.records.begin().await?;
            for LastUse { secret, at, address } in some {
                let (statement, id) = match secret {
                    UsedSecret::Token(id) => (tokens::USED, *id),
                    UsedSecret::RobotSecret(id) => (robots::USED, *id),
                    UsedSecret::Refresh(id) => (refresh_tokens::USED, *id),
                };
                note_use(&mut change, statement, id, *at, address).await?;
            }
            change.commit().await?;
        }
        Ok(())
    }
}

/// Notes a use among other changes. The statement takes id, moment and address, and leaves what was noted within the last
/// minute as it is.
pub(crate) async fn note_use(
    change: &mut SqliteConnection,
    statement: &'static str,
    id: Id,
    at: Timestamp,
    address: &str,
) -> Result<(), Error> {
    sqlx::query(statement).bind(id).bind(at.0).bind(address).execute(change).await?;
    Ok(())
}
