//! Callers that wait for what a run answers: the first of its response and its end.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::oneshot;

use crate::scenarios::{engine::Response, world::Failure};

/// What a run has for whoever waits for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// What its step says.
    Response(Response),
    /// Its filter didn't let it begin.
    Filtered,
    /// It came to its end without a word.
    Done,
    /// A step failed.
    Failed(Failure),
}

/// The callers, by the number of the run.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// Held for an insertion or a removal.
    waiting: Mutex<HashMap<i64, oneshot::Sender<Verdict>>>,
}

impl Waiters {
    /// Waits for a run, which must not have been handed over yet.
    pub(super) fn wait(&self, run: i64) -> oneshot::Receiver<Verdict> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(run, sender);
        receiver
    }

    /// Tells whoever waits for a run; the first word counts.
    pub(super) fn tell(&self, run: i64, verdict: impl FnOnce() -> Verdict) {
        if let Some(waiter) = self.take(run) {
            // A caller that has gone away loses the answer and nothing else.
            let _ = waiter.send(verdict());
        }
    }

    /// Nobody waits for this run any more.
    pub(super) fn forget(&self, run: i64) {
        drop(self.take(run));
    }

    fn take(&self, run: i64) -> Option<oneshot::Sender<Verdict>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&run)
    }
}
