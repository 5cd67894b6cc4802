//! Verifying the chain: every entry's hash is computed again from what stands there.

use super::{Audit, row};
use crate::{Error, sql::statements};
use domain::{
    Id,
    audit::{FIRST, personal},
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

statements! {
    CHUNK = "SELECT e.*, p.salt, p.name AS actor_name, p.address, p.agent FROM entries e
             LEFT JOIN entry_people p ON p.sequence = e.sequence WHERE e.sequence > $1 ORDER BY e.sequence LIMIT 1000";
    CHAIN_ID = "SELECT chain_id FROM installation WHERE id = 1";
}

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The chain is whole.
    Whole {
        /// How many entries it has.
        entries: Id,
        /// The last entry's hash: kept elsewhere, it proves later that nothing was cut off.
        head: String,
    },
    /// The chain is broken here.
    Broken {
        /// The first entry that is not as it was written.
        sequence: Id,
        /// What is wrong with it.
        why: String,
    },
}

impl Audit<'_> {
    /// Reads the whole log and checks the chain.
    pub async fn verify(&self) -> Result<Verified, Error> {
        let mut connection = self.records.readers.acquire().await?;
        verify_chain(&mut connection, self.chain_id).await
    }
}

/// Checks the chain in an open file, under the id that the file gives itself.
pub(crate) async fn verify_connection(connection: &mut SqliteConnection) -> Result<Verified, Error> {
    let chain: Option<String> = sqlx::query_scalar(CHAIN_ID).fetch_optional(&mut *connection).await?;
    verify_chain(connection, &chain.unwrap_or_default()).await
}

async fn verify_chain(connection: &mut SqliteConnection, chain_id: &str) -> Result<Verified, Error> {
    let (mut last, mut previous) = (0, FIRST.to_owned());
    loop {
        let rows = sqlx::query(CHUNK).bind(last).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(Verified::Whole { entries: last, head: previous });
        }
        for row in &rows {
            let sequence = last + 1;
            match check(row, sequence, &previous, chain_id)? {
                Ok(hash) => (last, previous) = (sequence, hash),
                Err(why) => return Ok(Verified::Broken { sequence, why: why.to_owned() }),
            }
        }
    }
}

/// The hash of a sound entry, or what is wrong with it.
fn check(row: &SqliteRow, sequence: Id, previous: &str, chain_id: &str) -> Result<Result<String, &'static str>, Error> {
    let Ok(entry) = row::chained(row) else { return Ok(Err("it can't be read")) };
    if entry.sequence != sequence {
        return Ok(Err("it is missing"));
    }
    if entry.chain_id != chain_id {
        return Ok(Err("it belongs to another chain"));
    }
    let hash: String = row.try_get("hash")?;
    if entry.hash(previous) != hash {
        return Ok(Err("its hash does not match what it says"));
    }
    // Erased personal data leaves no row; what is there must be what was written.
    if let Some(salt) = row.try_get::<Option<String>, _>("salt")? {
        let (name, address, agent): (String, String, String) =
            (row.try_get("actor_name")?, row.try_get("address")?, row.try_get("agent")?);
        if personal(&hex::decode(salt).unwrap_or_default(), &name, &address, &agent) != entry.personal {
            return Ok(Err("the name, address or agent beside it was changed"));
        }
    }
    Ok(Ok(hash))
}
