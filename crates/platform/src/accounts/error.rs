//! What can go wrong with apps, keys, users, sessions and data, with a stable code for programs and a sentence for people.

use campanile_protocol::json;
use campanile_store::StoreError;

use crate::scenarios::validate::Finding;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AccountError {
    /// For programs; never changes.
    pub code: Code,
    /// For people.
    pub message: String,
    /// After how many seconds it may be tried again, where that is known.
    pub retry_after_s: Option<u32>,
    /// All that is wrong with a document, each with its place.
    pub mistakes: Vec<Finding>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// There is no such app, or no app has this key.
    AppNotFound,
    /// The app lacks the plugin.
    PluginNotInstalled,
    /// There is no such plugin.
    PluginUnknown,
    /// Nobody has this session.
    SessionInvalid,
    /// The session is over.
    SessionExpired,
    /// The app takes no sockets without a session.
    AnonymousDenied,
    /// The bridge of the app is locked.
    BridgeLocked,
    /// There is no such user.
    UserNotFound,
    /// The id is taken.
    UserExists,
    /// The id is taken.
    AppExists,
    /// There is no such key.
    KeyNotFound,
    /// There is no such session.
    SessionNotFound,
    /// There is no such socket.
    SocketNotFound,
    /// There is no such structure.
    StructureNotFound,
    /// There is no such object.
    ObjectNotFound,
    /// There is no such endpoint.
    EndpointNotFound,
    /// There is no such scenario.
    ScenarioNotFound,
    /// There is no such page.
    PageNotFound,
    /// There is no such run.
    RunNotFound,
    /// Nothing has this address.
    HookNotFound,
    /// A step of the scenario that answers failed.
    ScenarioFailed,
    /// The scenario that answers took too long.
    ScenarioTimeout,
    /// The run has ended.
    RunEnded,
    /// Another scenario answers the endpoint already.
    EndpointTaken,
    /// The id is taken.
    ObjectExists,
    /// The object or the page has another version.
    VersionConflict,
    /// Somebody else may do this.
    Forbidden,
    /// The user or the password is wrong.
    CredentialsWrong,
    /// A field is missing, or of the wrong type, or too long.
    InvalidPayload,
    /// The hub can't do that yet.
    NotSupported,
    /// A limit of the configuration is reached.
    LimitReached,
    /// Too much is waiting already.
    Overloaded,
    /// The disk doesn't take it.
    StorageFailed,
}

impl Code {
    /// The text that clients see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppNotFound => "app_not_found",
            Self::PluginNotInstalled => "plugin_not_installed",
            Self::PluginUnknown => "plugin_unknown",
            Self::SessionInvalid => "session_invalid",
            Self::SessionExpired => "session_expired",
            Self::AnonymousDenied => "anonymous_denied",
            Self::BridgeLocked => "bridge_locked",
            Self::UserNotFound => "user_not_found",
            Self::UserExists => "user_exists",
            Self::AppExists => "app_exists",
            Self::KeyNotFound => "key_not_found",
            Self::SessionNotFound => "session_not_found",
            Self::SocketNotFound => "socket_not_found",
            Self::StructureNotFound => "structure_not_found",
            Self::ObjectNotFound => "object_not_found",
            Self::EndpointNotFound => "endpoint_not_found",
            Self::ScenarioNotFound => "scenario_not_found",
            Self::PageNotFound => "page_not_found",
            Self::RunNotFound => "run_not_found",
            Self::HookNotFound => "hook_not_found",
            Self::ScenarioFailed => "scenario_failed",
            Self::ScenarioTimeout => "scenario_timeout",
            Self::RunEnded => "run_ended",
            Self::EndpointTaken => "endpoint_taken",
            Self::ObjectExists => "object_exists",
            Self::VersionConflict => "version_conflict",
            Self::Forbidden => "forbidden",
            Self::CredentialsWrong => "credentials_wrong",
            Self::InvalidPayload => "invalid_payload",
            Self::NotSupported => "not_supported",
            Self::LimitReached => "limit_reached",
            Self::Overloaded => "overloaded",
            Self::StorageFailed => "storage_failed",
        }
    }
}

impl AccountError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_s: None, mistakes: Vec::new() }
    }

    pub(crate) fn field(field: &str, problem: impl std::fmt::Display) -> Self {
        Self::new(Code::InvalidPayload, format!("{field}: {problem}"))
    }

    /// All that is wrong with a document, in one refusal.
    pub(crate) fn of_document(mistakes: &[Finding]) -> Self {
        let lines: Vec<String> = mistakes.iter().map(Finding::to_string).collect();
        Self { mistakes: mistakes.to_vec(), ..Self::new(Code::InvalidPayload, lines.join("; ")) }
    }

    pub(crate) fn limit(name: &str) -> Self {
        Self::new(Code::LimitReached, format!("the limit {name} is reached"))
    }

    pub(crate) fn app_not_found(app: &str) -> Self {
        Self::new(Code::AppNotFound, format!("there is no app {app:?}"))
    }

    pub(crate) fn user_not_found(user: &str) -> Self {
        Self::new(Code::UserNotFound, format!("there is no user {user:?}"))
    }

    pub(crate) fn wrong_credentials() -> Self {
        Self::new(Code::CredentialsWrong, "the user or the password is wrong")
    }

    pub(crate) fn session_invalid() -> Self {
        Self::new(Code::SessionInvalid, "there is no such session")
    }

    /// The `data` of a refused connection, as raw JSON.
    pub(crate) fn data_json(&self) -> String {
        format!(r#"{{"code":"{}"}}"#, self.code.as_str())
    }

    /// The ack of a refused event, as raw JSON.
    pub(crate) fn ack_json(&self) -> String {
        let mut out = format!(r#"{{"error":{{"code":"{}","message":"#, self.code.as_str()).into_bytes();
        json::write_string(&mut out, &self.message);
        out.extend_from_slice(b"}}");
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// What the store says where no rule of the product gives it a better name.
impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self {
                retry_after_s: Some(1),
                ..Self::new(Code::Overloaded, "too many writes are waiting (limits.store_writes_waiting_max)")
            },
            // Each rule names what it looks for; what else can be missing is the app, deleted meanwhile.
            StoreError::NotFound => Self::new(Code::AppNotFound, "the app has just been deleted"),
            error => {
                tracing::error!(%error, "the store failed");
                Self::new(Code::StorageFailed, "the hub's storage failed; its log says why")
            }
        }
    }
}
