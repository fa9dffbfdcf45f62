//! Recovery of dropped sockets: the turns that a simulation takes too rarely.

use campanile_hub::{Admission, Options, RecoveryOptions, Stats, Tenant};

use crate::bench::{Bench, Seat, event, recovering, seconds};

/// A client that returns: asks for its session on a new connection.
fn returns(bench: &mut Bench, shard: usize, seat: &Seat, offset: Option<&str>) -> Vec<String> {
    let peer = bench.open(shard);
    bench.say(peer, &format!("40{}", request(seat, offset)));
    bench.carry_mail();
    bench.hear(peer)
}

fn request(seat: &Seat, offset: Option<&str>) -> String {
    let offset = offset.map(|offset| format!(r#","offset":"{offset}""#)).unwrap_or_default();
    format!(r#"{{"pid":"{}"{offset}}}"#, seat.pid)
}

/// The names of the events in what was heard; the last line is the answer to the request.
fn names(heard: &[String]) -> Vec<&str> {
    let events = heard.iter().filter_map(|line| line.strip_prefix("42[\""));
    events.filter_map(|rest| rest.split('"').next()).collect()
}

fn offset_of(line: &str) -> String {
    line.rsplit('"').nth(1).expect("an event with an offset").to_owned()
}

fn is_recovered(bench: &Bench, heard: &[String], seat: &Seat) -> bool {
    let answer = bench.seat(seat.peer, heard.last().expect("an answer"));
    assert_eq!(answer.pid == seat.pid, answer.sid == seat.sid);
    answer.pid == seat.pid
}

/// A member of a room on shard 0 that drops and misses `one` and `two`.
fn dropped(bench: &mut Bench) -> Seat {
    let seat = bench.connect(0);
    bench.join_room(&seat, "den");
    bench.drop(seat.peer);
    bench.broadcast(0, "den", "one");
    bench.broadcast(bench.shards.len() - 1, "den", "two");
    seat
}

fn with(change: impl FnOnce(&mut RecoveryOptions)) -> Options {
    let mut recovery = RecoveryOptions::default();
    change(&mut recovery);
    Options { recovery: Some(recovery), ..Options::default() }
}

fn nothing_left(stats: Stats) -> bool {
    (stats.connections_now, stats.sockets_now, stats.sessions_now, stats.timers_now) == (0, 0, 0, 0)
}

#[test]
fn a_client_gets_what_it_missed_again_and_again_wherever_it_returns() {
    let mut bench = Bench::new(3, recovering());
    let mut seat = dropped(&mut bench);
    let mut missed = vec!["one", "two"];
    for (shard, name) in [(1, "three"), (1, "four"), (0, "five"), (0, "six"), (2, "seven"), (1, "eight")] {
        // It never hears what it was sent before, so each time it is sent all of it.
        let peer = bench.open(shard);
        bench.say(peer, &format!("40{}", request(&seat, None)));
        bench.carry_mail();
        let heard = bench.hear(peer);
        assert!(is_recovered(&bench, &heard, &seat), "before {name}");
        assert_eq!(names(&heard), missed, "before {name}");
        seat.peer = peer;
        bench.drop(peer);
        bench.broadcast(2, "den", name);
        missed.push(name);
    }
    assert!(bench.log(0).iter().any(|line| line.starts_with("recovered")));
}

#[test]
fn an_offset_stands_for_what_was_heard() {
    let mut bench = Bench::new(2, recovering());
    let seat = dropped(&mut bench);
    let heard = returns(&mut bench, 1, &seat, None);
    let (one, two) = (offset_of(&heard[0]), offset_of(&heard[1]));
    assert_eq!(names(&returns(&mut bench, 1, &seat, Some(&one))), ["two"]);
    let heard = returns(&mut bench, 1, &seat, Some(&two));
    assert!(names(&heard).is_empty() && is_recovered(&bench, &heard, &seat));
}

#[test]
fn a_session_whose_client_drops_on_the_way_arrives_with_what_was_missed() {
    let mut bench = Bench::new(3, recovering());
    let seat = bench.connect(0);
    bench.join_room(&seat, "den");
    bench.drop(seat.peer);
    // Shard 0 has seen this broadcast of shard 2, shard 1 hasn't yet: there the session has to wait.
    bench.shards[2].message(Box::new(|_, core| {
        core.broadcast(&crate::bench::to(&["den"]), &event("one", &[]));
    }));
    let mut late = Vec::new();
    for (to, envelope) in bench.take_mail(2) {
        match to {
            0 => bench.shards[0].deliver(2, envelope),
            _ => late.push(envelope),
        }
    }
    let peer = bench.open(1);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    bench.carry_mail();
    assert!(bench.hear(peer).is_empty(), "it waits until shard 1 has caught up");
    bench.drop(peer);
    for envelope in late {
        bench.shards[1].deliver(2, envelope);
    }
    bench.carry_mail();
    bench.broadcast(2, "den", "two");
    for shard in [1, 2] {
        let heard = returns(&mut bench, shard, &seat, None);
        assert!(is_recovered(&bench, &heard, &seat));
        assert_eq!(names(&heard), ["one", "two"]);
    }
}

#[test]
fn a_late_request_of_an_older_connection_takes_nothing_away() {
    let mut bench = Bench::new(1, with(|_| ()));
    let peer = bench.open(0);
    bench.say(peer, "40/later,");
    let accept = |bench: &mut Bench, request: usize| {
        bench.run(0, move |lab, core| {
            core.admit(lab.tickets[request], Admission::Accept(Tenant(0), Default::default()))
        });
    };
    accept(&mut bench, 0);
    let answer = bench.hear(peer).remove(0);
    let seat = bench.seat(peer, &answer);
    bench.drop(peer);
    // The first return is asked for, and its network breaks silently; the second one gets through first.
    let stale = bench.open(0);
    bench.say(stale, &format!("40/later,{}", request(&seat, None)));
    bench.advance(1_000);
    let fresh = bench.open(0);
    bench.say(fresh, &format!("40/later,{}", request(&seat, None)));
    accept(&mut bench, 2);
    let heard = bench.hear(fresh);
    assert!(is_recovered(&bench, &heard, &seat));
    accept(&mut bench, 1);
    assert_eq!(bench.closing(fresh), None, "the newer one keeps its connection");
    let heard = bench.hear(stale);
    assert!(!is_recovered(&bench, &heard, &seat), "the older connection gets a session of its own");
}

#[test]
fn a_newer_connection_takes_over_from_one_that_seems_alive() {
    for shard in 0..2 {
        let mut bench = Bench::new(2, recovering());
        let seat = bench.connect(0);
        bench.join_room(&seat, "den");
        bench.broadcast(1, "den", "unheard");
        bench.advance(1);
        let heard = returns(&mut bench, shard, &seat, None);
        assert!(is_recovered(&bench, &heard, &seat));
        assert_eq!(names(&heard), ["unheard"]);
        assert!(bench.hear(seat.peer).is_empty());
        assert_eq!(bench.shards[0].stats().sockets_now + bench.shards[1].stats().sockets_now, 1);
    }
}

#[test]
fn a_session_is_had_once() {
    let mut bench = Bench::new(2, recovering());
    let seat = dropped(&mut bench);
    let heard = returns(&mut bench, 1, &seat, None);
    assert!(is_recovered(&bench, &heard, &seat));
    bench.say(seat.peer, "41");
    let stranger = Seat { pid: seat.sid.to_string(), ..seat.clone() };
    let heard = returns(&mut bench, 0, &stranger, None);
    assert!(!is_recovered(&bench, &heard, &stranger), "a public id is no secret");
}

#[test]
fn who_left_on_purpose_starts_over() {
    let mut bench = Bench::new(1, recovering());
    let seat = bench.connect(0);
    bench.say(seat.peer, "41");
    bench.drop(seat.peer);
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat));
}

#[test]
fn a_session_expires_everywhere() {
    let mut bench = Bench::new(2, with(|recovery| recovery.max_disconnection = seconds(10)));
    let seat = dropped(&mut bench);
    let peer = bench.open(1);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    bench.carry_mail();
    bench.drop(peer);
    bench.advance(10_000);
    for shard in 0..2 {
        assert!(nothing_left(bench.shards[shard].stats()));
        let route = bench.shards[shard].core().route(&seat.sid);
        assert_ne!(route, campanile_hub::Route::Suspended);
        assert_ne!(route, campanile_hub::Route::Shard(1), "shard {shard} still points at the last one");
    }
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat));
}

