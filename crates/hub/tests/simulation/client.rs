//! A client as the stock ones are: it reads WebSocket frames or polling payloads, answers pings, keeps its recovery id
//! and offset, and believes nothing: what it hears is checked against the oracle.

use std::collections::{BTreeSet, VecDeque};

use campanile_hub::{ConnectionKey, ShardId, Sid};
use campanile_protocol::{engine, json, socket};

use crate::{
    chat::PLACEHOLDER,
    oracle::{EventId, Oracle},
};

const LIMITS: socket::Limits = socket::Limits { attachments_max: 4, json_depth_max: 16 };

pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) tenant: u32,
    pub(crate) temper: Temper,
    pub(crate) link: Option<Link>,
    pub(crate) members: Vec<Member>,
    /// When it comes back, while it has no link.
    pub(crate) returns_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Temper {
    Prompt,
    /// Takes this many bytes a turn.
    Slow(usize),
    /// Answers no ping.
    Mute,
}

/// The client's end of a connection.
pub(crate) struct Link {
    pub(crate) shard: ShardId,
    pub(crate) key: ConnectionKey,
    pub(crate) engine_sid: Sid,
    pub(crate) mode: Mode,
    pub(crate) opened_at: u64,
    /// Distinguishes it from the client's other links.
    pub(crate) name: u64,
    /// What it is about to send.
    pub(crate) outgoing: VecDeque<Outgoing>,
    /// WebSocket bytes that aren't a whole frame yet.
    unread: Vec<u8>,
    /// The header of a binary packet, and how many attachments are still to come.
    assembling: Option<(String, Vec<Vec<u8>>, usize)>,
    /// Whether the server has said, or the client knows, that it is over.
    pub(crate) is_over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Polling { waiting: bool, upgrade: Upgrade },
    WebSocket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upgrade {
    None,
    /// It has been answered, and polls no more once the poll that waits is.
    Probed,
}

#[derive(Clone, Debug)]
pub(crate) enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
    /// An answer to a question, so that the oracle can know when it is handed in.
    Answer {
        text: String,
        question: u64,
        sid: Sid,
    },
}

/// Its membership in a namespace.
#[derive(Default)]
pub(crate) struct Member {
    pub(crate) namespace: &'static str,
    pub(crate) sid: Option<Sid>,
    pub(crate) pid: Option<String>,
    pub(crate) offset: Option<String>,
    pub(crate) is_joined: bool,
    /// Whether it has asked to join, or wants to be out.
    pub(crate) is_asked: bool,
    /// Events that came before the answer to its request to join.
    early: Vec<Heard>,
    next_ack: u64,
    pub(crate) awaited: BTreeSet<u64>,
}

struct Heard {
    id: EventId,
    tail: Option<String>,
    question: Option<(u64, u64)>,
}

impl Member {
    pub(crate) fn of(namespace: &'static str) -> Self {
        Self { namespace, ..Self::default() }
    }
}

impl Client {
    pub(crate) fn member(&mut self, namespace: &str) -> &mut Member {
        let number = self.number;
        let member = self.members.iter_mut().find(|member| member.namespace == namespace);
        member.unwrap_or_else(|| panic!("client {number} never asked for {namespace}"))
    }

