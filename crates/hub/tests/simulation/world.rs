//! The world around the shards: a clock, mail that takes its time, a network with slow and broken ends, and clients
//! whose whims come from the seed. It drives shards the way the transport does.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, VecDeque},
    io::IoSlice,
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
    sync::Arc,
};

use campanile_hub::{
    ConnectionKey, Envelope, Handshake, Options, PollError, Reason, Shard, ShardId, Sid, Transport,
    UpgradeStep,
};
use campanile_protocol::{Frame, engine};

use crate::{
    chat::{Chat, Message},
    client::{Ack, Client, Link, Member, Mode, Outgoing, Temper, Upgrade},
    oracle::{Oracle, ROOMS, Tally},
    random::Random,
};

/// What to simulate.
pub(crate) struct Plan {
    pub(crate) shards: usize,
    pub(crate) clients: usize,
    /// Turns of disorder, before it calms down and everybody leaves.
    pub(crate) steps: usize,
    pub(crate) options: Options,
}

/// What came of a run.
pub(crate) struct Outcome {
    /// Of everything that clients were sent, and when.
    pub(crate) hash: u64,
    pub(crate) tally: Tally,
}

pub(crate) struct World {
    steps: usize,
    options: Arc<Options>,
    now: u64,
    random: Random,
    shards: Vec<Shard<Chat>>,
    /// What is under way, by sender and receiver.
    mail: Vec<Vec<Mail>>,
    clients: Vec<Client>,
    owners: HashMap<(ShardId, ConnectionKey), Owner>,
    /// WebSockets whose last write didn't take everything.
    blocked: BTreeSet<(ShardId, ConnectionKey)>,
    sids: Vec<Sid>,
    links: u64,
    oracle: Rc<RefCell<Oracle>>,
    hash: u64,
}

/// Envelopes of one shard for another, each with the time when it may arrive.
type Mail = VecDeque<(u64, Envelope<Message>)>;

/// Who holds the other end of a connection.
#[derive(Clone, Copy)]
enum Owner {
    Client(usize),
    /// The network broke silently: nobody reads, nobody says that it is over.
    Nobody(Mode),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Chaos,
    Calm,
    Farewell,
}

impl World {
    pub(crate) fn new(seed: u64, plan: &Plan) -> Self {
        let mut random = Random::new(seed);
        let options = Arc::new(plan.options.clone());
        let oracle = Rc::new(RefCell::new(Oracle::new(plan.shards, plan.options.recovery.is_some())));
        let shards = (0..plan.shards).map(|id| {
            let mut ids = Random::new(random.next());
            let app = Chat::new(oracle.clone());
            let fill = Box::new(move |bytes: &mut [u8]| ids.fill(bytes));
            Shard::new(id as ShardId, plan.shards, options.clone(), app, fill)
        });
        let shards = shards.collect();
        let clients = (0..plan.clients).map(|number| {
            let mut members = vec![Member::of("/")];
            members.extend((number % 4 == 0).then(|| Member::of("/side")));
            Client {
                number,
                tenant: (number % 2) as u32,
                temper: Temper::Prompt,
                link: None,
                members,
                returns_at: random.below(2_000),
            }
        });
        let clients = clients.collect();
        let mail = (0..plan.shards).map(|_| (0..plan.shards).map(|_| VecDeque::new()).collect()).collect();
        Self {
            steps: plan.steps,
            options,
            now: 0,
            random,
            shards,
            mail,
            clients,
            owners: HashMap::new(),
            blocked: BTreeSet::new(),
            sids: Vec::new(),
            links: 0,
            oracle,
            hash: 0xCBF2_9CE4_8422_2325,
        }
    }

    /// Runs to the end.
    pub(crate) fn run(mut self) -> Outcome {
        for _ in 0..self.steps {
            self.step(Mood::Chaos, 10, 50);
        }
        self.calm_down();
        self.everybody_leaves();
        self.assert_nothing_is_left();
        Outcome { hash: self.hash, tally: self.oracle.borrow().tally }
    }

