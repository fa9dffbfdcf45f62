//! Callers who start a run and may wait for its answer: of an endpoint, of a webhook, and people who try a scenario.

use std::collections::HashMap;

use campanile_store::{AppNumber, RunStatus, Tx, View};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{sync::oneshot, time::Instant};
use utoipa::ToSchema;

use super::{
    Result, Scenarios, Services, Verdict,
    documents::definition_of,
    execution::trim,
    triggers::{Beginning, Known, Plan, object_lane},
};
use crate::{
    accounts::{AccountError, Actor, Code, count},
    data::{EndpointCall, Saved, known_user, sync_trigger},
    scenarios::{
        engine::Response,
        world::{Failure, Start},
    },
};

/// What the caller of an endpoint gets for what it writes.
#[derive(Clone, Debug, PartialEq)]
pub enum EndpointAnswer {
    /// What it may see of the objects, as they are after the endpoint's scenario.
    Objects(Vec<Value>),
    /// What the scenario says.
    Response(Response),
}

/// A call of a webhook.
#[derive(Clone, Debug, Default)]
pub struct HookCall {
    /// The method of HTTP.
    pub method: String,
    /// Everything that came in the query.
    pub parameters: HashMap<String, String>,
    /// The body: a value if it is JSON, else a text.
    pub body: Value,
}

/// What the caller of a webhook gets.
#[derive(Clone, Debug, PartialEq)]
pub enum HookAnswer {
    /// The number of the run; none if the filter held it back.
    Started(Option<i64>),
    /// What the scenario says.
    Response(Response),
}

/// How somebody starts a scenario by hand.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(examples(json!({ "object_id": "7" })))]
pub struct ManualRun {
    /// The object that it is about, of the structure of its trigger.
    pub object_id: Option<String>,
    /// What else it starts with: `event`, `provider`, `WebUser`, `HttpRequest`.
    #[schema(value_type = Object)]
    pub given: Map<String, Value>,
}

/// A run that an endpoint's caller has started.
struct Started {
    plan: Plan,
    number: i64,
}

impl Scenarios {
    /// Writes objects through an endpoint, all or none. If a scenario answers it, the caller waits for that.
    ///
    /// # Errors
    /// As [`crate::Data::call_to_write`]; `scenario_failed`, `scenario_timeout`.
    pub async fn call_to_write(
        &self,
        call: EndpointCall,
        objects: Vec<Map<String, Value>>,
    ) -> Result<EndpointAnswer> {
        let written = self.0.data.call_to_write(call.clone(), objects, self.starter(&call)).await?;
        let mut waiting = Vec::new();
        let mut saved = Vec::with_capacity(written.len());
        for (object, started) in written {
            if let Some(Started { plan, number }) = started {
                waiting.push((number, self.0.waiters.wait(number)));
                self.0.adopt(object.app, plan, number).await;
            }
            saved.push(object);
        }
        if waiting.is_empty() {
            return Ok(EndpointAnswer::Objects(saved.into_iter().map(|saved| saved.shown).collect()));
        }
        match self.0.verdicts(waiting).await? {
            Some(response) if saved.len() == 1 => Ok(EndpointAnswer::Response(response)),
            _ => Ok(EndpointAnswer::Objects(self.0.data.show_again(call, saved).await?)),
        }
    }

