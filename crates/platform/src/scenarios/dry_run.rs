//! A run that does nothing but show what it would do. Answers come from whoever tries the scenario; waits take no time.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    definition::{Definition, Step},
    engine::{Outcome, Response, Run, RunLimits, StepRecord},
    world::{Effect, Failure, Linked, Start, World},
};

/// What a scenario is tried with.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// What the run starts with.
    pub start: Start,
    /// The time, in milliseconds since the epoch.
    pub now_ms: i64,
    /// What steps get, by the name under which they leave it.
    pub answers: Map<String, Value>,
    /// The objects behind links, by the field's name: one, or a list.
    pub links: Map<String, Value>,
    /// Global variables.
    pub globals: Map<String, Value>,
}

/// What a scenario would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rehearsal {
    /// Whether its filter lets it run.
    pub is_admitted: bool,
    /// What its steps would do.
    pub steps: Vec<StepRecord>,
    /// What whoever waits would get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// Why it would fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Tries a scenario.
pub async fn rehearse(definition: &Arc<Definition>, trial: Trial) -> Rehearsal {
    let mut run = Run::new(Arc::clone(definition), "dry-run", trial.start.clone(), RunLimits::default());
    let mut names = BTreeMap::new();
    note_results(&definition.steps, "steps", &mut names);
    let stage = Stage {
        now_ms: AtomicI64::new(trial.now_ms),
        created: AtomicUsize::new(0),
        object: Mutex::new(trial.start.object.clone()),
        names,
        trial,
    };
    let mut rehearsal = Rehearsal { is_admitted: false, steps: Vec::new(), response: None, failure: None };
    match run.is_admitted(&stage).await {
        Ok(is_admitted) => rehearsal.is_admitted = is_admitted,
        Err(failure) => rehearsal.failure = Some(failure),
    }
    while rehearsal.is_admitted && rehearsal.failure.is_none() {
        let progress = run.step(&stage).await;
        rehearsal.steps.extend(progress.record);
        match progress.outcome {
            Outcome::Continue => {}
            Outcome::Wait { until_ms } => stage.now_ms.store(until_ms, Ordering::Relaxed),
            Outcome::Done => break,
            Outcome::Failed(failure) => rehearsal.failure = Some(failure),
        }
    }
    rehearsal.response = run.state().response.clone();
    rehearsal
}

/// The names under which steps leave something, by the steps' paths.
fn note_results(steps: &[Step], path: &str, names: &mut BTreeMap<String, String>) {
    for (index, step) in steps.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if let Some(name) = step.result() {
            names.insert(path.clone(), name.to_owned());
        }
        if let Step::If(condition) = step {
            note_results(&condition.then, &format!("{path}.then"), names);
            note_results(&condition.otherwise, &format!("{path}.else"), names);
        }
    }
}

/// The world of a rehearsal.
struct Stage {
    trial: Trial,
    now_ms: AtomicI64,
    created: AtomicUsize,
    /// The object that the run is about, as it would be by now.
    object: Mutex<Map<String, Value>>,
    names: BTreeMap<String, String>,
}

impl Stage {
    /// The answer that was given for the step of this key.
    fn answer(&self, key: &str) -> Option<Value> {
        let (_, path) = key.split_once(':')?;
        self.trial.answers.get(self.names.get(path)?).cloned()
    }

    fn edited(&self, id: Option<&str>, set: &Map<String, Value>) -> Value {
        let mut object = self.object.lock().unwrap_or_else(PoisonError::into_inner);
        if object.get("id").and_then(Value::as_str) == id {
            object.extend(set.clone());
            return Value::Object(object.clone());
        }
        let mut other = set.clone();
        other.extend(id.map(|id| ("id".to_owned(), id.into())));
        Value::Object(other)
    }

    fn created(&self, id: Option<&str>, set: &Map<String, Value>) -> Value {
        let number = self.created.fetch_add(1, Ordering::Relaxed) + 1;
        let mut object = set.clone();
        object.insert("id".to_owned(), id.map_or_else(|| format!("new-{number}"), str::to_owned).into());
        Value::Object(object)
    }
}

