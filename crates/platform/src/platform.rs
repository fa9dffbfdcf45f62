//! The application on a shard: who may connect, and which part of the product an event belongs to.

use std::{net::IpAddr, sync::Arc};

use campanile_hub::{
    Admission, App, ConnectRequest, Core, Denied, Event, Handshake, Reason, SocketKey, Tenant,
};
use serde::{Deserialize, Serialize};

use crate::{BridgeOptions, bridge};

/// The built-in app `public`: everyone who presents no credentials, with an open bridge.
pub const PUBLIC: Tenant = Tenant(0);

/// The product, as it runs on one shard.
pub struct Platform {
    bridge: bridge::Bridge,
}

/// What is kept of a connection's handshake.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The client's address.
    pub address: IpAddr,
}

/// What is kept of a socket.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SocketState {
    pub(crate) bridge: bridge::SocketState,
}

/// What shards send each other, and what reaches them from outside.
pub enum Message {
    /// For the bridge.
    Bridge(bridge::Message),
}

impl Platform {
    /// The product on one shard. All shards share the registry.
    #[must_use]
    pub fn new(options: Arc<BridgeOptions>, registry: Arc<bridge::Registry>) -> Self {
        Self { bridge: bridge::Bridge::new(options, registry) }
    }
}

impl App for Platform {
    type Peer = Peer;
    type Socket = SocketState;
    type Message = Message;

    fn handshake(&mut self, request: &Handshake<'_>) -> Result<Peer, Denied> {
        Ok(Peer { address: request.address })
    }

    fn connect(&mut self, _core: &mut Core<Self>, request: &ConnectRequest<'_, Self>) -> Admission<SocketState> {
        match request.namespace {
            "/" => Admission::Accept(PUBLIC, SocketState::default()),
            _ => Admission::UnknownNamespace,
        }
    }

    fn event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        self.bridge.event(core, socket, event);
    }

    fn disconnected(&mut self, core: &mut Core<Self>, socket: SocketKey, _reason: Reason) {
        self.bridge.disconnected(core, socket);
    }

    fn message(&mut self, core: &mut Core<Self>, message: Message) {
        match message {
            Message::Bridge(message) => self.bridge.message(core, message),
        }
    }

    fn deadline(&mut self, core: &mut Core<Self>, token: u64) {
        self.bridge.deadline(core, token);
    }

    fn suspend(&self, socket: &SocketState) -> String {
        serde_json::to_string(socket).unwrap_or_default()
    }

    fn recovered(&mut self, core: &mut Core<Self>, socket: SocketKey, saved: &str) {
        if let Ok(state) = serde_json::from_str::<SocketState>(saved) {
            self.bridge.recovered(core, socket, state.bridge);
        }
    }
}
