//! What an application of the hub looks like: the handlers that a shard calls, and what it calls them with.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use bytes::Bytes;

use crate::{ConnectionKey, Core, Description, SocketKey, Tap, Tenant};

/// The handlers of an application. Each shard owns one value; none of its methods may block.
///
/// What needs a disk or a network is started elsewhere and comes back as a [`App::Message`].
pub trait App: Sized + 'static {
    /// What the application keeps of a connection's HTTP handshake.
    type Peer;
    /// What the application keeps of a socket.
    type Socket;
    /// What the applications of the shards send each other, and what reaches them from outside.
    type Message: Send + 'static;

    /// Decides whether a connection may be opened, before anything is allocated for it.
    ///
    /// # Errors
    /// The reason for the refusal, which the client gets with status 403.
    fn handshake(&mut self, request: &Handshake<'_>) -> Result<Self::Peer, Denied>;

    /// Decides whether a connection may join a namespace.
    fn connect(
        &mut self,
        core: &mut Core<Self>,
        request: &ConnectRequest<'_, Self>,
    ) -> Admission<Self::Socket>;

    /// A socket has joined its namespace; its client has been told. `auth` is what the client presented, as raw JSON.
    fn connected(&mut self, _core: &mut Core<Self>, _socket: SocketKey, _auth: &str) {}

    /// A client sent an event.
    fn event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>);

    /// A socket is about to be forgotten: it can still be read, but nothing reaches its client any more.
    fn disconnected(&mut self, _core: &mut Core<Self>, _socket: SocketKey, _reason: Reason) {}

    /// Another shard's application, or somebody outside, sent a message.
    fn message(&mut self, core: &mut Core<Self>, message: Self::Message);

    /// A deadline set with [`Core::schedule`] has come.
    fn deadline(&mut self, _core: &mut Core<Self>, _token: u64) {}

    /// What to remember of a socket whose connection dropped, for its return.
    fn suspend(&self, _socket: &Self::Socket) -> String {
        String::new()
    }

    /// Whether a client that was admitted anew, as `socket`, may have what a dropped one left behind; `saved` is what
    /// [`App::suspend`] returned. If not, that is forgotten, and the client starts over.
    fn may_recover(&self, _socket: &Self::Socket, _saved: &str) -> bool {
        true
    }

    /// A dropped socket is back, with its id and rooms. What is kept of it is what [`App::connect`] gave for this
    /// connection.
    fn recovered(&mut self, _core: &mut Core<Self>, _socket: SocketKey, _saved: &str) {}

    /// Who may watch what flows through the shard; asked once.
    fn tap(&self) -> Option<Arc<dyn Tap>> {
        None
    }

    /// Who a socket is, for whoever watches.
    fn describe(_socket: &Self::Socket) -> Description {
        Description::default()
    }

    /// An Engine.IO message, before it is read as a Socket.IO packet.
    fn raw(&mut self, _core: &mut Core<Self>, _connection: ConnectionKey, _message: Raw<'_>) -> Taken {
        Taken::No
    }
}

/// Whether [`App::raw`] has dealt with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The message is done with.
    Yes,
    /// The message is to be read as Socket.IO.
    No,
}

/// An Engine.IO message.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// Text, without its type digit.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
}

/// The HTTP request that opens a connection, only readable while [`App::handshake`] runs.
pub struct Handshake<'a> {
    /// The peer's address.
    pub address: IpAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// The query, undecoded, without its `?`.
    pub query: &'a str,
    /// Looks a header up by its lower-case name; of several the first.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
}

/// Why a connection is refused; the text goes to the client.
#[derive(Clone, Debug)]
pub struct Denied(pub String);

/// A client that wants to join a namespace.
pub struct ConnectRequest<'a, A: App> {
    /// Names this request, to answer it later with [`Core::admit`].
    pub ticket: Ticket,
    /// The namespace, `/` or `/name`.
    pub namespace: &'a str,
    /// What the client presented: a raw JSON object, `{}` if it sent none.
    pub auth: &'a str,
    /// What [`App::handshake`] kept.
    pub peer: &'a A::Peer,
}

