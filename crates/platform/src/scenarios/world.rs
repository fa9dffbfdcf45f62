//! What a run needs of the world around it: time, data, effects. The runner has the real one; a dry run has one that only
//! shows.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::definition::Method;
use crate::push::PushRequest;

/// The world around a run.
pub trait World: Sync {
    /// The time, in milliseconds since the epoch.
    fn now_ms(&self) -> i64;

    /// Does something. `key` is the same whenever a run does the same step, so that what was done right before a crash
    /// can be recognised.
    fn perform(&self, effect: &Effect, key: &str) -> impl Future<Output = Result<Value, Failure>> + Send;

    /// The objects to which a field of a structure links; `None` if it is no link.
    fn linked(
        &self,
        structure: &str,
        field: &str,
        ids: &[String],
    ) -> impl Future<Output = Result<Option<Linked>, Failure>> + Send;

    /// The app's global variables.
    fn globals(&self) -> impl Future<Output = Result<Map<String, Value>, Failure>> + Send;
}

/// Objects that were linked to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linked {
    /// Their structure.
    pub structure: String,
    /// Those that exist, each with its `id`.
    pub objects: Vec<Map<String, Value>>,
}

/// What a step does to the world, with all its texts made.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Effect {
    /// Pushes. The value is the receipt.
    Push(PushRequest),
    /// Changes an object. The value is the object as it is then.
    Edit(Change),
    /// Creates an object. The value is the object.
    Create(Change),
    /// Deletes an object. The value doesn't matter.
    Delete(Change),
    /// Sends an HTTP request. The value is an [`HttpAnswer`].
    Http(HttpRequest),
    /// Asks a provider. The value is its reply.
    RequestProvider {
        /// Which one.
        provider_id: String,
        /// What it is sent.
        payload: Value,
        /// How long it may take.
        timeout_ms: u64,
    },
    /// Starts another scenario. The value doesn't matter.
    RunScenario {
        /// Its id.
        scenario: String,
        /// What it starts with.
        #[serde(flatten)]
        start: Start,
    },
    /// Writes into the log. The value doesn't matter.
    Log {
        /// What.
        message: String,
    },
}

/// A change of an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its structure.
    pub structure: String,
    /// Its id; for a new one none if it is to be drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The fields and their new values.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Whether it triggers scenarios.
    pub event: bool,
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How long it may take.
    pub timeout_ms: u64,
}

/// The answer to an HTTP request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// Headers, their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body: a value if it is JSON, else a text.
    pub body: Value,
}

/// What a run starts with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The structure of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// The object that it is about, with its `id`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub object: Map<String, Value>,
    /// What else is known: `before`, `changed`, `event`, `provider`, `WebUser`, `HttpRequest`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub given: Map<String, Value>,
}

/// Why something couldn't be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// For programs.
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
    /// Whether it may succeed when it is tried again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_transient: bool,
}

impl Failure {
    /// A failure that stays one.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), is_transient: false }
    }

    /// A failure that may pass.
    pub fn transient(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { is_transient: true, ..Self::new(code, message) }
    }
}
