//! The application under simulation: an event of a client is a command, and whatever the hub is about to do for it the
//! oracle is told first, on every shard at the moment when it happens there.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use bytes::Bytes;
use campanile_hub::{
    AckError, AckId, Admission, App, ConnectRequest, Core, Delivery, Denied, Disconnect, Event, Handshake,
    Packet, Reason, Route, Sid, SocketKey, Target, Tenant, Ticket,
};
use campanile_protocol::json;

use crate::oracle::{Audience, EventId, Keep, Oracle, RoomSet, Said, room_name, room_names};

pub(crate) const PLACEHOLDER: &str = r#"{"_placeholder":true,"num":0}"#;

pub(crate) struct Chat {
    oracle: Rc<RefCell<Oracle>>,
    later: BTreeMap<u64, Later>,
    next_token: u64,
}

/// What waits for a deadline of the application.
enum Later {
    Admit(Ticket, Tenant),
    Ack(SocketKey, AckId, String),
}

/// What the application keeps of a socket.
#[derive(Default)]
pub(crate) struct Seat(String);

pub(crate) enum Message {
    /// The next envelope from the same shard does this.
    Announce(Effect),
    /// An event for one socket, wherever it is.
    Tell(Sid, EventId, usize),
}

#[derive(Clone)]
pub(crate) enum Effect {
    Say(Said),
    ChangeRooms { audience: Audience, room: u64, joins: bool },
}

type Hub = Core<Chat>;

impl Chat {
    pub(crate) fn new(oracle: Rc<RefCell<Oracle>>) -> Self {
        Self { oracle, later: BTreeMap::new(), next_token: 0 }
    }

    /// How many deadlines it waits for.
    pub(crate) fn deadlines(&self) -> usize {
        self.later.len()
    }

    fn schedule(&mut self, core: &mut Hub, delay_ms: u64, later: Later) {
        self.next_token += 1;
        self.later.insert(self.next_token, later);
        core.schedule(Duration::from_millis(delay_ms), self.next_token);
    }

    /// Makes an effect known to the oracle here, and on the other shards once it gets there.
    fn announce(&mut self, core: &mut Hub, effect: &Effect) {
        let own = core.shard();
        for shard in core.shards().filter(|shard| *shard != own) {
            core.send(shard, Message::Announce(effect.clone()));
        }
        self.take_note(core, effect);
    }

    fn take_note(&mut self, core: &mut Hub, effect: &Effect) {
        match effect {
            Effect::Say(said) => self.oracle.borrow_mut().said(core, said),
            Effect::ChangeRooms { audience, room, joins } => {
                self.oracle.borrow_mut().change_rooms(core.shard(), audience, *room, *joins);
            }
        }
    }

    fn tell(&mut self, core: &mut Hub, sid: &Sid, id: EventId, size: usize) {
        match core.route(sid) {
            Route::Here(_) | Route::Suspended => {
                self.oracle.borrow_mut().told(sid, id, core.shard(), Keep::Kept);
                let (id, pad) = (id.to_string(), pad(size));
                core.emit_to(sid, &Packet { name: "e", args: &[&id, &pad], ..Packet::default() });
            }
            Route::Shard(shard) => core.send(shard, Message::Tell(*sid, id, size)),
            Route::Gone => {}
        }
    }

    fn audience(&self, core: &Hub, socket: SocketKey, rooms: RoomSet, except: RoomSet) -> Audience {
        Audience {
            namespace: core.namespace(socket).expect("the sender is here").to_owned(),
            tenant: core.tenant(socket).expect("the sender is here").0,
            rooms,
            except,
            except_socket: None,
        }
    }

    fn say(&mut self, core: &mut Hub, audience: Audience, style: u64, size: usize) {
        let keep = if style == 0 || style == 3 { Keep::Kept } else { Keep::Volatile };
        let (id, number) = {
            let mut oracle = self.oracle.borrow_mut();
            (oracle.next_event(), oracle.next_number(core.shard(), keep))
        };
        let said = Said { id, origin: core.shard(), number, audience, keep, asks: None };
        self.announce(core, &Effect::Say(said.clone()));
        let (name, delivery) = match keep {
            Keep::Volatile => ("v", Delivery::Volatile),
            Keep::Kept | Keep::Passing => ("e", Delivery::Reliable),
        };
        let (id, pad, tail) = (id.to_string(), pad(size), format!("\"tail {}\"", id % 7));
        let bytes = [Bytes::from(id.clone())];
        let (args, attachments): ([&str; 2], &[Bytes]) = match style {
            0 => ([&id, &pad], &[]),
            1 => ([&id, "0"], &[]),
            2 => ([&id, &tail], &[]),
            _ => ([&id, PLACEHOLDER], &bytes),
        };
        with_target(&said.audience, |target| {
            core.broadcast(target, &Packet { name, args: &args, attachments, delivery });
        });
    }

