//! A server with the handlers that the official Engine.IO and Socket.IO protocol suites expect, and some more for the
//! suite of this project. It shows what a program of one's own on top of the hub looks like: an [`App`] with a
//! handler per event, two namespaces, admission by token, acks both ways.
//!
//! `cargo run -p campanile-transport --example conformance -- --listen 127.0.0.1:3000`

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use campanile_hub::{
    AckReply, Admission, App, ConnectRequest, ConnectionKey, Core, Delivery, Denied, Disconnect, Event,
    Handshake, Options as HubOptions, Packet, Rate, Raw, Reason, RecoveryOptions, SocketKey, Taken, Target,
    Tenant,
};
use campanile_protocol::{Frame, json};
use campanile_transport::{Cookie, Cors, Former, Options, Origins, Server};

struct Conformance {
    mode: Mode,
    /// Why the last socket went, on whatever shard.
    last_disconnect: Arc<Mutex<&'static str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    SocketIo,
    /// Echoes Engine.IO messages.
    EngineOnly,
}

/// What a handler gets: everything about one event.
type Call<'a> = (SocketKey, &'a Event<'a>);

impl App for Conformance {
    type Peer = ();
    type Socket = ();
    type Message = ();

    fn handshake(&mut self, _request: &Handshake<'_>) -> Result<(), Denied> {
        Ok(())
    }

    fn connect(
        &mut self,
        _core: &mut Core<Self>,
        request: &ConnectRequest<'_, Self>,
    ) -> Admission<Self::Socket> {
        let token = json::get(request.auth, "token").and_then(json::string);
        match request.namespace {
            "/" | "/custom" => Admission::Accept(Tenant::default(), ()),
            "/admission" if token.as_deref() == Some("let-me-in") => Admission::Accept(Tenant::default(), ()),
            "/admission" => Admission::Refuse {
                message: "not allowed".to_owned(),
                data: Some(r#"{"code":"denied"}"#.to_owned()),
            },
            _ => Admission::UnknownNamespace,
        }
    }

    fn connected(&mut self, core: &mut Core<Self>, socket: SocketKey, auth: &str) {
        core.emit(socket, &Packet { name: "auth", args: &[auth], ..Packet::default() });
    }

    fn event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        let call = (socket, event);
        match &*event.name {
            "message" => message(core, call),
            "message-with-ack" => answer(core, call, event.args),
            "emit-with-ack" => emit_with_ack(core, call),
            "disconnect-me" => disconnect_me(core, call),
            "join" => join(core, call),
            "leave" => leave(core, call),
            "to-room" | "to-all" | "to-room-except" | "volatile" => broadcast(core, call),
            "panic" => panic!("a client asked for it"),
            "broadcast-ack" => broadcast_ack(core, call),
            "last-disconnect" => {
                let reason = format!("\"{}\"", self.last_disconnect.lock().map_or("", |last| *last));
                answer(core, call, &[&reason]);
            }
            _ => {}
        }
    }

    fn disconnected(&mut self, _core: &mut Core<Self>, _socket: SocketKey, reason: Reason) {
        if let Ok(mut last) = self.last_disconnect.lock() {
            *last = reason.as_str();
        }
    }

    fn message(&mut self, _core: &mut Core<Self>, (): ()) {}

    fn raw(&mut self, core: &mut Core<Self>, connection: ConnectionKey, message: Raw<'_>) -> Taken {
        if self.mode == Mode::SocketIo {
            return Taken::No;
        }
        let frame = match message {
            Raw::Text(text) => Frame::text(text.len() + 1, |out| {
                out.push(b'4');
                out.extend_from_slice(text.as_bytes());
            }),
            Raw::Binary(bytes) => Frame::binary(bytes),
        };
        core.send_raw(connection, frame);
        Taken::Yes
    }
}

type State = Core<Conformance>;

fn answer(core: &mut State, (socket, event): Call<'_>, args: &[&str]) {
    if let Some(ack) = event.ack {
        core.ack(socket, ack, args, event.attachments);
    }
}

fn message(core: &mut State, (socket, event): Call<'_>) {
    let packet = Packet {
        name: "message-back",
        args: event.args,
        attachments: event.attachments,
        delivery: Delivery::Reliable,
    };
    core.emit(socket, &packet);
}

fn text(args: &[&str], index: usize) -> String {
    args.get(index).and_then(|raw| json::string(raw)).unwrap_or_default().into_owned()
}

fn emit_with_ack(core: &mut State, (socket, event): Call<'_>) {
    let name = text(event.args, 0);
    let args = event.args.get(1..).unwrap_or_default();
    let packet = Packet { name: &name, args, attachments: event.attachments, ..Packet::default() };
    let report = move |_: &mut Conformance, core: &mut State, reply: Result<AckReply, _>| {
        let args = match &reply {
            Ok(reply) => json::array_items(&reply.args, 64).map(|items| [&["null"], &*items].concat()),
            Err(_) => Ok(vec!["\"timeout\""]),
        };
        let attachments = reply.as_ref().map(|reply| &*reply.attachments).unwrap_or_default();
        let args = args.unwrap_or_default();
        core.emit(socket, &Packet { name: "ack-result", args: &args, attachments, ..Packet::default() });
    };
    core.emit_with_ack(socket, &packet, Duration::from_millis(200), Box::new(report));
}

fn disconnect_me(core: &mut State, (socket, event): Call<'_>) {
    let how = match event.args {
        ["true", ..] => Disconnect::Connection,
        _ => Disconnect::Socket,
    };
    core.disconnect(socket, how);
}