    /// Asks to join every namespace that it wants to be in.
    fn join(&mut self, delays_ms: &[Option<u64>], rooms: u64) {
        let tenant = self.tenant;
        for (member, delay_ms) in self.members.iter_mut().zip(delays_ms) {
            let mut auth = format!(r#"{{"tenant":{tenant},"rooms":{rooms}"#);
            if let Some(delay_ms) = delay_ms {
                auth += &format!(r#","delay_ms":{delay_ms}"#);
            }
            if let Some(pid) = &member.pid {
                auth += &format!(r#","pid":"{pid}""#);
                if let Some(offset) = &member.offset {
                    auth += &format!(r#","offset":"{offset}""#);
                }
            }
            auth.push('}');
            let comma = if member.namespace == "/" { "" } else { "," };
            let namespace = member.namespace.trim_end_matches('/');
            member.is_asked = true;
            if let Some(link) = &mut self.link {
                link.outgoing.push_back(Outgoing::Text(format!("40{namespace}{comma}{auth}")));
            }
        }
    }

    /// Opens its end of a connection; it will ask to join as soon as it may.
    pub(crate) fn open(&mut self, link: Link, delays_ms: &[Option<u64>], rooms: u64) {
        self.link = Some(link);
        self.join(delays_ms, rooms);
    }

    /// The connection is gone. What was awaited on it will not come.
    pub(crate) fn close(&mut self, returns_at: u64) {
        self.link = None;
        self.returns_at = returns_at;
        for member in &mut self.members {
            (member.is_joined, member.is_asked) = (false, false);
            member.awaited.clear();
            member.early.clear();
        }
    }

    /// Sends an event; with an ack if `attachment` or `asks_ack` want one.
    pub(crate) fn send(&mut self, member: usize, name: &str, args: &str, ack: Ack) {
        let member = &mut self.members[member];
        let Some(link) = &mut self.link else { return };
        let mut id = String::new();
        if ack != Ack::None {
            id = member.next_ack.to_string();
            member.awaited.insert(member.next_ack);
            member.next_ack += 1;
        }
        let comma = if member.namespace == "/" { "" } else { "," };
        let namespace = member.namespace.trim_end_matches('/');
        match ack {
            Ack::Binary => {
                let text = format!(r#"451-{namespace}{comma}{id}["{name}",{PLACEHOLDER}]"#);
                link.outgoing.push_back(Outgoing::Text(text));
                link.outgoing.push_back(Outgoing::Binary(args.as_bytes().to_vec()));
            }
            Ack::None | Ack::Text => {
                let text = format!(r#"42{namespace}{comma}{id}["{name}",{args}]"#);
                link.outgoing.push_back(Outgoing::Text(text));
            }
        }
    }

    /// Leaves a namespace.
    pub(crate) fn leave(&mut self, member: usize, oracle: &mut Oracle) {
        let member = &mut self.members[member];
        let comma = if member.namespace == "/" { "" } else { "," };
        let namespace = member.namespace.trim_end_matches('/');
        let text = format!("41{namespace}{comma}");
        (member.is_joined, member.is_asked) = (false, false);
        member.awaited.clear();
        // If the request to leave gets lost, the server still keeps the session.
        (member.pid, member.offset) = (None, None);
        if let Some(sid) = member.sid.take() {
            oracle.abandoned(&sid);
        }
        if let Some(link) = &mut self.link {
            link.outgoing.push_back(Outgoing::Text(text));
        }
    }

    /// Takes bytes of a WebSocket, cut anywhere.
    pub(crate) fn hear_bytes(&mut self, bytes: &[u8], oracle: &mut Oracle) {
        let Some(link) = &mut self.link else { return };
        link.unread.extend_from_slice(bytes);
        while let Some((is_text, body)) = self.link.as_mut().and_then(|link| take_frame(&mut link.unread)) {
            match is_text {
                true => self.hear_text(std::str::from_utf8(&body).expect("text is UTF-8"), oracle),
                false => self.hear_binary(body, oracle),
            }
        }
    }

    pub(crate) fn hear_payload(&mut self, payload: &str, oracle: &mut Oracle) {
        for packet in engine::split_payload(payload, 17).expect("the hub sends whole packets") {
            match packet {
                engine::Polled::Text(text) => self.hear_text(text, oracle),
                engine::Polled::Binary(bytes) => self.hear_binary(bytes, oracle),
            }
        }
    }

    fn hear_text(&mut self, text: &str, oracle: &mut Oracle) {
        let Some(link) = &mut self.link else { return };
        match engine::decode(text).expect("the hub sends what can be read") {
            engine::Packet::Open => {
                let sid = json::string(json::get(&text[1..], "sid").expect("a session id"));
                assert_eq!(sid.as_deref(), Some(link.engine_sid.text().as_str()));
            }
            engine::Packet::Ping(_) if self.temper == Temper::Mute => {}
            engine::Packet::Ping(_) => link.outgoing.push_back(Outgoing::Text("3".into())),
            engine::Packet::Close => link.is_over = true,
            engine::Packet::Noop => {}
            engine::Packet::Message(message) => self.hear_packet(message, oracle),
            other => panic!("a server sends no {other:?}"),
        }
    }

    fn hear_packet(&mut self, text: &str, oracle: &mut Oracle) {
        let packet = socket::decode(text, &LIMITS).unwrap_or_else(|error| panic!("{error}: {text}"));
        let link = self.link.as_mut().expect("it is heard on a link");
        assert!(link.assembling.is_none(), "a packet in the middle of another");
        match packet.attachments {
            0 => self.take(&packet, &[], oracle),
            count => link.assembling = Some((text.to_owned(), Vec::new(), count)),
        }
    }

    fn hear_binary(&mut self, bytes: Vec<u8>, oracle: &mut Oracle) {
        let Some(link) = &mut self.link else { return };
        let (text, mut attachments, count) =
            link.assembling.take().expect("an attachment without its packet");
        attachments.push(bytes);
        if attachments.len() < count {
            link.assembling = Some((text, attachments, count));
            return;
        }
        let packet = socket::decode(&text, &LIMITS).expect("it was read once before");
        self.take(&packet, &attachments, oracle);
    }

    fn take(&mut self, packet: &socket::Packet<'_>, attachments: &[Vec<u8>], oracle: &mut Oracle) {
        match packet.kind {
            socket::Kind::Connect => self.take_confirmation(packet, oracle),
            socket::Kind::Disconnect => self.take_disconnect(packet, oracle),
            socket::Kind::ConnectError => panic!("refused: {}", packet.data),
            socket::Kind::Event => self.take_event(packet, attachments, oracle),
            socket::Kind::Ack => {
                let member = self.member(packet.namespace);
                let id = packet.id.expect("an ack has an id");
                if member.is_joined {
                    assert!(member.awaited.remove(&id), "ack {id} came twice, or for nothing");
                    oracle.tally.acks += 1;
                }
            }
        }
    }

    fn take_confirmation(&mut self, packet: &socket::Packet<'_>, oracle: &mut Oracle) {
        let member = self.member(packet.namespace);
        assert!(!member.is_joined, "joined twice");
        if !member.is_asked {
            return;
        }
        let field = |name| json::get(packet.data, name).and_then(json::string);
        let sid = field("sid").and_then(|sid| Sid::parse(&sid)).expect("a socket id");
        let pid = field("pid").map(|pid| pid.into_owned());
        assert_eq!(pid.is_some(), oracle.recovers);
        let has_recovered = pid.is_some() && pid == member.pid;
        if has_recovered {
            assert_eq!(member.sid, Some(sid), "recovered with another id");
        } else {
            assert!(member.early.is_empty(), "events for a socket before it has joined");
            if let Some(former) = member.sid.replace(sid) {
                oracle.tally.started_over += 1;
                oracle.abandoned(&former);
            }
        }
        (member.pid, member.is_joined) = (pid, true);
        for heard in std::mem::take(&mut member.early) {
            self.hear(packet.namespace, &heard, oracle);
        }
    }

    fn take_disconnect(&mut self, packet: &socket::Packet<'_>, oracle: &mut Oracle) {
        let member = self.member(packet.namespace);
        member.is_asked = false;
        if !std::mem::replace(&mut member.is_joined, false) {
            return;
        }
        member.awaited.clear();
        if let Some(sid) = member.sid.take() {
            oracle.assert_complete(&sid);
            oracle.abandoned(&sid);
        }
    }

    fn take_event(&mut self, packet: &socket::Packet<'_>, attachments: &[Vec<u8>], oracle: &mut Oracle) {
        let (name, id) = (socket::event_name(packet.items[0]), packet.items[1]);
        let heard = Heard {
            id: id.parse().expect("an event's id comes first"),
            tail: packet.items.last().and_then(|last| json::string(last)).map(|tail| tail.into_owned()),
            question: packet.id.map(|ack| (ack, packet.items[2].parse().expect("a question has a number"))),
        };
        assert_eq!(name == "q", heard.question.is_some());
        if let [attachment] = attachments {
            assert_eq!(attachment, id.as_bytes(), "somebody else's attachment");
        }
        let member = self.member(packet.namespace);
        if member.is_joined {
            self.hear(packet.namespace, &heard, oracle);
        } else if member.is_asked {
            member.early.push(heard);
        }
    }

    fn hear(&mut self, namespace: &str, heard: &Heard, oracle: &mut Oracle) {
        let member = self.member(namespace);
        let sid = member.sid.expect("it has joined");
        match heard.question {
            // Stock clients take any trailing string of an event that asks for no ack.
            None if member.pid.is_some() && heard.tail.is_some() => member.offset.clone_from(&heard.tail),
            None => {}
            Some((ack, question)) => {
                let comma = if namespace == "/" { "" } else { "," };
                let prefix = namespace.trim_end_matches('/');
                let text = format!(r#"43{prefix}{comma}{ack}[{question},"{sid}"]"#);
                let link = self.link.as_mut().expect("it is heard on a link");
                // Some never answer.
                if !question.is_multiple_of(5) || !heard.id.is_multiple_of(3) {
                    link.outgoing.push_back(Outgoing::Answer { text, question, sid });
                }
            }
        }
        oracle.heard(&sid, heard.id);
    }
}

/// What a client attaches to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ack {
    None,
    Text,
    /// With an attachment beside.
    Binary,
}

impl Link {
    pub(crate) fn new(
        shard: ShardId,
        key: ConnectionKey,
        engine_sid: Sid,
        mode: Mode,
        opened_at: u64,
    ) -> Self {
        Self {
            shard,
            key,
            engine_sid,
            mode,
            opened_at,
            name: 0,
            outgoing: VecDeque::new(),
            unread: Vec::new(),
            assembling: None,
            is_over: false,
        }
    }

    /// Whether it has heard everything that it has been sent.
    pub(crate) fn is_idle(&self) -> bool {
        self.unread.is_empty() && self.assembling.is_none()
    }
}

/// The first whole frame of a server: whether it is text, and its body.
fn take_frame(unread: &mut Vec<u8>) -> Option<(bool, Vec<u8>)> {
    let (start, length) = match unread.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(unread.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(unread.get(2..10)?.try_into().ok()?) as usize),
        short => (2, usize::from(*short)),
    };
    let body = unread.get(start..start + length)?.to_vec();
    let is_text = match unread[0] {
        0x81 => true,
        0x82 => false,
        other => panic!("an unexpected frame: {other:#x}"),
    };
    unread.drain(..start + length);
    Some((is_text, body))
}
