//! Runs: from their start to their end, and the log of them.

use campanile_store::{
    AppNumber, NewRun, Page, Run, RunEnd, RunFilter, RunProgress, RunStatus, StoreError, View,
};

use crate::{Town, all, queued, scenario};

impl Town {
    /// With the apps `a` and `b`, and a scenario `s` in each; resolves with their numbers.
    async fn with_scenarios() -> (Self, [(AppNumber, i64); 2]) {
        let (town, a, b) = Self::with_two_apps().await;
        let mut numbers = [(a, 0), (b, 0)];
        for (app, number) in &mut numbers {
            let app = *app;
            *number = town.write(move |tx| tx.put_scenario(app, &scenario("s"))).await.unwrap().number;
        }
        (town, numbers)
    }

    async fn start(&self, app: AppNumber, new: NewRun) -> i64 {
        self.write(move |tx| tx.insert_run(app, &new)).await.unwrap()
    }

    async fn run(&self, app: AppNumber, number: i64) -> Run {
        self.read(move |view| view.run(app, number)).await.unwrap()
    }

    async fn end(&self, app: AppNumber, number: i64) -> campanile_store::Result<()> {
        self.write(move |tx| tx.end_run(app, number, &end(RunStatus::Done))).await
    }

    async fn steps(&self, run: i64) -> Vec<String> {
        self.read(move |view| view.run_steps(run)).await
    }
}

fn end(status: RunStatus) -> RunEnd {
    RunEnd { status, steps: Vec::new(), error: None, at_ms: 9 }
}

fn progress(steps: &[&str]) -> RunProgress {
    let steps = steps.iter().map(|step| (*step).to_owned()).collect();
    RunProgress { state: "{\"at\":1}".into(), steps, status: RunStatus::Running, due_at_ms: None }
}

fn numbers(runs: &[Run]) -> Vec<i64> {
    runs.iter().map(|run| run.number).collect()
}

#[test]
fn every_status_is_read_as_it_is_kept() {
    use RunStatus::{Cancelled, Done, Failed, Queued, Retrying, Running, Waiting};
    for status in [Queued, Running, Waiting, Retrying, Done, Failed, Cancelled] {
        assert_eq!(RunStatus::parse(status.as_str()), Some(status));
    }
    assert_eq!(RunStatus::parse("odd"), None);
}

#[tokio::test]
async fn a_run_is_found_in_its_app_only() {
    let (town, [(a, scenario), (b, _)]) = Town::with_scenarios().await;
    let number = town.start(a, queued(scenario)).await;
    let expected = Run {
        number,
        app: a,
        scenario,
        scenario_id: "s".into(),
        version: 1,
        status: RunStatus::Queued,
        cause: "object_changed orders/1 by key:k".into(),
        lane: "object:orders/1".into(),
        depth: 2,
        start: Some("{}".into()),
        state: None,
        effect: None,
        due_at_ms: None,
        interruptions: 0,
        error: None,
        created_at_ms: 5,
        started_at_ms: None,
        ended_at_ms: None,
    };
    assert_eq!(town.run(a, number).await, expected);
    assert_eq!(town.read(move |view| view.run(b, number)).await, None);
    assert_eq!(
        town.write(move |tx| tx.end_run(b, number, &end(RunStatus::Done))).await,
        Err(StoreError::NotFound)
    );
    assert_eq!(town.write(move |tx| tx.start_run(b, number, 6).map(drop)).await, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.forget_run(b, number)).await, Err(StoreError::NotFound));
    for (app, scenario) in [(AppNumber(9), scenario), (a, 99)] {
        let refused = town.write(move |tx| tx.insert_run(app, &queued(scenario))).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    }
}

