//! The way into an office: what it is asked to do, by whoever holds a door to it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use campanile_store::AppNumber;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Result, Services, lanes::Ticket, occurrences::Happening, stats::Tally};
use crate::accounts::{AccountError, Code, count};

/// What an office is asked to do.
#[derive(Debug)]
pub(super) enum Order {
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
pub(super) struct Door {
    orders: mpsc::Sender<Order>,
    bell: Arc<Notify>,
    /// Open runs, as the office counted them last.
    open: Arc<AtomicUsize>,
    open_max: usize,
    tally: Arc<Tally>,
}

impl Door {
    /// A door, and what comes in by it.
    pub(super) fn new(services: &Services, app: AppNumber) -> (Self, mpsc::Receiver<Order>) {
        let (orders, intake) = mpsc::channel(services.options.occurrences_waiting_max);
        let door = Self {
            orders,
            bell: services.data.bell(app),
            open: Arc::default(),
            open_max: services.options.runs_open_max,
            tally: services.tally.clone(),
        };
        (door, intake)
    }

    /// Waits until objects of the app may have changed.
    pub(super) async fn changes(&self) {
        self.bell.notified().await;
    }

    /// Says how many runs are open.
    pub(super) fn note_open(&self, open: usize) {
        self.open.store(open, Ordering::Relaxed);
    }

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
