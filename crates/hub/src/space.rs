//! Who is in which namespace and room of this shard. Knows sockets by their keys only and sends nothing.
//!
//! A *space* is one namespace of one tenant. The tenant is part of every key, so no lookup can cross it. A room
//! exists while somebody is in it; every socket's own id works as a room without being stored as one.

use std::collections::HashMap;

use slotmap::SlotMap;
use smallvec::SmallVec;

use crate::{
    ConnectionKey, SocketKey, Tenant,
    id::{RoomKey, SpaceKey},
};

/// A socket in a list of members, with its connection beside it so that a broadcast needn't look it up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) socket: SocketKey,
    pub(crate) connection: ConnectionKey,
}

/// A socket's place in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) room: RoomKey,
    pub(crate) position: u32,
}

pub(crate) type Memberships = SmallVec<[Membership; 1]>;

pub(crate) struct Room {
    pub(crate) name: Box<str>,
    pub(crate) space: SpaceKey,
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Space {
    pub(crate) namespace: Box<str>,
    pub(crate) tenant: Tenant,
    pub(crate) members: Vec<Member>,
    rooms: HashMap<Box<str>, RoomKey>,
}

#[derive(Default)]
pub(crate) struct Spaces {
    spaces: SlotMap<SpaceKey, Space>,
    rooms: SlotMap<RoomKey, Room>,
    /// Few enough per tenant that a list is the quickest index.
    by_tenant: HashMap<Tenant, Vec<SpaceKey>>,
}

impl Spaces {
    pub(crate) fn space(&self, key: SpaceKey) -> Option<&Space> {
        self.spaces.get(key)
    }

    pub(crate) fn find(&self, namespace: &str, tenant: Tenant) -> Option<SpaceKey> {
        let keys = self.by_tenant.get(&tenant)?;
        keys.iter().copied().find(|key| &*self.spaces[*key].namespace == namespace)
    }

    pub(crate) fn room(&self, key: RoomKey) -> Option<&Room> {
        self.rooms.get(key)
    }

    pub(crate) fn find_room(&self, space: SpaceKey, name: &str) -> Option<&Room> {
        self.rooms.get(*self.spaces.get(space)?.rooms.get(name)?)
    }

    pub(crate) fn room_count(&self) -> usize {
        self.rooms.len()
    }

    /// Enters the space, which is made if need be; returns the position to hand back to [`Spaces::exit`].
    pub(crate) fn enter(&mut self, namespace: &str, tenant: Tenant, member: Member) -> (SpaceKey, u32) {
        let key = self.find(namespace, tenant).unwrap_or_else(|| {
            let key = self.spaces.insert(Space {
                namespace: namespace.into(),
                tenant,
                members: Vec::new(),
                rooms: HashMap::new(),
            });
            self.by_tenant.entry(tenant).or_default().push(key);
            key
        });
        let members = &mut self.spaces[key].members;
        members.push(member);
        (key, members.len() as u32 - 1)
    }

    /// Leaves the space; returns the socket that took the vacant position, whose record must follow.
    pub(crate) fn exit(&mut self, key: SpaceKey, position: u32) -> Option<SocketKey> {
        let space = self.spaces.get_mut(key)?;
        space.members.swap_remove(position as usize);
        let moved = space.members.get(position as usize).map(|member| member.socket);
        if space.members.is_empty() {
            let tenant = space.tenant;
            self.spaces.remove(key);
            if let Some(keys) = self.by_tenant.get_mut(&tenant) {
                keys.retain(|other| *other != key);
                if keys.is_empty() {
                    self.by_tenant.remove(&tenant);
                }
            }
        }
        moved
    }

    pub(crate) fn join(&mut self, space: SpaceKey, name: &str, member: Member) -> Membership {
        let rooms = &mut self.spaces[space].rooms;
        let room = match rooms.get(name) {
            Some(room) => *room,
            None => {
                let room = self.rooms.insert(Room { name: name.into(), space, members: Vec::new() });
                rooms.insert(name.into(), room);
                room
            }
        };
        let members = &mut self.rooms[room].members;
        members.push(member);
        Membership { room, position: members.len() as u32 - 1 }
    }

    /// Leaves a room; returns the socket that took the vacant position, whose membership must follow.
    pub(crate) fn leave(&mut self, membership: Membership) -> Option<SocketKey> {
        let room = self.rooms.get_mut(membership.room)?;
        room.members.swap_remove(membership.position as usize);
        let moved = room.members.get(membership.position as usize).map(|member| member.socket);
        if room.members.is_empty()
            && let Some(room) = self.rooms.remove(membership.room)
            && let Some(space) = self.spaces.get_mut(room.space)
        {
            space.rooms.remove(&room.name);
        } else if room_is_sparse(self.rooms.get(membership.room)) {
            self.rooms[membership.room].members.shrink_to(64);
        }
        moved
    }
}

/// A room that was large once gives its memory back.
fn room_is_sparse(room: Option<&Room>) -> bool {
    room.is_some_and(|room| room.members.capacity() > 256 && room.members.len() * 8 < room.members.capacity())
}
