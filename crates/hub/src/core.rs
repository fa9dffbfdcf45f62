//! The state of a shard, and what an application may do with it: emit, ack, join, leave, disconnect, schedule.
//!
//! Nothing here calls back into the application. What it has to be told (a socket that went, an ack that came) is
//! noted and told by [`crate::Shard`] once the running handler has returned.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use campanile_protocol::{Frame, socket};
use slotmap::SlotMap;

use crate::{
    AckError, AckId, AckReply, Admission, App, ConnectionKey, Content, Delivery, Envelope, Frames, Options,
    Outbox, Packet, Reason, ShardId, Sid, SocketKey, Stats, Tap, Target, Tenant, Ticket, Transport, What,
    acks::{AckCallback, BroadcastAckCallback, Collection, PendingAck},
    connection::Connection,
    id::{Random, SidMap, SpaceKey},
    peer::{Action, Note, Selection},
    recovery::{Passage, Recovery, RoomHistory},
    space::{Member, Memberships, Spaces},
    timers::{Millis, TimerId, Timers},
};

/// The state of one shard. Applications get it in each of their handlers.
pub struct Core<A: App> {
    pub(crate) id: ShardId,
    pub(crate) shards: usize,
    pub(crate) options: Arc<Options>,
    pub(crate) now: Millis,
    pub(crate) random: Random,
    pub(crate) connections: SlotMap<ConnectionKey, Connection<A>>,
    pub(crate) connection_by_sid: SidMap<ConnectionKey>,
    pub(crate) sockets: SlotMap<SocketKey, Socket<A>>,
    pub(crate) socket_by_sid: SidMap<SocketKey>,
    pub(crate) spaces: Spaces,
    pub(crate) timers: Timers<Deadline>,
    pub(crate) dirty: Vec<ConnectionKey>,
    pub(crate) outgoing: Vec<(ShardId, Envelope<A::Message>)>,
    pub(crate) notices: VecDeque<Notice<A>>,
    pub(crate) acks: HashMap<(SocketKey, u64), PendingAck<A>>,
    pub(crate) next_ack: u64,
    pub(crate) collections: HashMap<u64, Collection<A>>,
    pub(crate) next_collection: u64,
    pub(crate) recovery: Recovery,
    pub(crate) stats: Stats,
    /// Who may watch.
    pub(crate) tap: Option<Arc<dyn Tap>>,
    /// Marks sockets already served by the running broadcast.
    pub(crate) epoch: u32,
}

/// A connection's membership in one namespace.
pub(crate) struct Socket<A: App> {
    pub(crate) sid: Sid,
    pub(crate) connection: ConnectionKey,
    pub(crate) space: SpaceKey,
    pub(crate) position: u32,
    pub(crate) mark: u32,
    pub(crate) rooms: Memberships,
    pub(crate) open_acks: Vec<u64>,
    pub(crate) ending: bool,
    pub(crate) recovery: Option<Box<Recoverable>>,
    pub(crate) data: A::Socket,
}

/// What makes a socket recoverable.
pub(crate) struct Recoverable {
    pub(crate) pid: Sid,
    /// The log position from which this socket may have missed something if it never saw an offset.
    pub(crate) since: u64,
    pub(crate) history: RoomHistory,
    /// As in [`crate::recovery::Session`].
    pub(crate) travels: Vec<ShardId>,
}

/// What a deadline is for.
pub(crate) enum Deadline {
    Heartbeat(ConnectionKey),
    Connect(ConnectionKey),
    Attachments(ConnectionKey),
    Linger(ConnectionKey),
    Ack(SocketKey, u64),
    Collection(u64),
    Session(Sid),
    App(u64),
}

/// What the application is told next.
pub(crate) enum Notice<A: App> {
    Disconnected(SocketKey, Reason),
    Acked(AckCallback<A>, Result<AckReply, AckError>),
    Collected(BroadcastAckCallback<A>, crate::BroadcastReplies),
    Admitted(Ticket, Admission<A::Socket>),
    Message(A::Message),
    Forget(Selection),
}

