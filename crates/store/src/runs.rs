//! Runs of scenarios: those that are open, with all they have to remember, and the log of those that have ended.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Page, Paged, Result, StoreError, Tx, View,
    sql::{change, change_one, one_off_rows, row, rows},
};

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number; later ones have higher ones.
    pub number: i64,
    /// Its app.
    pub app: AppNumber,
    /// The number of its scenario.
    pub scenario: i64,
    /// The id of its scenario.
    pub scenario_id: String,
    /// The version of the scenario that it began with.
    pub version: i64,
    /// How it stands.
    pub status: RunStatus,
    /// What started it.
    pub cause: String,
    /// Runs of one lane come one after the other.
    pub lane: String,
    /// How many runs led to this one, each the cause of the next.
    pub depth: u32,
    /// What it starts with, until it has ended: JSON.
    pub start: Option<String>,
    /// What it remembers, once it has taken a step: JSON.
    pub state: Option<String>,
    /// What its last step changed in the same transaction that would have noted the step: JSON.
    pub effect: Option<String>,
    /// Until when it waits.
    pub due_at_ms: Option<i64>,
    /// How often it was under way when the hub stopped.
    pub interruptions: u32,
    /// Why it failed: JSON.
    pub error: Option<String>,
    /// When it was started by its trigger.
    pub created_at_ms: i64,
    /// When its first step began.
    pub started_at_ms: Option<i64>,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It hasn't begun.
    Queued,
    /// It is under way.
    Running,
    /// It waits, and others of its lane pass.
    Waiting,
    /// It will repeat a step; its lane waits with it.
    Retrying,
    /// It has done all its steps.
    Done,
    /// A step of it failed.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// All of them, with the texts that are kept.
const STATUSES: [(RunStatus, &str); 7] = [
    (RunStatus::Queued, "queued"),
    (RunStatus::Running, "running"),
    (RunStatus::Waiting, "waiting"),
    (RunStatus::Retrying, "retrying"),
    (RunStatus::Done, "done"),
    (RunStatus::Failed, "failed"),
    (RunStatus::Cancelled, "cancelled"),
];

impl RunStatus {
    /// The text that is kept.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        STATUSES.iter().find(|(status, _)| *status == self).map_or("", |(_, text)| text)
    }

    /// Whether it isn't over.
    fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Reads what was kept.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        STATUSES.iter().find(|(_, own)| *own == text).map(|(status, _)| *status)
    }
}

/// A run to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// The number of its scenario.
    pub scenario: i64,
    /// The version of the scenario.
    pub version: i64,
    /// `Queued`; `Running` if its first step is taken at once; `Failed` if there will be none.
    pub status: RunStatus,
    /// What started it.
    pub cause: String,
    /// Runs of one lane come one after the other.
    pub lane: String,
    /// How many runs led to this one.
    pub depth: u32,
    /// What it starts with: JSON.
    pub start: String,
    /// Why it failed: JSON.
    pub error: Option<String>,
    /// When.
    pub at_ms: i64,
}

/// An open run, as those see it who decide which one is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// Its number.
    pub number: i64,
    /// The number of its scenario.
    pub scenario: i64,
    /// The version of the scenario.
    pub version: i64,
    /// How it stands.
    pub status: RunStatus,
    /// Its lane.
    pub lane: String,
    /// Until when it waits.
    pub due_at_ms: Option<i64>,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunProgress {
    /// What it remembers: JSON.
    pub state: String,
    /// What its steps did since it was last noted: JSON.
    pub steps: Vec<String>,
    /// How it stands: `Running`, `Waiting`, `Retrying`, or `Queued` if it is put aside.
    pub status: RunStatus,
    /// Until when it waits.
    pub due_at_ms: Option<i64>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// `Done`, `Failed` or `Cancelled`.
    pub status: RunStatus,
    /// What its steps did since it was last noted: JSON.
    pub steps: Vec<String>,
    /// Why it failed: JSON.
    pub error: Option<String>,
    /// When.
    pub at_ms: i64,
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this scenario.
    pub scenario: Option<String>,
    /// That stand so.
    pub status: Option<RunStatus>,
    /// Of this lane.
    pub lane: Option<String>,
}

