//! The records' schema: which version a file has, and how an older one is brought to ours.

use crate::{
    Error,
    open::make_file,
    pools::{Care, Pools, options},
    sealing::random,
    sql::statements,
};
use domain::Timestamp;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;

/// The steps from an empty file to today's schema, in their order; a file's `user_version` counts those it went.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_records.sql"),
    include_str!("../../../migrations/0002_index_records.sql"),
    include_str!("../../../migrations/0003_access.sql"),
    include_str!("../../../migrations/0004_departures_by_repository.sql"),
    include_str!("../../../migrations/0005_token_server.sql"),
];

statements! {
    VERSION = "PRAGMA user_version";
    INSTALL = "INSERT INTO installation (id, chain_id, created) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING";
    CHAIN = "SELECT chain_id FROM installation WHERE id = 1";
}

/// The version this program writes.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the file to today's schema. An older one is copied beside itself first, then migrated in one transaction.
pub(crate) async fn prepare(file: &Path, alone: bool) -> Result<(), Error> {
    migrate(file, alone, MIGRATIONS).await
}

/// Brings a copy that is being restored to today's schema; the backup itself is the way back.
pub(crate) async fn migrate_draft(file: &Path) -> Result<(), Error> {
    let mut connection = options(file, Care::Records).connect().await?;
    take_steps(&mut connection, MIGRATIONS).await?;
    Ok(connection.close().await?)
}

/// [`prepare`] with the steps as an argument.
pub(crate) async fn migrate(file: &Path, alone: bool, steps: &[&'static str]) -> Result<(), Error> {
    let mut connection = options(file, Care::Records).connect().await?;
    let found = version(&mut connection).await?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    if found < known {
        if found > 0 && !alone {
            return Err(Error::OlderSchema { found });
        }
        if found > 0 {
            copy_beside(&mut connection, file, found).await?;
        }
        take_steps(&mut connection, steps).await?;
    }
    Ok(connection.close().await?)
}

/// Takes the steps that a file has not taken, all in one transaction.
async fn take_steps(connection: &mut SqliteConnection, steps: &[&'static str]) -> Result<(), Error> {
    let mut change = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Asked inside: two commands may start on an empty directory at once.
    let done = usize::try_from(version(&mut change).await?).unwrap_or(0);
    for step in steps.iter().skip(done) {
        sqlx::raw_sql(*step).execute(&mut *change).await?;
    }
    sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {}", steps.len()))).execute(&mut *change).await?;
    Ok(change.commit().await?)
}

/// The schema version a file has.
pub(crate) async fn version(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(VERSION).fetch_one(connection).await?)
}

/// `wharfinger.db.before-3` is the way back: the old program and this file.
async fn copy_beside(connection: &mut SqliteConnection, file: &Path, found: i64) -> Result<(), Error> {
    let mut copy = file.as_os_str().to_owned();
    copy.push(format!(".before-{found}"));
    let copy = Path::new(&copy);
    if copy.exists() {
        // Left by an attempt that did not get further; the file itself is still the older one.
        std::fs::remove_file(copy).map_err(Error::file(copy))?;
    }
    vacuum_into(connection, copy).await
}

/// Writes a whole, consistent copy of the database to `to`, which nobody else can read.
pub(crate) async fn vacuum_into(connection: &mut SqliteConnection, to: &Path) -> Result<(), Error> {
    make_file(to)?;
    sqlx::query("VACUUM INTO $1").bind(to.to_string_lossy().into_owned()).execute(connection).await?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(Error::file(to))
}

/// The id of the chain in an open file.
pub(crate) async fn chain(connection: &mut SqliteConnection) -> Result<String, Error> {
    Ok(sqlx::query_scalar(CHAIN).fetch_one(connection).await?)
}

/// The chain's id: made at the first start, then kept.
pub(crate) async fn installation(records: &Pools, now: Timestamp) -> Result<String, Error> {
    let fresh = hex::encode(random::<16>());
    let mut change = records.begin().await?;
    sqlx::query(INSTALL).bind(fresh).bind(now.0).execute(&mut *change).await?;
    let chain = chain(&mut change).await?;
    change.commit().await?;
    Ok(chain)
}
