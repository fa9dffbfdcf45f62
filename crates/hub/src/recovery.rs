//! Connection state recovery: what a dropped client missed, and how it gets it wherever it comes back.
//!
//! Every shard logs the recoverable events of its namespaces. An *offset* names a position in the log of the shard
//! that the socket is on; clients remember the last one they saw (it is the last argument of every such event). A
//! dropped socket leaves a *session* behind. It is handed out once, to whoever presents its secret `pid`.
//!
//! A client may return to another shard than the one that holds its session. The session then moves, together with
//! what was missed and with a note of which broadcasts of every shard are accounted for. The new shard waits until it
//! has seen at least those itself, adds what it saw beyond them, and only then lets the socket join its rooms. So
//! nothing is lost and nothing comes twice.
//!
//! An event that was missed is one for the rooms that the socket was in when it was emitted; so changes of rooms are
//! remembered as far back as the log reaches. Where anything needed is no longer known the client starts over, which
//! it is told: better than a gap, which it is not.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use campanile_protocol::{Frame, json};
use serde::{Deserialize, Serialize};

use crate::{
    Delivery, Frames, Packet, RecoveryOptions, ShardId, Sid, SocketKey, Tenant, Ticket,
    core::{Recoverable, encode},
    id::SidMap,
    peer::{Moved, Selection},
    timers::{Millis, TimerId},
};

/// What is kept of a socket whose connection dropped.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) pid: Sid,
    pub(crate) sid: Sid,
    pub(crate) namespace: Box<str>,
    pub(crate) tenant: Tenant,
    pub(crate) rooms: Vec<Box<str>>,
    pub(crate) history: RoomHistory,
    /// Log position after which something may be missed by a client that never saw an offset.
    pub(crate) since: u64,
    /// The shards that it came to from another one, and that told all others where it is.
    pub(crate) travels: Vec<ShardId>,
    /// When its last connection was opened.
    pub(crate) opened_at: Millis,
    pub(crate) saved: Box<str>,
}

/// How a socket's rooms came to be what they are: an event that it missed was for it if it was in the event's rooms
/// at that time.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoomHistory {
    changes: VecDeque<RoomChange>,
    /// Log position from which on all changes are known.
    from: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct RoomChange {
    /// The log position at that time.
    pub(crate) seq: u64,
    pub(crate) room: Box<str>,
    pub(crate) passage: Passage,
}

/// Into a room, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Passage {
    In,
    Out,
}

/// Changes that are remembered of one socket.
const CHANGES_MAX: usize = 1_000;

impl RoomHistory {
    pub(crate) fn new(from: u64, changes: impl IntoIterator<Item = RoomChange>) -> Self {
        Self { changes: changes.into_iter().collect(), from }
    }

    pub(crate) fn from(&self) -> u64 {
        self.from
    }

    pub(crate) fn changes(&self) -> impl DoubleEndedIterator<Item = &RoomChange> {
        self.changes.iter()
    }

    fn note(&mut self, change: RoomChange, oldest: u64) {
        while let Some(first) = self.changes.front()
            && (first.seq < oldest || self.changes.len() >= CHANGES_MAX)
        {
            self.from = first.seq;
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }
}

pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: Millis,
    pub(crate) origin: ShardId,
    pub(crate) number: u64,
    pub(crate) selection: Selection,
    /// Set for events that were meant for one socket.
    pub(crate) direct: Option<Sid>,
    pub(crate) frames: Frames,
    bytes: usize,
}

/// A session that has arrived from another shard and waits until this one has caught up.
pub(crate) struct Parked {
    pub(crate) ticket: Ticket,
    pub(crate) moved: Box<Moved>,
}

pub(crate) struct Recovery {
    options: Option<RecoveryOptions>,
    id: ShardId,
    log: VecDeque<Entry>,
    log_bytes: usize,
    /// Sequence number of the newest entry.
    newest: u64,
    /// Count of this shard's own recoverable broadcasts.
    number: u64,
    /// The last broadcast seen from each shard.
    seen: Vec<u64>,
    /// The last broadcast from each shard that has left the log.
    forgotten: Vec<u64>,
    sessions: SidMap<(Session, TimerId)>,
    pid_by_sid: SidMap<Sid>,
    /// Connected sockets by their pid.
    live: SidMap<SocketKey>,
    /// Where sockets went that moved to another shard.
    moved: SidMap<ShardId>,
    pub(crate) parked: Vec<Parked>,
    /// Strings that volatile events ended in, with the log position at that time: clients take any trailing string
    /// for an offset, and may come back with one of these.
    tails: HashMap<Box<[u8]>, u64>,
}

