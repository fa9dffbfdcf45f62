//! Joining and leaving namespaces: what is refused politely, and what costs the connection.

use campanile_hub::{Disconnect, Options, Reason, Refusal, Transport};

use crate::bench::{Bench, seconds};

#[test]
fn a_connection_is_in_no_more_namespaces_than_allowed() {
    let mut bench = Bench::new(1, Options { namespaces_per_connection_max: 2, ..Options::default() });
    let peer = bench.open(0);
    bench.join(peer, "/", "");
    bench.join(peer, "/side", "");
    bench.say(peer, "40/other,");
    let refusal = r#"44/other,{"message":"Too many namespaces","data":{"code":"too_many_namespaces"}}"#;
    assert_eq!(bench.hear(peer), [refusal]);
    assert_eq!(bench.closing(peer), None);
    bench.say(peer, "41/side,");
    bench.join(peer, "/other", "");
}

#[test]
fn unknown_and_refused_namespaces_leave_the_connection_alone() {
    let mut bench = Bench::new(1, Options::default());
    let peer = bench.open(0);
    bench.say(peer, "40/nowhere,");
    bench.say(peer, "40/refused,");
    let expected = [
        r#"44/nowhere,{"message":"Invalid namespace"}"#,
        r#"44/refused,{"message":"not \"you\"","data":{"code":7}}"#,
    ];
    assert_eq!(bench.hear(peer), expected);
    bench.join(peer, "/", "");
}

#[test]
fn breaking_the_rules_costs_the_connection() {
    for (text, why) in [
        ("40", "joined twice"),
        (r#"42/side,["hello"]"#, "a namespace it isn't in"),
        ("41/side,", "a namespace it isn't in"),
        ("44{}", "a refusal from a client"),
        (r#"42["connect"]"#, "a reserved name"),
        ("42[]", "an event without a name"),
        (r#"42["a"]x"#, "trailing garbage"),
        (r#"40/side,"text""#, "credentials that are no object"),
        (r#"450-["a"]"#, "no attachments declared"),
        (r#"4511-["a"]"#, "too many attachments"),
        ("48", "an unknown type"),
    ] {
        let mut bench = Bench::new(1, Options::default());
        let seat = bench.connect(0);
        bench.say(seat.peer, text);
        assert_eq!(bench.closing(seat.peer), Some(Reason::ForcedClose), "{why}");
        assert_eq!(bench.shards[0].stats().packets_invalid, 1, "{why}");
        assert_eq!(bench.log(0).last().map(String::as_str), Some("disconnected / forced close"), "{why}");
    }
}

#[test]
fn attachments_come_after_their_packet_in_time_and_alone() {
    let header = r#"451-["photo",{"_placeholder":true,"num":0}]"#;
    let mut bench = Bench::new(1, Options::default());
    let seats = [bench.connect(0), bench.connect(0), bench.connect(0), bench.connect(0)];
    for seat in &seats[..3] {
        bench.say(seat.peer, header);
    }
    bench.shards[0].binary(seats[0].peer.key, b"pixels");
    bench.say(seats[1].peer, r#"42["meanwhile"]"#);
    bench.shards[0].binary(seats[3].peer.key, b"unasked");
    bench.advance(10_000);
    let closing: Vec<_> = seats.iter().map(|seat| bench.closing(seat.peer)).collect();
    let forced = Some(Reason::ForcedClose);
    assert_eq!(closing, [None, forced, forced, forced]);
    assert_eq!(bench.shards[0].stats().events_in, 1);
}

#[test]
fn who_joins_nothing_is_sent_away() {
    let mut bench = Bench::new(1, Options { connect_timeout: seconds(5), ..Options::default() });
    let (idle, refused) = (bench.open(0), bench.open(0));
    let joined = bench.connect(0);
    bench.say(refused, "40/refused,");
    bench.advance(4_999);
    assert_eq!(bench.closing(idle), None);
    bench.advance(1);
    assert_eq!(bench.closing(idle), Some(Reason::ForcedClose));
    assert_eq!(bench.closing(refused), Some(Reason::ForcedClose));
    assert_eq!(bench.closing(joined.peer), None);
}

#[test]
fn leaving_one_namespace_keeps_the_others() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    bench.join(seat.peer, "/side", "");
    bench.say(seat.peer, "41/side,");
    bench.say(seat.peer, r#"42["still here"]"#);
    let log = bench.log(0);
    assert_eq!(log[2..], ["disconnected /side client namespace disconnect", "event still here "]);
    bench.join(seat.peer, "/side", "");
}

#[test]
fn the_server_ends_one_socket_or_the_whole_connection() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    let side = bench.join(seat.peer, "/side", "");
    bench.join(seat.peer, "/other", "");
    let (socket, side) = (bench.socket(&seat), bench.socket(&side));
    bench.run(0, move |_, core| core.disconnect(side, Disconnect::Socket));
    assert_eq!(bench.hear(seat.peer), ["41/side,"]);
    assert_eq!(bench.closing(seat.peer), None);
    bench.run(0, move |_, core| core.disconnect(socket, Disconnect::Connection));
    assert_eq!(bench.hear(seat.peer), ["41", "41/other,"]);
    assert_eq!(bench.closing(seat.peer), Some(Reason::ForcedServerClose));
    let ended = bench.log(0).iter().filter(|line| line.ends_with("server namespace disconnect")).count();
    assert_eq!(ended, 3);
}

#[test]
fn the_door_is_shut_to_strangers_and_when_the_house_is_full() {
    let mut bench = Bench::new(1, Options { connections_max: 1, ..Options::default() });
    let refused = bench.try_open(0, Transport::Polling, "stranger");
    assert!(matches!(refused, Err(Refusal::Denied(denied)) if denied.0 == "no strangers"));
    let peer = bench.open(0);
    assert!(matches!(bench.try_open(0, Transport::WebSocket, ""), Err(Refusal::Full)));
    bench.drop(peer);
    bench.open(0);
    assert_eq!(bench.shards[0].stats().connections_refused, 2);
}

#[test]
fn a_server_that_stops_tells_everybody() {
    let mut bench = Bench::new(1, Options::default());
    let seats = [bench.connect(0), bench.connect(0)];
    bench.shards[0].shut_down();
    for seat in &seats {
        assert_eq!(bench.closing(seat.peer), Some(Reason::ServerShuttingDown));
        bench.drop(seat.peer);
    }
    assert_eq!((bench.shards[0].stats().closed_shutdown, bench.shards[0].next_deadline()), (2, None));
}
