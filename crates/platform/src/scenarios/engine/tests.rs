use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::{Outcome, Run, RunLimits, RunState, StepRecord};
use crate::scenarios::{
    definition::{Definition, DefinitionLimits},
    validate,
    world::{Effect, Failure, Linked, Start, World},
};

/// A world that remembers what was done to it, and answers from a list.
#[derive(Default)]
struct TestWorld {
    now_ms: Mutex<i64>,
    /// What was done: the key and the effect.
    done: Mutex<Vec<(String, Value)>>,
    /// What to answer to each HTTP request and provider's request.
    answers: Mutex<Vec<Result<Value, Failure>>>,
    globals_read: Mutex<usize>,
}

impl TestWorld {
    fn answering(answers: impl IntoIterator<Item = Result<Value, Failure>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    fn done(&self) -> Vec<Value> {
        self.done.lock().unwrap().iter().map(|(_, effect)| effect.clone()).collect()
    }
}

impl World for TestWorld {
    fn now_ms(&self) -> i64 {
        let mut now_ms = self.now_ms.lock().unwrap();
        *now_ms += 1;
        *now_ms
    }

    async fn perform(&self, effect: &Effect, key: &str) -> Result<Value, Failure> {
        self.done.lock().unwrap().push((key.to_owned(), json!(effect)));
        match effect {
            Effect::Http(_) | Effect::RequestProvider { .. } => self.answers.lock().unwrap().remove(0),
            Effect::Create(change) | Effect::Edit(change) => {
                let mut object = change.set.clone();
                object.insert("id".to_owned(), change.id.clone().unwrap_or("drawn".to_owned()).into());
                Ok(Value::Object(object))
            }
            _ => Ok(Value::Null),
        }
    }

    /// Orders and log entries have an owner, and owners have a boss and friends.
    async fn linked(&self, structure: &str, field: &str, ids: &[String]) -> Result<Option<Linked>, Failure> {
        let is_link =
            matches!((structure, field), ("orders" | "log", "owner") | ("people", "boss" | "friends"));
        let person = |id: &String| {
            let person =
                json!({"id": id, "name": id.to_uppercase(), "boss": "ada", "friends": ["bob", "nobody"]});
            person.as_object().cloned().filter(|_| id != "nobody")
        };
        let objects = ids.iter().filter_map(person).collect();
        Ok(is_link.then(|| Linked { structure: "people".to_owned(), objects }))
    }

    async fn globals(&self) -> Result<Map<String, Value>, Failure> {
        *self.globals_read.lock().unwrap() += 1;
        Ok(Map::from_iter([("token".to_owned(), json!("t0k3n"))]))
    }
}

fn definition(steps: Value) -> Arc<Definition> {
    let trigger = json!({"type": "object_changed", "structure": "orders"});
    let document = json!({"id": "test", "trigger": trigger, "steps": steps});
    let checked = validate::check(&document, &DefinitionLimits::default());
    Arc::new(checked.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).definition)
}

fn start() -> Start {
    let object = json!({"id": "o1", "status": "ready", "total": 12, "owner": "eve", "owners": ["eve", "a,b"], "note": null});
    Start {
        structure: Some("orders".to_owned()),
        object: object.as_object().unwrap().clone(),
        given: json!({"WebUser": {"id": "eve", "role": "cook"}, "before": {"status": "new", "owner": "bob"}})
            .as_object()
            .unwrap()
            .clone(),
    }
}

fn run(steps: Value) -> Run {
    Run::new(definition(steps), "run-1", start(), RunLimits::default())
}

/// Runs until it is over, without waiting, and from what was written down after each step.
async fn finish(mut run: Run, world: &TestWorld) -> (Vec<StepRecord>, Vec<Outcome>, RunState) {
    let (mut records, mut outcomes) = (Vec::new(), Vec::new());
    loop {
        let written = serde_json::to_string(run.state()).unwrap();
        let state = serde_json::from_str(&written).unwrap();
        run = Run::resume(Arc::clone(&run.definition), state, run.limits);
        let progress = run.step(world).await;
        records.extend(progress.record);
        outcomes.push(progress.outcome.clone());
        if matches!(progress.outcome, Outcome::Done | Outcome::Failed(_)) {
            return (records, outcomes, run.state);
        }
        assert!(records.len() < 100, "it doesn't end");
    }
}

