//! Shards, the mail between them, and clients that do as the input says.
//!
//! Plays the transport's part by its rules: output is taken after every operation unless the client reads slowly, mail
//! between two shards keeps its order, and what is closed is released.

use std::{collections::VecDeque, net::IpAddr, sync::Arc, time::Duration};

use campanile_hub::{
    Admission, ConnectionKey, Envelope, Handshake, Millis, Options, Rate, Reason, RecoveryOptions, Shard,
    ShardId, Tenant, Transport, UpgradeStep,
};
use campanile_protocol::{Frame, engine, json, socket};

use crate::{
    app::{EVENTS, Message, Model, NAMESPACES},
    input::Input,
};

const SHARDS: usize = 3;
const OUTBOX_BYTES_MAX: usize = 512;
/// No packet of this world is larger; one that is may wait alone.
const PACKET_BYTES_MAX: usize = 4_096;

pub(crate) struct World {
    shards: Vec<Shard<Model>>,
    /// `mail[from][to]`.
    mail: Vec<Vec<VecDeque<Envelope<Message>>>>,
    clients: Vec<Client>,
    now: Millis,
    /// Ids and offsets that the hub has given out.
    pids: Vec<String>,
    offsets: Vec<String>,
}

struct Client {
    shard: usize,
    key: ConnectionKey,
    reads: bool,
    /// Binary frames that have to follow the last text frame.
    attachments_due: usize,
}

