//! What happens on the shards and starts scenarios: a client's event, users and providers that come and go, a provider's
//! broadcast. A shard knows of each app what its scenarios wait for, so that nothing else leaves it.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use campanile_hub::{AckId, ShardId, SocketKey, Tenant};
use serde_json::{Map, Value, json};

use super::{door::Door, triggers::Known};
use crate::scenarios::world::Start;

/// Something that happened on a shard.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A client sent an event that is nobody else's.
    SocketEvent {
        event_name: String,
        /// Its arguments, as they came: raw JSON.
        args: Vec<String>,
        socket_id: String,
        user: Option<Box<str>>,
        ack: Option<AckTo>,
    },
    /// A user has its first socket.
    UserOnline { user_id: Box<str> },
    /// A user has lost its last socket.
    UserOffline { user_id: Box<str> },
    /// A provider came.
    ProviderOnline { provider_id: String },
    /// A provider is gone.
    ProviderOffline { provider_id: String },
    /// A provider told its followers something: raw JSON.
    ProviderBroadcast { provider_id: String, payload: String },
}

/// Where the ack of an event goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AckTo {
    pub(crate) shard: ShardId,
    pub(crate) socket: SocketKey,
    pub(crate) ack: AckId,
}

/// The ack of a client's event, on its way to its shard.
pub struct Answered {
    pub(crate) to: AckTo,
    /// Raw JSON.
    pub(crate) text: String,
}

impl Happening {
    /// The trigger that it is, and what it happened to.
    pub(crate) fn trigger(&self) -> (&'static str, &str) {
        match self {
            Self::SocketEvent { event_name, .. } => ("socket_event", event_name),
            Self::UserOnline { .. } => ("user_online", ""),
            Self::UserOffline { .. } => ("user_offline", ""),
            Self::ProviderOnline { provider_id } => ("provider_online", provider_id),
            Self::ProviderOffline { provider_id } => ("provider_offline", provider_id),
            Self::ProviderBroadcast { provider_id, .. } => ("provider_broadcast", provider_id),
        }
    }

    pub(super) fn ack(&self) -> Option<AckTo> {
        if let Self::SocketEvent { ack, .. } = self { *ack } else { None }
    }

    /// The user in whose name a run would be.
    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::SocketEvent { user, .. } => user.as_deref(),
            Self::UserOnline { user_id } | Self::UserOffline { user_id } => Some(user_id),
            _ => None,
        }
    }

    /// Runs about one thing keep the order in which it happened.
    pub(super) fn lane(&self) -> Arc<str> {
        match self {
            Self::SocketEvent { socket_id, .. } => format!("socket:{socket_id}"),
            Self::UserOnline { user_id } | Self::UserOffline { user_id } => format!("user:{user_id}"),
            Self::ProviderOnline { provider_id }
            | Self::ProviderOffline { provider_id }
            | Self::ProviderBroadcast { provider_id, .. } => format!("provider:{provider_id}"),
        }
        .into()
    }

    /// As it stands in the log.
    pub(super) fn cause(&self) -> String {
        match self.trigger() {
            (kind, "") => format!("{kind} {}", self.user().unwrap_or_default()),
            (kind, subject) => format!("{kind} {subject}"),
        }
    }

    /// What a run starts with, beside the user.
    pub(super) fn start(&self) -> Start {
        let given = match self {
            Self::SocketEvent { event_name, args, socket_id, .. } => {
                let args: Vec<Value> = args.iter().map(|arg| parsed(arg)).collect();
                let data = args.first().cloned().unwrap_or_default();
                let event = json!({ "name": event_name, "data": data, "args": args, "socket_id": socket_id });
                Some(("event", event))
            }
            Self::UserOnline { .. } | Self::UserOffline { .. } => None,
            Self::ProviderOnline { provider_id } | Self::ProviderOffline { provider_id } => {
                Some(("provider", json!({ "id": provider_id })))
            }
            Self::ProviderBroadcast { provider_id, payload } => {
                Some(("provider", json!({ "id": provider_id, "payload": parsed(payload) })))
            }
        };
        let given: Map<String, Value> =
            given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Start { given, ..Start::default() }
    }
}

/// The hub has checked it to be JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What the scenarios of an app wait for, and where to tell it.
pub struct Watch {
    app: Tenant,
    triggers: HashMap<&'static str, Subjects>,
    door: Door,
}

/// What something may happen to.
#[derive(Debug, Default)]
struct Subjects {
    any: bool,
    named: HashSet<Box<str>>,
}

/// Kinds of what happens on shards.
const KINDS: [&str; 6] = [
    "socket_event",
    "user_online",
    "user_offline",
    "provider_online",
    "provider_offline",
    "provider_broadcast",
];

impl Watch {
    pub(super) fn new<'a>(app: Tenant, known: impl Iterator<Item = &'a Arc<Known>>, door: Door) -> Self {
        let mut triggers: HashMap<&'static str, Subjects> = HashMap::new();
        for known in known {
            let trigger = &known.definition.trigger;
            if !KINDS.contains(&trigger.kind()) {
                continue;
            }
            let subjects = triggers.entry(trigger.kind()).or_default();
            match trigger.subject() {
                "" => subjects.any = true,
                subject => drop(subjects.named.insert(subject.into())),
            }
        }
        Self { app, triggers, door }
    }

    fn wants(&self, kind: &str, subject: &str) -> bool {
        self.triggers.get(kind).is_some_and(|subjects| subjects.any || subjects.named.contains(subject))
    }
}

/// What a shard knows of what scenarios wait for. Clones share it, on the one thread of the shard.
#[derive(Clone, Default)]
pub(crate) struct Watches(Rc<RefCell<HashMap<Tenant, Arc<Watch>>>>);

impl Watches {
    /// Takes over what the scenarios of an app wait for from now on.
    pub(crate) fn put(&self, watch: Arc<Watch>) {
        let mut apps = self.0.borrow_mut();
        if watch.triggers.is_empty() {
            apps.remove(&watch.app);
        } else {
            apps.insert(watch.app, watch);
        }
    }

    /// Whether a scenario of the app waits for this.
    pub(crate) fn want(&self, app: Tenant, kind: &str, subject: &str) -> bool {
        let apps = self.0.borrow();
        apps.get(&app).is_some_and(|watch| watch.wants(kind, subject))
    }

    /// Tells what happened, if a scenario waits for it. Returns false if too much waits already to be told.
    pub(crate) fn tell(&self, app: Tenant, happening: Happening) -> bool {
        let (kind, subject) = happening.trigger();
        let apps = self.0.borrow();
        match apps.get(&app).filter(|watch| watch.wants(kind, subject)) {
            Some(watch) => watch.door.report(happening),
            None => true,
        }
    }
}
