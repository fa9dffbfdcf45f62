//! What the runner counts. Plain numbers that a scrape reads; nothing depends on them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The counters, as they are counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) started: AtomicU64,
    pub(super) done: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) cancelled: AtomicU64,
    pub(super) filtered: AtomicU64,
    pub(super) interrupted: AtomicU64,
    pub(super) cut: AtomicU64,
    pub(super) steps: AtomicU64,
    pub(super) repeated_steps: AtomicU64,
    pub(super) occurrences_dropped: AtomicU64,
    pub(super) answers_late: AtomicU64,
    pub(super) open_now: AtomicI64,
    pub(super) running_now: AtomicI64,
}

/// The counters, as they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunnerStats {
    /// Runs that were started.
    pub runs_started: u64,
    /// Runs that did all their steps.
    pub runs_done: u64,
    /// Runs of which a step failed.
    pub runs_failed: u64,
    /// Runs that somebody ended.
    pub runs_cancelled: u64,
    /// Triggers that a filter held back.
    pub runs_filtered: u64,
    /// Runs that were under way when the hub stopped.
    pub runs_interrupted: u64,
    /// Runs that were cut because too many led to them.
    pub runs_cut: u64,
    /// Steps that were taken.
    pub steps: u64,
    /// Those among them that repeated a step.
    pub steps_repeated: u64,
    /// Triggers from the shards that came too fast.
    pub occurrences_dropped: u64,
    /// Callers that didn't get their answer in time.
    pub answers_late: u64,
    /// Runs that are open.
    pub runs_open_now: u64,
    /// Runs that are under way.
    pub runs_running_now: u64,
}

impl Tally {
    pub(super) fn read(&self) -> RunnerStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let now = |gauge: &AtomicI64| u64::try_from(gauge.load(Ordering::Relaxed)).unwrap_or(0);
        RunnerStats {
            runs_started: read(&self.started),
            runs_done: read(&self.done),
            runs_failed: read(&self.failed),
            runs_cancelled: read(&self.cancelled),
            runs_filtered: read(&self.filtered),
            runs_interrupted: read(&self.interrupted),
            runs_cut: read(&self.cut),
            steps: read(&self.steps),
            steps_repeated: read(&self.repeated_steps),
            occurrences_dropped: read(&self.occurrences_dropped),
            answers_late: read(&self.answers_late),
            runs_open_now: now(&self.open_now),
            runs_running_now: now(&self.running_now),
        }
    }
}
