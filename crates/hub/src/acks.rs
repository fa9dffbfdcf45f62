//! Events that ask the client for an ack: one socket, or many at once.

use std::{sync::Arc, time::Duration};

use campanile_protocol::{Frame, socket};

use crate::{
    AckError, AckReply, App, Content, Core, Envelope, Frames, Packet, ShardId, SocketKey, Target, What,
    core::{Deadline, Notice},
    peer::{Broadcast, Note, OwnedEvent, Selection},
    space::Member,
    timers::TimerId,
};

/// Called with a client's answer.
pub type AckCallback<A> = Box<dyn FnOnce(&mut A, &mut Core<A>, Result<AckReply, AckError>)>;

/// Called with the answers of all clients of a broadcast.
pub type BroadcastAckCallback<A> = Box<dyn FnOnce(&mut A, &mut Core<A>, BroadcastReplies)>;

/// What came back for a broadcast that asked for acks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BroadcastReplies {
    /// The answers that came in time, in the order they came.
    pub replies: Vec<AckReply>,
    /// How many clients didn't answer.
    pub missing: usize,
}

/// Who waits for one socket's ack.
pub(crate) enum PendingAck<A: App> {
    Call { callback: AckCallback<A>, timer: TimerId },
    Collect { collection: u64 },
}

/// The answers to a broadcast, as far as they are in.
pub(crate) struct Collection<A: App> {
    /// Everyone who was asked under `ack`; who hasn't answered is still in `Core::acks`.
    asked: Vec<SocketKey>,
    ack: u64,
    awaited_sockets: usize,
    awaited_shards: usize,
    got: BroadcastReplies,
    timer: TimerId,
    finish: Finish<A>,
}

enum Finish<A: App> {
    Call(BroadcastAckCallback<A>),
    Report { to: ShardId, id: u64 },
}

impl<A: App> Core<A> {
    /// Emits an event that asks for an ack; `callback` runs exactly once, with the answer or the reason for none.
    pub fn emit_with_ack(
        &mut self,
        socket: SocketKey,
        packet: &Packet<'_>,
        timeout: Duration,
        callback: AckCallback<A>,
    ) {
        let Some(record) = self.sockets.get_mut(socket).filter(|record| !record.ending) else {
            self.notices.push_back(Notice::Acked(callback, Err(AckError::Disconnected)));
            return;
        };
        if record.open_acks.len() >= self.options.acks_per_socket_max {
            self.stats.dropped_acks_limit += 1;
            self.notices.push_back(Notice::Acked(callback, Err(AckError::TooMany)));
            return;
        }
        let id = self.next_ack;
        self.next_ack += 1;
        record.open_acks.push(id);
        let connection = record.connection;
        if let Some(tap) = self.tap() {
            let content = Content::event(packet.name, packet.args, packet.attachments);
            self.tell(&*tap, socket, What::Sent(content));
        }
        let Some(space) = self.sockets.get(socket).and_then(|record| self.spaces.space(record.space)) else {
            return;
        };
        let frames = crate::core::encode(&space.namespace, Some(id), packet);
        let timer = self.timers.schedule(self.after(timeout), Deadline::Ack(socket, id));
        self.acks.insert((socket, id), PendingAck::Call { callback, timer });
        self.stats.events_out += 1;
        self.push(connection, &frames, packet.delivery);
    }

    /// Emits an event that asks for an ack to every selected socket, on whatever shard; `callback` runs exactly once,
    /// when all have answered or the time is over.
    pub fn broadcast_with_ack(
        &mut self,
        target: &Target<'_>,
        packet: &Packet<'_>,
        timeout: Duration,
        callback: BroadcastAckCallback<A>,
    ) {
        let event = OwnedEvent {
            name: packet.name.into(),
            args: packet.args.iter().map(|arg| (*arg).into()).collect(),
            attachments: packet.attachments.to_vec(),
        };
        let broadcast = Arc::new(Broadcast {
            selection: Selection::from(target),
            frames: Frames::new(),
            delivery: packet.delivery,
            number: 0,
            event: Some(event),
        });
        let timeout_ms = timeout.as_millis() as u64;
        let id = self.collect(&broadcast, timeout_ms, self.shards - 1, Finish::Call(callback));
        for shard in self.peers() {
            let note = Note::BroadcastWithAck { broadcast: broadcast.clone(), id, timeout_ms };
            self.outgoing.push((shard, Envelope(note)));
        }
        self.finish_if_complete(id);
    }

    pub(crate) fn collect_for(&mut self, to: ShardId, broadcast: &Broadcast, id: u64, timeout_ms: u64) {
        let own = self.collect(broadcast, timeout_ms, 0, Finish::Report { to, id });
        self.finish_if_complete(own);
    }

