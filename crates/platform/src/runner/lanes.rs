//! Runs in their order: those of one lane come one after the other, lanes beside each other. Plain data; who takes the runs
//! up, and when, isn't known here.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::scenarios::world::Start;

/// A run that is to be taken up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticket {
    /// The run.
    pub(super) number: i64,
    /// Its scenario and the version of it.
    pub(super) scenario: (i64, i64),
    /// Set if it is new, and noted as begun already.
    pub(super) begun: Option<Begun>,
}

/// All that is known of a new run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Begun {
    /// How many runs led to it.
    pub(super) depth: u32,
    /// What it starts with.
    pub(super) start: Start,
}

/// The lanes of an app. The first run of each is the one that is taken up, or next.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    queues: HashMap<Arc<str>, VecDeque<Ticket>>,
    /// Lanes whose first run nobody has taken up yet.
    ready: VecDeque<Arc<str>>,
    len: usize,
}

impl Lanes {
    /// How many runs there are in all lanes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether a run of this lane would be the first.
    pub(super) fn is_free(&self, lane: &str) -> bool {
        !self.queues.contains_key(lane)
    }

    /// How many runs could be taken up.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether the run whose turn it is was noted as begun.
    pub(super) fn is_next_begun(&self) -> bool {
        let first = self.ready.front().and_then(|lane| self.queues.get(lane)?.front());
        first.is_some_and(|first| first.begun.is_some())
    }

    /// A run goes to the end of its lane.
    pub(super) fn add(&mut self, lane: Arc<str>, ticket: Ticket) {
        let queue = self.queues.entry(lane.clone()).or_default();
        queue.push_back(ticket);
        self.len += 1;
        if queue.len() == 1 {
            self.ready.push_back(lane);
        }
    }

    /// Takes the first run of the lane up whose turn it is. It stays the first of its lane.
    pub(super) fn take(&mut self) -> Option<(Arc<str>, Ticket)> {
        let lane = self.ready.pop_front()?;
        let first = self.queues.get_mut(&lane)?.front_mut()?;
        // What it begins with holds once.
        let ticket = Ticket { begun: first.begun.take(), ..first.clone() };
        Some((lane, ticket))
    }

    /// The first run of a lane leaves it; the next one may be taken up.
    pub(super) fn leave(&mut self, lane: &Arc<str>) -> Option<Ticket> {
        let queue = self.queues.get_mut(lane)?;
        let left = queue.pop_front()?;
        self.len -= 1;
        if queue.is_empty() {
            self.queues.remove(lane);
        } else {
            self.ready.push_back(lane.clone());
        }
        Some(left)
    }

    /// The first run of a lane is to be taken up once more.
    pub(super) fn again(&mut self, lane: Arc<str>) {
        if self.queues.contains_key(&lane) {
            self.ready.push_back(lane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(number: i64) -> Ticket {
        Ticket { number, scenario: (1, 1), begun: None }
    }

    fn take(lanes: &mut Lanes) -> Option<(Arc<str>, i64)> {
        lanes.take().map(|(lane, ticket)| (lane, ticket.number))
    }

    #[test]
    fn runs_of_a_lane_come_one_after_the_other_and_lanes_beside_each_other() {
        let mut lanes = Lanes::default();
        for (lane, number) in [("a", 1), ("a", 2), ("b", 3), ("a", 4)] {
            lanes.add(lane.into(), ticket(number));
        }
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        assert_eq!(lanes.len(), 4);
        assert_eq!(take(&mut lanes), Some((a.clone(), 1)));
        assert_eq!(take(&mut lanes), Some((b.clone(), 3)));
        assert_eq!(take(&mut lanes), None);
        lanes.leave(&a);
        assert_eq!(take(&mut lanes), Some((a.clone(), 2)));
        lanes.leave(&b);
        assert_eq!(take(&mut lanes), None);
        assert!(lanes.is_free("b") && !lanes.is_free("a"));
        lanes.leave(&a);
        assert_eq!(take(&mut lanes), Some((a.clone(), 4)));
        lanes.leave(&a);
        assert!(lanes.is_free("a") && lanes.len() == 0 && take(&mut lanes).is_none());
    }

    #[test]
    fn a_run_that_is_taken_up_again_is_still_before_the_others() {
        let mut lanes = Lanes::default();
        lanes.add(
            "a".into(),
            Ticket { begun: Some(Begun { depth: 0, start: Start::default() }), ..ticket(1) },
        );
        lanes.add("a".into(), ticket(2));
        assert!(lanes.is_next_begun());
        let (a, first) = lanes.take().unwrap();
        assert!(first.begun.is_some());
        lanes.again(a.clone());
        assert!(!lanes.is_next_begun());
        let (_, again) = lanes.take().unwrap();
        assert_eq!((again.number, again.begun), (1, None));
        assert_eq!(lanes.leave(&a).map(|left| left.number), Some(1));
        assert_eq!(take(&mut lanes), Some((a, 2)));
    }
}
