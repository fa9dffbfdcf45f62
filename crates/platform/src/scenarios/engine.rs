//! A run of a scenario, step by step. Between two steps it is nothing but its [`RunState`], which can be written down and
//! gone on with in another life; a step that was under way then is done again, with the same key.

mod links;
mod position;
mod prepare;

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

pub use self::position::Position;
use super::{
    definition::{Definition, Step},
    template::RenderLimits,
    world::{Failure, HttpAnswer, Start, World},
};

/// What one run may take.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// What one template may cost.
    pub render: RenderLimits,
    /// Bytes of what a run knows, as JSON.
    pub context_bytes_max: usize,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self { render: RenderLimits::default(), context_bytes_max: 4_000_000 }
    }
}

/// A run.
#[derive(Clone, Debug)]
pub struct Run {
    definition: Arc<Definition>,
    limits: RunLimits,
    state: RunState,
}

/// All that a run has to remember between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// The run's id.
    pub id: String,
    /// What it started with. Its object is kept up to date by the run's own steps.
    pub start: Start,
    /// What steps left, by name.
    pub results: Map<String, Value>,
    /// The structures of results that are objects.
    pub result_structures: Map<String, Value>,
    /// The next step.
    pub position: Position,
    /// How often the next step was tried.
    pub attempt: u32,
    /// The answer for whoever waits.
    pub response: Option<Response>,
}

/// The answer for whoever waits for a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScenarioResponse)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// What the body is.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// How a run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With the next step.
    Continue,
    /// With the next step, not before this time in milliseconds since the epoch.
    Wait {
        /// When.
        until_ms: i64,
    },
    /// It is over.
    Done,
    /// It is over, since a step failed.
    Failed(Failure),
}

/// What a step did, for the log of the run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StepRecord {
    /// Which step.
    pub path: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it was about to do.
    pub input: Value,
    /// What came of it.
    pub output: Value,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// When it began, in milliseconds since the epoch.
    pub at_ms: i64,
    /// How long it took.
    pub duration_ms: i64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// What one call of [`Run::step`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What was done; nothing if there was nothing left to do.
    pub record: Option<StepRecord>,
    /// How it goes on.
    pub outcome: Outcome,
}

/// What a step came to.
enum Done {
    /// It is done, and this came of it.
    Output(Value),
    /// One of its branches is next.
    Branch(position::Branch),
    /// The next step has to wait.
    Pause { until_ms: i64 },
}

/// The first pause before an HTTP request is repeated; each is twice as long as the one before.
const RETRY_MS_MIN: i64 = 1_000;
const RETRY_MS_MAX: i64 = 60_000;

/// How long a server may ask us to stay away.
const RETRY_AFTER_S_MAX: i64 = 3_600;

impl Run {
    /// A new run.
    #[must_use]
    pub fn new(definition: Arc<Definition>, id: &str, start: Start, limits: RunLimits) -> Self {
        let state = RunState {
            id: id.to_owned(),
            start,
            results: Map::new(),
            result_structures: Map::new(),
            position: Position::default(),
            attempt: 0,
            response: None,
        };
        Self { definition, limits, state }
    }

    /// A run that was written down. The definition must be the one that it began with.
    #[must_use]
    pub fn resume(definition: Arc<Definition>, state: RunState, limits: RunLimits) -> Self {
        Self { definition, limits, state }
    }

    /// What to write down.
    #[must_use]
    pub fn state(&self) -> &RunState {
        &self.state
    }

    /// Whether the filter lets the run begin.
    ///
    /// # Errors
    /// If the filter has no value.
    pub async fn is_admitted(&self, world: &impl World) -> Result<bool, Failure> {
        let Some(filter) = &self.definition.filter else { return Ok(true) };
        let context = self.context(&filter.paths(), world).await?;
        prepare::holds(filter, &context)
    }

    /// Does the next step.
    pub async fn step(&mut self, world: &impl World) -> Progress {
        let definition = Arc::clone(&self.definition);
        let Some(step) = self.state.position.find(&definition.steps) else {
            return Progress { record: None, outcome: Outcome::Done };
        };
        let at_ms = world.now_ms();
        let mut record = StepRecord {
            path: self.state.position.to_string(),
            kind: step.kind(),
            name: step.name().map(str::to_owned),
            input: Value::Null,
            output: Value::Null,
            attempt: self.state.attempt + 1,
            at_ms,
            duration_ms: 0,
            error: None,
        };
        let done = self.perform(step, &mut record, world).await;
        let now_ms = world.now_ms();
        record.duration_ms = (now_ms - at_ms).max(0);
        let outcome = match done {
            Ok(done) => self.go_on(step, done, &mut record, now_ms),
            Err(failure) => self.fail(step, failure, &mut record, now_ms),
        };
        Progress { record: Some(record), outcome }
    }