async fn effects(steps: Value) -> Vec<Value> {
    let world = TestWorld::default();
    let (_, outcomes, _) = finish(run(steps), &world).await;
    assert_eq!(outcomes.last(), Some(&Outcome::Done));
    world.done()
}

#[tokio::test]
async fn steps_do_what_they_say_one_after_the_other() {
    let steps = json!([
        {"type": "push", "user_id": "{{owner}}", "event_name": "alert", "message": "Order {{id}} of {{WebUser.role}}"},
        {"type": "push", "role": "cook", "event_name": "refresh", "message": {"total": "{{total}}"}, "mode": "json"},
        {"type": "edit", "set": {"notified": "{{now}}", "note": null}},
        {"type": "edit", "structure": "tables", "id": "t-{{id}}", "set": {"free": true}, "event": true},
        {"type": "create", "structure": "log", "set": {"text": "was {{before.status}}"}, "as": "entry"},
        {"type": "delete", "structure": "log", "id": "{{entry.id}}", "event": true},
        {"type": "delete"},
        {"type": "run_scenario", "scenario": "other"},
        {"type": "log", "message": "{{entry.text}}"},
    ]);
    let world = TestWorld::default();
    let (records, outcomes, _) = finish(run(steps), &world).await;
    let push = json!({"user_id": "eve", "role": null, "event_name": "alert", "message": "Order o1 of cook", "mode": "string", "id": "run-1:steps[0]", "store": false, "ttl_s": null});
    let done = world.done();
    assert_eq!(done[0], push);
    assert_eq!(done[1]["message"], json!({"total": 12}));
    assert_eq!(
        done[2],
        json!({"structure": "orders", "id": "o1", "set": {"notified": "1970-01-01T00:00:00.008Z", "note": null}, "event": false})
    );
    assert_eq!(done[3], json!({"structure": "tables", "id": "t-o1", "set": {"free": true}, "event": true}));
    assert_eq!(done[4], json!({"structure": "log", "set": {"text": "was new"}, "event": false}));
    assert_eq!(done[5], json!({"structure": "log", "id": "drawn", "event": true}));
    assert_eq!(done[6], json!({"structure": "orders", "id": "o1", "event": false}));
    assert_eq!(done[7]["scenario"], "other");
    assert_eq!(done[7]["object"]["id"], "o1");
    assert_eq!(done[8], json!({"message": "was new"}));
    let keys: Vec<String> = world.done.lock().unwrap().iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys[8], "run-1:steps[8]");

    let kinds: Vec<&str> = records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, ["push", "push", "edit", "edit", "create", "delete", "delete", "run_scenario", "log"]);
    assert_eq!((&records[0].input, &records[4].output), (&push, &json!({"id": "drawn", "text": "was new"})));
    assert_eq!(outcomes[..8], vec![Outcome::Continue; 8]);
    assert_eq!(outcomes[8], Outcome::Done);
}

#[tokio::test]
async fn an_empty_scenario_is_done() {
    let world = TestWorld::default();
    let (records, outcomes, _) = finish(run(json!([])), &world).await;
    assert_eq!((records, outcomes), (vec![], vec![Outcome::Done]));
}

#[tokio::test]
async fn conditions_choose_their_branch() {
    let log = |text: &str| json!({"type": "log", "message": text});
    let steps = json!([
        {"type": "if", "condition": "status == 'ready'", "then": [
            log("a"),
            {"type": "if", "condition": "total > 100", "then": [log("no")], "else": [log("b"), {"type": "if", "condition": "true", "then": [log("c")]}]},
        ], "else": [log("no")]},
        {"type": "if", "condition": "missing", "then": [log("no")]},
        log("d"),
        {"type": "if", "condition": "missing", "then": [log("no")]},
    ]);
    let world = TestWorld::default();
    let (records, outcomes, _) = finish(run(steps), &world).await;
    let logged: Vec<Value> = world.done().iter().map(|effect| effect["message"].clone()).collect();
    assert_eq!(logged, ["a", "b", "c", "d"]);
    let paths: Vec<&str> = records.iter().map(|record| record.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "steps[0]",
            "steps[0].then[0]",
            "steps[0].then[1]",
            "steps[0].then[1].else[0]",
            "steps[0].then[1].else[1]",
            "steps[0].then[1].else[1].then[0]",
            "steps[1]",
            "steps[2]",
            "steps[3]",
        ]
    );
    assert_eq!(outcomes.last(), Some(&Outcome::Done));
}