impl RunFilter {
    /// What is asked for and nothing else, so that SQLite sees which index leads there.
    fn conditions(&self) -> String {
        let of_scenario = "AND scenario = (SELECT number FROM scenarios WHERE app = ?1 AND id = ?3)";
        let is_open = self.status.is_some_and(RunStatus::is_open);
        let conditions = [
            (self.scenario.is_some(), of_scenario),
            (self.status.is_some(), "AND status = ?4"),
            (is_open, "AND ended_at_ms IS NULL"),
            (self.lane.is_some(), "AND lane = ?5"),
        ];
        let asked = conditions.into_iter().filter(|(is_asked, _)| *is_asked);
        asked.map(|(_, condition)| condition).collect::<Vec<_>>().join(" ")
    }
}

const COLUMNS: &str = "runs.number, runs.app, scenario, scenarios.id, runs.version, status, cause, lane, depth, \
                       start, state, effect, runs.due_at_ms, interruptions, error, runs.created_at_ms, \
                       started_at_ms, ended_at_ms";

const FROM: &str = "runs JOIN scenarios ON scenarios.number = scenario";

fn status(text: &str) -> RunStatus {
    RunStatus::parse(text).unwrap_or(RunStatus::Failed)
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        number: row.get(0)?,
        app: AppNumber(row.get(1)?),
        scenario: row.get(2)?,
        scenario_id: row.get(3)?,
        version: row.get(4)?,
        status: status(row.get_ref(5)?.as_str()?),
        cause: row.get(6)?,
        lane: row.get(7)?,
        depth: row.get(8)?,
        start: row.get(9)?,
        state: row.get(10)?,
        effect: row.get(11)?,
        due_at_ms: row.get(12)?,
        interruptions: row.get(13)?,
        error: row.get(14)?,
        created_at_ms: row.get(15)?,
        started_at_ms: row.get(16)?,
        ended_at_ms: row.get(17)?,
    })
}

