//! The office of an app: one task that owns the app's open runs. It looks at what has changed and what has happened, starts the
//! runs that follow from it, and decides which of them is next. What a run does is in `execution`, beside the office.
//!
//! It waits for nothing but the store. Whatever reaches it from outside is an [`Order`], or the bell that says that objects have
//! changed.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use campanile_hub::Tenant;
use campanile_store::{AppNumber, Change, OpenRun, RunStatus, StoreError, View};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinSet,
};

use super::{
    Result, Services, Verdict,
    execution::{Ending, Job, trim},
    lanes::{Lanes, Ticket},
    occurrences::{Answered, Happening, Watch},
    pauses::{KeepsLane, Pause, Pauses},
    stats::Tally,
    triggers::{Known, Plan, changed_fields, object_lane, start_of, user_of},
};
use crate::{
    Message,
    accounts::{AccountError, Code, count},
    scenarios::{
        definition::{Definition, Step, Trigger},
        engine::Response,
        world::Start,
    },
};

/// Changes that are looked at together, and so many orders.
const BATCH: usize = 100;

/// How long the office rests when the store fails.
const REST: Duration = Duration::from_secs(1);

/// The clock of the machine may be set, so it is looked at once a minute at least.
const LOOK_AT_CLOCK_MS: i64 = 60_000;

/// What an office is asked to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// See what follows from something that happened on a shard.
    See(Box<Happening>),
    /// Take over a run that is in the store already.
    Adopt(Arc<str>, Ticket),
    /// Take up a run that waits, whenever it is due.
    Hurry(i64),
    /// Say when the scenarios of this moment are known.
    Learn(oneshot::Sender<()>),
    /// Let the steps that are under way come to their end, then close.
    Close(oneshot::Sender<()>),
}

/// The way into an office.
#[derive(Clone)]
pub(crate) struct Door {
    orders: mpsc::Sender<Order>,
    bell: Arc<Notify>,
    /// Open runs, as the office counted them last.
    open: Arc<AtomicUsize>,
    open_max: usize,
    tally: Arc<Tally>,
}

impl Door {
    /// Tells what happened on a shard. Returns whether there was room for it.
    pub(super) fn report(&self, happening: Happening) -> bool {
        let is_told = self.orders.try_send(Order::See(Box::new(happening))).is_ok();
        if !is_told {
            count(&self.tally.occurrences_dropped);
        }
        is_told
    }

    /// Hands over a run that is in the store. If the office has closed, it is found there in the next life.
    pub(super) async fn adopt(&self, lane: Arc<str>, ticket: Ticket) {
        let _ = self.orders.send(Order::Adopt(lane, ticket)).await;
    }

    /// A waiting run has been ended by somebody, or is to go on.
    pub(super) async fn hurry(&self, run: i64) {
        let _ = self.orders.send(Order::Hurry(run)).await;
    }

    /// Refuses more runs of an app than may be open.
    pub(super) fn check_room(&self) -> Result<()> {
        if self.open.load(Ordering::Relaxed) < self.open_max {
            return Ok(());
        }
        let message = "too many runs of the app's scenarios are open (limits.runs_open_per_app_max)";
        Err(AccountError { retry_after_s: Some(1), ..AccountError::new(Code::Overloaded, message) })
    }

    /// Waits until the office knows the scenarios, and has told the shards what they wait for.
    pub(super) async fn learn(&self) {
        let (known, are_known) = oneshot::channel();
        if self.orders.send(Order::Learn(known)).await.is_ok() {
            let _ = are_known.await;
        }
    }

    pub(super) async fn close(self) {
        let (closed, is_closed) = oneshot::channel();
        if self.orders.send(Order::Close(closed)).await.is_ok() {
            let _ = is_closed.await;
        }
    }
}

/// The office of an app.
pub(super) struct Office {
    services: Arc<Services>,
    app: AppNumber,
    /// Tells in memory how the scenarios were when they were read.
    generation: i64,
    scenarios: Vec<Arc<Known>>,
    /// When time starts a scenario next, by its number.
    schedules: HashMap<i64, i64>,
    lanes: Lanes,
    pauses: Pauses,
    running: JoinSet<(Arc<str>, Ticket, Ending)>,
    /// Those that are under way, and whether one is to go on at once should it pause.
    under_way: HashMap<i64, bool>,
    orders: mpsc::Receiver<Order>,
    door: Door,
    /// Whether something may have changed since the last look.
    has_news: bool,
    /// Whether there were more changes than the last look took.
    has_backlog: bool,
    /// Who waits until the scenarios are known.
    learners: Vec<oneshot::Sender<()>>,
    closing: Option<oneshot::Sender<()>>,
}

