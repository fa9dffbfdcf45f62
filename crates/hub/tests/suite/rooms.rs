//! Rooms: who is meant by a target, on one shard and on several.

use campanile_hub::{Disconnect, Options, Target, Tenant};

use crate::bench::{Bench, Seat, event, to};

/// Which of the seats hear an event, and how often, when `job` emits to a target.
fn who_hears(bench: &mut Bench, seats: &[Seat], target: Target<'static>) -> Vec<usize> {
    bench.run(0, move |_, core| {
        core.broadcast(&target, &event("hello", &["1"]));
    });
    seats
        .iter()
        .map(|seat| bench.hear(seat.peer).iter().filter(|heard| heard.contains(r#"["hello",1]"#)).count())
        .collect()
}

/// Three sockets: in a; in a and b; in b. On as many shards as there are.
fn three(shards: usize) -> (Bench, Vec<Seat>) {
    let mut bench = Bench::new(shards, Options::default());
    let seats: Vec<Seat> = (0..3).map(|number| bench.connect(number % shards)).collect();
    for (seat, room) in [(0, "a"), (1, "a"), (1, "b"), (2, "b")] {
        bench.join_room(&seats[seat], room);
    }
    (bench, seats)
}

#[test]
fn a_target_means_each_socket_once() {
    for shards in 1..=3 {
        let (mut bench, seats) = three(shards);
        let cases: [(&'static [&'static str], &'static [&'static str], [usize; 3]); 8] = [
            (&[], &[], [1, 1, 1]),
            (&["a"], &[], [1, 1, 0]),
            (&["b"], &[], [0, 1, 1]),
            (&["a", "b"], &[], [1, 1, 1]),
            (&["a"], &["b"], [1, 0, 0]),
            (&[], &["a"], [0, 0, 1]),
            (&["a", "b", "a"], &["none"], [1, 1, 1]),
            (&["none"], &[], [0, 0, 0]),
        ];
        for (rooms, except, expected) in cases {
            let target = Target { namespace: "/", rooms, except, ..Target::default() };
            assert_eq!(who_hears(&mut bench, &seats, target), expected, "{rooms:?} but {except:?}");
        }
    }
}

#[test]
fn a_sockets_id_is_a_room_of_its_own() {
    for shards in 1..=2 {
        let (mut bench, seats) = three(shards);
        let own: &'static str = seats[1].sid.to_string().leak();
        let alone: &'static [&'static str] = vec![own].leak();
        let others: &'static [&'static str] = vec![own, "a"].leak();
        let target = |rooms, except| Target { namespace: "/", rooms, except, ..Target::default() };
        assert_eq!(who_hears(&mut bench, &seats, target(alone, &[])), [0, 1, 0]);
        assert_eq!(who_hears(&mut bench, &seats, target(others, &[])), [1, 1, 0]);
        assert_eq!(who_hears(&mut bench, &seats, target(&[], alone)), [1, 0, 1]);
        assert_eq!(who_hears(&mut bench, &seats, target(alone, &["b"])), [0, 0, 0]);
    }
}

#[test]
fn tenants_and_namespaces_share_no_room() {
    let mut bench = Bench::new(1, Options::default());
    let peers = [bench.open(0), bench.open(0), bench.open(0)];
    let seats = [
        bench.join(peers[0], "/", ""),
        bench.join(peers[1], "/", r#"{"tenant":7}"#),
        bench.join(peers[2], "/side", ""),
    ];
    for seat in &seats {
        bench.join_room(seat, "den");
    }
    let target = |namespace, tenant| Target { namespace, tenant, rooms: &["den"], except: &[] };
    assert_eq!(who_hears(&mut bench, &seats, target("/", Tenant(0))), [1, 0, 0]);
    assert_eq!(who_hears(&mut bench, &seats, target("/", Tenant(7))), [0, 1, 0]);
    assert_eq!(who_hears(&mut bench, &seats, target("/side", Tenant(0))), [0, 0, 1]);
    assert_eq!(who_hears(&mut bench, &seats, target("/side", Tenant(7))), [0, 0, 0]);
    // Nor is another tenant's socket found by its id.
    let other: &'static [&'static str] = vec![&*seats[1].sid.to_string().leak()].leak();
    let target = Target { namespace: "/", rooms: other, ..Target::default() };
    assert_eq!(who_hears(&mut bench, &seats, target), [0, 0, 0]);
}

#[test]
fn joining_twice_is_joining_once_and_the_last_one_closes_the_room() {
    let mut bench = Bench::new(1, Options::default());
    let seats = [bench.connect(0), bench.connect(0)];
    for seat in [&seats[0], &seats[0], &seats[1]] {
        bench.join_room(seat, "den");
    }
    let core = bench.shards[0].core();
    assert_eq!(core.room_len(&to(&[]), "den"), 2);
    assert_eq!(core.rooms(bench.socket(&seats[0])).collect::<Vec<_>>(), ["den"]);
    let socket = bench.socket(&seats[0]);
    bench.run(0, move |_, core| {
        core.leave(socket, "den");
        core.leave(socket, "den");
        core.leave(socket, "elsewhere");
    });
    assert_eq!(bench.shards[0].stats().rooms_now, 1);
    bench.drop(seats[1].peer);
    assert_eq!(bench.shards[0].stats().rooms_now, 0);
}

#[test]
fn a_socket_is_in_no_more_rooms_than_allowed() {
    let mut bench = Bench::new(1, Options { rooms_per_socket_max: 2, ..Options::default() });
    let seat = bench.connect(0);
    let socket = bench.socket(&seat);
    bench.run(0, move |_, core| {
        assert!(core.join(socket, "a") && core.join(socket, "b"));
        assert!(!core.join(socket, "c"));
        assert!(core.join(socket, "a"), "it is there already");
        core.leave(socket, "a");
        assert!(core.join(socket, "c"));
    });
    assert_eq!(bench.shards[0].stats().dropped_rooms_limit, 1);
}

#[test]
fn selected_sockets_of_all_shards_join_leave_and_go() {
    let (mut bench, seats) = three(3);
    bench.run(2, |_, core| core.join_all(&to(&["a"]), "c"));
    assert_eq!(who_hears(&mut bench, &seats, to(&["c"])), [1, 1, 0]);
    bench.run(1, |_, core| core.leave_all(&to(&["b"]), "c"));
    assert_eq!(who_hears(&mut bench, &seats, to(&["c"])), [1, 0, 0]);
    bench.run(2, |_, core| core.disconnect_all(&to(&["a"]), Disconnect::Socket));
    assert_eq!(bench.hear(seats[0].peer), ["41"]);
    assert_eq!(who_hears(&mut bench, &seats, to(&[])), [0, 0, 1]);
    assert_eq!(bench.closing(seats[1].peer), None, "only the socket is over");
}

#[test]
fn a_local_broadcast_stays_on_its_shard() {
    let (mut bench, seats) = three(3);
    bench.run(1, |_, core| assert_eq!(core.broadcast_here(&to(&["a"]), &event("here", &[])), 1));
    let heard: Vec<usize> = seats.iter().map(|seat| bench.hear(seat.peer).len()).collect();
    assert_eq!(heard, [0, 1, 0]);
}
