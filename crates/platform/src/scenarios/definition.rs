//! The document that a scenario is: what triggers it, what must hold, and its steps. Only its shape; what makes a document
//! of this shape a good one is in `validate`, and what its steps do in `engine`.

mod steps;
mod triggers;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    steps::{
        Create, Delete, Edit, Http, If, Log, Method, Part, Push, RequestProvider, Respond, RunScenario, Step,
        Wait,
    },
    triggers::Trigger,
};
use super::{schedule::Zone, schema::ScenarioId, written::Condition};

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "order-ready",
    "name": "Order is ready",
    "trigger": { "type": "object_changed", "structure": "orders", "fields": ["status"] },
    "filter": "status == 'ready'",
    "steps": [
        { "type": "push", "user_id": "{{owner}}", "event_name": "alert", "message": "Order {{id}} is ready" },
        { "type": "edit", "set": { "rung_at": "{{now}}" } },
    ],
})))]
pub struct Definition {
    /// Where an editor finds the schema of scenarios; it means nothing else.
    #[serde(default, rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name for programs.
    #[schema(value_type = ScenarioId)]
    pub id: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether its trigger starts it.
    #[serde(default = "yes")]
    #[schema(default = yes)]
    pub enabled: bool,
    /// The IANA time zone in which its schedule is meant; without one, the app's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Zone>,
    /// What starts it.
    pub trigger: Trigger,
    /// What must hold for it to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Condition>,
    /// What it does, one after the other.
    pub steps: Vec<Step>,
}

impl Definition {
    /// Whether a step may have something for whoever waits.
    #[must_use]
    pub fn has_response(&self) -> bool {
        steps::have_response(&self.steps)
    }
}

fn yes() -> bool {
    true
}

/// What a definition may have at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinitionLimits {
    /// Bytes of the document, as compact JSON.
    pub bytes_max: usize,
    /// Steps, those inside others as well.
    pub steps_max: usize,
    /// Conditions inside each other.
    pub depth_max: usize,
    /// Bytes of an id.
    pub id_bytes_max: usize,
    /// Bytes of a name.
    pub name_bytes_max: usize,
    /// How long a step may wait.
    pub wait_s_max: u64,
    /// How long an HTTP request or a provider may take.
    pub timeout_ms_max: u64,
    /// How often an HTTP request may be repeated.
    pub retries_max: u32,
}

impl Default for DefinitionLimits {
    fn default() -> Self {
        Self {
            bytes_max: 256 * 1024,
            steps_max: 200,
            depth_max: 8,
            id_bytes_max: 64,
            name_bytes_max: 200,
            wait_s_max: 30 * 24 * 60 * 60,
            timeout_ms_max: 60_000,
            retries_max: 10,
        }
    }
}
