//! Who serves which provider id.
//!
//! There is one truth, behind a lock, which is taken only when a provider comes or goes. Every change has a number and
//! carries the whole new state of its provider id, so shards may hear of changes in any order and still end up with
//! the same copy: a change older than what they have is ignored.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use campanile_hub::{Sid, Tenant};

use super::{BridgeError, Code, ProviderId};
use crate::{BridgeOptions, DuplicateProvider};

/// The providers of all apps, shared by all shards.
#[derive(Default)]
pub struct Registry {
    /// Held for a look-up and an insertion at most; no shard waits for anything else under it.
    records: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    apps: HashMap<Tenant, BTreeMap<ProviderId, Provider>>,
    number: u64,
}

/// A provider id that is being served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The id.
    pub provider_id: ProviderId,
    /// What it calls itself.
    pub name: Option<Box<str>>,
    /// The sockets that serve it; several only where the id is shared.
    pub members: Vec<Sid>,
}

/// The new state of a provider id.
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) number: u64,
    pub(super) app: Tenant,
    pub(super) provider_id: ProviderId,
    pub(super) members: Vec<Sid>,
    /// Whom a newcomer displaced.
    pub(super) replaced: Vec<Sid>,
    /// What it is to those who don't care which sockets serve the id.
    pub(super) transition: Transition,
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Records> {
        // Nothing under the lock panics halfway through a change.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A socket starts to serve a provider id.
    pub(super) fn join(
        &self,
        options: &BridgeOptions,
        app: Tenant,
        provider_id: &ProviderId,
        name: Option<Box<str>>,
        socket: Sid,
    ) -> Result<Change, BridgeError> {
        let mut records = self.lock();
        let providers = records.apps.entry(app).or_default();
        let known = providers.get(provider_id);
        let transition = if known.is_none() { Transition::CameOnline } else { Transition::Other };
        if known.is_none() && providers.len() >= options.providers_max {
            return Err(BridgeError::limit("limits.providers_max"));
        }
        let mut members = known.map(|provider| provider.members.clone()).unwrap_or_default();
        let mut replaced = Vec::new();
        if !members.contains(&socket) {
            match options.duplicate_provider {
                DuplicateProvider::Replace => replaced = std::mem::take(&mut members),
                DuplicateProvider::Reject if !members.is_empty() => {
                    let message = format!("{:?} is served by another socket", provider_id.as_str());
                    return Err(BridgeError::new(Code::DuplicateProvider, message));
                }
                DuplicateProvider::Share if members.len() >= options.members_per_provider_max => {
                    return Err(BridgeError::limit("limits.members_per_provider_max"));
                }
                DuplicateProvider::Reject | DuplicateProvider::Share => {}
            }
            members.push(socket);
        }
        let provider = Provider { provider_id: provider_id.clone(), name, members: members.clone() };
        providers.insert(provider_id.clone(), provider);
        Ok(Change { replaced, transition, ..records.change(app, provider_id, members) })
    }

    /// A socket stops to serve a provider id; `None` if it didn't.
    pub(super) fn leave(&self, app: Tenant, provider_id: &ProviderId, socket: Sid) -> Option<Change> {
        let mut records = self.lock();
        let providers = records.apps.get_mut(&app)?;
        let provider = providers.get_mut(provider_id)?;
        let index = provider.members.iter().position(|member| *member == socket)?;
        provider.members.remove(index);
        let members = provider.members.clone();
        let transition = if members.is_empty() { Transition::WentOffline } else { Transition::Other };
        if members.is_empty() {
            providers.remove(provider_id);
        }
        Some(Change { transition, ..records.change(app, provider_id, members) })
    }

    /// The providers of an app that are online, by id.
    #[must_use]
    pub fn list(&self, app: Tenant) -> Vec<Provider> {
        self.lock().apps.get(&app).map(|providers| providers.values().cloned().collect()).unwrap_or_default()
    }

    /// How many provider ids are being served, in all apps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().apps.values().map(BTreeMap::len).sum()
    }

    /// Whether no provider id is being served.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Records {
    fn change(&mut self, app: Tenant, provider_id: &ProviderId, members: Vec<Sid>) -> Change {
        self.number += 1;
        let (provider_id, transition) = (provider_id.clone(), Transition::Other);
        Change { number: self.number, app, provider_id, members, replaced: Vec::new(), transition }
    }
}

/// One shard's copy of the registry.
#[derive(Default)]
pub(super) struct Directory {
    apps: HashMap<Tenant, HashMap<ProviderId, Entry>>,
}

/// What a shard knows of a provider id. It is kept while nobody serves the id, so that a late message about an older
/// state isn't taken for news; [`Directory::put`] drops the oldest of those.
struct Entry {
    number: u64,
    members: Vec<Sid>,
    /// Whose turn it is in a group.
    turn: usize,
}

/// How a change altered what a shard knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    CameOnline,
    WentOffline,
    Other,
}

/// Offline ids of an app that a shard remembers the number of.
const OFFLINE_IDS_MAX: usize = 10_000;

impl Directory {
    pub(super) fn is_online(&self, app: Tenant, provider_id: &ProviderId) -> bool {
        let entry = self.apps.get(&app).and_then(|entries| entries.get(provider_id));
        entry.is_some_and(|entry| !entry.members.is_empty())
    }

    pub(super) fn is_served_by(&self, app: Tenant, provider_id: &ProviderId, socket: &Sid) -> bool {
        let entry = self.apps.get(&app).and_then(|entries| entries.get(provider_id));
        entry.is_some_and(|entry| entry.members.contains(socket))
    }

    /// The socket that gets the next request.
    pub(super) fn next_member(&mut self, app: Tenant, provider_id: &ProviderId) -> Option<Sid> {
        let entry = self.apps.get_mut(&app)?.get_mut(provider_id)?;
        entry.turn = entry.turn.wrapping_add(1);
        let turn = entry.turn.checked_rem(entry.members.len())?;
        entry.members.get(turn).copied()
    }

    /// Takes a change over unless something newer is known; returns what it altered.
    pub(super) fn put(&mut self, change: &Change) -> Option<Transition> {
        let entries = self.apps.entry(change.app).or_default();
        if !entries.contains_key(&change.provider_id) && entries.len() >= OFFLINE_IDS_MAX {
            forget_oldest_offline(entries);
        }
        let new = Entry { number: 0, members: Vec::new(), turn: 0 };
        let entry = entries.entry(change.provider_id.clone()).or_insert(new);
        if entry.number >= change.number {
            return None;
        }
        let was_online = !entry.members.is_empty();
        entry.number = change.number;
        entry.members.clone_from(&change.members);
        Some(match (was_online, !change.members.is_empty()) {
            (false, true) => Transition::CameOnline,
            (true, false) => Transition::WentOffline,
            _ => Transition::Other,
        })
    }

    /// The ids that an app's providers serve at present.
    pub(super) fn online(&self, app: Tenant) -> impl Iterator<Item = &ProviderId> {
        let entries = self.apps.get(&app).into_iter().flatten();
        entries.filter(|(_, entry)| !entry.members.is_empty()).map(|(id, _)| id)
    }
}

fn forget_oldest_offline(entries: &mut HashMap<ProviderId, Entry>) {
    let offline = entries.iter().filter(|(_, entry)| entry.members.is_empty());
    let oldest = offline.min_by_key(|(_, entry)| entry.number).map(|(id, _)| id.clone());
    if let Some(oldest) = oldest {
        entries.remove(&oldest);
    }
}
