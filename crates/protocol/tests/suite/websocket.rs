//! The WebSocket decoder: every rule of the RFC by example, and the same messages however the bytes are cut.

use std::ops::ControlFlow;

use campanile_protocol::deflate::Deflater;
use campanile_protocol::websocket::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits { message_bytes_max: 1_000, fragments_max: 4, deflate: false };
const DEFLATE: Limits = Limits { deflate: true, ..LIMITS };
const MASK: [u8; 4] = [0x12, 0x00, 0xFF, 0x9A];

#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
}

impl From<Message<'_>> for Owned {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Owned::Text(text.into()),
            Message::Binary(bytes) => Owned::Binary(bytes.into()),
            Message::Ping(bytes) => Owned::Ping(bytes.into()),
            Message::Pong(bytes) => Owned::Pong(bytes.into()),
            Message::Close(code, reason) => Owned::Close(code, reason.into()),
        }
    }
}

/// A client frame; `first` is FIN, reserved bits and opcode.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// What comes out when `input` arrives in the given pieces: the messages, and the error or whether the decoder is idle.
fn decode_pieces<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: &Limits,
) -> (Vec<Owned>, Result<bool, Error>) {
    let mut decoder = Decoder::new();
    let mut deflater = Deflater::new();
    let mut messages = Vec::new();
    for piece in pieces {
        let result = decoder.feed(&mut piece.to_vec(), limits, Some(&mut deflater), &mut |message| {
            messages.push(message.into());
            ControlFlow::Continue(())
        });
        if let Err(error) = result {
            return (messages, Err(error));
        }
    }
    (messages, Ok(decoder.is_idle()))
}

fn decode(input: &[u8], limits: &Limits) -> (Vec<Owned>, Result<bool, Error>) {
    decode_pieces([input], limits)
}

#[track_caller]
fn assert_refused(input: &[u8], error: Error, close_code: u16) {
    assert_eq!(decode(input, &LIMITS), (vec![], Err(error)));
    assert_eq!(decode_pieces(input.chunks(1), &LIMITS), (vec![], Err(error)), "byte by byte");
    assert_eq!(error.close_code(), close_code);
}

#[test]
fn decoder_is_one_pointer() {
    assert_eq!(size_of::<Decoder>(), size_of::<usize>());
}

#[test]
fn example_of_the_rfc() {
    let hello = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
    assert_eq!(decode(&hello, &LIMITS), (vec![Owned::Text("Hello".into())], Ok(true)));
}

#[test]
fn every_kind_in_order() {
    let input = [
        frame(0x81, "é".as_bytes()),
        frame(0x82, &[0, 255]),
        frame(0x89, b"p"),
        frame(0x8A, b""),
        frame(0x88, b"\x03\xE8bye"),
    ]
    .concat();
    let expected = vec![
        Owned::Text("é".into()),
        Owned::Binary(vec![0, 255]),
        Owned::Ping(b"p".to_vec()),
        Owned::Pong(vec![]),
        Owned::Close(Some(1000), "bye".into()),
    ];
    assert_eq!(decode(&input, &LIMITS), (expected, Ok(true)));
}

#[test]
fn lengths_of_every_form() {
    let limits = Limits { message_bytes_max: 100_000, ..LIMITS };
    for length in [0, 1, 7, 8, 9, 125, 126, 0xFFFF, 0x1_0000, 100_000] {
        let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
        assert_eq!(decode(&frame(0x82, &payload), &limits), (vec![Owned::Binary(payload)], Ok(true)));
    }
}