    fn step(&mut self, mood: Mood, ms_min: u64, ms_max: u64) {
        self.now += self.random.between(ms_min, ms_max);
        for shard in &mut self.shards {
            shard.advance(self.now);
        }
        self.carry_mail();
        let first = self.random.below(self.clients.len() as u64) as usize;
        for client in (first..self.clients.len()).chain(0..first) {
            self.act(client, mood);
            self.send(client);
            self.poll(client);
        }
        for (shard, key) in std::mem::take(&mut self.blocked) {
            self.flush(shard, key);
        }
        while self.shards.iter().any(Shard::has_output) {
            self.flush_all();
        }
    }

    /// Everything is heard at last: nobody who is still there lacks anything.
    fn calm_down(&mut self) {
        for client in &mut self.clients {
            client.returns_at = client.returns_at.min(self.now + 1_000);
        }
        // Long enough for mute connections to be found out, and for their clients to return.
        let (start, patience) = (self.now + 12_000, self.now + 40_000);
        while self.now < start || self.now < patience && !self.is_everybody_back() {
            self.step(Mood::Calm, 40, 80);
        }
        self.assert_timers_have_reasons();
        let oracle = self.oracle.borrow();
        for client in &self.clients {
            let link = client.link.as_ref().unwrap_or_else(|| panic!("client {} isn't back", client.number));
            assert!(link.is_idle(), "client {} got half a packet", client.number);
            for member in client.members.iter().filter(|member| member.is_asked) {
                assert!(member.is_joined, "client {} waits for {}", client.number, member.namespace);
                let (sid, awaited) = (member.sid.expect("it has joined"), member.awaited.len());
                oracle.assert_complete(&sid);
                assert_eq!(awaited, 0, "client {} never got some acks", client.number);
            }
        }
    }

    /// A timer that nobody cancelled would fire without effect, so it is only seen while it waits.
    fn assert_timers_have_reasons(&self) {
        for shard in &self.shards {
            let stats = shard.stats();
            let reasons = stats.connections_now
                + stats.sessions_now
                + stats.acks_now
                + stats.broadcast_acks_now
                + shard.app().deadlines() as u64
                // Those that have just come, and may not have joined anything.
                + 10;
            assert!(stats.timers_now <= reasons, "{} timers for {reasons} reasons", stats.timers_now);
        }
    }

    fn is_everybody_back(&self) -> bool {
        let is_settled = |member: &Member| member.is_joined || !member.is_asked;
        self.clients.iter().all(|client| client.link.is_some() && client.members.iter().all(is_settled))
    }

    fn everybody_leaves(&mut self) {
        for client in 0..self.clients.len() {
            match self.random.below(4) {
                0 => self.hang_up(client, u64::MAX),
                1 => self.vanish(client, u64::MAX),
                2 => {
                    self.leave_all(client);
                    self.send(client);
                    self.hang_up(client, u64::MAX);
                }
                _ => self.say_close(client),
            }
        }
        self.step(Mood::Farewell, 10, 50);
        self.assert_timers_have_reasons();
        // Long enough for every deadline: heartbeats, lingering, dropped sessions, questions.
        for _ in 0..100 {
            self.step(Mood::Farewell, 900, 1_100);
        }
    }

    fn assert_nothing_is_left(&self) {
        self.oracle.borrow().assert_all_concluded();
        for shard in &self.shards {
            let stats = shard.stats();
            let left = [
                ("connections", stats.connections_now),
                ("sockets", stats.sockets_now),
                ("rooms", stats.rooms_now),
                ("timers", stats.timers_now),
                ("sessions", stats.sessions_now),
                ("traces of sessions elsewhere", stats.sessions_elsewhere_now),
                ("acks", stats.acks_now),
                ("broadcasts that wait for acks", stats.broadcast_acks_now),
                ("outbox bytes", stats.outbox_bytes_now),
            ];
            for (what, count) in left {
                assert_eq!(count, 0, "{what} left on shard {}", shard.core().shard());
            }
            assert_eq!((shard.connection_count(), shard.next_deadline()), (0, None));
            let closed = stats.closed_transport_close
                + stats.closed_transport_error
                + stats.closed_ping_timeout
                + stats.closed_parse_error
                + stats.closed_forced
                + stats.closed_outbox_overflow
                + stats.closed_shutdown;
            assert_eq!(closed, stats.connections_opened, "each connection is closed once");
        }
        assert!(self.owners.is_empty(), "the transport holds connections that the shard has forgotten");
    }

    fn carry_mail(&mut self) {
        for from in 0..self.shards.len() {
            for to in 0..self.shards.len() {
                while self.mail[from][to].front().is_some_and(|(at, _)| *at <= self.now) {
                    self.hand_over(from, to);
                }
            }
        }
    }