/// What a look at the store shows.
struct News {
    changes: Vec<Change>,
    /// The scenarios, if they have changed.
    scenarios: Option<(i64, Vec<campanile_store::Scenario>)>,
}

impl Office {
    /// Opens the office of an app.
    pub(super) fn open(services: Arc<Services>, app: AppNumber) -> Door {
        let (sender, orders) = mpsc::channel(services.options.occurrences_waiting_max);
        let door = Door {
            orders: sender,
            bell: services.data.bell(app),
            open: Arc::default(),
            open_max: services.options.runs_open_max,
            tally: services.tally.clone(),
        };
        let outside = services.accounts.outside().clone();
        let office = Self {
            services,
            app,
            generation: -1,
            scenarios: Vec::new(),
            schedules: HashMap::new(),
            lanes: Lanes::default(),
            pauses: Pauses::default(),
            running: JoinSet::new(),
            under_way: HashMap::new(),
            orders,
            door: door.clone(),
            has_news: true,
            has_backlog: false,
            learners: Vec::new(),
            closing: None,
        };
        outside.start(office.work());
        door
    }

    async fn work(mut self) {
        while let Err(error) = self.find_open_runs().await {
            self.complain(&error).await;
        }
        while self.closing.is_none() && self.is_wanted() {
            self.take_up();
            match self.look().await {
                Ok(()) => self.take_up(),
                Err(error) => self.complain(&error).await,
            }
            self.note_open();
            if self.has_work() {
                self.catch_up().await;
            } else {
                self.wait().await;
            }
        }
        // Runs may have orders for it until their end; what they ask for is found in the next life.
        self.orders.close();
        while let Some(result) = self.running.join_next().await {
            self.note_ending(result);
        }
        self.note_closed();
    }

    /// Whether there is an app to work for.
    fn is_wanted(&self) -> bool {
        self.services.accounts.entry_of(Tenant(self.app.0)).is_some()
    }

    async fn complain(&mut self, error: &AccountError) {
        tracing::error!(app = self.app.0, %error, "scenarios rest because the store fails");
        self.has_news = true;
        tokio::time::sleep(REST).await;
    }

    /// What a former life has left: runs in their lanes, and runs that wait.
    async fn find_open_runs(&mut self) -> Result<()> {
        let app = self.app;
        for run in self.services.accounts.store().read(move |view| view.open_runs(app)).await? {
            self.services.tally.open_now.fetch_add(1, Ordering::Relaxed);
            let OpenRun { number, scenario, version, status, lane, due_at_ms } = run;
            let (lane, scenario): (Arc<str>, _) = (lane.into(), (scenario, version));
            let ticket = Ticket { number, scenario, begun: None };
            match (status, due_at_ms) {
                (RunStatus::Waiting, Some(due_at_ms)) => {
                    self.pauses.add(due_at_ms, Pause { lane, ticket, keeps_lane: KeepsLane::No });
                }
                // One that will repeat a step does so at once.
                _ => self.lanes.add(lane, ticket),
            }
        }
        Ok(())
    }

    /// Whether the next look has something to do whatever happens.
    fn has_work(&self) -> bool {
        self.has_news || (self.has_backlog && !self.is_full())
    }

    /// Notes what has happened beside its work, so that no backlog keeps runs from going on.
    async fn catch_up(&mut self) {
        while let Some(result) = self.running.try_join_next() {
            self.note_ending(result);
        }
        if let Ok(order) = self.orders.try_recv() {
            self.obey(order).await;
        }
    }

    async fn wait(&mut self) {
        let now_ms = self.services.now_ms();
        let schedules = self.schedules.values().copied().min().filter(|_| !self.is_full());
        let due = schedules.into_iter().chain(self.pauses.next_at_ms()).min();
        let rest_ms = due.map_or(LOOK_AT_CLOCK_MS, |due_at_ms| due_at_ms - now_ms).clamp(0, LOOK_AT_CLOCK_MS);
        tokio::select! {
            () = self.door.bell.notified() => self.has_news = true,
            Some(result) = self.running.join_next() => self.note_ending(result),
            order = self.orders.recv() => match order {
                Some(order) => self.obey(order).await,
                None => self.closing = Some(oneshot::channel().0),
            },
            () = tokio::time::sleep(Duration::from_millis(rest_ms.unsigned_abs())) => self.has_news = true,
        }
    }

