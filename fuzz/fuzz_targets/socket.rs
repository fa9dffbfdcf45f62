//! Socket.IO packets: what was accepted is valid by an independent JSON parser, and says the same when it is encoded
//! and read again.

#![no_main]

use campanile_protocol::{
    Frame, json,
    socket::{self, Kind, Limits, Packet},
};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

const LIMITS: Limits = Limits { attachments_max: 10, json_depth_max: 64 };

fuzz_target!(|text: &str| {
    let Ok(packet) = socket::decode(text, &LIMITS) else { return };
    check(&packet);
    let Some(frame) = encode(&packet) else { return };
    let body = std::str::from_utf8(frame.body()).expect("a text frame is UTF-8");
    let again = body.strip_prefix('4').expect("a Socket.IO packet is an Engine.IO message");
    let again = socket::decode(again, &LIMITS).expect("the hub's own packet is well-formed");
    assert_eq!(
        (again.kind, again.attachments, again.namespace),
        (packet.kind, packet.attachments, packet.namespace)
    );
    match packet.kind {
        Kind::Event => {
            assert_eq!(again.id, packet.id);
            assert_eq!(socket::event_name(again.items[0]), socket::event_name(packet.items[0]));
            assert_eq!(again.items[1..], packet.items[1..]);
        }
        Kind::Ack => {
            assert_eq!(again.id, packet.id);
            assert_eq!(again.items[..], packet.items[..]);
        }
        // An id means nothing here and is not written.
        _ => assert_eq!(again.data, packet.data),
    }
});

fn check(packet: &Packet<'_>) {
    assert!(packet.attachments <= LIMITS.attachments_max);
    assert!(packet.namespace.starts_with('/'));
    if !packet.data.is_empty() {
        serde_json::from_str::<IgnoredAny>(packet.data).expect("an accepted payload is JSON");
    }
    for item in &packet.items {
        assert_eq!(item.trim(), *item);
        assert_eq!(json::scan_value(item, LIMITS.json_depth_max), Ok(item.len()));
    }
}

/// `None` for an ack without an id, which the hub never sends.
fn encode(packet: &Packet<'_>) -> Option<Frame> {
    Some(match packet.kind {
        Kind::Connect => socket::connect(packet.namespace, packet.data),
        Kind::ConnectError => socket::connect_error(packet.namespace, packet.data),
        Kind::Disconnect => socket::disconnect(packet.namespace),
        Kind::Ack => socket::ack(packet.namespace, packet.id?, &packet.items, packet.attachments),
        Kind::Event => {
            let name = socket::event_name(packet.items[0]);
            socket::event(packet.namespace, packet.id, &name, &packet.items[1..], packet.attachments)
        }
    })
}
