//! What follows from changes of objects. They are read together with the scenarios as these were at the same moment.

use std::{collections::HashSet, sync::Arc};

use campanile_hub::Tenant;
use campanile_store::{Change, View};

use super::{BATCH, Office};
use crate::{
    Message,
    runner::{
        Result,
        occurrences::Watch,
        triggers::{Known, Plan, changed_fields, object_lane, start_of, user_of},
    },
    scenarios::definition::Definition,
};

/// What a look at the store shows.
struct News {
    changes: Vec<Change>,
    /// The scenarios, if they have changed.
    scenarios: Option<(i64, Vec<campanile_store::Scenario>)>,
}

impl Office {
    /// Learns how the scenarios are now, also where changes have to wait for room.
    pub(super) async fn start_from_changes(&mut self) -> Result<()> {
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
}