/// Whether a disconnect ends the socket only or its whole connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnect {
    /// The socket leaves its namespace; the connection stays.
    Socket,
    /// The connection is closed, with all its sockets.
    Connection,
}

/// Where a socket is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// On this shard.
    Here(SocketKey),
    /// Its connection dropped; it may return to this shard.
    Suspended,
    /// Another shard knows.
    Shard(ShardId),
    /// Nowhere.
    Gone,
}

impl<A: App> Core<A> {
    /// This shard's number.
    #[must_use]
    pub fn shard(&self) -> ShardId {
        self.id
    }

    /// The numbers of all shards of this process.
    pub fn shards(&self) -> impl Iterator<Item = ShardId> + use<A> {
        (0..self.shards).map(|shard| shard as ShardId)
    }

    /// Milliseconds on the shard's clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The settings.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What has been counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            connections_now: self.connections.len() as u64,
            sockets_now: self.sockets.len() as u64,
            rooms_now: self.spaces.room_count() as u64,
            timers_now: self.timers.len() as u64,
            sessions_now: self.recovery.session_count() as u64,
            sessions_elsewhere_now: self.recovery.moves().count() as u64,
            acks_now: self.acks.len() as u64,
            broadcast_acks_now: self.collections.len() as u64,
            recovery_log_bytes_now: self.recovery.log_bytes() as u64,
            outbox_bytes_now: self
                .connections
                .values()
                .map(|connection| connection.outbox.bytes() as u64)
                .sum(),
            ..self.stats
        }
    }

    /// Draws an id that nobody can guess.
    pub fn draw_sid(&mut self) -> Sid {
        Sid::new(self.id, &mut self.random)
    }

    /// What the application keeps of a socket; `None` once it is gone.
    #[must_use]
    pub fn data(&self, socket: SocketKey) -> Option<&A::Socket> {
        self.sockets.get(socket).map(|socket| &socket.data)
    }

    /// What the application keeps of a socket; `None` once it is gone.
    pub fn data_mut(&mut self, socket: SocketKey) -> Option<&mut A::Socket> {
        self.sockets.get_mut(socket).map(|socket| &mut socket.data)
    }

    /// A socket's public id.
    #[must_use]
    pub fn sid(&self, socket: SocketKey) -> Option<Sid> {
        self.sockets.get(socket).map(|socket| socket.sid)
    }

    /// A socket's namespace.
    #[must_use]
    pub fn namespace(&self, socket: SocketKey) -> Option<&str> {
        self.spaces.space(self.sockets.get(socket)?.space).map(|space| &*space.namespace)
    }

    /// A socket's tenant.
    #[must_use]
    pub fn tenant(&self, socket: SocketKey) -> Option<Tenant> {
        self.spaces.space(self.sockets.get(socket)?.space).map(|space| space.tenant)
    }

    /// What [`App::handshake`] kept of a socket's connection.
    #[must_use]
    pub fn peer(&self, socket: SocketKey) -> Option<&A::Peer> {
        self.connections.get(self.sockets.get(socket)?.connection)?.peer.as_ref()
    }

    /// All sockets, of whatever namespace.
    pub fn all_sockets(&self) -> impl Iterator<Item = SocketKey> {
        self.sockets.keys()
    }

    /// How the packets of a socket's connection travel at present.
    #[must_use]
    pub fn transport(&self, socket: SocketKey) -> Option<Transport> {
        Some(self.connections.get(self.sockets.get(socket)?.connection)?.transport())
    }

    /// How many connections travel by long-polling at present.
    #[must_use]
    pub fn polling_now(&self) -> usize {
        let is_polling = |connection: &&Connection<A>| connection.transport() == Transport::Polling;
        self.connections.values().filter(is_polling).count()
    }

    /// When the socket's connection was opened.
    #[must_use]
    pub fn opened_at(&self, socket: SocketKey) -> Option<Millis> {
        Some(self.connections.get(self.sockets.get(socket)?.connection)?.opened_at)
    }

    /// The names of the rooms that a socket is in.
    pub fn rooms(&self, socket: SocketKey) -> impl Iterator<Item = &str> {
        let memberships = self.sockets.get(socket).map_or(&[][..], |socket| &socket.rooms);
        memberships.iter().filter_map(|membership| Some(&*self.spaces.room(membership.room)?.name))
    }

    /// Where the socket with this id is.
    #[must_use]
    pub fn route(&self, sid: &Sid) -> Route {
        if let Some(socket) = self.socket_by_sid.get(sid) {
            return Route::Here(*socket);
        }
        if self.recovery.holds(sid) {
            return Route::Suspended;
        }
        match self.recovery.moved(sid) {
            Some(shard) => Route::Shard(shard),
            None if sid.shard() != self.id && usize::from(sid.shard()) < self.shards => {
                Route::Shard(sid.shard())
            }
            None => Route::Gone,
        }
    }

    /// What [`App::suspend`] said of the socket with this id, if its connection dropped and may come back here.
    #[must_use]
    pub fn saved(&self, sid: &Sid) -> Option<&str> {
        self.recovery.session_of(sid).map(|session| &*session.saved)
    }

    /// The tenant of the socket with this id, if its connection dropped and may come back here.
    #[must_use]
    pub fn suspended_tenant(&self, sid: &Sid) -> Option<Tenant> {
        self.recovery.session_of(sid).map(|session| session.tenant)
    }

    /// Emits an event to one socket.
    pub fn emit(&mut self, socket: SocketKey, packet: &Packet<'_>) {
        let Some(record) = self.sockets.get(socket) else { return };
        let (connection, sid, recoverable) = (record.connection, record.sid, record.recovery.is_some());
        if let Some(tap) = self.tap() {
            let content = Content::event(packet.name, packet.args, packet.attachments);
            self.tell(&*tap, socket, What::Sent(content));
        }
        let Some(space) = self.spaces.space(record.space) else { return };
        let mut frames = encode(&space.namespace, None, packet);
        if recoverable {
            let tenant = space.tenant;
            let namespace: Box<str> = space.namespace.clone();
            frames = self.recovery.log_direct(self.now, &namespace, tenant, sid, &frames, packet);
        }
        self.stats.events_out += 1;
        self.push(connection, &frames, packet.delivery);
    }

    /// Emits an event to the socket with this id if it is on this shard; one whose connection dropped gets it when it
    /// returns. Returns whether anybody will.
    pub fn emit_to(&mut self, sid: &Sid, packet: &Packet<'_>) -> bool {
        match self.route(sid) {
            Route::Here(socket) => self.emit(socket, packet),
            Route::Suspended => self.recovery.log_suspended(self.now, sid, packet),
            Route::Shard(_) | Route::Gone => return false,
        }
        true
    }

    /// Answers an event that asked for an ack. `args` are raw JSON values.
    pub fn ack(&mut self, socket: SocketKey, ack: AckId, args: &[&str], attachments: &[bytes::Bytes]) {
        if let Some(tap) = self.tap() {
            self.tell(&*tap, socket, What::AckSent(Content::ack(args, attachments)));
        }
        let Some(record) = self.sockets.get(socket) else { return };
        let Some(space) = self.spaces.space(record.space) else { return };
        let mut frames = Frames::new();
        frames.push(socket::ack(&space.namespace, ack.0, args, attachments.len()));
        frames.extend(attachments.iter().map(|bytes| Frame::binary(bytes)));
        self.push(record.connection, &frames, Delivery::Reliable);
    }

    /// Sends an Engine.IO message as it is, for applications that don't speak Socket.IO.
    pub fn send_raw(&mut self, connection: ConnectionKey, frame: Frame) {
        let mut frames = Frames::new();
        frames.push(frame);
        self.push(connection, &frames, Delivery::Reliable);
    }

    /// Puts a socket into a room. Joining twice changes nothing; above `rooms_per_socket_max` it is refused.
    pub fn join(&mut self, socket: SocketKey, room: &str) -> bool {
        let Some(record) = self.sockets.get(socket) else { return false };
        if let Some(room) = self.spaces.find_room(record.space, room)
            && record.rooms.iter().any(|m| self.spaces.room(m.room).is_some_and(|r| std::ptr::eq(r, room)))
        {
            return true;
        }
        if record.rooms.len() >= self.options.rooms_per_socket_max {
            self.stats.dropped_rooms_limit += 1;
            return false;
        }
        let member = Member { socket, connection: record.connection };
        let membership = self.spaces.join(record.space, room, member);
        let record = &mut self.sockets[socket];
        record.rooms.push(membership);
        if let Some(recoverable) = &mut record.recovery {
            self.recovery.note_room(recoverable, room, Passage::In);
        }
        if let Some(tap) = self.tap() {
            self.tell(&*tap, socket, What::Joined(room));
        }
        true
    }

    /// Takes a socket out of a room.
    pub fn leave(&mut self, socket: SocketKey, room: &str) {
        let Some(record) = self.sockets.get_mut(socket) else { return };
        let spaces = &self.spaces;
        let is_it = |m: &crate::space::Membership| spaces.room(m.room).is_some_and(|r| &*r.name == room);
        let Some(index) = record.rooms.iter().position(is_it) else { return };
        let membership = record.rooms.swap_remove(index);
        if let Some(recoverable) = &mut record.recovery {
            self.recovery.note_room(recoverable, room, Passage::Out);
        }
        self.leave_room(membership);
        if let Some(tap) = self.tap() {
            self.tell(&*tap, socket, What::Left(room));
        }
    }

    fn leave_room(&mut self, membership: crate::space::Membership) {
        if let Some(moved) = self.spaces.leave(membership)
            && let Some(moved) = self.sockets.get_mut(moved)
            && let Some(theirs) = moved.rooms.iter_mut().find(|theirs| theirs.room == membership.room)
        {
            theirs.position = membership.position;
        }
    }

    /// Makes every selected socket, on whatever shard, join a room.
    pub fn join_all(&mut self, target: &Target<'_>, room: &str) {
        self.act_on_all(target, &Action::Join(room.into()));
    }

    /// Makes every selected socket, on whatever shard, leave a room.
    pub fn leave_all(&mut self, target: &Target<'_>, room: &str) {
        self.act_on_all(target, &Action::Leave(room.into()));
    }

    /// Disconnects every selected socket, on whatever shard.
    pub fn disconnect_all(&mut self, target: &Target<'_>, how: Disconnect) {
        self.act_on_all(target, &Action::Disconnect(how));
    }

    /// Makes every selected socket whose connection dropped, on whatever shard, unable to recover: what its session
    /// holds is forgotten.
    pub fn forget_suspended(&mut self, target: &Target<'_>) {
        self.act_on_all(target, &Action::Forget);
    }

    fn act_on_all(&mut self, target: &Target<'_>, action: &Action) {
        let selection = Arc::new(Selection::from(target));
        for shard in self.peers() {
            let note = Note::Sockets { selection: selection.clone(), action: action.clone() };
            self.outgoing.push((shard, Envelope(note)));
        }
        self.act_here(&selection, action);
    }

    pub(crate) fn act_here(&mut self, selection: &Selection, action: &Action) {
        if let Action::Forget = action {
            return self.notices.push_back(Notice::Forget(selection.clone()));
        }
        for member in self.select(selection) {
            match action {
                Action::Join(room) => {
                    self.join(member.socket, room);
                }
                Action::Leave(room) => self.leave(member.socket, room),
                Action::Disconnect(how) => self.disconnect(member.socket, *how),
                Action::Forget => {}
            }
        }
    }

    /// Sends a socket away. Its client is told, and the application's `disconnected` runs after this handler.
    pub fn disconnect(&mut self, socket: SocketKey, how: Disconnect) {
        let Some(record) = self.sockets.get(socket) else { return };
        let connection = record.connection;
        match how {
            Disconnect::Socket => self.tell_disconnected(socket),
            Disconnect::Connection => {
                let sockets = self.connections.get(connection).map(|c| c.sockets.clone()).unwrap_or_default();
                for socket in sockets {
                    self.tell_disconnected(socket);
                }
                self.close(connection, Reason::ForcedServerClose);
            }
        }
    }

    fn tell_disconnected(&mut self, socket: SocketKey) {
        let Some(record) = self.sockets.get(socket).filter(|record| !record.ending) else { return };
        if let Some(space) = self.spaces.space(record.space) {
            let mut frames = Frames::new();
            frames.push(campanile_protocol::socket::disconnect(&space.namespace));
            self.push(record.connection, &frames, Delivery::Reliable);
        }
        self.end_socket(socket, Reason::ServerNamespaceDisconnect);
    }

    /// Notes that a socket ends; it is forgotten once the application knows.
    pub(crate) fn end_socket(&mut self, socket: SocketKey, reason: Reason) {
        if let Some(record) = self.sockets.get_mut(socket).filter(|record| !record.ending) {
            record.ending = true;
            self.notices.push_back(Notice::Disconnected(socket, reason));
        }
    }

    /// Closes a connection once what waits for it is sent; its sockets end with `reason`.
    pub(crate) fn close(&mut self, key: ConnectionKey, reason: Reason) {
        let Some(connection) = self.connections.get_mut(key).filter(|connection| connection.is_open()) else {
            return;
        };
        connection.closing = Some(reason);
        connection.pending.clear();
        if let Some(assembly) = connection.assembly.take() {
            self.timers.cancel(assembly.deadline);
        }
        for socket in connection.sockets.clone() {
            self.end_socket(socket, reason);
        }
        self.count_close(reason);
        self.mark_dirty(key);
    }

    fn count_close(&mut self, reason: Reason) {
        *match reason {
            Reason::TransportClose => &mut self.stats.closed_transport_close,
            Reason::TransportError => &mut self.stats.closed_transport_error,
            Reason::PingTimeout => &mut self.stats.closed_ping_timeout,
            Reason::ParseError => &mut self.stats.closed_parse_error,
            Reason::OutboxOverflow => &mut self.stats.closed_outbox_overflow,
            Reason::ServerShuttingDown => &mut self.stats.closed_shutdown,
            _ => &mut self.stats.closed_forced,
        } += 1;
    }

    /// Forgets an ended socket: its rooms, its acks, its id.
    pub(crate) fn remove_socket(&mut self, key: SocketKey) -> Option<Socket<A>> {
        let mut record = self.sockets.remove(key)?;
        self.socket_by_sid.remove(&record.sid);
        for membership in std::mem::take(&mut record.rooms) {
            self.leave_room(membership);
        }
        if let Some(moved) = self.spaces.exit(record.space, record.position)
            && let Some(moved) = self.sockets.get_mut(moved)
        {
            moved.position = record.position;
        }
        if let Some(connection) = self.connections.get_mut(record.connection) {
            connection.sockets.retain(|socket| *socket != key);
        }
        self.fail_acks(key, std::mem::take(&mut record.open_acks));
        Some(record)
    }

    /// Sends a message to the application of a shard; to this one too.
    pub fn send(&mut self, shard: ShardId, message: A::Message) {
        if shard == self.id {
            self.notices.push_back(Notice::Message(message));
            return;
        }
        self.outgoing.push((shard, Envelope(Note::App(message))));
    }

    /// Calls [`App::deadline`] with `token` after `delay`.
    pub fn schedule(&mut self, delay: Duration, token: u64) -> TimerId {
        self.timers.schedule(self.now + delay.as_millis() as Millis, Deadline::App(token))
    }

    /// Calls a scheduled deadline off.
    pub fn cancel(&mut self, timer: TimerId) {
        self.timers.cancel(timer);
    }

    /// Answers a [`crate::ConnectRequest`] that [`App::connect`] left for later.
    pub fn admit(&mut self, ticket: Ticket, admission: Admission<A::Socket>) {
        self.notices.push_back(Notice::Admitted(ticket, admission));
    }

    pub(crate) fn peers(&self) -> impl Iterator<Item = ShardId> + use<A> {
        let own = self.id;
        self.shards().filter(move |shard| *shard != own)
    }

    pub(crate) fn after(&self, delay: Duration) -> Millis {
        self.now.saturating_add(delay.as_millis() as Millis)
    }

    pub(crate) fn mark_dirty(&mut self, key: ConnectionKey) {
        if let Some(connection) = self.connections.get_mut(key).filter(|connection| !connection.dirty) {
            connection.dirty = true;
            self.dirty.push(key);
        }
    }

    /// Puts the frames of one packet into a connection's outbox.
    pub(crate) fn push(&mut self, key: ConnectionKey, frames: &Frames, delivery: Delivery) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let outcome = enqueue(connection, frames, delivery, self.options.outbox_bytes_max);
        self.settle_push(key, outcome);
    }

    pub(crate) fn settle_push(&mut self, key: ConnectionKey, outcome: Enqueued) {
        match outcome {
            Enqueued::Dirty => {
                self.dirty.push(key);
                self.stats.deliveries += 1;
            }
            Enqueued::Queued => self.stats.deliveries += 1,
            Enqueued::Dropped => self.stats.volatile_dropped += 1,
            Enqueued::Closed => {}
            Enqueued::Overflow => {
                self.close(key, Reason::OutboxOverflow);
                if let Some(connection) = self.connections.get_mut(key) {
                    connection.outbox = Outbox::default();
                }
            }
        }
    }
}

