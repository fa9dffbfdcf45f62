//! The steps of a scenario, one type for each kind.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    push::Mode,
    scenarios::{
        schema::{FieldName, ScenarioId},
        source::SourceError,
        written::{Condition, JsonText, Text},
    },
};

/// Declares the kinds of steps: for each its word in a document and its type. As a `literal` the word would reach the
/// derives in a wrapping that one of them doesn't look into.
macro_rules! steps {
    ($($word:tt $kind:ident $about:literal;)*) => {
        /// One thing that a scenario does.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "type")]
        pub enum Step {
            $(#[doc = $about] #[serde(rename = $word)] $kind($kind),)*
        }

        impl Step {
            /// The word for what kind of step it is.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $word,)* }
            }

            /// Its name for people, in the log of a run.
            #[must_use]
            pub fn name(&self) -> Option<&str> {
                match self { $(Self::$kind(step) => step.name.as_deref(),)* }
            }
        }
    };
}

steps! {
    "push" Push "Sends an event to users.";
    "edit" Edit "Changes fields of an object.";
    "create" Create "Creates an object.";
    "delete" Delete "Deletes an object.";
    "http" Http "Sends an HTTP request.";
    "request_provider" RequestProvider "Asks a provider of the bridge.";
    "if" If "Decides.";
    "run_scenario" RunScenario "Starts another scenario.";
    "wait" Wait "Waits.";
    "respond" Respond "Answers whoever waits for the scenario.";
    "log" Log "Writes into the log of the run.";
}

/// Sends an event to users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushStep)]
pub struct Push {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// To whom: a text with one id, several between commas, or `*` for everyone; or a list of ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = JsonText, required = false)]
    pub user_id: Option<JsonText>,
    /// Instead: all users in this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// The name of the event.
    pub event_name: Text,
    /// The message: a text, or with the mode `json` any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = JsonText, required = false)]
    pub message: Option<JsonText>,
    /// Whether the message is sent as a text or as a value.
    #[serde(default)]
    #[schema(default = Mode::default)]
    pub mode: Mode,
}

/// Changes fields of an object: the one that triggered the scenario, or another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditStep)]
pub struct Edit {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The object's structure; the one of the trigger if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FieldName>)]
    pub structure: Option<String>,
    /// The object's id; the object of the trigger if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text>,
    /// The fields and their new values; `null` empties one.
    pub set: BTreeMap<String, JsonText>,
    /// Whether the change triggers scenarios.
    #[serde(default)]
    #[schema(default = false)]
    pub event: bool,
}

/// Creates an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateStep)]
pub struct Create {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of which structure.
    #[schema(value_type = FieldName)]
    pub structure: String,
    /// Its id; without one it is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text>,
    /// Its fields.
    #[serde(default)]
    pub set: BTreeMap<String, JsonText>,
    /// Whether that triggers scenarios.
    #[serde(default)]
    #[schema(default = false)]
    pub event: bool,
    /// Under which name later steps find it.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FieldName>)]
    pub result: Option<String>,
}

/// Deletes an object: the one that triggered the scenario, or another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeleteStep)]
pub struct Delete {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The object's structure; the one of the trigger if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FieldName>)]
    pub structure: Option<String>,
    /// The object's id; the object of the trigger if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text>,
    /// Whether that triggers scenarios.
    #[serde(default)]
    #[schema(default = false)]
    pub event: bool,
}

/// Sends an HTTP request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HttpStep)]
pub struct Http {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The method.
    #[serde(default)]
    #[schema(default = Method::default)]
    pub method: Method,
    /// Where to: `http://…` or `https://…`.
    pub url: Text,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Text>,
    /// The body: a text as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = JsonText, required = false)]
    pub body: Option<JsonText>,
    /// How long one attempt may take, in milliseconds.
    #[serde(default = "http_timeout_ms")]
    #[schema(default = http_timeout_ms)]
    pub timeout_ms: u64,
    /// How often it is repeated if nobody answers, or with 429 or 5xx.
    #[serde(default)]
    #[schema(default = 0)]
    pub retries: u32,
    /// Under which name later steps find the answer: `{status, headers, body}`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FieldName>)]
    pub result: Option<String>,
}

fn http_timeout_ms() -> u64 {
    10_000
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = HttpMethod)]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Reads the headers.
    Head,
    /// Sends.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Asks a provider of the bridge, and waits for its first reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestProviderStep)]
pub struct RequestProvider {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which one.
    pub provider_id: Text,
    /// What it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = JsonText, required = false)]
    pub payload: Option<JsonText>,
    /// How long it may take, in milliseconds.
    #[serde(default = "provider_timeout_ms")]
    #[schema(default = provider_timeout_ms)]
    pub timeout_ms: u64,
    /// Under which name later steps find the reply.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FieldName>)]
    pub result: Option<String>,
}

