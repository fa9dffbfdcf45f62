//! What follows from what happened on the shards, and the acks of clients that want to know.

use std::{
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

use serde_json::{Value, json};

use super::Office;
use crate::{
    Message,
    runner::{
        Result, Services, Verdict, calls,
        occurrences::{Answered, Happening},
        triggers::Plan,
    },
    scenarios::engine::Response,
};

impl Office {
    /// Starts what follows from what happened on the shards, and answers the clients that want to know.
    pub(super) async fn see(&mut self, happened: Vec<Happening>) {
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
        asked: &[Range<usize>],
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
        plan.failure.is_none() && known.is_some_and(|known| known.definition.has_response())
    }
}

impl Services {
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
                Ok(Verdict::Failed(failure)) => calls::failed(&failure).ack_json(),
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
