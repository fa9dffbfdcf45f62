//! A shard: the state of its connections, driven by what a transport reports and by a clock that is passed in.
//!
//! The transport reports messages, polls, upgrades and losses; after each turn it asks which connections have something
//! to send ([`Shard::take_dirty`]) and what is for other shards ([`Shard::take_outgoing`]). The shard reads no clock,
//! owns no file descriptor and never waits.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use campanile_protocol::{Frame, engine};
use slotmap::SlotMap;

use crate::{
    App, ConnectionKey, Core, Denied, Envelope, Frames, Handshake, Options, Outbox, Raw, Reason, ShardId,
    Sid, Stats, Taken, Transport,
    connection::{Connection, Link, Upgrade},
    core::{Deadline, Notice},
    id::{Random, SidMap},
    peer::Note,
    recovery::Recovery,
    space::Spaces,
    timers::{Millis, Timers},
};

/// A shard and its application.
pub struct Shard<A: App> {
    pub(crate) core: Core<A>,
    pub(crate) app: A,
    ping: Frame,
}

/// Why a connection isn't opened.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The application said no.
    Denied(Denied),
    /// The shard holds `connections_max` connections already.
    Full,
}

/// Why a polling request isn't served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollError {
    /// The connection is gone.
    Unknown,
    /// The connection has moved to WebSocket.
    Mismatch,
    /// A request of the same kind is already being served; the connection ends.
    Overlap,
}

/// What a WebSocket that wants to take a connection over has to do next.
#[derive(Clone, Debug)]
pub enum UpgradeStep {
    /// Send this and go on.
    Reply(Frame),
    /// The connection is this WebSocket's now.
    Done,
    /// Close the WebSocket; the connection goes on polling.
    Refused,
}

/// A connection's output side.
pub struct Output<'a> {
    /// What waits.
    pub outbox: &'a mut Outbox,
    /// To be set when the network takes no more, and reset when it does.
    pub blocked: &'a mut bool,
    /// Why the connection is to be closed once the outbox is empty, if it is.
    pub closing: Option<Reason>,
}

/// How long a closing connection may take to send, or fetch, what waits for it.
const LINGER_MS: Millis = 30_000;

/// The same when the server stops: a client that lives polls again within a round trip.
const SHUTDOWN_LINGER_MS: Millis = 2_000;

impl<A: App> Shard<A> {
    /// A shard without connections.
    pub fn new(id: ShardId, shards: usize, options: Arc<Options>, app: A, random: Random) -> Self {
        let recovery = Recovery::new(options.recovery.clone(), id, shards);
        let tap = app.tap();
        let core = Core {
            id,
            shards,
            options,
            now: 0,
            random,
            connections: SlotMap::with_key(),
            connection_by_sid: SidMap::default(),
            sockets: SlotMap::with_key(),
            socket_by_sid: SidMap::default(),
            spaces: Spaces::default(),
            timers: Timers::new(),
            dirty: Vec::new(),
            outgoing: Vec::new(),
            notices: VecDeque::new(),
            acks: HashMap::new(),
            next_ack: 0,
            collections: HashMap::new(),
            next_collection: 0,
            recovery,
            stats: Stats::default(),
            tap,
            epoch: 0,
        };
        Self { core, app, ping: Frame::text(1, |out| out.push(b'2')) }
    }

    /// The application.
    pub fn app(&self) -> &A {
        &self.app
    }

    /// The state, for whoever isn't a handler.
    pub fn core(&self) -> &Core<A> {
        &self.core
    }

    /// What has been counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    /// Moves the clock to `now` and does what has become due.
    pub fn advance(&mut self, now: Millis) {
        self.core.now = self.core.now.max(now);
        while let Some(deadline) = self.core.timers.pop(self.core.now) {
            self.expire(deadline);
            self.settle();
        }
    }