    fn hand_over(&mut self, from: usize, to: usize) {
        loop {
            let (_, envelope) = self.mail[from][to].pop_front().expect("what is announced follows at once");
            self.shards[to].deliver(from as ShardId, envelope);
            if !std::mem::take(&mut self.oracle.borrow_mut().announced) {
                return;
            }
        }
    }

    fn act(&mut self, client: usize, mood: Mood) {
        let record = &mut self.clients[client];
        match &record.link {
            None if self.now >= record.returns_at && mood != Mood::Farewell => self.open(client, mood),
            None => {}
            Some(link) => {
                let age = self.now - link.opened_at;
                assert!(age < 9_200 || record.temper != Temper::Mute, "a mute client is still connected");
                if matches!(link.mode, Mode::Polling { waiting: false, upgrade: Upgrade::Probed }) {
                    self.finish_upgrade(client);
                }
                if mood == Mood::Chaos && self.random.below(1_000) < 25 {
                    self.act_out(client);
                }
                if mood != Mood::Chaos && matches!(self.clients[client].temper, Temper::Slow(_)) {
                    self.clients[client].temper = Temper::Prompt;
                }
            }
        }
    }

    fn open(&mut self, client: usize, mood: Mood) {
        let shard = self.random.below(self.shards.len() as u64) as ShardId;
        let transport = if self.random.percent(40) { Transport::Polling } else { Transport::WebSocket };
        let temper = match self.random.below(20) {
            0 if mood == Mood::Chaos => Temper::Mute,
            1 | 2 if mood == Mood::Chaos => Temper::Slow(self.random.between(5, 80) as usize),
            _ => Temper::Prompt,
        };
        self.links += 1;
        let name = format!("client={client}&link={}", self.links);
        let request = Handshake {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            secure: false,
            query: &name,
            header: &|_| None,
        };
        let target = &mut self.shards[usize::from(shard)];
        let key = target.open(transport, &request).expect("nobody is refused here");
        let engine_sid = target.engine_sid(key).expect("it has just been opened");
        let mode = match transport {
            Transport::Polling => Mode::Polling { waiting: false, upgrade: Upgrade::None },
            Transport::WebSocket => Mode::WebSocket,
        };
        self.owners.insert((shard, key), Owner::Client(client));
        if temper == Temper::Prompt {
            self.oracle.borrow_mut().answering.insert(name);
        }
        let delays: Vec<Option<u64>> = (0..2)
            .map(|_| (self.random.percent(20) && mood == Mood::Chaos).then(|| self.random.between(1, 3_000)))
            .collect();
        let rooms = 1 << self.random.below(ROOMS) | 1 << self.random.below(ROOMS);
        let mut link = Link::new(shard, key, engine_sid, mode, self.now);
        link.name = self.links;
        let record = &mut self.clients[client];
        record.temper = temper;
        record.open(link, &delays, rooms);
    }

    fn act_out(&mut self, client: usize) {
        let joined: Vec<usize> = (0..self.clients[client].members.len())
            .filter(|member| self.clients[client].members[*member].is_joined)
            .collect();
        let whim = self.random.below(1_000);
        let returns_at = self.now + self.random.between(20, 2_500);
        match whim {
            0..30 => return self.hang_up(client, returns_at),
            30..60 => return self.vanish(client, returns_at),
            60..65 => return self.say_close(client),
            65..180 => return self.begin_upgrade(client),
            _ if joined.is_empty() => return,
            _ => {}
        }
        let member = joined[self.random.below(joined.len() as u64) as usize];
        if let Some(sid) = self.clients[client].members[member].sid {
            self.sids.push(sid);
        }
        let room = self.random.below(ROOMS);
        let rooms = 1_u64 << room | if whim.is_multiple_of(3) { 1 << self.random.below(ROOMS) } else { 0 };
        let (name, args, ack) = match whim {
            180..560 => ("say", self.say(rooms), Ack::None),
            560..680 => ("tell", self.tell(), Ack::None),
            680..740 => ("change", format!("{room},{}", self.random.below(2)), Ack::None),
            740..750 => {
                let other = self.random.below(ROOMS);
                ("change-all", format!("{},{other},{}", 1_u64 << room, self.random.below(2)), Ack::None)
            }
            750..820 => ("echo", format!("{whim}"), Ack::Text),
            820..860 => ("echo", format!("{whim}"), Ack::Binary),
            860..890 => ("echo-later", format!("{whim}"), Ack::Text),
            890..940 => ("ask", format!("{}", self.random.between(200, 4_000)), Ack::None),
            940..980 => ("ask-all", format!("{rooms},{}", self.random.between(200, 4_000)), Ack::None),
            980..988 => ("kick", format!("{}", whim % 2), Ack::None),
            988..992 => {
                let except = 1_u64 << self.random.below(ROOMS);
                ("kick-all", format!("{},{except},{}", 1_u64 << room, whim % 2), Ack::None)
            }
            _ => {
                let mut oracle = self.oracle.borrow_mut();
                return self.clients[client].leave(member, &mut oracle);
            }
        };
        self.clients[client].send(member, name, &args, ack);
    }

