//! What the HTTP side knows of the running hub.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use campanile_hub::ShardId;
use campanile_platform::{
    Accounts, Data, Message, Pages, Platform, Pusher, Scenarios, Shards, Traffic, bridge::Registry,
};
use campanile_transport::{Cors, Handle};

use crate::outgoing::HttpClient;

/// Everything that a request may be answered from.
#[derive(Clone)]
pub(crate) struct Hub {
    /// Reaches the shards.
    pub(crate) shards: Handle<Platform>,
    /// Who serves which provider id.
    pub(crate) registry: Arc<Registry>,
    /// Apps, keys, users, sessions.
    pub(crate) accounts: Accounts,
    /// Reaches users.
    pub(crate) pusher: Pusher,
    /// Structures, objects, endpoints.
    pub(crate) data: Data,
    /// Scenarios and their runs.
    pub(crate) scenarios: Scenarios,
    /// What apps show.
    pub(crate) pages: Pages,
    /// Sends the requests of scenarios.
    pub(crate) outgoing: HttpClient,
    /// What flows, for whoever watches.
    pub(crate) traffic: Traffic,
    /// When it began to serve.
    pub(crate) started_at_ms: i64,
    /// Set once the hub is on its way down.
    pub(crate) stopping: Arc<AtomicBool>,
    /// Largest body of a request.
    pub(crate) body_bytes_max: usize,
    /// Time that a body has to arrive.
    pub(crate) body_timeout: Duration,
    /// Whether clients come over TLS.
    pub(crate) is_secure: bool,
    /// Deepest JSON in a body.
    pub(crate) json_depth_max: usize,
    /// Which pages of other origins may call.
    pub(crate) cors: Arc<Cors>,
}

/// The mailboxes of the shards, as the product sees them.
pub(crate) struct Mailboxes(pub(crate) Handle<Platform>);

impl Shards for Mailboxes {
    fn count(&self) -> usize {
        self.0.shards()
    }

    fn send(&self, shard: ShardId, message: Message) -> bool {
        self.0.send(shard, message)
    }
}
