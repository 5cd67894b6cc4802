//! When secrets were used last, many at once: the records share their one writer with sign-ins.

use crate::{Error, Store, refresh_tokens, robots, tokens};
use domain::{Id, Timestamp};

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
                match secret {
                    UsedSecret::Token(id) => tokens::note_use(&mut change, *id, *at, address).await?,
                    UsedSecret::RobotSecret(id) => robots::note_use(&mut change, *id, *at, address).await?,
                    UsedSecret::Refresh(id) => refresh_tokens::note_use(&mut change, *id, *at, address).await?,
                }
            }
            change.commit().await?;
        }
        Ok(())
    }
}
