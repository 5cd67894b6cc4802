//! Opening the data directory: its modes, its lock, its files.

use crate::{
    Error,
    audit::Lost,
    index::Index,
    pools::{Care, Pools},
    schema,
    sealing::Keys,
};
use domain::Timestamp;
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The records' file name.
pub(crate) const RECORDS: &str = "wharfinger.db";
/// The cache's file name.
pub(crate) const INDEX: &str = "index.db";
const KEY: &str = "wharfinger.key";
const LOCK: &str = "wharfinger.lock";

/// Where the store is, and what time it is when it is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data directory; made (0700) where it is missing. Nothing is written outside it.
    pub data_dir: PathBuf,
    /// Now: kept as the installation's birthday at the first start.
    pub now: Timestamp,
}

/// The program's memory. A cheap clone of one handle.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) records: Pools,
    pub(crate) index: Index,
    pub(crate) keys: Keys,
    pub(crate) chain_id: String,
    pub(crate) data_dir: PathBuf,
    pub(crate) lost: Lost,
    /// Held open: closing it gives the directory free.
    _lock: Option<File>,
}

impl Store {
    /// Opens the data directory for the serving process: takes the lock, migrates the records, rebuilds an outdated cache.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process serves from it, [`Error::NewerSchema`] for the records of a newer program.
    pub async fn open(options: &StoreOptions) -> Result<Self, Error> {
        make_directory(&options.data_dir)?;
        let lock = take_lock(&options.data_dir)?.ok_or_else(|| Error::Locked(options.data_dir.clone()))?;
        Self::assemble(options, Some(lock)).await
    }

    /// Opens the data directory for a command that may run beside the serving process. Where nothing serves, this is
    /// [`Store::open`]; else the files are used as they are, and `SQLite`'s own locks keep the two apart.
    pub async fn open_beside(options: &StoreOptions) -> Result<Self, Error> {
        make_directory(&options.data_dir)?;
        let lock = take_lock(&options.data_dir)?;
        Self::assemble(options, lock).await
    }

    async fn assemble(options: &StoreOptions, lock: Option<File>) -> Result<Self, Error> {
        let alone = lock.is_some();
        let keys = Keys::open(&options.data_dir.join(KEY))?;
        let file = options.data_dir.join(RECORDS);
        make_file(&file)?;
        schema::prepare(&file, alone).await?;
        let records = Pools::open(&file, Care::Records).await?;
        let chain_id = schema::installation(&records, options.now).await?;
        let index = Index::open(&options.data_dir.join(INDEX), alone).await?;
        let data_dir = options.data_dir.clone();
        let inner = Inner { records, index, keys, chain_id, data_dir, lost: Lost::default(), _lock: lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where everything is kept.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }
    /// The cache of what registries hold.
    pub fn index(&self) -> &Index {
        &self.inner.index
    }
    /// Do both files answer? What `/readyz` asks.
    pub async fn ready(&self) -> Result<(), Error> {
        self.generations().read("ready").await?;
        self.inner.index.ready().await
    }
    /// Closes all connections. Handles that are still about answer with errors from now on.
    pub async fn close(&self) {
        tokio::join!(self.inner.records.close(), self.inner.index.close());
    }
    /// The same, but whoever still uses a connection is waited for no longer than this; were all closed? What was written is
    /// kept either way: the next who opens the files folds the logs in.
    pub async fn close_within(&self, longest: Duration) -> bool {
        tokio::time::timeout(longest, self.close()).await.is_ok()
    }
}

/// Makes the directory, readable by nobody else. One that exists is narrowed to that if it is ours or empty; somebody
/// else's (a home, a shared mount) keeps its mode, since what we put there is readable by nobody else anyway.
pub(crate) fn make_directory(path: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::file(path))?;
    let empty = std::fs::read_dir(path).map_err(Error::file(path))?.next().is_none();
    if empty || path.join(LOCK).exists() || path.join(RECORDS).exists() {
        // Refused where another user owns a mounted directory: no reason not to start.
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)) {
            tracing::warn!(path = %path.display(), %error, "the data directory's mode stays as it is");
        }
    }
    Ok(())
}

/// Makes an empty file that nobody else can read, unless it is there. `SQLite` gives its side files the same mode.
pub(crate) fn make_file(path: &Path) -> Result<(), Error> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(Error::file(path))?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(Error::file(path))
}

/// Takes the directory's lock, or nothing where another process holds it.
pub(crate) fn take_lock(directory: &Path) -> Result<Option<File>, Error> {
    let path = directory.join(LOCK);
    make_file(&path)?;
    let file = File::open(&path).map_err(Error::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(Error::file(path)(source)),
    }
}
