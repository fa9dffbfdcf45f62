//! What starts a scenario, and with what: changes of objects, and what happens on the shards, become plans for runs.

use std::sync::Arc;

use campanile_store::{AppNumber, Change, NewRun, RunStatus, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Services,
    lanes::{Begun, Ticket},
    scene::Scene,
};
use crate::scenarios::{
    definition::{Definition, Trigger},
    engine::Run,
    world::{Failure, Start},
};

/// A scenario in memory.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) number: i64,
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) definition: Arc<Definition>,
}

/// What is kept of the beginning of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Beginning {
    #[serde(flatten)]
    pub(super) start: Start,
    /// Whether the filter still has to let it begin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unfiltered: bool,
}

/// A run that is about to be started.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) scenario: (i64, i64),
    pub(super) cause: String,
    pub(super) lane: Arc<str>,
    pub(super) depth: u32,
    pub(super) beginning: Beginning,
    /// Why it fails before its first step.
    pub(super) failure: Option<Failure>,
}

impl Known {
    /// Whether the change of an object starts it.
    pub(super) fn is_started_by(&self, change: &Change, fields: &[String]) -> bool {
        let what = &change.what;
        match &self.definition.trigger {
            Trigger::ObjectCreated { structure } => what.kind == "created" && *structure == what.structure,
            Trigger::ObjectDeleted { structure } => what.kind == "deleted" && *structure == what.structure,
            Trigger::ObjectChanged { structure, fields: wanted } => {
                what.kind == "changed"
                    && *structure == what.structure
                    && (wanted.is_empty() || wanted.iter().any(|field| fields.contains(field)))
            }
            _ => false,
        }
    }

    /// Whether something that happened on a shard starts it.
    pub(super) fn is_started_by_happening(&self, (kind, subject): (&str, &str)) -> bool {
        let trigger = &self.definition.trigger;
        trigger.kind() == kind && (trigger.subject().is_empty() || trigger.subject() == subject)
    }

    pub(super) fn plan(&self, cause: String, lane: Arc<str>, depth: u32, start: Start) -> Plan {
        let beginning = Beginning { start, unfiltered: false };
        Plan { scenario: (self.number, self.version), cause, lane, depth, beginning, failure: None }
    }

    /// The plan, unless the filter holds it back. A filter without a value makes it a run that has failed.
    pub(super) async fn admit(&self, services: &Arc<Services>, app: AppNumber, plan: Plan) -> Option<Plan> {
        if plan.failure.is_some() || self.definition.filter.is_none() {
            return Some(plan);
        }
        let scene = Scene::to_look(services.clone(), app);
        let run =
            Run::new(self.definition.clone(), "filter", plan.beginning.start.clone(), services.options.run);
        match run.is_admitted(&scene).await {
            Ok(true) => Some(plan),
            Ok(false) => None,
            Err(failure) => Some(Plan { failure: Some(failure), ..plan }),
        }
    }
}

impl Plan {
    /// Too many runs led to this one.
    pub(super) fn cut(self, most: u32) -> Self {
        let message = format!(
            "{most} runs of scenarios led to this one, each the cause of the next (limits.run_depth_max): do they \
             trigger each other without end?"
        );
        Self { failure: Some(Failure::new("depth_exceeded", message)), ..self }
    }

    /// Starts the run. `status` is `Running` if its first step is taken right after the commit.
    pub(super) fn insert(
        &self,
        tx: &mut Tx<'_>,
        app: AppNumber,
        status: RunStatus,
        now_ms: i64,
    ) -> campanile_store::Result<i64> {
        let status = if self.failure.is_some() { RunStatus::Failed } else { status };
        let new = NewRun {
            scenario: self.scenario.0,
            version: self.scenario.1,
            status,
            cause: self.cause.clone(),
            lane: self.lane.to_string(),
            depth: self.depth,
            start: serde_json::to_string(&self.beginning).unwrap_or_default(),
            error: self.failure.as_ref().map(|failure| json!(failure).to_string()),
            at_ms: now_ms,
        };
        tx.insert_run(app, &new)
    }

    /// The run, as it is handed to its lane.
    pub(super) fn ticket(self, number: i64, status: RunStatus) -> Ticket {
        let is_begun = status == RunStatus::Running && !self.beginning.unfiltered;
        let begun = is_begun.then_some(Begun { depth: self.depth, start: self.beginning.start });
        Ticket { number, scenario: self.scenario, begun }
    }
}

/// The lane of an object.
pub(super) fn object_lane(structure: &str, id: &str) -> Arc<str> {
    format!("object:{structure}/{id}").into()
}

/// The names of the fields that changed.
pub(super) fn changed_fields(change: &Change) -> Vec<String> {
    serde_json::from_str(&change.what.fields).unwrap_or_default()
}

/// What a run starts with that a change of an object starts: the object as it is after it, or was before it went.
pub(super) fn start_of(change: &Change, user: Option<Map<String, Value>>) -> Start {
    let parsed =
        |text: &Option<String>| -> Option<Map<String, Value>> { serde_json::from_str(text.as_deref()?).ok() };
    let (before, after) = (parsed(&change.what.before), parsed(&change.what.after));
    let mut given = Map::new();
    given.insert("changed".to_owned(), json!(changed_fields(change)));
    if let Some(before) = &before {
        given.insert("before".to_owned(), Value::Object(before.clone()));
    }
    if let Some(user) = user {
        given.insert("WebUser".to_owned(), Value::Object(user));
    }
    let object = after.or(before).unwrap_or_default();
    Start { structure: Some(change.what.structure.clone()), object, given }
}

/// The user who made a change.
pub(super) fn user_of(change: &Change) -> Option<&str> {
    change.what.actor.strip_prefix("user:")
}
