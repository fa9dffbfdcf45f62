//! The thread that writes.
//!
//! It takes what waits, runs each piece in a savepoint of its own, commits once, and then tells everybody. A piece
//! that fails or panics undoes only itself; a commit that fails fails for all of its pieces.

use std::{
    fs::File,
    io,
    iter::{from_fn, once},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Intake, Queue, Stats, panicked};
use crate::{Options, Result, StoreError, Tx, View};

/// Runs in a transaction, or learns why there is none.
type Write = Box<dyn FnOnce(Result<&mut Tx<'_>>) -> Written + Send>;

/// A piece that has run.
struct Written {
    is_good: bool,
    /// Tells the caller, once it is known whether the commit worked.
    answer: Box<dyn FnOnce(Result<()>) + Send>,
}

#[derive(Default)]
struct Counters {
    writes: AtomicU64,
    commits: AtomicU64,
    commit_errors: AtomicU64,
    refused: AtomicU64,
}

pub(crate) struct Writer {
    queue: Queue<Write>,
    counters: Arc<Counters>,
}

impl Writer {
    /// The thread keeps the lock of the folder until it has closed the file.
    pub(crate) fn start(connection: Connection, lock: File, options: &Options) -> io::Result<Self> {
        let (queue, intake) = Queue::new(options.writes_waiting_max);
        let counters = Arc::<Counters>::default();
        let (counted, group_max) = (counters.clone(), options.group_writes_max.max(1));
        queue.start_thread("store-writer", move || {
            write_all(&connection, &intake, &counted, group_max);
            drop(connection);
            drop(lock);
        })?;
        Ok(Self { queue, counters })
    }

    pub(crate) async fn run<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let sent = self.queue.send(Box::new(move |tx| {
            let run = |tx: &mut Tx<'_>| catch_unwind(AssertUnwindSafe(|| work(tx)));
            let result =
                tx.map_err(E::from).and_then(|tx| run(tx).unwrap_or_else(|_| Err(panicked().into())));
            let is_good = result.is_ok();
            let answer = Box::new(move |committed: Result<()>| {
                let result = result.and_then(|value| committed.map(|()| value).map_err(E::from));
                // A caller that has gone away loses the answer and nothing else.
                let _ = reply.send(result);
            });
            Written { is_good, answer }
        }));
        if sent == Err(StoreError::Busy) {
            self.counters.refused.fetch_add(1, Ordering::Relaxed);
        }
        sent?;
        answer.await.map_err(|_| E::from(StoreError::Closed))?
    }

    pub(crate) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            writes: read(&self.counters.writes),
            commits: read(&self.counters.commits),
            commit_errors: read(&self.counters.commit_errors),
            writes_refused: read(&self.counters.refused),
            writes_waiting_now: self.queue.waiting(),
            reads: 0,
        }
    }

    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

fn write_all(connection: &Connection, intake: &Intake<Write>, counters: &Counters, group_max: usize) {
    while let Some(first) = intake.next() {
        let rest = from_fn(|| intake.next_now()).take(group_max - 1);
        let (group, committed) = write_group(connection, once(first).chain(rest).collect());
        counters.count(&group, &committed);
        for written in group {
            (written.answer)(committed.clone());
        }
    }
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the database can't be checkpointed");
    }
}

fn write_group(connection: &Connection, group: Vec<Write>) -> (Vec<Written>, Result<()>) {
    let group = group.into_iter();
    match run(connection, "BEGIN IMMEDIATE") {
        Ok(()) => (group.map(|write| write_one(connection, write)).collect(), commit(connection)),
        Err(error) => {
            let error = StoreError::from(error);
            (group.map(|write| write(Err(error.clone()))).collect(), Err(error))
        }
    }
}

fn write_one(connection: &Connection, write: Write) -> Written {
    if connection.is_autocommit() {
        return write(Err(undone()));
    }
    if let Err(error) = run(connection, "SAVEPOINT piece") {
        return write(Err(error.into()));
    }
    let Written { is_good, answer } = write(Ok(&mut Tx { view: View { connection } }));
    match end_piece(connection, is_good) {
        Ok(()) => Written { is_good, answer },
        Err(error) => Written { is_good: false, answer: Box::new(move |_| answer(Err(error))) },
    }
}

fn end_piece(connection: &Connection, is_good: bool) -> Result<()> {
    let undone = if is_good { Ok(()) } else { run(connection, "ROLLBACK TO piece") };
    undone.and_then(|()| run(connection, "RELEASE piece")).map_err(|error| {
        // Whose changes are still there can't be told any more, so none may stay. Without a transaction there are none.
        let _ = connection.execute_batch("ROLLBACK");
        error.into()
    })
}

fn commit(connection: &Connection) -> Result<()> {
    if connection.is_autocommit() {
        return Err(undone());
    }
    run(connection, "COMMIT").map_err(|error| {
        // Nothing of it may stay for the next group.
        let _ = connection.execute_batch("ROLLBACK");
        error.into()
    })
}

/// A statement that is parsed once in the life of the thread.
fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// A full disk, for one, makes SQLite undo the whole transaction at once. What came after would be outside of it.
fn undone() -> StoreError {
    StoreError::Io(
        "the disk is full or fails, so a write that was to be committed with others was undone".to_owned(),
    )
}

impl Counters {
    fn count(&self, group: &[Written], committed: &Result<()>) {
        match committed {
            Ok(()) => {
                let good = group.iter().filter(|written| written.is_good).count();
                self.writes.fetch_add(good as u64, Ordering::Relaxed);
                self.commits.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::error!(%error, writes = group.len(), "a commit failed");
                self.commit_errors.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
