//! What every socket has to hear, and in which order. It keeps books of its own about who is where, from what the
//! application sees; of the hub it asks only whether a dropped session is still on a shard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use campanile_hub::{Core, Route, ShardId, Sid};

use crate::chat::Chat;

/// Identifies an emitted event in the whole run; it travels as the event's first argument.
pub(crate) type EventId = u64;

/// Rooms are numbered, so that a set of them is a word.
pub(crate) type RoomSet = u64;

pub(crate) const ROOMS: u64 = 40;

pub(crate) fn room_name(room: u64) -> String {
    format!("r{room}")
}

pub(crate) fn room_names(set: RoomSet) -> Vec<String> {
    (0..ROOMS).filter(|room| set & (1 << room) != 0).map(room_name).collect()
}

/// Whom an event is for.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) namespace: String,
    pub(crate) tenant: u32,
    pub(crate) rooms: RoomSet,
    pub(crate) except: RoomSet,
    pub(crate) except_socket: Option<Sid>,
}

/// What a drop of the connection does to an event that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Recovery brings it.
    Kept,
    /// It is lost (it asked for an ack).
    Passing,
    /// It may be lost even without a drop.
    Volatile,
}

/// A broadcast.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) id: EventId,
    pub(crate) origin: ShardId,
    /// Counts the kept broadcasts of `origin`; 0 for others.
    pub(crate) number: u64,
    pub(crate) audience: Audience,
    pub(crate) keep: Keep,
    /// The question that it asks all its recipients.
    pub(crate) asks: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Broadcast(ShardId),
    Direct(ShardId),
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    id: EventId,
    lane: Lane,
    keep: Keep,
    since_drop: bool,
    /// Events with the same mark came together from the logs of several shards: only their order within a lane counts.
    loose: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Live,
    Dropped,
    Over,
}

struct Socket {
    home: ShardId,
    namespace: String,
    tenant: u32,
    rooms: RoomSet,
    stage: Stage,
    queue: VecDeque<Expected>,
    /// What its home had seen of every shard's broadcasts when its session left for another shard.
    frozen: Option<Vec<u64>>,
    recoveries: u32,
    /// Its client has given it up, which the hub may not know yet; it may even restore it for a connection that is dead.
    abandoned: bool,
}

/// A question to one client or many.
#[derive(Default)]
struct Question {
    /// How often each socket was asked: twice if it went to another shard that hadn't asked its own sockets yet.
    asked: BTreeMap<Sid, usize>,
    /// How often its answer was handed to the hub.
    answered: BTreeMap<Sid, usize>,
    concluded: bool,
}

pub(crate) struct Oracle {
    pub(crate) recovers: bool,
    sockets: BTreeMap<Sid, Socket>,
    at: Vec<BTreeSet<Sid>>,
    /// What each shard has seen of each shard's kept broadcasts.
    seen: Vec<Vec<u64>>,
    processed: Vec<Vec<Said>>,
    numbers: Vec<u64>,
    next_event: EventId,
    questions: Vec<Question>,
    /// Set when the application has been told of a broadcast that must be delivered to its shard next.
    pub(crate) announced: bool,
    /// Connections, by the query of their handshake, whose clients answer pings promptly.
    pub(crate) answering: BTreeSet<String>,
    pub(crate) tally: Tally,
}

/// What the run has exercised, so that it can't silently exercise nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) heard: u64,
    pub(crate) recovered: u64,
    pub(crate) recovered_elsewhere: u64,
    pub(crate) recovered_again: u64,
    pub(crate) volatile_lost: u64,
    pub(crate) answers: u64,
    pub(crate) overflows: u64,
    pub(crate) ping_timeouts: u64,
    pub(crate) vanished: u64,
    pub(crate) upgrades: u64,
    pub(crate) acks: u64,
    pub(crate) started_over: u64,
    pub(crate) admitted_later: u64,
}

