//! Push: an event from a backend, a scenario or a person to one user, to several, to a role, or to everyone in an app.
//!
//! A push is checked, emitted by the shard that speaks for its app (so pushes of an app keep their order), and kept
//! with its outcome. Its caller gets the answer when that is committed. An id makes it repeatable: it is sent once.

mod request;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
};

use campanile_hub::{Core, Packet, ShardId, Sid, SocketKey, Tenant};
use campanile_store::{AppNumber, Page, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard, oneshot};
use utoipa::ToSchema;

pub(crate) use self::request::{EVENT_NAME_BYTES_MAX, RESERVED_NAMES, event_name_problem};
pub use self::request::{Mode, PushRequest, Recipients, UserIds};
use crate::{
    Accounts, Message, Platform,
    accounts::{AccountError, Actor, AppEntry, Code, Paged, PluginName, count},
    presence::Group,
};

type Result<T> = std::result::Result<T, AccountError>;

/// Settings of the push.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// Users that one push may name.
    pub recipients_max: usize,
    /// Pushes in one batch.
    pub batch_max: usize,
    /// Bytes of a message.
    pub message_bytes_max: usize,
    /// Past pushes that are kept of an app; an id is known for as long.
    pub kept_per_app_max: u32,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            recipients_max: 1_000,
            batch_max: 1_000,
            message_bytes_max: 1_000_000,
            kept_per_app_max: 100_000,
        }
    }
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushReceipt {
    /// Its id: the caller's, or one that was drawn.
    pub message_id: String,
    /// Users that it was meant for.
    pub matched_users: u32,
    /// Sockets that it was handed to.
    pub delivered: u32,
    /// Users for whom it waits.
    pub queued: u32,
    /// Whether a push with this id was sent before; then this is its receipt, and nothing was sent now.
    pub duplicate: bool,
}

/// A past push.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PushRecord {
    /// Its id.
    pub id: String,
    /// To whom: `"*"`, ids, or `{"role":…}`.
    pub to: Value,
    /// The event.
    pub event_name: String,
    /// The message: a text, or with the mode `json` any value.
    pub message: Value,
    /// How the message was sent.
    pub mode: Mode,
    /// Who sent it.
    pub actor: String,
    /// When, in milliseconds since the epoch.
    pub sent_at_ms: i64,
    /// Users that it was meant for.
    pub matched_users: u32,
    /// Sockets that it was handed to.
    pub delivered: u32,
    /// Users for whom it waits.
    pub queued: u32,
}

/// A connected socket.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SocketInfo {
    /// Its id, as its client knows it.
    pub id: String,
    /// Its user; none if it is anonymous.
    pub user_id: Option<String>,
    /// The number of its session.
    pub session_id: Option<i64>,
    /// Where it comes from.
    #[schema(value_type = String)]
    pub address: IpAddr,
    /// For how long it has been connected, in milliseconds.
    pub connected_ms: u64,
}

/// What a shard is asked to do for the push.
pub enum Call {
    /// Emit an event to sockets of an app.
    #[doc(hidden)]
    Emit(Emission),
    /// List the sockets of an app on this shard.
    Sockets {
        /// The app.
        app: Tenant,
        /// Only those of this user.
        user: Option<String>,
        /// Gets them.
        reply: oneshot::Sender<Vec<SocketInfo>>,
    },
    /// Disconnect a socket.
    Disconnect {
        /// The app.
        app: Tenant,
        /// The socket.
        sid: Sid,
        /// Told whether it was there.
        reply: oneshot::Sender<bool>,
    },
}

/// An event on its way to the shard that emits it.
pub struct Emission {
    app: Tenant,
    recipients: Recipients,
    event_name: String,
    /// The message as raw JSON.
    argument: String,
    /// Told how many sockets it was handed to.
    reply: oneshot::Sender<u32>,
}

/// Pushes of one id wait for each other in one of so many queues.
const QUEUES: usize = 64;

/// Pushes to users. A handle; clones share everything.
#[derive(Clone)]
pub struct Pusher {
    accounts: Accounts,
    options: Arc<PushOptions>,
    queues: Arc<[Mutex<()>; QUEUES]>,
    hasher: RandomState,
}

