//! Socket.IO on a connection: joining and leaving namespaces, events with and without attachments, recovery of
//! dropped sockets.

use bytes::Bytes;
use campanile_protocol::{json, socket};

use crate::{
    AckId, AckReply, Admission, App, ConnectRequest, ConnectionKey, Content, Delivery, Envelope, Event,
    Frames, Reason, Shard, ShardId, Sid, SocketKey, Tenant, Ticket, What,
    connection::{Assembly, Pending, RecoverRequest},
    core::{Deadline, Recoverable, Socket},
    peer::{Moved, Note, Selection},
    recovery::{Parked, RoomHistory, Session},
    space::{Member, Memberships},
    timers::Millis,
};

impl<A: App> Shard<A> {
    /// A text message: one Socket.IO packet, or the header of a binary one.
    pub(crate) fn packet(&mut self, key: ConnectionKey, text: &str) {
        let limits = socket::Limits {
            attachments_max: self.core.options.attachments_max,
            json_depth_max: self.core.options.json_depth_max,
        };
        if self.core.connections.get(key).is_none_or(|connection| connection.assembly.is_some()) {
            return self.reject(key);
        }
        let Ok(packet) = socket::decode(text, &limits) else { return self.reject(key) };
        match packet.kind {
            socket::Kind::Connect => self.connect(key, &packet),
            socket::Kind::ConnectError => self.reject(key),
            _ => match self.socket_of(key, packet.namespace) {
                None => self.reject(key),
                Some(_) if packet.attachments > 0 => self.assemble(key, text, packet.attachments),
                Some(socket) => self.dispatch(socket, &packet, &[]),
            },
        }
    }

    /// The client broke a rule of Socket.IO, which costs it the connection.
    pub(crate) fn reject(&mut self, key: ConnectionKey) {
        self.core.stats.packets_invalid += 1;
        self.core.close(key, Reason::ForcedClose);
    }

    fn socket_of(&self, key: ConnectionKey, namespace: &str) -> Option<SocketKey> {
        let sockets = &self.core.connections.get(key)?.sockets;
        sockets.iter().copied().find(|socket| {
            let record = &self.core.sockets[*socket];
            !record.ending
                && self.core.spaces.space(record.space).is_some_and(|space| &*space.namespace == namespace)
        })
    }

    fn dispatch(&mut self, socket: SocketKey, packet: &socket::Packet<'_>, attachments: &[Bytes]) {
        match packet.kind {
            socket::Kind::Event => {
                let Some((first, args)) = packet.items.split_first() else { return };
                self.core.stats.events_in += 1;
                let event =
                    Event { name: socket::event_name(first), args, attachments, ack: packet.id.map(AckId) };
                if let Some(tap) = self.core.tap() {
                    let content = Content::event(&event.name, args, attachments);
                    self.core.tell(&*tap, socket, What::Received(content));
                }
                self.app.event(&mut self.core, socket, &event);
            }
            socket::Kind::Ack => {
                let Some(id) = packet.id else { return };
                let reply = AckReply { args: packet.data.to_owned(), attachments: attachments.to_vec() };
                self.core.receive_ack(socket, id, reply);
            }
            socket::Kind::Disconnect => self.core.end_socket(socket, Reason::ClientNamespaceDisconnect),
            socket::Kind::Connect | socket::Kind::ConnectError => {}
        }
    }

    fn assemble(&mut self, key: ConnectionKey, text: &str, expected: usize) {
        let deadline = self.core.after(self.core.options.attachments_timeout);
        let deadline = self.core.timers.schedule(deadline, Deadline::Attachments(key));
        let Some(connection) = self.core.connections.get_mut(key) else { return };
        connection.assembly = Some(Box::new(Assembly {
            packet: text.to_owned(),
            attachments: Vec::with_capacity(expected),
            expected,
            deadline,
        }));
    }

    /// A binary message: the next attachment of the packet that waits for it.
    pub(crate) fn attachment(&mut self, key: ConnectionKey, bytes: &[u8]) {
        let Some(connection) = self.core.connections.get_mut(key) else { return };
        let Some(assembly) = &mut connection.assembly else { return self.reject(key) };
        assembly.attachments.push(Bytes::copy_from_slice(bytes));
        if assembly.attachments.len() < assembly.expected {
            return;
        }
        let Some(assembly) = connection.assembly.take() else { return };
        self.core.timers.cancel(assembly.deadline);
        let limits = socket::Limits { attachments_max: assembly.expected, json_depth_max: usize::MAX };
        let Ok(packet) = socket::decode(&assembly.packet, &limits) else { return self.reject(key) };
        match self.socket_of(key, packet.namespace) {
            Some(socket) => self.dispatch(socket, &packet, &assembly.attachments),
            // The namespace was left while the attachments were under way: nobody is there to take them.
            None => self.reject(key),
        }
    }