impl World for Stage {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    async fn perform(&self, effect: &Effect, key: &str) -> Result<Value, Failure> {
        if let Some(answer) = self.answer(key) {
            return Ok(answer);
        }
        Ok(match effect {
            Effect::Edit(change) => self.edited(change.id.as_deref(), &change.set),
            Effect::Create(change) => self.created(change.id.as_deref(), &change.set),
            Effect::Http(_) => json!({ "status": 200, "headers": {}, "body": null }),
            _ => Value::Null,
        })
    }

    async fn linked(&self, _: &str, field: &str, ids: &[String]) -> Result<Option<Linked>, Failure> {
        let objects = match self.trial.links.get(field) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).cloned().collect(),
            Some(Value::Object(object)) => {
                // One object stands for all that is linked to.
                let with_id = |id: &String| {
                    let mut object = object.clone();
                    object.insert("id".to_owned(), id.clone().into());
                    object
                };
                ids.iter().map(with_id).collect()
            }
            _ => return Ok(None),
        };
        Ok(Some(Linked { structure: field.to_owned(), objects }))
    }

    async fn globals(&self) -> Result<Map<String, Value>, Failure> {
        Ok(self.trial.globals.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rehearsed(document: Value, trial: Trial) -> Rehearsal {
        rehearse(&Arc::new(serde_json::from_value(document).unwrap()), trial).await
    }

    fn trial() -> Trial {
        let object = json!({"id": "o1", "status": "ready", "owner": "eve"}).as_object().unwrap().clone();
        Trial {
            start: Start { structure: Some("orders".to_owned()), object, given: Map::new() },
            now_ms: 1_000,
            answers: json!({"answer": {"status": 500, "headers": {}, "body": "no"}})
                .as_object()
                .unwrap()
                .clone(),
            links: json!({"owner": {"name": "Eve"}}).as_object().unwrap().clone(),
            globals: json!({"city": "Brig"}).as_object().unwrap().clone(),
        }
    }

    #[tokio::test]
    async fn it_shows_what_would_be_done() {
        let document = json!({
            "id": "x", "trigger": {"type": "object_changed", "structure": "orders"}, "filter": "status == 'ready'",
            "steps": [
                {"type": "http", "url": "https://example.com", "retries": 1, "as": "answer"},
                {"type": "wait", "for_s": 60},
                {"type": "edit", "set": {"status": "told"}},
                {"type": "create", "structure": "log", "as": "entry"},
                {"type": "if", "condition": "answer.status == 500", "then": [
                    {"type": "http", "url": "https://example.com", "as": "other"},
                    {"type": "log", "message": "{{status}} {{owner.name}} {{entry.id}} {{GlobalVar.city}} {{other.status}} {{now}}"},
                ]},
                {"type": "respond", "body": "{{answer.body}}"},
            ],
        });
        let rehearsal = rehearsed(document, trial()).await;
        assert_eq!(rehearsal.failure, None);
        let log = rehearsal.steps.iter().find(|step| step.kind == "log").unwrap();
        assert_eq!(log.input["message"], "told Eve new-1 Brig 200 1970-01-01T00:01:02.000Z");
        assert_eq!(rehearsal.response.unwrap().body, "no");
        let attempts: Vec<u32> = rehearsal.steps.iter().map(|step| step.attempt).collect();
        assert_eq!(attempts[..3], [1, 2, 1]);
    }

    #[tokio::test]
    async fn it_shows_why_nothing_would_be_done() {
        let document = |filter: &str| json!({"id": "x", "trigger": {"type": "webhook"}, "filter": filter, "steps": [{"type": "log", "message": ""}]});
        let refused = rehearsed(document("status == 'new'"), trial()).await;
        assert!(!refused.is_admitted && refused.steps.is_empty() && refused.failure.is_none());
        let failed = rehearsed(document("status + 1"), trial()).await;
        assert_eq!(failed.failure.unwrap().code, "condition_failed");
    }
}
