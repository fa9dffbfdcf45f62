//! What is asked of the push: to whom, which event, which message.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{AccountError, Actor, Group, PushOptions, PushReceipt, Result};
use crate::accounts::new_message_id;

/// A push, as its sender asks for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "user_id": "testUser", "event_name": "alert", "message": "Your order is ready" })))]
pub struct PushRequest {
    /// `"*"`, a user's id, or several.
    #[serde(default)]
    pub user_id: Option<UserIds>,
    /// Instead: all users in this role.
    #[serde(default)]
    pub role: Option<String>,
    /// The name of the event, sent as it is.
    #[schema(min_length = 1, max_length = 1000)]
    pub event_name: String,
    /// The message: a text, or with the mode `json` any value. Absent, it is the empty text.
    #[serde(default)]
    pub message: Option<Value>,
    /// Whether the message is sent as a text or as a value.
    #[serde(default)]
    pub mode: Mode,
    /// Makes the push repeatable: with an id that was used before nothing is sent.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub id: Option<String>,
}

/// One user or several.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum UserIds {
    /// One, or `"*"`.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl UserIds {
    pub(super) fn is_everyone(&self) -> bool {
        self.each().any(|id| id == "*")
    }

    /// Each id once.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        let ids = match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
        };
        let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
    }
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PushMode)]
pub enum Mode {
    /// As a text.
    #[default]
    String,
    /// As the value that it is.
    Json,
}

impl Mode {
    pub(super) fn parse(name: &str) -> Self {
        if name == "json" { Self::Json } else { Self::String }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Json => "json",
        }
    }
}

/// Whom a push is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Every socket of the app, anonymous ones too.
    Everyone,
    /// Users.
    Users(Vec<String>),
    /// All users in a role.
    Role(String),
}

impl Recipients {
    /// The groups of sockets that are meant; `None` are all.
    pub(super) fn groups(&self) -> Option<Vec<Group>> {
        match self {
            Self::Everyone => None,
            Self::Users(ids) => Some(ids.iter().map(|id| Group::User(id.as_str().into())).collect()),
            Self::Role(role) => Some(vec![Group::Role(role.as_str().into())]),
        }
    }
}

/// Names that Socket.IO's clients emit themselves; a server that sends one is misunderstood.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

const EVENT_NAME_BYTES_MAX: usize = 1_000;
const ID_BYTES_MAX: usize = 200;

impl PushRequest {
    pub(super) fn checked(self, options: &PushOptions) -> Result<Self> {
        if let Recipients::Users(ids) = self.recipients()?
            && (ids.is_empty() || ids.len() > options.recipients_max)
        {
            let problem = format!("must name 1 to {} users", options.recipients_max);
            return Err(AccountError::field("user_id", problem));
        }
        if self.event_name.is_empty() || self.event_name.len() > EVENT_NAME_BYTES_MAX {
            return Err(AccountError::field("event_name", "must have 1 to 1000 bytes"));
        }
        if RESERVED.contains(&self.event_name.as_str()) {
            let problem = format!("{:?} is reserved by Socket.IO", self.event_name);
            return Err(AccountError::field("event_name", problem));
        }
        if self.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > ID_BYTES_MAX) {
            return Err(AccountError::field("id", "must have 1 to 200 bytes"));
        }
        if self.mode == Mode::String && !matches!(self.message, None | Some(Value::Null | Value::String(_))) {
            return Err(AccountError::field("message", "must be a text; a value needs \"mode\": \"json\""));
        }
        if self.argument().len() > options.message_bytes_max {
            let problem = format!("must not be larger than {} bytes", options.message_bytes_max);
            return Err(AccountError::field("message", problem));
        }
        Ok(self)
    }

    pub(super) fn recipients(&self) -> Result<Recipients> {
        match (&self.user_id, &self.role) {
            (Some(ids), None) if ids.is_everyone() => Ok(Recipients::Everyone),
            (Some(ids), None) => Ok(Recipients::Users(ids.each().map(str::to_owned).collect())),
            (None, Some(role)) => Ok(Recipients::Role(role.clone())),
            _ => Err(AccountError::field("user_id", "either user_id or role is needed, not both")),
        }
    }

    /// The second argument of the event, as raw JSON.
    pub(super) fn argument(&self) -> String {
        match (self.mode, &self.message) {
            (Mode::Json, Some(value)) => value.to_string(),
            (Mode::Json, None) => "null".to_owned(),
            (Mode::String, Some(Value::String(text))) => json!(text).to_string(),
            (Mode::String, _) => "\"\"".to_owned(),
        }
    }

    pub(super) fn message_id(&self) -> Result<String> {
        self.id.clone().map_or_else(new_message_id, Ok)
    }

    pub(super) fn record(
        &self,
        receipt: &PushReceipt,
        actor: &Actor,
        now_ms: i64,
    ) -> campanile_store::NewPush {
        let to = match &self.role {
            Some(role) => json!({ "role": role }),
            None => json!(self.user_id),
        };
        let message = match (self.mode, &self.message) {
            (Mode::String, Some(Value::String(text))) => text.clone(),
            (Mode::String, _) => String::new(),
            (Mode::Json, _) => self.argument(),
        };
        campanile_store::NewPush {
            number: 0,
            id: receipt.message_id.clone(),
            to: to.to_string(),
            event_name: self.event_name.clone(),
            message,
            mode: self.mode.as_str().to_owned(),
            actor: actor.name.clone(),
            sent_at_ms: now_ms,
            matched_users: receipt.matched_users,
            delivered: receipt.delivered,
            queued: receipt.queued,
        }
    }
}