fn join(core: &mut State, (socket, event): Call<'_>) {
    core.join(socket, &text(event.args, 0));
    answer(core, (socket, event), &[]);
}

fn leave(core: &mut State, (socket, event): Call<'_>) {
    core.leave(socket, &text(event.args, 0));
    answer(core, (socket, event), &[]);
}

/// The events that emit to others: whom they mean is in their name and first arguments.
fn broadcast(core: &mut State, (socket, event): Call<'_>) {
    let own = core.sid(socket).map(|sid| sid.to_string()).unwrap_or_default();
    let (room, other) = (text(event.args, 0), text(event.args, 1));
    let (rooms, except, rest): (&[&str], &[&str], usize) = match &*event.name {
        "to-room" => (&[&room], &[&own], 1),
        "to-room-except" => (&[&room], &[&other, &own], 2),
        _ => (&[], &[], 0),
    };
    let delivery = if event.name == "volatile" { Delivery::Volatile } else { Delivery::Reliable };
    let name = text(event.args, rest);
    let args = event.args.get(rest + 1..).unwrap_or_default();
    let target = Target { namespace: "/", tenant: Tenant::default(), rooms, except };
    core.broadcast(&target, &Packet { name: &name, args, attachments: event.attachments, delivery });
}

fn broadcast_ack(core: &mut State, (socket, event): Call<'_>) {
    let own = core.sid(socket).map(|sid| sid.to_string()).unwrap_or_default();
    let name = text(event.args, 0);
    let packet = Packet { name: &name, args: event.args.get(1..).unwrap_or_default(), ..Packet::default() };
    let target = Target { namespace: "/", except: &[&own], ..Target::default() };
    let report = move |_: &mut Conformance, core: &mut State, got: campanile_hub::BroadcastReplies| {
        // Each reply is an array of arguments, of which the reference reports the first.
        let firsts: Vec<String> = got.replies.iter().map(|reply| first(&reply.args)).collect();
        let replies = format!("[{}]", firsts.join(","));
        let error = if got.missing == 0 { "null" } else { "\"timeout\"" };
        core.emit(
            socket,
            &Packet { name: "broadcast-ack-result", args: &[error, &replies], ..Packet::default() },
        );
    };
    core.broadcast_with_ack(&target, &packet, Duration::from_millis(300), Box::new(report));
}

fn first(args: &str) -> String {
    let items = json::array_items(args, 64).unwrap_or_default();
    items.first().map_or_else(|| "null".to_owned(), |item| (*item).to_owned())
}

struct Arguments {
    listen: SocketAddr,
    mode: Mode,
    options: Options,
    hub: HubOptions,
}

fn arguments() -> Result<Arguments, String> {
    let mut parsed = Arguments {
        listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
        mode: Mode::SocketIo,
        options: Options { shards: 1, ..Options::default() },
        hub: HubOptions {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(200),
            connect_timeout: Duration::from_millis(1000),
            max_payload_bytes: 1_000_000,
            ..HubOptions::default()
        },
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or(format!("{argument} needs a value"));
        match &*argument {
            "--listen" => parsed.listen = value()?.parse().map_err(|error| format!("--listen: {error}"))?,
            "--path" => parsed.options.path = value()?,
            "--shards" => {
                parsed.options.shards = value()?.parse().map_err(|error| format!("--shards: {error}"))?
            }
            "--engine-only" => {
                parsed.mode = Mode::EngineOnly;
                // Nobody joins a namespace here.
                parsed.hub.connect_timeout = Duration::from_secs(u64::from(u32::MAX));
            }
            "--ping-timeout" => {
                let timeout_ms = value()?.parse().map_err(|error| format!("--ping-timeout: {error}"))?;
                parsed.hub.ping_timeout = Duration::from_millis(timeout_ms);
            }
            "--connections-per-address" => {
                let max = value()?.parse().map_err(|error| format!("--connections-per-address: {error}"))?;
                parsed.options.connections_per_address_max = Some(max);
            }
            "--connects-per-s" => parsed.options.connects_per_address = Some(rate(&value()?)?),
            "--messages-per-s" => parsed.hub.messages_per_connection = Some(rate(&value()?)?),
            "--recovery" => parsed.hub.recovery = Some(RecoveryOptions::default()),
            "--cors" => parsed.options.cors = cors(&value()?),
            "--cookie" => parsed.options.cookie = Some(cookie()),
            "--deflate" => parsed.options.per_message_deflate_threshold_bytes = Some(1024),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    Ok(parsed)
}

/// A rate whose burst is what it allows in a second.
fn rate(per_s: &str) -> Result<Rate, String> {
    let per_s = per_s.parse().map_err(|error| format!("a rate: {error}"))?;
    Ok(Rate { per_s, burst: per_s })
}

fn cors(origin: &str) -> Cors {
    match origin {
        "*" => Cors { origins: Origins::Any, credentials: false },
        origin => Cors { origins: Origins::List(vec![origin.to_owned()]), credentials: true },
    }
}

fn cookie() -> Cookie {
    Cookie {
        name: "io".to_owned(),
        path: "/".to_owned(),
        http_only: true,
        secure: false,
        same_site: Some("Lax".to_owned()),
        max_age_s: None,
    }
}

fn main() -> Result<(), String> {
    let Arguments { listen, mode, options, hub } = arguments()?;
    let last_disconnect = Arc::new(Mutex::new(""));
    let make_app = move |_shard| Conformance { mode, last_disconnect: last_disconnect.clone() };
    let server = Server::start(options, hub, &[listen], Former::default(), |_| {
        (campanile_transport::not_found(), make_app)
    })
    .map_err(|error| error.to_string())?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.join();
    Ok(())
}
