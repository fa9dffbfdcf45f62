//! What can go wrong on the bridge, with a stable code for programs and a sentence for people.

use campanile_protocol::json;

use crate::badge::BridgeRights;

/// A refusal: the answer to an event that asked for an ack, or to an API call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BridgeError {
    /// For programs; never changes.
    pub code: Code,
    /// For people.
    pub message: String,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The payload isn't an object, or a field is missing or of the wrong type.
    InvalidPayload,
    /// The socket doesn't serve the provider id.
    NotOwner,
    /// The requester never asked this provider.
    UnknownRequest,
    /// Nobody serves the provider id at present.
    ProviderOffline,
    /// The provider didn't reply in time.
    Timeout,
    /// Somebody else serves the provider id, and the setting is to keep them.
    DuplicateProvider,
    /// An open request of this socket has the same `request_id`.
    DuplicateRequestId,
    /// A limit of the configuration is reached.
    LimitReached,
    /// There is no such event.
    UnknownEvent,
    /// The app doesn't have the plugin `bridge`.
    PluginNotInstalled,
    /// The app's bridge is locked: providers need a secret key, clients a session.
    BridgeLocked,
}

impl Code {
    /// The text that clients see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidPayload => "invalid_payload",
            Self::NotOwner => "not_owner",
            Self::UnknownRequest => "unknown_request",
            Self::ProviderOffline => "provider_offline",
            Self::Timeout => "timeout",
            Self::DuplicateProvider => "duplicate_provider",
            Self::DuplicateRequestId => "duplicate_request_id",
            Self::LimitReached => "limit_reached",
            Self::UnknownEvent => "unknown_event",
            Self::PluginNotInstalled => "plugin_not_installed",
            Self::BridgeLocked => "bridge_locked",
        }
    }
}

impl BridgeError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn field(field: &str, problem: &str) -> Self {
        Self::new(Code::InvalidPayload, format!("{field}: {problem}"))
    }

    pub(crate) fn limit(name: &str) -> Self {
        Self::new(Code::LimitReached, format!("the limit {name} is reached"))
    }

    /// These rights aren't enough.
    pub(crate) fn no_right(rights: BridgeRights) -> Self {
        match rights {
            BridgeRights::NotInstalled => {
                Self::new(Code::PluginNotInstalled, "the app doesn't have the plugin bridge")
            }
            BridgeRights::None => {
                Self::new(Code::BridgeLocked, "the app's bridge is locked: connect with a session")
            }
            BridgeRights::Client | BridgeRights::Full => Self::new(
                Code::BridgeLocked,
                "the app's bridge is locked: providers connect with a secret key",
            ),
        }
    }

    pub(crate) fn offline(provider_id: &str) -> Self {
        Self::new(Code::ProviderOffline, format!("no provider is online as {provider_id:?}"))
    }

    /// The raw JSON that clients get as their ack.
    pub(crate) fn to_json(&self) -> String {
        let mut out = format!(r#"{{"error":{{"code":"{}","message":"#, self.code.as_str()).into_bytes();
        json::write_string(&mut out, &self.message);
        out.extend_from_slice(b"}}");
        String::from_utf8_lossy(&out).into_owned()
    }
}
