//! What is asked of the push: to whom, which event, which message.

use campanile_protocol::json;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

use super::{AccountError, Actor, Code, Group, PushOptions, PushReceipt, Result};
use crate::accounts::new_id;

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
    #[schema(value_type = Option<serde_json::Value>)]
    pub message: Option<Box<RawValue>>,
    /// Whether the message is sent as a text or as a value.
    #[serde(default)]
    pub mode: Mode,
    /// Makes the push repeatable: with an id that was used before nothing is sent.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub id: Option<String>,
    /// Whether it is kept for users who aren't online. Not yet possible: only `false` is accepted.
    #[serde(default)]
    #[schema(schema_with = only_false)]
    pub store: bool,
    /// For how many seconds it is kept for them. Not yet possible.
    #[serde(default)]
    #[schema(ignore)]
    pub ttl_s: Option<u32>,
}

fn only_false() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([false]))
        .default(Some(false.into()))
        .build()
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
pub(crate) const RESERVED_NAMES: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

pub(crate) const EVENT_NAME_BYTES_MAX: usize = 1_000;
const ID_BYTES_MAX: usize = 200;

/// Why an event can't be called so.
pub(crate) fn event_name_problem(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > EVENT_NAME_BYTES_MAX {
        return Some(format!("must have 1 to {EVENT_NAME_BYTES_MAX} bytes"));
    }
    RESERVED_NAMES.contains(&name).then(|| format!("{name:?} is reserved by Socket.IO"))
}

impl PushRequest {
    pub(super) fn checked(self, options: &PushOptions) -> Result<Self> {
        if let Recipients::Users(ids) = self.recipients()?
            && (ids.is_empty() || ids.len() > options.recipients_max)
        {
            let problem = format!("must name 1 to {} users", options.recipients_max);
            return Err(AccountError::field("user_id", problem));
        }
        if let Some(problem) = event_name_problem(&self.event_name) {
            return Err(AccountError::field("event_name", problem));
        }
        if self.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > ID_BYTES_MAX) {
            return Err(AccountError::field("id", "must have 1 to 200 bytes"));
        }
        if self.store || self.ttl_s.is_some() {
            let message = "pushes aren't kept for users who are offline yet: leave store and ttl_s out";
            return Err(AccountError::new(Code::NotSupported, message));
        }
        if self.mode == Mode::String && json::string(self.argument()).is_none() {
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
    pub(super) fn argument(&self) -> &str {
        match (&self.message, self.mode) {
            (Some(message), _) => message.get(),
            (None, Mode::Json) => "null",
            (None, Mode::String) => "\"\"",
        }
    }

    pub(super) fn message_id(&self) -> Result<String> {
        self.id.clone().map_or_else(new_id, Ok)
    }

    pub(super) fn record(
        &self,
        receipt: &PushReceipt,
        actor: &Actor,
        now_ms: i64,
    ) -> campanile_store::NewPush {
        let to = match &self.role {
            Some(role) => serde_json::json!({ "role": role }),
            None => serde_json::json!(self.user_id),
        };
        let message = match self.mode {
            Mode::String => json::string(self.argument()).unwrap_or_default().into_owned(),
            Mode::Json => self.argument().to_owned(),
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
