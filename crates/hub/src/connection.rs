//! One Engine.IO session: its transport, its upgrade, its heartbeat, what waits to be sent. Knows no room and no
//! event.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::{
    App, Bucket, Outbox, Reason, Sid, SocketKey, Tenant,
    timers::{Millis, TimerId},
};

/// How a connection's packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

pub(crate) struct Connection<A: App> {
    pub(crate) sid: Sid,
    pub(crate) link: Link,
    pub(crate) upgrade: Upgrade,
    /// Whether the transport has been told that there is something to do.
    pub(crate) dirty: bool,
    /// Whether the last write found the network full.
    pub(crate) blocked: bool,
    pub(crate) awaiting_pong: bool,
    /// Set once the connection is to end; nothing is queued any more.
    pub(crate) closing: Option<Reason>,
    /// Whether it has been given time for its last words.
    pub(crate) lingers: bool,
    pub(crate) opened_at: Millis,
    /// When the next ping is due, or the pong that is awaited.
    pub(crate) heartbeat_at: Millis,
    /// The deadline of its heartbeat, or of its lingering.
    pub(crate) heartbeat: Option<TimerId>,
    /// When it must have joined a namespace.
    pub(crate) connect_deadline: Option<TimerId>,
    pub(crate) outbox: Outbox,
    pub(crate) sockets: SmallVec<[SocketKey; 1]>,
    /// Namespaces that were asked for and not yet answered.
    pub(crate) pending: Vec<Pending<A::Socket>>,
    /// A binary packet whose attachments are still coming.
    pub(crate) assembly: Option<Box<Assembly>>,
    pub(crate) tickets: u32,
    /// Keeps its client to the rate of messages that it may send.
    pub(crate) messages: Bucket,
    pub(crate) peer: Option<A::Peer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Polling { waiting: bool, posting: bool },
    WebSocket,
}

/// How far a move from polling to WebSocket has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upgrade {
    None,
    /// A WebSocket is open for it.
    Opened,
    /// It has been probed; polls are answered at once so that the client can pause.
    Probed,
}

/// A binary packet as far as it has arrived.
pub(crate) struct Assembly {
    pub(crate) packet: String,
    pub(crate) attachments: Vec<Bytes>,
    pub(crate) expected: usize,
    pub(crate) deadline: TimerId,
}

/// A namespace that a client asked for.
pub(crate) struct Pending<S> {
    pub(crate) number: u32,
    pub(crate) namespace: Box<str>,
    pub(crate) auth: Box<str>,
    pub(crate) recover: Option<RecoverRequest>,
    /// The application's answer, where it is asked before the session is looked for.
    pub(crate) admitted: Option<(Tenant, S)>,
}

/// What a client presents to get its session back.
#[derive(Clone, Debug)]
pub(crate) struct RecoverRequest {
    pub(crate) pid: Sid,
    pub(crate) offset: Option<Box<str>>,
    /// When the connection on which it asks was opened.
    pub(crate) opened_at: Millis,
}

impl<A: App> Connection<A> {
    /// How its packets travel at present.
    pub(crate) fn transport(&self) -> Transport {
        match self.link {
            Link::Polling { .. } => Transport::Polling,
            Link::WebSocket => Transport::WebSocket,
        }
    }

    pub(crate) fn new(
        sid: Sid,
        transport: Transport,
        peer: A::Peer,
        opened_at: Millis,
        heartbeat_at: Millis,
    ) -> Self {
        let link = match transport {
            Transport::Polling => Link::Polling { waiting: false, posting: false },
            Transport::WebSocket => Link::WebSocket,
        };
        Self {
            sid,
            link,
            upgrade: Upgrade::None,
            dirty: false,
            blocked: false,
            awaiting_pong: false,
            closing: None,
            lingers: false,
            opened_at,
            heartbeat_at,
            heartbeat: None,
            connect_deadline: None,
            outbox: Outbox::default(),
            sockets: SmallVec::new(),
            pending: Vec::new(),
            assembly: None,
            tickets: 0,
            messages: Bucket::default(),
            peer: Some(peer),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// Whether a packet could go out at once; volatile events are only for those.
    pub(crate) fn is_writable(&self) -> bool {
        match self.link {
            Link::WebSocket => !self.blocked,
            Link::Polling { waiting, .. } => waiting,
        }
    }
}
