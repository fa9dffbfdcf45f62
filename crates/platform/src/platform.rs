//! The application on a shard: who may connect, and which part of the product an event belongs to.

use std::{net::IpAddr, sync::Arc};

use campanile_hub::{
    AckId, Admission, App, ConnectRequest, Core, Denied, Description, Disconnect, Event, Handshake, Reason,
    SocketKey, Tap, Target, Tenant, Ticket,
};
use campanile_protocol::json;
use serde::{Deserialize, Serialize};

use crate::{
    Accounts, BridgeOptions, Ending, Traffic,
    accounts::{AccountError, AppEntry, Code, Credentials, Verdict, count},
    admin_ui::{self, AdminUi, Viewer},
    badge::{Badge, BridgeRights, Member},
    bridge, ending, push,
    runner::{AckTo, Answered, Happening, Watch, Watches},
};

/// The built-in app `public`: everyone who presents no credentials, with an open bridge.
pub const PUBLIC: Tenant = Tenant(0);

/// The namespace that everything lives in.
const NAMESPACE: &str = "/";

/// The event with which a client presents a session on a connection that it has already.
const AUTHENTICATE: &str = "authenticate";

/// Whether an event's arguments are a secret of its sender's.
pub(crate) fn is_secret_event(name: &str) -> bool {
    name == AUTHENTICATE
}

/// Whether the hub itself hears an event, so that no scenario does.
pub(crate) fn is_own_event(name: &str) -> bool {
    name == AUTHENTICATE || bridge::is_event(name)
}

/// The product, as it runs on one shard.
pub struct Platform {
    bridge: bridge::Bridge,
    /// Without accounts there is one app, `public`, and its bridge is open.
    accounts: Option<Accounts>,
    /// What scenarios wait for.
    watches: Watches,
    /// Who watches what flows.
    traffic: Option<Traffic>,
    /// The namespace for `@socket.io/admin-ui`, if it is on.
    admin_ui: Option<AdminUi>,
}

/// What is kept of a connection's handshake.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The client's address.
    pub address: IpAddr,
}

/// What is kept of a socket.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SocketState {
    pub(crate) bridge: bridge::SocketState,
    #[serde(default)]
    pub(crate) badge: Option<Box<Badge>>,
    /// Settings may have changed while a socket was away, so this is judged anew.
    #[serde(skip)]
    pub(crate) rights: BridgeRights,
    /// Of a socket in the namespace `/admin`.
    #[serde(skip)]
    pub(crate) viewer: Option<Box<Viewer>>,
}

/// What shards send each other, and what reaches them from outside.
pub enum Message {
    /// For the bridge.
    Bridge(bridge::Message),
    /// For the push.
    Push(push::Call),
    /// Sockets end.
    End(Ending),
    /// For the namespace `/admin`.
    AdminUi(admin_ui::Message),
    /// What the scenarios of an app wait for.
    #[doc(hidden)]
    Watch(Arc<Watch>),
    /// The ack of an event that a scenario has dealt with.
    #[doc(hidden)]
    Answered(Answered),
    /// Who a client is that wants to connect.
    #[doc(hidden)]
    Identified(Box<Identified>),
    /// Who a connected client is now.
    #[doc(hidden)]
    Authenticated(Box<Authenticated>),
}

/// The store's answer about a client that wants to connect.
pub struct Identified {
    ticket: Ticket,
    app: Tenant,
    asked_at_ms: i64,
    result: Result<Badge, AccountError>,
}

/// The store's answer about a connected client that has presented another session.
pub struct Authenticated {
    socket: SocketKey,
    ack: Option<AckId>,
    asked_at_ms: i64,
    result: Result<Member, AccountError>,
}

