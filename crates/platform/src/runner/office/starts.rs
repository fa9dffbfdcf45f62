//! Starting runs: what filters let through is inserted in the transaction that forgets what it follows from.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use campanile_store::{RunStatus, StoreError};

use super::{Office, schedules::Due};
use crate::{
    accounts::count,
    runner::{
        Result,
        execution::trim,
        triggers::{Known, Plan},
    },
};

impl Office {
    pub(super) async fn admit(&self, known: &Known, plan: Plan, plans: &mut Vec<Plan>) {
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

    /// Starts runs, in the transaction that forgets what they follow from. Returns their numbers; a scenario that was deleted
    /// since it was planned has none.
    pub(super) async fn start(
        &mut self,
        plans: Vec<Plan>,
        seen: Vec<i64>,
        due: Vec<Due>,
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
                for Due { scenario, version, at_ms } in &due {
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
    pub(super) fn statuses(&self, plans: &[Plan]) -> Vec<RunStatus> {
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
}

fn unless_gone<T>(result: campanile_store::Result<T>) -> campanile_store::Result<Option<T>> {
    match result {
        Err(StoreError::NotFound) => Ok(None),
        result => result.map(Some),
    }
}
