//! Events that ask for an ack: each is concluded exactly once, whatever the client does.

use campanile_hub::{AckError, AckReply, BroadcastReplies, Delivery, Options, Packet, SocketKey};

use crate::bench::{Bench, Seat, event, seconds, to};

/// Emits an event that asks for an ack, and notes how it is concluded.
fn ask(bench: &mut Bench, seat: &Seat, name: &'static str) {
    let socket = bench.socket(seat);
    ask_socket(bench, seat.peer.shard, socket, name);
}

fn ask_socket(bench: &mut Bench, shard: usize, socket: SocketKey, name: &'static str) {
    bench.run(shard, move |_, core| {
        let conclude = move |lab: &mut crate::bench::Lab, _: &mut _, result: Result<AckReply, AckError>| {
            lab.log.push(match result {
                Ok(reply) => format!("{name}: {} {:?}", reply.args, reply.attachments),
                Err(error) => format!("{name}: {error:?}"),
            });
        };
        core.emit_with_ack(socket, &event(name, &["1"]), seconds(5), Box::new(conclude));
    });
}

fn ask_all(bench: &mut Bench, shard: usize, room: &'static str) {
    bench.run(shard, move |_, core| {
        let conclude = |lab: &mut crate::bench::Lab, _: &mut _, got: BroadcastReplies| {
            let replies: Vec<&str> = got.replies.iter().map(|reply| &*reply.args).collect();
            lab.log.push(format!("{replies:?}, {} missing", got.missing));
        };
        core.broadcast_with_ack(&to(&[room]), &event("all", &[]), seconds(5), Box::new(conclude));
    });
}

fn conclusions(bench: &Bench, shard: usize) -> Vec<&str> {
    bench.log(shard).iter().map(String::as_str).filter(|line| !line.starts_with("connected")).collect()
}

