//! Why the store can't be opened, read or written.

use std::io;

use rusqlite::{
    ErrorCode,
    ffi::{SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE},
};

/// What reading and writing give.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why something can't be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// What was to be changed, or what something new was to belong to, isn't there.
    #[error("it isn't there")]
    NotFound,
    /// What was to be created is there already.
    #[error("it is there already")]
    Exists,
    /// Too many reads or writes wait.
    #[error("too many reads or writes are waiting")]
    Busy,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// The file is broken.
    #[error("the database is damaged ({0}): restore a backup")]
    Corrupt(String),
    /// The database or the system refused.
    #[error("{0}")]
    Io(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match extended_code(&error) {
            Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) => Self::Exists,
            Some(SQLITE_CONSTRAINT_FOREIGNKEY) => Self::NotFound,
            _ if is_damage(&error) => Self::Corrupt(error.to_string()),
            _ => Self::Io(error.to_string()),
        }
    }
}

/// Why the store can't be opened. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer version wrote it.
    #[error(
        "the database is of a newer version of Campanile (schema {found}, this one knows {known}): \
         run that version, or restore a backup"
    )]
    Newer {
        /// What it has.
        found: u32,
        /// What this version knows.
        known: u32,
    },
    /// It isn't a database, or a broken one.
    #[error("the database is damaged ({0}): restore a backup, or move the file away to start empty")]
    Damaged(String),
    /// Another process uses it.
    #[error("another process uses this data folder: stop it, or choose another one with --data-dir")]
    Locked,
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Self::Damaged(error.to_string()) } else { Self::Io(io::Error::other(error)) }
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|failure| failure.extended_code)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
