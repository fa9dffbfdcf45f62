//! The file: opening it for one process, checking and migrating it, copying it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{Durability, OpenError, Result, StoreError};

/// The name of the database in the data folder.
pub const FILE_NAME: &str = "campanile.db";

/// Held by the process that uses the folder.
const LOCK_NAME: &str = "campanile.lock";

/// The steps from an empty file to today's schema; the file remembers how many it has taken.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
];

/// More than there are statements, so that none is parsed twice.
const STATEMENTS_KEPT: usize = 128;

/// How long SQLite waits where another program, a backup for one, holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the log of changes may keep of its size after a burst.
const LOG_BYTES_KEPT: u32 = 64 * 1_024 * 1_024;

pub(crate) struct Database {
    pub(crate) path: PathBuf,
    pub(crate) writer: Connection,
    pub(crate) lock: File,
}

pub(crate) fn open(folder: &Path, durability: Durability) -> std::result::Result<Database, OpenError> {
    let lock = lock(folder)?;
    let path = folder.join(FILE_NAME);
    // Created here, so that nobody else may read it from the first moment on.
    private().create(true).append(true).open(&path)?;
    let mut writer = Connection::open(&path)?;
    prepare(&writer, durability)?;
    check(&writer)?;
    migrate(&mut writer)?;
    Ok(Database { path, writer, lock })
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn lock(folder: &Path) -> std::result::Result<File, OpenError> {
    let file = private().create(true).append(true).open(folder.join(LOCK_NAME))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn prepare(writer: &Connection, durability: Durability) -> rusqlite::Result<()> {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    writer.busy_timeout(BUSY_TIMEOUT)?;
    writer.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    writer.pragma_update(None, "foreign_keys", true)?;
    writer.pragma_update(None, "synchronous", synchronous)
}

fn check(writer: &Connection) -> std::result::Result<(), OpenError> {
    let verdict: String = writer.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(OpenError::Damaged(verdict)) }
}

fn migrate(writer: &mut Connection) -> std::result::Result<(), OpenError> {
    let found: u32 = writer.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (version, sql) in (1_u32..).zip(MIGRATIONS).skip(found as usize) {
        let transaction = writer.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

pub(crate) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Copies the database of a data folder to a new file, consistently, also while a hub uses it.
///
/// # Errors
/// `Exists`: the file is there already. `NotFound`: the folder has no database. Else what the system says.
pub fn backup_file(folder: &Path, to: &Path) -> Result<()> {
    let path = folder.join(FILE_NAME);
    path.metadata().map_err(refused)?;
    let from = open_to_read(&path)?;
    private().create_new(true).write(true).open(to).map_err(refused)?;
    copy(&from, to).inspect_err(|_| {
        // Half a copy is worse than none. The reason why there is no whole one is what the caller learns.
        let _ = std::fs::remove_file(to);
    })
}

fn refused(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound,
        io::ErrorKind::AlreadyExists => StoreError::Exists,
        _ => StoreError::Io(error.to_string()),
    }
}

/// In one step: between two steps a hub that writes all the time would make the copy start over, for ever.
fn copy(from: &Connection, to: &Path) -> Result<()> {
    // The whole path, since SQLite takes some names, `:memory:` for one, for something else than a file.
    let mut copy = Connection::open(to.canonicalize().map_err(refused)?)?;
    Backup::new(from, &mut copy)?.run_to_completion(i32::MAX, BUSY_TIMEOUT, None)?;
    copy.close().map_err(|(_, error)| error.into())
}