/// What became of a packet for one connection.
pub(crate) enum Enqueued {
    /// Queued, and the connection is to be put on the dirty list.
    Dirty,
    Queued,
    Dropped,
    Closed,
    Overflow,
}

/// The heart of every delivery, kept free of anything but the connection itself.
pub(crate) fn enqueue<A: App>(
    connection: &mut Connection<A>,
    frames: &Frames,
    delivery: Delivery,
    bytes_max: usize,
) -> Enqueued {
    if !connection.is_open() {
        return Enqueued::Closed;
    }
    if delivery == Delivery::Volatile && !connection.is_writable() {
        return Enqueued::Dropped;
    }
    let bytes: usize = frames.iter().map(|frame| frame.websocket_bytes().len()).sum();
    // A single packet may be larger than the whole outbox; it is let through when nothing else waits.
    if connection.outbox.bytes() + bytes > bytes_max && !connection.outbox.is_empty() {
        return if delivery == Delivery::Volatile { Enqueued::Dropped } else { Enqueued::Overflow };
    }
    for frame in frames {
        connection.outbox.push(frame.clone());
    }
    if connection.dirty {
        return Enqueued::Queued;
    }
    connection.dirty = true;
    Enqueued::Dirty
}

/// The frames of an event: its header and its attachments.
pub(crate) fn encode(namespace: &str, id: Option<u64>, packet: &Packet<'_>) -> Frames {
    let mut frames = Frames::new();
    frames.push(socket::event(namespace, id, packet.name, packet.args, packet.attachments.len()));
    frames.extend(packet.attachments.iter().map(|bytes| Frame::binary(bytes)));
    frames
}