/// The sockets of an app in any of these rooms; all of them without rooms.
pub(crate) fn everyone<'a>(app: Tenant, rooms: &'a [&'a str]) -> Target<'a> {
    Target { namespace: NAMESPACE, tenant: app, rooms, except: &[] }
}

impl Platform {
    /// The product on one shard, with the app `public` only. All shards share the registry.
    #[must_use]
    pub fn new(options: Arc<BridgeOptions>, registry: Arc<bridge::Registry>) -> Self {
        let watches = Watches::default();
        let bridge = bridge::Bridge::new(options, registry, watches.clone());
        Self { bridge, accounts: None, watches, traffic: None, admin_ui: None }
    }

    /// With all apps, and their users.
    #[must_use]
    pub fn with_accounts(self, accounts: Accounts) -> Self {
        Self { accounts: Some(accounts), ..self }
    }

    /// Lets people connect with `@socket.io/admin-ui`.
    #[must_use]
    pub fn with_admin_ui(self, admin_ui: Option<AdminUi>) -> Self {
        Self { admin_ui, ..self }
    }

    /// Lets people watch what flows.
    #[must_use]
    pub fn with_traffic(self, traffic: Traffic) -> Self {
        Self { traffic: Some(traffic), ..self }
    }

    fn judge(&self, core: &Core<Self>, request: &ConnectRequest<'_, Self>) -> Admission<SocketState> {
        let Some(accounts) = &self.accounts else {
            let rights = BridgeRights::Full;
            return Admission::Accept(PUBLIC, SocketState { rights, ..SocketState::default() });
        };
        match Credentials::read(request.auth).and_then(|credentials| accounts.judge(credentials)) {
            Ok(Verdict::Anonymous(entry)) => Admission::Accept(entry.number, SocketState::new(&entry, None)),
            Ok(Verdict::Ask(entry, credentials)) => {
                identify(accounts.clone(), core.shard(), request.ticket, entry, credentials);
                Admission::Later
            }
            Err(error) => refuse(accounts, &error),
        }
    }

    fn identified(&mut self, core: &mut Core<Self>, identified: Identified) {
        let Identified { ticket, app, asked_at_ms, result } = identified;
        let Some(accounts) = &self.accounts else { return };
        let admission = match (result, accounts.entry_of(app)) {
            (Ok(badge), Some(entry)) if !accounts.has_ended(app, &badge, asked_at_ms) => {
                Admission::Accept(app, SocketState::new(&entry, Some(badge)))
            }
            (Err(error), _) => refuse(accounts, &error),
            _ => refuse(accounts, &AccountError::session_invalid()),
        };
        core.admit(ticket, admission);
    }

    /// The namespace `/admin`, if the socket is in it.
    fn viewers_of(&self, core: &Core<Self>, socket: SocketKey) -> Option<&AdminUi> {
        self.admin_ui.as_ref().filter(|_| core.tenant(socket) == Some(admin_ui::VIEWERS))
    }

    /// Puts a socket where it is reached as who it is.
    fn enter(&self, core: &mut Core<Self>, socket: SocketKey) {
        let Some(accounts) = &self.accounts else { return };
        let (Some(state), Some(app)) = (core.data(socket), core.tenant(socket)) else { return };
        let badge = state.badge.clone();
        accounts.presence().enter(app, badge.as_deref(), |user_id| self.tell_online(app, user_id));
        for group in badge.iter().flat_map(|badge| badge.groups()) {
            core.join(socket, &group.room());
        }
    }

    /// The opposite of [`Platform::enter`].
    fn exit(&self, core: &mut Core<Self>, socket: SocketKey) {
        let (Some(state), Some(app)) = (core.data(socket), core.tenant(socket)) else { return };
        self.forsake(app, state.badge.as_deref());
    }

    /// A socket doesn't stand for somebody any more.
    fn forsake(&self, app: Tenant, badge: Option<&Badge>) {
        let Some(accounts) = &self.accounts else { return };
        accounts.presence().leave(app, badge, |user_id| {
            self.watches.tell(app, Happening::UserOffline { user_id });
        });
    }

    fn tell_online(&self, app: Tenant, user_id: Box<str>) {
        self.watches.tell(app, Happening::UserOnline { user_id });
    }

    /// An event of the app's own: it starts the scenarios that wait for it, who also see to its ack.
    fn client_event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        let (Some(app), Some(sid)) = (core.tenant(socket), core.sid(socket)) else { return };
        if !self.watches.want(app, "socket_event", &event.name) {
            return self.bridge.event(core, socket, event);
        }
        let member = core.data(socket).and_then(|state| state.badge.as_ref()?.member.as_ref());
        let happening = Happening::SocketEvent {
            event_name: event.name.to_string(),
            args: event.args.iter().map(|arg| (*arg).to_owned()).collect(),
            socket_id: sid.to_string(),
            user: member.map(|member| member.user_id.clone()),
            ack: event.ack.map(|ack| AckTo { shard: core.shard(), socket, ack }),
        };
        if !self.watches.tell(app, happening) {
            let message = "too much waits for the app's scenarios (limits.occurrences_waiting_max)";
            answer(core, socket, event.ack, &AccountError::new(Code::Overloaded, message).ack_json());
        }
    }

    fn authenticate(&self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        let token = event.args.first().and_then(|arg| json::get(arg, "session_id")).and_then(json::string);
        let app = core.tenant(socket).unwrap_or_default();
        let entry =
            self.accounts.as_ref().and_then(|accounts| Some((accounts.clone(), accounts.entry_of(app)?)));
        let (Some(token), Some((accounts, entry))) = (token, entry) else {
            return answer(core, socket, event.ack, &AccountError::session_invalid().ack_json());
        };
        let (shard, ack, token) = (core.shard(), event.ack, token.into_owned());
        accounts.clone().outside().start(async move {
            let asked_at_ms = accounts.now_ms();
            let result = accounts.member(&entry, &token).await;
            let authenticated = Box::new(Authenticated { socket, ack, asked_at_ms, result });
            accounts.outside().send(shard, Message::Authenticated(authenticated));
        });
    }

    fn authenticated(&mut self, core: &mut Core<Self>, authenticated: Authenticated) {
        let Authenticated { socket, ack, asked_at_ms, result } = authenticated;
        let (Some(accounts), Some(app)) = (&self.accounts, core.tenant(socket)) else { return };
        let Some(entry) = accounts.entry_of(app) else { return };
        let key = core.data(socket).and_then(|state| state.badge.as_ref()?.key.clone());
        let badge = result.map(|member| Badge { member: Some(member), key });
        let badge = badge.and_then(|badge| match accounts.has_ended(app, &badge, asked_at_ms) {
            true => Err(AccountError::session_invalid()),
            false => Ok(badge),
        });
        let text = match badge {
            Ok(badge) => {
                let text = badge.member.as_ref().map(Member::ack_json).unwrap_or_default();
                self.become_somebody(core, socket, &entry, Some(Box::new(badge)));
                text
            }
            Err(error) => error.ack_json(),
        };
        answer(core, socket, ack, &text);
    }

    /// From now on a socket stands for somebody else.
    fn become_somebody(
        &self,
        core: &mut Core<Self>,
        socket: SocketKey,
        entry: &AppEntry,
        badge: Option<Box<Badge>>,
    ) {
        let Some(app) = core.tenant(socket) else { return };
        let Some(state) = core.data_mut(socket) else { return };
        state.rights = entry.bridge_rights(badge.as_deref());
        let former = std::mem::replace(&mut state.badge, badge);
        for group in former.iter().flat_map(|badge| badge.groups()) {
            core.leave(socket, &group.room());
        }
        // In this order, so that a user who stays the same isn't gone in between.
        self.enter(core, socket);
        self.forsake(app, former.as_deref());
    }

    /// A socket that was away is who it has just proven to be. The store is asked once more: what ended while its
    /// session was on the way from another shard couldn't reach it.
    fn restore_badge(&self, core: &mut Core<Self>, socket: SocketKey, saved: Option<Box<Badge>>) {
        let Some(accounts) = &self.accounts else { return };
        let Some(app) = core.tenant(socket) else { return };
        let Some(entry) = accounts.entry_of(app) else { return core.disconnect(socket, Disconnect::Socket) };
        let Some(state) = core.data_mut(socket) else { return };
        let badge = state.badge.take();
        // The hub has put it back into its rooms, so it is who it was until it becomes who it is now.
        accounts.presence().enter(app, saved.as_deref(), |user_id| self.tell_online(app, user_id));
        state.badge = saved;
        self.become_somebody(core, socket, &entry, badge.clone());
        let (Some(badge), Some(sid)) = (badge, core.sid(socket)) else { return };
        let (accounts, shard) = (accounts.clone(), core.shard());
        accounts.clone().outside().start(async move {
            if let Err(error) = accounts.identify_again(app, &badge).await {
                let why = ending::Why::of(error.code);
                let ending = Ending { app, room: Some(sid.to_string()), why };
                accounts.outside().send(shard, Message::End(ending));
            }
        });
    }
}