#[test]
fn late_news_of_a_journey_leaves_no_trace_of_a_session_that_is_gone() {
    let mut bench = Bench::new(3, recovering());
    let seat = dropped(&mut bench);
    let peer = bench.open(1);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    let mut late = bench.carry_mail_but(|from, to| (from, to) == (1, 2));
    let peer = bench.open(0);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    late.extend(bench.carry_mail_but(|from, to| (from, to) == (1, 2)));
    let heard = bench.hear(peer);
    assert!(is_recovered(&bench, &heard, &seat));
    bench.say(peer, "41");
    late.extend(bench.carry_mail_but(|from, to| (from, to) == (1, 2)));
    for envelope in late {
        bench.shards[2].deliver(1, envelope);
    }
    bench.carry_mail();
    for shard in &bench.shards {
        assert_eq!(shard.stats().sessions_elsewhere_now, 0);
    }
}

#[test]
fn time_counts_from_the_last_drop() {
    let mut bench = Bench::new(1, with(|recovery| recovery.max_disconnection = seconds(10)));
    let mut seat = dropped(&mut bench);
    for _ in 0..3 {
        bench.advance(6_000);
        seat.peer = bench.open(0);
        bench.say(seat.peer, &format!("40{}", request(&seat, None)));
        let heard = bench.hear(seat.peer);
        assert!(is_recovered(&bench, &heard, &seat));
        bench.drop(seat.peer);
    }
}

