//! What a socket has proven about itself, and what that lets it do on the bridge.

use serde::{Deserialize, Serialize};

use crate::presence::Group;

/// Whom a socket stands for. Sockets without one are anonymous.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Badge {
    pub(crate) member: Option<Member>,
    /// The id of a secret key that may register providers.
    pub(crate) key: Option<Box<str>>,
}

/// A user, by a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The user's id.
    pub user_id: Box<str>,
    /// The user's role.
    pub role: Box<str>,
    /// The number of the session.
    pub session: i64,
    /// When the session ends, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

impl Member {
    /// The ack of an event that presented the session, as raw JSON.
    pub(crate) fn ack_json(&self) -> String {
        let (user_id, role, expires_at_ms) = (&self.user_id, &self.role, self.expires_at_ms);
        serde_json::json!({ "ok": true, "user_id": user_id, "role": role, "expires_at_ms": expires_at_ms })
            .to_string()
    }
}

impl Badge {
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        let member = self.member.iter().flat_map(|member| {
            [
                Group::User(member.user_id.clone()),
                Group::Role(member.role.clone()),
                Group::Session(member.session),
            ]
        });
        let groups: Vec<Group> = member.chain(self.key.clone().map(Group::Key)).collect();
        groups.into_iter()
    }
}

/// What a socket may do on the bridge of its app, from nothing to everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BridgeRights {
    /// The bridge isn't installed.
    #[default]
    NotInstalled,
    /// The bridge is locked, and the socket has shown nothing that opens it.
    None,
    /// It may follow and ask providers.
    Client,
    /// It may be a provider as well.
    Full,
}
