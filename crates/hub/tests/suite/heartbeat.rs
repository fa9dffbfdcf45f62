//! Who answers pings stays, who doesn't goes: to the millisecond, on every transport.

use campanile_hub::{Options, PollError, Reason, Transport, UpgradeStep};

use crate::bench::{Bench, seconds};

const INTERVAL_MS: u64 = 3_000;
const TIMEOUT_MS: u64 = 2_000;

fn options() -> Options {
    Options { ping_interval: seconds(3), ping_timeout: seconds(2), ..Options::default() }
}

#[test]
fn the_server_pings_every_interval_and_an_answer_is_enough() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    for _ in 0..3 {
        bench.advance(INTERVAL_MS - 1);
        assert!(bench.hear(seat.peer).is_empty());
        bench.advance(1);
        assert_eq!(bench.hear(seat.peer), ["2"]);
        bench.say(seat.peer, "3");
    }
}

#[test]
fn an_answer_in_the_last_millisecond_counts() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    bench.advance(INTERVAL_MS);
    bench.advance(TIMEOUT_MS - 1);
    bench.say(seat.peer, "3");
    bench.advance(1);
    assert_eq!(bench.closing(seat.peer), None);
    bench.advance(INTERVAL_MS - 1);
    assert_eq!(bench.hear(seat.peer), ["2", "2"]);
}

#[test]
fn no_answer_ends_the_connection() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    bench.advance(INTERVAL_MS);
    bench.advance(TIMEOUT_MS - 1);
    assert_eq!(bench.closing(seat.peer), None);
    bench.advance(1);
    assert_eq!(bench.closing(seat.peer), Some(Reason::PingTimeout));
    assert_eq!(bench.log(0).last().map(String::as_str), Some("disconnected / ping timeout"));
    bench.say(seat.peer, "3");
    bench.say(seat.peer, r#"42["too late"]"#);
    assert_eq!(bench.shards[0].stats().events_in, 0);
    bench.drop(seat.peer);
    assert_eq!((bench.shards[0].stats().timers_now, bench.shards[0].stats().closed_ping_timeout), (0, 1));
}

#[test]
fn only_a_pong_is_an_answer() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    bench.advance(INTERVAL_MS);
    bench.say(seat.peer, r#"42["busy"]"#);
    bench.say(seat.peer, "6");
    bench.advance(TIMEOUT_MS);
    assert_eq!(bench.closing(seat.peer), Some(Reason::PingTimeout));
}

#[test]
fn an_early_pong_postpones_the_next_ping() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    bench.advance(INTERVAL_MS - 500);
    bench.say(seat.peer, "3");
    bench.advance(INTERVAL_MS - 1);
    assert!(bench.hear(seat.peer).is_empty());
    bench.advance(1);
    assert_eq!(bench.hear(seat.peer), ["2"]);
}

#[test]
fn clients_do_not_ping() {
    let mut bench = Bench::new(1, options());
    let seat = bench.connect(0);
    bench.say(seat.peer, "2");
    assert_eq!(bench.closing(seat.peer), Some(Reason::TransportError));
}

#[test]
fn garbage_ends_the_connection_and_stray_packets_do_not() {
    for (text, closing) in [
        ("", Some(Reason::ParseError)),
        ("9", Some(Reason::ParseError)),
        ("1", Some(Reason::TransportClose)),
        ("0", None),
        ("3probe", None),
        ("5", None),
        ("6", None),
    ] {
        let mut bench = Bench::new(1, options());
        let seat = bench.connect(0);
        bench.say(seat.peer, text);
        assert_eq!(bench.closing(seat.peer), closing, "{text:?}");
    }
}

#[test]
fn a_polling_client_fetches_its_ping_and_is_unknown_after_the_timeout() {
    let mut bench = Bench::new(1, options());
    let peer = bench.try_open(0, Transport::Polling, "").expect("the door is open");
    let shard = &mut bench.shards[0];
    let sid = shard.engine_sid(peer.key).expect("it is open");
    shard.begin_poll(peer.key).expect("it may poll");
    assert!(shard.take_poll(peer.key).is_some_and(|payload| payload.starts_with(b"0{")));
    shard.begin_poll(peer.key).expect("it may poll");
    assert_eq!(shard.take_poll(peer.key), None);
    shard.advance(INTERVAL_MS);
    assert_eq!(shard.take_poll(peer.key).as_deref(), Some(&b"2"[..]));
    shard.advance(INTERVAL_MS + TIMEOUT_MS);
    assert_eq!(shard.find(&sid), None);
    shard.linger(peer.key);
    assert_eq!(shard.begin_poll(peer.key), Err(PollError::Unknown));
    assert_eq!((shard.connection_count(), shard.next_deadline()), (0, None));
}

#[test]
fn last_words_wait_for_a_poll_but_not_forever() {
    let mut bench = Bench::new(1, options());
    let peer = bench.try_open(0, Transport::Polling, "").expect("the door is open");
    let shard = &mut bench.shards[0];
    shard.text(peer.key, "42[\"not joined\"]");
    for _ in 0..3 {
        shard.linger(peer.key);
    }
    assert_eq!(shard.stats().timers_now, 2, "the time to join, and the time for last words");
    shard.advance(29_999);
    assert_eq!(shard.connection_count(), 1);
    shard.advance(30_000);
    assert_eq!((shard.connection_count(), shard.next_deadline()), (0, None));
}

#[test]
fn a_second_poll_beside_one_that_waits_ends_the_connection() {
    let mut bench = Bench::new(1, options());
    let peer = bench.try_open(0, Transport::Polling, "").expect("the door is open");
    let shard = &mut bench.shards[0];
    shard.begin_poll(peer.key).expect("it may poll");
    assert_eq!(shard.begin_poll(peer.key), Err(PollError::Overlap));
    assert!(shard.take_poll(peer.key).is_some_and(|payload| payload.ends_with(b"\x1e1")));
    assert_eq!(shard.stats().closed_transport_error, 1);
}

#[test]
fn the_heart_beats_on_through_an_upgrade() {
    let mut bench = Bench::new(1, options());
    let peer = bench.try_open(0, Transport::Polling, "").expect("the door is open");
    let shard = &mut bench.shards[0];
    shard.begin_poll(peer.key).expect("it may poll");
    assert!(shard.take_poll(peer.key).is_some());
    assert!(shard.begin_upgrade(peer.key));
    assert!(!shard.begin_upgrade(peer.key), "one upgrade at a time");
    assert!(matches!(shard.upgrade_text(peer.key, "2probe"), UpgradeStep::Reply(_)));
    shard.advance(INTERVAL_MS);
    assert!(matches!(shard.upgrade_text(peer.key, "5"), UpgradeStep::Done));
    assert_eq!(shard.transport_of(peer.key), Some(Transport::WebSocket));
    assert_eq!(shard.begin_poll(peer.key), Err(PollError::Mismatch));
    assert_eq!(bench.hear(peer), ["2"]);
    bench.say(peer, "3");
    bench.advance(INTERVAL_MS + TIMEOUT_MS);
    assert_eq!(bench.closing(peer), None);
}