    /// Starts the scenario of an endpoint, in the transaction that saves the object.
    fn starter(
        &self,
        call: &EndpointCall,
    ) -> impl Fn(&mut Tx<'_>, &Saved) -> Result<Option<Started>> + Send + 'static {
        let key = sync_trigger(&call.structure, &call.method);
        let (structure, request) = (call.structure.clone(), json!(call.parameters));
        let services = self.0.clone();
        move |tx, saved| {
            let Some(scenario) = tx.scenarios_by_trigger(saved.app, &key)?.into_iter().next() else {
                return Ok(None);
            };
            services.door(saved.app).check_room()?;
            let start = start_of_saved(tx, saved, &structure, &request)?;
            let id = saved.object["id"].as_str().unwrap_or_default();
            let plan = Plan {
                scenario: (scenario.number, scenario.version),
                cause: format!("endpoint {}", key.subject),
                lane: object_lane(&structure, id),
                depth: 0,
                beginning: Beginning { start, unfiltered: true },
                failure: None,
            };
            let number = plan.insert(tx, saved.app, RunStatus::Queued, services.now_ms())?;
            Ok(Some(Started { plan, number }))
        }
    }

    /// Calls a webhook.
    ///
    /// # Errors
    /// `hook_not_found`, `limit_reached`, `overloaded`, `scenario_failed`, `scenario_timeout`.
    pub async fn call_hook(&self, hook: &str, call: HookCall) -> Result<HookAnswer> {
        let not_found = || AccountError::new(Code::HookNotFound, "no scenario has this address");
        let wanted = hook.to_owned();
        let found = self.0.accounts.store().read(move |view| view.scenario_by_hook(&wanted)).await?;
        let found =
            found.filter(|found| found.enabled && found.trigger.kind == "webhook").ok_or_else(not_found)?;
        self.0.hooks.admit(&found.number.to_string())?;
        let HookCall { method, parameters, body } = call;
        let mut request: Map<String, Value> =
            parameters.into_iter().map(|(name, value)| (name, value.into())).collect();
        request.extend([("method".to_owned(), method.into()), ("body".to_owned(), body)]);
        let given = [("HttpRequest".to_owned(), Value::Object(request))].into_iter().collect();
        let start = Start { given, ..Start::default() };
        let (app, known) = (found.app, known(&found)?);
        let plan = known.plan("webhook".to_owned(), "".into(), 0, start);
        let Some(plan) = known.admit(&self.0, app, plan).await else {
            count(&self.0.tally.filtered);
            return Ok(HookAnswer::Started(None));
        };
        if let Some(failure) = plan.failure.clone() {
            self.0.note_failed(app, plan).await?;
            return Err(failed(&failure));
        }
        let (number, verdict) = self.0.start_alone(app, plan).await?;
        if !known.definition.has_response() {
            self.0.waiters.forget(number);
            return Ok(HookAnswer::Started(Some(number)));
        }
        match self.0.verdicts(vec![(number, verdict)]).await? {
            Some(response) => Ok(HookAnswer::Response(response)),
            None => Ok(HookAnswer::Started(Some(number))),
        }
    }

    /// Starts a scenario by hand, whatever its filter says, and also if it isn't enabled. Returns the number of the run.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`, `object_not_found`, `structure_not_found`, `invalid_payload`, `overloaded`.
    pub async fn run_now(&self, actor: &Actor, app: &str, id: &str, manual: ManualRun) -> Result<i64> {
        let (number, stored) = self.stored(app, id).await?;
        let known = known(&stored)?;
        let mut start = Start { given: manual.given, ..Start::default() };
        let mut lane = "".into();
        if let Some(object_id) = manual.object_id {
            let structure = known.definition.trigger.structure().ok_or_else(|| {
                AccountError::field("object_id", "the trigger of the scenario comes without an object")
            })?;
            let object = self.0.data.object(app, structure, &object_id).await?;
            start.object = object.as_object().cloned().unwrap_or_default();
            start.structure = Some(structure.to_owned());
            lane = object_lane(structure, &object_id);
        }
        let plan = known.plan(format!("by hand by {}", actor.name), lane, 0, start);
        let (run, _) = self.0.start_alone(number, plan).await?;
        self.0.waiters.forget(run);
        let note = self.0.accounts.note(actor, "scenario.run", Some(app), id, &json!({ "run": run }));
        self.0.accounts.store().write(move |tx| tx.append_audit(&note)).await?;
        Ok(run)
    }
}

/// A scenario, as it is stored.
fn known(stored: &campanile_store::Scenario) -> Result<Known> {
    let document = serde_json::from_str(&stored.document).unwrap_or_default();
    let definition = std::sync::Arc::new(definition_of(&stored.id, document)?);
    Ok(Known { number: stored.number, id: stored.id.clone(), version: stored.version, definition })
}

fn start_of_saved(view: &View<'_>, saved: &Saved, structure: &str, request: &Value) -> Result<Start> {
    let mut given = Map::new();
    given.insert("HttpRequest".to_owned(), request.clone());
    if let Some(user) = &saved.user {
        let user = known_user(view, saved.app, &user.user_id)?;
        given.insert("WebUser".to_owned(), Value::Object(user));
    }
    let object = saved.object.as_object().cloned().unwrap_or_default();
    Ok(Start { structure: Some(structure.to_owned()), object, given })
}

/// What a caller learns of a failed step: its code. The rest is for whoever may read the log of the run.
pub(super) fn failed(failure: &Failure) -> AccountError {
    let message = format!("a step of the scenario failed ({}); the log of the run says why", failure.code);
    AccountError::new(Code::ScenarioFailed, message)
}

type Waiting = oneshot::Receiver<Verdict>;

impl Services {
    /// Hands a run over to its office.
    pub(super) async fn adopt(self: &std::sync::Arc<Self>, app: AppNumber, plan: Plan, number: i64) {
        count(&self.tally.started);
        let lane = plan.lane.clone();
        self.door(app).adopt(lane, plan.ticket(number, RunStatus::Queued)).await;
    }

