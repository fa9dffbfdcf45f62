//! The namespace `/admin`, for people who use `@socket.io/admin-ui`: its protocol, as the package of version 0.5 speaks it
//! with Node's server.
//!
//! | Module | Its part |
//! |---|---|
//! | this one | who is let in, and what viewers may do |
//! | `census` | what a shard says of its sockets and connections |
//! | `feed` | what one viewer is sent |
//!
//! Apps are shown as namespaces: `public` as `/`, any other as `/` and its id. Rooms belong to the product here, so viewers
//! can't make sockets join or leave them.

mod census;
mod feed;

use std::sync::Arc;

use campanile_hub::{
    Admission, ConnectRequest, Core, Delivery, Disconnect, Event, Packet, SocketKey, Tenant, Ticket,
};
use campanile_protocol::json;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::{
    Accounts, Ending, Message as Mail, PUBLIC, Platform, Traffic,
    accounts::{AccountError, Code},
    ending::Why,
    platform::SocketState,
    push::event_name_problem,
};
use census::Census;

/// The namespace.
pub(crate) const NAMESPACE: &str = "/admin";

/// What viewers are members of: no app has this number.
pub(crate) const VIEWERS: Tenant = Tenant(u32::MAX);

/// What the stock viewer takes for a wrong password.
const REFUSAL: &str = "invalid credentials";

/// Settings of the namespace.
#[derive(Clone, Debug)]
pub struct AdminUiOptions {
    /// What the hub is called among others.
    pub server_id: String,
    /// Sockets that a viewer is shown when it comes.
    pub sockets_max: usize,
}

/// The namespace on a shard.
#[derive(Clone)]
pub struct AdminUi {
    pub(crate) options: Arc<AdminUiOptions>,
    pub(crate) accounts: Accounts,
    pub(crate) traffic: Traffic,
    /// When the hub began to serve, in milliseconds since the epoch.
    pub(crate) started_at_ms: i64,
}

/// What is kept of a viewer's socket. Its feed ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Viewer {
    login: Login,
    /// Dropped with the socket.
    _alive: Option<oneshot::Sender<()>>,
}

/// A login of an administrator.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) token: String,
    /// Whether the viewer has the token already.
    pub(crate) is_known: bool,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Login")
    }
}

/// What the shards are told and asked.
pub enum Message {
    /// Who wants to see.
    #[doc(hidden)]
    Identified(Box<Identified>),
    /// What a viewer is shown.
    #[doc(hidden)]
    Show { viewer: SocketKey, events: Vec<Shown> },
    /// A viewer's login is over.
    #[doc(hidden)]
    Leave(SocketKey),
    /// What the shard has.
    #[doc(hidden)]
    Count(Box<census::Question>),
}

/// The store's answer about somebody who wants to see.
pub struct Identified {
    ticket: Ticket,
    result: Result<Login, AccountError>,
}

/// An event for a viewer; its arguments are raw JSON.
pub struct Shown {
    pub(crate) name: &'static str,
    pub(crate) args: Vec<String>,
    pub(crate) delivery: Delivery,
}

/// What a viewer presents: the session that it got before, or a name and a password.
#[derive(Deserialize)]
struct Credentials {
    #[serde(rename = "sessionId")]
    session_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

impl AdminUi {
    /// For administrators of `accounts`, who see `traffic`.
    #[must_use]
    pub fn new(options: AdminUiOptions, accounts: Accounts, traffic: Traffic) -> Self {
        let started_at_ms = accounts.now_ms();
        Self { options: Arc::new(options), accounts, traffic, started_at_ms }
    }

    /// Asks the store who wants to see.
    pub(crate) fn judge(
        &self,
        core: &Core<Platform>,
        request: &ConnectRequest<'_, Platform>,
    ) -> Admission<SocketState> {
        let Ok(credentials) = serde_json::from_str::<Credentials>(request.auth) else { return refusal() };
        let (accounts, shard) = (self.accounts.clone(), core.shard());
        let (ticket, address) = (request.ticket, request.peer.address);
        self.accounts.outside().start(async move {
            let result = log_in(&accounts, credentials, address).await;
            let identified = Message::Identified(Box::new(Identified { ticket, result }));
            accounts.outside().send(shard, Mail::AdminUi(identified));
        });
        Admission::Later
    }

