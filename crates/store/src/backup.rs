//! Backing up the records and restoring them, while nothing serves from them or under whoever does.

use crate::{
    Error, Store, StoreOptions, Verified,
    audit::{self, verify_connection},
    open::{INDEX, RECORDS, make_directory, make_file, take_lock},
    pools::{Care, options},
    replace, schema,
    sealing::random,
    sql::statements,
};
use domain::{Actor, Id, Timestamp, audit::Act};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::{Path, PathBuf};

statements! {
    INTEGRITY = "PRAGMA integrity_check";
    // Sessions that were revoked after the backup must not come back, nor a used setup link.
    END_SESSIONS = "DELETE FROM sessions";
    FORGET_SETUP = "DELETE FROM setup_links";
    // What the process that served at that time held back is nothing that is missing from a backup.
    CLEAR_MARKS = "DELETE FROM written_until";
    FREE_LEASES = "UPDATE leases SET expires = 0";
    BUMP_ALL = "UPDATE generations SET value = value + 1";
}

/// A backup that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the former records were put, if there were any.
    pub former: Option<PathBuf>,
    /// How many audit entries the backup had; one about the restore follows them.
    pub entries: i64,
    /// A process served meanwhile, and goes on with the restored records.
    pub while_serving: bool,
    /// What stopped the index from being emptied, if something did. The records are restored all the same.
    pub index_trouble: Option<String>,
}

impl Store {
    /// Writes a whole copy of the records to `to`, which must not exist, readable by nobody else. Nobody waits for it.
    /// The key file is not in it: without it, credentials of registries must be entered again.
    pub async fn backup(&self, to: &Path) -> Result<(), Error> {
        if to.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Error::file(to)(source));
        }
        // A connection of its own: it reads, and neither the writer nor a reader of the pages is taken away for it.
        let file = self.data_dir().join(RECORDS);
        let mut connection = options(&file, Care::Records).connect().await?;
        let written = schema::vacuum_into(&mut connection, to).await;
        connection.close().await?;
        if written.is_err() {
            // Half a backup must not look like one. What stopped the writing is what the caller hears of.
            std::fs::remove_file(to).ok();
        }
        written
    }
}

/// Restores the records from a backup, all or nothing, and writes `act` of `actor` into their log. The former records are
/// kept beside, and the index is emptied: it may know registries that the backup does not.
///
/// While nothing serves, the file takes the place of the former one. Under a serving process its rows take the place of
/// the former rows, in one transaction: every generation is then higher than any that was ever read, so that what is kept
/// in memory is made anew.
///
/// # Errors
/// [`Error::Backup`] for a file that is damaged, whose chain is broken, or, under a serving process, that belongs to
/// another installation; [`Error::NewerSchema`] for one of a newer program. Nothing is touched then.
pub async fn restore(options: &StoreOptions, from: &Path, actor: &Actor, act: &Act) -> Result<Restored, Error> {
    let directory = &options.data_dir;
    make_directory(directory)?;
    // Held to the end: nothing starts to serve from what is being replaced.
    let lock = take_lock(directory)?;
    let draft = directory.join(format!("{RECORDS}.restoring-{}", hex::encode(random::<4>())));
    let records = directory.join(RECORDS);
    let former = former_of(&records, options.now);
    let restored = async {
        let entries = prepare(from, &draft).await?;
        let told = records.exists().then(|| former.display().to_string());
        let act = act.clone().after(serde_json::json!({ "entries": entries, "former records": told }));
        settle(&draft, actor, &act, options.now).await?;
        let registries = match lock {
            Some(_) => None,
            None => Some(replace::rows(&records, &draft, from, &former).await?),
        };
        Ok((entries, registries))
    };
    let (entries, registries) = match restored.await {
        Ok(done) => done,
        Err(error) => {
            remove(&draft)?;
            return Err(error);
        }
    };
    if let Some(registries) = registries {
        remove(&draft)?;
        let index_trouble = replace::empty_index(directory, &registries).await.err().map(|error| error.to_string());
        return Ok(Restored { former: Some(former), entries, while_serving: true, index_trouble });
    }
    let former = set_aside(&records, former).await?;
    std::fs::rename(&draft, &records).map_err(Error::file(&records))?;
    remove(&directory.join(INDEX))?;
    std::fs::File::open(directory).and_then(|d| d.sync_all()).map_err(Error::file(directory))?;
    Ok(Restored { former, entries, while_serving: false, index_trouble: None })
}