/// The longest trailing string that is remembered.
const TAIL_BYTES_MAX: usize = 256;

/// Trailing strings that are remembered; events with others get a true offset behind them.
const TAILS_MAX: usize = 1_000;

/// Bytes that an entry costs beside its frames.
const ENTRY_BYTES: usize = 160;

impl Recovery {
    pub(crate) fn new(options: Option<RecoveryOptions>, id: ShardId, shards: usize) -> Self {
        Self {
            options,
            id,
            log: VecDeque::new(),
            log_bytes: 0,
            newest: 0,
            number: 0,
            seen: vec![0; shards],
            forgotten: vec![0; shards],
            sessions: SidMap::default(),
            pid_by_sid: SidMap::default(),
            live: SidMap::default(),
            moved: SidMap::default(),
            parked: Vec::new(),
            tails: HashMap::new(),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.options.is_some()
    }

    pub(crate) fn max_disconnection(&self) -> Duration {
        self.options.as_ref().map_or(Duration::ZERO, |options| options.max_disconnection)
    }

    pub(crate) fn session_count(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn log_bytes(&self) -> usize {
        self.log_bytes
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter()
    }

    /// The dropped sessions, each with the time at which it expires.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (&Session, Millis)> {
        self.sessions.values().map(|(session, expiry)| (session, expiry.at()))
    }

    pub(crate) fn moves(&self) -> impl Iterator<Item = (Sid, ShardId)> {
        self.moved.iter().map(|(sid, shard)| (*sid, *shard))
    }

    /// Goes on where a former run ended.
    pub(crate) fn restore(&mut self, newest: u64, number: u64, seen: Vec<u64>, log: Vec<Entry>) {
        (self.newest, self.number, self.seen) = (newest, number, seen);
        self.forgotten.clone_from(&self.seen);
        for entry in log.iter().rev().filter(|entry| entry.number > 0) {
            if let Some(forgotten) = self.forgotten.get_mut(usize::from(entry.origin)) {
                *forgotten = entry.number - 1;
            }
        }
        self.log_bytes = log.iter().map(|entry| entry.bytes).sum();
        self.log = log.into();
    }

    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    pub(crate) fn seen(&self) -> &[u64] {
        &self.seen
    }

    /// Numbers a broadcast of this shard; volatile ones aren't recovered and have no number.
    pub(crate) fn next_number(&mut self, delivery: Delivery) -> u64 {
        if !self.is_on() || delivery == Delivery::Volatile {
            return 0;
        }
        self.number += 1;
        self.number
    }

    /// Logs a broadcast and returns its frames with the offset that clients are to remember.
    pub(crate) fn log_broadcast(
        &mut self,
        now: Millis,
        origin: ShardId,
        number: u64,
        selection: &Selection,
        frames: &Frames,
        delivery: Delivery,
    ) -> Frames {
        if delivery == Delivery::Volatile {
            return self.protect_offset(frames);
        }
        if let Some(seen) = self.seen.get_mut(usize::from(origin)) {
            *seen = number.max(*seen);
        }
        self.append(now, origin, number, selection.clone(), None, frames.clone());
        with_offset(frames, self.id, self.newest)
    }

    /// The same for an event to one socket of this shard.
    pub(crate) fn log_direct(
        &mut self,
        now: Millis,
        namespace: &str,
        tenant: Tenant,
        sid: Sid,
        frames: &Frames,
        packet: &Packet<'_>,
    ) -> Frames {
        if packet.delivery == Delivery::Volatile {
            return self.protect_offset(frames);
        }
        let selection = Selection { namespace: namespace.into(), tenant, ..Selection::default() };
        self.append(now, self.id, 0, selection, Some(sid), frames.clone());
        with_offset(frames, self.id, self.newest)
    }

    /// Logs an event for a socket whose connection dropped.
    pub(crate) fn log_suspended(&mut self, now: Millis, sid: &Sid, packet: &Packet<'_>) {
        if packet.delivery == Delivery::Volatile {
            return;
        }
        let Some((session, _)) = self.pid_by_sid.get(sid).and_then(|pid| self.sessions.get(pid)) else {
            return;
        };
        let (namespace, tenant) = (session.namespace.clone(), session.tenant);
        let frames = encode(&namespace, None, packet);
        let selection = Selection { namespace, tenant, ..Selection::default() };
        self.append(now, self.id, 0, selection, Some(*sid), frames);
    }

    /// A volatile event has no offset of its own, but clients take *any* trailing string for one. So the position that
    /// such a string stands for is remembered; where it would stand for several, a true offset is put behind it.
    fn protect_offset(&mut self, frames: &Frames) -> Frames {
        let Some(tail) = frames.first().and_then(|frame| trailing_string(frame.body())) else {
            return frames.clone();
        };
        let newest = self.newest;
        if self.tails.len() >= TAILS_MAX {
            let oldest = self.log.front().map_or(newest, |entry| entry.seq);
            self.tails.retain(|_, seq| *seq + 1 >= oldest);
        }
        let is_known = self.tails.get(&*tail).map(|seq| *seq == newest);
        match is_known {
            Some(true) => frames.clone(),
            None if self.tails.len() < TAILS_MAX && tail.len() <= TAIL_BYTES_MAX => {
                self.tails.insert(tail, newest);
                frames.clone()
            }
            _ => with_offset(frames, self.id, newest),
        }
    }

    fn append(
        &mut self,
        at: Millis,
        origin: ShardId,
        number: u64,
        selection: Selection,
        direct: Option<Sid>,
        frames: Frames,
    ) {
        self.newest += 1;
        let entry = Entry::new(self.newest, at, origin, number, selection, direct, frames);
        self.log_bytes += entry.bytes;
        self.log.push_back(entry);
        let bytes_max = self.options.as_ref().map_or(0, |options| options.log_bytes_max);
        let oldest = at.saturating_sub(self.max_disconnection().as_millis() as Millis);
        while let Some(front) =
            self.log.front().filter(|front| self.log_bytes > bytes_max || front.at < oldest)
        {
            self.log_bytes -= front.bytes;
            if let Some(forgotten) = self.forgotten.get_mut(usize::from(front.origin)) {
                *forgotten = front.number.max(*forgotten);
            }
            self.log.pop_front();
        }
        if self.log.capacity() > 1024 && self.log.len() * 8 < self.log.capacity() {
            self.log.shrink_to(512);
        }
    }

    pub(crate) fn add_live(&mut self, pid: Sid, socket: SocketKey) {
        self.live.insert(pid, socket);
    }

    /// The connected socket that holds this pid.
    pub(crate) fn live(&self, pid: &Sid) -> Option<SocketKey> {
        self.live.get(pid).copied()
    }

    /// Whether the socket with this pid is, or was last, on this shard.
    pub(crate) fn knows(&self, pid: &Sid) -> bool {
        self.live.contains_key(pid) || self.sessions.contains_key(pid)
    }

    pub(crate) fn remove_live(&mut self, pid: &Sid) {
        self.live.remove(pid);
    }

    /// Keeps a session until `expiry`; returns another one that had to make room, with its deadline.
    pub(crate) fn keep(&mut self, session: Session, expiry: TimerId) -> Option<(Session, TimerId)> {
        let sessions_max = self.options.as_ref().map_or(0, |options| options.sessions_max);
        let mut evicted = None;
        if self.sessions.len() >= sessions_max
            && let Some(oldest) = self.sessions.values().min_by_key(|(_, timer)| *timer).map(|(s, _)| s.pid)
        {
            evicted = self.take(&oldest);
        }
        self.pid_by_sid.insert(session.sid, session.pid);
        self.sessions.insert(session.pid, (session, expiry));
        evicted
    }

    /// Hands a session out; it can't be had twice.
    pub(crate) fn take(&mut self, pid: &Sid) -> Option<(Session, TimerId)> {
        let (session, timer) = self.sessions.remove(pid)?;
        self.pid_by_sid.remove(&session.sid);
        Some((session, timer))
    }

    /// The sessions of dropped sockets that are selected.
    pub(crate) fn selected(&self, selection: &Selection) -> Vec<Sid> {
        let sessions = self.sessions.values().map(|(session, _)| session);
        let is_selected = |session: &&Session| {
            selection.includes(session, |room| session.rooms.iter().any(|own| **own == *room))
        };
        sessions.filter(is_selected).map(|session| session.pid).collect()
    }

    /// When the last connection of a dropped session was opened.
    pub(crate) fn opened_at(&self, pid: &Sid) -> Option<Millis> {
        self.sessions.get(pid).map(|(session, _)| session.opened_at)
    }

    /// The session that the socket with this id left behind.
    pub(crate) fn session_of(&self, sid: &Sid) -> Option<&Session> {
        self.sessions.get(self.pid_by_sid.get(sid)?).map(|(session, _)| session)
    }

    pub(crate) fn holds(&self, sid: &Sid) -> bool {
        self.pid_by_sid.contains_key(sid)
    }

    pub(crate) fn moved(&self, sid: &Sid) -> Option<ShardId> {
        self.moved.get(sid).copied()
    }

    pub(crate) fn set_moved(&mut self, sid: Sid, to: ShardId) {
        if to == self.id {
            self.moved.remove(&sid);
        } else {
            self.moved.insert(sid, to);
        }
    }

    pub(crate) fn forget_moved(&mut self, sid: &Sid) {
        self.moved.remove(sid);
    }

    /// What the session's client missed since `offset`, each with its position; `None` if the log doesn't reach back
    /// that far.
    pub(crate) fn missed(&self, session: &Session, offset: Option<&str>) -> Option<Vec<(u64, Frames)>> {
        // An offset of another shard, or one before `since`, is what the client knew when it last came back: what it
        // had missed then was logged again behind `since`.
        let position = match offset {
            Some(offset) => match parse_offset(offset) {
                Some((shard, seq)) if shard == self.id => seq.max(session.since),
                Some(_) => session.since,
                None => self.tails.get(offset.as_bytes())?.max(&session.since).to_owned(),
            },
            None => session.since,
        };
        let oldest = self.oldest();
        if position + 1 < oldest || position > self.newest || position < session.history.from {
            return None;
        }
        let start = (position + 1 - oldest) as usize;
        // Backwards, so that changes of its rooms can be undone on the way.
        let mut rooms = session.rooms();
        let mut changes = session.history.changes().rev().peekable();
        let mut missed = Vec::new();
        for entry in self.log.iter().skip(start).rev() {
            while let Some(change) = changes.next_if(|change| change.seq >= entry.seq) {
                match change.passage {
                    Passage::In => rooms.remove(&*change.room),
                    Passage::Out => rooms.insert(&change.room),
                };
            }
            if entry.is_for(session, &rooms) {
                missed.push((entry.seq, entry.frames.clone()));
            }
        }
        missed.reverse();
        Some(missed)
    }

    /// Position of the first entry, or of the next one if there is none.
    fn oldest(&self) -> u64 {
        self.log.front().map_or(self.newest + 1, |entry| entry.seq)
    }

    /// Notes that a socket's rooms change now. What was so since it came, or last returned, needs no note.
    pub(crate) fn note_room(&self, recoverable: &mut Recoverable, room: &str, passage: Passage) {
        if recoverable.since < self.newest {
            let change = RoomChange { seq: self.newest, room: room.into(), passage };
            recoverable.history.note(change, self.oldest());
        }
    }

    /// What this shard saw of broadcasts that a session's former shard hadn't seen yet; `None` if some of it has left
    /// the log.
    pub(crate) fn beyond(&self, session: &Session, seen: &[u64]) -> Option<Vec<Frames>> {
        if self.forgotten.iter().zip(seen).any(|(forgotten, seen)| forgotten > seen) {
            return None;
        }
        let is_new = |e: &&Entry| e.number > seen.get(usize::from(e.origin)).copied().unwrap_or(0);
        let rooms = session.rooms();
        let entries = self.log.iter().filter(|e| e.direct.is_none()).filter(is_new);
        Some(entries.filter(|e| e.is_for(session, &rooms)).map(|e| e.frames.clone()).collect())
    }

    /// Whether this shard has seen every broadcast that `seen` accounts for.
    pub(crate) fn has_caught_up(&self, seen: &[u64]) -> bool {
        let own = usize::from(self.id);
        seen.iter().enumerate().all(|(shard, number)| shard == own || self.seen[shard] >= *number)
    }

    /// Logs what the client of a session from another shard missed, so that its offsets mean something here: it may
    /// drop again before it hears any of it. Returns the frames with their new positions.
    pub(crate) fn relog(
        &mut self,
        now: Millis,
        session: &mut Session,
        missed: Vec<Frames>,
    ) -> Vec<(u64, Frames)> {
        (session.since, session.history) = (self.newest, RoomHistory::default());
        let mut relogged = Vec::with_capacity(missed.len());
        for frames in missed {
            let selection = Selection {
                namespace: session.namespace.clone(),
                tenant: session.tenant,
                ..Selection::default()
            };
            self.append(now, self.id, 0, selection, Some(session.sid), frames.clone());
            relogged.push((self.newest, frames));
        }
        relogged
    }

    /// An event with the offset that stands for its position.
    pub(crate) fn at_position(&self, (seq, frames): &(u64, Frames)) -> Frames {
        with_offset(frames, self.id, *seq)
    }
}

impl Session {
    fn rooms(&self) -> HashSet<&str> {
        self.rooms.iter().map(|room| &**room).collect()
    }
}

impl Entry {
    pub(crate) fn new(
        seq: u64,
        at: Millis,
        origin: ShardId,
        number: u64,
        selection: Selection,
        direct: Option<Sid>,
        frames: Frames,
    ) -> Self {
        let bytes = ENTRY_BYTES + frames.iter().map(|frame| frame.websocket_bytes().len()).sum::<usize>();
        Self { seq, at, origin, number, selection, direct, frames, bytes }
    }

