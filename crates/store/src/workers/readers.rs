//! The threads that read. Each piece sees one state of the database, however many queries it makes.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Intake, Queue, panicked};
use crate::{Options, Result, StoreError, View, database::open_to_read};

/// Runs in a transaction, or learns why there is none.
type Read = Box<dyn FnOnce(Result<&View<'_>>) + Send>;

pub(crate) struct Readers {
    queue: Queue<Read>,
    reads: Arc<AtomicU64>,
}

impl Readers {
    pub(crate) fn start(path: &Path, options: &Options) -> io::Result<Self> {
        let (queue, intake) = Queue::new(options.writes_waiting_max);
        let reads = Arc::<AtomicU64>::default();
        for number in 0..options.readers.max(1) {
            let connection = open_to_read(path).map_err(io::Error::other)?;
            let (intake, reads) = (intake.clone(), reads.clone());
            queue.start_thread(&format!("store-reader-{number}"), move || {
                read_all(&connection, &intake, &reads);
            })?;
        }
        Ok(Self { queue, reads })
    }

    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&View<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Box::new(move |view| {
            let run = |view: &View<'_>| catch_unwind(AssertUnwindSafe(|| work(view)));
            // A caller that has gone away loses the answer and nothing else.
            let _ = reply.send(view.and_then(|view| run(view).unwrap_or_else(|_| Err(panicked()))));
        }))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

fn read_all(connection: &Connection, intake: &Intake<Read>, reads: &AtomicU64) {
    while let Some(read) = intake.next() {
        reads.fetch_add(1, Ordering::Relaxed);
        match connection.execute_batch("BEGIN") {
            Ok(()) => read(Ok(&View { connection })),
            Err(error) => read(Err(error.into())),
        }
        // Without a transaction there is nothing to end.
        let _ = connection.execute_batch("COMMIT");
    }
}
