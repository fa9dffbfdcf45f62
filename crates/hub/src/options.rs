//! What an operator may set on the state machine. Every limit has a name with its unit, and a counter in
//! [`crate::Stats`] for when it strikes.

use std::time::Duration;

use crate::Rate;

/// Settings and limits of one [`crate::Shard`]; all shards of a server share one copy.
#[derive(Clone, Debug)]
pub struct Options {
    /// Time between the server's pings.
    pub ping_interval: Duration,
    /// Time the client has to answer a ping before its connection is closed.
    pub ping_timeout: Duration,
    /// Time an opened WebSocket has to complete its upgrade before it is closed.
    pub upgrade_timeout: Duration,
    /// Time a connection may live without having joined a namespace.
    pub connect_timeout: Duration,
    /// Whether a client that starts with long-polling is offered WebSocket.
    pub allow_upgrades: bool,
    /// Largest message a client may send, announced to it as `maxPayload`.
    pub max_payload_bytes: usize,
    /// Packets that one polling answer holds at most; python-engineio refuses more than 16.
    pub poll_packets_max: usize,
    /// Bytes that may wait for one connection; above it volatile events are dropped, then the connection is cut.
    pub outbox_bytes_max: usize,
    /// Rooms one socket may be in.
    pub rooms_per_socket_max: usize,
    /// Namespaces one connection may be in.
    pub namespaces_per_connection_max: usize,
    /// Binary attachments one packet may declare.
    pub attachments_max: usize,
    /// Time the attachments of a packet have to arrive after its header.
    pub attachments_timeout: Duration,
    /// Depth to which JSON values may be nested.
    pub json_depth_max: usize,
    /// Server-to-client acks one socket may have outstanding.
    pub acks_per_socket_max: usize,
    /// Messages a connection may send before its transport is asked to wait; `None` is no limit.
    pub messages_per_connection: Option<Rate>,
    /// Connections this shard may hold.
    pub connections_max: usize,
    /// Connection state recovery; `None` turns it off.
    pub recovery: Option<RecoveryOptions>,
}

/// Settings of connection state recovery.
#[derive(Clone, Debug)]
pub struct RecoveryOptions {
    /// How long the state of a dropped connection is kept.
    pub max_disconnection: Duration,
    /// Bytes of past packets one shard keeps; older ones are forgotten first.
    pub log_bytes_max: usize,
    /// Dropped sessions one shard keeps; the oldest are forgotten first.
    pub sessions_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_millis(25_000),
            ping_timeout: Duration::from_millis(20_000),
            upgrade_timeout: Duration::from_millis(10_000),
            connect_timeout: Duration::from_millis(45_000),
            allow_upgrades: true,
            max_payload_bytes: 1_000_000,
            poll_packets_max: 16,
            outbox_bytes_max: 4 << 20,
            rooms_per_socket_max: 1_000,
            namespaces_per_connection_max: 32,
            attachments_max: 10,
            attachments_timeout: Duration::from_millis(10_000),
            json_depth_max: 256,
            acks_per_socket_max: 1_000,
            messages_per_connection: Some(Rate { per_s: 10_000, burst: 20_000 }),
            connections_max: 1_000_000,
            recovery: None,
        }
    }
}

impl Default for RecoveryOptions {
    fn default() -> Self {
        Self {
            max_disconnection: Duration::from_millis(120_000),
            log_bytes_max: 64 << 20,
            sessions_max: 100_000,
        }
    }
}
