//! The bridge: providers register, clients follow them, get what they broadcast, and send them requests whose replies
//! reach the requester only.
//!
//! | Module | Its part |
//! |---|---|
//! | `events` | the table of events, and what each does |
//! | `registry` | who serves which provider id: one truth for all shards, and a copy on each |
//! | `requests` | requests that somebody waits for |
//! | `payload` | the few fields of a payload that the hub reads or adds |
//! | `api` | the same from outside: list, request, broadcast |
//!
//! A payload is one JSON object and stays raw text: what the hub doesn't know passes through untouched.

mod api;
mod error;
mod events;
mod payload;
mod registry;
mod requests;
mod stats;

use std::sync::Arc;

use campanile_hub::{Core, Route, ShardId, Sid, SocketKey, Tenant};
use serde::{Deserialize, Serialize};

pub(crate) use self::{api::ask, events::is_event};
pub use self::{
    api::{Call, Follower, HttpReply},
    error::{BridgeError, Code},
    payload::ProviderId,
    registry::{Provider, Registry},
    stats::{BridgeStats, LATENCY_BUCKETS_MS},
};
use self::{
    registry::{Change, Directory, Transition},
    requests::Requests,
};
use crate::{
    BridgeOptions, Platform,
    runner::{Happening, Watches},
};

/// The bridge on one shard.
pub(crate) struct Bridge {
    options: Arc<BridgeOptions>,
    registry: Arc<Registry>,
    directory: Directory,
    requests: Requests,
    stats: BridgeStats,
    /// What scenarios wait for.
    watches: Watches,
}

/// What the bridge keeps of a socket.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SocketState {
    /// The provider that it follows.
    follows: Option<ProviderId>,
    /// The providers that it is.
    serves: Vec<Served>,
    /// The providers that it has asked: only their replies reach it.
    asked: Vec<ProviderId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Served {
    provider_id: ProviderId,
    name: Option<Box<str>>,
}

/// What bridges of different shards tell each other, and what they are asked from outside.
pub enum Message {
    /// Who serves a provider id has changed.
    #[doc(hidden)]
    Changed(Arc<Change>),
    /// A request for a provider whose socket is on the receiving shard.
    #[doc(hidden)]
    Request(Box<events::Forwarded>),
    /// The provider of that request was gone before it arrived.
    #[doc(hidden)]
    Undelivered(Box<events::Undelivered>),
    /// A reply for a requester of the receiving shard.
    #[doc(hidden)]
    Reply(Box<events::Reply>),
    /// What became of such a reply, for a provider that asked for an ack.
    #[doc(hidden)]
    Replied(events::Replied),
    /// Something that is asked from outside.
    Call(Call),
}

impl SocketState {
    /// The provider ids that the socket serves.
    pub(crate) fn served(&self) -> Vec<&str> {
        self.serves.iter().map(|served| served.provider_id.as_str()).collect()
    }

    /// Whether the socket follows a provider, or has asked one.
    pub(crate) fn is_client(&self) -> bool {
        self.follows.is_some() || !self.asked.is_empty()
    }
}

type Hub = Core<Platform>;

impl Bridge {
    pub(crate) fn new(options: Arc<BridgeOptions>, registry: Arc<Registry>, watches: Watches) -> Self {
        Self {
            options,
            registry,
            directory: Directory::default(),
            requests: Requests::default(),
            stats: BridgeStats::default(),
            watches,
        }
    }

    pub(crate) fn message(&mut self, core: &mut Hub, message: Message) {
        match message {
            Message::Changed(change) => self.apply(core, &change),
            Message::Request(request) => self.deliver_request(core, *request),
            Message::Undelivered(undelivered) => self.undelivered(core, &undelivered),
            Message::Reply(reply) => self.deliver_reply(core, *reply),
            Message::Replied(replied) => events::acknowledge_reply(core, &replied),
            Message::Call(call) => self.call(core, call),
        }
    }

    pub(crate) fn disconnected(&mut self, core: &mut Hub, socket: SocketKey) {
        self.requests.forget_socket(core, socket);
        let Some(state) = core.data(socket) else { return };
        let served: Vec<ProviderId> = state.bridge.serves.iter().map(|s| s.provider_id.clone()).collect();
        let (Some(sid), Some(app)) = (core.sid(socket), core.tenant(socket)) else { return };
        for provider_id in served {
            if let Some(change) = self.registry.leave(app, &provider_id, sid) {
                self.publish(core, change);
            }
        }
    }

    /// A dropped socket is back in its rooms: what it was beside that is restored.
    pub(crate) fn recovered(&mut self, core: &mut Hub, socket: SocketKey, saved: SocketState) {
        let SocketState { follows, serves, asked } = saved;
        if let Some(state) = core.data_mut(socket) {
            state.bridge.follows = follows;
            state.bridge.asked = asked;
        }
        for Served { provider_id, name } in serves {
            // It may have been taken over meanwhile; then `reject` lets the new one stay.
            if self.serve(core, socket, provider_id.clone(), name).is_err() {
                self.displace(core, socket, &provider_id);
            }
        }
    }

    /// Makes a change known everywhere, here first.
    fn publish(&mut self, core: &mut Hub, change: Change) {
        let provider_id = change.provider_id.as_str().to_owned();
        let happening = match change.transition {
            Transition::CameOnline => Some(Happening::ProviderOnline { provider_id }),
            Transition::WentOffline => Some(Happening::ProviderOffline { provider_id }),
            Transition::Other => None,
        };
        if let Some(happening) = happening {
            self.watches.tell(change.app, happening);
        }
        let change = Arc::new(change);
        self.apply(core, &change);
        let own = core.shard();
        for shard in core.shards().filter(|shard| *shard != own) {
            send(core, shard, Message::Changed(change.clone()));
        }
    }
}

fn send(core: &mut Hub, shard: ShardId, message: Message) {
    core.send(shard, crate::Message::Bridge(message));
}

/// Where to look for the requester with this id: requests from outside have no socket, but their id names a shard.
fn shard_of(core: &Hub, sid: &Sid) -> Option<ShardId> {
    match core.route(sid) {
        Route::Here(_) | Route::Suspended => Some(core.shard()),
        Route::Shard(shard) => Some(shard),
        Route::Gone => (sid.shard() == core.shard()).then(|| core.shard()),
    }
}

/// The room of a provider's followers.
fn followers_room(provider_id: &ProviderId) -> String {
    format!("followers:{}", provider_id.as_str())
}

/// The namespace that the bridge lives in.
const NAMESPACE: &str = "/";

fn followers<'a>(app: Tenant, rooms: &'a [&'a str]) -> campanile_hub::Target<'a> {
    campanile_hub::Target { namespace: NAMESPACE, tenant: app, rooms, except: &[] }
}
