//! A hub with the product on it, and parties that speak Socket.IO to it in raw packets.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use campanile_hub::{
    ConnectionKey, Envelope, Handshake, Options, Reason, RecoveryOptions, Route, Shard, ShardId, Sid,
    Transport,
};
use campanile_platform::{
    BridgeOptions, Message, Platform,
    bridge::{self, BridgeStats, Call, Registry},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

pub(crate) struct Town {
    pub(crate) shards: Vec<Shard<Platform>>,
    pub(crate) registry: Arc<Registry>,
    now: u64,
}

/// A provider, a client, or both.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) shard: usize,
    key: ConnectionKey,
    pub(crate) sid: String,
    pid: String,
}

/// Something that a party has been sent: an event, or the ack with the id that it chose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) name: String,
    pub(crate) payload: Value,
    pub(crate) attachments: Vec<Vec<u8>>,
}

pub(crate) fn heard(name: &str, payload: Value) -> Heard {
    Heard { name: name.into(), payload, attachments: Vec::new() }
}

/// Every way to have two parties on the shards of a town.
pub(crate) fn towns() -> impl Iterator<Item = (Town, usize, usize)> {
    towns_with(BridgeOptions::default)
}

pub(crate) fn towns_with(options: fn() -> BridgeOptions) -> impl Iterator<Item = (Town, usize, usize)> {
    let places = [(1, 0, 0), (2, 0, 1), (2, 1, 0), (2, 1, 1)];
    places.into_iter().map(move |(shards, one, other)| (Town::new(shards, options()), one, other))
}

impl Town {
    pub(crate) fn new(shards: usize, bridge: BridgeOptions) -> Self {
        Self::with_options(shards, bridge, Options::default())
    }

    pub(crate) fn recovering(shards: usize, bridge: BridgeOptions) -> Self {
        let recovery = Some(RecoveryOptions::default());
        Self::with_options(shards, bridge, Options { recovery, ..Options::default() })
    }

    fn with_options(shards: usize, bridge: BridgeOptions, options: Options) -> Self {
        let (options, bridge) = (Arc::new(options), Arc::new(bridge));
        let registry = Arc::new(Registry::default());
        let shard = |id: usize| {
            let mut state = 0x0123_4567_89AB_CDEF_u64.wrapping_add(id as u64);
            let fill = move |bytes: &mut [u8]| {
                for byte in bytes {
                    state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                    *byte = (state >> 56) as u8;
                }
            };
            let app = Platform::new(bridge.clone(), registry.clone());
            Shard::new(id as ShardId, shards, options.clone(), app, Box::new(fill))
        };
        Self { shards: (0..shards).map(shard).collect(), registry: registry.clone(), now: 0 }
    }

    fn open(&mut self, shard: usize) -> ConnectionKey {
        let request = Handshake {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            secure: false,
            query: "",
            header: &|_| None,
        };
        self.shards[shard].open(Transport::WebSocket, &request).expect("the door is open")
    }

    pub(crate) fn connect(&mut self, shard: usize) -> Party {
        self.connect_with(shard, "").0
    }

    /// Connects with what the party presents; also returns what it was sent before the answer.
    fn connect_with(&mut self, shard: usize, auth: &str) -> (Party, Vec<Heard>) {
        let key = self.open(shard);
        self.shards[shard].text(key, &format!("40{auth}"));
        self.carry_mail();
        let mut party = Party { shard, key, sid: String::new(), pid: String::new() };
        // What was missed comes before the answer, what is news to a party that is back comes after it.
        let mut packets = self.packets(&party);
        let at = packets.iter().position(|(packet, _)| packet.starts_with("40{")).expect("an answer");
        let (answer, _) = packets.remove(at);
        let answer: Value = serde_json::from_str(&answer[2..]).expect("a confirmation");
        party.sid = answer["sid"].as_str().expect("an id").to_owned();
        party.pid = answer["pid"].as_str().unwrap_or_default().to_owned();
        let missed = packets.into_iter().skip(1).map(|packet| self.read(packet)).collect();
        (party, missed)
    }

    /// A party comes back after its connection dropped; returns what it missed.
    pub(crate) fn returns(&mut self, party: &mut Party, shard: usize) -> Vec<Heard> {
        let (back, missed) = self.connect_with(shard, &json!({"pid": party.pid}).to_string());
        assert_eq!((&back.sid, &back.pid), (&party.sid, &party.pid), "the session was recovered");
        *party = back;
        missed
    }

    pub(crate) fn drop(&mut self, party: &Party) {
        self.shards[party.shard].lost(party.key, Reason::TransportClose);
        self.carry_mail();
    }

    /// Sends an event as it is written.
    pub(crate) fn say_raw(&mut self, party: &Party, packet: &str) {
        self.shards[party.shard].text(party.key, packet);
    }

    pub(crate) fn say(&mut self, party: &Party, name: &str, payload: &Value) {
        self.say_raw(party, &format!("42{}", json!([name, payload])));
        self.carry_mail();
    }

    /// Sends an event with an attachment, which the payload refers to by [`placeholder`].
    pub(crate) fn say_binary(&mut self, party: &Party, name: &str, payload: &Value, attachment: &[u8]) {
        self.say_raw(party, &format!("451-{}", json!([name, payload])));
        self.shards[party.shard].binary(party.key, attachment);
        self.carry_mail();
    }

    /// Sends an event that asks for the ack with this id.
    pub(crate) fn ask(&mut self, party: &Party, id: u64, name: &str, payload: &Value) {
        self.say_raw(party, &format!("42{id}{}", json!([name, payload])));
        self.carry_mail();
    }