    fn say(&mut self, rooms: u64) -> String {
        let rooms = if self.random.percent(1) { 0 } else { rooms };
        let except = if self.random.percent(30) { 1_u64 << self.random.below(ROOMS) } else { 0 };
        let style = [0, 0, 0, 0, 0, 1, 2, 2, 3][self.random.below(9) as usize];
        let size = if self.random.percent(3) { 9_000 } else { self.random.below(150) };
        format!("{rooms},{except},{},{style},{size}", self.random.below(2))
    }

    fn tell(&mut self) -> String {
        let to = self.sids[self.random.below(self.sids.len() as u64) as usize];
        format!("\"{to}\",{}", self.random.below(100))
    }

    /// The client ends its connection, and the server hears of it at once.
    fn hang_up(&mut self, client: usize, returns_at: u64) {
        if let Some(link) = &self.clients[client].link {
            let (shard, key) = (link.shard, link.key);
            self.owners.remove(&(shard, key));
            self.shards[usize::from(shard)].lost(key, Reason::TransportClose);
            self.clients[client].close(returns_at);
        }
    }

    /// The client ends its connection, and the server hears nothing.
    fn vanish(&mut self, client: usize, returns_at: u64) {
        if let Some(link) = &self.clients[client].link {
            let mut oracle = self.oracle.borrow_mut();
            oracle.answering.remove(&format!("client={client}&link={}", link.name));
            oracle.tally.vanished += 1;
            if link.mode == (Mode::Polling { waiting: false, upgrade: Upgrade::Probed }) {
                self.shards[usize::from(link.shard)].abort_upgrade(link.key);
            }
            self.owners.insert((link.shard, link.key), Owner::Nobody(link.mode));
            self.blocked.insert((link.shard, link.key));
            self.clients[client].close(returns_at);
        }
    }

    fn say_close(&mut self, client: usize) {
        if let Some(link) = &mut self.clients[client].link {
            link.outgoing.push_back(Outgoing::Text("1".into()));
        }
    }

    fn leave_all(&mut self, client: usize) {
        let record = &mut self.clients[client];
        for member in 0..record.members.len() {
            if record.members[member].is_joined {
                record.leave(member, &mut self.oracle.borrow_mut());
            }
        }
    }

    fn begin_upgrade(&mut self, client: usize) {
        let Some(link) = &mut self.clients[client].link else { return };
        let Mode::Polling { upgrade, .. } = &mut link.mode else { return };
        let shard = &mut self.shards[usize::from(link.shard)];
        if *upgrade == Upgrade::None && shard.begin_upgrade(link.key) {
            match shard.upgrade_text(link.key, "2probe") {
                UpgradeStep::Reply(frame) => assert_eq!(frame.body(), b"3probe"),
                step => panic!("a probe is answered, not {step:?}"),
            }
            *upgrade = Upgrade::Probed;
        }
    }

    fn finish_upgrade(&mut self, client: usize) {
        self.send(client);
        let Some(link) = &mut self.clients[client].link else { return };
        let shard = &mut self.shards[usize::from(link.shard)];
        if self.random.percent(10) {
            shard.abort_upgrade(link.key);
            link.mode = Mode::Polling { waiting: false, upgrade: Upgrade::None };
        } else if self.random.percent(60) {
            match shard.upgrade_text(link.key, "5") {
                UpgradeStep::Done => {
                    self.oracle.borrow_mut().tally.upgrades += 1;
                    link.mode = Mode::WebSocket;
                }
                // The connection is closing; its client will hear that by polling.
                UpgradeStep::Refused => {
                    shard.abort_upgrade(link.key);
                    link.mode = Mode::Polling { waiting: false, upgrade: Upgrade::None };
                }
                UpgradeStep::Reply(_) => panic!("nothing was asked"),
            }
        }
    }

