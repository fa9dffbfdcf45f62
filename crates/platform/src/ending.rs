//! Sockets that the hub ends, and why: their client is told before it is disconnected.

use campanile_hub::{Core, Disconnect, Packet, Tenant};
use campanile_protocol::json;

use crate::{Platform, accounts::Code};

/// The sockets of an app, or those in one of its rooms, end.
pub struct Ending {
    pub(crate) app: Tenant,
    pub(crate) room: Option<String>,
    pub(crate) why: Why,
}

/// Why sockets end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    LoggedOut,
    SessionRevoked,
    SessionExpired,
    UserDeleted,
    KeyRevoked,
    AppDeleted,
    AppChanged,
    ByOperator,
}

impl Why {
    /// Why a socket ends that the store doesn't know any more.
    pub(crate) fn of(code: Code) -> Self {
        match code {
            Code::SessionExpired => Self::SessionExpired,
            Code::KeyNotFound => Self::KeyRevoked,
            Code::AppNotFound => Self::AppDeleted,
            _ => Self::SessionRevoked,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::SessionRevoked => "session_revoked",
            Self::SessionExpired => "session_expired",
            Self::UserDeleted => "user_deleted",
            Self::KeyRevoked => "key_revoked",
            Self::AppDeleted => "app_deleted",
            Self::AppChanged => "app_changed",
            Self::ByOperator => "disconnected_by_operator",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::LoggedOut => "the session was logged out",
            Self::SessionRevoked => "the session was revoked",
            Self::SessionExpired => "the session has expired",
            Self::UserDeleted => "the user was deleted",
            Self::KeyRevoked => "the key was revoked",
            Self::AppDeleted => "the app was deleted",
            Self::AppChanged => "the app's settings have changed; connect again",
            Self::ByOperator => "an operator ended this connection",
        }
    }

    /// Where settings changed, stock clients come back by themselves and are judged anew.
    fn how(self) -> Disconnect {
        match self {
            Self::AppChanged => Disconnect::Connection,
            _ => Disconnect::Socket,
        }
    }
}

/// Tells the sockets, ends them, and forgets what dropped ones left behind. The three reach every shard in this order.
pub(crate) fn end(core: &mut Core<Platform>, ending: &Ending) {
    let Ending { app, room, why } = ending;
    let rooms: Vec<&str> = room.iter().map(String::as_str).collect();
    let target = crate::everyone(*app, &rooms);
    let mut payload = format!(r#"{{"code":"{}","message":"#, why.code()).into_bytes();
    json::write_string(&mut payload, why.message());
    payload.push(b'}');
    let payload = String::from_utf8_lossy(&payload);
    core.broadcast(&target, &Packet { name: "session_closed", args: &[&payload], ..Packet::default() });
    core.disconnect_all(&target, why.how());
    core.forget_suspended(&target);
}
