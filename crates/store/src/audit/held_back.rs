//! What is held in memory for some seconds before it is written into the log. A mark in the records says until when all of
//! it is written; where a process ends without clearing its marks, the next one writes that entries may be missing.

use super::write::{append, gap};
use crate::{Error, Store, sql::statements};
use domain::{Actor, Timestamp};
use std::sync::atomic::Ordering;

statements! {
    LEFT = "SELECT what, at FROM written_until ORDER BY at, what";
    MARK = "INSERT INTO written_until (what, at) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET at = excluded.at";
    CLEAR = "DELETE FROM written_until";
}

/// What is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// What others did at the token server.
    TokenEvents,
    /// The tokens that the program made for itself.
    OwnTokens,
}

impl HeldBack {
    const ALL: [Self; 2] = [Self::TokenEvents, Self::OwnTokens];

    /// The word in the records.
    fn as_str(self) -> &'static str {
        match self {
            Self::TokenEvents => "token events",
            Self::OwnTokens => "own tokens",
        }
    }
}

impl Store {
    /// Begins to hold entries back, at `at`. Where marks of a former process are left, a gap entry says since when entries
    /// may be missing; gives that moment. Asked again, there is nothing to say: the marks are those of this process.
    ///
    /// # Errors
    /// When the records can't be written: the marks are then as they were, and can be asked for again.
    pub async fn begin_holding_back(&self, at: Timestamp) -> Result<Option<Timestamp>, Error> {
        let mut change = self.inner.records.begin().await?;
        let left: Vec<(String, i64)> = sqlx::query_as(LEFT).fetch_all(&mut *change).await?;
        let since = left.first().map(|(_, since)| Timestamp(*since).min(at));
        if let Some(since) = since {
            let detail = format!(
                "token events from {} to {} may be missing: the program ended before it could write them",
                since.rfc3339(),
                at.rfc3339()
            );
            let each = left.iter().map(|(what, since)| (what.clone(), Timestamp(*since).min(at).rfc3339().into()));
            let mut told: serde_json::Map<String, serde_json::Value> = each.collect();
            told.insert("until".to_owned(), at.rfc3339().into());
            let told = serde_json::Value::Object(told);
            append(&mut change, &self.inner.chain_id, &gap(&Actor::program(), &detail, Some(&told), at)).await?;
        }
        for what in HeldBack::ALL {
            sqlx::query(MARK).bind(what.as_str()).bind(at.0).execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(since)
    }

    /// Notes that all of this from before `at` is written. While entries that could not be written are still to be told of,
    /// nothing is noted: should the process end now, they are missing.
    pub async fn written_until(&self, what: HeldBack, at: Timestamp) -> Result<(), Error> {
        if self.inner.lost.0.load(Ordering::SeqCst) == 0 {
            sqlx::query(MARK).bind(what.as_str()).bind(at.0).execute(&self.inner.records.writer).await?;
        }
        Ok(())
    }

    /// Notes that nothing is held back any more: the process ends in good order. Entries that could not be written are told
    /// of before.
    pub async fn end_holding_back(&self, at: Timestamp) -> Result<(), Error> {
        let mut change = self.inner.records.begin().await?;
        let lost = self.tell_lost(&mut change, at).await?;
        sqlx::query(CLEAR).execute(&mut *change).await?;
        change.commit().await?;
        self.inner.lost.0.fetch_sub(lost, Ordering::SeqCst);
        Ok(())
    }
}
