//! An application that uses all that the hub offers, whenever a client asks for it.

use std::time::Duration;

use bytes::Bytes;
use campanile_hub::{
    AckReply, Admission, App, ConnectRequest, Core, Delivery, Denied, Disconnect, Event, Handshake, Packet,
    SocketKey, Target, Tenant, Ticket,
};
use campanile_protocol::json;

/// Names of events that [`Model`] knows.
pub(crate) const EVENTS: [&str; 11] =
    ["echo", "join", "leave", "room", "volatile", "ask", "askall", "bye", "close", "kick", "timer"];

/// Namespaces that clients ask for; the last doesn't exist.
pub(crate) const NAMESPACES: [&str; 5] = ["/", "/other", "/later", "/refused", "/nowhere"];

#[derive(Default)]
pub(crate) struct Model {
    /// Who waits to be let into `/later`.
    waiting: Vec<Ticket>,
}

pub(crate) enum Message {
    /// Answers the oldest of those who wait.
    Admit(Admission<()>),
    Broadcast,
}

impl App for Model {
    type Peer = ();
    type Socket = ();
    type Message = Message;

    fn handshake(&mut self, request: &Handshake<'_>) -> Result<(), Denied> {
        if request.secure { Ok(()) } else { Err(Denied("no".to_owned())) }
    }

    fn connect(&mut self, _core: &mut Core<Self>, request: &ConnectRequest<'_, Self>) -> Admission<Self::Socket> {
        match request.namespace {
            "/" => Admission::Accept(Tenant::default(), ()),
            "/other" => Admission::Accept(Tenant(1), ()),
            "/later" => {
                self.waiting.push(request.ticket);
                Admission::Later
            }
            "/refused" => Admission::Refuse { message: "\"no\"".to_owned(), data: Some("[1]".to_owned()) },
            _ => Admission::UnknownNamespace,
        }
    }

    fn event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        let Event { args, attachments, .. } = *event;
        let packet = Packet { name: &event.name, args, attachments, delivery: Delivery::Reliable };
        let room = args.first().and_then(|room| json::string(room)).unwrap_or_default();
        match &*event.name {
            "echo" => core.emit(socket, &packet),
            "join" => drop(core.join(socket, &room)),
            "leave" => core.leave(socket, &room),
            "room" | "volatile" => broadcast(core, socket, &room, &packet),
            "ask" => ask(core, socket, &packet),
            "askall" => ask_all(core, socket, &packet),
            "bye" => core.disconnect(socket, Disconnect::Socket),
            "close" => core.disconnect(socket, Disconnect::Connection),
            "kick" => core.disconnect_all(&target(&[&room]), Disconnect::Socket),
            "timer" => drop(core.schedule(Duration::from_millis(700), 1)),
            _ => {}
        }
        if let Some(ack) = event.ack {
            core.ack(socket, ack, args, attachments);
        }
    }

    fn message(&mut self, core: &mut Core<Self>, message: Message) {
        match message {
            Message::Admit(admission) if !self.waiting.is_empty() => {
                let ticket = self.waiting.remove(0);
                core.admit(ticket, admission);
            }
            Message::Admit(_) => {}
            Message::Broadcast => {
                core.broadcast(&target(&[]), &Packet { name: "news", ..Packet::default() });
            }
        }
    }

    fn deadline(&mut self, core: &mut Core<Self>, _token: u64) {
        core.broadcast(&target(&[]), &Packet { name: "tick", args: &["1"], ..Packet::default() });
    }

    fn suspend(&self, (): &()) -> String {
        "kept".to_owned()
    }

    fn recovered(&mut self, core: &mut Core<Self>, socket: SocketKey, saved: &str) {
        assert_eq!(saved, "kept");
        core.emit(socket, &Packet { name: "welcome", args: &["\"back\""], ..Packet::default() });
    }
}

fn target<'a>(rooms: &'a [&'a str]) -> Target<'a> {
    Target { namespace: "/", rooms, ..Target::default() }
}

fn broadcast(core: &mut Core<Model>, socket: SocketKey, room: &str, packet: &Packet<'_>) {
    let delivery = if packet.name == "volatile" { Delivery::Volatile } else { Delivery::Reliable };
    let own = core.sid(socket).map(|sid| sid.to_string()).unwrap_or_default();
    let (rooms, except): (&[&str], &[&str]) = (&[room], &[&own]);
    core.broadcast(&Target { except, ..target(rooms) }, &Packet { delivery, ..*packet });
}

fn ask(core: &mut Core<Model>, socket: SocketKey, packet: &Packet<'_>) {
    let answered = move |_: &mut Model, core: &mut Core<Model>, reply: Result<AckReply, _>| {
        let (args, attachments) =
            reply.map_or_else(|_| Default::default(), |reply| (reply.args, reply.attachments));
        answer(core, socket, &args, &attachments);
    };
    core.emit_with_ack(socket, packet, Duration::from_millis(500), Box::new(answered));
}

fn ask_all(core: &mut Core<Model>, socket: SocketKey, packet: &Packet<'_>) {
    let answered = move |_: &mut Model, core: &mut Core<Model>, got: campanile_hub::BroadcastReplies| {
        for AckReply { args, attachments } in &got.replies {
            answer(core, socket, args, attachments);
        }
    };
    core.broadcast_with_ack(&target(&[]), packet, Duration::from_millis(500), Box::new(answered));
}

fn answer(core: &mut Core<Model>, socket: SocketKey, args: &str, attachments: &[Bytes]) {
    let args = json::array_items(args, 300).unwrap_or_default();
    core.emit(socket, &Packet { name: "answer", args: &args, attachments, ..Packet::default() });
}
