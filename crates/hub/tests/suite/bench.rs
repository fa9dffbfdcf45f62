//! Shards on a workbench: a test sends raw packets in, reads raw packets out, turns the clock, carries the mail, and
//! lets its own code run as the application.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use campanile_hub::{
    Admission, App, ConnectRequest, ConnectionKey, Core, Denied, Description, Envelope, Event, Handshake,
    Options, Packet, Reason, RecoveryOptions, Refusal, Route, Shard, ShardId, Sid, SocketKey, Tap, Target,
    Tenant, Ticket, Transport,
};
use campanile_protocol::json;

/// The application: writes down what it is told, and runs what a test gives it.
#[derive(Default)]
pub(crate) struct Lab {
    pub(crate) log: Vec<String>,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) tap: Option<Arc<dyn Tap>>,
}

type Hub = Core<Lab>;
pub(crate) type Job = Box<dyn FnOnce(&mut Lab, &mut Hub) + Send>;

impl App for Lab {
    type Peer = ();
    type Socket = String;
    type Message = Job;

    fn handshake(&mut self, request: &Handshake<'_>) -> Result<(), Denied> {
        match request.query {
            "stranger" => Err(Denied("no strangers".into())),
            _ => Ok(()),
        }
    }

    /// `/later` is left for later, `/refused` refused, `/tenant-<n>` another tenant's `/`.
    fn connect(&mut self, _: &mut Hub, request: &ConnectRequest<'_, Self>) -> Admission<Self::Socket> {
        let tenant = json::get(request.auth, "tenant").and_then(|raw| raw.parse().ok()).unwrap_or_default();
        match request.namespace {
            "/" | "/side" | "/other" => Admission::Accept(Tenant(tenant), Default::default()),
            "/refused" => {
                Admission::Refuse { message: "not \"you\"".into(), data: Some(r#"{"code":7}"#.into()) }
            }
            namespace if namespace.starts_with("/later") => {
                self.tickets.push(request.ticket);
                Admission::Later
            }
            _ => Admission::UnknownNamespace,
        }
    }

    fn tap(&self) -> Option<Arc<dyn Tap>> {
        self.tap.clone()
    }

    fn describe(socket: &String) -> Description {
        Description { role: "socket", name: socket.as_str().into() }
    }

    fn may_recover(&self, socket: &String, _saved: &str) -> bool {
        socket != "a stranger"
    }

    fn connected(&mut self, core: &mut Hub, socket: SocketKey, auth: &str) {
        self.log.push(format!("connected {} {auth}", core.namespace(socket).unwrap_or_default()));
    }

    fn event(&mut self, core: &mut Hub, socket: SocketKey, event: &Event<'_>) {
        self.log.push(format!("event {} {}", event.name, event.args.join(",")));
        if let Some(ack) = event.ack {
            core.ack(socket, ack, event.args, event.attachments);
        }
    }

    fn disconnected(&mut self, core: &mut Hub, socket: SocketKey, reason: Reason) {
        let namespace = core.namespace(socket).unwrap_or_default();
        self.log.push(format!("disconnected {namespace} {}", reason.as_str()));
    }

    fn message(&mut self, core: &mut Hub, job: Job) {
        job(self, core);
    }

    fn deadline(&mut self, core: &mut Hub, token: u64) {
        self.log.push(format!("deadline {token} at {}", core.now()));
    }

    fn suspend(&self, data: &String) -> String {
        data.clone()
    }

    fn recovered(&mut self, _: &mut Hub, _: SocketKey, saved: &str) {
        self.log.push(format!("recovered {saved}"));
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) shard: usize,
    pub(crate) key: ConnectionKey,
}

/// A client's membership in a namespace.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) peer: Peer,
    pub(crate) sid: Sid,
    pub(crate) pid: String,
}

pub(crate) struct Bench {
    pub(crate) shards: Vec<Shard<Lab>>,
    pub(crate) now: u64,
}

pub(crate) fn recovering() -> Options {
    Options { recovery: Some(RecoveryOptions::default()), ..Options::default() }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Everyone in `/` who is in one of `rooms`.
pub(crate) fn to<'a>(rooms: &'a [&'a str]) -> Target<'a> {
    Target { namespace: "/", rooms, ..Target::default() }
}

pub(crate) fn event<'a>(name: &'a str, args: &'a [&'a str]) -> Packet<'a> {
    Packet { name, args, ..Packet::default() }
}

impl Bench {
    pub(crate) fn new(shards: usize, options: Options) -> Self {
        Self::tapped(shards, options, None)
    }

    pub(crate) fn tapped(shards: usize, options: Options, tap: Option<Arc<dyn Tap>>) -> Self {
        let options = Arc::new(options);
        let shard = |id: usize| {
            let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ (id as u64 + 1);
            let fill = move |bytes: &mut [u8]| {
                for byte in bytes {
                    state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                    *byte = (state >> 56) as u8;
                }
            };
            let lab = Lab { tap: tap.clone(), ..Lab::default() };
            Shard::new(id as ShardId, shards, options.clone(), lab, Box::new(fill))
        };
        Self { shards: (0..shards).map(shard).collect(), now: 0 }
    }