    fn connect(&mut self, key: ConnectionKey, packet: &socket::Packet<'_>) {
        let Some(connection) = self.core.connections.get_mut(key) else { return };
        let is_pending = connection.pending.iter().any(|pending| *pending.namespace == *packet.namespace);
        let count = connection.sockets.len() + connection.pending.len();
        if is_pending || self.socket_of(key, packet.namespace).is_some() {
            return self.reject(key);
        }
        if count >= self.core.options.namespaces_per_connection_max {
            return self.refuse(
                key,
                packet.namespace,
                "Too many namespaces",
                Some(r#"{"code":"too_many_namespaces"}"#),
            );
        }
        let auth = if packet.data.is_empty() { "{}" } else { packet.data };
        let Some(connection) = self.core.connections.get_mut(key) else { return };
        let opened_at = connection.opened_at;
        let recover = self.core.recovery.is_on().then(|| recover_request(auth, opened_at)).flatten();
        connection.tickets += 1;
        let ticket = Ticket { connection: key, number: connection.tickets };
        connection.pending.push(Pending {
            number: ticket.number,
            namespace: packet.namespace.into(),
            auth: auth.into(),
            recover,
            admitted: None,
        });
        self.ask_application(ticket);
    }

    fn pending(&mut self, ticket: Ticket) -> Option<&mut Pending<A::Socket>> {
        let connection = self.core.connections.get_mut(ticket.connection)?;
        connection.pending.iter_mut().find(|pending| pending.number == ticket.number)
    }

    fn take_pending(&mut self, ticket: Ticket) -> Option<Pending<A::Socket>> {
        let pending = &mut self.core.connections.get_mut(ticket.connection)?.pending;
        let index = pending.iter().position(|pending| pending.number == ticket.number)?;
        let taken = pending.swap_remove(index);
        if pending.is_empty() {
            *pending = Vec::new();
        }
        Some(taken)
    }

    fn ask_application(&mut self, ticket: Ticket) {
        let Some(pending) = self.pending(ticket) else { return };
        let (namespace, auth) = (pending.namespace.clone(), pending.auth.clone());
        // The application may do anything with the core, so what it only reads is lent from outside it.
        let Some(peer) = self.core.connections.get_mut(ticket.connection).and_then(|c| c.peer.take()) else {
            return;
        };
        let request = ConnectRequest { ticket, namespace: &namespace, auth: &auth, peer: &peer };
        let admission = self.app.connect(&mut self.core, &request);
        if let Some(connection) = self.core.connections.get_mut(ticket.connection) {
            connection.peer = Some(peer);
        }
        self.admitted(ticket, admission);
    }

    pub(crate) fn admitted(&mut self, ticket: Ticket, admission: Admission<A::Socket>) {
        let Some(pending) = self.pending(ticket) else { return };
        let namespace = pending.namespace.clone();
        match admission {
            Admission::Later => {}
            Admission::Accept(tenant, data) if pending.recover.is_some() => {
                pending.admitted = Some((tenant, data));
                self.recover(ticket);
            }
            Admission::Accept(tenant, data) => self.join_namespace(ticket, tenant, data),
            Admission::Refuse { message, data } => {
                self.take_pending(ticket);
                self.refuse(ticket.connection, &namespace, &message, data.as_deref());
            }
            Admission::UnknownNamespace => {
                self.take_pending(ticket);
                self.refuse(ticket.connection, &namespace, "Invalid namespace", None);
            }
        }
    }

    fn refuse(&mut self, key: ConnectionKey, namespace: &str, message: &str, data: Option<&str>) {
        let mut text = b"{\"message\":".to_vec();
        json::write_string(&mut text, message);
        if let Some(data) = data {
            text.extend_from_slice(b",\"data\":");
            text.extend_from_slice(data.as_bytes());
        }
        text.push(b'}');
        let frame = socket::connect_error(namespace, &String::from_utf8_lossy(&text));
        self.core.send_raw(key, frame);
    }

    fn join_namespace(&mut self, ticket: Ticket, tenant: Tenant, data: A::Socket) {
        let Some(pending) = self.take_pending(ticket) else { return };
        let sid = self.core.draw_sid();
        let pid = self.core.recovery.is_on().then(|| self.core.draw_sid());
        let new = NewSocket { namespace: &pending.namespace, tenant, sid, pid, data };
        let Some(socket) = self.add_socket(ticket.connection, new) else { return };
        self.confirm(ticket.connection, &pending.namespace, sid, pid);
        self.app.connected(&mut self.core, socket, &pending.auth);
    }

    fn confirm(&mut self, key: ConnectionKey, namespace: &str, sid: Sid, pid: Option<Sid>) {
        let data = match pid {
            Some(pid) => format!(r#"{{"sid":"{sid}","pid":"{pid}"}}"#),
            None => format!(r#"{{"sid":"{sid}"}}"#),
        };
        self.core.send_raw(key, socket::connect(namespace, &data));
    }

    fn add_socket(&mut self, key: ConnectionKey, new: NewSocket<'_, A::Socket>) -> Option<SocketKey> {
        let NewSocket { namespace, tenant, sid, pid, data } = new;
        let core = &mut self.core;
        let connection = core.connections.get_mut(key).filter(|connection| connection.is_open())?;
        if let Some(timer) = connection.connect_deadline.take() {
            core.timers.cancel(timer);
        }
        let since = core.recovery.newest();
        let recovery = pid.map(|pid| {
            Box::new(Recoverable { pid, since, history: RoomHistory::default(), travels: Vec::new() })
        });
        let socket = core.sockets.insert_with_key(|socket| {
            let (space, position) = core.spaces.enter(namespace, tenant, Member { socket, connection: key });
            Socket {
                sid,
                connection: key,
                space,
                position,
                mark: 0,
                rooms: Memberships::new(),
                open_acks: Vec::new(),
                ending: false,
                recovery,
                data,
            }
        });
        connection.sockets.push(socket);
        core.socket_by_sid.insert(sid, socket);
        if let Some(tap) = core.tap() {
            core.tell(&*tap, socket, What::Connected);
        }
        if let Some(pid) = pid {
            core.recovery.add_live(pid, socket);
        }
        Some(socket)
    }

    /// The application has been waiting to hear it: a socket is over.
    pub(crate) fn finish_socket(&mut self, socket: SocketKey, reason: Reason) {
        if let Some(tap) = self.core.tap() {
            self.core.tell(&*tap, socket, What::Disconnected(reason));
        }
        self.app.disconnected(&mut self.core, socket, reason);
        let rooms: Vec<Box<str>> = self.core.rooms(socket).map(Into::into).collect();
        let namespace: Option<Box<str>> = self.core.namespace(socket).map(Into::into);
        let tenant = self.core.tenant(socket).unwrap_or_default();
        let Some(record) = self.core.remove_socket(socket) else { return };
        let opened_at = self.core.connections.get(record.connection).map_or(0, |c| c.opened_at);
        let Some(recovery) = record.recovery else { return };
        self.core.recovery.remove_live(&recovery.pid);
        let Some(namespace) = namespace.filter(|_| reason.is_recoverable()) else {
            self.forget_everywhere([record.sid, recovery.pid], &recovery.travels);
            return;
        };
        let session = Session {
            pid: recovery.pid,
            sid: record.sid,
            namespace,
            tenant,
            rooms,
            history: recovery.history,
            since: recovery.since,
            travels: recovery.travels,
            opened_at,
            saved: self.app.suspend(&record.data).into(),
        };
        self.keep(session);
    }

    fn keep(&mut self, session: Session) {
        let expiry = self.core.after(self.core.recovery.max_disconnection());
        let expiry = self.core.timers.schedule(expiry, Deadline::Session(session.pid));
        if let Some((evicted, expiry)) = self.core.recovery.keep(session, expiry) {
            self.core.timers.cancel(expiry);
            self.forget_session_everywhere(&evicted);
        }
    }

    pub(crate) fn forget_session(&mut self, pid: &Sid) {
        if let Some((session, _)) = self.core.recovery.take(pid) {
            self.forget_session_everywhere(&session);
        }
    }

    pub(crate) fn forget_suspended(&mut self, selection: &Selection) {
        for pid in self.core.recovery.selected(selection) {
            self.forget_session(&pid);
        }
    }

    fn forget_session_everywhere(&mut self, session: &Session) {
        self.forget_everywhere([session.sid, session.pid], &session.travels);
    }

    /// Other shards remember where a socket was; nobody will ask for it any more.
    fn forget_everywhere(&mut self, ids: [Sid; 2], travels: &[ShardId]) {
        if travels.is_empty() {
            return;
        }
        for shard in self.core.peers() {
            let note = Note::Gone { ids, travels: travels.to_vec() };
            self.core.outgoing.push((shard, Envelope(note)));
        }
    }

    /// A socket is gone for good. What this shard once told others about it may reach them after the news of its end,
    /// so it sends that news after it.
    pub(crate) fn gone(&mut self, ids: [Sid; 2], travels: &[ShardId]) {
        ids.iter().for_each(|id| self.core.recovery.forget_moved(id));
        if travels.contains(&self.core.id) {
            for shard in self.core.peers() {
                self.core.outgoing.push((shard, Envelope(Note::Gone { ids, travels: Vec::new() })));
            }
        }
    }

    /// Looks for the session that a client asks for, here or on the shard that its pid names.
    fn recover(&mut self, ticket: Ticket) {
        let Some(pending) = self.pending(ticket) else { return };
        let namespace = pending.namespace.clone();
        let Some(request) = pending.recover.take() else { return };
        let holder = match self.core.recovery.knows(&request.pid) {
            true => self.core.id,
            false => self.core.recovery.moved(&request.pid).unwrap_or(request.pid.shard()),
        };
        if holder != self.core.id && usize::from(holder) < self.core.shards {
            let note = Note::Recover { request, namespace, ticket, back: self.core.id };
            self.core.outgoing.push((holder, Envelope(note)));
            return;
        }
        match self.take_session(&request, &namespace) {
            Some((session, missed)) => self.restore(ticket, session, missed),
            None => self.start_over(ticket),
        }
    }

    /// Takes a session out, with what its client missed. Whoever presents the secret of a socket that still seems
    /// connected takes it over: the network dropped the old connection without saying so. But a request that comes
    /// late, on a connection older than the one that has the session by now, is one that its client has given up.
    fn take_session(
        &mut self,
        request: &RecoverRequest,
        namespace: &str,
    ) -> Option<(Session, Vec<(u64, Frames)>)> {
        if let Some(socket) = self.core.recovery.live(&request.pid) {
            let connection = self.core.sockets.get(socket)?.connection;
            if self.core.connections.get(connection)?.opened_at > request.opened_at {
                return None;
            }
            self.lost(connection, Reason::TransportClose);
        }
        if self.core.recovery.opened_at(&request.pid)? > request.opened_at {
            return None;
        }
        let (session, expiry) = self.core.recovery.take(&request.pid)?;
        self.core.timers.cancel(expiry);
        let missed = self.core.recovery.missed(&session, request.offset.as_deref());
        match missed {
            Some(missed) if *session.namespace == *namespace => Some((session, missed)),
            _ => {
                self.forget_session_everywhere(&session);
                None
            }
        }
    }

    /// A client of shard `to` asks for a session that is, or was, here.
    pub(crate) fn hand_over(
        &mut self,
        to: ShardId,
        request: RecoverRequest,
        namespace: Box<str>,
        ticket: Ticket,
    ) {
        if let Some(holder) = self.core.recovery.moved(&request.pid).filter(|holder| *holder != to) {
            let note = Note::Recover { request, namespace, ticket, back: to };
            self.core.outgoing.push((holder, Envelope(note)));
            return;
        }
        let session = self.take_session(&request, &namespace).map(|(session, missed)| {
            self.core.recovery.set_moved(session.sid, to);
            self.core.recovery.set_moved(session.pid, to);
            let seen = self.core.recovery.seen().to_vec();
            let missed = missed.into_iter().map(|(_, frames)| frames).collect();
            Box::new(Moved { session, missed, seen })
        });
        self.core.outgoing.push((to, Envelope(Note::Recovered { ticket, session })));
    }

    pub(crate) fn handed_over(&mut self, ticket: Ticket, moved: Option<Box<Moved>>) {
        match moved {
            Some(moved) => self.core.recovery.parked.push(Parked { ticket, moved }),
            None => self.start_over(ticket),
        }
    }

    /// Restores the sessions that wait for broadcasts which have arrived by now.
    pub(crate) fn settle_parked(&mut self) {
        let mut index = 0;
        while index < self.core.recovery.parked.len() {
            if !self.core.recovery.has_caught_up(&self.core.recovery.parked[index].moved.seen) {
                index += 1;
                continue;
            }
            let Parked { ticket, moved } = self.core.recovery.parked.swap_remove(index);
            let Moved { mut session, mut missed, seen } = *moved;
            self.tell_moved(&mut session);
            match self.core.recovery.beyond(&session, &seen) {
                Some(beyond) => {
                    missed.extend(beyond);
                    let missed = self.core.recovery.relog(self.core.now, &mut session, missed);
                    self.restore(ticket, session, missed);
                }
                None => self.forget_and_start_over(ticket, &session),
            }
            self.settle();
        }
    }

    fn tell_moved(&mut self, session: &mut Session) {
        let (ids, to) = ([session.sid, session.pid], self.core.id);
        if !session.travels.contains(&to) {
            session.travels.push(to);
        }
        for id in ids {
            self.core.recovery.set_moved(id, to);
        }
        for shard in self.core.peers() {
            self.core.outgoing.push((shard, Envelope(Note::Moved { ids, to })));
        }
    }

    fn restore(&mut self, ticket: Ticket, session: Session, missed: Vec<(u64, Frames)>) {
        let missed: Vec<Frames> = missed.iter().map(|it| self.core.recovery.at_position(it)).collect();
        // A client that is gone again gets it when it returns.
        let Some((tenant, data)) = self.pending(ticket).and_then(|pending| pending.admitted.take()) else {
            return self.keep(session);
        };
        let is_its_own = tenant == session.tenant && self.app.may_recover(&data, &session.saved);
        if !is_its_own || !self.has_room_for(ticket.connection, &missed) {
            self.forget_session_everywhere(&session);
            return self.join_namespace(ticket, tenant, data);
        }
        self.take_pending(ticket);
        let Session { sid, pid, .. } = session;
        let new = NewSocket { namespace: &session.namespace, tenant, sid, pid: Some(pid), data };
        let Some(socket) = self.add_socket(ticket.connection, new) else { return self.keep(session) };
        for room in &session.rooms {
            self.core.join(socket, room);
        }
        if let Some(recovery) = self.core.sockets[socket].recovery.as_mut() {
            recovery.travels = session.travels;
            if !missed.is_empty() {
                (recovery.since, recovery.history) = (session.since, session.history);
            }
        }
        for frames in &missed {
            self.core.push(ticket.connection, frames, Delivery::Reliable);
        }
        self.confirm(ticket.connection, &session.namespace, sid, Some(pid));
        self.core.stats.connections_recovered += 1;
        self.app.recovered(&mut self.core, socket, &session.saved);
    }

    /// Whether a connection can be sent what its client missed. Cutting it would only make the client come back for
    /// the same again.
    fn has_room_for(&self, key: ConnectionKey, missed: &[Frames]) -> bool {
        let missed_bytes: usize = missed.iter().flatten().map(|frame| frame.websocket_bytes().len()).sum();
        let bytes = CONFIRMATION_BYTES_MAX + missed_bytes;
        let waiting = self.core.connections.get(key).map_or(0, |connection| connection.outbox.bytes());
        missed.is_empty() || waiting + bytes <= self.core.options.outbox_bytes_max
    }

    fn forget_and_start_over(&mut self, ticket: Ticket, session: &Session) {
        self.forget_session_everywhere(session);
        self.start_over(ticket);
    }

    /// There is nothing to recover: the client gets a new session.
    fn start_over(&mut self, ticket: Ticket) {
        if let Some((tenant, data)) = self.pending(ticket).and_then(|pending| pending.admitted.take()) {
            self.join_namespace(ticket, tenant, data);
        }
    }
}

/// A socket about to be.
struct NewSocket<'a, S> {
    namespace: &'a str,
    tenant: Tenant,
    sid: Sid,
    pid: Option<Sid>,
    data: S,
}

/// What the answer to a request to join takes, a long namespace aside.
const CONFIRMATION_BYTES_MAX: usize = 256;

fn recover_request(auth: &str, opened_at: Millis) -> Option<RecoverRequest> {
    let pid = Sid::parse(&json::string(json::get(auth, "pid")?)?)?;
    let offset = json::get(auth, "offset").and_then(json::string).map(|offset| offset.as_ref().into());
    Some(RecoverRequest { pid, offset, opened_at })
}