    /// Whether it was for a session that was in these rooms at the time.
    fn is_for(&self, session: &Session, in_rooms: &HashSet<&str>) -> bool {
        match self.direct {
            Some(sid) => sid == session.sid && self.selection.is_in_space_of(session),
            None => self.selection.includes(session, |room| in_rooms.contains(room)),
        }
    }
}

impl Selection {
    fn is_in_space_of(&self, session: &Session) -> bool {
        self.namespace == session.namespace && self.tenant == session.tenant
    }

    fn includes(&self, session: &Session, in_rooms: impl Fn(&str) -> bool) -> bool {
        let own = session.sid.text();
        let is_in = |room: &str| room == own.as_str() || in_rooms(room);
        self.is_in_space_of(session)
            && (self.rooms.is_empty() || self.rooms.iter().any(|room| is_in(room)))
            && !self.except.iter().any(|room| is_in(room))
    }
}

/// The frames with an offset as the event's last argument.
fn with_offset(frames: &Frames, shard: ShardId, seq: u64) -> Frames {
    let mut with = frames.clone();
    if let Some(header) = frames.first() {
        let offset = format!(",\"{shard:x}.{seq:x}\"]");
        let body = header.body();
        let open = &body[..body.len().saturating_sub(1)];
        with[0] = Frame::text(open.len() + offset.len(), |out| {
            out.extend_from_slice(open);
            out.extend_from_slice(offset.as_bytes());
        });
    }
    with
}

/// The string that an event's arguments end in, decoded.
fn trailing_string(event: &[u8]) -> Option<Box<[u8]>> {
    let text = std::str::from_utf8(event).ok()?;
    let items = json::array_items(&text[text.find('[')?..], usize::MAX).ok()?;
    let tail = items.get(1..)?.last()?;
    Some(json::string(tail)?.as_bytes().into())
}

fn parse_offset(text: &str) -> Option<(ShardId, u64)> {
    let (shard, seq) = text.split_once('.')?;
    Some((ShardId::from_str_radix(shard, 16).ok()?, u64::from_str_radix(seq, 16).ok()?))
}
