//! The WebSocket decoder: however the network cuts the bytes, the same messages come out and the same error ends them.
//!
//! The first byte chooses what was negotiated and the limits, the second how the rest is cut. What the frames carry is
//! other targets' business.

#![no_main]

use std::{cell::RefCell, ops::ControlFlow};

use campanile_protocol::{
    deflate::Deflater,
    websocket::{Decoder, Error, Limits, Message},
};
use libfuzzer_sys::fuzz_target;

/// A message that outlives the buffer it was read from.
#[derive(Debug, PartialEq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
}

/// Everything that can be seen of a decoder.
#[derive(Debug, PartialEq)]
struct Seen {
    messages: Vec<Owned>,
    error: Option<Error>,
    idle: bool,
}

thread_local! {
    static DEFLATER: RefCell<Deflater> = RefCell::new(Deflater::new());
}

fuzz_target!(|data: &[u8]| {
    let [flags, cuts, input @ ..] = data else { return };
    let limits = Limits {
        message_bytes_max: if flags & 1 == 0 { 1 << 16 } else { 64 },
        fragments_max: if flags & 2 == 0 { 64 } else { 3 },
        deflate: flags & 4 != 0,
    };
    let [whole, bytewise, cut] = DEFLATER.with_borrow_mut(|deflater| {
        [input.len(), 1, usize::from(*cuts) + 1]
            .map(|read| decode(input.chunks(read.max(1)), &limits, deflater))
    });
    assert_eq!(whole, bytewise, "one read of everything and one read for each byte");
    assert_eq!(whole, cut, "one read of everything and reads of {} bytes", usize::from(*cuts) + 1);
    for message in &whole.messages {
        check(message, &limits);
    }
});

fn decode<'a>(reads: impl IntoIterator<Item = &'a [u8]>, limits: &Limits, deflater: &mut Deflater) -> Seen {
    let mut decoder = Decoder::new();
    let mut messages = Vec::new();
    for read in reads {
        let mut closed = false;
        let result = decoder.feed(&mut read.to_vec(), limits, Some(deflater), &mut |message| {
            let (owned, flow) = own(message);
            messages.push(owned);
            closed = flow.is_break();
            flow
        });
        if result.is_err() || closed {
            // Whether something is held after the end depends on where the last read ended, and nobody asks.
            return Seen { messages, error: result.err(), idle: true };
        }
    }
    Seen { messages, error: None, idle: decoder.is_idle() }
}

fn own(message: Message<'_>) -> (Owned, ControlFlow<()>) {
    let owned = match message {
        Message::Text(text) => Owned::Text(text.to_owned()),
        Message::Binary(bytes) => Owned::Binary(bytes.to_vec()),
        Message::Ping(payload) => Owned::Ping(payload.to_vec()),
        Message::Pong(payload) => Owned::Pong(payload.to_vec()),
        Message::Close(code, reason) => {
            return (Owned::Close(code, reason.to_owned()), ControlFlow::Break(()));
        }
    };
    (owned, ControlFlow::Continue(()))
}

fn check(message: &Owned, limits: &Limits) {
    let (length, max) = match message {
        Owned::Text(text) => (text.len(), limits.message_bytes_max),
        Owned::Binary(bytes) => (bytes.len(), limits.message_bytes_max),
        Owned::Ping(payload) | Owned::Pong(payload) => (payload.len(), 125),
        Owned::Close(_, reason) => (reason.len(), 123),
    };
    assert!(length <= max, "{length} bytes were let through");
}
