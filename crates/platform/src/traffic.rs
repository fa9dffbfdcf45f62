//! What flows through the hub, for people who watch it: events and acks in both directions, sockets that come and go.
//!
//! Each watcher has a queue of its own. A shard never waits for it: what a slow watcher can't take is counted and dropped
//! for that watcher only. While nobody watches, nothing is copied. The watchers' lock is the one that is taken for a
//! message, and only then.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use campanile_hub::{Content, Description, Flow as Told, Party as Socket, Tap, Tenant, What};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{admin_ui::VIEWERS, platform::is_secret_event};

/// Bytes of an event's arguments that are shown, of its name, and of what its ends are called: what waits for a watcher
/// has to stay small, whatever clients call things.
const PREVIEW_BYTES_MAX: usize = 256;

/// What bounds watching.
#[derive(Clone, Debug)]
pub struct TrafficOptions {
    /// How many may watch at once.
    pub watchers_max: usize,
    /// Flows that may wait for a watcher.
    pub flows_waiting_max: usize,
}

/// What flows, and who watches it. Clones are the same.
#[derive(Clone)]
pub struct Traffic(Arc<Inner>);

struct Inner {
    options: TrafficOptions,
    clock: fn() -> i64,
    watchers: RwLock<Vec<Arc<Watcher>>>,
    watchers_now: AtomicUsize,
    told: AtomicU64,
    dropped: AtomicU64,
}

/// Whether a watcher is shown which rooms sockets join and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rooms {
    /// It is.
    Shown,
    /// It isn't.
    Hidden,
}

struct Watcher {
    app: Option<Tenant>,
    rooms: Rooms,
    queue: mpsc::Sender<Flow>,
    dropped: AtomicU64,
}

/// Somebody watches until this is dropped.
pub struct Watching {
    traffic: Traffic,
    watcher: Arc<Watcher>,
    queue: mpsc::Receiver<Flow>,
}

/// As many watch as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many watch the traffic as may (limits.traffic_watchers_max)")]
pub struct TooManyWatchers;

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficStats {
    /// Who watches.
    pub watchers_now: u64,
    /// Flows handed to watchers.
    pub told: u64,
    /// Flows that watchers were too slow for.
    pub dropped: u64,
}

/// Something that flowed.
#[derive(Clone, Debug, Serialize)]
pub struct Flow {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Of which app.
    #[serde(skip)]
    pub app: Tenant,
    /// On which shard.
    pub shard: u8,
    /// In which namespace.
    pub namespace: Box<str>,
    /// What it was.
    pub kind: Kind,
    /// Who sent, came or went.
    pub from: Party,
    /// Who got it.
    pub to: Party,
    /// The event's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<str>>,
    /// Bytes of its arguments, binary ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// How many sockets of the shard a broadcast went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receivers: Option<usize>,
    /// The beginning of its arguments, as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<str>>,
    /// Why a socket is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Which room a socket joins or leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<Box<str>>,
}

/// What kind of thing flowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A socket came.
    Connect,
    /// A socket is gone.
    Disconnect,
    /// A socket joins a room.
    Join,
    /// A socket leaves a room.
    Leave,
    /// An event from a socket to the hub.
    Received,
    /// An event from the hub to somebody.
    Sent,
    /// An ack, in either direction.
    Acked,
}

/// One end of what flowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Party {
    /// The hub.
    Hub,
    /// A socket.
    Socket {
        /// Its id.
        id: String,
        /// What it is called: a user's id, a provider's.
        #[serde(skip_serializing_if = "str::is_empty")]
        name: Box<str>,
        /// `provider`, `user`, `client`, `key` or `anonymous`.
        role: &'static str,
    },
    /// Sockets that are reached together.
    Room {
        /// Which, in words.
        name: String,
    },
    /// All sockets of the app.
    Everyone,
}

impl Traffic {
    /// Nobody watches yet. `clock` tells the time in milliseconds since the epoch.
    #[must_use]
    pub fn new(options: TrafficOptions, clock: fn() -> i64) -> Self {
        Self(Arc::new(Inner {
            options,
            clock,
            watchers: RwLock::default(),
            watchers_now: AtomicUsize::new(0),
            told: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }))
    }

    /// Begins to watch one app, or all.
    ///
    /// # Errors
    /// Too many watch already.
    pub fn watch(&self, app: Option<Tenant>, rooms: Rooms) -> Result<Watching, TooManyWatchers> {
        let (sender, queue) = mpsc::channel(self.0.options.flows_waiting_max);
        let watcher = Arc::new(Watcher { app, rooms, queue: sender, dropped: AtomicU64::new(0) });
        let mut watchers = self.0.watchers.write().unwrap_or_else(PoisonError::into_inner);
        if watchers.len() >= self.0.options.watchers_max {
            return Err(TooManyWatchers);
        }
        watchers.push(watcher.clone());
        self.0.watchers_now.store(watchers.len(), Relaxed);
        Ok(Watching { traffic: self.clone(), watcher, queue })
    }

    /// How many flows may wait for a watcher.
    #[must_use]
    pub fn flows_waiting_max(&self) -> usize {
        self.0.options.flows_waiting_max
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> TrafficStats {
        TrafficStats {
            watchers_now: self.0.watchers_now.load(Relaxed) as u64,
            told: self.0.told.load(Relaxed),
            dropped: self.0.dropped.load(Relaxed),
        }
    }

    fn hand_over(&self, watcher: &Watcher, flow: Flow) {
        match watcher.queue.try_send(flow) {
            Ok(()) => self.0.told.fetch_add(1, Relaxed),
            Err(_) => {
                watcher.dropped.fetch_add(1, Relaxed);
                self.0.dropped.fetch_add(1, Relaxed)
            }
        };
    }
}

impl Watching {
    /// Waits for what flows, then takes what there is.
    pub async fn next(&mut self, flows: &mut Vec<Flow>) {
        let flows_max = self.traffic.flows_waiting_max();
        self.queue.recv_many(flows, flows_max).await;
    }

