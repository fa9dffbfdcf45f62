//! The application's deadlines, and the clock that is passed in.

use std::time::Duration;

use campanile_hub::Options;

use crate::bench::Bench;

#[test]
fn deadlines_come_in_order_and_each_once() {
    let mut bench = Bench::new(1, Options::default());
    bench.run(0, |_, core| {
        for (token, ms) in [(1, 30), (2, 10), (3, 10), (4, 20)] {
            core.schedule(Duration::from_millis(ms), token);
        }
    });
    assert_eq!(bench.shards[0].next_deadline(), Some(10));
    bench.advance(9);
    assert!(bench.log(0).is_empty());
    bench.advance(1);
    assert_eq!(bench.log(0), ["deadline 2 at 10", "deadline 3 at 10"]);
    bench.advance(100);
    assert_eq!(bench.log(0)[2..], ["deadline 4 at 110", "deadline 1 at 110"]);
    assert_eq!(bench.shards[0].next_deadline(), None);
}

#[test]
fn a_cancelled_deadline_never_comes() {
    let mut bench = Bench::new(1, Options::default());
    bench.run(0, |_, core| {
        let cancelled = core.schedule(Duration::from_millis(10), 1);
        core.schedule(Duration::from_millis(10), 2);
        core.cancel(cancelled);
        core.cancel(cancelled);
    });
    bench.advance(10);
    assert_eq!(bench.log(0), ["deadline 2 at 10"]);
}

#[test]
fn a_deadline_may_be_at_once_but_never_in_the_past() {
    let mut bench = Bench::new(1, Options::default());
    bench.advance(50);
    bench.run(0, |_, core| {
        core.schedule(Duration::ZERO, 1);
    });
    bench.shards[0].advance(40);
    assert_eq!(bench.log(0), ["deadline 1 at 50"]);
    assert_eq!(bench.shards[0].core().now(), 50, "the clock never goes back");
}
