//! Engine.IO 4: packets, and the payloads that carry several of them over long-polling.
//!
//! Knows the letters of the protocol, not its rules: which packet may come when is the session's business.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use crate::Frame;
use crate::json::write_string;

/// Stands between the packets of a payload.
const SEPARATOR: u8 = 0x1E;

/// Writes padding, reads with or without, as Node does.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// An Engine.IO packet from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0`; only a server has reason to send it.
    Open,
    /// `1`: the session ends.
    Close,
    /// `2`, with `probe` during an upgrade.
    Ping(&'a str),
    /// `3`, the answer to a ping.
    Pong(&'a str),
    /// `4`, with what is inside (a Socket.IO packet).
    Message(&'a str),
    /// `5`: the WebSocket takes over.
    Upgrade,
    /// `6`: nothing.
    Noop,
}

/// Why a packet or payload can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// A packet without a single character.
    #[error("empty packet")]
    Empty,
    /// The first character is no packet type.
    #[error("unknown packet type")]
    UnknownType,
    /// A binary packet that isn't base64.
    #[error("binary packet is not base64")]
    BadBase64,
    /// More packets in one payload than allowed.
    #[error("too many packets in one payload")]
    TooManyPackets,
}

/// Reads one text packet. Data behind a type that carries none is ignored, as the reference does.
pub fn decode(text: &str) -> Result<Packet<'_>, Error> {
    let kind = text.as_bytes().first().ok_or(Error::Empty)?;
    let data = text.get(1..).unwrap_or_default();
    Ok(match kind {
        b'0' => Packet::Open,
        b'1' => Packet::Close,
        b'2' => Packet::Ping(data),
        b'3' => Packet::Pong(data),
        b'4' => Packet::Message(data),
        b'5' => Packet::Upgrade,
        b'6' => Packet::Noop,
        _ => return Err(Error::UnknownType),
    })
}

/// A packet from the body of a polling request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled<'a> {
    /// A text packet for [`decode`], its type still in front.
    Text(&'a str),
    /// A binary message.
    Binary(Vec<u8>),
}

/// Splits the body of a polling request into its packets. An empty packet is left to [`decode`] to refuse.
pub fn split_payload(body: &str, packets_max: usize) -> Result<Vec<Polled<'_>>, Error> {
    let mut packets = Vec::new();
    for packet in body.split(char::from(SEPARATOR)) {
        if packets.len() == packets_max {
            return Err(Error::TooManyPackets);
        }
        packets.push(match packet.strip_prefix('b') {
            Some(base64) => Polled::Binary(BASE64.decode(base64).map_err(|_| Error::BadBase64)?),
            None => Polled::Text(packet),
        });
    }
    Ok(packets)
}

/// Joins frames into the answer to a polling request. How many fit is the caller's choice, with [`payload_len`].
#[must_use]
pub fn join_payload<'a>(frames: impl Iterator<Item = &'a Frame>) -> Vec<u8> {
    let mut payload = Vec::new();
    for frame in frames {
        if !payload.is_empty() {
            payload.push(SEPARATOR);
        }
        if frame.is_binary() {
            write_base64(&mut payload, frame.body());
        } else {
            payload.extend_from_slice(frame.body());
        }
    }
    payload
}

/// The bytes that a frame takes in a payload, the separator not counted.
#[must_use]
pub fn payload_len(frame: &Frame) -> usize {
    let length = frame.body().len();
    if frame.is_binary() { 1 + base64_len(length) } else { length }
}

fn write_base64(payload: &mut Vec<u8>, binary: &[u8]) {
    payload.push(b'b');
    let start = payload.len();
    payload.resize(start + base64_len(binary.len()), 0);
    BASE64
        .encode_slice(binary, &mut payload[start..])
        .expect("padded base64 takes four bytes for every three");
}

fn base64_len(length: usize) -> usize {
    length.div_ceil(3) * 4
}

/// What the open packet announces.
#[derive(Clone, Copy, Debug)]
pub struct Open<'a> {
    /// The Engine.IO session id.
    pub sid: &'a str,
    /// Whether the client may go on to WebSocket.
    pub upgrade_to_websocket: bool,
    /// How often the server pings.
    pub ping_interval_ms: u64,
    /// How long it waits for the pong.
    pub ping_timeout_ms: u64,
    /// The biggest message that the server takes.
    pub max_payload_bytes: usize,
}

/// The first packet of a session.
#[must_use]
pub fn open_frame(open: &Open<'_>) -> Frame {
    let upgrades = if open.upgrade_to_websocket { r#"["websocket"]"# } else { "[]" };
    let rest = format!(
        r#","upgrades":{upgrades},"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
        open.ping_interval_ms, open.ping_timeout_ms, open.max_payload_bytes,
    );
    Frame::text(open.sid.len() + rest.len() + 10, |out| {
        out.extend_from_slice(b"0{\"sid\":");
        write_string(out, open.sid);
        out.extend_from_slice(rest.as_bytes());
    })
}