    /// Takes what there is by now, as far as `flows` has room.
    pub fn take(&mut self, flows: &mut Vec<Flow>) {
        let room = self.traffic.flows_waiting_max().saturating_sub(flows.len());
        flows.extend(std::iter::from_fn(|| self.queue.try_recv().ok()).take(room));
    }

    /// How many flows this watcher has missed since it was asked last.
    pub fn take_dropped(&self) -> u64 {
        self.watcher.dropped.swap(0, Relaxed)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let inner = &self.traffic.0;
        let mut watchers = inner.watchers.write().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| !Arc::ptr_eq(watcher, &self.watcher));
        inner.watchers_now.store(watchers.len(), Relaxed);
    }
}

impl Watcher {
    fn wants(&self, told: &Told<'_>) -> bool {
        let is_about_rooms = matches!(told.what, What::Joined(_) | What::Left(_));
        let is_shown = !is_about_rooms || self.rooms == Rooms::Shown;
        // Who watches isn't watched, which would never end.
        is_shown && told.tenant != VIEWERS && self.app.is_none_or(|app| app == told.tenant)
    }
}

impl Tap for Traffic {
    fn is_on(&self) -> bool {
        self.0.watchers_now.load(Relaxed) > 0
    }

    fn flow(&self, told: &Told<'_>) {
        let watchers = self.0.watchers.read().unwrap_or_else(PoisonError::into_inner);
        let mut interested = watchers.iter().filter(|watcher| watcher.wants(told)).peekable();
        if interested.peek().is_none() {
            return;
        }
        let flow = Flow::of(told, (self.0.clock)());
        for watcher in interested {
            self.hand_over(watcher, flow.clone());
        }
    }
}

impl Flow {
    fn of(told: &Told<'_>, at_ms: i64) -> Self {
        let socket = || told.party.map_or(Party::Hub, Party::from);
        let (kind, from, to, content) = match told.what {
            What::Connected => (Kind::Connect, socket(), Party::Hub, None),
            What::Disconnected(_) => (Kind::Disconnect, socket(), Party::Hub, None),
            What::Joined(_) => (Kind::Join, socket(), Party::Hub, None),
            What::Left(_) => (Kind::Leave, socket(), Party::Hub, None),
            What::Received(content) => (Kind::Received, socket(), Party::Hub, Some(content)),
            What::Sent(content) => (Kind::Sent, Party::Hub, socket(), Some(content)),
            What::Broadcast { rooms, content, .. } => {
                (Kind::Sent, Party::Hub, Party::of_rooms(rooms), Some(content))
            }
            What::AckReceived(content) => (Kind::Acked, socket(), Party::Hub, Some(content)),
            What::AckSent(content) => (Kind::Acked, Party::Hub, socket(), Some(content)),
        };
        let receivers =
            if let What::Broadcast { receivers, .. } = told.what { Some(receivers) } else { None };
        let reason = if let What::Disconnected(reason) = told.what { Some(reason.as_str()) } else { None };
        let room =
            if let What::Joined(room) | What::Left(room) = told.what { Some(cut(room).into()) } else { None };
        Self {
            at_ms,
            app: told.tenant,
            shard: told.shard,
            namespace: told.namespace.into(),
            kind,
            from,
            to,
            event: content
                .filter(|content| !content.event.is_empty())
                .map(|content| cut(content.event).into()),
            bytes: content.as_ref().map(bytes_of),
            receivers,
            preview: content.as_ref().and_then(preview_of),
            reason,
            room,
        }
    }
}

fn bytes_of(content: &Content<'_>) -> usize {
    content.args.iter().map(|arg| arg.len()).sum::<usize>() + content.attached_bytes
}

/// The beginning of the arguments. Of an event that carries a secret nothing is shown.
fn preview_of(content: &Content<'_>) -> Option<Box<str>> {
    if is_secret_event(content.event) {
        return None;
    }
    let mut preview = String::new();
    for (index, arg) in content.args.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        for part in [separator, arg] {
            let room = PREVIEW_BYTES_MAX.saturating_sub(preview.len());
            preview.push_str(&part[..part.floor_char_boundary(room)]);
        }
    }
    Some(preview.into())
}

impl From<&Socket> for Party {
    fn from(socket: &Socket) -> Self {
        let Description { role, name } = &socket.description;
        Self::Socket { id: socket.sid.to_string(), name: cut(name).into(), role }
    }
}

impl Party {
    /// The id of a socket.
    pub(crate) fn socket_id(&self) -> Option<&str> {
        if let Self::Socket { id, .. } = self { Some(id) } else { None }
    }

    /// What it is to people.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Hub => "the hub".to_owned(),
            Self::Socket { id, .. } => id.clone(),
            Self::Room { name } => name.clone(),
            Self::Everyone => "everyone".to_owned(),
        }
    }

    fn of_rooms(rooms: &[Box<str>]) -> Self {
        match rooms {
            [] => Self::Everyone,
            rooms => {
                let rooms: Vec<String> = rooms.iter().map(|room| in_words(room)).collect();
                Self::Room { name: cut(&rooms.join(", ")).to_owned() }
            }
        }
    }
}

/// The beginning of a text.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(PREVIEW_BYTES_MAX)]
}

/// Rooms are named by what their sockets have in common.
fn in_words(room: &str) -> String {
    match room.split_once(':') {
        Some(("followers", provider_id)) => format!("followers of {provider_id}"),
        Some((group, id)) => format!("{group} {id}"),
        None => room.to_owned(),
    }
}