/// Names a pending [`ConnectRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub(crate) connection: ConnectionKey,
    pub(crate) number: u32,
}

/// The answer to a [`ConnectRequest`]. `S` is what the application keeps of a socket.
#[derive(Clone, Debug)]
pub enum Admission<S> {
    /// Let in, as a member of this tenant, with what is to be kept of the socket.
    Accept(Tenant, S),
    /// Refused with this message and, as raw JSON, data.
    Refuse {
        /// For people.
        message: String,
        /// For programs.
        data: Option<String>,
    },
    /// There is no such namespace.
    UnknownNamespace,
    /// [`Core::admit`] will be called.
    Later,
}

/// An event that a client sent.
#[derive(Debug)]
pub struct Event<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its arguments as raw JSON; binary ones are placeholders.
    pub args: &'a [&'a str],
    /// What the placeholders stand for.
    pub attachments: &'a [Bytes],
    /// Present if the client waits for an ack.
    pub ack: Option<AckId>,
}

/// Names an event that waits for an ack; see [`Core::ack`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AckId(pub(crate) u64);

/// An event to be emitted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packet<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its arguments as raw JSON; binary ones are placeholders.
    pub args: &'a [&'a str],
    /// What the placeholders stand for.
    pub attachments: &'a [Bytes],
    /// Whether it may be dropped by clients that can't take it at once.
    pub delivery: Delivery,
}

/// What happens to an event that a client can't take at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// It waits in the outbox.
    #[default]
    Reliable,
    /// It is dropped for that client, and counted.
    Volatile,
}

/// Which sockets of a namespace are meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target<'a> {
    /// The namespace.
    pub namespace: &'a str,
    /// The tenant.
    pub tenant: Tenant,
    /// Sockets in any of these rooms (a socket's id is a room of its own); everyone if empty.
    pub rooms: &'a [&'a str],
    /// But none that is in one of these.
    pub except: &'a [&'a str],
}

/// What a client answered to an event that asked for an ack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckReply {
    /// Its arguments: one raw JSON array.
    pub args: String,
    /// What placeholders in it stand for.
    pub attachments: Vec<Bytes>,
}

/// Why there is no [`AckReply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// The client didn't answer in time.
    #[error("the client didn't acknowledge the event in time")]
    Timeout,
    /// The client is gone.
    #[error("the client disconnected before it acknowledged the event")]
    Disconnected,
    /// The socket has too many acks outstanding.
    #[error("too many acks are outstanding on this socket")]
    TooMany,
}

/// Why a connection or a socket ended, in the words of Socket.IO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client closed the connection, or its network did.
    TransportClose,
    /// The connection broke, or the client broke the rules of its transport.
    TransportError,
    /// The client didn't answer a ping.
    PingTimeout,
    /// The client sent a malformed Engine.IO packet.
    ParseError,
    /// The client sent what Socket.IO forbids, or never joined a namespace.
    ForcedClose,
    /// The application closed the connection.
    ForcedServerClose,
    /// The client left the namespace.
    ClientNamespaceDisconnect,
    /// The application made the socket leave the namespace.
    ServerNamespaceDisconnect,
    /// The client reads more slowly than it is sent to.
    OutboxOverflow,
    /// The server stops.
    ServerShuttingDown,
}

impl Reason {
    /// The text that Socket.IO's users know.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ForcedClose => "forced close",
            Self::ForcedServerClose => "forced server close",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
            Self::OutboxOverflow => "outbox overflow",
            Self::ServerShuttingDown => "server shutting down",
        }
    }

    /// Whether a closing connection waits for its client to fetch the last words.
    pub(crate) fn lingers(self) -> bool {
        matches!(self, Self::ForcedClose | Self::ForcedServerClose | Self::ServerShuttingDown)
    }

    /// Whether the client may come back and recover its session: it didn't leave on purpose, nor was it sent away.
    #[must_use]
    pub fn is_recoverable(self) -> bool {
        !matches!(self, Self::ClientNamespaceDisconnect | Self::ServerNamespaceDisconnect)
    }
}