    /// Hands in what a client has to send.
    fn send(&mut self, client: usize) {
        let Some(link) = &mut self.clients[client].link else { return };
        if link.outgoing.is_empty() {
            return;
        }
        let (number, key) = (usize::from(link.shard), link.key);
        let outgoing = std::mem::take(&mut link.outgoing);
        let is_polling = matches!(link.mode, Mode::Polling { .. });
        if is_polling && self.shards[number].find(&link.engine_sid).is_none() {
            return self.is_gone(client);
        }
        if !is_polling {
            for message in outgoing {
                self.note_answer(&message);
                match message {
                    Outgoing::Text(text) | Outgoing::Answer { text, .. } => {
                        self.shards[number].text(key, &text);
                    }
                    Outgoing::Binary(bytes) => self.shards[number].binary(key, &bytes),
                }
            }
            return;
        }
        let frames: Vec<Frame> = outgoing.iter().map(frame_of).collect();
        let payload = String::from_utf8(engine::join_payload(frames.iter())).expect("payloads are text");
        outgoing.iter().for_each(|message| self.note_answer(message));
        let shard = &mut self.shards[number];
        assert_eq!(shard.begin_post(key), Ok(()), "one POST at a time");
        shard.finish_post(key, &payload, 10_000);
    }

    fn note_answer(&self, message: &Outgoing) {
        if let Outgoing::Answer { question, sid, .. } = message {
            self.oracle.borrow_mut().answered(*question, *sid);
        }
    }

    fn poll(&mut self, client: usize) {
        let record = &mut self.clients[client];
        let Some(link) = &mut record.link else { return };
        let Mode::Polling { waiting, upgrade: Upgrade::None } = &mut link.mode else { return };
        if *waiting || matches!(record.temper, Temper::Slow(_)) && self.random.percent(95) {
            return;
        }
        let shard = &mut self.shards[usize::from(link.shard)];
        match shard.find(&link.engine_sid).ok_or(PollError::Unknown).and_then(|key| shard.begin_poll(key)) {
            Ok(()) => *waiting = true,
            Err(PollError::Unknown) => self.is_gone(client),
            Err(error) => panic!("a poll was refused: {error:?}"),
        }
    }

    /// A client finds its connection gone.
    fn is_gone(&mut self, client: usize) {
        if let Some(link) = &self.clients[client].link {
            let (at, shard) = ((link.shard, link.key), &mut self.shards[usize::from(link.shard)]);
            match shard.output(link.key) {
                // The end of the turn will see to it.
                Some(_) => self.owners.insert(at, Owner::Nobody(link.mode)),
                None => self.owners.remove(&at),
            };
        }
        let returns_at = self.now + self.random.between(20, 1_500);
        self.clients[client].close(returns_at);
    }

    fn flush_all(&mut self) {
        let mut dirty = Vec::new();
        for number in 0..self.shards.len() {
            for (to, envelope) in self.shards[number].take_outgoing() {
                let delay = if self.random.below(500) == 0 { 1_500 } else { self.random.below(120) };
                self.mail[number][usize::from(to)].push_back((self.now + delay, envelope));
            }
            self.shards[number].take_dirty(&mut dirty);
            for key in dirty.drain(..) {
                self.flush(number as ShardId, key);
            }
        }
    }

    fn flush(&mut self, shard: ShardId, key: ConnectionKey) {
        self.assert_outbox_is_bounded(shard, key);
        match self.owners.get(&(shard, key)) {
            None => {}
            Some(Owner::Nobody(mode)) => {
                let mode = *mode;
                self.flush_to_nobody(shard, key, mode);
            }
            Some(Owner::Client(client)) => {
                let client = *client;
                match self.clients[client].link.as_ref().map(|link| link.mode) {
                    Some(Mode::WebSocket) => self.flush_websocket(shard, key, client),
                    Some(Mode::Polling { waiting, .. }) => self.flush_polling(shard, key, client, waiting),
                    None => {}
                }
            }
        }
    }

