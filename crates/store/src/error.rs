//! What can stop the store, by cause.

use std::path::PathBuf;

/// Why something could not be remembered or recalled. No text in it is a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory can't be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process serves from this data directory.
    #[error("another wharfinger is using {path}; stop it first", path = .0.display())]
    Locked(PathBuf),
    /// The records were written by a newer program.
    #[error(
        "the records have schema {found}, and this program knows schemas up to {known}: start the newer program again"
    )]
    NewerSchema {
        /// In the file.
        found: i64,
        /// In this program.
        known: i64,
    },
    /// The records were written by an older program, and may not be changed now because another process uses them.
    #[error(
        "the records have the older schema {found} while another wharfinger uses them: stop it, then start this one"
    )]
    OlderSchema {
        /// In the file.
        found: i64,
    },
    /// The key file is there and can't be a key.
    #[error("{path} is not a key file: put the right one back, or move it away and enter the credentials again", path = .0.display())]
    KeyFile(PathBuf),
    /// A secret was sealed with another key, or for another registry, field or address.
    #[error("the {field} of this registry can't be unsealed with the key at hand: enter it again")]
    Unreadable {
        /// Which secret.
        field: &'static str,
    },
    /// A name that must be unique is in use.
    #[error("the {0} is in use")]
    Taken(&'static str),
    /// What was to be changed is not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed it meanwhile, or what must hold for the change no longer does.
    #[error("{0}")]
    Conflict(&'static str),
    /// A lease has run out or gone to another holder.
    #[error("the lease {0} is held by another")]
    LeaseLost(String),
    /// A place in a list that this list can't have.
    #[error("this place in the list can't be read")]
    Cursor,
    /// A filter that is longer or wilder than what is allowed.
    #[error("{0}")]
    Filter(&'static str),
    /// A file that is no usable backup.
    #[error("{path} is no backup that can be restored: {why}", path = path.display())]
    Backup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The database is in use for longer than one waits.
    #[error("the database is busy")]
    Busy,
    /// No space is left.
    #[error("the disk is full")]
    Full,
    /// A row says something that can't be.
    #[error("the database holds something unreadable: {0}")]
    Broken(String),
    /// Anything else that the database said.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
    /// Turns the violation of a unique constraint into [`Error::Taken`].
    pub(crate) fn taken(self, what: &'static str) -> Self {
        match &self {
            Self::Database(cause) if is_unique_violation(cause.as_ref()) => Self::Taken(what),
            _ => self,
        }
    }
}

fn is_unique_violation(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let database = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // SQLite's extended codes carry the plain one in their lowest byte: 5 is BUSY, 13 is FULL.
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<u32>().ok());
        match (&error, code.map(|code| code & 0xff)) {
            (sqlx::Error::PoolTimedOut, _) | (_, Some(5)) => Self::Busy,
            (_, Some(13)) => Self::Full,
            _ => Self::Database(Box::new(error)),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<domain::InvalidName> for Error {
    fn from(error: domain::InvalidName) -> Self {
        Self::Broken(error.0)
    }
}
