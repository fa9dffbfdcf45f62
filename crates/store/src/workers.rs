//! The threads that use the database: one that writes (`writer`), several that read (`readers`), each with a queue
//! before it.
//!
//! A queue is bounded and refuses what is too much. When it is closed, its threads finish what waits and end.

mod readers;
mod writer;

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

pub(crate) use self::{readers::Readers, writer::Writer};
use crate::{Result, StoreError};

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Writes that were committed.
    pub writes: u64,
    /// Commits, each of one write or of several.
    pub commits: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Writes that were refused because too many waited.
    pub writes_refused: u64,
    /// Writes that wait.
    pub writes_waiting_now: usize,
    /// Reads.
    pub reads: u64,
}

/// Where work is put in.
struct Queue<W> {
    /// None when it is closed.
    sender: Mutex<Option<Sender<W>>>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Where threads take work out, one at a time: whoever waits for it holds the lock.
struct Intake<W> {
    receiver: Mutex<Receiver<W>>,
    waiting: Arc<AtomicUsize>,
}

impl<W: Send + 'static> Queue<W> {
    fn new(waiting_max: usize) -> (Self, Arc<Intake<W>>) {
        let (sender, receiver) = mpsc::channel();
        let waiting = Arc::<AtomicUsize>::default();
        let intake = Intake { receiver: Mutex::new(receiver), waiting: waiting.clone() };
        let sender = Mutex::new(Some(sender));
        (Self { sender, waiting, waiting_max, threads: Mutex::default() }, Arc::new(intake))
    }

    fn start_thread(&self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        locked(&self.threads).push(thread);
        Ok(())
    }
}

impl<W> Queue<W> {
    fn send(&self, work: W) -> Result<()> {
        // Under the lock, so that nobody else takes the last place in between.
        let sender = locked(&self.sender);
        let sender = sender.as_ref().ok_or(StoreError::Closed)?;
        if self.waiting() >= self.waiting_max {
            return Err(StoreError::Busy);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        sender.send(work).map_err(|_| StoreError::Closed)
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// The threads finish what waits.
    fn close(&self) {
        locked(&self.sender).take();
        let threads = std::mem::take(&mut *locked(&self.threads));
        // Work may hold the last handle of the store; its own thread ends by itself.
        for thread in threads.into_iter().filter(|thread| thread.thread().id() != thread::current().id()) {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

impl<W> Drop for Queue<W> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<W> Intake<W> {
    /// Waits for work; none when the queue is closed and empty.
    fn next(&self) -> Option<W> {
        let work = locked(&self.receiver).recv().ok();
        self.taken(work)
    }

    /// The work that is there already.
    fn next_now(&self) -> Option<W> {
        let work = locked(&self.receiver).try_recv().ok();
        self.taken(work)
    }

    fn taken(&self, work: Option<W>) -> Option<W> {
        self.waiting.fetch_sub(usize::from(work.is_some()), Ordering::Relaxed);
        work
    }
}

/// Nothing under these locks panics halfway through a change.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panicked() -> StoreError {
    StoreError::Io("a query panicked; its backtrace is in the log".to_owned())
}
