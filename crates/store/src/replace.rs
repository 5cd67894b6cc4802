//! Replacing the records under a process that serves from them: row by row, in one transaction that readers see whole
//! or not at all. SQLite's own locks keep the two apart.

use crate::{
    Error, Verified,
    audit::verify_connection,
    index::Index,
    open::INDEX,
    pools::{Care, options},
    schema,
};
use domain::Id;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::{path::Path, time::Duration};

/// How long a writer may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes every counter of the draft higher than it ever was on either side: whoever keeps something under a number must
/// never meet that number again with another meaning. (They name the attached draft, so no fresh file can prepare them.)
const RAISE: [&str; 4] = [
    "INSERT INTO draft.generations (name, value) VALUES ('people', 0), ('registries', 0) ON CONFLICT (name) DO NOTHING",
    "INSERT INTO draft.generations (name, value) SELECT name, value FROM main.generations WHERE true
     ON CONFLICT (name) DO UPDATE SET value = max(generations.value, excluded.value) + 1",
    "UPDATE draft.registries SET version = 1 + max(version,
     coalesce((SELECT l.version FROM main.registries l WHERE l.id = registries.id), 0))",
    "INSERT INTO draft.leases (name, owner, expires, fencing) SELECT name, owner, 0, fencing FROM main.leases WHERE true
     ON CONFLICT (name) DO UPDATE SET fencing = max(leases.fencing, excluded.fencing)",
];

/// Ids that were given out since the backup are not given out again.
const KEEP_IDS: [&str; 2] = [
    "UPDATE main.sqlite_sequence SET seq = max(seq,
     coalesce((SELECT d.seq FROM draft.sqlite_sequence d WHERE d.name = sqlite_sequence.name), 0))",
    "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM draft.sqlite_sequence
     WHERE name NOT IN (SELECT name FROM main.sqlite_sequence)",
];

const ATTACH: &str = "ATTACH DATABASE $1 AS draft";
const DRAFT_CHAIN: &str = "SELECT chain_id FROM draft.installation WHERE id = 1";
const REGISTRIES: &str = "SELECT id FROM main.registries UNION SELECT id FROM draft.registries ORDER BY 1";
const TABLES: &str = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
const COLUMNS: &str = "SELECT name FROM pragma_table_info($1, 'main')";
const TRIGGERS: &str = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'";
const DANGLING: &str = "SELECT count(*) FROM pragma_foreign_key_check";

/// Puts the rows of `draft`, made from the backup `from`, in the place of those in `records`, after copying those to
/// `former`. Gives the ids of all registries of before and after.
pub(crate) async fn rows(records: &Path, draft: &Path, from: &Path, former: &Path) -> Result<Vec<Id>, Error> {
    // Tables are emptied and filled one after the other: what refers to what is checked at the end, as a whole.
    let options = options(records, Care::Records).foreign_keys(false).busy_timeout(PATIENCE);
    let mut connection = options.connect().await?;
    let found = schema::version(&mut connection).await?;
    if found != schema::known() {
        return Err(Error::OlderSchema { found });
    }
    sqlx::query(ATTACH).bind(draft.to_string_lossy().into_owned()).execute(&mut connection).await?;
    let mut change = connection.begin_with("BEGIN IMMEDIATE").await?;
    let replaced = async {
        same_installation(&mut change, from).await?;
        keep(records, former).await?;
        let registries = sqlx::query_scalar(REGISTRIES).fetch_all(&mut *change).await?;
        copy(&mut change).await?;
        check(&mut change).await?;
        Ok(registries)
    };
    match replaced.await {
        Ok(registries) => {
            change.commit().await?;
            connection.close().await?;
            Ok(registries)
        }
        Err(error) => {
            change.rollback().await?;
            connection.close().await?;
            crate::backup::remove(former)?;
            Err(error)
        }
    }
}

/// A serving process writes entries under the chain it knows, and its key opens what this installation sealed.
async fn same_installation(change: &mut SqliteConnection, from: &Path) -> Result<(), Error> {
    let ours = schema::chain(change).await?;
    let theirs: String = sqlx::query_scalar(DRAFT_CHAIN).fetch_one(change).await?;
    if ours == theirs {
        return Ok(());
    }
    let why =
        "it belongs to another installation; stop the program that serves from this data directory, then restore it";
    Err(Error::Backup { path: from.to_owned(), why: why.to_owned() })
}

/// The copy is what was there last: the lock for writing is held meanwhile.
async fn keep(records: &Path, former: &Path) -> Result<(), Error> {
    let mut reader = options(records, Care::Records).connect().await?;
    schema::vacuum_into(&mut reader, former).await?;
    Ok(reader.close().await?)
}

async fn copy(change: &mut SqliteConnection) -> Result<(), Error> {
    for sql in RAISE {
        sqlx::raw_sql(sql).execute(&mut *change).await?;
    }
    // The log is append-only for everybody but this; nobody sees the file without its triggers.
    let triggers: Vec<(String, String)> = sqlx::query_as(TRIGGERS).fetch_all(&mut *change).await?;
    for (name, _) in &triggers {
        run(change, format!("DROP TRIGGER main.\"{name}\"")).await?;
    }
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *change).await?;
    for table in &tables {
        let columns: Vec<String> = sqlx::query_scalar(COLUMNS).bind(table).fetch_all(&mut *change).await?;
        let columns = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        run(change, format!("DELETE FROM main.\"{table}\"")).await?;
        run(change, format!("INSERT INTO main.\"{table}\" ({columns}) SELECT {columns} FROM draft.\"{table}\""))
            .await?;
    }
    for sql in KEEP_IDS {
        sqlx::raw_sql(sql).execute(&mut *change).await?;
    }
    for (_, sql) in triggers {
        run(change, sql).await?;
    }
    Ok(())
}

/// Runs SQL made of the names that our own schema gives.
async fn run(change: &mut SqliteConnection, sql: String) -> Result<(), Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(change).await?;
    Ok(())
}

/// Nothing refers to what is not there, and the chain is whole.
async fn check(change: &mut SqliteConnection) -> Result<(), Error> {
    let dangling: i64 = sqlx::query_scalar(DANGLING).fetch_one(&mut *change).await?;
    if dangling > 0 {
        return Err(Error::Broken(format!("{dangling} rows of the backup refer to what is not in it")));
    }
    match verify_connection(change).await? {
        Verified::Whole { .. } => Ok(()),
        Verified::Broken { sequence, why } => {
            Err(Error::Broken(format!("the restored audit log at entry {sequence}: {why}")))
        }
    }
}

/// Forgets what the index knows of these registries, in short steps beside whoever reads it.
pub(crate) async fn empty_index(directory: &Path, registries: &[Id]) -> Result<(), Error> {
    let index = Index::open(&directory.join(INDEX), false).await?;
    for registry in registries {
        index.forget_registry(*registry).await?;
    }
    index.close().await;
    Ok(())
}