    pub(crate) fn message(&self, core: &mut Core<Platform>, message: Message) {
        match message {
            Message::Identified(identified) => admit(core, *identified),
            Message::Show { viewer, events } => show(core, viewer, &events),
            Message::Leave(viewer) => core.disconnect(viewer, Disconnect::Socket),
            Message::Count(question) => census::answer(core, *question),
        }
    }

    /// A viewer is in: from now on it is shown what there is.
    pub(crate) fn connected(&self, core: &mut Core<Platform>, socket: SocketKey) {
        let shard = core.shard();
        let Some(viewer) = core.data_mut(socket).and_then(|state| state.viewer.as_deref_mut()) else {
            return;
        };
        let (alive, gone) = oneshot::channel();
        viewer._alive = Some(alive);
        let feed = feed::Feed::new(self.clone(), shard, socket, viewer.login.clone());
        self.accounts.outside().start(feed.run(gone));
    }

    /// What a viewer asks for. What it isn't offered is ignored, as Node's server does.
    pub(crate) fn event(&self, core: &mut Core<Platform>, event: &Event<'_>) {
        let text = |index: usize| event.args.get(index).and_then(|arg| json::string(arg));
        // Absent it means everybody, so anything that isn't a name must not pass for absent.
        let room = |index: usize| match event.args.get(index) {
            None | Some(&"null") => Some(None),
            Some(arg) => json::string(arg).filter(|room| !room.is_empty()).map(Some),
        };
        let Some(app) = text(0).and_then(|namespace| self.app_of(&namespace)) else { return };
        match &*event.name {
            "emit" => {
                let (Some(room), Some(name)) = (room(1), text(2)) else { return };
                if event_name_problem(&name).is_some() {
                    return;
                }
                let args = event.args.get(3..).unwrap_or_default();
                let packet =
                    Packet { name: &name, args, attachments: event.attachments, ..Packet::default() };
                let rooms: Vec<&str> = room.iter().map(|room| &**room).collect();
                core.broadcast(&crate::everyone(app, &rooms), &packet);
            }
            "_disconnect" => {
                let Some(room) = room(2) else { return };
                let room = room.map(|room| room.into_owned());
                crate::ending::end(core, &Ending { app, room, why: Why::ByOperator });
            }
            _ => {}
        }
    }

    /// The app that is shown as this namespace.
    fn app_of(&self, namespace: &str) -> Option<Tenant> {
        match namespace.strip_prefix('/')? {
            "" => Some(PUBLIC),
            id => self.accounts.number_of(id).ok(),
        }
    }

    /// The namespace that an app is shown as.
    pub(crate) fn namespace_of(&self, app: Tenant) -> String {
        match app {
            PUBLIC => "/".to_owned(),
            app => format!("/{}", self.accounts.id_of(app).unwrap_or_default()),
        }
    }
}

async fn log_in(
    accounts: &Accounts,
    credentials: Credentials,
    address: std::net::IpAddr,
) -> Result<Login, AccountError> {
    if let Some(token) = credentials.session_id.filter(|token| !token.is_empty())
        && accounts.admin_of(&token).await?.is_some()
    {
        return Ok(Login { token, is_known: true });
    }
    let (Some(name), Some(password)) = (credentials.username, credentials.password) else {
        return Err(AccountError::new(Code::CredentialsWrong, REFUSAL));
    };
    let login = accounts.admin_log_in(&name, &password, Some(address)).await?;
    Ok(Login { token: login.token, is_known: false })
}

fn admit(core: &mut Core<Platform>, identified: Identified) {
    let admission = match identified.result {
        Ok(login) => {
            let viewer = Some(Box::new(Viewer { login, _alive: None }));
            Admission::Accept(VIEWERS, SocketState { viewer, ..SocketState::default() })
        }
        Err(error) if error.code == Code::CredentialsWrong => refusal(),
        Err(error) => Admission::Refuse { message: error.message.clone(), data: Some(error.data_json()) },
    };
    core.admit(identified.ticket, admission);
}

fn refusal() -> Admission<SocketState> {
    let error = AccountError::new(Code::CredentialsWrong, REFUSAL);
    Admission::Refuse { message: error.message.clone(), data: Some(error.data_json()) }
}

fn show(core: &mut Core<Platform>, viewer: SocketKey, events: &[Shown]) {
    for Shown { name, args, delivery } in events {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        core.emit(viewer, &Packet { name, args: &args, attachments: &[], delivery: *delivery });
    }
}
