//! Scenarios whose time comes.

use std::sync::Arc;

use campanile_hub::Tenant;
use campanile_store::AppNumber;

use super::Office;
use crate::{
    runner::{Result, Services, triggers::Known},
    scenarios::{
        definition::{Definition, Trigger},
        schedule::Zone,
        world::Start,
    },
};

/// When time starts a scenario next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) scenario: i64,
    pub(super) version: i64,
    pub(super) at_ms: Option<i64>,
}

impl Office {
    /// The app may have moved to another time zone; then schedules without one of their own are due at other times.
    pub(super) async fn follow_time_zone(&mut self, now_ms: i64) -> Result<()> {
        let zone = self.services.time_zone(self.app);
        if zone == self.time_zone {
            return Ok(());
        }
        let moved = self.scenarios.iter().filter(|known| {
            known.definition.time_zone.is_none() && self.schedules.contains_key(&known.number)
        });
        let due: Vec<Due> = moved.map(|known| self.next_due(known, now_ms)).collect();
        self.start(Vec::new(), Vec::new(), due.clone()).await?;
        self.schedule(due);
        self.time_zone = zone;
        Ok(())
    }

    fn next_due(&self, known: &Known, now_ms: i64) -> Due {
        let at_ms = self.services.next_due_ms(self.app, &known.definition, now_ms);
        Due { scenario: known.number, version: known.version, at_ms }
    }

    fn schedule(&mut self, due: Vec<Due>) {
        for Due { scenario, at_ms, .. } in due {
            match at_ms {
                Some(at_ms) => drop(self.schedules.insert(scenario, at_ms)),
                None => drop(self.schedules.remove(&scenario)),
            }
        }
    }

    /// Starts scenarios whose time has come. What was missed while the hub didn't run is made up for once.
    pub(super) async fn start_due(&mut self, now_ms: i64) -> Result<()> {
        let is_due =
            |known: &&Arc<Known>| self.schedules.get(&known.number).is_some_and(|due| *due <= now_ms);
        let due: Vec<Arc<Known>> = self.scenarios.iter().filter(is_due).cloned().collect();
        let (mut plans, mut next) = (Vec::new(), Vec::new());
        for known in due {
            let cause = "schedule".to_owned();
            let lane = format!("scenario:{}", known.id).into();
            self.admit(&known, known.plan(cause, lane, 0, Start::default()), &mut plans).await;
            next.push(self.next_due(&known, now_ms));
        }
        self.start(plans, Vec::new(), next.clone()).await?;
        self.schedule(next);
        Ok(())
    }
}

impl Services {
    /// When a scenario's schedule is due next.
    pub(in crate::runner) fn next_due_ms(
        &self,
        app: AppNumber,
        definition: &Definition,
        after_ms: i64,
    ) -> Option<i64> {
        let Trigger::Schedule(schedule) = &definition.trigger else { return None };
        match &definition.time_zone {
            Some(zone) => schedule.next_after(after_ms, zone),
            None => schedule.next_after(after_ms, &self.time_zone(app)),
        }
    }

    /// The app's own time zone.
    pub(super) fn time_zone(&self, app: AppNumber) -> Zone {
        let entry = self.accounts.entry_of(Tenant(app.0));
        entry.map(|entry| entry.settings.time_zone.clone()).unwrap_or_default()
    }
}
