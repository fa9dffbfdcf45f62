//! The office of an app: one task that owns the app's open runs. It looks at what has changed and what has happened, starts the
//! runs that follow from it, and decides which of them is next. What a run does is in `execution`, beside the office.
//!
//! It waits for nothing but the store. Whatever reaches it from outside is an [`Order`], or the bell that says that objects have
//! changed.

//!
//! | Module | Its part |
//! |---|---|
//! | `changes`, `schedules`, `happenings` | what follows from each |
//! | `starts` | starting what follows |

mod changes;
mod happenings;
mod schedules;
mod starts;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use campanile_hub::Tenant;
use campanile_store::{AppNumber, OpenRun, RunStatus};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use super::{
    Result, Services,
    door::{Door, Order},
    execution::{Ending, Job},
    lanes::{Lanes, Ticket},
    pauses::{KeepsLane, Pause, Pauses},
    triggers::Known,
};
use crate::{accounts::AccountError, scenarios::schedule::Zone};

/// Changes that are looked at together, and so many orders.
const BATCH: usize = 100;

/// How long the office rests when the store fails.
const REST: Duration = Duration::from_secs(1);

/// The clock of the machine may be set, so it is looked at once a minute at least.
const LOOK_AT_CLOCK_MS: i64 = 60_000;

/// The office of an app.
pub(super) struct Office {
    services: Arc<Services>,
    app: AppNumber,
    /// Tells in memory how the scenarios were when they were read.
    generation: i64,
    scenarios: Vec<Arc<Known>>,
    /// When time starts a scenario next, by its number.
    schedules: HashMap<i64, i64>,
    /// The app's time zone when that was found out.
    time_zone: Zone,
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

impl Office {
    /// Opens the office of an app.
    pub(super) fn open(services: Arc<Services>, app: AppNumber) -> Door {
        let (door, orders) = Door::new(&services, app);
        let outside = services.accounts.outside().clone();
        let time_zone = services.time_zone(app);
        let office = Self {
            services,
            app,
            generation: -1,
            scenarios: Vec::new(),
            schedules: HashMap::new(),
            time_zone,
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
            () = self.door.changes() => self.has_news = true,
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
        self.follow_time_zone(now_ms).await?;
        if self.has_work() {
            self.start_from_changes().await?;
        }
        if self.schedules.values().any(|due_at_ms| *due_at_ms <= now_ms) && !self.is_full() {
            self.start_due(now_ms).await?;
        }
        Ok(())
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
        // Only a runtime that ends keeps a run from saying how it was left.
        let Ok((lane, ticket, ending)) = result else { return };
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
            Ending::Stopped if self.services.is_stopping() => {}
            Ending::Stopped => {
                let again_at_ms = self.services.now_ms() + REST.as_millis() as i64;
                self.pauses.add(again_at_ms, Pause { lane, ticket, keeps_lane: KeepsLane::Yes });
            }
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
        self.door.note_open(self.open_runs());
    }

    fn note_closed(self) {
        self.services.tally.open_now.fetch_sub(self.open_runs() as i64, Ordering::Relaxed);
        if let Some(closed) = self.closing {
            // Who asked may have lost patience.
            let _ = closed.send(());
        }
    }
}