    /// Starts a run, and lets its caller wait. One without a lane gets a lane of its own.
    async fn start_alone(self: &std::sync::Arc<Self>, app: AppNumber, plan: Plan) -> Result<(i64, Waiting)> {
        self.door(app).check_room()?;
        let lane = if plan.lane.is_empty() {
            format!("alone:{}", crate::accounts::new_id()?).into()
        } else {
            plan.lane
        };
        let plan = Plan { lane, ..plan };
        let (kept, now_ms) = (plan.clone(), self.now_ms());
        let insert = move |tx: &mut Tx<'_>| kept.insert(tx, app, RunStatus::Queued, now_ms);
        let number = self.accounts.store().write(insert).await?;
        let verdict = self.waiters.wait(number);
        self.adopt(app, plan, number).await;
        Ok((number, verdict))
    }

    /// Notes a run that fails before its first step.
    async fn note_failed(&self, app: AppNumber, plan: Plan) -> Result<()> {
        let (now_ms, keep) = (self.now_ms(), self.options.runs_kept_per_app_max);
        self.write(move |tx| {
            let number = plan.insert(tx, app, RunStatus::Failed, now_ms)?;
            trim(tx, app, number, keep)
        })
        .await?;
        count(&self.tally.started);
        count(&self.tally.failed);
        Ok(())
    }

    /// Waits for what runs say, all of them together as long as for one. Returns the first response.
    async fn verdicts(&self, waiting: Vec<(i64, Waiting)>) -> Result<Option<Response>> {
        let until = self.end_of_patience();
        let mut response = None;
        for (run, verdict) in waiting {
            match self.verdict(run, verdict, until).await? {
                Verdict::Response(said) => drop(response.get_or_insert(said)),
                Verdict::Failed(failure) => return Err(failed(&failure)),
                Verdict::Filtered | Verdict::Done => {}
            }
        }
        Ok(response)
    }

    /// Until when a caller who comes now waits.
    pub(super) fn end_of_patience(&self) -> Instant {
        Instant::now() + self.options.answer_timeout
    }

    /// Waits for what a run says.
    pub(super) async fn verdict(&self, run: i64, verdict: Waiting, until: Instant) -> Result<Verdict> {
        match tokio::time::timeout_at(until, verdict).await {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(_)) => {
                Err(AccountError::new(Code::ScenarioFailed, "the run was ended before it could answer"))
            }
            Err(_) => {
                self.waiters.forget(run);
                count(&self.tally.answers_late);
                let message = format!(
                    "the scenario didn't answer in {} ms (scenarios.answer_timeout_ms); its run {run} goes on",
                    self.options.answer_timeout.as_millis()
                );
                Err(AccountError::new(Code::ScenarioTimeout, message))
            }
        }
    }
}