impl Pusher {
    /// Pushes to the users of these accounts.
    #[must_use]
    pub fn new(accounts: Accounts, options: PushOptions) -> Self {
        let queues = Arc::new(std::array::from_fn(|_| Mutex::new(())));
        Self { accounts, options: Arc::new(options), queues, hasher: RandomState::new() }
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &PushOptions {
        &self.options
    }

    /// Sends one push.
    ///
    /// # Errors
    /// `app_not_found`, `plugin_not_installed`, `invalid_payload`, `overloaded`, `storage_failed`.
    pub async fn push(&self, actor: &Actor, app: &str, request: PushRequest) -> Result<PushReceipt> {
        let receipts = self.push_all(actor, app, vec![request]).await?;
        receipts.into_iter().next().unwrap_or_else(|| Err(AccountError::field("pushes", "is empty")))
    }

    /// Sends several, in their order. Each has an outcome of its own.
    ///
    /// # Errors
    /// `app_not_found`, `plugin_not_installed`, `invalid_payload` for too many, `overloaded`, `storage_failed`.
    pub async fn push_all(
        &self,
        actor: &Actor,
        app: &str,
        requests: Vec<PushRequest>,
    ) -> Result<Vec<Result<PushReceipt>>> {
        let entry = self.accounts.entry(app)?;
        if !entry.plugins.contains(&PluginName::SocketIo) {
            let message = "the app doesn't have the plugin socket.io";
            return Err(AccountError::new(Code::PluginNotInstalled, message));
        }
        if requests.len() > self.options.batch_max {
            return Err(AccountError::field(
                "pushes",
                format!("must not be more than {}", self.options.batch_max),
            ));
        }
        let checked: Vec<Result<PushRequest>> =
            requests.into_iter().map(|request| request.checked(&self.options)).collect();
        let good: Vec<PushRequest> = checked.iter().flatten().cloned().collect();
        let _turn = self.turn(entry.number, &good).await;
        let mut sent = self.send(&entry, actor, good).await?.into_iter();
        let receipts = checked.into_iter().map(|request| match request {
            Ok(_) => Ok(sent.next().unwrap_or_else(PushReceipt::nothing)),
            Err(error) => Err(error),
        });
        let receipts: Vec<_> = receipts.collect();
        self.count(&receipts);
        Ok(receipts)
    }

    fn count(&self, receipts: &[Result<PushReceipt>]) {
        let tally = self.accounts.tally();
        for receipt in receipts {
            match receipt {
                Ok(receipt) if receipt.duplicate => count(&tally.pushes_repeated),
                Ok(receipt) => {
                    count(&tally.pushes);
                    tally.push_deliveries.fetch_add(receipt.delivered.into(), Ordering::Relaxed);
                }
                Err(_) => count(&tally.pushes_refused),
            }
        }
    }

    /// Waits until nobody else is sending a push with one of these ids. Everybody takes the queues in one order.
    async fn turn(&self, app: Tenant, requests: &[PushRequest]) -> Vec<MutexGuard<'_, ()>> {
        let ids = requests.iter().filter_map(|request| request.id.as_deref());
        let mut queues: Vec<usize> =
            ids.map(|id| (self.hasher.hash_one((app, id)) % QUEUES as u64) as usize).collect();
        queues.sort_unstable();
        queues.dedup();
        let mut turn = Vec::with_capacity(queues.len());
        for queue in queues {
            turn.push(self.queues[queue].lock().await);
        }
        turn
    }

    async fn send(
        &self,
        entry: &AppEntry,
        actor: &Actor,
        requests: Vec<PushRequest>,
    ) -> Result<Vec<PushReceipt>> {
        let app = AppNumber(entry.number.0);
        let mut sent = self.sent_before(app, &requests).await?;
        let (mut receipts, mut fresh) = (Vec::with_capacity(requests.len()), Vec::new());
        for request in requests {
            if let Some(receipt) = request.id.as_ref().and_then(|id| sent.get(id)) {
                receipts.push(PushReceipt { duplicate: true, ..receipt.clone() });
                continue;
            }
            let receipt = self.emit(entry, &request).await?;
            let record = request.record(&receipt, actor, self.accounts.now_ms());
            fresh.push((request.recipients()?, record));
            sent.insert(receipt.message_id.clone(), receipt.clone());
            receipts.push(receipt);
        }
        let matched = self.keep(app, fresh).await?;
        for receipt in &mut receipts {
            receipt.matched_users =
                matched.get(&receipt.message_id).copied().unwrap_or(receipt.matched_users);
        }
        Ok(receipts)
    }