#[test]
fn sessions_beyond_the_limit_make_room_oldest_first() {
    let mut bench = Bench::new(1, with(|recovery| recovery.sessions_max = 2));
    let seats = [bench.connect(0), bench.connect(0), bench.connect(0)];
    for seat in &seats {
        bench.drop(seat.peer);
        bench.advance(1);
    }
    assert_eq!(bench.shards[0].stats().sessions_now, 2);
    for (seat, expected) in seats.iter().zip([false, true, true]) {
        let heard = returns(&mut bench, 0, seat, None);
        assert_eq!(is_recovered(&bench, &heard, seat), expected);
    }
}

#[test]
fn a_log_that_does_not_reach_back_means_a_fresh_start_and_no_gap() {
    let mut bench = Bench::new(1, with(|recovery| recovery.log_bytes_max = 1_000));
    let seat = dropped(&mut bench);
    for _ in 0..10 {
        bench.broadcast(0, "elsewhere", "noise");
    }
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat));
}

#[test]
fn the_log_of_the_new_shard_must_reach_back_too() {
    let mut bench = Bench::new(3, with(|recovery| recovery.log_bytes_max = 1_000));
    let seat = bench.connect(0);
    bench.join_room(&seat, "den");
    bench.drop(seat.peer);
    // Broadcasts of shard 2 that shard 1 has seen, and partly forgotten, before shard 0 hears of them.
    bench.shards[2].message(Box::new(|_, core| {
        for _ in 0..10 {
            core.broadcast(&crate::bench::to(&["den"]), &event("missed", &[]));
        }
    }));
    let mut late = Vec::new();
    for (to, envelope) in bench.take_mail(2) {
        match to {
            1 => bench.shards[1].deliver(2, envelope),
            _ => late.push(envelope),
        }
    }
    let peer = bench.open(1);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    bench.carry_mail();
    let heard = bench.hear(peer);
    assert!(!is_recovered(&bench, &heard, &seat), "it would have a gap");
    for envelope in late {
        bench.shards[0].deliver(2, envelope);
    }
}

#[test]
fn who_missed_more_than_an_outbox_holds_starts_over() {
    let options = Options { outbox_bytes_max: 2_000, ..recovering() };
    let mut bench = Bench::new(1, options);
    let seat = dropped(&mut bench);
    for _ in 0..100 {
        bench.broadcast(0, "den", "a rather long name for an event");
    }
    let peer = bench.open(0);
    bench.say(peer, &format!("40{}", request(&seat, None)));
    assert_eq!(bench.closing(peer), None, "it would come back for the same again and again");
    let heard = bench.hear(peer);
    assert!(!is_recovered(&bench, &heard, &seat));
}

#[test]
fn a_session_belongs_to_its_namespace() {
    let mut bench = Bench::new(1, recovering());
    let seat = dropped(&mut bench);
    let peer = bench.open(0);
    let side = bench.join(peer, "/side", &request(&seat, None));
    assert_ne!(side.pid, seat.pid);
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat), "what was presented once is gone");
}

#[test]
fn an_offset_from_nowhere_means_a_fresh_start() {
    for offset in ["0.ffff", "never sent"] {
        let mut bench = Bench::new(1, recovering());
        let seat = dropped(&mut bench);
        let heard = returns(&mut bench, 0, &seat, Some(offset));
        assert!(!is_recovered(&bench, &heard, &seat), "{offset}");
    }
}

#[test]
fn a_dropped_socket_is_told_when_it_returns() {
    let mut bench = Bench::new(1, recovering());
    let seat = bench.connect(0);
    let socket = bench.socket(&seat);
    bench.run(0, move |_, core| {
        if let Some(data) = core.data_mut(socket) {
            "its notes".clone_into(data);
        }
    });
    bench.drop(seat.peer);
    let sid = seat.sid;
    bench.run(0, move |_, core| {
        assert_eq!(core.saved(&sid), Some("its notes"));
        assert!(core.emit_to(&sid, &event("told", &["1"])));
    });
    let heard = returns(&mut bench, 0, &seat, None);
    assert_eq!(names(&heard), ["told"]);
    assert_eq!(bench.log(0).last().map(String::as_str), Some("recovered its notes"));
}