#[test]
fn complete_frames_are_not_copied() {
    let mut input = frame(0x82, &[7; 100]);
    let range = input.as_ptr_range();
    let mut seen = None;
    Decoder::new()
        .feed(&mut input, &LIMITS, None, &mut |message| {
            if let Message::Binary(bytes) = message {
                seen = Some(bytes.as_ptr());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(range.contains(&seen.unwrap()));
}

#[test]
fn fragments_are_joined_around_control_frames() {
    let (start, end) = "a€".as_bytes().split_at(2);
    let input = [frame(0x01, start), frame(0x89, b"p"), frame(0x00, b""), frame(0x80, end)].concat();
    let expected = vec![Owned::Ping(b"p".to_vec()), Owned::Text("a€".into())];
    assert_eq!(decode(&input, &LIMITS), (expected, Ok(true)));
}

#[test]
fn partial_input_is_held_and_given_back() {
    let input = frame(0x82, &[1; 20]);
    assert_eq!(decode(&input[..10], &LIMITS), (vec![], Ok(false)));
    assert_eq!(decode(&frame(0x02, b""), &LIMITS), (vec![], Ok(false)));
    assert_eq!(
        decode_pieces([&input[..1], &input[1..]], &LIMITS),
        (vec![Owned::Binary(vec![1; 20])], Ok(true))
    );
}

#[test]
fn break_drops_the_rest() {
    let input = [frame(0x81, b"a"), frame(0x81, b"b"), frame(0x01, b"c")].concat();
    for cut in [0, 3] {
        let mut decoder = Decoder::new();
        let mut seen: Vec<Owned> = Vec::new();
        for piece in [&input[..cut], &input[cut..]] {
            decoder
                .feed(&mut piece.to_vec(), &LIMITS, None, &mut |message| {
                    seen.push(message.into());
                    ControlFlow::Break(())
                })
                .unwrap();
        }
        assert_eq!(seen, [Owned::Text("a".into())]);
        assert!(decoder.is_idle());
    }
}

#[test]
fn header_violations() {
    assert_refused(&[0x81, 0x01, b'a'], Error::Unmasked, 1002);
    assert_refused(&frame(0xA1, b"a"), Error::ReservedBits, 1002);
    assert_refused(&frame(0x91, b"a"), Error::ReservedBits, 1002);
    assert_refused(&frame(0xC1, b"a"), Error::ReservedBits, 1002);
    for opcode in [0x3, 0x7, 0xB, 0xF] {
        assert_refused(&frame(0x80 | opcode, b""), Error::ReservedOpcode, 1002);
    }
    assert_refused(&frame(0x89, &[0; 126]), Error::ControlTooLong, 1002);
    assert_refused(&frame(0x09, b""), Error::ControlFragmented, 1002);
    assert_refused(&[0x82, 0xFE, 0, 125], Error::LengthNotMinimal, 1002);
    assert_refused(&[0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], Error::LengthNotMinimal, 1002);
}

#[test]
fn continuation_violations() {
    assert_refused(&frame(0x80, b"a"), Error::BadContinuation, 1002);
    assert_refused(&[frame(0x01, b"a"), frame(0x81, b"b")].concat(), Error::BadContinuation, 1002);
    assert_refused(&[frame(0x01, b"a"), frame(0x02, b"b")].concat(), Error::BadContinuation, 1002);
}

#[test]
fn text_must_be_utf8() {
    assert_refused(&frame(0x81, &[0xFF]), Error::InvalidUtf8, 1007);
    assert_refused(&frame(0x81, &[0xED, 0xA0, 0x80]), Error::InvalidUtf8, 1007);
    assert_refused(&[frame(0x01, &[0xE2]), frame(0x80, b"a")].concat(), Error::InvalidUtf8, 1007);
    assert_refused(&frame(0x88, &[0x03, 0xE8, 0xFF]), Error::InvalidUtf8, 1007);
}

#[test]
fn close_codes() {
    assert_eq!(decode(&frame(0x88, b""), &LIMITS).0, [Owned::Close(None, String::new())]);
    assert_refused(&frame(0x88, &[3]), Error::BadClosePayload, 1002);
    for code in [1000u16, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999] {
        let message = Owned::Close(Some(code), String::new());
        assert_eq!(decode(&frame(0x88, &code.to_be_bytes()), &LIMITS).0, [message]);
    }
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        assert_refused(&frame(0x88, &code.to_be_bytes()), Error::BadCloseCode, 1002);
    }
}

#[test]
fn declared_length_is_refused_before_anything_arrives() {
    assert_refused(&[0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], Error::TooBig, 1009);
    assert_refused(&[0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Error::TooBig, 1009);
    assert_refused(&[0x82, 0xFE, 0x03, 0xE9], Error::TooBig, 1009);
    assert_eq!(decode(&frame(0x82, &[0; 1000]), &LIMITS).0.len(), 1);
}

#[test]
fn fragments_are_limited_in_bytes_and_number() {
    let start = frame(0x02, &[0; 600]);
    assert_refused(&[&start[..], &[0x80, 0xFE, 0x01, 0x91]].concat(), Error::TooBig, 1009);
    assert_eq!(decode(&[start, frame(0x80, &[0; 400])].concat(), &LIMITS).0.len(), 1);

    let first = frame(0x02, b"");
    let middle = frame(0x00, b"");
    let three = [&first[..], &middle, &middle].concat();
    assert_eq!(decode(&[&three[..], &frame(0x80, b"")].concat(), &LIMITS).0.len(), 1);
    assert_refused(&[&three[..], &middle, &middle].concat(), Error::TooManyFragments, 1008);
}

#[test]
fn compressed_messages_are_inflated() {
    let mut deflater = Deflater::new();
    let text = "campanile ".repeat(100);
    let compressed = deflater.compress(text.as_bytes());
    let whole = frame(0xC1, &compressed);
    let (start, end) = compressed.split_at(5);
    let fragmented = [frame(0x41, start), frame(0x80, end)].concat();
    let plain = frame(0x81, b"plain");
    let expected = vec![Owned::Text(text.clone()), Owned::Text(text), Owned::Text("plain".into())];
    assert_eq!(decode(&[whole, fragmented, plain].concat(), &DEFLATE), (expected, Ok(true)));
}

#[test]
fn compressed_messages_have_rules_of_their_own() {
    let mut deflater = Deflater::new();
    let refused = |input: &[u8]| decode(input, &DEFLATE).1.unwrap_err();
    assert_eq!(refused(&frame(0xC2, &deflater.compress(&[0; 1001]))), Error::TooBig);
    assert_eq!(refused(&frame(0xC2, &[0xFF; 10])), Error::BadDeflate);
    assert_eq!(Error::BadDeflate.close_code(), 1007);
    assert_eq!(refused(&frame(0xC1, &deflater.compress(&[0xFF]))), Error::InvalidUtf8);
    assert_eq!(refused(&frame(0xC9, b"")), Error::ReservedBits);
    assert_eq!(refused(&[frame(0x01, b"a"), frame(0xC0, b"b")].concat()), Error::ReservedBits);
}

#[test]
fn accept_key_of_the_rfc() {
    assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ==").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    for key in
        ["", "dGhlIHNhbXBsZSBub25jZQ", "AAAA", "dGhlIHNhbXBsZSBub25jZQ==\n", "dGhlIHNhbXBsZSBub25jZWE="]
    {
        assert_eq!(accept_key(key), None, "{key:?}");
    }
}

#[test]
fn control_frames_fit() {
    assert_eq!(close_frame(1000, "bye").as_ref(), b"\x88\x05\x03\xE8bye");
    let long = close_frame(1000, &"é".repeat(100));
    assert_eq!(long.len(), 2 + 2 + 122);
    assert!(std::str::from_utf8(&long[4..]).is_ok());
    assert_eq!(pong_frame(b"p").as_ref(), b"\x8A\x01p");
    assert_eq!(pong_frame(&[0; 200]).len(), 2 + 125);
}

#[test]
fn server_frames_are_what_a_client_would_read() {
    let limits = Limits { message_bytes_max: 70_000, ..LIMITS };
    for length in [0, 1, 125, 126, 127, 0xFFFF, 0x1_0000, 70_000] {
        let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
        // Masked with zeros, a server frame is a client frame.
        let mut client = campanile_protocol::Frame::binary(&payload).websocket_bytes().to_vec();
        client[1] |= 0x80;
        let header = client.len() - payload.len();
        client.splice(header..header, [0; 4]);
        assert_eq!(decode(&client, &limits), (vec![Owned::Binary(payload)], Ok(true)));
    }
}

/// Frames as a client may send them, mostly sensible.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81u8, 0x82, 0x89, 0x8A]),
        4 => prop::sample::select(vec![0x01, 0x02, 0x00, 0x80]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        6 => "[a-zé€]{0,40}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..400),
    ];
    prop::collection::vec((first, payload), 0..8)
        .prop_map(|frames| frames.iter().flat_map(|(first, payload)| frame(*first, payload)).collect())
}

/// Cuts `input` at the given places.
fn cut<'a>(input: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|place| place.index(input.len() + 1)).collect();
    places.extend([0, input.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn cuts_make_no_difference(
        input in prop_oneof![4 => frames(), 1 => prop::collection::vec(any::<u8>(), 0..200)],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        deflate in any::<bool>(),
    ) {
        let limits = Limits { deflate, ..LIMITS };
        let whole = decode(&input, &limits);
        prop_assert_eq!(&decode_pieces(cut(&input, &cuts), &limits), &whole);
        prop_assert_eq!(&decode_pieces(input.chunks(1), &limits), &whole);
    }
}