    /// Looks at what has changed and at the time, and starts what follows.
    async fn look(&mut self) -> Result<()> {
        let now_ms = self.services.now_ms();
        while let Some(pause) = self.pauses.take_due(now_ms) {
            self.go_on(pause);
        }
        if self.has_work() {
            self.start_from_changes().await?;
        }
        if self.schedules.values().any(|due_at_ms| *due_at_ms <= now_ms) && !self.is_full() {
            self.start_due(now_ms).await?;
        }
        Ok(())
    }

    /// Learns how the scenarios are now, also where changes have to wait for room.
    async fn start_from_changes(&mut self) -> Result<()> {
        let room = if self.is_full() { 0 } else { BATCH };
        let News { changes, scenarios } = self.read_news(room).await?;
        self.has_news = false;
        self.has_backlog = changes.len() == room;
        if let Some((generation, scenarios)) = scenarios {
            self.learn(generation, scenarios);
        }
        for learner in self.learners.drain(..) {
            // Who asked may have gone away.
            let _ = learner.send(());
        }
        if changes.is_empty() {
            return Ok(());
        }
        let mut plans = Vec::new();
        for change in &changes {
            self.plan_change(change, &mut plans).await?;
        }
        let seen = changes.iter().map(|change| change.number).collect();
        self.start(plans, seen, Vec::new()).await.map(drop)
    }

