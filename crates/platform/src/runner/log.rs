//! What came of runs, for people and programs that look: how each stands, and what its steps did.

use campanile_store::{Page, Run, RunEnd, RunStatus, View};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Result, Scenarios, run_not_found, triggers::object_lane};
use crate::{
    accounts::{AccountError, Actor, Code, Paged},
    scenarios::{engine::StepRecord, world::Failure},
};

/// A run, as the log has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunRecord {
    /// Its number; later ones have higher ones.
    pub run: i64,
    /// The scenario.
    pub scenario: String,
    /// The version of it that the run began with.
    pub version: i64,
    /// `queued`, `running`, `waiting`, `retrying`, `done`, `failed` or `cancelled`.
    pub status: String,
    /// What started it: the kind of trigger, what it was about, and by whom.
    pub cause: String,
    /// Runs of one lane come one after the other: `object:orders/7`, for instance.
    pub lane: String,
    /// How many runs led to this one, each the cause of the next.
    #[schema(format = Int64)]
    pub depth: u32,
    /// How often it was under way when the hub stopped. What it did then may have been done twice.
    #[schema(format = Int64)]
    pub interruptions: u32,
    /// Why it failed: `{code, message, step}`.
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Until when it waits, in milliseconds since the epoch.
    pub due_at_ms: Option<i64>,
    /// When its trigger came, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When its first step began.
    pub started_at_ms: Option<i64>,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
}

/// A run, with what its steps did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: RunRecord,
    /// Its steps: `{path, type, name?, input, output, attempt, repeated?, at_ms, duration_ms, error?}`. Of large values there is the
    /// beginning.
    #[schema(value_type = Vec<Object>)]
    pub steps: Vec<Value>,
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this scenario.
    pub scenario: Option<String>,
    /// That stand so.
    pub status: Option<String>,
    /// About this object: `structure/id`.
    pub object: Option<String>,
}

impl From<Run> for RunRecord {
    fn from(run: Run) -> Self {
        Self {
            run: run.number,
            scenario: run.scenario_id,
            version: run.version,
            status: run.status.as_str().to_owned(),
            cause: run.cause,
            lane: run.lane,
            depth: run.depth,
            interruptions: run.interruptions,
            error: run.error.and_then(|error| serde_json::from_str(&error).ok()),
            due_at_ms: run.due_at_ms,
            created_at_ms: run.created_at_ms,
            started_at_ms: run.started_at_ms,
            ended_at_ms: run.ended_at_ms,
        }
    }
}

impl RunFilter {
    fn stored(self) -> Result<campanile_store::RunFilter> {
        let status = |text: String| {
            RunStatus::parse(&text)
                .ok_or_else(|| AccountError::field("status", format!("no run is {text:?}")))
        };
        let lane = |object: String| {
            let (structure, id) = object.split_once('/').ok_or_else(|| {
                AccountError::field("object", "must be a structure and an id: \"orders/7\"")
            })?;
            Ok::<_, AccountError>(object_lane(structure, id).to_string())
        };
        Ok(campanile_store::RunFilter {
            scenario: self.scenario,
            status: self.status.map(status).transpose()?,
            lane: self.object.map(lane).transpose()?,
        })
    }
}

impl Scenarios {
    /// Runs of an app, newest first.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`.
    pub async fn runs(
        &self,
        app: &str,
        filter: RunFilter,
        after: Option<String>,
        limit: u32,
    ) -> Result<Paged<RunRecord>> {
        let (app, filter, page) = (self.0.app_number(app)?, filter.stored()?, Page { after, limit });
        let runs = self.0.accounts.store().read(move |view| view.runs(app, &filter, &page)).await?;
        let items = runs.items.into_iter().map(RunRecord::from).collect();
        Ok(Paged { items, next: runs.next })
    }

    /// One run, with what its steps did.
    ///
    /// # Errors
    /// `app_not_found`, `run_not_found`.
    pub async fn run(&self, app: &str, number: i64) -> Result<RunDetail> {
        let app = self.0.app_number(app)?;
        let read = move |view: &View<'_>| match view.run(app, number)? {
            Some(run) => Ok(Some((run, view.run_steps(number)?))),
            None => Ok(None),
        };
        let (run, steps) = self.0.accounts.store().read(read).await?.ok_or_else(|| run_not_found(number))?;
        let steps = steps.iter().filter_map(|step| serde_json::from_str(step).ok()).collect();
        Ok(RunDetail { run: run.into(), steps })
    }

    /// Ends a run before its next step.
    ///
    /// # Errors
    /// `app_not_found`, `run_not_found`, `run_ended`.
    pub async fn cancel(&self, actor: &Actor, app: &str, number: i64) -> Result<()> {
        let run = self.run(app, number).await?.run;
        let ended = || AccountError::new(Code::RunEnded, format!("the run {number} has ended"));
        if run.ended_at_ms.is_some() {
            return Err(ended());
        }
        let of = self.0.app_number(app)?;
        let error = json!({ "code": "cancelled", "message": format!("ended by {}", actor.name) }).to_string();
        let end = RunEnd {
            status: RunStatus::Cancelled,
            steps: Vec::new(),
            error: Some(error),
            at_ms: self.0.now_ms(),
        };
        // Between the look and the write it may have ended by itself.
        self.0.end(of, number, end).await.map_err(|error| match error.code {
            Code::AppNotFound => ended(),
            _ => error,
        })?;
        self.0.waiters.forget(number);
        self.0.door(of).hurry(number).await;
        let detail = json!({ "scenario": run.scenario });
        let note = self.0.accounts.note(actor, "run.cancel", Some(app), &number.to_string(), &detail);
        Ok(self.0.accounts.store().write(move |tx| tx.append_audit(&note)).await?)
    }
}

/// What a step did, as the log keeps it.
pub(super) fn record(record: &StepRecord, is_repeated: bool, value_bytes_max: usize) -> String {
    let mut kept = json!(record);
    for name in ["input", "output"] {
        shorten(&mut kept[name], value_bytes_max);
    }
    if is_repeated {
        kept["repeated"] = true.into();
    }
    kept.to_string()
}

/// Leaves the beginning of a value that is too large.
fn shorten(value: &mut Value, bytes_max: usize) {
    let text = value.to_string();
    if text.len() > bytes_max {
        let beginning = &text[..text.floor_char_boundary(bytes_max)];
        *value = json!({ "beginning": beginning, "bytes": text.len() });
    }
}

/// Why a run failed, as the log keeps it.
pub(super) fn error(failure: &Failure, step: &str) -> String {
    json!({ "code": failure.code, "message": failure.message, "step": step }).to_string()
}