#[test]
fn an_answer_concludes_an_ack_once() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    let timers = bench.shards[0].stats().timers_now;
    ask(&mut bench, &seat, "first");
    ask(&mut bench, &seat, "second");
    assert_eq!(bench.hear(seat.peer), [r#"420["first",1]"#, r#"421["second",1]"#]);
    bench.say(seat.peer, r#"431["b"]"#);
    bench.say(seat.peer, r#"430["a",2]"#);
    bench.say(seat.peer, r#"430["again"]"#);
    assert_eq!(bench.shards[0].stats().timers_now, timers, "nobody waits any more");
    bench.advance(60_000);
    assert_eq!(conclusions(&bench, 0)[..2], [r#"second: ["b"] []"#, r#"first: ["a",2] []"#]);
    assert_eq!(bench.shards[0].stats().acks_in, 2);
}

#[test]
fn an_unknown_ack_id_harms_nobody() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    bench.say(seat.peer, "4377[]");
    assert_eq!(bench.closing(seat.peer), None);
}

#[test]
fn a_client_cannot_answer_for_another() {
    let mut bench = Bench::new(1, Options::default());
    let (asked, other) = (bench.connect(0), bench.connect(0));
    ask(&mut bench, &asked, "question");
    bench.say(other.peer, r#"430["mine"]"#);
    assert!(conclusions(&bench, 0).is_empty());
    bench.say(asked.peer, r#"430["right"]"#);
    assert_eq!(conclusions(&bench, 0), [r#"question: ["right"] []"#]);
}

#[test]
fn silence_is_a_timeout_and_a_late_answer_is_ignored() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    ask(&mut bench, &seat, "question");
    bench.advance(4_999);
    assert!(conclusions(&bench, 0).is_empty());
    bench.advance(1);
    assert_eq!(conclusions(&bench, 0), ["question: Timeout"]);
    bench.say(seat.peer, "430[]");
    assert_eq!(conclusions(&bench, 0).len(), 1);
    assert_eq!(bench.shards[0].stats().acks_timed_out, 1);
}

#[test]
fn who_is_gone_answers_nothing() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    let socket = bench.socket(&seat);
    ask(&mut bench, &seat, "before");
    bench.drop(seat.peer);
    ask_socket(&mut bench, 0, socket, "after");
    let expected = ["disconnected / transport close", "before: Disconnected", "after: Disconnected"];
    assert_eq!(conclusions(&bench, 0), expected);
    assert_eq!(bench.shards[0].stats().timers_now, 0);
}

#[test]
fn a_socket_owes_no_more_acks_than_allowed() {
    let mut bench = Bench::new(1, Options { acks_per_socket_max: 2, ..Options::default() });
    let seat = bench.connect(0);
    for name in ["one", "two", "three"] {
        ask(&mut bench, &seat, name);
    }
    assert_eq!(conclusions(&bench, 0), ["three: TooMany"]);
    assert_eq!(bench.shards[0].stats().dropped_acks_limit, 1);
    bench.say(seat.peer, "430[]");
    ask(&mut bench, &seat, "four");
    assert_eq!(bench.hear(seat.peer).len(), 3);
}

#[test]
fn attachments_travel_with_acks_both_ways() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    bench.say(seat.peer, r#"451-7["photo",{"_placeholder":true,"num":0}]"#);
    bench.shards[0].binary(seat.peer.key, b"pixels");
    assert_eq!(bench.hear(seat.peer), [r#"461-7[{"_placeholder":true,"num":0}]"#, "b:pixels"]);
    ask(&mut bench, &seat, "photo?");
    bench.say(seat.peer, r#"461-0[{"_placeholder":true,"num":0}]"#);
    bench.shards[0].binary(seat.peer.key, b"more");
    let expected = r#"photo?: [{"_placeholder":true,"num":0}] [b"more"]"#;
    assert_eq!(conclusions(&bench, 0).last(), Some(&expected));
}

#[test]
fn a_dropped_volatile_question_times_out() {
    let mut bench = Bench::new(1, Options::default());
    let seat = bench.connect(0);
    let socket = bench.socket(&seat);
    *bench.shards[0].output(seat.peer.key).expect("it is open").blocked = true;
    bench.run(0, move |_, core| {
        let packet = Packet { name: "now?", delivery: Delivery::Volatile, ..Packet::default() };
        let conclude = |lab: &mut crate::bench::Lab, _: &mut _, result: Result<AckReply, AckError>| {
            lab.log.push(format!("{result:?}"));
        };
        core.emit_with_ack(socket, &packet, seconds(1), Box::new(conclude));
    });
    assert!(bench.hear(seat.peer).is_empty());
    bench.advance(1_000);
    assert_eq!(conclusions(&bench, 0), ["Err(Timeout)"]);
}

#[test]
fn a_broadcast_gathers_the_answers_of_all_shards() {
    let mut bench = Bench::new(3, Options::default());
    let seats = [bench.connect(0), bench.connect(1), bench.connect(2), bench.connect(2)];
    for seat in &seats {
        bench.join_room(seat, "jury");
    }
    ask_all(&mut bench, 1, "jury");
    for (number, seat) in seats.iter().enumerate().take(3) {
        let question = bench.hear(seat.peer).remove(0);
        let id = question.strip_prefix("42").and_then(|rest| rest.strip_suffix(r#"["all"]"#));
        let id = id.expect("a question with an ack id");
        bench.say(seat.peer, &format!("43{id}[{number}]"));
        bench.carry_mail();
        assert!(conclusions(&bench, 1).is_empty(), "it waits for everybody");
    }
    bench.drop(seats[3].peer);
    let concluded = conclusions(&bench, 1);
    assert_eq!(concluded.len(), 1);
    assert!(concluded[0].ends_with("1 missing"), "{concluded:?}");
    for reply in ["[0]", "[1]", "[2]"] {
        assert!(concluded[0].contains(reply), "{concluded:?}");
    }
}

#[test]
fn a_broadcast_to_nobody_is_answered_at_once() {
    for shards in [1, 2] {
        let mut bench = Bench::new(shards, Options::default());
        ask_all(&mut bench, 0, "nobody");
        assert_eq!(conclusions(&bench, 0), ["[], 0 missing"]);
        assert_eq!(bench.shards[0].stats().timers_now, 0);
    }
}

#[test]
fn a_broadcast_counts_who_stays_silent() {
    let mut bench = Bench::new(2, Options::default());
    let seats = [bench.connect(0), bench.connect(1)];
    for seat in &seats {
        bench.join_room(seat, "jury");
    }
    ask_all(&mut bench, 0, "jury");
    bench.advance(5_000);
    assert_eq!(conclusions(&bench, 0), ["[], 2 missing"]);
    // What comes now belongs to nothing.
    bench.say(seats[0].peer, "430[]");
    bench.say(seats[1].peer, "430[]");
    assert_eq!(conclusions(&bench, 0).len(), 1);
}
