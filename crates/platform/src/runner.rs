//! The runner: scenarios of apps, stored, started by what happens, and run to their end over restarts of the hub.
//!
//! | Module | Its part |
//! |---|---|
//! | `documents` | scenarios as they are stored, with their versions |
//! | `office`, `door` | one task for each app: what has happened, which runs that starts, which of them is next; the way in |
//! | `lanes`, `pauses` | runs in their order, and those that wait |
//! | `triggers`, `occurrences` | what starts a scenario, and with what; what the shards have to tell |
//! | `execution`, `scene` | one run, and the world in which its steps do something |
//! | `calls`, `waiters` | callers that a run answers: an endpoint, a webhook, a client's event |
//! | `log` | what came of runs, for people |
//! | `stats` | counters |
//!
//! A change of an object is noted in the transaction that makes it, and becomes runs in the transaction that forgets it. A run
//! is written down after each step, and what a step changes in the store is written together with the note that it did. So a
//! crash loses nothing, and what is done again after it is a push, an HTTP request, or a request to a provider at most.
//!
//! Nothing of one app waits for another: an office owns its app's runs outright, as a shard owns its connections.

mod calls;
mod documents;
mod door;
mod execution;
mod lanes;
mod log;
mod occurrences;
mod office;
mod pauses;
mod scene;
mod stats;
mod triggers;
mod waiters;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use campanile_hub::{Rate, Tenant};
use campanile_store::AppNumber;

pub(crate) use self::occurrences::{AckTo, Happening, Watches};
pub use self::{
    calls::{EndpointAnswer, HookAnswer, HookCall, ManualRun},
    documents::{Scenario, ScenarioVersion, Switch},
    log::{RunDetail, RunFilter, RunRecord},
    occurrences::{Answered, Watch},
    stats::RunnerStats,
};
use self::{
    office::Office,
    stats::Tally,
    waiters::{Verdict, Waiters},
};
use crate::{
    Accounts, Data, Outgoing, Pusher,
    accounts::{AccountError, Calls, Code},
    scenarios::{definition::DefinitionLimits, engine::RunLimits},
};

type Result<T> = std::result::Result<T, AccountError>;

/// Settings of scenarios and their runs.
#[derive(Clone, Debug)]
pub struct RunnerOptions {
    /// Scenarios that an app may have.
    pub scenarios_per_app_max: u32,
    /// Versions of a scenario that are kept.
    pub versions_kept_max: u32,
    /// Runs of an app that are under way at once.
    pub runs_at_once_max: usize,
    /// Runs of an app that may be open: under way, waiting, or queued.
    pub runs_open_max: usize,
    /// Ended runs of an app that are kept.
    pub runs_kept_per_app_max: u32,
    /// Runs that may follow from each other.
    pub run_depth_max: u32,
    /// What happened on the shards, in an app, that may wait to be looked at.
    pub occurrences_waiting_max: usize,
    /// Bytes of a value in the log of a run; of a larger one the log has the beginning.
    pub log_value_bytes_max: usize,
    /// How long the caller of an endpoint or a webhook waits for its answer.
    pub answer_timeout: Duration,
    /// How often the address of one scenario may be called.
    pub requests_per_hook: Option<Rate>,
    /// What a document may hold.
    pub definition: DefinitionLimits,
    /// What a run may take.
    pub run: RunLimits,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            scenarios_per_app_max: 500,
            versions_kept_max: 100,
            runs_at_once_max: 32,
            runs_open_max: 100_000,
            runs_kept_per_app_max: 100_000,
            run_depth_max: 16,
            occurrences_waiting_max: 10_000,
            log_value_bytes_max: 16_384,
            answer_timeout: Duration::from_secs(30),
            requests_per_hook: Some(Rate { per_s: 100, burst: 200 }),
            definition: DefinitionLimits::default(),
            run: RunLimits::default(),
        }
    }
}