    fn assert_outbox_is_bounded(&mut self, shard: ShardId, key: ConnectionKey) {
        if let Some(output) = self.shards[usize::from(shard)].output(key) {
            let (bytes, bytes_max) = (output.outbox.bytes(), self.options.outbox_bytes_max);
            // One packet alone may be larger; it is one frame, or two with its attachment.
            assert!(bytes <= bytes_max || output.outbox.iter().count() <= 2, "{bytes} bytes wait");
        }
    }

    fn flush_to_nobody(&mut self, shard: ShardId, key: ConnectionKey, mode: Mode) {
        let target = &mut self.shards[usize::from(shard)];
        match mode {
            Mode::Polling { waiting: true, upgrade } => {
                let has_answer = target.take_poll(key).is_some();
                let mode = Mode::Polling { waiting: !has_answer, upgrade };
                self.owners.insert((shard, key), Owner::Nobody(mode));
            }
            Mode::Polling { waiting: false, .. } => target.linger(key),
            Mode::WebSocket => {
                if let Some(output) = target.output(key) {
                    *output.blocked = true;
                    match (output.closing, output.outbox.is_empty()) {
                        (Some(_), true) => target.lost(key, Reason::TransportClose),
                        (Some(_), false) => target.linger(key),
                        (None, _) => {}
                    }
                }
            }
        }
        if target.output(key).is_none() {
            self.owners.remove(&(shard, key));
        }
    }

    fn flush_polling(&mut self, shard: ShardId, key: ConnectionKey, client: usize, is_waiting: bool) {
        let target = &mut self.shards[usize::from(shard)];
        match is_waiting {
            true => {
                if let Some(payload) = target.take_poll(key) {
                    self.note(client, &payload);
                    let record = &mut self.clients[client];
                    if let Some(Link { mode: Mode::Polling { waiting, .. }, .. }) = &mut record.link {
                        *waiting = false;
                    }
                    let payload = std::str::from_utf8(&payload).expect("payloads are text");
                    record.hear_payload(payload, &mut self.oracle.borrow_mut());
                }
            }
            false => target.linger(key),
        }
        if self.shards[usize::from(shard)].output(key).is_none() {
            self.is_gone(client);
        }
    }

    fn flush_websocket(&mut self, shard: ShardId, key: ConnectionKey, client: usize) {
        let target = &mut self.shards[usize::from(shard)];
        let Some(output) = target.output(key) else { return self.is_gone(client) };
        let budget = match self.clients[client].temper {
            Temper::Slow(bytes) => bytes,
            Temper::Prompt | Temper::Mute => usize::MAX,
        };
        let mut wire: Vec<u8> = Vec::new();
        while !output.outbox.is_empty() && wire.len() < budget {
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = output.outbox.gather(&mut slices);
            let start = wire.len();
            for slice in &slices[..filled] {
                let left = budget - wire.len();
                wire.extend_from_slice(&slice[..slice.len().min(left)]);
            }
            output.outbox.advance(wire.len() - start);
        }
        let is_blocked = !output.outbox.is_empty();
        *output.blocked = is_blocked;
        let closing = output.closing;
        self.note(client, &wire);
        self.clients[client].hear_bytes(&wire, &mut self.oracle.borrow_mut());
        let target = &mut self.shards[usize::from(shard)];
        match (is_blocked, closing) {
            (false, None) => {}
            (true, None) => drop(self.blocked.insert((shard, key))),
            (true, Some(_)) => {
                target.linger(key);
                self.blocked.insert((shard, key));
            }
            (false, Some(_)) => target.lost(key, Reason::TransportClose),
        }
        if self.shards[usize::from(shard)].output(key).is_none() {
            self.is_gone(client);
        }
    }

    /// Adds what a client is sent to the hash of the run.
    fn note(&mut self, client: usize, bytes: &[u8]) {
        for byte in self.now.to_le_bytes().iter().chain(&(client as u64).to_le_bytes()).chain(bytes) {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

fn frame_of(message: &Outgoing) -> Frame {
    match message {
        Outgoing::Text(text) | Outgoing::Answer { text, .. } => {
            Frame::text(text.len(), |out| out.extend_from_slice(text.as_bytes()))
        }
        Outgoing::Binary(bytes) => Frame::binary(bytes),
    }
}