    /// Emits to this shard's sockets and notes whose answers are awaited.
    fn collect(&mut self, broadcast: &Broadcast, timeout_ms: u64, shards: usize, finish: Finish<A>) -> u64 {
        let collection = self.next_collection;
        self.next_collection += 1;
        let ack = self.next_ack;
        self.next_ack += 1;
        let members = self.select(&broadcast.selection);
        let mut got = BroadcastReplies::default();
        let mut asked = Vec::with_capacity(members.len());
        if let (Some(event), false) = (&broadcast.event, members.is_empty()) {
            let frames = frames_of(event, &broadcast.selection.namespace, ack);
            self.stats.events_out += 1;
            for Member { socket, connection } in members {
                let record = &mut self.sockets[socket];
                if record.ending || record.open_acks.len() >= self.options.acks_per_socket_max {
                    self.stats.dropped_acks_limit += 1;
                    got.missing += 1;
                    continue;
                }
                record.open_acks.push(ack);
                self.acks.insert((socket, ack), PendingAck::Collect { collection });
                asked.push(socket);
                self.push(connection, &frames, broadcast.delivery);
            }
            if let Some(tap) = self.tap() {
                self.tell_broadcast(&*tap, &broadcast.selection, &frames, asked.len());
            }
        }
        let timer = self.timers.schedule(self.now + timeout_ms, Deadline::Collection(collection));
        let awaited_sockets = asked.len();
        let entry = Collection { asked, ack, awaited_sockets, awaited_shards: shards, got, timer, finish };
        self.collections.insert(collection, entry);
        collection
    }

    /// A client's ack came in. Unknown ids are ignored: they may belong to a timeout that has passed.
    pub(crate) fn receive_ack(&mut self, socket: SocketKey, id: u64, reply: AckReply) {
        let Some(pending) = self.acks.remove(&(socket, id)) else { return };
        self.stats.acks_in += 1;
        if let Some(tap) = self.tap() {
            let args = [&*reply.args];
            self.tell(&*tap, socket, What::AckReceived(Content::ack(&args, &reply.attachments)));
        }
        self.forget_open_ack(socket, id);
        match pending {
            PendingAck::Call { callback, timer } => {
                self.timers.cancel(timer);
                self.notices.push_back(Notice::Acked(callback, Ok(reply)));
            }
            PendingAck::Collect { collection } => {
                self.answered(collection, Some(reply));
            }
        }
    }

    /// Another shard has all the answers that it will get.
    pub(crate) fn receive_replies(&mut self, id: u64, replies: Vec<AckReply>, missing: usize) {
        if let Some(collection) = self.collections.get_mut(&id) {
            collection.got.replies.extend(replies);
            collection.got.missing += missing;
            collection.awaited_shards -= 1;
        }
        self.finish_if_complete(id);
    }

    pub(crate) fn ack_timed_out(&mut self, socket: SocketKey, id: u64) {
        self.stats.acks_timed_out += 1;
        self.forget_open_ack(socket, id);
        if let Some(PendingAck::Call { callback, .. }) = self.acks.remove(&(socket, id)) {
            self.notices.push_back(Notice::Acked(callback, Err(AckError::Timeout)));
        }
    }

    pub(crate) fn collection_timed_out(&mut self, id: u64) {
        let Some(collection) = self.collections.get_mut(&id) else { return };
        let ack = collection.ack;
        let late = std::mem::take(&mut collection.awaited_sockets);
        collection.got.missing += late;
        self.stats.acks_timed_out += late as u64;
        for socket in std::mem::take(&mut collection.asked) {
            if self.acks.remove(&(socket, ack)).is_some() {
                self.forget_open_ack(socket, ack);
            }
        }
        self.finish_if_complete(id);
    }

    /// A socket is gone, and with it the answers it owed.
    pub(crate) fn fail_acks(&mut self, socket: SocketKey, open: Vec<u64>) {
        for id in open {
            match self.acks.remove(&(socket, id)) {
                Some(PendingAck::Call { callback, timer }) => {
                    self.timers.cancel(timer);
                    self.notices.push_back(Notice::Acked(callback, Err(AckError::Disconnected)));
                }
                Some(PendingAck::Collect { collection }) => self.answered(collection, None),
                None => {}
            }
        }
    }

    fn forget_open_ack(&mut self, socket: SocketKey, id: u64) {
        if let Some(record) = self.sockets.get_mut(socket)
            && let Some(index) = record.open_acks.iter().position(|open| *open == id)
        {
            record.open_acks.swap_remove(index);
        }
    }

    fn answered(&mut self, id: u64, reply: Option<AckReply>) {
        let Some(collection) = self.collections.get_mut(&id) else { return };
        collection.awaited_sockets -= 1;
        match reply {
            Some(reply) => collection.got.replies.push(reply),
            None => collection.got.missing += 1,
        }
        self.finish_if_complete(id);
    }

    fn finish_if_complete(&mut self, id: u64) {
        let complete = |c: &Collection<A>| c.awaited_sockets == 0 && c.awaited_shards == 0;
        if !self.collections.get(&id).is_some_and(complete) {
            return;
        }
        let Some(collection) = self.collections.remove(&id) else { return };
        self.timers.cancel(collection.timer);
        match collection.finish {
            Finish::Call(callback) => self.notices.push_back(Notice::Collected(callback, collection.got)),
            Finish::Report { to, id } => {
                let BroadcastReplies { replies, missing } = collection.got;
                self.outgoing.push((to, Envelope(Note::AckReplies { id, replies, missing })));
            }
        }
    }
}

fn frames_of(event: &OwnedEvent, namespace: &str, ack: u64) -> Frames {
    let args: Vec<&str> = event.args.iter().map(|arg| &**arg).collect();
    let mut frames = Frames::new();
    frames.push(socket::event(namespace, Some(ack), &event.name, &args, event.attachments.len()));
    frames.extend(event.attachments.iter().map(|bytes| Frame::binary(bytes)));
    frames
}