#[tokio::test]
async fn a_run_begins_goes_on_and_ends() {
    let (town, [(a, scenario), _]) = Town::with_scenarios().await;
    let number = town.start(a, queued(scenario)).await;
    let before = town.write(move |tx| tx.start_run(a, number, 6)).await.unwrap();
    assert_eq!((before.status, before.started_at_ms), (RunStatus::Queued, None));
    let running = town.run(a, number).await;
    assert_eq!(
        (running.status, running.started_at_ms, running.interruptions),
        (RunStatus::Running, Some(6), 0)
    );

    town.write(move |tx| tx.note_run_effect(number, "[1]")).await.unwrap();
    assert_eq!(town.run(a, number).await.effect.as_deref(), Some("[1]"));
    town.write(move |tx| tx.continue_run(number, &progress(&["one", "two"]))).await.unwrap();
    let went_on = town.run(a, number).await;
    assert_eq!((went_on.state.as_deref(), went_on.effect), (Some("{\"at\":1}"), None));
    let waits = RunProgress { status: RunStatus::Waiting, due_at_ms: Some(70), ..progress(&["three"]) };
    town.write(move |tx| tx.continue_run(number, &waits)).await.unwrap();
    assert_eq!(
        (town.run(a, number).await.status, town.run(a, number).await.due_at_ms),
        (RunStatus::Waiting, Some(70))
    );

    let last = RunEnd { steps: vec!["four".into()], error: Some("{}".into()), ..end(RunStatus::Failed) };
    town.write(move |tx| tx.end_run(a, number, &last)).await.unwrap();
    let ended = town.run(a, number).await;
    assert_eq!(
        (ended.status, ended.error.as_deref(), ended.ended_at_ms),
        (RunStatus::Failed, Some("{}"), Some(9))
    );
    assert_eq!((ended.start, ended.state, ended.effect, ended.due_at_ms), (None, None, None, None));
    assert_eq!(town.steps(number).await, ["one", "two", "three", "four"]);
}

#[tokio::test]
async fn a_run_that_was_under_way_was_interrupted() {
    let (town, [(a, scenario), _]) = Town::with_scenarios().await;
    let started = town.start(a, NewRun { status: RunStatus::Running, ..queued(scenario) }).await;
    assert_eq!(town.run(a, started).await.started_at_ms, Some(5));
    for interruptions in 1..=2 {
        let before = town.write(move |tx| tx.start_run(a, started, 7)).await.unwrap();
        assert_eq!((before.status, before.interruptions), (RunStatus::Running, interruptions - 1));
        let run = town.run(a, started).await;
        assert_eq!((run.interruptions, run.started_at_ms), (interruptions, Some(5)));
    }
    let put_aside = RunProgress { status: RunStatus::Queued, ..progress(&[]) };
    town.write(move |tx| tx.continue_run(started, &put_aside)).await.unwrap();
    town.write(move |tx| tx.start_run(a, started, 8)).await.unwrap();
    assert_eq!(town.run(a, started).await.interruptions, 2);
}

#[tokio::test]
async fn nothing_happens_to_a_run_that_has_ended() {
    let (town, [(a, scenario), _]) = Town::with_scenarios().await;
    let number = town.start(a, queued(scenario)).await;
    town.end(a, number).await.unwrap();
    let before = town.run(a, number).await;
    assert_eq!(town.end(a, number).await, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.start_run(a, number, 6).map(drop)).await, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.note_run_effect(number, "[]")).await, Err(StoreError::NotFound));
    let more = town.write(move |tx| tx.continue_run(number, &progress(&["late"]))).await;
    assert_eq!(more, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.forget_run(a, number)).await, Err(StoreError::NotFound));
    assert_eq!((town.run(a, number).await, town.steps(number).await), (before, Vec::new()));
}

#[tokio::test]
async fn a_run_that_fails_at_once_has_nothing_but_its_reason() {
    let (town, [(a, scenario), _]) = Town::with_scenarios().await;
    let failed = NewRun { status: RunStatus::Failed, error: Some("{}".into()), ..queued(scenario) };
    let number = town.start(a, failed).await;
    let run = town.run(a, number).await;
    assert_eq!((run.status, run.start, run.error.as_deref()), (RunStatus::Failed, None, Some("{}")));
    assert_eq!((run.started_at_ms, run.ended_at_ms), (None, Some(5)));
}

#[tokio::test]
async fn open_runs_come_oldest_first_until_they_end_or_are_forgotten() {
    let (town, [(a, scenario), (b, other)]) = Town::with_scenarios().await;
    let mut started = Vec::new();
    for status in [RunStatus::Queued, RunStatus::Running, RunStatus::Queued, RunStatus::Queued] {
        started.push(town.start(a, NewRun { status, ..queued(scenario) }).await);
    }
    town.start(b, queued(other)).await;
    let [first, second, third, fourth] = started[..] else { panic!("{started:?}") };
    let waits = RunProgress { status: RunStatus::Waiting, due_at_ms: Some(70), ..progress(&["one"]) };
    town.write(move |tx| tx.continue_run(third, &waits)).await.unwrap();
    town.end(a, first).await.unwrap();
    town.write(move |tx| tx.forget_run(a, fourth)).await.unwrap();
    let open = town.read(move |view| view.open_runs(a)).await;
    let seen: Vec<_> = open.iter().map(|run| (run.number, run.status, run.due_at_ms)).collect();
    assert_eq!(seen, [(second, RunStatus::Running, None), (third, RunStatus::Waiting, Some(70))]);
    let of = &open[0];
    assert_eq!((of.scenario, of.version, &*of.lane), (scenario, 1, "object:orders/1"));
    assert_eq!(town.read(move |view| view.run(a, fourth)).await, None);
}