    /// Sends an event and returns the answer, which comes at once; nothing else does.
    pub(crate) fn call(&mut self, party: &Party, name: &str, payload: &Value) -> Value {
        assert_eq!(self.hear(party), [], "nothing was left to hear");
        self.ask(party, 7, name, payload);
        let mut heard = self.hear(party);
        assert_eq!((heard.len(), &*heard[0].name), (1, "ack 7"), "{heard:?}");
        heard.remove(0).payload
    }

    pub(crate) fn provides(&mut self, party: &Party, provider_id: &str) {
        let answer = self.call(party, "register_provider", &json!({"provider_id": provider_id}));
        assert_eq!(answer, json!({"ok": true, "provider_id": provider_id}));
    }

    pub(crate) fn follows(&mut self, party: &Party, provider_id: &str) {
        let answer = self.call(party, "register_client", &json!({"master_provider_id": provider_id}));
        assert_eq!((&answer["ok"], &answer["provider_id"]), (&json!(true), &json!(provider_id)));
    }

    /// A provider on one shard, and a client that follows it on another.
    pub(crate) fn couple(&mut self, provider: usize, client: usize) -> (Party, Party) {
        let (provider, client) = (self.connect(provider), self.connect(client));
        self.provides(&provider, "P");
        self.follows(&client, "P");
        (provider, client)
    }

    /// What a party has been sent since it last listened.
    pub(crate) fn hear(&mut self, party: &Party) -> Vec<Heard> {
        self.packets(party).into_iter().map(|packet| self.read(packet)).collect()
    }

    /// The same for a party that has been there long enough to be pinged.
    pub(crate) fn hear_without_pings(&mut self, party: &Party) -> Vec<Heard> {
        let packets = self.packets(party).into_iter().filter(|(packet, _)| packet != "2");
        let packets: Vec<_> = packets.collect();
        packets.into_iter().map(|packet| self.read(packet)).collect()
    }

    fn packets(&mut self, party: &Party) -> Vec<(String, Vec<Vec<u8>>)> {
        let mut packets: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
        let Some(output) = self.shards[party.shard].output(party.key) else { return packets };
        for frame in output.outbox.iter() {
            if frame.is_binary() {
                packets.last_mut().expect("a packet comes first").1.push(frame.body().to_vec());
            } else {
                packets.push((String::from_utf8(frame.body().to_vec()).expect("text"), Vec::new()));
            }
        }
        output.outbox.clear();
        packets
    }

    fn read(&self, (packet, attachments): (String, Vec<Vec<u8>>)) -> Heard {
        let array = &packet[packet.find('[').unwrap_or_else(|| panic!("no event or ack: {packet}"))..];
        let items: Vec<Value> = serde_json::from_str(array).expect("valid JSON");
        let head = &packet[..packet.len() - array.len()];
        let head = head.split_once('-').map_or(&head[2..], |(_, id)| id);
        if matches!(packet.as_bytes()[1], b'3' | b'6') {
            return Heard { name: format!("ack {head}"), payload: items[0].clone(), attachments };
        }
        assert!(head.is_empty(), "the bridge asks nobody for acks: {packet}");
        let name = items[0].as_str().expect("a name").to_owned();
        Heard { name, payload: items[1].clone(), attachments }
    }

    pub(crate) fn is_open(&mut self, party: &Party) -> bool {
        self.shards[party.shard].output(party.key).is_some_and(|output| output.closing.is_none())
    }

    pub(crate) fn take_mail(&mut self, from: usize) -> Vec<(usize, Envelope<Message>)> {
        self.shards[from].take_dirty(&mut Vec::new());
        self.shards[from].take_outgoing().map(|(to, envelope)| (usize::from(to), envelope)).collect()
    }

    pub(crate) fn deliver(&mut self, from: usize, (to, envelope): (usize, Envelope<Message>)) {
        self.shards[to].deliver(from as ShardId, envelope);
    }

    /// Carries mail until nobody has any.
    pub(crate) fn carry_mail(&mut self) {
        while self.shards.iter().any(Shard::has_output) {
            for from in 0..self.shards.len() {
                for mail in self.take_mail(from) {
                    self.deliver(from, mail);
                }
            }
        }
    }

    pub(crate) fn advance(&mut self, ms: u64) {
        self.now += ms;
        for shard in &mut self.shards {
            shard.advance(self.now);
        }
        self.carry_mail();
    }

    /// Asks a shard from outside.
    pub(crate) fn call_from_outside(&mut self, shard: usize, call: Call) {
        self.shards[shard].message(Message::Bridge(bridge::Message::Call(call)));
        self.carry_mail();
    }

    pub(crate) fn stats(&mut self, shard: usize) -> BridgeStats {
        let (sender, mut answer) = oneshot::channel();
        self.call_from_outside(shard, Call::Stats(sender));
        answer.try_recv().expect("counters are at hand")
    }

    /// A counter, summed over the shards.
    pub(crate) fn count(&mut self, counter: fn(&BridgeStats) -> u64) -> u64 {
        (0..self.shards.len()).map(|shard| counter(&self.stats(shard))).sum()
    }

    pub(crate) fn is_suspended(&self, party: &Party) -> bool {
        let sid = Sid::parse(&party.sid).expect("an id");
        self.shards[party.shard].core().route(&sid) == Route::Suspended
    }
}

pub(crate) fn placeholder() -> Value {
    json!({"_placeholder": true, "num": 0})
}

/// The code of a refusal.
pub(crate) fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_else(|| panic!("no refusal: {answer}"))
}