    fn ask_all(&mut self, core: &mut Hub, audience: Audience, timeout_ms: u64) {
        let (id, question) = {
            let mut oracle = self.oracle.borrow_mut();
            (oracle.next_event(), oracle.ask())
        };
        let said =
            Said { id, origin: core.shard(), number: 0, audience, keep: Keep::Passing, asks: Some(question) };
        self.announce(core, &Effect::Say(said.clone()));
        let (id, text) = (id.to_string(), question.to_string());
        let packet = Packet { name: "q", args: &[&id, &text], ..Packet::default() };
        let timeout = Duration::from_millis(timeout_ms);
        with_target(&said.audience, |target| {
            let conclude = move |chat: &mut Self, _: &mut Hub, got: campanile_hub::BroadcastReplies| {
                let answers: Vec<Sid> =
                    got.replies.iter().map(|reply| answerer(&reply.args, question)).collect();
                chat.oracle.borrow_mut().concluded(question, &answers, got.missing);
            };
            core.broadcast_with_ack(target, &packet, timeout, Box::new(conclude));
        });
    }

    fn ask(&mut self, core: &mut Hub, socket: SocketKey, timeout_ms: u64) {
        let sid = core.sid(socket).expect("the asker is here");
        let (id, question) = {
            let mut oracle = self.oracle.borrow_mut();
            let (id, question) = (oracle.next_event(), oracle.ask());
            oracle.told(&sid, id, core.shard(), Keep::Passing);
            oracle.asked(question, sid);
            (id.to_string(), question)
        };
        let text = question.to_string();
        let packet = Packet { name: "q", args: &[&id, &text], ..Packet::default() };
        let conclude = move |chat: &mut Self, _: &mut Hub, result: Result<_, AckError>| {
            let mut oracle = chat.oracle.borrow_mut();
            match result {
                Ok(campanile_hub::AckReply { args, .. }) => {
                    oracle.concluded(question, &[answerer(&args, question)], 0);
                }
                Err(error) => {
                    let was_heard = oracle.has_answered(question, &sid);
                    assert!(
                        !was_heard || error != AckError::Timeout,
                        "an answer in time counts as a timeout"
                    );
                    oracle.concluded(question, &[], 1);
                }
            }
        };
        core.emit_with_ack(socket, &packet, Duration::from_millis(timeout_ms), Box::new(conclude));
    }
}

/// Who gave an answer: clients answer a question with its number and their id.
fn answerer(args: &str, question: u64) -> Sid {
    let items = json::array_items(args, 4).expect("the hub hands on valid JSON");
    assert_eq!(items[0], question.to_string(), "an answer to something else");
    Sid::parse(&json::string(items[1]).expect("an id is a string")).expect("clients answer with their id")
}

fn pad(size: usize) -> String {
    format!("\"{}\"", "x".repeat(size))
}