    async fn perform(
        &mut self,
        step: &Step,
        record: &mut StepRecord,
        world: &impl World,
    ) -> Result<Done, Failure> {
        let paths = step.parts().iter().flat_map(|(_, part)| part.paths()).collect();
        let context = self.context(&paths, world).await?;
        let prepare = prepare::Prepare { run: self, context: &context };
        match step {
            Step::If(condition) => {
                let holds = prepare::holds(&condition.condition, &context)?;
                record.input = json!({ "condition": condition.condition.source() });
                record.output = json!(holds);
                Ok(Done::Branch(if holds { position::Branch::Then } else { position::Branch::Else }))
            }
            Step::Wait(wait) => {
                record.input = json!({ "for_s": wait.for_s });
                let wait_ms = i64::try_from(wait.for_s).unwrap_or(i64::MAX).saturating_mul(1_000);
                Ok(Done::Pause { until_ms: record.at_ms.saturating_add(wait_ms) })
            }
            Step::Respond(respond) => {
                let response = prepare.response(respond)?;
                record.input = json!(response);
                // Whoever waits has got the first one.
                let is_first = self.state.response.is_none();
                self.state.response.get_or_insert(response);
                Ok(Done::Output(json!({ "sent": is_first })))
            }
            step => {
                let effect = prepare.effect(step, &self.key(record))?;
                record.input = json!(effect);
                world.perform(&effect, &self.key(record)).await.map(Done::Output)
            }
        }
    }

    /// The same whenever this run does this step.
    fn key(&self, record: &StepRecord) -> String {
        format!("{}:{}", self.state.id, record.path)
    }

    fn go_on(&mut self, step: &Step, done: Done, record: &mut StepRecord, now_ms: i64) -> Outcome {
        let mut outcome = Outcome::Continue;
        match done {
            Done::Branch(branch) => self.state.position.enter(branch),
            Done::Pause { until_ms } => {
                outcome = Outcome::Wait { until_ms };
                self.state.position.advance();
            }
            Done::Output(output) => {
                record.output = output;
                if let Some(until_ms) = self.retry_at(step, &record.output, now_ms) {
                    self.state.attempt += 1;
                    return Outcome::Wait { until_ms };
                }
                if let Err(failure) = self.keep(step, &record.output) {
                    record.error = Some(failure.clone());
                    return Outcome::Failed(failure);
                }
                self.state.position.advance();
            }
        }
        self.state.attempt = 0;
        match outcome {
            Outcome::Continue if self.state.position.find(&self.definition.steps).is_none() => Outcome::Done,
            outcome => outcome,
        }
    }

    fn fail(&mut self, step: &Step, failure: Failure, record: &mut StepRecord, now_ms: i64) -> Outcome {
        record.error = Some(failure.clone());
        match step {
            Step::Http(http) if failure.is_transient && self.state.attempt < http.retries => {
                let until_ms = now_ms + self.pause_ms();
                self.state.attempt += 1;
                Outcome::Wait { until_ms }
            }
            _ => Outcome::Failed(failure),
        }
    }

    /// When an HTTP request is repeated; never if its answer is one that counts.
    fn retry_at(&self, step: &Step, answer: &Value, now_ms: i64) -> Option<i64> {
        let Step::Http(http) = step else { return None };
        let answer = HttpAnswer::deserialize(answer).ok()?;
        let is_passing = answer.status == 429 || answer.status >= 500;
        if !is_passing || self.state.attempt >= http.retries {
            return None;
        }
        let asked_s: Option<i64> = answer.headers.get("retry-after").and_then(|after| after.parse().ok());
        let asked_ms = asked_s.unwrap_or_default().clamp(0, RETRY_AFTER_S_MAX) * 1_000;
        Some(now_ms + asked_ms.max(self.pause_ms()))
    }

    fn pause_ms(&self) -> i64 {
        (RETRY_MS_MIN << self.state.attempt.min(16)).min(RETRY_MS_MAX)
    }

    /// Remembers what a step left for later ones.
    fn keep(&mut self, step: &Step, output: &Value) -> Result<(), Failure> {
        let start = &mut self.state.start;
        if let (Step::Edit(edit), Value::Object(object)) = (step, output) {
            let same_structure = edit.structure.is_none() || edit.structure == start.structure;
            if same_structure && object.get("id") == start.object.get("id") {
                start.object = object.clone();
            }
        }
        if let Some(name) = step.result() {
            self.state.results.insert(name.to_owned(), output.clone());
            match step {
                Step::Create(create) => {
                    let structure = json!(create.structure);
                    self.state.result_structures.insert(name.to_owned(), structure);
                }
                _ => drop(self.state.result_structures.remove(name)),
            }
        }
        let bytes = json!(self.state.results).to_string().len();
        if bytes > self.limits.context_bytes_max {
            let message = format!("steps left more than {} bytes", self.limits.context_bytes_max);
            return Err(Failure::new("context_too_large", message));
        }
        Ok(())
    }

    /// What templates and conditions read: the fields of the object, what else was given, what steps left, and of the world
    /// only what `paths` ask for.
    async fn context(&self, paths: &BTreeSet<String>, world: &impl World) -> Result<Value, Failure> {
        let state = &self.state;
        let now = jiff::Timestamp::from_millisecond(world.now_ms()).unwrap_or_default();
        let mut context = state.start.object.clone();
        context.extend(state.start.given.clone());
        context.extend(state.results.clone());
        context.insert("now".to_owned(), format!("{now:.3}").into());
        if paths.iter().any(|path| path == "GlobalVar" || path.starts_with("GlobalVar.")) {
            context.insert("GlobalVar".to_owned(), Value::Object(world.globals().await?));
        }
        let mut context = Value::Object(context);
        links::load(&mut context, state, paths, world).await?;
        Ok(context)
    }
}

#[cfg(test)]
mod tests;
