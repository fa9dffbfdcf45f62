//! The world in which steps do something: the app's data and users, its pushes and providers, and the way out.
//!
//! What a step changes in the store is written together with the note that it did, so it happens once. What leaves the hub (a
//! push, an HTTP request, a request to a provider) can be done again after a crash, under the same key.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use campanile_hub::Tenant;
use campanile_store::{AppNumber, RunStatus, Tx};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    Result as Answer, Services,
    execution::{PATIENCE, rest},
    triggers::{Beginning, Plan},
};
use crate::{
    accounts::{AccountError, Actor, Code, count},
    bridge::{self, BridgeError},
    data::{Cause, Event, Others, Write},
    push::PushRequest,
    scenarios::world::{Change, Effect, Failure, HttpRequest, Linked, Start, World},
};

/// Which run does something, and what its last life had done.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) run: i64,
    /// The scenario's id.
    pub(super) scenario: String,
    /// How many runs led to it.
    pub(super) depth: u32,
    /// The key of a step that changed something before it could be noted as done, and what came of it.
    pub(super) done: Option<(String, Value)>,
}

/// The world around a run.
pub(super) struct Scene {
    services: Arc<Services>,
    app: AppNumber,
    run: i64,
    scenario: String,
    depth: u32,
    /// The user in whose name it runs.
    user: Option<String>,
    done: Mutex<Option<(String, Value)>>,
}

type Outcome = Result<Value, Failure>;

impl Scene {
    /// Of a run.
    pub(super) fn of_run(
        services: Arc<Services>,
        app: AppNumber,
        trace: Trace,
        user: Option<String>,
    ) -> Self {
        let Trace { run, scenario, depth, done } = trace;
        Self { services, app, run, scenario, depth, user, done: Mutex::new(done) }
    }

    /// For a filter, which does nothing.
    pub(super) fn to_look(services: Arc<Services>, app: AppNumber) -> Self {
        let trace = Trace { run: 0, scenario: String::new(), depth: 0, done: None };
        Self::of_run(services, app, trace, None)
    }

    fn actor(&self) -> Actor {
        Actor { name: format!("scenario:{}", self.scenario), address: None }
    }

    fn app_id(&self) -> Result<String, Failure> {
        let entry = self.services.accounts.entry_of(Tenant(self.app.0));
        entry
            .map(|entry| entry.id.clone())
            .ok_or_else(|| Failure::new("app_not_found", "the app was deleted"))
    }

    async fn push(&self, request: &PushRequest) -> Outcome {
        let (app, actor) = (self.app_id()?, self.actor());
        let receipt = self.patiently(|| self.services.pusher.push(&actor, &app, request.clone())).await?;
        Ok(json!(receipt))
    }

