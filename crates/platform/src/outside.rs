//! What lies outside a shard: the mailboxes of all shards, and threads for work that takes time.
//!
//! A handler that needs the disk starts the work here; its result comes back to the shard as a [`Message`].

use std::{future::Future, sync::Arc};

use campanile_hub::{ShardId, Tenant};

use crate::Message;

/// The mailboxes of the shards.
pub trait Shards: Send + Sync + 'static {
    /// How many shards there are.
    fn count(&self) -> usize;
    /// Sends a message to a shard's application. Returns false if there is no such shard any more.
    fn send(&self, shard: ShardId, message: Message) -> bool;
}

/// Reaches the shards, and starts work beside them.
#[derive(Clone)]
pub struct Outside {
    shards: Arc<dyn Shards>,
    runtime: tokio::runtime::Handle,
}

impl Outside {
    /// Work is started on `runtime`.
    #[must_use]
    pub fn new(shards: Arc<dyn Shards>, runtime: tokio::runtime::Handle) -> Self {
        Self { shards, runtime }
    }

    pub(crate) fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    pub(crate) fn send(&self, shard: ShardId, message: Message) -> bool {
        self.shards.send(shard, message)
    }

    /// How many shards there are.
    pub(crate) fn count(&self) -> usize {
        self.shards.count()
    }

    /// The numbers of all shards.
    pub(crate) fn shards(&self) -> impl Iterator<Item = ShardId> + use<> {
        (0..self.count()).map(|shard| shard as ShardId)
    }

    /// The shard that speaks for an app, so that what is said to an app keeps its order.
    pub(crate) fn speaker(&self, app: Tenant) -> ShardId {
        (app.0 as usize % self.count().max(1)) as ShardId
    }
}