impl World {
    pub(crate) fn new(flags: u8) -> Self {
        let recovery = RecoveryOptions {
            max_disconnection: Duration::from_secs(60),
            skip_middlewares: flags & 2 != 0,
            log_bytes_max: 4_096,
            sessions_max: 3,
        };
        let options = Arc::new(Options {
            outbox_bytes_max: OUTBOX_BYTES_MAX,
            rooms_per_socket_max: 3,
            namespaces_per_connection_max: 3,
            acks_per_socket_max: 3,
            connections_max: 8,
            messages_per_connection: Some(Rate { per_s: 5, burst: 3 }),
            poll_packets_max: 4,
            json_depth_max: 64,
            recovery: (flags & 1 != 0).then_some(recovery),
            ..Options::default()
        });
        let shard = |id| {
            let random = random(id as u64);
            Shard::new(id as ShardId, SHARDS, options.clone(), Model::default(), Box::new(random))
        };
        let mail = || (0..SHARDS).map(|_| VecDeque::new()).collect();
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            mail: (0..SHARDS).map(|_| mail()).collect(),
            clients: Vec::new(),
            now: 1,
            pids: Vec::new(),
            offsets: Vec::new(),
        }
    }

    /// One operation.
    pub(crate) fn step(&mut self, input: &mut Input<'_>) {
        match input.below(16) {
            0 => self.open(input, Transport::Polling),
            1 => self.open(input, Transport::WebSocket),
            2 => self.advance(input.pick(&[1, 100, 600, 5_000, 11_000, 21_000, 30_000, 70_000])),
            3 => self.deliver(input),
            4 => self.message(input),
            _ => self.client_step(input),
        }
        self.flush();
    }

    fn open(&mut self, input: &mut Input<'_>, transport: Transport) {
        let shard = input.below(SHARDS);
        let handshake = Handshake {
            address: IpAddr::from([127, 0, 0, 1]),
            secure: input.byte() != 0xFF,
            query: "",
            header: &|_| None,
        };
        if let Ok(key) = self.shards[shard].open(transport, &handshake) {
            self.clients.push(Client { shard, key, reads: true, attachments_due: 0 });
            // Nearly everything worth finding is behind a CONNECT.
            if input.byte() & 1 == 0 {
                self.shards[shard].text(key, "40");
            }
        }
    }

    fn advance(&mut self, by: Millis) {
        self.now += by;
        for shard in &mut self.shards {
            shard.advance(self.now);
        }
    }

    fn deliver(&mut self, input: &mut Input<'_>) {
        let (from, to) = (input.below(SHARDS), input.below(SHARDS));
        for _ in 0..=input.below(4) {
            if let Some(envelope) = self.mail[from][to].pop_front() {
                self.shards[to].deliver(from as ShardId, envelope);
            }
        }
    }

    fn message(&mut self, input: &mut Input<'_>) {
        let message = match input.below(4) {
            0 => Message::Admit(Admission::Accept(Tenant(2), ())),
            1 => Message::Admit(Admission::Refuse { message: String::new(), data: None }),
            2 => Message::Admit(Admission::UnknownNamespace),
            _ => Message::Broadcast,
        };
        self.shards[input.below(SHARDS)].message(message);
    }

    fn client_step(&mut self, input: &mut Input<'_>) {
        if self.clients.is_empty() {
            return;
        }
        let index = input.below(self.clients.len());
        let Client { shard, key, .. } = self.clients[index];
        let operation = input.below(16);
        let packet = self.packet(input);
        let shard = &mut self.shards[shard];
        // Now and then the client is kept to its rate, as a transport always does.
        if input.byte() & 7 == 0 && shard.pause(key) > 0 {
            return;
        }
        let is_polling = shard.transport_of(key) == Some(Transport::Polling);
        match operation {
            0 if is_polling => drop(shard.begin_poll(key)),
            1 if is_polling => drop(shard.begin_post(key)),
            2 if is_polling => shard.finish_post(key, &packet, 16),
            3 if is_polling => shard.end_post(key),
            4 => drop(shard.begin_upgrade(key)),
            5 => upgrade(shard, key, input.pick(&["2probe", "5", "2", ""])),
            6 => shard.abort_upgrade(key),
            7 => shard.binary(key, input.bytes()),
            8 => shard.fail(key, input.pick(&[Reason::TransportError, Reason::ParseError])),
            9 => shard.lost(key, input.pick(&[Reason::TransportClose, Reason::TransportError])),
            10 => self.clients[index].reads = input.byte() & 1 == 0,
            _ => shard.text(key, &packet),
        }
    }

    /// An Engine.IO packet as a client might send it.
    fn packet(&self, input: &mut Input<'_>) -> String {
        let namespace = match input.pick(&NAMESPACES) {
            "/" => String::new(),
            named => format!("{named},"),
        };
        let (event, room) = (input.pick(&EVENTS), input.pick(&["a", "b", "\\u0061", ""]));
        match input.below(12) {
            0 => format!("40{namespace}"),
            1 => format!("40{namespace}{}", self.recovery(input)),
            2 => format!("41{namespace}"),
            3 => format!("43{namespace}{}[\"{room}\"]", input.below(8)),
            4 => format!("461-{namespace}{}[{{\"_placeholder\":true,\"num\":0}}]", input.below(8)),
            5 => format!("45{}-{namespace}[\"{event}\",{{\"_placeholder\":true,\"num\":0}}]", input.below(4)),
            6 => format!("42{namespace}{}[\"{event}\",\"{room}\"]", input.below(99)),
            7 => format!("42{namespace}[\"{event}\",\"{room}\",\"{}\"]", "x".repeat(input.below(256) * 8)),
            8 => input.pick(&["1", "2", "3", "3probe", "5", "6", "4", "", "b!"]).to_owned(),
            9 => input.text(),
            10 => format!("4{}", input.text()),
            _ => format!("42{namespace}[\"{event}\",\"{room}\"]"),
        }
    }

    fn recovery(&self, input: &mut Input<'_>) -> String {
        let chosen = |from: &[String], at: u8| from.get(usize::from(at) % from.len().max(1)).cloned();
        let pid = chosen(&self.pids, input.byte()).unwrap_or_default();
        let offset = chosen(&self.offsets, input.byte()).unwrap_or_default();
        format!(r#"{{"pid":"{pid}","offset":"{offset}"}}"#)
    }

    /// What the transport does at the end of a turn.
    fn flush(&mut self) {
        for shard in 0..SHARDS {
            while self.shards[shard].has_output() {
                for (to, envelope) in self.shards[shard].take_outgoing() {
                    self.mail[shard][usize::from(to)].push_back(envelope);
                }
                let mut dirty = Vec::new();
                self.shards[shard].take_dirty(&mut dirty);
                for key in dirty {
                    self.flush_connection(shard, key);
                }
            }
        }
        let shards = &self.shards;
        self.clients.retain(|client| shards[client.shard].engine_sid(client.key).is_some());
    }

    fn flush_connection(&mut self, shard: usize, key: ConnectionKey) {
        let Some(index) = self.clients.iter().position(|client| (client.shard, client.key) == (shard, key))
        else {
            return;
        };
        let waiting = self.shards[shard].output(key).map_or(0, |output| output.outbox.bytes());
        assert!(waiting <= OUTBOX_BYTES_MAX + PACKET_BYTES_MAX, "{waiting} bytes wait");
        match self.shards[shard].transport_of(key) {
            Some(Transport::Polling) => match self.shards[shard].take_poll(key) {
                Some(payload) => self.take_payload(index, &payload),
                None => self.shards[shard].linger(key),
            },
            Some(Transport::WebSocket) => self.flush_websocket(index),
            None => {}
        }
    }

    fn take_payload(&mut self, index: usize, payload: &[u8]) {
        let payload = std::str::from_utf8(payload).expect("a payload is text");
        for packet in engine::split_payload(payload, usize::MAX).expect("a payload is well-formed") {
            match packet {
                engine::Polled::Text(text) => self.take_text(index, text),
                engine::Polled::Binary(_) => self.take_binary(index),
            }
        }
    }

    fn flush_websocket(&mut self, index: usize) {
        let Client { shard, key, reads, .. } = self.clients[index];
        let Some(output) = self.shards[shard].output(key) else { return };
        *output.blocked = !reads;
        let closing = output.closing;
        if !reads {
            return if closing.is_some() {
                self.shards[shard].linger(key)
            };
        }
        let frames: Vec<Frame> = output.outbox.iter().cloned().collect();
        output.outbox.advance(output.outbox.bytes());
        for frame in &frames {
            match frame.is_binary() {
                true => self.take_binary(index),
                false => self.take_text(index, std::str::from_utf8(frame.body()).expect("text is UTF-8")),
            }
        }
        if let Some(reason) = closing {
            self.shards[shard].lost(key, reason);
        }
    }

    /// What a client must be able to make of a text packet.
    fn take_text(&mut self, index: usize, text: &str) {
        assert_eq!(self.clients[index].attachments_due, 0, "text in the middle of attachments");
        let engine::Packet::Message(message) = engine::decode(text).expect("a packet of the hub") else {
            return;
        };
        let limits = socket::Limits { attachments_max: 10, json_depth_max: 300 };
        let packet = socket::decode(message, &limits).expect("a Socket.IO packet of the hub");
        self.clients[index].attachments_due = packet.attachments;
        let string = |raw: &&str| json::string(raw).map(|text| text.into_owned());
        match packet.kind {
            socket::Kind::Connect => {
                self.pids.extend(json::get(packet.data, "pid").as_ref().and_then(string))
            }
            socket::Kind::Event => self.offsets.extend(packet.items.last().and_then(string)),
            _ => {}
        }
    }

    fn take_binary(&mut self, index: usize) {
        let due = &mut self.clients[index].attachments_due;
        *due = due.checked_sub(1).expect("an attachment that no packet announced");
    }

    /// Everybody leaves, all mail arrives, all time passes; what is still counted then has leaked.
    pub(crate) fn end(&mut self) {
        for Client { shard, key, .. } in std::mem::take(&mut self.clients) {
            self.shards[shard].lost(key, Reason::TransportClose);
        }
        while self.deliver_all() || self.pass_time() {}
        for shard in &self.shards {
            let stats = shard.stats();
            let left = [
                ("connections", stats.connections_now),
                ("sockets", stats.sockets_now),
                ("rooms", stats.rooms_now),
                ("timers", stats.timers_now),
                ("sessions", stats.sessions_now),
                ("outbox bytes", stats.outbox_bytes_now),
            ];
            assert!(left.iter().all(|(_, count)| *count == 0), "left behind: {left:?}");
        }
    }

    fn deliver_all(&mut self) -> bool {
        self.flush();
        let mut some = false;
        for from in 0..SHARDS {
            for to in 0..SHARDS {
                while let Some(envelope) = self.mail[from][to].pop_front() {
                    self.shards[to].deliver(from as ShardId, envelope);
                    some = true;
                }
            }
        }
        some
    }

    fn pass_time(&mut self) -> bool {
        let Some(next) = self.shards.iter().filter_map(Shard::next_deadline).min() else { return false };
        self.advance(next.saturating_sub(self.now).max(1));
        true
    }
}

fn upgrade(shard: &mut Shard<Model>, key: ConnectionKey, text: &str) {
    if let UpgradeStep::Refused = shard.upgrade_text(key, text) {
        shard.abort_upgrade(key);
    }
}

/// Ids only have to differ here.
fn random(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed + 1;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}
