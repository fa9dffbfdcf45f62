//! One run, from where it stands to where it pauses or ends. Everything that it has to remember is in the store before a step
//! touches anything else, and what a step did is noted before the next one begins.

use std::sync::Arc;

use campanile_store::{AppNumber, Run as Stored, RunEnd, RunProgress, RunStatus, StoreError, Tx};
use serde_json::{Value, json};

use super::{
    Result, Services,
    lanes::{Begun, Ticket},
    log,
    pauses::KeepsLane,
    scene::{Scene, Trace},
    triggers::Beginning,
    waiters::Verdict,
};
use crate::{
    accounts::{Code, count},
    scenarios::{
        definition::Definition,
        engine::{Outcome, Progress, Run, RunState, StepRecord},
        world::Failure,
    },
};

/// A run that somebody takes up.
pub(super) struct Job {
    pub(super) services: Arc<Services>,
    pub(super) app: AppNumber,
    /// The scenario, if it is the version that is known in memory.
    pub(super) definition: Option<Arc<Definition>>,
}

/// How a run was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is over.
    Ended,
    /// It waits.
    Paused { until_ms: i64, keeps_lane: KeepsLane },
    /// The hub stops, or the store fails: it is gone on with later.
    Stopped,
}

/// A run under way.
struct Life {
    job: Job,
    number: i64,
    run: Run,
    scene: Scene,
    /// What steps did that isn't in the store yet.
    records: Vec<String>,
    /// Whether the next steps may have been done before, by a life that couldn't note it.
    is_repeated: bool,
}

/// What stands in the way of a life, if it isn't a step.
enum Halt {
    /// The run is gone, or somebody has ended it.
    Gone,
    /// It can't go on for a reason of its own.
    Broken(Failure),
    /// The store fails.
    Store,
}

impl From<crate::accounts::AccountError> for Halt {
    fn from(error: crate::accounts::AccountError) -> Self {
        match error.code {
            // Each question to the store here is about a run, so that is what it doesn't find.
            Code::AppNotFound => Self::Gone,
            _ => Self::Store,
        }
    }
}

impl Job {
    /// Takes a run up. One that panics has failed, and hurts nobody else.
    pub(super) async fn run(self, ticket: Ticket) -> Ending {
        let (services, app, number) = (self.services.clone(), self.app, ticket.number);
        match tokio::spawn(self.take_up(ticket)).await {
            Ok(ending) => ending,
            Err(error) => {
                tracing::error!(app = app.0, run = number, %error, "a run of a scenario panicked");
                services
                    .bury(app, number, Failure::new("internal", "the hub made a mistake; its log says which"))
                    .await
            }
        }
    }

    async fn take_up(self, ticket: Ticket) -> Ending {
        let (services, app, number) = (self.services.clone(), self.app, ticket.number);
        let ended = match Life::begin(self, ticket).await {
            Ok(life) => life.live().await,
            Err(halt) => Err(halt),
        };
        match ended {
            Ok(ending) => ending,
            Err(Halt::Gone) => {
                services.waiters.forget(number);
                Ending::Ended
            }
            Err(Halt::Broken(failure)) => services.bury(app, number, failure).await,
            Err(Halt::Store) => Ending::Stopped,
        }
    }

    async fn definition(&self, scenario: (i64, i64)) -> std::result::Result<Arc<Definition>, Halt> {
        if let Some(definition) = &self.definition {
            return Ok(definition.clone());
        }
        let read = move |view: &campanile_store::View<'_>| view.scenario_version(scenario.0, scenario.1);
        let version = self.services.accounts.store().read(read).await.map_err(|_| Halt::Store)?;
        let definition = version.and_then(|version| serde_json::from_str(&version.document).ok());
        let broken =
            || Failure::new("definition_invalid", "the version that the run began with can't be read");
        definition.map(Arc::new).ok_or_else(|| Halt::Broken(broken()))
    }
}

