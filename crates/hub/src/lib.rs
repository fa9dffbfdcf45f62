//! The state machine of a real-time hub: connections, sockets, namespaces, rooms, acks, outboxes, limits, recovery.
//!
//! A [`Shard`] owns its connections outright and is driven by one thread: a transport reports what arrived, the shard
//! decodes it, asks the [`App`] and fills outboxes. Time, randomness and bytes come from outside, so the same input
//! gives the same run. Shards know each other by number and exchange [`Envelope`]s, which whoever drives them carries.
//!
//! | Module | Its part |
//! |---|---|
//! | [`mod@shard`] | what a transport may report and ask |
//! | `session` | Socket.IO on a connection: namespaces, events, attachments, recovery |
//! | `core` | what an application may do |
//! | `delivery`, `acks` | broadcasts, and events that ask for an answer |
//! | `space` | who is in which namespace and room |
//! | `connection`, `outbox` | one Engine.IO session and what waits for it |
//! | `recovery`, `snapshot` | the log of past events and the sessions of dropped sockets; both over a restart |
//! | `peer` | what shards say to each other |
//! | `rate` | how often something may happen |
//! | `tap` | what flows, for whoever watches |
//!
//! It knows neither sockets of the operating system nor HTTP, and no word of the product that is built on it.

mod acks;
mod app;
mod connection;
mod core;
mod delivery;
mod id;
mod options;
mod outbox;
mod peer;
mod rate;
mod recovery;
mod session;
pub mod shard;
mod snapshot;
mod space;
mod stats;
mod tap;
mod timers;

pub use crate::{
    acks::{AckCallback, BroadcastAckCallback, BroadcastReplies},
    app::{
        AckError, AckId, AckReply, Admission, App, ConnectRequest, Delivery, Denied, Event, Handshake,
        Packet, Raw, Reason, Taken, Target, Ticket,
    },
    connection::Transport,
    core::{Core, Disconnect, Route},
    id::{ConnectionKey, Random, ShardId, Sid, SidMap, SidText, SocketKey, Tenant},
    options::{Options, RecoveryOptions},
    outbox::{GATHER_MAX, Outbox},
    peer::{Envelope, Frames},
    rate::{Bucket, Rate},
    shard::{Output, PollError, Refusal, Shard, UpgradeStep},
    snapshot::RecoverySnapshot,
    stats::Stats,
    tap::{Content, Description, Flow, Party, Tap, What},
    timers::{Millis, TimerId},
};
