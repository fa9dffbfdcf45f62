//! Deadlines of a shard, in order. Time is a number of milliseconds that is passed in.

use std::collections::BTreeMap;

/// Milliseconds on the shard's clock, which starts anywhere and never goes back.
pub type Millis = u64;

/// Names a scheduled deadline, to cancel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerId {
    at: Millis,
    number: u64,
}

impl TimerId {
    pub(crate) fn at(self) -> Millis {
        self.at
    }
}

/// An ordered set of deadlines, each with a note of what it is for.
pub(crate) struct Timers<T> {
    due: BTreeMap<TimerId, T>,
    number: u64,
}

impl<T> Timers<T> {
    pub(crate) fn new() -> Self {
        Self { due: BTreeMap::new(), number: 0 }
    }

    pub(crate) fn schedule(&mut self, at: Millis, note: T) -> TimerId {
        self.number += 1;
        let id = TimerId { at, number: self.number };
        self.due.insert(id, note);
        id
    }

    pub(crate) fn cancel(&mut self, id: TimerId) {
        self.due.remove(&id);
    }

    pub(crate) fn next(&self) -> Option<Millis> {
        self.due.first_key_value().map(|(id, _)| id.at)
    }

    /// Takes the earliest deadline that isn't after `now`.
    pub(crate) fn pop(&mut self, now: Millis) -> Option<T> {
        let first = self.due.first_entry()?;
        (first.key().at <= now).then(|| first.remove())
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}
