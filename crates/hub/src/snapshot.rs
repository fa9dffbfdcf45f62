//! What recovery has to survive a restart with: dropped sessions and the log of what they may have missed.
//!
//! A snapshot is plain data for whoever stores it. Times in it are ages and remainders, since the clock of the next
//! run starts elsewhere.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use campanile_protocol::Frame;
use serde::{Deserialize, Serialize};

use crate::{
    App, Frames, Shard, ShardId, Sid, Tenant,
    core::Deadline,
    peer::Selection,
    recovery::{Entry, Passage, RoomChange, RoomHistory, Session},
    timers::Millis,
};

/// The recovery state of one shard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoverySnapshot {
    newest: u64,
    number: u64,
    seen: Vec<u64>,
    log: Vec<EntryRecord>,
    sessions: Vec<SessionRecord>,
    moved: Vec<(String, ShardId)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct EntryRecord {
    seq: u64,
    age_ms: u64,
    origin: ShardId,
    number: u64,
    namespace: String,
    tenant: u32,
    rooms: Vec<String>,
    except: Vec<String>,
    direct: Option<String>,
    packet: String,
    attachments: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SessionRecord {
    left_ms: u64,
    pid: String,
    sid: String,
    namespace: String,
    tenant: u32,
    rooms: Vec<String>,
    rooms_known_from: u64,
    room_changes: Vec<(u64, String, Passage)>,
    since: u64,
    travels: Vec<ShardId>,
    saved: String,
}

impl<A: App> Shard<A> {
    /// What of this shard's recovery state is worth keeping over a restart; `None` if recovery is off.
    #[must_use]
    pub fn recovery_snapshot(&self) -> Option<RecoverySnapshot> {
        let (recovery, now) = (&self.core.recovery, self.core.now);
        recovery.is_on().then(|| RecoverySnapshot {
            newest: recovery.newest(),
            number: recovery.number(),
            seen: recovery.seen().to_vec(),
            log: recovery.entries().map(|entry| EntryRecord::of(entry, now)).collect(),
            sessions: recovery
                .sessions()
                .map(|(session, expiry)| SessionRecord::of(session, expiry, now))
                .collect(),
            moved: recovery.moves().map(|(sid, shard)| (sid.to_string(), shard)).collect(),
        })
    }

    /// Takes the state of a former run over, `elapsed_ms` after it was taken. To be called before anything else, on as
    /// many shards as there were then. Sessions that have expired meanwhile are left out.
    pub fn restore_recovery(&mut self, snapshot: RecoverySnapshot, elapsed_ms: u64) {
        let core = &mut self.core;
        if !core.recovery.is_on() || snapshot.seen.len() != core.shards {
            return;
        }
        // The clock starts at 0, so what is older than the run itself counts as being from its first moment.
        let now = core.now;
        let entries = snapshot.log.into_iter().filter_map(|record| record.entry(now, elapsed_ms)).collect();
        core.recovery.restore(snapshot.newest, snapshot.number, snapshot.seen, entries);
        for (sid, shard) in snapshot.moved {
            if let Some(sid) = Sid::parse(&sid) {
                core.recovery.set_moved(sid, shard);
            }
        }
        for record in snapshot.sessions {
            let left_ms = record.left_ms.saturating_sub(elapsed_ms);
            if let Some(session) = record.session().filter(|_| left_ms > 0) {
                let expiry = core.timers.schedule(now + left_ms, Deadline::Session(session.pid));
                core.recovery.keep(session, expiry);
            }
        }
    }
}

impl EntryRecord {
    fn of(entry: &Entry, now: Millis) -> Self {
        let Selection { namespace, tenant, rooms, except } = &entry.selection;
        let (packet, attachments) = match entry.frames.split_first() {
            Some((packet, attachments)) => (String::from_utf8_lossy(packet.body()).into_owned(), attachments),
            None => (String::new(), &[][..]),
        };
        Self {
            seq: entry.seq,
            age_ms: now.saturating_sub(entry.at),
            origin: entry.origin,
            number: entry.number,
            namespace: namespace.to_string(),
            tenant: tenant.0,
            rooms: rooms.iter().map(ToString::to_string).collect(),
            except: except.iter().map(ToString::to_string).collect(),
            direct: entry.direct.map(|sid| sid.to_string()),
            packet,
            attachments: attachments.iter().map(|frame| STANDARD.encode(frame.body())).collect(),
        }
    }

    fn entry(self, now: Millis, elapsed_ms: u64) -> Option<Entry> {
        let mut frames = Frames::new();
        frames.push(Frame::text(self.packet.len(), |out| out.extend_from_slice(self.packet.as_bytes())));
        for attachment in &self.attachments {
            frames.push(Frame::binary(&STANDARD.decode(attachment).ok()?));
        }
        let direct = match self.direct {
            Some(sid) => Some(Sid::parse(&sid)?),
            None => None,
        };
        let selection = Selection {
            namespace: self.namespace.into(),
            tenant: Tenant(self.tenant),
            rooms: self.rooms.into_iter().map(Into::into).collect(),
            except: self.except.into_iter().map(Into::into).collect(),
        };
        let at = now.saturating_sub(self.age_ms + elapsed_ms);
        Some(Entry::new(self.seq, at, self.origin, self.number, selection, direct, frames))
    }
}

impl SessionRecord {
    fn of(session: &Session, expiry: Millis, now: Millis) -> Self {
        Self {
            left_ms: expiry.saturating_sub(now),
            pid: session.pid.to_string(),
            sid: session.sid.to_string(),
            namespace: session.namespace.to_string(),
            tenant: session.tenant.0,
            rooms: session.rooms.iter().map(ToString::to_string).collect(),
            rooms_known_from: session.history.from(),
            room_changes: session
                .history
                .changes()
                .map(|it| (it.seq, it.room.to_string(), it.passage))
                .collect(),
            since: session.since,
            travels: session.travels.clone(),
            saved: session.saved.to_string(),
        }
    }

    fn session(self) -> Option<Session> {
        let changes = self.room_changes.into_iter();
        let changes = changes.map(|(seq, room, passage)| RoomChange { seq, room: room.into(), passage });
        Some(Session {
            pid: Sid::parse(&self.pid)?,
            sid: Sid::parse(&self.sid)?,
            namespace: self.namespace.into(),
            tenant: Tenant(self.tenant),
            rooms: self.rooms.into_iter().map(Into::into).collect(),
            history: RoomHistory::new(self.rooms_known_from, changes),
            since: self.since,
            travels: self.travels,
            // No connection of the former run is left to compete for it.
            opened_at: 0,
            saved: self.saved.into(),
        })
    }
}
