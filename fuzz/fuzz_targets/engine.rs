//! Engine.IO packets and polling payloads: a payload splits at its separators and nowhere else, and what was joined
//! splits into the same packets again.

#![no_main]

use campanile_protocol::{
    Frame,
    engine::{self, Error, Polled},
};
use libfuzzer_sys::fuzz_target;

const PACKETS_MAX: usize = 32;

fuzz_target!(|payload: &str| {
    let _ = engine::decode(payload);
    let parts: Vec<&str> = payload.split('\x1e').collect();
    match engine::split_payload(payload, PACKETS_MAX) {
        Ok(packets) => {
            assert!(parts.len() <= PACKETS_MAX);
            assert_eq!(packets.len(), parts.len());
            for (packet, part) in packets.iter().zip(&parts) {
                check(packet, part);
            }
            round_trip(&packets);
        }
        Err(Error::TooManyPackets) => assert!(parts.len() > PACKETS_MAX),
        Err(Error::BadBase64) => assert!(parts.iter().any(|part| part.starts_with('b'))),
        Err(error) => panic!("splitting says {error}, which is for reading a packet to say"),
    }
});

fn check(packet: &Polled<'_>, part: &str) {
    match packet {
        Polled::Text(text) => {
            assert_eq!(*text, part);
            let known = text.starts_with(['0', '1', '2', '3', '4', '5', '6']);
            assert_eq!(engine::decode(text).is_ok(), known);
        }
        Polled::Binary(bytes) => assert!(bytes.len() <= part.len() / 4 * 3 + 2),
    }
}

fn round_trip(packets: &[Polled<'_>]) {
    // An empty packet is nothing that the hub would ever send.
    let sent: Vec<&Polled<'_>> = packets.iter().filter(|packet| **packet != Polled::Text("")).collect();
    if sent.is_empty() {
        return;
    }
    let frames: Vec<Frame> = sent.iter().map(|packet| frame(packet)).collect();
    let length = frames.iter().map(engine::payload_len).sum::<usize>() + frames.len() - 1;
    let joined = engine::join_payload(frames.iter());
    assert_eq!(joined.len(), length);
    let joined = String::from_utf8(joined).expect("text packets and base64 are UTF-8");
    let again = engine::split_payload(&joined, PACKETS_MAX).expect("the hub's own payload is well-formed");
    assert!(again.iter().eq(sent));
}

fn frame(packet: &Polled<'_>) -> Frame {
    match packet {
        Polled::Text(text) => Frame::text(text.len(), |out| out.extend_from_slice(text.as_bytes())),
        Polled::Binary(bytes) => Frame::binary(bytes),
    }
}