impl Life {
    async fn begin(job: Job, mut ticket: Ticket) -> std::result::Result<Self, Halt> {
        let definition = job.definition(ticket.scenario).await?;
        let (app, number, now_ms) = (job.app, ticket.number, job.services.now_ms());
        let scenario = definition.id.clone();
        if let Some(Begun { depth, start }) = ticket.begun.take() {
            let run = Run::new(definition, &id(number), start, job.services.options.run);
            return Ok(Self::of(job, run, Trace { run: number, scenario, depth, done: None }));
        }
        let stored = job.services.write(move |tx| tx.start_run(app, number, now_ms)).await?;
        let trace = Trace { run: number, scenario, depth: stored.depth, done: effect(&stored) };
        let is_repeated = stored.status == RunStatus::Running;
        let (run, is_unfiltered) = read(definition, &stored, &job)?;
        let life = Self { is_repeated, ..Self::of(job, run, trace) };
        if is_repeated {
            count(&life.job.services.tally.interrupted);
        }
        if is_unfiltered { life.filtered().await } else { Ok(life) }
    }

    fn of(job: Job, run: Run, trace: Trace) -> Self {
        let number = trace.run;
        let user =
            run.state().start.given.get("WebUser").and_then(|user| user["id"].as_str()).map(str::to_owned);
        let scene = Scene::of_run(job.services.clone(), job.app, trace, user);
        Self { job, number, run, scene, records: Vec::new(), is_repeated: false }
    }

    /// Lets the filter decide of a run that was started before it could be asked.
    async fn filtered(self) -> std::result::Result<Self, Halt> {
        if self.run.is_admitted(&self.scene).await.map_err(Halt::Broken)? {
            return Ok(self);
        }
        let (services, app, number) = (&self.job.services, self.job.app, self.number);
        count(&services.tally.filtered);
        services.write(move |tx| tx.forget_run(app, number)).await?;
        services.waiters.tell(number, || Verdict::Filtered);
        Err(Halt::Gone)
    }

    async fn live(mut self) -> std::result::Result<Ending, Halt> {
        loop {
            let had_answer = self.run.state().response.is_some();
            let Progress { record, outcome } = self.run.step(&self.scene).await;
            let touches = record.as_ref().is_some_and(|record| touches_world(record.kind));
            if let Some(record) = record {
                self.note(&record, touches);
            }
            if let (false, Some(response)) = (had_answer, &self.run.state().response) {
                self.job.services.waiters.tell(self.number, || Verdict::Response(response.clone()));
            }
            match outcome {
                Outcome::Continue if self.job.services.is_stopping() => {
                    self.write_down(RunStatus::Queued, None).await?;
                    return Ok(Ending::Stopped);
                }
                Outcome::Continue if touches => self.write_down(RunStatus::Running, None).await?,
                Outcome::Continue => {}
                Outcome::Wait { until_ms } => return self.pause(until_ms).await,
                Outcome::Done => return self.end(None).await,
                Outcome::Failed(failure) => return self.end(Some(failure)).await,
            }
        }
    }

    fn note(&mut self, record: &StepRecord, touches: bool) {
        let tally = &self.job.services.tally;
        count(&tally.steps);
        if self.is_repeated || record.attempt > 1 {
            count(&tally.repeated_steps);
        }
        let bytes_max = self.job.services.options.log_value_bytes_max;
        self.records.push(log::record(record, self.is_repeated, bytes_max));
        // What comes after a step that touches something was never begun: that step is noted before.
        self.is_repeated &= !touches;
    }

    async fn write_down(
        &mut self,
        status: RunStatus,
        due_at_ms: Option<i64>,
    ) -> std::result::Result<(), Halt> {
        let (number, state) = (self.number, json!(self.run.state()).to_string());
        let progress = RunProgress { state, steps: std::mem::take(&mut self.records), status, due_at_ms };
        Ok(self.job.services.write(move |tx| tx.continue_run(number, &progress)).await?)
    }

    async fn pause(mut self, until_ms: i64) -> std::result::Result<Ending, Halt> {
        let (status, keeps_lane) = match self.run.state().attempt {
            0 => (RunStatus::Waiting, KeepsLane::No),
            _ => (RunStatus::Retrying, KeepsLane::Yes),
        };
        self.write_down(status, Some(until_ms)).await?;
        Ok(Ending::Paused { until_ms, keeps_lane })
    }

