//! Apps and who may do what in them: keys, plugins, users, sessions, administrators, and the log of what they did.
//!
//! | Module | Its part |
//! |---|---|
//! | `apps`, `settings`, `keys`, `users`, `sessions`, `admins` | the rules of each, over the store |
//! | `admission` | who a socket is, by what it presents |
//! | `catalog` | what a handshake needs of all apps, in memory |
//! | `passwords`, `guesses`, `calls`, `tokens` | hashing, limits on guessing and on calling, secrets |
//! | `stats` | counters |
//!
//! Every change that a person or a program asks for is written together with its line in the audit log. What ends a
//! session ends its sockets.

mod admins;
mod admission;
mod apps;
mod audit;
mod calls;
mod catalog;
mod error;
mod guesses;
mod keys;
mod passwords;
mod sessions;
mod settings;
mod stats;
mod tokens;
mod users;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use campanile_hub::{Rate, Tenant};
use campanile_store::{AppNumber, NewAudit, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use self::{admins::LocalAdmin, catalog::Catalog, guesses::Guesses, passwords::Passwords};
pub use self::{
    admins::{AdminLogin, AdminSession},
    apps::{App, AppChange, NewApp, Plugin, PluginName},
    audit::AuditEntry,
    error::{AccountError, Code},
    keys::{ApiKey, Caller, Scope, SecretKey},
    sessions::{CheckedSession, ClientInfo, Login, Session},
    settings::{Access, AppSettings, AppSettingsChange, BridgeAccess},
    stats::AccountStats,
    users::{NewUser, User, UserChange, UserQuery, UsersByPresence},
};
pub(crate) use self::{
    admission::{Credentials, Verdict},
    calls::Calls,
    catalog::AppEntry,
    guesses::Attempt,
    stats::{Tally, count},
};
use crate::{
    Message, Outside,
    ending::{Ending, Why},
    presence::{Group, Presence},
};

type Result<T> = std::result::Result<T, AccountError>;

/// Settings of apps, users and sessions.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a session lives after it was last used, where the app doesn't say.
    pub session_ttl: Duration,
    /// How much of its time must have passed before a session is renewed by its use.
    pub session_renew_after: Duration,
    /// Sessions a user may have; the oldest end for a new one.
    pub sessions_per_user_max: usize,
    /// How long an administrator's session lives.
    pub admin_session_ttl: Duration,
    /// Memory that one check of a password takes, in KiB.
    pub password_memory_kib: u32,
    /// Passes over it.
    pub password_passes: u32,
    /// Characters a password must have.
    pub password_chars_min: usize,
    /// Passwords that are hashed or checked at once.
    pub password_checks_at_once: usize,
    /// Passwords that may wait for it.
    pub password_checks_waiting_max: usize,
    /// Failed logins to one account in a window.
    pub login_failures_per_account_max: u32,
    /// Failed logins from one address in a window.
    pub login_failures_per_address_max: u32,
    /// The window.
    pub login_window: Duration,
    /// Apps there may be.
    pub apps_max: usize,
    /// Live API keys, and live secret keys, that an app may have.
    pub keys_per_app_max: usize,
    /// Bytes of an app's global variables as JSON.
    pub globals_bytes_max: usize,
    /// How often a secret key may call over HTTP; without a rate as often as it likes.
    pub requests_per_key: Option<Rate>,
    /// The wall clock, in milliseconds since the epoch.
    pub clock: fn() -> i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            session_ttl: Duration::from_secs(30 * 24 * 3600),
            session_renew_after: Duration::from_secs(300),
            sessions_per_user_max: 100,
            admin_session_ttl: Duration::from_secs(12 * 3600),
            password_memory_kib: 19_456,
            password_passes: 2,
            password_chars_min: 8,
            password_checks_at_once: 2,
            password_checks_waiting_max: 1_000,
            login_failures_per_account_max: 20,
            login_failures_per_address_max: 200,
            login_window: Duration::from_secs(300),
            apps_max: 1_000,
            keys_per_app_max: 100,
            globals_bytes_max: 65_536,
            requests_per_key: Some(Rate { per_s: 10_000, burst: 20_000 }),
            clock: wall_clock,
        }
    }
}

fn wall_clock() -> i64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |since| since.as_millis() as i64)
}

/// Who asks for a change.
#[derive(Clone, Debug)]
pub struct Actor {
    /// `admin:NAME`, `key:ID` or `system`.
    pub name: String,
    /// Where from.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// The hub itself.
    #[must_use]
    pub fn system() -> Self {
        Self { name: "system".to_owned(), address: None }
    }
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for the items after these; none if these were the last.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    fn from_store<S>(paged: campanile_store::Paged<S>, convert: impl FnMut(S) -> T) -> Self {
        Self { items: paged.items.into_iter().map(convert).collect(), next: paged.next }
    }
}

/// Apps, keys, users and sessions. A handle; clones share everything.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    store: Store,
    options: Options,
    catalog: Catalog,
    passwords: Passwords,
    guesses: Guesses,
    calls: Calls,
    tally: Tally,
    local_admin: OnceLock<LocalAdmin>,
    presence: Arc<Presence>,
    outside: Outside,
    /// What has ended of late, for sockets that were being admitted meanwhile.
    ended: Mutex<HashMap<(Tenant, Option<Group>), i64>>,
}

