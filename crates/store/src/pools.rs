//! The connections to a database file: one that writes, several that read and never wait for it.

use crate::Error;
use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

/// How careful a file is with what was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Records: on the disk before the answer goes out.
    Records,
    /// Cache: whole after a power cut, but perhaps without the last moments.
    Cache,
}

/// One writer, several readers.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// Lists are short; more readers than this only share the same two or four cores.
const READERS: u32 = 6;

/// How a connection to `file` is set up.
///
/// - WAL, so that readers never wait for the writer.
/// - `synchronous = FULL` for records: in WAL mode only this survives a power cut to the last commit. NORMAL for the cache.
/// - `busy_timeout`: the command line may write beside the serving process; it waits its turn.
/// - `foreign_keys` on: `SQLite` has them off unless asked.
/// - `trusted_schema` off: a file that somebody else made can't call functions of ours.
/// - `temp_store` in memory: nothing is written outside the data directory.
/// - `row_buffer_size`: a page of rows fits, so that the thread that reads it never stops halfway for the one that takes it.
/// - `journal_size_limit`: a write-ahead log that grew once gives its space back.
/// - For the writer of the cache, `wal_autocheckpoint`: the log is folded into the file every 16 MB instead of every 4, because
///   a batch touches the same pages of a dozen trees again and again, and each fold waits for the disk twice.
/// - For the cache, `mmap_size`: a file of some gigabytes is read through the kernel's own cache, which it can take back,
///   instead of through memory of ours; `cache_size`: 16 MB for the writer, because a batch touches a dozen trees.
pub(crate) fn options(file: &Path, care: Care) -> SqliteConnectOptions {
    let synchronous = match care {
        Care::Records => SqliteSynchronous::Full,
        Care::Cache => SqliteSynchronous::Normal,
    };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        .row_buffer_size(256)
        .statement_cache_capacity(200);
    match care {
        Care::Records => options,
        Care::Cache => options.pragma("mmap_size", "17179869184"),
    }
}

impl Pools {
    /// Opens both sides of a file that exists.
    pub(crate) async fn open(file: &Path, care: Care) -> Result<Self, Error> {
        let pool = |size| {
            SqlitePoolOptions::new()
                .min_connections(1)
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(15))
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let options_of_writer = match care {
            Care::Records => options(file, care),
            Care::Cache => options(file, care).pragma("cache_size", "-16384").pragma("wal_autocheckpoint", "4000"),
        };
        // SQLite ends a change by itself where the disk is full, and there is nothing left to take back. The connection does not
        // learn of it, and would refuse every change from then on: another takes its place.
        let whole = |connection: &mut SqliteConnection| !connection.is_in_transaction();
        let writer = pool(1).before_acquire(move |connection, _| Box::pin(async move { Ok(whole(connection)) }));
        let writer = writer.connect_with(options_of_writer).await?;
        let readers = SqliteConnectOptions::read_only(options(file, care), true).pragma("query_only", "ON");
        let readers = pool(READERS).connect_with(readers).await?;
        Ok(Self { writer, readers })
    }
    /// Begins a change. The lock for writing is taken at once, so that a change never fails halfway for want of it.
    pub(crate) async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, Error> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
    /// Closes all connections; the write-ahead log is folded into the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
