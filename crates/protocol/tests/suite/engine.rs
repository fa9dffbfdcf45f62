//! Engine.IO packets and polling payloads.

use campanile_protocol::Frame;
use campanile_protocol::engine::*;
use proptest::prelude::*;

fn text(body: &str) -> Frame {
    Frame::text(body.len(), |out| out.extend_from_slice(body.as_bytes()))
}

#[test]
fn every_type_is_read() {
    for (packet, expected) in [
        ("0", Packet::Open),
        ("1", Packet::Close),
        ("2", Packet::Ping("")),
        ("2probe", Packet::Ping("probe")),
        ("3probe", Packet::Pong("probe")),
        ("42[\"é\"]", Packet::Message("2[\"é\"]")),
        ("5", Packet::Upgrade),
        ("6", Packet::Noop),
    ] {
        assert_eq!(decode(packet), Ok(expected));
    }
}

#[test]
fn other_packets_are_errors() {
    assert_eq!(decode(""), Err(Error::Empty));
    for packet in ["7", "b", "x2", "é", " 2", "\u{0}"] {
        assert_eq!(decode(packet), Err(Error::UnknownType), "{packet:?}");
    }
}

#[test]
fn payload_is_split_at_the_separator() {
    let packets = split_payload("42[1]\u{1e}bAQID\u{1e}2", 3).unwrap();
    assert_eq!(packets, [Polled::Text("42[1]"), Polled::Binary(vec![1, 2, 3]), Polled::Text("2")]);
}

#[test]
fn base64_may_lack_its_padding() {
    for body in ["bAQ==", "bAQ"] {
        assert_eq!(split_payload(body, 1).unwrap(), [Polled::Binary(vec![1])]);
    }
    assert_eq!(split_payload("b", 1).unwrap(), [Polled::Binary(vec![])]);
}

#[test]
fn bad_base64_is_an_error() {
    for body in ["bA", "bA Q=", "b-_-_", "bAQ==x", "b\u{e9}", "2\u{1e}b!"] {
        assert_eq!(split_payload(body, 9), Err(Error::BadBase64), "{body:?}");
    }
}

#[test]
fn empty_packets_are_left_to_decode() {
    assert_eq!(split_payload("2\u{1e}", 2).unwrap(), [Polled::Text("2"), Polled::Text("")]);
    assert_eq!(split_payload("", 2).unwrap(), [Polled::Text("")]);
}

#[test]
fn number_of_packets_is_limited() {
    let flood = "\u{1e}".repeat(100_000);
    assert_eq!(split_payload(&flood, 16), Err(Error::TooManyPackets));
    assert_eq!(split_payload("2\u{1e}2", 1), Err(Error::TooManyPackets));
}

#[test]
fn open_packet_announces_what_it_was_given() {
    let mut open = Open {
        sid: "a\"b",
        upgrade_to_websocket: true,
        ping_interval_ms: 25_000,
        ping_timeout_ms: 20_000,
        max_payload_bytes: 1_000_000,
    };
    let rest = r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    let expected = format!(r#"0{{"sid":"a\"b","upgrades":["websocket"],{rest}"#);
    assert_eq!(open_frame(&open).body(), expected.as_bytes());
    open.upgrade_to_websocket = false;
    let expected = format!(r#"0{{"sid":"a\"b","upgrades":[],{rest}"#);
    assert_eq!(open_frame(&open).body(), expected.as_bytes());
}

#[test]
fn joining_nothing_gives_nothing() {
    assert_eq!(join_payload([].iter()), b"");
}

proptest! {
    #[test]
    fn payloads_round_trip(
        packets in prop::collection::vec(
            prop_oneof![
                "[0-6][^\u{1e}]{0,20}".prop_map(|body| (body, None)),
                prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| (String::new(), Some(bytes))),
            ],
            1..6,
        )
    ) {
        let frames: Vec<Frame> =
            packets.iter().map(|(body, binary)| binary.as_ref().map_or_else(|| text(body), |b| Frame::binary(b))).collect();
        let payload = join_payload(frames.iter());
        prop_assert_eq!(payload.len(), frames.iter().map(payload_len).sum::<usize>() + frames.len() - 1);
        let payload = String::from_utf8(payload).expect("text and base64");
        let expected: Vec<Polled<'_>> = packets
            .iter()
            .map(|(body, binary)| binary.clone().map_or(Polled::Text(body), Polled::Binary))
            .collect();
        prop_assert_eq!(split_payload(&payload, frames.len()), Ok(expected));
    }

    #[test]
    fn arbitrary_bodies_do_not_panic(body in any::<String>()) {
        for packet in split_payload(&body, 5).unwrap_or_default() {
            if let Polled::Text(packet) = packet {
                let _ = decode(packet);
            }
        }
    }
}
