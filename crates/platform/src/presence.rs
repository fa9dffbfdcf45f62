//! Who is online: how many sockets each user, role and session has, over all shards.
//!
//! One of the few things that shards share. Its lock is taken when a socket comes, goes or changes its user, never for
//! a message. What a socket is reached by is a [`Group`], which is a room of the hub as well.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use campanile_hub::Tenant;

use crate::Badge;

/// Sockets of one app that are reached together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Those of a user.
    User(Box<str>),
    /// Those of all users in a role.
    Role(Box<str>),
    /// Those that presented a session.
    Session(i64),
    /// Those that presented a secret key.
    Key(Box<str>),
}

impl Group {
    /// The room of the hub that its sockets are in.
    pub(crate) fn room(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Role(role) => format!("role:{role}"),
            Self::Session(number) => format!("session:{number}"),
            Self::Key(id) => format!("key:{id}"),
        }
    }
}

/// The sockets that are online, counted.
#[derive(Debug, Default)]
pub struct Presence {
    apps: Mutex<HashMap<Tenant, AppPresence>>,
}

#[derive(Debug, Default)]
struct AppPresence {
    sockets: u32,
    users: usize,
    groups: HashMap<Group, u32>,
}

impl Presence {
    /// Sockets of an app, with users and without.
    #[must_use]
    pub fn sockets(&self, app: Tenant) -> u32 {
        self.lock().get(&app).map_or(0, |app| app.sockets)
    }

    /// Sockets of a group.
    #[must_use]
    pub fn of_group(&self, app: Tenant, group: &Group) -> u32 {
        self.lock().get(&app).and_then(|app| app.groups.get(group)).copied().unwrap_or(0)
    }

    /// Users of an app that have a socket.
    #[must_use]
    pub fn users_online(&self, app: Tenant) -> usize {
        self.lock().get(&app).map_or(0, |app| app.users)
    }

    /// The ids of those users, in no order.
    #[must_use]
    pub fn ids_online(&self, app: Tenant) -> Vec<String> {
        let apps = self.lock();
        let groups = apps.get(&app).into_iter().flat_map(|app| app.groups.keys());
        groups
            .filter_map(|group| if let Group::User(id) = group { Some(id.to_string()) } else { None })
            .collect()
    }

    /// Users of all apps that have a socket.
    #[must_use]
    pub fn all_users_online(&self) -> usize {
        self.lock().values().map(|app| app.users).sum()
    }

    /// Counts a socket. `came` is told of a user who wasn't online before, in the order in which users come and go: under the
    /// lock, so it must not wait for anything.
    pub(crate) fn enter(&self, app: Tenant, badge: Option<&Badge>, came: impl FnOnce(Box<str>)) {
        let mut first_of = None;
        let mut apps = self.lock();
        let app = apps.entry(app).or_default();
        app.sockets += 1;
        for group in badge.into_iter().flat_map(Badge::groups) {
            let user = if let Group::User(id) = &group { Some(id.clone()) } else { None };
            let count = app.groups.entry(group).or_default();
            *count += 1;
            if *count == 1 && user.is_some() {
                app.users += 1;
                first_of = user;
            }
        }
        first_of.map(came);
    }

    /// Counts a socket no more. `gone` is told of a user who isn't online any more, as in [`Presence::enter`].
    pub(crate) fn leave(&self, tenant: Tenant, badge: Option<&Badge>, gone: impl FnOnce(Box<str>)) {
        let mut last_of = None;
        let mut apps = self.lock();
        let Some(app) = apps.get_mut(&tenant) else { return };
        app.sockets = app.sockets.saturating_sub(1);
        for group in badge.into_iter().flat_map(Badge::groups) {
            if let Some(count) = app.groups.get_mut(&group) {
                *count -= 1;
                if *count == 0 {
                    app.groups.remove(&group);
                    if let Group::User(id) = group {
                        app.users -= 1;
                        last_of = Some(id);
                    }
                }
            }
        }
        if app.sockets == 0 {
            apps.remove(&tenant);
        }
        last_of.map(gone);
    }

    /// Counts stay usable if a thread panicked while it held them: each change is complete in itself.
    fn lock(&self) -> MutexGuard<'_, HashMap<Tenant, AppPresence>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