    pub(crate) fn try_open(
        &mut self,
        shard: usize,
        transport: Transport,
        query: &str,
    ) -> Result<Peer, Refusal> {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let request = Handshake { address, secure: false, query, header: &|_| None };
        self.shards[shard].open(transport, &request).map(|key| Peer { shard, key })
    }

    /// Opens a WebSocket and reads the open packet.
    pub(crate) fn open(&mut self, shard: usize) -> Peer {
        let peer = self.try_open(shard, Transport::WebSocket, "").expect("the door is open");
        assert!(self.hear(peer)[0].starts_with("0{"));
        peer
    }

    pub(crate) fn say(&mut self, peer: Peer, text: &str) {
        self.shards[peer.shard].text(peer.key, text);
    }

    /// Joins a namespace with what the client presents.
    pub(crate) fn join(&mut self, peer: Peer, namespace: &str, auth: &str) -> Seat {
        let comma = if namespace == "/" { "" } else { "," };
        self.say(peer, &format!("40{}{comma}{auth}", namespace.trim_end_matches('/')));
        self.carry_mail();
        let heard = self.hear(peer);
        self.seat(peer, heard.last().expect("an answer"))
    }

    /// Reads the answer to a request to join.
    pub(crate) fn seat(&self, peer: Peer, answer: &str) -> Seat {
        let data = &answer[answer.find('{').unwrap_or_else(|| panic!("no confirmation: {answer}"))..];
        let field = |name| json::get(data, name).and_then(json::string).map(|text| text.into_owned());
        let sid = field("sid").and_then(|sid| Sid::parse(&sid));
        Seat { peer, sid: sid.expect("an id"), pid: field("pid").unwrap_or_default() }
    }

    /// Opens a WebSocket and joins `/`.
    pub(crate) fn connect(&mut self, shard: usize) -> Seat {
        let peer = self.open(shard);
        self.join(peer, "/", "")
    }

    /// What the client has been sent since it last listened; binary messages as `b:` and their text.
    pub(crate) fn hear(&mut self, peer: Peer) -> Vec<String> {
        let Some(output) = self.shards[peer.shard].output(peer.key) else { return Vec::new() };
        let heard = output.outbox.iter().map(|frame| {
            let text = String::from_utf8_lossy(frame.body()).into_owned();
            if frame.is_binary() { format!("b:{text}") } else { text }
        });
        let heard = heard.collect();
        output.outbox.clear();
        heard
    }

    /// Runs code as the application of a shard, and carries what it sends.
    pub(crate) fn run(&mut self, shard: usize, job: impl FnOnce(&mut Lab, &mut Hub) + Send + 'static) {
        self.shards[shard].message(Box::new(job));
        self.carry_mail();
    }

    pub(crate) fn socket(&self, seat: &Seat) -> SocketKey {
        match self.shards[seat.peer.shard].core().route(&seat.sid) {
            Route::Here(socket) => socket,
            other => panic!("{} is {other:?}", seat.sid),
        }
    }

    pub(crate) fn join_room(&mut self, seat: &Seat, room: &'static str) {
        let socket = self.socket(seat);
        self.run(seat.peer.shard, move |_, core| assert!(core.join(socket, room)));
    }

    /// Broadcasts an event without arguments to a room of `/`, from a shard.
    pub(crate) fn broadcast(&mut self, shard: usize, room: &'static str, name: &'static str) {
        self.run(shard, move |_, core| {
            core.broadcast(&to(&[room]), &event(name, &[]));
        });
    }

    /// Takes what a shard has for others, in order.
    pub(crate) fn take_mail(&mut self, from: usize) -> Vec<(usize, Envelope<Job>)> {
        self.shards[from].take_outgoing().map(|(to, envelope)| (usize::from(to), envelope)).collect()
    }

    /// Carries mail until nobody has any.
    pub(crate) fn carry_mail(&mut self) {
        self.carry_mail_but(|_, _| false);
    }

    /// Carries mail, but holds back what goes from one shard to another where `is_held` says so.
    pub(crate) fn carry_mail_but(&mut self, is_held: fn(usize, usize) -> bool) -> Vec<Envelope<Job>> {
        let mut held = Vec::new();
        while self.shards.iter().any(Shard::has_output) {
            for from in 0..self.shards.len() {
                self.shards[from].take_dirty(&mut Vec::new());
                for (to, envelope) in self.take_mail(from) {
                    match is_held(from, to) {
                        true => held.push(envelope),
                        false => self.shards[to].deliver(from as ShardId, envelope),
                    }
                }
            }
        }
        held
    }

    pub(crate) fn advance(&mut self, ms: u64) {
        self.now += ms;
        for shard in &mut self.shards {
            shard.advance(self.now);
        }
        self.carry_mail();
    }

    /// The network drops a connection, and the server hears of it.
    pub(crate) fn drop(&mut self, peer: Peer) {
        self.shards[peer.shard].lost(peer.key, Reason::TransportClose);
        self.carry_mail();
    }

    /// Why a connection that isn't forgotten yet is closing, if it is.
    pub(crate) fn closing(&mut self, peer: Peer) -> Option<Reason> {
        self.shards[peer.shard].output(peer.key).expect("it isn't forgotten").closing
    }

    pub(crate) fn log(&self, shard: usize) -> &[String] {
        &self.shards[shard].app().log
    }
}
