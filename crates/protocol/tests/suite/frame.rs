//! How an outgoing frame looks on a WebSocket and in a polling payload.

use campanile_protocol::Frame;
use campanile_protocol::deflate::Deflater;

fn text(body: &str) -> Frame {
    Frame::text(body.len(), |out| out.extend_from_slice(body.as_bytes()))
}

#[test]
fn is_small_enough_to_be_copied_into_every_outbox() {
    assert!(size_of::<Frame>() <= 40);
}

#[test]
fn header_takes_the_shortest_form_for_the_length() {
    for (length, header) in [
        (0, &[0x81, 0][..]),
        (125, &[0x81, 125]),
        (126, &[0x81, 126, 0, 126]),
        (0xFFFF, &[0x81, 126, 0xFF, 0xFF]),
        (0x1_0000, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let frame = text(&"x".repeat(length));
        let (start, body) = frame.websocket_bytes().split_at(header.len());
        assert_eq!(start, header, "length {length}");
        assert_eq!(body, frame.body());
        assert_eq!(body.len(), length);
    }
}

#[test]
fn wrong_size_hint_does_no_harm() {
    let frame = Frame::text(0, |out| out.extend_from_slice(b"42[\"a\"]"));
    assert_eq!(frame.websocket_bytes().as_ref(), b"\x81\x0742[\"a\"]");
    assert!(!frame.is_binary());
}

#[test]
fn binary_carries_the_raw_payload() {
    let frame = Frame::binary(&[0, 255]);
    assert_eq!(frame.websocket_bytes().as_ref(), [0x82, 2, 0, 255]);
    assert_eq!(frame.body(), [0, 255]);
    assert!(frame.is_binary());
}

#[test]
fn clones_share_the_bytes() {
    let frame = text("2");
    assert_eq!(frame.websocket_bytes().as_ptr(), frame.clone().websocket_bytes().as_ptr());
}

#[test]
fn compressed_sets_the_first_reserved_bit_and_keeps_the_opcode() {
    let mut deflater = Deflater::new();
    let body = "campanile ".repeat(100);
    let bytes = text(&body).compressed(&mut deflater);
    assert_eq!(bytes[0], 0xC1);
    assert_eq!(usize::from(bytes[1]), bytes.len() - 2);
    assert_eq!(deflater.decompress(&bytes[2..], body.len()).unwrap(), body.as_bytes());
    assert_eq!(Frame::binary(&[7; 500]).compressed(&mut deflater)[0], 0xC2);
}