impl View<'_> {
    /// One run.
    ///
    /// # Errors
    /// The database refuses.
    pub fn run(&self, app: AppNumber, number: i64) -> Result<Option<Run>> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE runs.app = ?1 AND runs.number = ?2");
        row(self.connection, &sql, params![app.0, number], run)
    }

    /// Runs of an app, newest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn runs(&self, app: AppNumber, filter: &RunFilter, page: &Page) -> Result<Paged<Run>> {
        let RunFilter { scenario, status, lane } = filter;
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE runs.app = ?1 AND runs.number < ?2 {conditions} \
             ORDER BY runs.number DESC LIMIT ?6",
            conditions = filter.conditions(),
        );
        let status = status.map(RunStatus::as_str);
        let values = params![app.0, page.below(), scenario, status, lane, page.fetch()];
        let found = one_off_rows(self.connection, &sql, values, run)?;
        Ok(page.cut(found, |run| run.number.to_string()))
    }

    /// The runs of an app that haven't ended, oldest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn open_runs(&self, app: AppNumber) -> Result<Vec<OpenRun>> {
        let sql = "SELECT number, scenario, version, status, lane, due_at_ms FROM runs \
                   WHERE app = ?1 AND ended_at_ms IS NULL ORDER BY number";
        rows(self.connection, sql, [app.0], |row| {
            Ok(OpenRun {
                number: row.get(0)?,
                scenario: row.get(1)?,
                version: row.get(2)?,
                status: status(row.get_ref(3)?.as_str()?),
                lane: row.get(4)?,
                due_at_ms: row.get(5)?,
            })
        })
    }

    /// What the steps of a run did: JSON, in their order.
    ///
    /// # Errors
    /// The database refuses.
    pub fn run_steps(&self, run: i64) -> Result<Vec<String>> {
        let sql = "SELECT record FROM run_steps WHERE run = ?1 ORDER BY number";
        rows(self.connection, sql, [run], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Starts a run. Returns its number.
    ///
    /// # Errors
    /// `NotFound`: there is no such app or scenario.
    pub fn insert_run(&mut self, app: AppNumber, new: &NewRun) -> Result<i64> {
        let sql = "INSERT INTO runs (app, scenario, version, status, cause, lane, depth, start, error, \
                   created_at_ms, started_at_ms, ended_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let NewRun { scenario, version, status, cause, lane, depth, start, error, at_ms } = new;
        let started = (*status == RunStatus::Running).then_some(at_ms);
        let ended = (*status == RunStatus::Failed).then_some(at_ms);
        let start = ended.is_none().then_some(start);
        let values = params![
            app.0,
            scenario,
            version,
            status.as_str(),
            cause,
            lane,
            depth,
            start,
            error,
            at_ms,
            started,
            ended,
        ];
        change_one(self.connection, sql, values)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes that a run is about to take a step. Returns it as it was before; one that was `Running` was interrupted.
    ///
    /// # Errors
    /// `NotFound`: there is no such run, or it has ended.
    pub fn start_run(&mut self, app: AppNumber, number: i64, now_ms: i64) -> Result<Run> {
        let before = self.run(app, number)?.ok_or(StoreError::NotFound)?;
        let sql = "UPDATE runs SET interruptions = interruptions + (status = 'running'), status = 'running', \
                   due_at_ms = NULL, started_at_ms = coalesce(started_at_ms, ?3) \
                   WHERE app = ?1 AND number = ?2 AND ended_at_ms IS NULL";
        change_one(self.connection, sql, params![app.0, number, now_ms])?;
        Ok(before)
    }

    /// Notes what a step changed, in the transaction that changes it.
    ///
    /// # Errors
    /// `NotFound`: there is no such run, or it has ended.
    pub fn note_run_effect(&mut self, number: i64, effect: &str) -> Result<()> {
        let sql = "UPDATE runs SET effect = ?2 WHERE number = ?1 AND ended_at_ms IS NULL";
        change_one(self.connection, sql, params![number, effect])
    }

    /// Notes how far a run has come.
    ///
    /// # Errors
    /// `NotFound`: there is no such run, or it has ended.
    pub fn continue_run(&mut self, number: i64, progress: &RunProgress) -> Result<()> {
        let RunProgress { state, steps, status, due_at_ms } = progress;
        let sql = "UPDATE runs SET state = ?2, effect = NULL, status = ?3, due_at_ms = ?4 \
                   WHERE number = ?1 AND ended_at_ms IS NULL";
        change_one(self.connection, sql, params![number, state, status.as_str(), due_at_ms])?;
        self.insert_run_steps(number, steps)
    }

    /// Ends a run. Nothing is kept of it but its log.
    ///
    /// # Errors
    /// `NotFound`: there is no such run, or it has ended.
    pub fn end_run(&mut self, app: AppNumber, number: i64, end: &RunEnd) -> Result<()> {
        let sql = "UPDATE runs SET status = ?3, error = ?4, ended_at_ms = ?5, start = NULL, state = NULL, \
                   effect = NULL, due_at_ms = NULL WHERE app = ?1 AND number = ?2 AND ended_at_ms IS NULL";
        let RunEnd { status, steps, error, at_ms } = end;
        change_one(self.connection, sql, params![app.0, number, status.as_str(), error, at_ms])?;
        self.insert_run_steps(number, steps)
    }

    /// Forgets a run that hasn't ended, as if it had never been started.
    ///
    /// # Errors
    /// `NotFound`: there is no such run, or it has ended.
    pub fn forget_run(&mut self, app: AppNumber, number: i64) -> Result<()> {
        let sql = "DELETE FROM runs WHERE app = ?1 AND number = ?2 AND ended_at_ms IS NULL";
        change_one(self.connection, sql, params![app.0, number])
    }

    /// Forgets all but the newest ended runs of an app.
    ///
    /// # Errors
    /// The database refuses.
    pub fn trim_runs(&mut self, app: AppNumber, keep: u32) -> Result<usize> {
        let sql = "DELETE FROM runs WHERE app = ?1 AND ended_at_ms IS NOT NULL AND number <= \
                   (SELECT number FROM runs WHERE app = ?1 AND ended_at_ms IS NOT NULL \
                   ORDER BY number DESC LIMIT 1 OFFSET ?2)";
        change(self.connection, sql, params![app.0, keep])
    }

    fn insert_run_steps(&mut self, run: i64, steps: &[String]) -> Result<()> {
        let sql = "INSERT INTO run_steps (run, number, record) VALUES \
                   (?1, (SELECT coalesce(max(number), 0) + 1 FROM run_steps WHERE run = ?1), ?2)";
        steps.iter().try_for_each(|record| change_one(self.connection, sql, params![run, record]))
    }
}