#[tokio::test]
async fn waiting_is_left_to_the_runner() {
    let world = TestWorld::default();
    let steps = json!([{"type": "wait", "for_s": 60}, {"type": "log", "message": "later"}]);
    let (_, outcomes, _) = finish(run(steps), &world).await;
    assert_eq!(outcomes, [Outcome::Wait { until_ms: 60_001 }, Outcome::Done]);
    let (_, outcomes, _) = finish(run(json!([{"type": "wait", "for_s": 60}])), &world).await;
    assert!(matches!(outcomes[..], [Outcome::Wait { .. }, Outcome::Done]), "{outcomes:?}");
}

fn answer(status: u16, headers: Value) -> Result<Value, Failure> {
    Ok(json!({"status": status, "headers": headers, "body": {"n": status}}))
}

#[tokio::test]
async fn http_requests_are_repeated_while_that_may_help() {
    let steps = |retries: u32| {
        json!([
            {"type": "http", "method": "POST", "url": "https://example.com/{{id}}", "headers": {"X": "{{status}}"}, "body": {"total": "{{total}}"}, "retries": retries, "as": "answer"},
            {"type": "log", "message": "{{answer.status}} {{answer.body.n}}"},
        ])
    };
    let refused = || Err(Failure::transient("http_unreachable", "nobody answers"));
    let world = TestWorld::answering([
        answer(503, json!({})),
        refused(),
        answer(429, json!({"retry-after": "30"})),
        answer(200, json!({})),
    ]);
    let (records, outcomes, _) = finish(run(steps(3)), &world).await;
    let attempts: Vec<u32> = records.iter().map(|record| record.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 1]);
    let pauses: Vec<i64> = outcomes
        .iter()
        .zip(&records)
        .filter_map(|(outcome, record)| match outcome {
            Outcome::Wait { until_ms } => Some(until_ms - record.at_ms - record.duration_ms),
            _ => None,
        })
        .collect();
    assert_eq!(pauses, [1_000, 2_000, 30_000]);
    assert_eq!(
        world.done()[0],
        json!({
            "method": "POST", "url": "https://example.com/o1", "headers": {"Content-Type": "application/json", "X": "ready"},
            "body": "{\"total\":12}", "timeout_ms": 10_000,
        })
    );
    assert_eq!(world.done()[4], json!({"message": "200 200"}));
    let keys: Vec<String> = world.done.lock().unwrap().iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys[0], keys[3]);

    // In the end an answer counts, whatever it is; that nobody answers is a failure.
    let world = TestWorld::answering([answer(500, json!({})), answer(500, json!({}))]);
    finish(run(steps(1)), &world).await;
    assert_eq!(world.done()[2], json!({"message": "500 500"}));
    let world = TestWorld::answering([refused(), refused()]);
    let (_, outcomes, _) = finish(run(steps(1)), &world).await;
    assert_eq!(outcomes.last(), Some(&Outcome::Failed(refused().unwrap_err())));
    // What can't pass isn't repeated.
    let world = TestWorld::answering([Err(Failure::new("http_refused", "a private address"))]);
    let (_, outcomes, _) = finish(run(steps(9)), &world).await;
    assert_eq!(outcomes.len(), 1);
    let world = TestWorld::answering([answer(404, json!({}))]);
    finish(run(steps(9)), &world).await;
    assert_eq!(world.done()[1], json!({"message": "404 404"}));
}

