//! What shards say to each other. Between any two of them messages keep their order.

use std::sync::Arc;

use bytes::Bytes;
use campanile_protocol::Frame;
use smallvec::SmallVec;

use crate::{
    AckReply, Delivery, ShardId, Sid, Tenant, Ticket, connection::RecoverRequest, recovery::Session,
};

/// The frames of one packet: its header and its attachments.
pub type Frames = SmallVec<[Frame; 1]>;

/// A message from one shard to another.
pub struct Envelope<M>(pub(crate) Note<M>);

pub(crate) enum Note<M> {
    App(M),
    Broadcast(Arc<Broadcast>),
    BroadcastWithAck { broadcast: Arc<Broadcast>, id: u64, timeout_ms: u64 },
    AckReplies { id: u64, replies: Vec<AckReply>, missing: usize },
    Sockets { selection: Arc<Selection>, action: Action },
    Recover { request: RecoverRequest, namespace: Box<str>, ticket: Ticket, back: ShardId },
    Recovered { ticket: Ticket, session: Option<Box<Moved>> },
    Moved { ids: [Sid; 2], to: ShardId },
    Gone { ids: [Sid; 2], travels: Vec<ShardId> },
}

/// Which sockets, in owned form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) namespace: Box<str>,
    pub(crate) tenant: Tenant,
    pub(crate) rooms: Vec<Box<str>>,
    pub(crate) except: Vec<Box<str>>,
}

/// An event for a selection, encoded once for all shards.
pub(crate) struct Broadcast {
    pub(crate) selection: Selection,
    pub(crate) frames: Frames,
    pub(crate) delivery: Delivery,
    /// The origin's count of its recoverable broadcasts; 0 for those that aren't.
    pub(crate) number: u64,
    /// For broadcasts with ack: the event without its ack id, which each shard gives anew.
    pub(crate) event: Option<OwnedEvent>,
}

pub(crate) struct OwnedEvent {
    pub(crate) name: Box<str>,
    pub(crate) args: Vec<Box<str>>,
    pub(crate) attachments: Vec<Bytes>,
}

/// What is done to selected sockets.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Join(Box<str>),
    Leave(Box<str>),
    Disconnect(crate::Disconnect),
    /// What dropped sockets left behind is forgotten.
    Forget,
}

/// A session on its way to another shard.
pub(crate) struct Moved {
    pub(crate) session: Session,
    pub(crate) missed: Vec<Frames>,
    /// Which broadcasts of each shard are accounted for in `missed`.
    pub(crate) seen: Vec<u64>,
}