    /// Changes and scenarios as they were at one moment, so that no change is seen without the scenario that it was noted
    /// for.
    async fn read_news(&self, changes_max: usize) -> Result<News> {
        let (app, generation) = (self.app, self.generation);
        let read = move |view: &View<'_>| {
            let changes = view.changes(app, changes_max as u32)?;
            let now = view.scenario_generation(app)?;
            let scenarios = if now == generation { None } else { Some((now, view.scenarios(app)?)) };
            Ok(News { changes, scenarios })
        };
        Ok(self.services.accounts.store().read(read).await?)
    }

    fn learn(&mut self, generation: i64, scenarios: Vec<campanile_store::Scenario>) {
        self.generation = generation;
        self.schedules.clear();
        self.scenarios.clear();
        // Runs of a scenario that is gone have nothing to wait for: they find that out and end.
        let there: HashSet<i64> = scenarios.iter().map(|scenario| scenario.number).collect();
        for pause in self.pauses.take_others(&there) {
            self.go_on(pause);
        }
        for scenario in scenarios.into_iter().filter(|scenario| scenario.enabled) {
            let campanile_store::Scenario { number, id, version, document, due_at_ms, .. } = scenario;
            match serde_json::from_str::<Definition>(&document) {
                Ok(definition) => {
                    self.schedules.extend(due_at_ms.map(|due_at_ms| (number, due_at_ms)));
                    self.scenarios.push(Arc::new(Known {
                        number,
                        id,
                        version,
                        definition: Arc::new(definition),
                    }));
                }
                Err(error) => tracing::error!(scenario = id, %error, "a stored scenario can't be read"),
            }
        }
        let (app, outside) = (Tenant(self.app.0), self.services.accounts.outside());
        let watch = Arc::new(Watch::new(app, self.scenarios.iter(), self.door.clone()));
        for shard in outside.shards() {
            outside.send(shard, Message::Watch(watch.clone()));
        }
    }

    async fn plan_change(&self, change: &Change, plans: &mut Vec<Plan>) -> Result<()> {
        let fields = changed_fields(change);
        let started = self.scenarios.iter().filter(|known| known.is_started_by(change, &fields));
        let started: Vec<Arc<Known>> = started.cloned().collect();
        if started.is_empty() {
            return Ok(());
        }
        let user = match user_of(change) {
            Some(user) => Some(self.services.data.web_user(self.app, user).await?),
            None => None,
        };
        let what = &change.what;
        let lane = object_lane(&what.structure, &what.object_id);
        for known in started {
            let cause =
                format!("object_{} {}/{} by {}", what.kind, what.structure, what.object_id, what.actor);
            let plan = known.plan(cause, lane.clone(), what.depth, start_of(change, user.clone()));
            self.admit(&known, plan, plans).await;
        }
        Ok(())
    }

    async fn admit(&self, known: &Known, plan: Plan, plans: &mut Vec<Plan>) {
        let most = self.services.options.run_depth_max;
        let plan = if plan.depth >= most { plan.cut(most) } else { plan };
        if plan.failure.is_some() {
            count(&self.services.tally.cut);
            tracing::warn!(scenario = known.id, cause = plan.cause, "a loop of scenarios is cut");
        }
        match known.admit(&self.services, self.app, plan).await {
            Some(plan) => plans.push(plan),
            None => count(&self.services.tally.filtered),
        }
    }

    /// Starts scenarios whose time has come. What was missed while the hub didn't run is made up for once.
    async fn start_due(&mut self, now_ms: i64) -> Result<()> {
        let is_due =
            |known: &&Arc<Known>| self.schedules.get(&known.number).is_some_and(|due| *due <= now_ms);
        let due: Vec<Arc<Known>> = self.scenarios.iter().filter(is_due).cloned().collect();
        let (mut plans, mut next) = (Vec::new(), Vec::new());
        for known in due {
            let cause = "schedule".to_owned();
            let lane = format!("scenario:{}", known.id).into();
            self.admit(&known, known.plan(cause, lane, 0, Start::default()), &mut plans).await;
            let due_at_ms = self.services.next_due_ms(self.app, &known.definition, now_ms);
            next.push((known.number, known.version, due_at_ms));
        }
        self.start(plans, Vec::new(), next.clone()).await?;
        for (scenario, _, due_at_ms) in next {
            match due_at_ms {
                Some(due_at_ms) => drop(self.schedules.insert(scenario, due_at_ms)),
                None => drop(self.schedules.remove(&scenario)),
            }
        }
        Ok(())
    }

    /// Starts runs, in the transaction that forgets what they follow from. Returns their numbers; a scenario that was deleted
    /// since it was planned has none.
    async fn start(
        &mut self,
        plans: Vec<Plan>,
        seen: Vec<i64>,
        due: Vec<(i64, i64, Option<i64>)>,
    ) -> Result<Vec<Option<i64>>> {
        let statuses = self.statuses(&plans);
        let (app, now_ms) = (self.app, self.services.now_ms());
        let keep = self.services.options.runs_kept_per_app_max;
        let plans = Arc::new(plans);
        let (planned, wanted) = (plans.clone(), statuses.clone());
        let numbers = self
            .services
            .write(move |tx| {
                let mut numbers = Vec::with_capacity(planned.len());
                for (plan, status) in planned.iter().zip(&wanted) {
                    let number = unless_gone(plan.insert(tx, app, *status, now_ms))?;
                    if let Some(number) = number.filter(|_| plan.failure.is_some()) {
                        trim(tx, app, number, keep)?;
                    }
                    numbers.push(number);
                }
                tx.delete_changes(&seen)?;
                for (scenario, version, at_ms) in &due {
                    tx.set_scenario_due(*scenario, *version, *at_ms)?;
                }
                Ok(numbers)
            })
            .await?;
        let plans = Arc::into_inner(plans).unwrap_or_default();
        for ((plan, status), number) in plans.into_iter().zip(statuses).zip(&numbers) {
            let Some(number) = number else {
                self.has_news = true;
                continue;
            };
            count(&self.services.tally.started);
            if plan.failure.is_some() {
                count(&self.services.tally.failed);
                continue;
            }
            self.services.tally.open_now.fetch_add(1, Ordering::Relaxed);
            self.lanes.add(plan.lane.clone(), plan.ticket(*number, status));
        }
        Ok(numbers)
    }

    /// Which of the planned runs are taken up at once: their beginning is noted together with their start.
    fn statuses(&self, plans: &[Plan]) -> Vec<RunStatus> {
        let room = self.services.options.runs_at_once_max.saturating_sub(self.running.len());
        let mut room = if self.lanes.ready() == 0 { room } else { 0 };
        let mut lanes = HashSet::new();
        let status = |plan: &Plan| {
            let is_first =
                plan.failure.is_none() && self.lanes.is_free(&plan.lane) && lanes.insert(plan.lane.clone());
            if !is_first || room == 0 {
                return RunStatus::Queued;
            }
            room -= 1;
            RunStatus::Running
        };
        plans.iter().map(status).collect()
    }

    async fn obey(&mut self, order: Order) {
        let mut happened = Vec::new();
        let mut next = Some(order);
        while let Some(order) = next {
            match order {
                Order::See(happening) => happened.push(*happening),
                Order::Adopt(lane, ticket) => {
                    self.services.tally.open_now.fetch_add(1, Ordering::Relaxed);
                    self.lanes.add(lane, ticket);
                }
                Order::Hurry(run) => self.hurry(run),
                Order::Learn(known) => {
                    self.has_news = true;
                    self.learners.push(known);
                }
                Order::Close(closed) => self.closing = Some(closed),
            }
            next = if happened.len() < BATCH { self.orders.try_recv().ok() } else { None };
        }
        if !happened.is_empty() {
            self.see(happened).await;
        }
    }

    fn hurry(&mut self, run: i64) {
        if let Some(pause) = self.pauses.take(run) {
            self.go_on(pause);
        } else if let Some(is_hurried) = self.under_way.get_mut(&run) {
            *is_hurried = true;
        }
    }

    /// Starts what follows from what happened on the shards, and answers the clients that want to know.
    async fn see(&mut self, happened: Vec<Happening>) {
        let (mut plans, mut asked) = (Vec::new(), Vec::new());
        let mut refused = self.door.check_room().err();
        for happening in &happened {
            let before = plans.len();
            if refused.is_none() {
                refused = self.plan_happening(happening, &mut plans).await.err();
            }
            asked.push(before..plans.len());
        }
        let answers: Vec<bool> = plans.iter().map(|plan| self.answers(plan)).collect();
        let started = match refused {
            Some(error) => Err(error),
            None => self.start_to_answer(plans, &happened, &asked, &answers).await,
        };
        let Err(error) = started else { return };
        self.services.tally.occurrences_dropped.fetch_add(happened.len() as u64, Ordering::Relaxed);
        for happening in &happened {
            self.services.acknowledge(happening, error.ack_json());
        }
    }

    async fn plan_happening(&self, happening: &Happening, plans: &mut Vec<Plan>) -> Result<()> {
        let mut start = happening.start();
        if let Some(user) = happening.user() {
            let user = self.services.data.web_user(self.app, user).await?;
            start.given.insert("WebUser".to_owned(), Value::Object(user));
        }
        let started =
            self.scenarios.iter().filter(|known| known.is_started_by_happening(happening.trigger()));
        for known in started.cloned().collect::<Vec<_>>() {
            let plan = known.plan(happening.cause(), happening.lane(), 0, start.clone());
            self.admit(&known, plan, plans).await;
        }
        Ok(())
    }

    /// Starts the runs. A client that wants an ack gets what the first of its runs with something to say responds, or the
    /// numbers of its runs.
    async fn start_to_answer(
        &mut self,
        plans: Vec<Plan>,
        happened: &[Happening],
        asked: &[std::ops::Range<usize>],
        answers: &[bool],
    ) -> Result<()> {
        let numbers = self.start(plans, Vec::new(), Vec::new()).await?;
        for (happening, range) in happened.iter().zip(asked) {
            if happening.ack().is_none() {
                continue;
            }
            let started = range.clone().filter_map(|index| Some((index, numbers[index]?)));
            match started.clone().find(|(index, _)| answers[*index]) {
                Some((_, run)) => self.services.acknowledge_later(happening, run),
                None => {
                    let runs: Vec<i64> = started.map(|(_, run)| run).collect();
                    self.services.acknowledge(happening, json!({ "ok": true, "runs": runs }).to_string());
                }
            }
        }
        Ok(())
    }

    fn answers(&self, plan: &Plan) -> bool {
        let known = self.scenarios.iter().find(|known| known.number == plan.scenario.0);
        plan.failure.is_none() && known.is_some_and(|known| has_response(&known.definition.steps))
    }

    /// Takes up as many runs as may be under way. While the hub stops, these are only such as are noted to be.
    fn take_up(&mut self) {
        while self.running.len() < self.services.options.runs_at_once_max
            && (self.lanes.is_next_begun() || !self.services.is_stopping())
        {
            let Some((lane, ticket)) = self.lanes.take() else { return };
            let known = self.scenarios.iter().find(|known| (known.number, known.version) == ticket.scenario);
            let definition = known.map(|known| known.definition.clone());
            let job = Job { services: self.services.clone(), app: self.app, definition };
            self.services.tally.running_now.fetch_add(1, Ordering::Relaxed);
            self.under_way.insert(ticket.number, false);
            self.running.spawn(async move {
                let left = Ticket { begun: None, ..ticket.clone() };
                let ending = job.run(ticket).await;
                (lane, left, ending)
            });
        }
    }

    fn note_ending(
        &mut self,
        result: std::result::Result<(Arc<str>, Ticket, Ending), tokio::task::JoinError>,
    ) {
        self.services.tally.running_now.fetch_sub(1, Ordering::Relaxed);
        let Ok((lane, ticket, ending)) = result else {
            // Its lane stays closed until the next life takes the run up once more.
            tracing::error!(app = self.app.0, "a run of a scenario panicked");
            return;
        };
        let is_hurried = self.under_way.remove(&ticket.number).unwrap_or_default();
        match ending {
            Ending::Ended => {
                self.services.tally.open_now.fetch_sub(1, Ordering::Relaxed);
                self.lanes.leave(&lane);
            }
            Ending::Paused { until_ms, keeps_lane } => {
                if keeps_lane == KeepsLane::No {
                    self.lanes.leave(&lane);
                }
                let pause = Pause { lane, ticket, keeps_lane };
                if is_hurried { self.go_on(pause) } else { self.pauses.add(until_ms, pause) }
            }
            Ending::Stopped => {}
        }
    }

    fn go_on(&mut self, pause: Pause) {
        let Pause { lane, ticket, keeps_lane } = pause;
        match keeps_lane {
            KeepsLane::Yes => self.lanes.again(lane),
            KeepsLane::No => self.lanes.add(lane, ticket),
        }
    }

    fn open_runs(&self) -> usize {
        self.lanes.len() + self.pauses.outside_lanes()
    }

    /// Whether changes have to wait until runs have ended.
    fn is_full(&self) -> bool {
        self.open_runs() >= self.services.options.runs_open_max
    }

    fn note_open(&self) {
        self.door.open.store(self.open_runs(), Ordering::Relaxed);
    }

    fn note_closed(self) {
        self.services.tally.open_now.fetch_sub(self.open_runs() as i64, Ordering::Relaxed);
        if let Some(closed) = self.closing {
            // Who asked may have lost patience.
            let _ = closed.send(());
        }
    }
}

