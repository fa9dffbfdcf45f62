//! What the HTTP side knows of the running hub.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use campanile_platform::{Platform, bridge::Registry};
use campanile_transport::{Cors, Handle};

/// Everything that a request may be answered from.
#[derive(Clone)]
pub(crate) struct Hub {
    /// Reaches the shards.
    pub(crate) shards: Handle<Platform>,
    /// Who serves which provider id.
    pub(crate) registry: Arc<Registry>,
    /// Set once the hub is on its way down.
    pub(crate) stopping: Arc<AtomicBool>,
    /// Largest body of a request.
    pub(crate) body_bytes_max: usize,
    /// Time that a body has to arrive.
    pub(crate) body_timeout: Duration,
    /// Deepest JSON in a body.
    pub(crate) json_depth_max: usize,
    /// Which pages of other origins may call.
    pub(crate) cors: Arc<Cors>,
}