    /// The receipts of those that were sent in former requests, by id.
    async fn sent_before(
        &self,
        app: AppNumber,
        requests: &[PushRequest],
    ) -> Result<HashMap<String, PushReceipt>> {
        let ids: Vec<String> = requests.iter().filter_map(|request| request.id.clone()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let find = move |view: &View<'_>| {
            let found = ids.iter().map(|id| view.push_by_id(app, id));
            found.filter_map(campanile_store::Result::transpose).collect()
        };
        let sent: Vec<campanile_store::Push> = self.accounts.store().read(find).await?;
        Ok(sent.into_iter().map(|push| (push.id.clone(), PushReceipt::from(push))).collect())
    }

    async fn emit(&self, entry: &AppEntry, request: &PushRequest) -> Result<PushReceipt> {
        let message_id = request.message_id()?;
        let (reply, delivered) = oneshot::channel();
        let emission = Emission {
            app: entry.number,
            recipients: request.recipients()?,
            event_name: request.event_name.clone(),
            argument: request.argument().to_owned(),
            reply,
        };
        let outside = self.accounts.outside();
        outside.send(outside.speaker(entry.number), Message::Push(Call::Emit(emission)));
        let delivered = delivered.await.map_err(|_| stopping())?;
        Ok(PushReceipt { message_id, matched_users: 0, delivered, queued: 0, duplicate: false })
    }

    /// Keeps what was sent. Returns how many users each was meant for, by the push's id.
    async fn keep(
        &self,
        app: AppNumber,
        mut sent: Vec<(Recipients, campanile_store::NewPush)>,
    ) -> Result<HashMap<String, u32>> {
        if sent.is_empty() {
            return Ok(HashMap::new());
        }
        let keep = self.options.kept_per_app_max;
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            for (recipients, record) in &mut sent {
                record.matched_users = count_users(tx, app, recipients)?;
                let number = tx.insert_push(app, record)?;
                if number % TRIM_EVERY == 0 {
                    tx.trim_pushes(app, keep)?;
                }
            }
            Ok(sent.into_iter().map(|(_, record)| (record.id, record.matched_users)).collect())
        };
        Ok(self.accounts.store().write(write).await?)
    }

    /// Past pushes of an app, newest first.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn history(&self, app: &str, after: Option<String>, limit: u32) -> Result<Paged<PushRecord>> {
        let app = AppNumber(self.accounts.entry(app)?.number.0);
        let page = Page { after, limit };
        let pushes = self.accounts.store().read(move |view| view.pushes(app, &page)).await?;
        let items = pushes.items.into_iter().map(PushRecord::from).collect();
        Ok(Paged { items, next: pushes.next })
    }

    /// The sockets of an app, or of one of its users.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn sockets(&self, app: &str, user: Option<String>) -> Result<Vec<SocketInfo>> {
        let app = self.accounts.entry(app)?.number;
        let mut sockets = Vec::new();
        for shard in self.accounts.outside().shards() {
            let (reply, answer) = oneshot::channel();
            self.ask(shard, Call::Sockets { app, user: user.clone(), reply });
            sockets.extend(answer.await.unwrap_or_default());
        }
        Ok(sockets)
    }

    /// Disconnects a socket.
    ///
    /// # Errors
    /// `app_not_found`, `socket_not_found`.
    pub async fn disconnect_socket(&self, app: &str, id: &str) -> Result<()> {
        let app = self.accounts.entry(app)?.number;
        let not_found = || AccountError::new(Code::SocketNotFound, format!("there is no socket {id:?}"));
        let sid = Sid::parse(id).ok_or_else(not_found)?;
        for shard in self.accounts.outside().shards() {
            let (reply, answer) = oneshot::channel();
            self.ask(shard, Call::Disconnect { app, sid, reply });
            if answer.await.unwrap_or_default() {
                return Ok(());
            }
        }
        Err(not_found())
    }

    fn ask(&self, shard: ShardId, call: Call) {
        // Without a shard to take it the call is dropped, and its reply channel tells.
        self.accounts.outside().send(shard, Message::Push(call));
    }
}