fn provider_timeout_ms() -> u64 {
    5_000
}

/// Decides between steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IfStep)]
pub struct If {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What decides.
    pub condition: Condition,
    /// The steps if it holds.
    #[serde(default)]
    #[schema(no_recursion)]
    pub then: Vec<Step>,
    /// The steps if it doesn't.
    #[serde(default, rename = "else", skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub otherwise: Vec<Step>,
}

/// Starts another scenario, with the same object and in the name of the same user, and doesn't wait for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunScenarioStep)]
pub struct RunScenario {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The other one's id.
    #[schema(value_type = ScenarioId)]
    pub scenario: String,
}

/// Waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WaitStep)]
pub struct Wait {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How long, in seconds.
    pub for_s: u64,
}

/// Answers whoever waits for the scenario: the caller of an endpoint or a webhook. What comes after it runs nevertheless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RespondStep)]
pub struct Respond {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status.
    #[serde(default = "ok")]
    #[schema(default = ok)]
    pub status: u16,
    /// What the body is: its media type.
    #[serde(default = "json")]
    #[schema(default = json)]
    pub content_type: String,
    /// The body: a text as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = JsonText, required = false)]
    pub body: Option<JsonText>,
}

fn ok() -> u16 {
    200
}

fn json() -> String {
    "application/json".to_owned()
}

/// Writes into the log of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogStep)]
pub struct Log {
    /// A name for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is written.
    pub message: Text,
}

impl Step {
    /// Under which name later steps find what came out of it.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        match self {
            Self::Create(Create { result, .. })
            | Self::Http(Http { result, .. })
            | Self::RequestProvider(RequestProvider { result, .. }) => result.as_deref(),
            _ => None,
        }
    }
}

/// Whether one of these steps, or of those inside them, answers whoever waits.
pub(super) fn have_response(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Respond(_) => true,
        Step::If(condition) => have_response(&condition.then) || have_response(&condition.otherwise),
        _ => false,
    })
}

/// Something in a step that was written in a language of its own.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A text with values in it.
    Text(&'a Text),
    /// A value whose texts have values in them.
    Json(&'a JsonText),
    /// What must hold.
    Condition(&'a Condition),
}

impl Step {
    /// What is written in it, with the name of the field; steps inside it are left out.
    #[must_use]
    pub fn parts(&self) -> Vec<(String, Part<'_>)> {
        let text = |name: &str, text| (name.to_owned(), Part::Text(text));
        let json = |name: &str, json| (name.to_owned(), Part::Json(json));
        match self {
            Self::Push(Push { user_id, role, event_name, message, .. }) => {
                let texts =
                    role.iter().map(|role| text("role", role)).chain([text("event_name", event_name)]);
                let values = user_id.iter().map(|ids| json("user_id", ids));
                texts.chain(values).chain(message.iter().map(|message| json("message", message))).collect()
            }
            Self::Edit(Edit { id, set, .. }) | Self::Create(Create { id, set, .. }) => {
                let fields = set.iter().map(|(name, value)| json(&format!("set.{name}"), value));
                id.iter().map(|id| text("id", id)).chain(fields).collect()
            }
            Self::Delete(Delete { id, .. }) => id.iter().map(|id| text("id", id)).collect(),
            Self::Http(Http { url, headers, body, .. }) => {
                let headers = headers.iter().map(|(name, value)| text(&format!("headers.{name}"), value));
                let body = body.iter().map(|body| json("body", body));
                [text("url", url)].into_iter().chain(headers).chain(body).collect()
            }
            Self::RequestProvider(RequestProvider { provider_id, payload, .. }) => {
                let payload = payload.iter().map(|payload| json("payload", payload));
                [text("provider_id", provider_id)].into_iter().chain(payload).collect()
            }
            Self::If(If { condition, .. }) => vec![("condition".to_owned(), Part::Condition(condition))],
            Self::Respond(Respond { body, .. }) => body.iter().map(|body| json("body", body)).collect(),
            Self::Log(Log { message, .. }) => vec![text("message", message)],
            Self::RunScenario(_) | Self::Wait(_) => Vec::new(),
        }
    }
}

impl Part<'_> {
    /// Every path that it may read.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        match self {
            Self::Text(text) => text.paths(),
            Self::Json(value) => value.paths(),
            Self::Condition(condition) => condition.paths(),
        }
    }

    /// What is wrong with it, each with the path inside it.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(String, SourceError)> {
        let one = |error: &SourceError| vec![(String::new(), error.clone())];
        match self {
            Self::Text(text) => text.compiled().err().map(one).unwrap_or_default(),
            Self::Json(value) => value.compiled().err().cloned().unwrap_or_default(),
            Self::Condition(condition) => condition.compiled().err().map(one).unwrap_or_default(),
        }
    }
}