impl Oracle {
    pub(crate) fn new(shards: usize, recovers: bool) -> Self {
        Self {
            recovers,
            sockets: BTreeMap::new(),
            at: vec![BTreeSet::new(); shards],
            seen: vec![vec![0; shards]; shards],
            processed: vec![Vec::new(); shards],
            numbers: vec![0; shards],
            next_event: 0,
            questions: Vec::new(),
            announced: false,
            answering: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn next_event(&mut self) -> EventId {
        self.next_event += 1;
        self.next_event
    }

    pub(crate) fn next_number(&mut self, origin: ShardId, keep: Keep) -> u64 {
        if keep != Keep::Kept {
            return 0;
        }
        self.numbers[usize::from(origin)] += 1;
        self.numbers[usize::from(origin)]
    }

    pub(crate) fn connected(
        &mut self,
        sid: Sid,
        home: ShardId,
        namespace: &str,
        tenant: u32,
        rooms: RoomSet,
    ) {
        let socket = Socket {
            home,
            namespace: namespace.into(),
            tenant,
            rooms,
            stage: Stage::Live,
            queue: VecDeque::new(),
            frozen: None,
            recoveries: 0,
            abandoned: false,
        };
        assert!(self.sockets.insert(sid, socket).is_none(), "{sid} was given out twice");
        self.at[usize::from(home)].insert(sid);
    }

    pub(crate) fn disconnected(&mut self, sid: &Sid, rooms: RoomSet, is_recoverable: bool) {
        let recovers = self.recovers && is_recoverable;
        let Some(socket) = self.sockets.get_mut(sid) else { return };
        assert_eq!(socket.rooms, rooms, "{sid} isn't in the rooms that it should be in");
        assert_eq!(socket.stage, Stage::Live, "{sid} ended twice");
        socket.stage = if recovers { Stage::Dropped } else { Stage::Over };
        if recovers {
            // What isn't kept may still be on its way, or lost.
            for expected in socket.queue.iter_mut().filter(|expected| expected.keep == Keep::Passing) {
                expected.keep = Keep::Volatile;
            }
        }
        if socket.abandoned && socket.stage == Stage::Over {
            self.forget(sid);
        }
    }

    fn forget(&mut self, sid: &Sid) {
        if let Some(socket) = self.sockets.remove(sid) {
            self.at[usize::from(socket.home)].remove(sid);
        }
    }

    pub(crate) fn recovered(&mut self, sid: &Sid, rooms: RoomSet, shard: ShardId) {
        let Some(socket) = self.sockets.get_mut(sid) else { return };
        assert_eq!(socket.rooms, rooms, "{sid} isn't in the rooms that it should be in");
        assert_eq!(socket.stage, Stage::Dropped, "{sid} returned without having gone");
        socket.queue.retain(|expected| expected.keep == Keep::Kept);
        let from = usize::from(socket.home);
        // It may have been handed to another shard and back before its client got through.
        if shard != socket.home || socket.frozen.is_some() {
            self.tally.recovered_elsewhere += 1;
            let loose = Some(socket.recoveries);
            for expected in socket.queue.iter_mut().filter(|expected| expected.since_drop) {
                expected.loose = loose;
            }
            // Broadcasts that the new shard saw and the old one didn't.
            let cut = socket.frozen.take().unwrap_or_else(|| self.seen[from].clone());
            for said in &self.processed[usize::from(shard)] {
                if said.number > cut[usize::from(said.origin)] && socket.is_meant(sid, &said.audience) {
                    let lane = Lane::Broadcast(said.origin);
                    let (id, keep) = (said.id, Keep::Kept);
                    socket.queue.push_back(Expected { id, lane, keep, since_drop: false, loose });
                }
            }
            self.at[from].remove(sid);
            self.at[usize::from(shard)].insert(*sid);
        }
        for expected in &mut socket.queue {
            expected.since_drop = false;
        }
        self.tally.recovered += 1;
        self.tally.recovered_again += u64::from(socket.recoveries > 0);
        socket.recoveries += 1;
        (socket.home, socket.stage, socket.frozen) = (shard, Stage::Live, None);
    }

    /// A socket joins a room, or leaves it.
    pub(crate) fn change_room(&mut self, sid: &Sid, room: u64, joins: bool) {
        if let Some(socket) = self.sockets.get_mut(sid) {
            socket.change_room(room, joins);
        }
    }

    /// The live sockets of a shard that are meant join a room, or leave it.
    pub(crate) fn change_rooms(&mut self, shard: ShardId, audience: &Audience, room: u64, joins: bool) {
        for sid in &self.at[usize::from(shard)] {
            if let Some(socket) = self.sockets.get_mut(sid)
                && socket.stage == Stage::Live
                && socket.is_meant(sid, audience)
            {
                socket.change_room(room, joins);
            }
        }
    }

    /// A broadcast is about to be delivered on a shard.
    pub(crate) fn said(&mut self, core: &Core<Chat>, said: &Said) {
        let shard = usize::from(core.shard());
        for sid in &self.at[shard] {
            let Some(socket) = self.sockets.get_mut(sid) else { continue };
            if socket.stage == Stage::Dropped
                && socket.frozen.is_none()
                && core.route(sid) != Route::Suspended
            {
                socket.frozen = Some(self.seen[shard].clone());
            }
            let is_there = match socket.stage {
                Stage::Live => true,
                Stage::Dropped => socket.frozen.is_none() && said.keep == Keep::Kept,
                Stage::Over => false,
            };
            if !is_there || !socket.is_meant(sid, &said.audience) {
                continue;
            }
            socket.expect(said.id, Lane::Broadcast(said.origin), said.keep);
            if let Some(question) = said.asks {
                *self.questions[question as usize].asked.entry(*sid).or_default() += 1;
            }
        }
        if said.keep == Keep::Kept {
            self.seen[shard][usize::from(said.origin)] = said.number;
            self.processed[shard].push(said.clone());
        }
    }

    /// An event is about to be emitted to one socket, which is on this shard or dropped from it.
    pub(crate) fn told(&mut self, sid: &Sid, id: EventId, shard: ShardId, keep: Keep) {
        if let Some(socket) = self.sockets.get_mut(sid).filter(|socket| socket.stage != Stage::Over) {
            socket.expect(id, Lane::Direct(shard), keep);
        }
    }

    /// A client has heard an event.
    pub(crate) fn heard(&mut self, sid: &Sid, id: EventId) {
        self.tally.heard += 1;
        let Some(socket) = self.sockets.get_mut(sid) else { panic!("{sid} heard {id}, but is nobody") };
        if socket.abandoned {
            return;
        }
        while let Some(first) = socket.queue.front().copied() {
            if first.id == id {
                socket.queue.pop_front();
                return;
            }
            match first.loose {
                _ if first.keep == Keep::Volatile => {
                    socket.queue.pop_front();
                    self.tally.volatile_lost += 1;
                }
                Some(mark) => return socket.heard_loosely(sid, id, mark),
                None => break,
            }
        }
        let what = match socket.queue.iter().any(|expected| expected.id == id) {
            true => "there is a gap, or the order is wrong",
            false => "it came twice, or isn't meant for this socket",
        };
        panic!("{sid} (rooms {:#x}) heard {id}: {what}; expected {:?}", socket.rooms, socket.queue.front());
    }

    /// Nothing more will come for a socket: it must have heard everything.
    pub(crate) fn is_complete(&self, sid: &Sid) -> bool {
        self.sockets.get(sid).is_none_or(|socket| {
            socket.abandoned || socket.queue.iter().all(|expected| expected.keep == Keep::Volatile)
        })
    }

    pub(crate) fn assert_complete(&self, sid: &Sid) {
        if !self.is_complete(sid) {
            let missing: Vec<_> = self.sockets[sid].queue.iter().take(5).collect();
            panic!("{sid} never heard {missing:?}");
        }
    }

    /// The client has given this session up.
    pub(crate) fn abandoned(&mut self, sid: &Sid) {
        match self.sockets.get_mut(sid) {
            Some(socket) if socket.stage != Stage::Over => {
                socket.abandoned = true;
                socket.queue.clear();
            }
            _ => self.forget(sid),
        }
    }

    pub(crate) fn ask(&mut self) -> u64 {
        self.questions.push(Question::default());
        self.questions.len() as u64 - 1
    }

    pub(crate) fn asked(&mut self, question: u64, sid: Sid) {
        *self.questions[question as usize].asked.entry(sid).or_default() += 1;
    }

    /// A client's answer has been handed to the hub.
    pub(crate) fn answered(&mut self, question: u64, sid: Sid) {
        let Question { asked, answered, .. } = &mut self.questions[question as usize];
        let count = answered.entry(sid).or_default();
        *count += 1;
        assert!(asked.get(&sid).is_some_and(|asked| asked >= count), "{sid} was asked {question} too often");
    }

    /// The hub has reported the answers to a question: each is a socket's, and `missing` sockets gave none.
    pub(crate) fn concluded(&mut self, question: u64, answers: &[Sid], missing: usize) {
        let question = &mut self.questions[question as usize];
        assert!(!std::mem::replace(&mut question.concluded, true), "a question was concluded twice");
        let mut given = question.answered.clone();
        for sid in answers {
            let left = given.get_mut(sid).filter(|left| **left > 0);
            *left.unwrap_or_else(|| panic!("{sid}'s answer was counted twice, or never given")) -= 1;
        }
        let asked: usize = question.asked.values().sum();
        assert_eq!(answers.len() + missing, asked, "answered and missing aren't all that were asked");
        self.tally.answers += answers.len() as u64;
    }

    pub(crate) fn has_answered(&self, question: u64, sid: &Sid) -> bool {
        self.questions[question as usize].answered.contains_key(sid)
    }

    pub(crate) fn assert_all_concluded(&self) {
        let open = self.questions.iter().filter(|question| !question.concluded).count();
        assert_eq!(open, 0, "of {} questions some were never concluded", self.questions.len());
    }
}

impl Socket {
    fn change_room(&mut self, room: u64, joins: bool) {
        self.rooms = if joins { self.rooms | 1 << room } else { self.rooms & !(1 << room) };
    }

    fn is_meant(&self, sid: &Sid, audience: &Audience) -> bool {
        self.namespace == audience.namespace
            && self.tenant == audience.tenant
            && (audience.rooms == 0 || self.rooms & audience.rooms != 0)
            && self.rooms & audience.except == 0
            && audience.except_socket != Some(*sid)
    }

    fn expect(&mut self, id: EventId, lane: Lane, keep: Keep) {
        if self.abandoned {
            return;
        }
        let since_drop = self.stage == Stage::Dropped;
        self.queue.push_back(Expected { id, lane, keep, since_drop, loose: None });
    }

    fn heard_loosely(&mut self, sid: &Sid, id: EventId, mark: u32) {
        let run = || self.queue.iter().take_while(|expected| expected.loose == Some(mark));
        let Some(at) = run().position(|expected| expected.id == id) else {
            panic!("{sid} heard {id} among what it missed: a gap, a duplicate, or not its own");
        };
        let lane = self.queue[at].lane;
        assert!(run().take(at).all(|expected| expected.lane != lane), "{sid} heard {id} out of order");
        self.queue.remove(at);
    }
}