/// Copies the backup to `draft` and makes sure that it is one; gives the number of its audit entries.
async fn prepare(from: &Path, draft: &Path) -> Result<i64, Error> {
    let bad = |why: String| Error::Backup { path: from.to_owned(), why };
    make_file(draft)?;
    std::fs::copy(from, draft).map_err(Error::file(from))?;
    make_file(draft)?;
    let unreadable = |error: sqlx::Error| bad(format!("it is no database of ours ({error})"));
    let mut connection = options(draft, Care::Records).connect().await.map_err(unreadable)?;
    let found: String = sqlx::query_scalar(INTEGRITY).fetch_one(&mut connection).await.map_err(unreadable)?;
    if found != "ok" {
        return Err(bad(format!("it is damaged ({found})")));
    }
    let version = schema::version(&mut connection).await?;
    if version == 0 {
        return Err(bad("it holds no records of ours".to_owned()));
    }
    if version > schema::known() {
        return Err(Error::NewerSchema { found: version, known: schema::known() });
    }
    connection.close().await?;
    schema::migrate_draft(draft).await?;
    let mut connection = options(draft, Care::Records).connect().await?;
    let entries = match verify_connection(&mut connection).await? {
        Verified::Whole { entries, .. } => entries,
        Verified::Broken { sequence, why } => {
            return Err(bad(format!("its audit log is broken at entry {sequence}: {why}")));
        }
    };
    connection.close().await?;
    Ok(entries)
}

/// Ends what was in force when the backup was made, and writes the entry about the restore.
async fn settle(draft: &Path, actor: &Actor, act: &Act, at: Timestamp) -> Result<(), Error> {
    let mut connection = options(draft, Care::Records).connect().await?;
    let mut change = connection.begin_with("BEGIN IMMEDIATE").await?;
    for sql in [END_SESSIONS, FORGET_SETUP, CLEAR_MARKS, FREE_LEASES, BUMP_ALL] {
        sqlx::query(sql).execute(&mut *change).await?;
    }
    let chain = schema::chain(&mut change).await?;
    // What was under way when the backup was made can't be ended by whoever opened it: it ends here.
    audit::end_unended(&mut change, &chain, Timestamp(Id::MAX), "the records were restored in between", at).await?;
    audit::note(&mut change, &chain, actor, act, at).await?;
    change.commit().await?;
    Ok(connection.close().await?)
}

/// Where the records of before a restore are kept.
fn former_of(records: &Path, now: Timestamp) -> PathBuf {
    with_suffix(records, &format!(".before-restore-{}", now.0))
}

/// Renames the present records, after folding their write-ahead log into them.
async fn set_aside(records: &Path, former: PathBuf) -> Result<Option<PathBuf>, Error> {
    if !records.exists() {
        return Ok(None);
    }
    match options(records, Care::Records).connect().await {
        Ok(connection) => connection.close().await?,
        // Damaged records are a reason to restore: they are kept as they are, with their side files.
        Err(error) => tracing::warn!(%error, "the former records can't be opened"),
    }
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (with_suffix(records, suffix), with_suffix(&former, suffix));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(Error::file(&from))?;
        }
    }
    Ok(Some(former))
}

/// Removes a database file and its side files, as far as they are there.
pub(crate) fn remove(file: &Path) -> Result<(), Error> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let path = with_suffix(file, suffix);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::file(path)(error)),
            _ => {}
        }
    }
    Ok(())
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
