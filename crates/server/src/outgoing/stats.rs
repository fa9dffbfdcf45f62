//! What is counted of outgoing requests. Plain numbers that a scrape reads; nothing depends on them.

use std::sync::atomic::{AtomicU64, Ordering};

use campanile_platform::scenarios::world::{Failure, HttpAnswer};

use super::failure::CODES;

/// The counters, as they are counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    requests: AtomicU64,
    answers: AtomicU64,
    failures: [AtomicU64; CODES.len()],
}

/// The counters, as they are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutgoingStats {
    /// Requests that scenarios made.
    pub(crate) requests: u64,
    /// Requests that were answered, whatever the status.
    pub(crate) answers: u64,
    /// Requests without an answer, by the code of their failure.
    pub(crate) failures: Vec<(&'static str, u64)>,
    /// Requests that are being sent or answered.
    pub(crate) open_now: u64,
    /// Requests that wait until there are fewer of those.
    pub(crate) waiting_now: u64,
}

impl Tally {
    /// Counts a request and what becomes of it.
    pub(super) async fn counted(
        &self,
        request: impl Future<Output = Result<HttpAnswer, Failure>>,
    ) -> Result<HttpAnswer, Failure> {
        count(&self.requests);
        let result = request.await;
        match &result {
            Ok(_) => count(&self.answers),
            Err(failure) => {
                let position = CODES.iter().position(|code| *code == failure.code);
                position.map(|position| &self.failures[position]).into_iter().for_each(count);
            }
        }
        result
    }

    pub(super) fn read(&self, open_now: u64, waiting_now: u64) -> OutgoingStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        OutgoingStats {
            requests: read(&self.requests),
            answers: read(&self.answers),
            failures: CODES.into_iter().zip(self.failures.iter().map(read)).collect(),
            open_now,
            waiting_now,
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
