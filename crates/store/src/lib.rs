//! What must survive: apps, keys, plugins, users, sessions, pushes, structures with their objects, scenarios with their
//! runs, pages, administrators and the audit log.
//!
//! One SQLite file in the data folder. One thread writes and commits what waits together (group commit); several
//! threads read. A caller hands in a closure that gets a [`View`], or to write a [`Tx`], and awaits its result; of a
//! write that is after the commit. Nothing of SQLite shows outside, so that another database can stand in its place.
//!
//! | Module | Its part |
//! |---|---|
//! | `database` | opening, checking, migrating, copying the file |
//! | `workers` | the threads that write and read, and their queues |
//! | `error`, `page` | what callers get instead of what they asked for, and lists in parts |
//! | `sql` | running a statement |
//! | `condition` | which objects a list has, and in which order, as SQL |
//! | `apps`, `keys`, `users`, `sessions`, `pushes`, `structures`, `objects`, `endpoints`, `changes`, `scenarios`, `runs`, `web_pages`, `admins`, `audit` | one table or two each: rows, queries, changes |
//!
//! It knows no rule of the product, and no socket. What belongs to an app is only found with the app's number.

mod admins;
mod apps;
mod audit;
mod changes;
mod condition;
mod database;
mod endpoints;
mod error;
mod keys;
mod objects;
mod page;
mod pushes;
mod runs;
mod scenarios;
mod sessions;
mod sql;
mod structures;
mod users;
mod web_pages;
mod workers;

use std::{ops::Deref, path::Path, sync::Arc};

use rusqlite::Connection;

pub use crate::{
    admins::{AdminSession, NewAdminSession},
    apps::{App, AppNumber, Plugin},
    audit::{AuditEntry, NewAudit},
    changes::{Change, NewChange},
    condition::{Comparison, Condition, Direction, Operand, Place},
    database::{FILE_NAME, backup_file},
    endpoints::Endpoint,
    error::{OpenError, Result, StoreError},
    keys::{ApiKey, SecretKey},
    objects::{Object, ObjectQuery, Objects},
    page::{Page, Paged},
    pushes::{NewPush, Push},
    runs::{NewRun, OpenRun, Run, RunEnd, RunFilter, RunProgress, RunStatus},
    scenarios::{NewScenario, Scenario, ScenarioVersion, TriggerKey},
    sessions::{NewSession, Session},
    structures::Structure,
    users::{NewUser, User, UserChange, UserFilter},
    web_pages::WebPage,
    workers::Stats,
};
use crate::{
    database::Database,
    workers::{Readers, Writer},
};

/// Settings of the store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read.
    pub readers: usize,
    /// Writes that may wait; one more is refused with [`StoreError::Busy`]. As many reads may wait too.
    pub writes_waiting_max: usize,
    /// Writes that are committed together.
    pub group_writes_max: usize,
    /// What a commit waits for.
    pub durability: Durability,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 2, writes_waiting_max: 10_000, group_writes_max: 500, durability: Durability::Full }
    }
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The disk: what is committed survives a power cut.
    #[default]
    Full,
    /// The operating system: what is committed survives a crash of the hub.
    Normal,
}

/// The store. A handle; clones share everything.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// In the order in which they end: nobody reads any more when the writer tidies up.
struct Inner {
    readers: Readers,
    writer: Writer,
}

/// What can be read.
pub struct View<'a> {
    connection: &'a Connection,
}

/// What can be changed, and read, in one transaction.
pub struct Tx<'a> {
    view: View<'a>,
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

impl Store {
    /// Opens the store in a folder, or creates it, and brings it up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(folder: &Path, options: &Options) -> std::result::Result<Self, OpenError> {
        let Database { path, writer, lock } = database::open(folder, options.durability)?;
        let readers = Readers::start(&path, options)?;
        let writer = Writer::start(writer, lock, options)?;
        Ok(Self(Arc::new(Inner { readers, writer })))
    }

    /// Changes something. The result is there when it is committed; an error undoes what the closure did.
    ///
    /// # Errors
    /// What the closure says; `Busy` and `Closed`; `Io` if it can't be committed.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.0.writer.run(work).await
    }

    /// Changes something where rules may refuse it as well: an error of theirs undoes what the closure did, too.
    ///
    /// # Errors
    /// What the closure says; what [`Store::write`] would say, as an error of that kind.
    pub async fn write_by_rules<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.0.writer.run(work).await
    }

    /// Reads something, as it was last committed; the whole closure sees that one state.
    ///
    /// # Errors
    /// What the closure says; `Busy` and `Closed`; `Io` if it can't be read.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&View<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.0.readers.run(work).await
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { reads: self.0.readers.reads(), ..self.0.writer.stats() }
    }

    /// Commits what waits and closes the files. Whoever uses the store afterwards gets [`StoreError::Closed`]. So it is
    /// when the last handle goes.
    pub fn close(&self) {
        self.0.readers.close();
        self.0.writer.close();
    }
}