/// Old pushes are forgotten at each so many new ones.
const TRIM_EVERY: i64 = 256;

fn count_users(view: &View<'_>, app: AppNumber, recipients: &Recipients) -> campanile_store::Result<u32> {
    match recipients {
        Recipients::Everyone => view.count_users(app),
        Recipients::Role(role) => view.count_role(app, role),
        Recipients::Users(ids) => {
            ids.iter().try_fold(0, |count, id| Ok(count + u32::from(view.user(app, id)?.is_some())))
        }
    }
}

impl From<campanile_store::Push> for PushReceipt {
    fn from(push: campanile_store::Push) -> Self {
        let campanile_store::Push { id: message_id, matched_users, delivered, queued, .. } = push;
        Self { message_id, matched_users, delivered, queued, duplicate: true }
    }
}

impl PushReceipt {
    fn nothing() -> Self {
        Self { message_id: String::new(), matched_users: 0, delivered: 0, queued: 0, duplicate: false }
    }
}

impl From<campanile_store::Push> for PushRecord {
    fn from(push: campanile_store::Push) -> Self {
        let mode = Mode::parse(&push.mode);
        let message = match mode {
            Mode::Json => serde_json::from_str(&push.message).unwrap_or_default(),
            Mode::String => Value::String(push.message),
        };
        Self {
            id: push.id,
            to: serde_json::from_str(&push.to).unwrap_or_default(),
            event_name: push.event_name,
            message,
            mode,
            actor: push.actor,
            sent_at_ms: push.sent_at_ms,
            matched_users: push.matched_users,
            delivered: push.delivered,
            queued: push.queued,
        }
    }
}

fn stopping() -> AccountError {
    AccountError::new(Code::Overloaded, "the hub is stopping")
}

/// What a shard does when it is asked.
pub(crate) fn call(core: &mut Core<Platform>, accounts: &Accounts, call: Call) {
    match call {
        Call::Emit(emission) => emit(core, accounts, emission),
        Call::Sockets { app, user, reply } => {
            let _ = reply.send(sockets(core, app, user));
        }
        Call::Disconnect { app, sid, reply } => {
            let _ = reply.send(disconnect(core, app, &sid));
        }
    }
}

/// Sockets that drop while it is under way were counted; recovery brings them what they missed.
fn emit(core: &mut Core<Platform>, accounts: &Accounts, emission: Emission) {
    let Emission { app, recipients, event_name, argument, reply } = emission;
    let groups = recipients.groups();
    let delivered = match &groups {
        None => accounts.presence().sockets(app),
        Some(groups) => groups.iter().map(|group| accounts.presence().of_group(app, group)).sum(),
    };
    let rooms: Vec<String> = groups.iter().flatten().map(Group::room).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let packet = Packet { name: &event_name, args: &[&argument], ..Packet::default() };
    core.broadcast(&crate::everyone(app, &rooms), &packet);
    let _ = reply.send(delivered);
}

fn sockets(core: &mut Core<Platform>, app: Tenant, user: Option<String>) -> Vec<SocketInfo> {
    let room = user.map(|user| Group::User(user.into()).room());
    let rooms: Vec<&str> = room.iter().map(String::as_str).collect();
    let found = core.sockets(&crate::everyone(app, &rooms));
    found.into_iter().filter_map(|socket| describe(core, socket)).collect()
}

fn describe(core: &Core<Platform>, socket: SocketKey) -> Option<SocketInfo> {
    let member = core.data(socket)?.badge.as_ref().and_then(|badge| badge.member.as_ref());
    Some(SocketInfo {
        id: core.sid(socket)?.to_string(),
        user_id: member.map(|member| member.user_id.to_string()),
        session_id: member.map(|member| member.session),
        address: core.peer(socket)?.address,
        connected_ms: core.now().saturating_sub(core.opened_at(socket)?),
    })
}

fn disconnect(core: &mut Core<Platform>, app: Tenant, sid: &Sid) -> bool {
    let campanile_hub::Route::Here(socket) = core.route(sid) else { return false };
    if core.tenant(socket) != Some(app) {
        return false;
    }
    let room = Some(sid.to_string());
    crate::ending::end(core, &crate::Ending { app, room, why: crate::ending::Why::ByOperator });
    true
}