    async fn end(mut self, failure: Option<Failure>) -> std::result::Result<Ending, Halt> {
        let services = self.job.services.clone();
        let status = if failure.is_some() { RunStatus::Failed } else { RunStatus::Done };
        let error =
            failure.as_ref().map(|failure| log::error(failure, &self.run.state().position.to_string()));
        let steps = std::mem::take(&mut self.records);
        let end = RunEnd { status, steps, error, at_ms: services.now_ms() };
        services.end(self.job.app, self.number, end).await?;
        services.waiters.tell(self.number, || match failure {
            Some(failure) => Verdict::Failed(failure),
            None => Verdict::Done,
        });
        Ok(Ending::Ended)
    }
}

/// Whether a step of this kind does something outside the run.
fn touches_world(kind: &str) -> bool {
    !matches!(kind, "if" | "log" | "respond" | "wait")
}

/// The name of a run in the keys of its steps.
fn id(number: i64) -> String {
    format!("run-{number}")
}

fn effect(stored: &Stored) -> Option<(String, Value)> {
    serde_json::from_str(stored.effect.as_deref()?).ok()
}

/// The run as it stands in the store, and whether its filter has still to be asked.
fn read(definition: Arc<Definition>, stored: &Stored, job: &Job) -> std::result::Result<(Run, bool), Halt> {
    let broken = |error| {
        Halt::Broken(Failure::new("run_invalid", format!("what is kept of the run can't be read: {error}")))
    };
    let limits = job.services.options.run;
    if let Some(state) = &stored.state {
        let state: RunState = serde_json::from_str(state).map_err(broken)?;
        return Ok((Run::resume(definition, state, limits), false));
    }
    let start = stored.start.as_deref().unwrap_or("{}");
    let Beginning { start, unfiltered } = serde_json::from_str(start).map_err(broken)?;
    Ok((Run::new(definition, &id(stored.number), start, limits), unfiltered))
}

impl Services {
    /// Ends a run that can't be brought to life.
    async fn bury(&self, app: AppNumber, number: i64, failure: Failure) -> Ending {
        let error = Some(log::error(&failure, ""));
        let end = RunEnd { status: RunStatus::Failed, steps: Vec::new(), error, at_ms: self.now_ms() };
        match self.end(app, number, end).await {
            Ok(()) => {
                self.waiters.tell(number, || Verdict::Failed(failure));
                Ending::Ended
            }
            // It has gone with its scenario.
            Err(error) if error.code == Code::AppNotFound => {
                self.waiters.forget(number);
                Ending::Ended
            }
            Err(_) => Ending::Stopped,
        }
    }

    /// Ends a run. Now and then the oldest ended ones are forgotten.
    pub(super) async fn end(&self, app: AppNumber, number: i64, end: RunEnd) -> Result<()> {
        let counter = match end.status {
            RunStatus::Done => &self.tally.done,
            RunStatus::Cancelled => &self.tally.cancelled,
            _ => &self.tally.failed,
        };
        let keep = self.options.runs_kept_per_app_max;
        self.write(move |tx| {
            tx.end_run(app, number, &end)?;
            trim(tx, app, number, keep)
        })
        .await?;
        count(counter);
        Ok(())
    }

    /// Writes to the store. Runs can wait where a caller couldn't, so a store that has much to do gets time.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: Fn(&mut Tx<'_>) -> campanile_store::Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let mut attempt = 0;
        loop {
            let work = work.clone();
            match self.accounts.store().write(move |tx| work(tx)).await {
                Err(StoreError::Busy) if attempt < PATIENCE => {
                    attempt += 1;
                    tokio::time::sleep(rest(attempt)).await;
                }
                result => return Ok(result?),
            }
        }
    }
}

/// Forgets the oldest ended runs of an app, at one of 256 that end. Numbers are spread for that, since apps that take turns
/// share them out in a rhythm.
pub(super) fn trim(tx: &mut Tx<'_>, app: AppNumber, number: i64, keep: u32) -> campanile_store::Result<()> {
    let spread = number.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    if spread >> 56 == 0 { tx.trim_runs(app, keep).map(drop) } else { Ok(()) }
}

/// How often what the hub is too busy for is tried again: for about a minute.
pub(super) const PATIENCE: u32 = 70;

pub(super) fn rest(attempt: u32) -> std::time::Duration {
    std::time::Duration::from_millis((20_u64 << attempt.min(6)).min(1_000))
}