/// Asks the store who a client is. The answer comes back to the client's shard.
fn identify(
    accounts: Accounts,
    shard: campanile_hub::ShardId,
    ticket: Ticket,
    entry: Arc<AppEntry>,
    credentials: Credentials,
) {
    accounts.clone().outside().start(async move {
        let asked_at_ms = accounts.now_ms();
        let result = accounts.identify(&entry, &credentials).await;
        let identified = Box::new(Identified { ticket, app: entry.number, asked_at_ms, result });
        accounts.outside().send(shard, Message::Identified(identified));
    });
}

fn refuse(accounts: &Accounts, error: &AccountError) -> Admission<SocketState> {
    count(&accounts.tally().handshakes_refused);
    Admission::Refuse { message: error.message.clone(), data: Some(error.data_json()) }
}

fn answer(core: &mut Core<Platform>, socket: SocketKey, ack: Option<AckId>, text: &str) {
    if let Some(ack) = ack {
        core.ack(socket, ack, &[text], &[]);
    }
}

impl SocketState {
    fn new(entry: &AppEntry, badge: Option<Badge>) -> Self {
        let rights = entry.bridge_rights(badge.as_ref());
        Self { rights, badge: badge.map(Box::new), ..Self::default() }
    }

    pub(crate) fn description(&self) -> Description {
        let badge = self.badge.as_deref();
        let member = badge.and_then(|badge| badge.member.as_ref());
        let (role, name) = match (self.bridge.served(), member) {
            (served, _) if !served.is_empty() => ("provider", served.join(", ").into()),
            (_, Some(member)) => ("user", member.user_id.clone()),
            _ => match badge.and_then(|badge| badge.key.clone()) {
                Some(key) => ("key", key),
                None if self.bridge.is_client() => ("client", Box::default()),
                None => ("anonymous", Box::default()),
            },
        };
        Description { role, name }
    }
}

