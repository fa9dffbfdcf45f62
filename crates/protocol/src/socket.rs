//! Socket.IO 5 packets: reads what an Engine.IO message carries, and writes frames.
//!
//! Arguments stay raw JSON. A packet that comes out of [`decode`] is well-formed by the rules of the protocol; whether its
//! sender has joined the namespace, or the event means anything, is decided elsewhere, and so is the waiting for
//! attachments.

mod decode;
mod encode;
mod placeholders;

pub use decode::decode;
pub use encode::{ack, connect, connect_error, disconnect, event};

use std::borrow::Cow;

use smallvec::SmallVec;
use thiserror::Error;

use crate::json;

/// What a packet is. Binary events and acks are those with attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Joins a namespace, or confirms that.
    Connect,
    /// Leaves a namespace.
    Disconnect,
    /// An event with its arguments.
    Event,
    /// The answer to an event that asked for one.
    Ack,
    /// A refusal to let somebody join.
    ConnectError,
}

/// A packet, borrowing from the text it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What the packet is.
    pub kind: Kind,
    /// How many binary messages follow and belong to it.
    pub attachments: usize,
    /// The namespace; `/` when the packet names none.
    pub namespace: &'a str,
    /// The ack id: asked for by an event, answered by an ack.
    pub id: Option<u64>,
    /// The raw JSON payload, trimmed; empty when there is none.
    pub data: &'a str,
    /// The raw items of `data` for events and acks.
    pub items: SmallVec<[&'a str; 4]>,
}

/// What a packet may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most attachments of one packet.
    pub attachments_max: usize,
    /// How many arrays and objects may be nested, the outermost array included.
    pub json_depth_max: usize,
}

/// Why a packet can't be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// No packet at all, or one of an unknown type.
    #[error("unknown packet type")]
    UnknownType,
    /// The number of attachments is missing or zero, or isn't a number.
    #[error("bad number of attachments")]
    BadAttachments,
    /// More attachments than allowed.
    #[error("too many attachments")]
    TooManyAttachments,
    /// An ack id that doesn't fit 64 bits.
    #[error("bad ack id")]
    BadId,
    /// The payload isn't JSON, or is nested too deeply.
    #[error("bad payload: {0}")]
    Json(#[from] json::JsonError),
    /// The payload isn't what a packet of this kind carries.
    #[error("invalid payload")]
    InvalidPayload,
    /// An event name that only the library itself may use.
    #[error("reserved event name")]
    ReservedEvent,
    /// A placeholder that stands for none of the attachments.
    #[error("illegal attachment placeholder")]
    BadPlaceholder,
}

/// The name of an event, from the first item of its packet: a string decoded, a number as written.
#[must_use]
pub fn event_name(first_item: &str) -> Cow<'_, str> {
    json::string(first_item).unwrap_or(Cow::Borrowed(first_item))
}
