//! What flows through a shard, shown to whoever watches: comings and goings, events and acks in both directions.
//!
//! A tap is called in the middle of the shard's work, so it copies what it wants and returns. While nobody watches, it
//! costs one question per event.

use std::sync::Arc;

use bytes::Bytes;
use campanile_protocol::socket;

use crate::{App, Core, Frames, Reason, ShardId, Sid, SocketKey, Tenant, peer::Selection};

/// Somebody who may watch; see [`App::tap`].
pub trait Tap: Send + Sync {
    /// Whether anybody watches at present.
    fn is_on(&self) -> bool;
    /// Something happened. Must not block.
    fn flow(&self, flow: &Flow<'_>);
}

/// Something that happened on a shard.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    /// Where.
    pub shard: ShardId,
    /// In which namespace.
    pub namespace: &'a str,
    /// Of which tenant.
    pub tenant: Tenant,
    /// Whose socket it happened to; a broadcast has none.
    pub party: Option<&'a Party>,
    /// What.
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// A socket joined its namespace, or is back.
    Connected,
    /// A socket is gone.
    Disconnected(Reason),
    /// A socket joined a room.
    Joined(&'a str),
    /// A socket left a room.
    Left(&'a str),
    /// A client sent an event.
    Received(Content<'a>),
    /// An event was emitted to one socket.
    Sent(Content<'a>),
    /// An event was broadcast. Each shard tells of its own sockets.
    Broadcast {
        /// Sockets in any of these rooms, everyone if empty.
        rooms: &'a [Box<str>],
        /// How many sockets of this shard it went to.
        receivers: usize,
        /// The event.
        content: Content<'a>,
    },
    /// A client acknowledged an event.
    AckReceived(Content<'a>),
    /// A client's event was acknowledged.
    AckSent(Content<'a>),
}

/// A socket, as the application describes it.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its id.
    pub sid: Sid,
    /// Who that is.
    pub description: Description,
}

/// Who a socket is, in words for people; see [`App::describe`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// What it does, a word of the application.
    pub role: &'static str,
    /// What it is called, empty if it has no name.
    pub name: Box<str>,
}

/// An event or an ack.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The event's name; empty for an ack.
    pub event: &'a str,
    /// Its arguments as raw JSON; binary ones are placeholders.
    pub args: &'a [&'a str],
    /// Bytes of what the placeholders stand for.
    pub attached_bytes: usize,
}

impl<'a> Content<'a> {
    pub(crate) fn event(event: &'a str, args: &'a [&'a str], attachments: &[Bytes]) -> Self {
        Self { event, args, attached_bytes: attachments.iter().map(Bytes::len).sum() }
    }

    pub(crate) fn ack(args: &'a [&'a str], attachments: &[Bytes]) -> Self {
        Self::event("", args, attachments)
    }
}

impl<A: App> Core<A> {
    /// The tap, if anybody watches.
    pub(crate) fn tap(&self) -> Option<Arc<dyn Tap>> {
        self.tap.as_ref().filter(|tap| tap.is_on()).cloned()
    }

    /// Tells of something that one socket does or gets.
    pub(crate) fn tell(&self, tap: &dyn Tap, socket: SocketKey, what: What<'_>) {
        let Some(record) = self.sockets.get(socket) else { return };
        let Some(space) = self.spaces.space(record.space) else { return };
        let party = Party { sid: record.sid, description: A::describe(&record.data) };
        let (namespace, tenant) = (&*space.namespace, space.tenant);
        tap.flow(&Flow { shard: self.id, namespace, tenant, party: Some(&party), what });
    }

    /// Tells of a broadcast from its frames, which are all that the other shards have of it.
    pub(crate) fn tell_broadcast(
        &self,
        tap: &dyn Tap,
        selection: &Selection,
        frames: &Frames,
        receivers: usize,
    ) {
        let Some((header, attachments)) = frames.split_first() else { return };
        let limits = socket::Limits { attachments_max: attachments.len(), json_depth_max: usize::MAX };
        let text = std::str::from_utf8(header.body().get(1..).unwrap_or_default());
        let Some(packet) = text.ok().and_then(|text| socket::decode(text, &limits).ok()) else { return };
        let Some((first, args)) = packet.items.split_first() else { return };
        let name = socket::event_name(first);
        let attached_bytes = attachments.iter().map(|frame| frame.body().len()).sum();
        let content = Content { event: &name, args, attached_bytes };
        let what = What::Broadcast { rooms: &selection.rooms, receivers, content };
        let Selection { namespace, tenant, .. } = selection;
        tap.flow(&Flow { shard: self.id, namespace, tenant: *tenant, party: None, what });
    }
}