    /// Changes an object, and notes that in the same transaction.
    async fn change(&self, structure: &str, write: Write, event: bool, key: &str) -> Outcome {
        let event = if event { Event::Raised } else { Event::Silent };
        let (run, key) = (self.run, key.to_owned());
        let note = move |tx: &mut Tx<'_>, object: &Value| -> Answer<()> {
            Ok(tx.note_run_effect(run, &json!([key, object]).to_string())?)
        };
        let write = || {
            let cause = Cause {
                app: self.app,
                actor: self.actor().name,
                user: self.user.clone(),
                depth: self.depth + 1,
                now_ms: self.services.now_ms(),
                event,
            };
            self.services.data.write_as(cause, structure, write.clone(), note.clone())
        };
        self.patiently(write).await
    }

    /// Starts another scenario, and notes that in the same transaction.
    async fn start(&self, scenario: &str, start: &Start, key: &str) -> Outcome {
        let most = self.services.options.run_depth_max;
        let plan = Plan {
            scenario: (0, 0),
            cause: format!("scenario {}", self.scenario),
            lane: format!("run:{key}").into(),
            depth: self.depth + 1,
            beginning: Beginning { start: start.clone(), unfiltered: true },
            failure: None,
        };
        if plan.depth >= most {
            count(&self.services.tally.cut);
            let failure = plan.cut(most).failure;
            return Err(failure.unwrap_or_else(|| Failure::new("depth_exceeded", "")));
        }
        let (plan, number) = self.patiently(|| self.insert(scenario, &plan, key)).await?;
        self.services.adopt(self.app, plan, number).await;
        Ok(json!({ "run": number }))
    }

    async fn insert(&self, scenario: &str, plan: &Plan, key: &str) -> Answer<(Plan, i64)> {
        self.services.door(self.app).check_room()?;
        let (app, run, now_ms) = (self.app, self.run, self.services.now_ms());
        let (id, key, plan) = (scenario.to_owned(), key.to_owned(), plan.clone());
        let insert = move |tx: &mut Tx<'_>| -> Answer<(Plan, i64)> {
            let found = tx.scenario(app, &id)?.ok_or_else(|| super::scenario_not_found(&id))?;
            let plan = Plan { scenario: (found.number, found.version), ..plan };
            let number = plan.insert(tx, app, RunStatus::Queued, now_ms)?;
            tx.note_run_effect(run, &json!([key, { "run": number }]).to_string())?;
            Ok((plan, number))
        };
        self.services.accounts.store().write_by_rules(insert).await
    }

    async fn ask(&self, provider_id: &str, payload: &Value, timeout_ms: u64) -> Outcome {
        let payload = match payload {
            Value::Null => "{}".to_owned(),
            Value::Object(_) => payload.to_string(),
            _ => return Err(Failure::new("invalid_payload", "payload: must be an object")),
        };
        let asked = bridge::ask(self.services.accounts.outside(), Tenant(self.app.0), provider_id, payload);
        let reply = tokio::time::timeout(Duration::from_millis(timeout_ms), asked).await;
        let late = || Failure::transient("timeout", format!("the provider didn't reply in {timeout_ms} ms"));
        let reply = reply.map_err(|_| late())?.map_err(|error| refused_by_bridge(&error))?;
        Ok(serde_json::from_str(&reply.into_json()).unwrap_or_default())
    }

    async fn send(&self, request: &HttpRequest, key: &str) -> Outcome {
        let key = format!("{}:{key}", self.app_id()?);
        Ok(json!(self.services.outgoing.send(request.clone(), key).await?))
    }

    /// Does what can be done again. What the hub is too busy for gets time: a run can wait where a caller couldn't.
    async fn patiently<T, F: Future<Output = Answer<T>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, Failure> {
        let mut attempts = 0;
        loop {
            match attempt().await {
                Err(error) if error.code == Code::Overloaded && attempts < PATIENCE => {
                    attempts += 1;
                    tokio::time::sleep(rest(attempts)).await;
                }
                result => return result.map_err(|error| refused(&error)),
            }
        }
    }

    /// What a former life of the run has changed in this step.
    fn take_done(&self, key: &str) -> Option<Value> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.take_if(|(own, _)| own == key).map(|(_, output)| output)
    }
}

fn refused(error: &AccountError) -> Failure {
    Failure::new(error.code.as_str(), error.message.clone())
}

fn refused_by_bridge(error: &BridgeError) -> Failure {
    Failure::transient(error.code.as_str(), error.to_string())
}

/// The id of an object that a step creates: the same whenever the step is done.
fn id_of_new(app: AppNumber, key: &str) -> String {
    let digest = Sha256::digest(format!("{}:{key}", app.0));
    URL_SAFE_NO_PAD.encode(&digest[..16])
}

impl World for Scene {
    fn now_ms(&self) -> i64 {
        self.services.now_ms()
    }

    async fn perform(&self, effect: &Effect, key: &str) -> Outcome {
        if let Some(output) = self.take_done(key) {
            return Ok(output);
        }
        match effect {
            Effect::Push(request) => self.push(request).await,
            Effect::Edit(Change { structure, id, set, event }) => {
                let (id, fields) = (id.clone().unwrap_or_default(), set.clone());
                let write = Write::Change { id, fields, others: Others::Stay, version: None };
                self.change(structure, write, *event, key).await
            }
            Effect::Create(Change { structure, id, set, event }) => {
                let id = id.clone().unwrap_or_else(|| id_of_new(self.app, key));
                self.change(structure, Write::Create { id: Some(id), fields: set.clone() }, *event, key).await
            }
            Effect::Delete(Change { structure, id, event, .. }) => {
                let write = Write::Delete { id: id.clone().unwrap_or_default(), version: None };
                self.change(structure, write, *event, key).await
            }
            Effect::Http(request) => self.send(request, key).await,
            Effect::RequestProvider { provider_id, payload, timeout_ms } => {
                self.ask(provider_id, payload, *timeout_ms).await
            }
            Effect::RunScenario { scenario, start } => self.start(scenario, start, key).await,
            Effect::Log { .. } => Ok(Value::Null),
        }
    }

    async fn linked(&self, structure: &str, field: &str, ids: &[String]) -> Result<Option<Linked>, Failure> {
        let linked = self.services.data.linked(self.app, structure, field, ids).await;
        let linked = linked.map_err(|error| refused(&error))?;
        Ok(linked.map(|(structure, objects)| Linked { structure, objects }))
    }

    async fn globals(&self) -> Result<Map<String, Value>, Failure> {
        let entry = self.services.accounts.entry_of(Tenant(self.app.0));
        Ok(entry.map(|entry| entry.settings.globals.clone()).unwrap_or_default())
    }
}