#[test]
fn what_was_missed_is_what_was_meant_for_the_rooms_of_that_time() {
    for shards in 1..=2 {
        let mut bench = Bench::new(shards, recovering());
        let seat = bench.connect(0);
        bench.broadcast(0, "den", "before it joined");
        bench.join_room(&seat, "den");
        bench.broadcast(0, "den", "while it was in");
        let socket = bench.socket(&seat);
        bench.run(0, move |_, core| core.leave(socket, "den"));
        bench.broadcast(0, "den", "after it left");
        bench.join_room(&seat, "den");
        bench.broadcast(0, "den", "in again");
        bench.drop(seat.peer);
        bench.broadcast(0, "den", "away");
        for shard in 0..shards {
            bench.advance(1);
            let heard = returns(&mut bench, shard, &seat, None);
            assert!(is_recovered(&bench, &heard, &seat));
            assert_eq!(names(&heard), ["while it was in", "in again", "away"]);
        }
    }
}

#[test]
fn who_changed_rooms_too_often_to_remember_starts_over() {
    let mut bench = Bench::new(1, recovering());
    let seat = bench.connect(0);
    let socket = bench.socket(&seat);
    bench.run(0, move |_, core| {
        for _ in 0..1_000 {
            core.broadcast(&crate::bench::to(&["elsewhere"]), &event("noise", &[]));
            core.join(socket, "den");
            core.leave(socket, "den");
        }
    });
    bench.drop(seat.peer);
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat));
}

#[test]
fn selected_sessions_are_forgotten_on_every_shard_and_others_stay() {
    let mut bench = Bench::new(2, recovering());
    let seats: Vec<Seat> = [0, 1, 1].into_iter().map(|shard| bench.connect(shard)).collect();
    for (seat, room) in seats.iter().zip(["den", "den", "attic"]) {
        bench.join_room(seat, room);
        bench.drop(seat.peer);
    }
    bench.run(0, |_, core| core.forget_suspended(&crate::bench::to(&["den"])));
    bench.carry_mail();
    for (seat, stays) in seats.iter().zip([false, false, true]) {
        let heard = returns(&mut bench, 0, seat, None);
        assert_eq!(is_recovered(&bench, &heard, seat), stays);
    }
}

#[test]
fn a_connection_that_ends_in_the_same_turn_is_forgotten_too() {
    let mut bench = Bench::new(1, recovering());
    let seat = bench.connect(0);
    bench.join_room(&seat, "den");
    bench.run(0, |_, core| {
        let den = crate::bench::to(&["den"]);
        core.disconnect_all(&den, campanile_hub::Disconnect::Connection);
        core.forget_suspended(&den);
    });
    let heard = returns(&mut bench, 0, &seat, None);
    assert!(!is_recovered(&bench, &heard, &seat));
}

/// Answers a request to join `/later`, counted from 0.
fn admit(bench: &mut Bench, request: usize, data: &'static str) {
    bench.run(0, move |lab, core| {
        core.admit(lab.tickets[request], Admission::Accept(Tenant(0), data.to_owned()));
    });
}

/// A socket in `/later` that was admitted and has dropped.
fn admitted_and_dropped(bench: &mut Bench, data: &'static str) -> Seat {
    let peer = bench.open(0);
    bench.say(peer, "40/later,");
    admit(bench, 0, data);
    let answer = bench.hear(peer).remove(0);
    let seat = bench.seat(peer, &answer);
    bench.drop(peer);
    seat
}

#[test]
fn what_the_application_keeps_of_a_socket_comes_with_its_admission() {
    let mut bench = Bench::new(1, with(|_| ()));
    let seat = admitted_and_dropped(&mut bench, "first");
    let back = bench.open(0);
    bench.say(back, &format!("40/later,{}", request(&seat, None)));
    admit(&mut bench, 1, "second");
    let heard = bench.hear(back);
    assert!(is_recovered(&bench, &heard, &seat));
    assert_eq!(bench.log(0).last().map(String::as_str), Some("recovered first"));
    let socket = bench.shards[0].core().route(&seat.sid);
    let campanile_hub::Route::Here(socket) = socket else { panic!("it is back: {socket:?}") };
    assert_eq!(bench.shards[0].core().data(socket).map(String::as_str), Some("second"));
}

#[test]
fn what_a_client_left_behind_is_forgotten_when_a_stranger_asks_for_it() {
    let mut bench = Bench::new(1, with(|_| ()));
    let seat = admitted_and_dropped(&mut bench, "a friend");
    for (request_number, who) in [(1, "a stranger"), (2, "a friend")] {
        let back = bench.open(0);
        bench.say(back, &format!("40/later,{}", request(&seat, None)));
        admit(&mut bench, request_number, who);
        let heard = bench.hear(back);
        assert!(!is_recovered(&bench, &heard, &seat), "{who}");
        assert_eq!(bench.log(0).last().map(|line| line.starts_with("connected /later")), Some(true));
    }
}
