//! One outgoing Engine.IO packet, encoded once and shared by all recipients.
//!
//! A frame knows how it looks on a WebSocket and what its bare body is, which is what long-polling needs. It doesn't know
//! what the body says.

use bytes::{Buf, Bytes};

use crate::deflate::Deflater;

/// The longest header of an unmasked frame: two bytes and a 64-bit length.
const HEADER_BYTES_MAX: usize = 10;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;

pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PONG: u8 = 0xA;

/// An encoded Engine.IO packet. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Frame {
    /// WebSocket header, then body.
    bytes: Bytes,
    body_at: u8,
    binary: bool,
}

impl Frame {
    /// A text frame whose body `write` appends to the buffer, Engine.IO packet type included (`42["a"]`).
    ///
    /// The body must be valid UTF-8. What is in the buffer already is room for the header and must be left alone.
    /// `size_hint` is the expected length of the body; when it is right, the body is neither moved nor reallocated.
    pub fn text(size_hint: usize, write: impl FnOnce(&mut Vec<u8>)) -> Frame {
        let mut buffer = Vec::with_capacity(HEADER_BYTES_MAX + size_hint);
        buffer.resize(HEADER_BYTES_MAX, 0);
        write(&mut buffer);
        debug_assert!(std::str::from_utf8(&buffer[HEADER_BYTES_MAX..]).is_ok(), "text frame is not UTF-8");
        let (bytes, body_at) = finish(buffer, FIN | TEXT);
        Frame { bytes, body_at, binary: false }
    }

    /// An Engine.IO binary message: on a WebSocket the raw payload in a binary frame.
    #[must_use]
    pub fn binary(payload: &[u8]) -> Frame {
        let (bytes, body_at) = encode(FIN | BINARY, payload);
        Frame { bytes, body_at, binary: true }
    }

    /// A WebSocket frame that is encoded already: a control frame, or one whose body is compressed. It has no body for
    /// long-polling.
    #[must_use]
    pub fn from_wire(bytes: Bytes) -> Frame {
        let body_at = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        Frame { bytes, body_at, binary: false }
    }

    /// Header and body: what goes on a WebSocket.
    #[must_use]
    pub fn websocket_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What goes into a polling payload, before base64 for a binary frame.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.bytes[usize::from(self.body_at)..]
    }

    /// The body without a copy, sharing the frame's memory.
    #[must_use]
    pub fn body_bytes(&self) -> Bytes {
        self.bytes.slice(usize::from(self.body_at)..)
    }

    /// Whether the body is a binary message.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.binary
    }

    /// The whole WebSocket frame with a deflated body, for connections that negotiated compression.
    #[must_use]
    pub fn compressed(&self, deflater: &mut Deflater) -> Bytes {
        let opcode = if self.binary { BINARY } else { TEXT };
        encode(FIN | RSV1 | opcode, &deflater.compress(self.body())).0
    }
}

/// A control frame; the payload must already fit (125 bytes).
pub(crate) fn control(opcode: u8, payload: &[u8]) -> Bytes {
    encode(FIN | opcode, payload).0
}

fn encode(first: u8, payload: &[u8]) -> (Bytes, u8) {
    let mut buffer = Vec::with_capacity(HEADER_BYTES_MAX + payload.len());
    buffer.resize(HEADER_BYTES_MAX, 0);
    buffer.extend_from_slice(payload);
    finish(buffer, first)
}

/// Puts the header right before the body, which starts at `HEADER_BYTES_MAX`, and tells how long the header is.
fn finish(mut buffer: Vec<u8>, first: u8) -> (Bytes, u8) {
    let length = buffer.len() - HEADER_BYTES_MAX;
    let mut header = [0; HEADER_BYTES_MAX];
    header[0] = first;
    let header_len: u8 = if length < 126 {
        header[1] = length as u8;
        2
    } else if let Ok(length) = u16::try_from(length) {
        header[1] = 126;
        header[2..4].copy_from_slice(&length.to_be_bytes());
        4
    } else {
        header[1] = 127;
        header[2..].copy_from_slice(&(length as u64).to_be_bytes());
        10
    };
    let start = HEADER_BYTES_MAX - usize::from(header_len);
    buffer[start..HEADER_BYTES_MAX].copy_from_slice(&header[..usize::from(header_len)]);
    let mut bytes = Bytes::from(buffer);
    // `advance` keeps the buffer unshared, where `slice` would allocate a counter at once.
    bytes.advance(start);
    (bytes, header_len)
}
