//! Requests to join that the application answers later.

use campanile_hub::{Admission, Options, Reason, Tenant};

use crate::bench::{Bench, Peer, seconds};

/// Asks for `/later`, and hears nothing yet.
fn asks(bench: &mut Bench) -> Peer {
    let peer = bench.open(0);
    bench.say(peer, r#"40/later,{"token":"t"}"#);
    assert!(bench.hear(peer).is_empty());
    peer
}

fn admit(bench: &mut Bench, request: usize, admission: Admission<String>) {
    bench.run(0, move |lab, core| core.admit(lab.tickets[request], admission));
}

fn refusal() -> Admission<String> {
    Admission::Refuse { message: "no".into(), data: None }
}

#[test]
fn an_answer_may_come_later() {
    let mut bench = Bench::new(1, Options::default());
    let peer = asks(&mut bench);
    assert!(bench.log(0).is_empty());
    admit(&mut bench, 0, Admission::Accept(Tenant(3), String::new()));
    let answer = bench.hear(peer).remove(0);
    let seat = bench.seat(peer, &answer);
    let socket = bench.socket(&seat);
    assert_eq!(bench.shards[0].core().tenant(socket), Some(Tenant(3)));
    assert_eq!(bench.log(0), [r#"connected /later {"token":"t"}"#]);
    admit(&mut bench, 0, refusal());
    assert!(bench.hear(peer).is_empty(), "a request is answered once");
}

#[test]
fn so_may_a_refusal() {
    let mut bench = Bench::new(1, Options::default());
    let peer = asks(&mut bench);
    admit(&mut bench, 0, refusal());
    admit(&mut bench, 0, Admission::Accept(Tenant(0), String::new()));
    assert_eq!(bench.hear(peer), [r#"44/later,{"message":"no"}"#]);
    assert_eq!(bench.shards[0].stats().sockets_now, 0);
    bench.say(peer, "40/later,");
    admit(&mut bench, 1, Admission::UnknownNamespace);
    assert_eq!(bench.hear(peer), [r#"44/later,{"message":"Invalid namespace"}"#]);
}

#[test]
fn nobody_is_in_before_the_answer() {
    for text in [r#"42/later,["hello"]"#, "41/later,", "40/later,"] {
        let mut bench = Bench::new(1, Options::default());
        let peer = asks(&mut bench);
        bench.say(peer, text);
        assert_eq!(bench.closing(peer), Some(Reason::ForcedClose), "{text}");
        admit(&mut bench, 0, Admission::Accept(Tenant(0), String::new()));
        assert_eq!(bench.shards[0].stats().sockets_now, 0, "{text}");
    }
}

#[test]
fn an_answer_to_somebody_who_is_gone_is_nobodys() {
    let mut bench = Bench::new(1, Options::default());
    let peer = asks(&mut bench);
    bench.drop(peer);
    admit(&mut bench, 0, Admission::Accept(Tenant(0), String::new()));
    let stats = bench.shards[0].stats();
    assert_eq!((stats.sockets_now, stats.timers_now, stats.connections_now), (0, 0, 0));
}

#[test]
fn several_namespaces_may_wait_and_count_against_the_limit() {
    let mut bench = Bench::new(1, Options { namespaces_per_connection_max: 2, ..Options::default() });
    let peer = asks(&mut bench);
    bench.say(peer, "40/later-too,");
    bench.say(peer, "40");
    assert!(bench.hear(peer)[0].starts_with(r#"44{"message":"Too many namespaces""#));
    admit(&mut bench, 1, Admission::Accept(Tenant(0), String::new()));
    admit(&mut bench, 0, Admission::Accept(Tenant(0), String::new()));
    let heard = bench.hear(peer);
    assert!(heard[0].starts_with("40/later-too,") && heard[1].starts_with("40/later,"), "{heard:?}");
}

#[test]
fn a_connection_waits_for_its_answer_but_not_forever_for_nothing() {
    let options = Options { connect_timeout: seconds(5), ping_interval: seconds(60), ..Options::default() };
    let mut bench = Bench::new(1, options);
    let peer = asks(&mut bench);
    bench.advance(5_000);
    assert_eq!(bench.closing(peer), None, "the application may take its time");
    admit(&mut bench, 0, refusal());
    bench.advance(5_000);
    assert_eq!(bench.closing(peer), Some(Reason::ForcedClose), "it has joined nothing");
}
