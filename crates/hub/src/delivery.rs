//! Broadcasts: whom a target means, and how one frame reaches them all, here and on the other shards.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::{
    App, Core, Delivery, Envelope, Frames, Packet, SocketKey, Target,
    core::{encode, enqueue},
    id::SpaceKey,
    peer::{Broadcast, Note, Selection},
    space::Member,
};

impl From<&Target<'_>> for Selection {
    fn from(target: &Target<'_>) -> Self {
        Self {
            namespace: target.namespace.into(),
            tenant: target.tenant,
            rooms: target.rooms.iter().map(|room| (*room).into()).collect(),
            except: target.except.iter().map(|room| (*room).into()).collect(),
        }
    }
}

impl<A: App> Core<A> {
    /// Emits an event to every selected socket, on whatever shard. Returns how many of them are on this shard.
    pub fn broadcast(&mut self, target: &Target<'_>, packet: &Packet<'_>) -> usize {
        let frames = encode(target.namespace, None, packet);
        self.stats.events_out += 1;
        if self.shards == 1 && !self.recovery.is_on() {
            let (rooms, except) = (target.rooms, target.except);
            let receivers = match self.spaces.find(target.namespace, target.tenant) {
                Some(space) => self.deliver(space, rooms, except, &frames, packet.delivery),
                None => 0,
            };
            if let Some(tap) = self.tap() {
                self.tell_broadcast(&*tap, &Selection::from(target), &frames, receivers);
            }
            return receivers;
        }
        let selection = Selection::from(target);
        let number = self.recovery.next_number(packet.delivery);
        let broadcast =
            Arc::new(Broadcast { selection, frames, delivery: packet.delivery, number, event: None });
        for shard in self.peers() {
            self.outgoing.push((shard, Envelope(Note::Broadcast(broadcast.clone()))));
        }
        let own = self.id;
        self.deliver_broadcast(own, &broadcast)
    }

    /// Emits an event to the selected sockets of this shard only. Returns how many there are.
    pub fn broadcast_here(&mut self, target: &Target<'_>, packet: &Packet<'_>) -> usize {
        let own = self.id;
        let frames = encode(target.namespace, None, packet);
        let selection = Selection::from(target);
        self.stats.events_out += 1;
        // Without a number it isn't known to other shards, to which a session may move.
        let delivery = packet.delivery;
        self.deliver_broadcast(own, &Broadcast { selection, frames, delivery, number: 0, event: None })
    }

    /// Delivers a broadcast of `origin` to the sockets of this shard.
    pub(crate) fn deliver_broadcast(&mut self, origin: crate::ShardId, broadcast: &Broadcast) -> usize {
        let Broadcast { selection, frames, delivery, number, .. } = broadcast;
        let with_offset;
        let frames = if self.recovery.is_on() {
            with_offset =
                self.recovery.log_broadcast(self.now, origin, *number, selection, frames, *delivery);
            &with_offset
        } else {
            frames
        };
        let receivers = match self.spaces.find(&selection.namespace, selection.tenant) {
            Some(space) => self.deliver(space, &selection.rooms, &selection.except, frames, *delivery),
            None => 0,
        };
        // The others tell only if it reached somebody there.
        if let Some(tap) = self.tap().filter(|_| receivers > 0 || origin == self.id) {
            self.tell_broadcast(&*tap, selection, &broadcast.frames, receivers);
        }
        receivers
    }

    fn deliver<R: AsRef<str>>(
        &mut self,
        space: SpaceKey,
        rooms: &[R],
        except: &[R],
        frames: &Frames,
        delivery: Delivery,
    ) -> usize {
        if except.is_empty() && rooms.len() <= 1 {
            // Nobody can be meant twice, so nobody needs to be marked.
            let members = match rooms.first() {
                None => self.spaces.space(space).map(|space| &space.members),
                Some(room) => match self.spaces.find_room(space, room.as_ref()) {
                    Some(room) => Some(&room.members),
                    None => return self.deliver_to_sid(space, room.as_ref(), frames, delivery),
                },
            };
            let Some(members) = members else { return 0 };
            // The list is borrowed while outboxes fill; what needs the whole core is done after.
            let mut odd: SmallVec<[_; 4]> = SmallVec::new();
            let bytes_max = self.options.outbox_bytes_max;
            for member in members {
                let Some(connection) = self.connections.get_mut(member.connection) else { continue };
                match enqueue(connection, frames, delivery, bytes_max) {
                    crate::core::Enqueued::Dirty => self.dirty.push(member.connection),
                    crate::core::Enqueued::Queued => {}
                    outcome => odd.push((member.connection, outcome)),
                }
            }
            let reached = members.len() - odd.len();
            self.stats.deliveries += reached as u64;
            for (connection, outcome) in odd {
                self.settle_push(connection, outcome);
            }
            return reached;
        }
        let members = self.select_in(space, rooms, except);
        for member in &members {
            self.push(member.connection, frames, delivery);
        }
        members.len()
    }

    fn deliver_to_sid(&mut self, space: SpaceKey, sid: &str, frames: &Frames, delivery: Delivery) -> usize {
        let Some(member) = self.find_by_sid(space, sid) else { return 0 };
        self.push(member.connection, frames, delivery);
        1
    }

    fn find_by_sid(&self, space: SpaceKey, sid: &str) -> Option<Member> {
        let socket = *self.socket_by_sid.get(&crate::Sid::parse(sid)?)?;
        let record = self.sockets.get(socket).filter(|record| record.space == space)?;
        Some(Member { socket, connection: record.connection })
    }

    /// The sockets of this shard that are meant, each once.
    pub(crate) fn select(&mut self, selection: &Selection) -> Vec<Member> {
        match self.spaces.find(&selection.namespace, selection.tenant) {
            Some(space) => self.select_in(space, &selection.rooms, &selection.except),
            None => Vec::new(),
        }
    }

    fn select_in<R: AsRef<str>>(&mut self, space: SpaceKey, rooms: &[R], except: &[R]) -> Vec<Member> {
        self.epoch = self.epoch.wrapping_add(1);
        for room in except {
            for member in self.members(space, room.as_ref()) {
                self.mark(member.socket);
            }
        }
        let mut selected = Vec::new();
        if rooms.is_empty() {
            selected = self.spaces.space(space).map(|space| space.members.clone()).unwrap_or_default();
            selected.retain(|member| self.mark(member.socket));
        }
        for room in rooms {
            for member in self.members(space, room.as_ref()) {
                if self.mark(member.socket) {
                    selected.push(member);
                }
            }
        }
        selected
    }

    /// Marks a socket for the running selection; false if it already was.
    fn mark(&mut self, socket: SocketKey) -> bool {
        match self.sockets.get_mut(socket) {
            Some(record) if record.mark != self.epoch => {
                record.mark = self.epoch;
                true
            }
            _ => false,
        }
    }

    fn members(&self, space: SpaceKey, room: &str) -> Vec<Member> {
        match self.spaces.find_room(space, room) {
            Some(room) => room.members.clone(),
            None => self.find_by_sid(space, room).into_iter().collect(),
        }
    }

    /// The sockets of this shard that are meant, each once.
    pub fn sockets(&mut self, target: &Target<'_>) -> Vec<SocketKey> {
        self.select(&Selection::from(target)).into_iter().map(|member| member.socket).collect()
    }

    /// How many sockets of this shard are in a room.
    #[must_use]
    pub fn room_len(&self, target: &Target<'_>, room: &str) -> usize {
        let space = self.spaces.find(target.namespace, target.tenant);
        space.and_then(|space| self.spaces.find_room(space, room)).map_or(0, |room| room.members.len())
    }
}
