//! The tap: whoever watches is told of everything that flows, by whom and to whom, and of nothing while it is off.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use campanile_hub::{Content, Disconnect, Flow, Options, Tap, What};

use crate::bench::{Bench, event, recovering, seconds, to};

/// Writes down what it is told, a line each.
#[derive(Default)]
struct Notebook {
    is_on: AtomicBool,
    lines: Mutex<Vec<String>>,
}

impl Tap for Notebook {
    fn is_on(&self) -> bool {
        self.is_on.load(Relaxed)
    }

    fn flow(&self, flow: &Flow<'_>) {
        let content = |content: &Content<'_>| {
            format!("{}({}) +{}", content.event, content.args.join(","), content.attached_bytes)
        };
        let what = match &flow.what {
            What::Connected => "connected".to_owned(),
            What::Disconnected(reason) => format!("disconnected: {}", reason.as_str()),
            What::Joined(room) => format!("joined {room}"),
            What::Left(room) => format!("left {room}"),
            What::Received(it) => format!("received {}", content(it)),
            What::Sent(it) => format!("sent {}", content(it)),
            What::Broadcast { rooms, receivers, content: it } => {
                format!("broadcast to {rooms:?}, {receivers}: {}", content(it))
            }
            What::AckReceived(it) => format!("ack received {}", content(it)),
            What::AckSent(it) => format!("ack sent {}", content(it)),
        };
        let who = flow.party.map_or("", |party| party.description.role);
        self.lines
            .lock()
            .expect("a whole notebook")
            .push(format!("{} {} {who} {what}", flow.shard, flow.namespace));
    }
}

impl Notebook {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().expect("a whole notebook"))
    }
}

fn watched(shards: usize, options: Options) -> (Bench, Arc<Notebook>) {
    let notebook = Arc::new(Notebook::default());
    notebook.is_on.store(true, Relaxed);
    (Bench::tapped(shards, options, Some(notebook.clone())), notebook)
}

#[test]
fn everything_that_a_socket_does_and_gets_is_told() {
    let (mut bench, notebook) = watched(1, Options::default());
    let seat = bench.connect(0);
    let key = bench.socket(&seat);
    assert_eq!(notebook.take(), ["0 / socket connected"]);
    bench.say(seat.peer, r#"427["hello",{"n":1},2]"#);
    assert_eq!(
        notebook.take(),
        [r#"0 / socket received hello({"n":1},2) +0"#, r#"0 / socket ack sent ({"n":1},2) +0"#]
    );
    bench.run(0, move |_, core| {
        core.join(key, "a");
        core.emit(key, &event("one", &["1"]));
        core.emit_with_ack(key, &event("asked", &[]), seconds(1), Box::new(|_, _, _| {}));
        core.leave(key, "a");
    });
    bench.say(seat.peer, r#"430["answer"]"#);
    bench.run(0, move |_, core| core.disconnect(key, Disconnect::Socket));
    assert_eq!(
        notebook.take(),
        [
            "0 / socket joined a",
            "0 / socket sent one(1) +0",
            "0 / socket sent asked() +0",
            "0 / socket left a",
            r#"0 / socket ack received (["answer"]) +0"#,
            "0 / socket disconnected: server namespace disconnect",
        ]
    );
}

#[test]
fn each_shard_tells_of_its_own_receivers_of_a_broadcast() {
    for options in [Options::default(), recovering()] {
        let (mut bench, notebook) = watched(3, options);
        let seats: Vec<_> = [0, 1, 1].map(|shard| bench.connect(shard)).into();
        for seat in &seats {
            bench.join_room(seat, "a");
        }
        notebook.take();
        bench.run(0, |_, core| {
            core.broadcast(&to(&["a"]), &event("all", &["1", "\"ü\""]));
            core.broadcast(&to(&["nobody"]), &event("lost", &[]));
        });
        assert_eq!(
            notebook.take(),
            [
                r#"0 /  broadcast to ["a"], 1: all(1,"ü") +0"#,
                r#"0 /  broadcast to ["nobody"], 0: lost() +0"#,
                r#"1 /  broadcast to ["a"], 2: all(1,"ü") +0"#,
            ]
        );
    }
}

#[test]
fn nothing_is_told_while_nobody_watches() {
    let (mut bench, notebook) = watched(2, Options::default());
    notebook.is_on.store(false, Relaxed);
    let seat = bench.connect(0);
    bench.say(seat.peer, r#"42["hello"]"#);
    bench.run(0, |_, core| {
        core.broadcast(&to(&[]), &event("all", &[]));
    });
    assert_eq!(notebook.take(), Vec::<String>::new());
}