/// What scenarios reach of the hub.
#[derive(Clone)]
pub struct Reach {
    /// Apps and their users.
    pub accounts: Accounts,
    /// Their data.
    pub data: Data,
    /// Pushes to them.
    pub pusher: Pusher,
    /// The way out.
    pub outgoing: Arc<dyn Outgoing>,
}

/// Scenarios and their runs. A handle; clones share everything.
#[derive(Clone)]
pub struct Scenarios(Arc<Services>);

/// What offices and runs have in common.
pub(crate) struct Services {
    accounts: Accounts,
    data: Data,
    pusher: Pusher,
    outgoing: Arc<dyn Outgoing>,
    options: RunnerOptions,
    waiters: Waiters,
    tally: Arc<Tally>,
    hooks: Calls,
    /// Taken when an app gets its first scenario, and to hand a run over; never for a message.
    offices: Mutex<HashMap<AppNumber, door::Door>>,
    stopping: AtomicBool,
}

impl Scenarios {
    /// The scenarios of these apps. Nothing runs before [`Scenarios::start`].
    #[must_use]
    pub fn new(reach: Reach, options: RunnerOptions) -> Self {
        let Reach { accounts, data, pusher, outgoing } = reach;
        Self(Arc::new(Services {
            accounts,
            data,
            pusher,
            outgoing,
            waiters: Waiters::default(),
            tally: Arc::default(),
            hooks: Calls::new(options.requests_per_hook, "limits.requests_per_hook"),
            offices: Mutex::default(),
            stopping: AtomicBool::new(false),
            options,
        }))
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &RunnerOptions {
        &self.0.options
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> RunnerStats {
        self.0.tally.read()
    }

    /// Goes on with what a former life of the hub left. When this returns, the shards know what scenarios wait for.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn start(&self) -> Result<()> {
        let find = |view: &campanile_store::View<'_>| {
            let mut apps = view.apps_with_scenarios()?;
            apps.extend(view.apps_with_changes()?);
            Ok(apps)
        };
        let doors: Vec<door::Door> =
            self.0.accounts.store().read(find).await?.into_iter().map(|app| self.0.door(app)).collect();
        for door in doors {
            door.learn().await;
        }
        Ok(())
    }

    /// Lets steps that are under way come to their end, for at most this long; what is left goes on in the next life.
    pub async fn stop(&self, patience: Duration) {
        self.0.stopping.store(true, Ordering::Relaxed);
        let doors: Vec<door::Door> = self.0.lock_offices().drain().map(|(_, door)| door).collect();
        let closed = async {
            for door in doors {
                door.close().await;
            }
        };
        if tokio::time::timeout(patience, closed).await.is_err() {
            tracing::warn!("steps of scenarios are cut off; they are done again after the next start");
        }
    }
}

impl Services {
    /// The office of an app; it opens with the first who asks.
    fn door(self: &Arc<Self>, app: AppNumber) -> door::Door {
        let mut offices = self.lock_offices();
        if let Some(door) = offices.get(&app) {
            return door.clone();
        }
        // Whoever holds no door to it any more lets the office of a deleted app close.
        offices.retain(|app, _| self.accounts.entry_of(Tenant(app.0)).is_some());
        let door = Office::open(self.clone(), app);
        offices.insert(app, door.clone());
        door
    }

    fn lock_offices(&self) -> std::sync::MutexGuard<'_, HashMap<AppNumber, door::Door>> {
        // Nothing under the lock panics halfway through a change.
        self.offices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn now_ms(&self) -> i64 {
        self.accounts.now_ms()
    }

    fn app_number(&self, app: &str) -> Result<AppNumber> {
        Ok(AppNumber(self.accounts.entry(app)?.number.0))
    }
}

fn scenario_not_found(id: &str) -> AccountError {
    AccountError::new(Code::ScenarioNotFound, format!("there is no scenario {id:?}"))
}

fn run_not_found(number: i64) -> AccountError {
    AccountError::new(Code::RunNotFound, format!("there is no run {number}"))
}