impl App for Platform {
    type Peer = Peer;
    type Socket = SocketState;
    type Message = Message;

    fn handshake(&mut self, request: &Handshake<'_>) -> Result<Peer, Denied> {
        Ok(Peer { address: request.address })
    }

    fn connect(
        &mut self,
        core: &mut Core<Self>,
        request: &ConnectRequest<'_, Self>,
    ) -> Admission<SocketState> {
        match request.namespace {
            NAMESPACE => self.judge(core, request),
            admin_ui::NAMESPACE => match &self.admin_ui {
                Some(admin_ui) => admin_ui.judge(core, request),
                None => Admission::UnknownNamespace,
            },
            _ => Admission::UnknownNamespace,
        }
    }

    fn connected(&mut self, core: &mut Core<Self>, socket: SocketKey, _auth: &str) {
        match self.viewers_of(core, socket) {
            Some(admin_ui) => admin_ui.connected(core, socket),
            None => self.enter(core, socket),
        }
    }

    fn event(&mut self, core: &mut Core<Self>, socket: SocketKey, event: &Event<'_>) {
        if let Some(admin_ui) = self.viewers_of(core, socket) {
            return admin_ui.event(core, event);
        }
        match &*event.name {
            AUTHENTICATE => self.authenticate(core, socket, event),
            name if bridge::is_event(name) => self.bridge.event(core, socket, event),
            _ => self.client_event(core, socket, event),
        }
    }

    fn disconnected(&mut self, core: &mut Core<Self>, socket: SocketKey, _reason: Reason) {
        if self.viewers_of(core, socket).is_some() {
            return;
        }
        self.exit(core, socket);
        self.bridge.disconnected(core, socket);
    }

    fn message(&mut self, core: &mut Core<Self>, message: Message) {
        match message {
            Message::Bridge(message) => self.bridge.message(core, message),
            Message::Push(call) => {
                if let Some(accounts) = &self.accounts {
                    push::call(core, accounts, call);
                }
            }
            Message::End(ending) => ending::end(core, &ending),
            Message::AdminUi(message) => {
                if let Some(admin_ui) = &self.admin_ui {
                    admin_ui.message(core, message);
                }
            }
            Message::Watch(watch) => self.watches.put(watch),
            Message::Answered(Answered { to, text }) => answer(core, to.socket, Some(to.ack), &text),
            Message::Identified(identified) => self.identified(core, *identified),
            Message::Authenticated(authenticated) => self.authenticated(core, *authenticated),
        }
    }

    fn deadline(&mut self, core: &mut Core<Self>, token: u64) {
        self.bridge.deadline(core, token);
    }

    fn tap(&self) -> Option<Arc<dyn Tap>> {
        self.traffic.clone().map(|traffic| Arc::new(traffic) as Arc<dyn Tap>)
    }

    fn describe(socket: &SocketState) -> Description {
        socket.description()
    }

    fn suspend(&self, socket: &SocketState) -> String {
        serde_json::to_string(socket).unwrap_or_default()
    }

    /// Viewers are told all anew. What a user missed is for the same user only, and so it is with keys of providers.
    fn may_recover(&self, socket: &SocketState, saved: &str) -> bool {
        if socket.viewer.is_some() {
            return false;
        }
        let identity = |state: &SocketState| {
            let badge = state.badge.as_ref()?;
            Some((badge.member.as_ref().map(|member| member.user_id.clone()), badge.key.clone()))
        };
        serde_json::from_str::<SocketState>(saved).is_ok_and(|saved| identity(&saved) == identity(socket))
    }

    fn recovered(&mut self, core: &mut Core<Self>, socket: SocketKey, saved: &str) {
        if let Ok(state) = serde_json::from_str::<SocketState>(saved) {
            self.restore_badge(core, socket, state.badge);
            self.bridge.recovered(core, socket, state.bridge);
        }
    }
}
