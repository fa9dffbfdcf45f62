//! RFC 6455, server side: client bytes to messages, and the few frames that aren't Engine.IO packets.
//!
//! The [`Decoder`] works inside the caller's read buffer and copies only what a read cut in two or a client fragmented.
//! When to answer a ping or a close is the caller's decision; sending, and the HTTP part of the handshake beyond the
//! accept key, happen elsewhere.

mod decoder;
mod header;

pub use decoder::Decoder;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha1::{Digest, Sha1};
use thiserror::Error;

use crate::frame;

/// A control frame carries no more than this.
const CONTROL_BYTES_MAX: usize = 125;

/// What a client may send, and what was agreed with it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The biggest message, inflated and with all its fragments.
    pub message_bytes_max: usize,
    /// The most frames that one message may consist of.
    pub fragments_max: usize,
    /// Whether permessage-deflate was negotiated on this connection.
    pub deflate: bool,
}

/// Something complete from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A ping, to be answered with the same payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong(&'a [u8]),
    /// The closing handshake, with code and reason; nothing that follows it counts.
    Close(Option<u16>, &'a str),
}

/// How a client broke the protocol or a limit. The connection is of no use afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// A client frame without a mask.
    #[error("frame is not masked")]
    Unmasked,
    /// A reserved bit that nothing negotiated gives a meaning to.
    #[error("reserved bit set")]
    ReservedBits,
    /// An opcode that means nothing.
    #[error("reserved opcode")]
    ReservedOpcode,
    /// A control frame of more than 125 bytes.
    #[error("control frame too long")]
    ControlTooLong,
    /// A control frame that isn't final.
    #[error("control frame fragmented")]
    ControlFragmented,
    /// A length written in more bytes than it needs.
    #[error("length not minimal")]
    LengthNotMinimal,
    /// A continuation of nothing, or a new message before the last one was finished.
    #[error("bad continuation")]
    BadContinuation,
    /// Text, or a close reason, that isn't UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A close frame of one byte.
    #[error("bad close payload")]
    BadClosePayload,
    /// A close code that must not be sent.
    #[error("bad close code")]
    BadCloseCode,
    /// A message bigger than allowed.
    #[error("message too big")]
    TooBig,
    /// A message of more fragments than allowed.
    #[error("too many fragments")]
    TooManyFragments,
    /// A compressed message that can't be inflated.
    #[error("bad deflate data")]
    BadDeflate,
}

impl Error {
    /// The close code that tells the client.
    #[must_use]
    pub fn close_code(&self) -> u16 {
        match self {
            Error::InvalidUtf8 | Error::BadDeflate => 1007,
            Error::TooManyFragments => 1008,
            Error::TooBig => 1009,
            _ => 1002,
        }
    }
}

/// The `Sec-WebSocket-Accept` value for a key; `None` unless the key is 16 bytes in base64.
#[must_use]
pub fn accept_key(sec_websocket_key: &str) -> Option<String> {
    let nonce = STANDARD.decode(sec_websocket_key).ok()?;
    if nonce.len() != 16 {
        return None;
    }
    let digest = Sha1::new()
        .chain_update(sec_websocket_key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    Some(STANDARD.encode(digest))
}

/// A close frame. A reason that doesn't fit is cut.
#[must_use]
pub fn close_frame(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(&reason.as_bytes()[..reason.floor_char_boundary(CONTROL_BYTES_MAX - 2)]);
    frame::control(frame::CLOSE, &payload)
}

/// The answer to a ping. A payload longer than a ping's can be is cut.
#[must_use]
pub fn pong_frame(payload: &[u8]) -> Bytes {
    frame::control(frame::PONG, &payload[..payload.len().min(CONTROL_BYTES_MAX)])
}