fn unless_gone<T>(result: campanile_store::Result<T>) -> campanile_store::Result<Option<T>> {
    match result {
        Err(StoreError::NotFound) => Ok(None),
        result => result.map(Some),
    }
}

/// Whether a step may have something for whoever waits.
pub(super) fn has_response(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Respond(_) => true,
        Step::If(condition) => has_response(&condition.then) || has_response(&condition.otherwise),
        _ => false,
    })
}

impl Services {
    /// When a scenario's schedule is due next.
    pub(super) fn next_due_ms(&self, app: AppNumber, definition: &Definition, after_ms: i64) -> Option<i64> {
        let Trigger::Schedule(schedule) = &definition.trigger else { return None };
        let _ = app;
        schedule.next_after(after_ms, &definition.time_zone)
    }

    /// Answers a client's event, if it wants to know.
    fn acknowledge(&self, happening: &Happening, text: String) {
        if let Some(to) = happening.ack() {
            self.accounts.outside().send(to.shard, Message::Answered(Answered { to, text }));
        }
    }

    /// Answers it with what a run says.
    fn acknowledge_later(self: &Arc<Self>, happening: &Happening, run: i64) {
        let Some(to) = happening.ack() else { return };
        let (services, verdict, until) = (self.clone(), self.waiters.wait(run), self.end_of_patience());
        self.accounts.outside().start(async move {
            let text = match services.verdict(run, verdict, until).await {
                Ok(Verdict::Response(Response { body, content_type, .. })) => as_json(body, &content_type),
                Ok(Verdict::Failed(failure)) => super::calls::failed(&failure).ack_json(),
                Ok(Verdict::Filtered | Verdict::Done) => json!({ "ok": true, "runs": [run] }).to_string(),
                Err(error) => error.ack_json(),
            };
            services.accounts.outside().send(to.shard, Message::Answered(Answered { to, text }));
        });
    }
}

/// What a client gets for a response: the value if it is JSON, else the text.
fn as_json(body: String, content_type: &str) -> String {
    let is_json = content_type.contains("json") && serde_json::from_str::<Value>(&body).is_ok();
    if is_json { body } else { Value::String(body).to_string() }
}
