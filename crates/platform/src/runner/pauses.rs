//! Runs that wait until it is time. Plain data; what time it is isn't known here.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::lanes::Ticket;

/// A run that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pause {
    pub(super) lane: Arc<str>,
    pub(super) ticket: Ticket,
    pub(super) keeps_lane: KeepsLane,
}

/// Whether the runs behind it in its lane wait as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeepsLane {
    /// It repeats a step, so they do.
    Yes,
    /// It was told to wait, so they pass.
    No,
}

/// All of an app.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    by_time: BTreeMap<(i64, i64), Pause>,
    times: HashMap<i64, i64>,
    outside_lanes: usize,
}

impl Pauses {
    /// How many of them aren't in a lane meanwhile.
    pub(super) fn outside_lanes(&self) -> usize {
        self.outside_lanes
    }

    pub(super) fn add(&mut self, due_at_ms: i64, pause: Pause) {
        self.outside_lanes += usize::from(pause.keeps_lane == KeepsLane::No);
        self.times.insert(pause.ticket.number, due_at_ms);
        self.by_time.insert((due_at_ms, pause.ticket.number), pause);
    }

    /// When the next one is due.
    pub(super) fn next_at_ms(&self) -> Option<i64> {
        self.by_time.keys().next().map(|(due_at_ms, _)| *due_at_ms)
    }

    /// Takes one that is due, the earliest first.
    pub(super) fn take_due(&mut self, now_ms: i64) -> Option<Pause> {
        let (_, run) = *self.by_time.keys().next().filter(|(due_at_ms, _)| *due_at_ms <= now_ms)?;
        self.take(run)
    }

    /// Takes those whose scenarios aren't among these, the earliest first.
    pub(super) fn take_others(&mut self, scenarios: &HashSet<i64>) -> Vec<Pause> {
        let is_other = |pause: &&Pause| !scenarios.contains(&pause.ticket.scenario.0);
        let others: Vec<i64> =
            self.by_time.values().filter(is_other).map(|pause| pause.ticket.number).collect();
        others.into_iter().filter_map(|run| self.take(run)).collect()
    }

    /// Takes one, whenever it is due.
    pub(super) fn take(&mut self, run: i64) -> Option<Pause> {
        let due_at_ms = self.times.remove(&run)?;
        let pause = self.by_time.remove(&(due_at_ms, run))?;
        self.outside_lanes -= usize::from(pause.keeps_lane == KeepsLane::No);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(number: i64, keeps_lane: KeepsLane) -> Pause {
        let ticket = Ticket { number, scenario: (1, 1), begun: None };
        Pause { lane: "a".into(), ticket, keeps_lane }
    }

    #[test]
    fn they_come_when_they_are_due_or_called() {
        let mut pauses = Pauses::default();
        for (due_at_ms, number) in [(30, 1), (10, 2), (20, 3), (10, 4)] {
            let keeps_lane = if number == 3 { KeepsLane::Yes } else { KeepsLane::No };
            pauses.add(due_at_ms, pause(number, keeps_lane));
        }
        assert_eq!((pauses.next_at_ms(), pauses.outside_lanes()), (Some(10), 3));
        assert_eq!(pauses.take_due(9), None);
        assert_eq!(pauses.take(3).map(|pause| pause.ticket.number), Some(3));
        assert_eq!(pauses.take(3), None);
        let due: Vec<i64> =
            std::iter::from_fn(|| pauses.take_due(20)).map(|pause| pause.ticket.number).collect();
        assert_eq!(due, [2, 4]);
        assert_eq!(pauses.take_others(&HashSet::from([1])), []);
        assert_eq!((pauses.next_at_ms(), pauses.outside_lanes()), (Some(30), 1));
        assert_eq!(pauses.take_others(&HashSet::new()).len(), 1);
        assert_eq!((pauses.next_at_ms(), pauses.outside_lanes()), (None, 0));
    }
}