/// Accounts that don't reach any socket yet.
pub struct Prepared {
    store: Store,
    options: Options,
    catalog: Catalog,
    passwords: Passwords,
}

impl Prepared {
    /// From now on the ends of sessions reach their sockets.
    #[must_use]
    pub fn connect(self, outside: Outside) -> Accounts {
        let Self { store, options, catalog, passwords } = self;
        Accounts(Arc::new(Inner {
            calls: Calls::new(options.requests_per_key, "limits.requests_per_key"),
            store,
            options,
            catalog,
            passwords,
            outside,
            guesses: Guesses::default(),
            tally: Tally::default(),
            local_admin: OnceLock::new(),
            presence: Arc::default(),
            ended: Mutex::default(),
        }))
    }
}

/// How long an ending is remembered: far longer than an admission takes.
const ENDED_MS: i64 = 120_000;

impl Accounts {
    /// Reads the apps from the store, before there are shards.
    ///
    /// # Errors
    /// The store can't be read, or the system gives no random bytes.
    pub async fn prepare(store: Store, options: Options) -> Result<Prepared> {
        let catalog = Catalog::default();
        catalog.load(&store).await?;
        let passwords = Passwords::new(&options)?;
        Ok(Prepared { store, options, catalog, passwords })
    }

    /// Who is online.
    #[must_use]
    pub fn presence(&self) -> &Arc<Presence> {
        &self.0.presence
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> AccountStats {
        self.0.tally.read(self.0.passwords.now())
    }

    /// What the store has counted.
    #[must_use]
    pub fn store_stats(&self) -> campanile_store::Stats {
        self.0.store.stats()
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.0.tally
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn outside(&self) -> &Outside {
        &self.0.outside
    }

    /// The wall clock, in milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.0.options.clock)()
    }

    /// The app with this id.
    pub(crate) fn entry(&self, app: &str) -> Result<Arc<AppEntry>> {
        self.0.catalog.by_id(app)
    }

    /// The app that an API key belongs to.
    pub(crate) fn entry_by_key(&self, key: &str) -> Result<Arc<AppEntry>> {
        let unknown = || AccountError::new(Code::AppNotFound, "no app has this key");
        self.0.catalog.by_key(key).ok_or_else(unknown)
    }

    /// The number of the app with this id.
    ///
    /// # Errors
    /// There is none.
    pub fn number_of(&self, app: &str) -> Result<Tenant> {
        Ok(self.entry(app)?.number)
    }

    /// The numbers of all apps.
    pub(crate) fn all_apps(&self) -> Vec<Tenant> {
        self.0.catalog.numbers()
    }

    /// The id of the app with this number.
    #[must_use]
    pub fn id_of(&self, app: Tenant) -> Option<String> {
        Some(self.entry_of(app)?.id.clone())
    }

    /// The app with this number.
    pub(crate) fn entry_of(&self, app: Tenant) -> Option<Arc<AppEntry>> {
        self.0.catalog.by_number(app)
    }

    async fn reload(&self) -> Result<()> {
        Ok(self.0.catalog.load(&self.0.store).await?)
    }

    pub(crate) fn note(
        &self,
        actor: &Actor,
        action: &str,
        app: Option<&str>,
        subject: &str,
        detail: &Value,
    ) -> NewAudit {
        NewAudit {
            at_ms: self.now_ms(),
            actor: actor.name.clone(),
            action: action.to_owned(),
            app: app.map(str::to_owned),
            subject: subject.to_owned(),
            detail: detail.to_string(),
            address: actor.address.map(|address| address.to_string()).unwrap_or_default(),
        }
    }

    /// Ends the sockets of a group, or of a whole app, wherever they are.
    fn end(&self, app: Tenant, group: Option<Group>, why: Why) {
        let now_ms = self.now_ms();
        {
            let mut ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.retain(|_, at_ms| *at_ms + ENDED_MS > now_ms);
            ended.insert((app, group.clone()), now_ms);
        }
        let room = group.map(|group| group.room());
        self.0.outside.send(self.0.outside.speaker(app), Message::End(Ending { app, room, why }));
    }

    /// Whether what a socket was just found to be has ended since `checked_at_ms`.
    pub(crate) fn has_ended(&self, app: Tenant, badge: &crate::Badge, checked_at_ms: i64) -> bool {
        let ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |group| ended.get(&(app, group)).is_some_and(|at_ms| *at_ms >= checked_at_ms);
        !ended.is_empty() && (since(None) || badge.groups().any(|group| since(Some(group))))
    }
}

fn number(app: &AppEntry) -> AppNumber {
    AppNumber(app.number.0)
}

/// An id for what is created without one.
pub(crate) fn new_id() -> Result<String> {
    tokens::name("")
}

fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// An id of an app, a user or an object, as people write it.
pub(crate) fn check_id(field: &str, id: &str, bytes_max: usize) -> Result<()> {
    if id.is_empty() || id.len() > bytes_max {
        return Err(AccountError::field(field, format!("must have 1 to {bytes_max} bytes")));
    }
    if id == "*" || id.chars().any(char::is_control) || id.trim() != id {
        return Err(AccountError::field(
            field,
            "must not be \"*\", nor hold control characters or outer spaces",
        ));
    }
    Ok(())
}
