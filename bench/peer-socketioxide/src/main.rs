//! The bridge's events on socketioxide: `peer-socketioxide PORT current|multi`. Same checks and same answers as the hub
//! on the paths that are measured; what the hub does beside them (timeouts, duplicate providers, limits) isn't here,
//! which makes this peer's work lighter. `flood` is for the measurement of many events in one handler only.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::serve::ListenerExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, SocketRef},
    handler::ConnectHandler,
    socket::Sid,
};
use tokio::{net::TcpSocket, runtime};

type Payload = Map<String, Value>;

/// What all sockets share.
#[derive(Default)]
struct Bridge {
    providers: Mutex<HashMap<String, Sid>>,
    requests: AtomicU64,
}

impl Bridge {
    fn provider(&self, provider_id: &str) -> Option<Sid> {
        self.providers.lock().unwrap_or_else(PoisonError::into_inner).get(provider_id).copied()
    }
}

/// The provider id that a socket serves.
#[derive(Clone)]
struct Serves(Arc<str>);

/// The provider id that a socket follows.
#[derive(Clone)]
struct Follows(Arc<str>);

/// The provider ids that a socket has asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    fn add(&self, provider_id: &str) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.iter().any(|id| id == provider_id) {
            asked.push(provider_id.to_owned());
        }
    }

    fn contains(&self, provider_id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|id| id == provider_id)
    }
}

#[derive(Deserialize)]
struct ProviderRegistration {
    provider_id: String,
}

#[derive(Deserialize)]
struct ClientRegistration {
    master_provider_id: String,
}

#[derive(Deserialize)]
struct Flood {
    count: usize,
    payload: Payload,
}

fn room(provider_id: &str) -> String {
    format!("followers:{provider_id}")
}

/// Handlers are attached before the client is told that it is connected, so that none of its events comes too early.
async fn attach(socket: SocketRef, bridge: Arc<Bridge>) -> Result<(), Infallible> {
    let shared = bridge.clone();
    socket.on("register_provider", async move |socket: SocketRef, Data(payload), ack: AckSender| {
        let _ = ack.send(&register_provider(&shared, &socket, payload));
    });
    let shared = bridge.clone();
    socket.on("register_client", async move |socket: SocketRef, Data(payload), ack: AckSender| {
        let _ = ack.send(&register_client(&shared, &socket, payload));
    });
    socket.on("sent_to_my_clients", async |socket, io, Data::<Payload>(payload), ack: AckSender| {
        let _ = ack.send(&broadcast(&socket, &io, &payload).await);
    });
    let shared = bridge.clone();
    socket.on("request_provider", async move |socket, io, Data(payload), ack: AckSender| {
        if let Some(error) = request_provider(&shared, &socket, &io, payload) {
            let _ = ack.send(&error);
        }
    });
    socket.on("provider_reply", async |socket, io, Data::<Payload>(payload), ack: AckSender| {
        let _ = ack.send(&provider_reply(&socket, &io, &payload));
    });
    socket.on("flood", async |socket, io, Data(Flood { count, payload }), ack: AckSender| {
        for _ in 0..count {
            broadcast(&socket, &io, &payload).await;
        }
        let _ = ack.send(&json!({"ok": true}));
    });
    socket.on_disconnect(async move |socket: SocketRef| {
        let mut providers = bridge.providers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Serves(id)) = socket.extensions.get()
            && providers.get(&*id) == Some(&socket.id)
        {
            providers.remove(&*id);
        }
    });
    Ok(())
}

fn register_provider(bridge: &Bridge, socket: &SocketRef, payload: ProviderRegistration) -> Value {
    let ProviderRegistration { provider_id } = payload;
    socket.extensions.insert(Serves(provider_id.as_str().into()));
    let mut providers = bridge.providers.lock().unwrap_or_else(PoisonError::into_inner);
    providers.insert(provider_id.clone(), socket.id);
    json!({"ok": true, "provider_id": provider_id})
}

fn register_client(bridge: &Bridge, socket: &SocketRef, payload: ClientRegistration) -> Value {
    let id = payload.master_provider_id;
    let follows: Option<Follows> = socket.extensions.get();
    if follows.as_ref().is_none_or(|follows| *follows.0 != *id) {
        if let Some(Follows(former)) = follows {
            socket.leave(room(&former));
        }
        socket.extensions.insert(Follows(id.as_str().into()));
        socket.join(room(&id));
    }
    json!({"ok": true, "provider_id": id, "online": bridge.provider(&id).is_some()})
}

async fn broadcast(socket: &SocketRef, io: &SocketIo, payload: &Payload) -> Value {
    let Some(Serves(own)) = socket.extensions.get() else { return json!({"error": {"code": "not_owner"}}) };
    if payload.get("provider_id").is_some_and(|named| named.as_str() != Some(&*own)) {
        return json!({"error": {"code": "not_owner"}});
    }
    // An error means that some sockets' buffers are full; what they miss is what is measured.
    let _ = io.to(room(&own)).emit("message_from_provider", payload).await;
    json!({"ok": true})
}

fn request_provider(
    bridge: &Bridge,
    socket: &SocketRef,
    io: &SocketIo,
    mut payload: Payload,
) -> Option<Value> {
    let offline = || Some(json!({"error": {"code": "provider_offline"}}));
    let Some(provider_id) = payload.get("to_provider_id").and_then(Value::as_str) else { return offline() };
    let provider = bridge.provider(provider_id).and_then(|sid| io.get_socket(sid));
    let Some(provider) = provider else { return offline() };
    let asked = socket.extensions.get::<Asked>().unwrap_or_else(|| {
        let asked = Asked::default();
        socket.extensions.insert(asked.clone());
        asked
    });
    asked.add(provider_id);
    payload.insert("request_from".into(), socket.id.as_str().into());
    if !payload.contains_key("request_id") {
        let number = bridge.requests.fetch_add(1, Ordering::Relaxed);
        payload.insert("request_id".into(), format!("{number:x}").into());
    }
    let _ = provider.emit("new_request", &payload);
    None
}

fn provider_reply(socket: &SocketRef, io: &SocketIo, payload: &Payload) -> Value {
    let unknown = || json!({"error": {"code": "unknown_request"}});
    let Some(Serves(own)) = socket.extensions.get() else { return unknown() };
    let requester = payload.get("request_from").and_then(Value::as_str).and_then(|sid| sid.parse().ok());
    let Some(requester) = requester.and_then(|sid: Sid| io.get_socket(sid)) else { return unknown() };
    if !requester.extensions.get::<Asked>().is_some_and(|asked| asked.contains(&own)) {
        return unknown();
    }
    let _ = requester.emit("provider_reply", payload);
    json!({"ok": true})
}

async fn connected() {}

async fn serve(port: u16) -> std::io::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    let bridge = Arc::new(Bridge::default());
    io.ns("/", connected.with(move |socket: SocketRef| attach(socket, bridge.clone())));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4096)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, axum::Router::new().layer(layer)).await
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let (Some(port), Some(threads)) = (arguments.get(1).and_then(|port| port.parse().ok()), arguments.get(2))
    else {
        return Err(std::io::Error::other("usage: peer-socketioxide PORT current|multi"));
    };
    let mut builder = match threads.as_str() {
        "multi" => runtime::Builder::new_multi_thread(),
        _ => runtime::Builder::new_current_thread(),
    };
    builder.worker_threads(2).enable_all().build()?.block_on(serve(port))
}