#[tokio::test]
async fn what_fails_ends_the_run_and_says_where() {
    let steps = json!([
        {"type": "if", "condition": "true", "then": [{"type": "request_provider", "name": "ask", "provider_id": "car-{{id}}", "payload": {"who": "{{WebUser.id}}"}}]},
        {"type": "log", "message": "never"},
    ]);
    let offline = Failure::new("provider_not_found", "nobody serves car-o1");
    let world = TestWorld::answering([Err(offline.clone())]);
    let (records, outcomes, _) = finish(run(steps), &world).await;
    assert_eq!(outcomes.last(), Some(&Outcome::Failed(offline.clone())));
    let last = records.last().unwrap();
    assert_eq!(
        (last.path.as_str(), last.name.as_deref(), &last.error),
        ("steps[0].then[0]", Some("ask"), &Some(offline))
    );
    assert_eq!(
        world.done(),
        [json!({"provider_id": "car-o1", "payload": {"who": "eve"}, "timeout_ms": 5_000})]
    );
}

async fn failure(steps: Value) -> String {
    let world = TestWorld::answering([Ok(json!("x".repeat(300_000))), Ok(json!("x".repeat(300_000)))]);
    let mut run = run(steps);
    run.limits.context_bytes_max = 400_000;
    let (_, outcomes, _) = finish(run, &world).await;
    match outcomes.last() {
        Some(Outcome::Failed(failure)) => format!("{}: {}", failure.code, failure.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bombs_and_gaps_fail_their_step() {
    let ask = |name: &str| json!({"type": "request_provider", "provider_id": "p", "as": name});
    let bomb = "{{#owners}}".repeat(8) + &"{{status}}".repeat(1_000) + &"{{/owners}}".repeat(8);
    for (steps, expected) in [
        (
            json!([{"type": "log", "message": bomb}]),
            "template_failed: the template takes more than 100000 steps",
        ),
        (
            json!([{"type": "if", "condition": "1 / (total - 12) > 1", "then": [{"type": "log", "message": ""}]}]),
            "condition_failed: nothing can be divided by zero (line 1, column 3)",
        ),
        (
            json!([{"type": "push", "user_id": "{{note}}", "event_name": "e"}]),
            "user_missing: user_id names nobody",
        ),
        (
            json!([{"type": "edit", "structure": "x", "id": "{{note}}", "set": {"a": 1}}]),
            "object_missing: the id of the object is empty",
        ),
        (json!([ask("a"), ask("b")]), "context_too_large: steps left more than 400000 bytes"),
    ] {
        assert_eq!(failure(steps.clone()).await, expected, "{steps:.200}");
    }
}

#[tokio::test]
async fn links_are_followed_where_a_path_goes_on() {
    let message = |message: &str| json!([{"type": "log", "message": message}]);
    for (text, expected) in [
        ("{{owner}}", "eve"),
        ("{{owner.name}} {{owner}} {{owner.id}}", "EVE eve eve"),
        ("{{owner.boss.name}} {{owner.boss}} {{owner.boss.boss.name}}", "ADA ada ADA"),
        ("{{#owner}}{{name}} {{.}}{{/owner}}", "EVE eve"),
        (
            "{{#owner.friends}}{{name}}/{{id}} {{/owner.friends}}{{owner.friends}}",
            "BOB/bob /nobody [\"bob\",\"nobody\"]",
        ),
        ("{{before.owner.name}} {{before.owner}}", "BOB bob"),
        ("{{status.name}}{{note.name}}{{owners.name}}{{nothing.name}}", ""),
        ("{{WebUser.id.name}}", ""),
    ] {
        assert_eq!(effects(message(text)).await[0]["message"], expected, "{text}");
    }
    let steps = json!([
        {"type": "create", "structure": "log", "set": {"owner": "{{owner}}", "text": "{{owner.name}}"}, "as": "entry"},
        {"type": "if", "condition": "entry.owner.boss.name == 'ADA' and owner == 'eve' and 'bob' in owner.friends and owner.friends|length == 2 and owner.friends.0 == 'bob'",
            "then": [{"type": "push", "user_id": "{{owner.friends}}", "event_name": "{{#owner.friends}}{{name}}{{/owner.friends}}"}]},
    ]);
    let done = effects(steps).await;
    assert_eq!(done[0]["set"], json!({"owner": "eve", "text": "EVE"}));
    assert_eq!((&done[1]["user_id"], &done[1]["event_name"]), (&json!(["bob", "nobody"]), &json!("BOB")));
}

#[tokio::test]
async fn users_are_named_in_several_ways() {
    for (user_id, expected) in [
        (json!("*"), json!("*")),
        (json!("{{owner}}, bob ,,{{note}}"), json!(["eve", "bob"])),
        (json!("{{owners}}"), json!(["eve", "a,b"])),
        (json!(["{{owner}}", "{{note}}", "a,b"]), json!(["eve", "a,b"])),
        (json!(["{{owners}}", "x"]), json!(["eve", "a,b", "x"])),
    ] {
        let steps = json!([{"type": "push", "user_id": user_id, "event_name": "e"}]);
        assert_eq!(effects(steps).await[0]["user_id"], expected, "{user_id}");
    }
}

#[tokio::test]
async fn the_object_is_what_the_last_edit_made_of_it() {
    let steps = json!([
        {"type": "edit", "set": {"status": "done"}},
        {"type": "edit", "structure": "tables", "id": "o1", "set": {"status": "free"}},
        {"type": "log", "message": "{{status}}"},
    ]);
    assert_eq!(effects(steps).await[2]["message"], "done");
}

#[tokio::test]
async fn the_first_answer_counts() {
    let steps = json!([
        {"type": "respond", "status": 201, "body": {"id": "{{id}}"}},
        {"type": "respond", "content_type": "text/plain", "body": "too late"},
    ]);
    let world = TestWorld::default();
    let (records, _, state) = finish(run(steps), &world).await;
    let response = state.response.unwrap();
    assert_eq!((response.status, response.body.as_str()), (201, r#"{"id":"o1"}"#));
    assert_eq!(response.content_type, "application/json");
    assert_eq!((&records[0].output, &records[1].output), (&json!({"sent": true}), &json!({"sent": false})));
}

#[tokio::test]
async fn a_filter_admits_or_not() {
    let world = TestWorld::default();
    for (filter, expected) in [
        (json!(null), Ok(true)),
        (json!("status == 'ready' and owner.name == 'EVE'"), Ok(true)),
        (json!("total > 12"), Ok(false)),
        (json!("before.status == status"), Ok(false)),
        (json!("status + 1"), Err("condition_failed")),
    ] {
        let mut document = json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [], "filter": filter});
        if filter.is_null() {
            document.as_object_mut().unwrap().remove("filter");
        }
        let definition = serde_json::from_value(document).unwrap();
        let run = Run::new(Arc::new(definition), "r", start(), RunLimits::default());
        let admitted = run.is_admitted(&world).await;
        assert_eq!(
            admitted.map_err(|failure| failure.code.into_owned()),
            expected.map_err(str::to_owned),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn global_variables_are_read_when_they_are_asked_for_and_not_kept() {
    let steps = json!([
        {"type": "log", "message": "{{id}}"},
        {"type": "http", "url": "https://example.com", "headers": {"Authorization": "Bearer {{GlobalVar.token}}"}},
    ]);
    let world = TestWorld::answering([answer(200, json!({}))]);
    let (_, _, state) = finish(run(steps), &world).await;
    assert_eq!(world.done()[1]["headers"]["Authorization"], "Bearer t0k3n");
    assert_eq!(*world.globals_read.lock().unwrap(), 1);
    assert!(!serde_json::to_string(&state).unwrap().contains("t0k3n"));
}

/// A runner has its runs on several threads.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_change_threads() {
    let runs = (0..4).map(|_| {
        tokio::spawn(async {
            finish(run(json!([{"type": "log", "message": "{{owner.name}}"}])), &TestWorld::default()).await
        })
    });
    for run in runs.collect::<Vec<_>>() {
        assert_eq!(run.await.unwrap().1, [Outcome::Done]);
    }
}