    /// When [`Shard::advance`] is needed next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.core.timers.next()
    }

    fn expire(&mut self, deadline: Deadline) {
        match deadline {
            Deadline::Heartbeat(connection) => self.heartbeat(connection),
            Deadline::Connect(connection) => {
                let again = self.core.after(self.core.options.connect_timeout);
                if let Some(record) = self.core.connections.get_mut(connection).filter(|it| it.is_open()) {
                    record.connect_deadline = None;
                    if !record.pending.is_empty() {
                        // The application may take its time; its answer may be a refusal.
                        let again = self.core.timers.schedule(again, Deadline::Connect(connection));
                        record.connect_deadline = Some(again);
                    } else if record.sockets.is_empty() {
                        self.core.close(connection, Reason::ForcedClose);
                    }
                }
            }
            Deadline::Attachments(connection) => self.reject(connection),
            Deadline::Linger(connection) => {
                self.release(connection);
                // The transport finds it forgotten and drops its end.
                self.core.dirty.push(connection);
            }
            Deadline::Ack(socket, id) => self.core.ack_timed_out(socket, id),
            Deadline::Collection(id) => self.core.collection_timed_out(id),
            Deadline::Session(pid) => self.forget_session(&pid),
            Deadline::App(token) => self.app.deadline(&mut self.core, token),
        }
    }

    fn heartbeat(&mut self, key: ConnectionKey) {
        let (now, ping_timeout) = (self.core.now, self.core.options.ping_timeout);
        let ping_interval = self.core.options.ping_interval;
        let Some(connection) = self.core.connections.get_mut(key).filter(|connection| connection.is_open())
        else {
            return;
        };
        connection.heartbeat = None;
        if connection.heartbeat_at <= now {
            if connection.awaiting_pong {
                self.core.close(key, Reason::PingTimeout);
                return;
            }
            connection.awaiting_pong = true;
            connection.heartbeat_at = now + ping_timeout.as_millis() as Millis;
            let frames = smallvec::smallvec![self.ping.clone()];
            self.core.push(key, &frames, crate::Delivery::Reliable);
        }
        if let Some(connection) = self.core.connections.get_mut(key).filter(|connection| connection.is_open())
        {
            // A pong brings the next ping forward where the timeout is longer than the interval, so look again by then.
            let at = connection.heartbeat_at.min(now + ping_interval.as_millis() as Millis);
            connection.heartbeat = Some(self.core.timers.schedule(at, Deadline::Heartbeat(key)));
        }
    }

    /// Opens a connection, whose first packet waits in its outbox.
    ///
    /// # Errors
    /// The application refused it, or there are too many.
    pub fn open(&mut self, transport: Transport, request: &Handshake<'_>) -> Result<ConnectionKey, Refusal> {
        if self.core.connections.len() >= self.core.options.connections_max {
            self.core.stats.connections_refused += 1;
            return Err(Refusal::Full);
        }
        let peer = self.app.handshake(request).map_err(|denied| {
            self.core.stats.connections_refused += 1;
            Refusal::Denied(denied)
        })?;
        let core = &mut self.core;
        let sid = core.draw_sid();
        let heartbeat_at = core.after(core.options.ping_interval);
        let key = core.connections.insert(Connection::new(sid, transport, peer, core.now, heartbeat_at));
        let heartbeat = core.timers.schedule(heartbeat_at, Deadline::Heartbeat(key));
        let connect = core.timers.schedule(core.after(core.options.connect_timeout), Deadline::Connect(key));
        let connection = &mut core.connections[key];
        connection.heartbeat = Some(heartbeat);
        connection.connect_deadline = Some(connect);
        core.connection_by_sid.insert(sid, key);
        core.stats.connections_opened += 1;
        let open = engine::open_frame(&engine::Open {
            sid: sid.text().as_str(),
            upgrade_to_websocket: transport == Transport::Polling && core.options.allow_upgrades,
            ping_interval_ms: core.options.ping_interval.as_millis() as u64,
            ping_timeout_ms: core.options.ping_timeout.as_millis() as u64,
            max_payload_bytes: core.options.max_payload_bytes,
        });
        core.send_raw(key, open);
        Ok(key)
    }

    /// The connection with this Engine.IO session id, if it lives, or has a last word to its client.
    #[must_use]
    pub fn find(&self, sid: &Sid) -> Option<ConnectionKey> {
        let key = *self.core.connection_by_sid.get(sid)?;
        let closing = self.core.connections.get(key)?.closing;
        closing.is_none_or(Reason::lingers).then_some(key)
    }

    /// A connection's Engine.IO session id.
    #[must_use]
    pub fn engine_sid(&self, key: ConnectionKey) -> Option<Sid> {
        self.core.connections.get(key).map(|connection| connection.sid)
    }

    /// How a connection's packets travel at present.
    #[must_use]
    pub fn transport_of(&self, key: ConnectionKey) -> Option<Transport> {
        self.core.connections.get(key).map(Connection::transport)
    }

    /// Milliseconds for which no more is to be taken from a connection, because its client has sent more than it may.
    /// Nothing is lost by that: the network holds back what the client sends meanwhile.
    #[must_use]
    pub fn pause(&self, key: ConnectionKey) -> Millis {
        let connection = self.core.connections.get(key);
        let debt = |(connection, rate): (&Connection<A>, _)| connection.messages.debt(self.core.now, rate);
        connection.zip(self.core.options.messages_per_connection).map_or(0, debt)
    }

    /// Counts a message against the rate that its connection may send at.
    fn meter(&mut self, key: ConnectionKey) {
        if let Some(rate) = self.core.options.messages_per_connection
            && let Some(connection) = self.core.connections.get_mut(key)
            && connection.messages.owe(self.core.now, rate) > 0
        {
            self.core.stats.messages_over_rate += 1;
        }
    }

    /// Takes a text packet that arrived for a connection.
    pub fn text(&mut self, key: ConnectionKey, text: &str) {
        self.engine_packet(key, text);
        self.settle();
    }

    /// Takes a binary message that arrived for a connection.
    pub fn binary(&mut self, key: ConnectionKey, bytes: &[u8]) {
        self.binary_message(key, bytes);
        self.settle();
    }

    fn engine_packet(&mut self, key: ConnectionKey, text: &str) {
        self.meter(key);
        let Some(connection) = self.core.connections.get_mut(key).filter(|connection| connection.is_open())
        else {
            return;
        };
        match engine::decode(text) {
            Ok(engine::Packet::Message(message)) => self.text_message(key, message),
            Ok(engine::Packet::Pong(_)) => {
                connection.awaiting_pong = false;
                connection.heartbeat_at =
                    self.core.now + self.core.options.ping_interval.as_millis() as Millis;
            }
            // Only servers ping in this version of the protocol.
            Ok(engine::Packet::Ping(_)) => self.core.close(key, Reason::TransportError),
            Ok(engine::Packet::Close) => self.core.close(key, Reason::TransportClose),
            Ok(engine::Packet::Open | engine::Packet::Upgrade | engine::Packet::Noop) => {}
            Err(_) => {
                self.core.stats.packets_invalid += 1;
                self.core.close(key, Reason::ParseError);
            }
        }
    }

    fn text_message(&mut self, key: ConnectionKey, message: &str) {
        if self.app.raw(&mut self.core, key, Raw::Text(message)) == Taken::No {
            self.packet(key, message);
        }
    }

    fn binary_message(&mut self, key: ConnectionKey, bytes: &[u8]) {
        self.meter(key);
        if !self.core.connections.get(key).is_some_and(Connection::is_open) {
            return;
        }
        if self.app.raw(&mut self.core, key, Raw::Binary(bytes)) == Taken::No {
            self.attachment(key, bytes);
        }
    }

    /// The transport broke a connection's rules, or the network did: it ends at once.
    pub fn lost(&mut self, key: ConnectionKey, reason: Reason) {
        self.core.close(key, reason);
        self.release(key);
    }

    /// A connection's client broke a rule of its transport: it ends once a poll that waits has been answered.
    pub fn fail(&mut self, key: ConnectionKey, reason: Reason) {
        self.core.close(key, reason);
        self.settle();
    }

    /// Begins a poll. Its answer comes from [`Shard::take_poll`] once the connection is dirty.
    ///
    /// # Errors
    /// The request is to be answered with status 400.
    pub fn begin_poll(&mut self, key: ConnectionKey) -> Result<(), PollError> {
        let connection = self.core.connections.get_mut(key).ok_or(PollError::Unknown)?;
        let Link::Polling { waiting, .. } = &mut connection.link else { return Err(PollError::Mismatch) };
        if *waiting {
            self.core.close(key, Reason::TransportError);
            self.settle();
            return Err(PollError::Overlap);
        }
        *waiting = true;
        let is_due = !connection.outbox.is_empty()
            || connection.closing.is_some()
            || connection.upgrade == Upgrade::Probed;
        if is_due {
            self.core.mark_dirty(key);
        }
        Ok(())
    }

    /// The answer to the waiting poll, if there is one and something to say.
    pub fn take_poll(&mut self, key: ConnectionKey) -> Option<Bytes> {
        let connection = self.core.connections.get_mut(key)?;
        let Link::Polling { waiting, .. } = &mut connection.link else { return None };
        let is_due = !connection.outbox.is_empty()
            || connection.closing.is_some()
            || connection.upgrade == Upgrade::Probed;
        if !*waiting || !is_due {
            return None;
        }
        *waiting = false;
        let packets_max = self.core.options.poll_packets_max;
        let mut frames: Frames = connection.outbox.iter().take(packets_max).cloned().collect();
        connection.outbox.drop_first(frames.len());
        let is_complete = frames.len() < packets_max;
        let is_last = connection.closing.is_some_and(|reason| is_complete || !reason.lingers());
        if frames.is_empty() || is_last {
            // A client that closed needs no close packet back: a noop ends its poll.
            let last = match connection.closing {
                Some(Reason::TransportClose) | None => b'6',
                Some(_) => b'1',
            };
            frames.push(Frame::text(1, |out| out.push(last)));
        }
        if is_last {
            self.release(key);
        } else {
            self.linger(key);
        }
        Some(match &frames[..] {
            [frame] if !frame.is_binary() => frame.body_bytes(),
            frames => engine::join_payload(frames.iter()).into(),
        })
    }

    /// Begins to receive a payload by POST.
    ///
    /// # Errors
    /// The request is to be answered with status 400.
    pub fn begin_post(&mut self, key: ConnectionKey) -> Result<(), PollError> {
        let connection = self.core.connections.get_mut(key).ok_or(PollError::Unknown)?;
        let Link::Polling { posting, .. } = &mut connection.link else { return Err(PollError::Mismatch) };
        if *posting {
            self.core.close(key, Reason::TransportError);
            self.settle();
            return Err(PollError::Overlap);
        }
        *posting = true;
        Ok(())
    }

    /// The payload is complete.
    pub fn finish_post(&mut self, key: ConnectionKey, payload: &str, packets_max: usize) {
        self.end_post(key);
        match engine::split_payload(payload, packets_max) {
            Ok(packets) => {
                for packet in packets {
                    match packet {
                        engine::Polled::Text(text) => self.engine_packet(key, text),
                        engine::Polled::Binary(bytes) => self.binary_message(key, &bytes),
                    }
                    self.settle();
                }
            }
            Err(_) => {
                self.core.stats.packets_invalid += 1;
                self.core.close(key, Reason::ParseError);
                self.settle();
            }
        }
    }

    /// The payload was refused, but the connection lives on.
    pub fn end_post(&mut self, key: ConnectionKey) {
        if let Some(connection) = self.core.connections.get_mut(key)
            && let Link::Polling { posting, .. } = &mut connection.link
        {
            *posting = false;
        }
    }

    /// A WebSocket wants to take a polling connection over.
    pub fn begin_upgrade(&mut self, key: ConnectionKey) -> bool {
        let is_allowed = self.core.options.allow_upgrades;
        let Some(connection) = self.core.connections.get_mut(key).filter(|c| is_allowed && c.is_open())
        else {
            return false;
        };
        if !matches!(connection.link, Link::Polling { .. }) || connection.upgrade != Upgrade::None {
            return false;
        }
        connection.upgrade = Upgrade::Opened;
        true
    }

    /// A text packet arrived on the WebSocket that wants to take the connection over.
    pub fn upgrade_text(&mut self, key: ConnectionKey, text: &str) -> UpgradeStep {
        let Some(connection) = self.core.connections.get_mut(key).filter(|connection| connection.is_open())
        else {
            return UpgradeStep::Refused;
        };
        match (text, connection.upgrade) {
            ("2probe", Upgrade::Opened | Upgrade::Probed) => {
                connection.upgrade = Upgrade::Probed;
                self.core.mark_dirty(key);
                UpgradeStep::Reply(Frame::text(6, |out| out.extend_from_slice(b"3probe")))
            }
            ("5", Upgrade::Opened | Upgrade::Probed) => {
                connection.upgrade = Upgrade::None;
                connection.link = Link::WebSocket;
                self.core.stats.upgrades += 1;
                self.core.mark_dirty(key);
                UpgradeStep::Done
            }
            _ => UpgradeStep::Refused,
        }
    }

    /// The WebSocket that wanted to take the connection over is gone.
    pub fn abort_upgrade(&mut self, key: ConnectionKey) {
        if let Some(connection) = self.core.connections.get_mut(key) {
            connection.upgrade = Upgrade::None;
        }
    }

    /// Moves the keys of all connections that have something to send, or are to be closed, into `keys`.
    pub fn take_dirty(&mut self, keys: &mut Vec<ConnectionKey>) {
        for key in &self.core.dirty {
            if let Some(connection) = self.core.connections.get_mut(*key) {
                connection.dirty = false;
            }
        }
        keys.append(&mut self.core.dirty);
    }

    /// Whether [`Shard::take_dirty`] or [`Shard::take_outgoing`] would return anything.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.core.dirty.is_empty() || !self.core.outgoing.is_empty()
    }

    /// What waits for a connection; `None` once it is forgotten.
    pub fn output(&mut self, key: ConnectionKey) -> Option<Output<'_>> {
        self.core.connections.get_mut(key).map(|connection| Output {
            outbox: &mut connection.outbox,
            blocked: &mut connection.blocked,
            closing: connection.closing,
        })
    }

    /// Answers a WebSocket ping, or sends another frame that isn't an Engine.IO packet.
    pub fn send_control(&mut self, key: ConnectionKey, frame: Frame) {
        self.meter(key);
        self.core.send_raw(key, frame);
        self.settle();
    }

    /// A closing connection that can't be closed yet (no poll waits, or the network is full): keeps it for a while if
    /// there is something to tell, or lets it go.
    pub fn linger(&mut self, key: ConnectionKey) {
        let Some(connection) = self.core.connections.get_mut(key) else { return };
        match connection.closing {
            Some(reason) if reason.lingers() => {
                if std::mem::replace(&mut connection.lingers, true) {
                    return;
                }
                let linger_ms =
                    if reason == Reason::ServerShuttingDown { SHUTDOWN_LINGER_MS } else { LINGER_MS };
                let end = self.core.timers.schedule(self.core.now + linger_ms, Deadline::Linger(key));
                if let Some(heartbeat) = connection.heartbeat.replace(end) {
                    self.core.timers.cancel(heartbeat);
                }
            }
            Some(_) => self.release(key),
            None => {}
        }
    }

    /// Forgets a connection; the transport has closed it.
    pub fn release(&mut self, key: ConnectionKey) {
        self.settle();
        let Some(connection) = self.core.connections.remove(key) else { return };
        self.core.connection_by_sid.remove(&connection.sid);
        for timer in [connection.heartbeat, connection.connect_deadline].into_iter().flatten() {
            self.core.timers.cancel(timer);
        }
    }

    /// Takes everything that is for other shards, in order.
    pub fn take_outgoing(&mut self) -> std::vec::Drain<'_, (ShardId, Envelope<A::Message>)> {
        self.core.outgoing.drain(..)
    }

    /// Takes a message of another shard.
    pub fn deliver(&mut self, from: ShardId, envelope: Envelope<A::Message>) {
        self.core.stats.peer_messages += 1;
        match envelope.0 {
            Note::App(message) => self.app.message(&mut self.core, message),
            Note::Broadcast(broadcast) => {
                self.core.deliver_broadcast(from, &broadcast);
            }
            Note::BroadcastWithAck { broadcast, id, timeout_ms } => {
                self.core.collect_for(from, &broadcast, id, timeout_ms);
            }
            Note::AckReplies { id, replies, missing } => self.core.receive_replies(id, replies, missing),
            Note::Sockets { selection, action } => self.core.act_here(&selection, &action),
            Note::Recover { request, namespace, ticket, back } => {
                self.hand_over(back, request, namespace, ticket)
            }
            Note::Recovered { ticket, session } => self.handed_over(ticket, session),
            Note::Moved { ids, to } => ids.into_iter().for_each(|id| self.core.recovery.set_moved(id, to)),
            Note::Gone { ids, travels } => self.gone(ids, &travels),
        }
        self.settle();
        self.settle_parked();
    }

    /// Takes a message from outside the shards.
    pub fn message(&mut self, message: A::Message) {
        self.app.message(&mut self.core, message);
        self.settle();
    }

    /// Closes every connection because the server stops.
    pub fn shut_down(&mut self) {
        let keys: Vec<ConnectionKey> = self.core.connections.keys().collect();
        for key in keys {
            self.core.close(key, Reason::ServerShuttingDown);
        }
        self.settle();
    }

    /// How many connections are open or closing.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.core.connections.len()
    }

    /// Tells the application everything that it has to be told.
    pub(crate) fn settle(&mut self) {
        while let Some(notice) = self.core.notices.pop_front() {
            match notice {
                Notice::Disconnected(socket, reason) => self.finish_socket(socket, reason),
                Notice::Acked(callback, result) => callback(&mut self.app, &mut self.core, result),
                Notice::Collected(callback, replies) => callback(&mut self.app, &mut self.core, replies),
                Notice::Admitted(ticket, admission) => self.admitted(ticket, admission),
                Notice::Message(message) => self.app.message(&mut self.core, message),
                Notice::Forget(selection) => self.forget_suspended(&selection),
            }
        }
    }
}