#[tokio::test]
async fn runs_are_listed_newest_first_by_what_is_asked_for() {
    let (town, [(a, scenario), (b, other)]) = Town::with_scenarios().await;
    let second = town.write(move |tx| tx.put_scenario(a, &crate::scenario("t"))).await.unwrap().number;
    let mut started = Vec::new();
    for (of, lane) in [(scenario, "x"), (second, "x"), (scenario, "y"), (second, "y")] {
        started.push(town.start(a, NewRun { lane: lane.into(), ..queued(of) }).await);
    }
    town.start(b, queued(other)).await;
    town.end(a, started[1]).await.unwrap();
    let [first, second, third, fourth] = started[..] else { panic!("{started:?}") };
    let listed = async |scenario: Option<&str>, status, lane: Option<&str>| {
        let filter = RunFilter { scenario: scenario.map(Into::into), status, lane: lane.map(Into::into) };
        numbers(&town.read(move |view| view.runs(a, &filter, &all())).await.items)
    };
    assert_eq!(listed(None, None, None).await, [fourth, third, second, first]);
    assert_eq!(listed(Some("s"), None, None).await, [third, first]);
    assert_eq!(listed(None, Some(RunStatus::Queued), None).await, [fourth, third, first]);
    assert_eq!(listed(None, Some(RunStatus::Done), None).await, [second]);
    assert_eq!(listed(None, None, Some("x")).await, [second, first]);
    assert_eq!(listed(Some("t"), Some(RunStatus::Queued), Some("y")).await, [fourth]);
    assert!(listed(Some("none"), None, None).await.is_empty());

    let part = async |after: Option<String>| {
        let page = Page { after, limit: 3 };
        town.read(move |view: &View<'_>| view.runs(a, &RunFilter::default(), &page)).await
    };
    let newest = part(None).await;
    assert_eq!(numbers(&newest.items), [fourth, third, second]);
    let rest = part(newest.next).await;
    assert_eq!((numbers(&rest.items), rest.next), (vec![first], None));
}

#[tokio::test]
async fn the_oldest_ended_runs_go_with_their_log_and_open_ones_stay() {
    let (town, [(a, scenario), (b, other)]) = Town::with_scenarios().await;
    let open = town.start(a, queued(scenario)).await;
    let mut ended = Vec::new();
    for _ in 0..4 {
        let number = town.start(a, queued(scenario)).await;
        town.write(move |tx| tx.continue_run(number, &progress(&["one"]))).await.unwrap();
        town.end(a, number).await.unwrap();
        ended.push(number);
    }
    let elsewhere = town.start(b, queued(other)).await;
    town.end(b, elsewhere).await.unwrap();
    assert_eq!(town.write(move |tx| tx.trim_runs(a, 4)).await, Ok(0));
    assert_eq!(town.write(move |tx| tx.trim_runs(a, 2)).await, Ok(2));
    let left = town.read(move |view| view.runs(a, &RunFilter::default(), &all())).await;
    assert_eq!(numbers(&left.items), [ended[3], ended[2], open]);
    assert!(town.steps(ended[1]).await.is_empty());
    assert_eq!(town.steps(ended[2]).await, ["one"]);
    assert_eq!(town.run(b, elsewhere).await.status, RunStatus::Done);
}

#[tokio::test]
async fn the_number_of_a_forgotten_run_is_not_used_again() {
    let (town, [(a, scenario), _]) = Town::with_scenarios().await;
    let forgotten = town.start(a, queued(scenario)).await;
    town.write(move |tx| tx.forget_run(a, forgotten)).await.unwrap();
    let town = town.reopened();
    assert!(town.start(a, queued(scenario)).await > forgotten);
}