fn with_target(audience: &Audience, call: impl FnOnce(&Target<'_>)) {
    let rooms = room_names(audience.rooms);
    let mut except = room_names(audience.except);
    except.extend(audience.except_socket.map(|sid| sid.to_string()));
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let except: Vec<&str> = except.iter().map(String::as_str).collect();
    let (namespace, tenant) = (&*audience.namespace, Tenant(audience.tenant));
    call(&Target { namespace, tenant, rooms: &rooms, except: &except });
}

impl App for Chat {
    type Peer = String;
    type Socket = Seat;
    type Message = Message;

    fn handshake(&mut self, request: &Handshake<'_>) -> Result<String, Denied> {
        Ok(request.query.to_owned())
    }

    fn connect(&mut self, core: &mut Hub, request: &ConnectRequest<'_, Self>) -> Admission<Self::Socket> {
        let number = |field| json::get(request.auth, field).and_then(|raw| raw.parse::<u64>().ok());
        let tenant = Tenant(number("tenant").expect("clients name their tenant") as u32);
        assert!(request.peer.starts_with("client="), "somebody else's peer");
        match (request.namespace, number("delay_ms")) {
            ("/" | "/side", None) => Admission::Accept(tenant, Default::default()),
            ("/" | "/side", Some(delay_ms)) => {
                self.oracle.borrow_mut().tally.admitted_later += 1;
                self.schedule(core, delay_ms, Later::Admit(request.ticket, tenant));
                Admission::Later
            }
            _ => Admission::UnknownNamespace,
        }
    }

    fn connected(&mut self, core: &mut Hub, socket: SocketKey, auth: &str) {
        let sid = core.sid(socket).expect("it has just joined");
        let rooms = json::get(auth, "rooms").and_then(|raw| raw.parse::<u64>().ok()).unwrap_or_default();
        for room in room_names(rooms) {
            assert!(core.join(socket, &room));
        }
        if let Some(seat) = core.data_mut(socket) {
            seat.0 = format!("seat of {sid}");
        }
        let namespace = core.namespace(socket).expect("it has just joined").to_owned();
        let tenant = core.tenant(socket).expect("it has just joined").0;
        self.oracle.borrow_mut().connected(sid, core.shard(), &namespace, tenant, rooms);
    }

    fn event(&mut self, core: &mut Hub, socket: SocketKey, event: &Event<'_>) {
        let sid = core.sid(socket).expect("it has just spoken");
        let number =
            |at: usize| event.args.get(at).and_then(|raw| raw.parse::<u64>().ok()).expect("a number");
        match &*event.name {
            "say" => {
                let mut audience = self.audience(core, socket, number(0), number(1));
                audience.except_socket = (number(2) == 1).then_some(sid);
                self.say(core, audience, number(3), number(4) as usize);
            }
            "tell" => {
                let to = json::string(event.args[0]).and_then(|to| Sid::parse(&to)).expect("an id");
                let id = self.oracle.borrow_mut().next_event();
                self.tell(core, &to, id, number(1) as usize);
            }
            "change" => {
                self.oracle.borrow_mut().change_room(&sid, number(0), number(1) == 1);
                match number(1) {
                    1 => assert!(core.join(socket, &room_name(number(0)))),
                    _ => core.leave(socket, &room_name(number(0))),
                }
            }
            "change-all" => {
                let (room, joins) = (number(1), number(2) == 1);
                let audience = self.audience(core, socket, number(0), 0);
                self.announce(core, &Effect::ChangeRooms { audience: audience.clone(), room, joins });
                with_target(&audience, |target| match joins {
                    true => core.join_all(target, &room_name(room)),
                    false => core.leave_all(target, &room_name(room)),
                });
            }
            "echo" => {
                let ack = event.ack.expect("an echo is asked for with an ack");
                core.ack(socket, ack, event.args, event.attachments);
            }
            "echo-later" => {
                let ack = event.ack.expect("an echo is asked for with an ack");
                self.schedule(core, 70, Later::Ack(socket, ack, event.args[0].to_owned()));
            }
            "ask" => self.ask(core, socket, number(0)),
            "ask-all" => {
                let audience = self.audience(core, socket, number(0), 0);
                self.ask_all(core, audience, number(1));
            }
            "kick" => core.disconnect(socket, kind(number(0))),
            "kick-all" => {
                let audience = self.audience(core, socket, number(0), number(1));
                with_target(&audience, |target| core.disconnect_all(target, kind(number(2))));
            }
            other => panic!("no such command: {other}"),
        }
    }

    fn disconnected(&mut self, core: &mut Hub, socket: SocketKey, reason: Reason) {
        let sid = core.sid(socket).expect("it can still be read");
        let rooms =
            core.rooms(socket).fold(0, |set, room| set | 1 << room[1..].parse::<u64>().expect("r<n>"));
        let mut oracle = self.oracle.borrow_mut();
        oracle.tally.overflows += u64::from(reason == Reason::OutboxOverflow);
        oracle.tally.ping_timeouts += u64::from(reason == Reason::PingTimeout);
        assert_ne!(reason, Reason::ParseError, "{sid}");
        let is_answering = core.peer(socket).is_some_and(|peer| oracle.answering.contains(peer));
        assert!(!is_answering || reason != Reason::PingTimeout, "{sid} answers every ping");
        oracle.disconnected(&sid, rooms, reason.is_recoverable());
    }

    fn message(&mut self, core: &mut Hub, message: Message) {
        match message {
            Message::Announce(effect) => {
                self.take_note(core, &effect);
                self.oracle.borrow_mut().announced = true;
            }
            Message::Tell(sid, id, size) => self.tell(core, &sid, id, size),
        }
    }

    fn deadline(&mut self, core: &mut Hub, token: u64) {
        match self.later.remove(&token) {
            Some(Later::Admit(ticket, tenant)) => {
                core.admit(ticket, Admission::Accept(tenant, Default::default()))
            }
            Some(Later::Ack(socket, ack, answer)) => core.ack(socket, ack, &[&answer], &[]),
            None => panic!("a deadline that wasn't set, or came twice"),
        }
    }

    fn suspend(&self, seat: &Seat) -> String {
        seat.0.clone()
    }

    fn recovered(&mut self, core: &mut Hub, socket: SocketKey, saved: &str) {
        let sid = core.sid(socket).expect("it is back");
        assert_eq!(saved, format!("seat of {sid}"), "somebody else's state");
        let rooms =
            core.rooms(socket).fold(0, |set, room| set | 1 << room[1..].parse::<u64>().expect("r<n>"));
        if let Some(seat) = core.data_mut(socket) {
            seat.0 = saved.to_owned();
        }
        let mut oracle = self.oracle.borrow_mut();
        oracle.recovered(&sid, rooms, core.shard());
    }
}

fn kind(number: u64) -> Disconnect {
    if number == 0 { Disconnect::Socket } else { Disconnect::Connection }
}
