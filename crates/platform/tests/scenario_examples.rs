//! Every scenario among the examples: it keeps to the schema, the validator has nothing to say, and tried with an object
//! it does what its name promises.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use campanile_platform::scenarios::{
    definition::DefinitionLimits,
    dry_run::{Rehearsal, Trial, rehearse},
    schema,
    validate::{Checked, check},
    world::Start,
};
use serde_json::{Map, Value, json};

fn examples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = fs::read_dir(folder.join("scenarios")).expect("there are examples");
    let files = files.map(|file| file.expect("it can be read").path());
    let files = files.chain([folder.join("vehicle/low-battery.json")]);
    let example = |file: std::path::PathBuf| {
        let name = file.file_stem().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("it can be read");
        (name, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    };
    files.map(example).collect()
}

fn checked(name: &str, document: &Value) -> Checked {
    check(document, &DefinitionLimits::default()).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"))
}

#[test]
fn each_keeps_to_the_schema_and_gives_no_cause_for_a_warning() {
    let validator = jsonschema::draft202012::new(&schema::document(&DefinitionLimits::default())).unwrap();
    for (name, document) in examples() {
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{name}");
        assert_eq!(checked(&name, &document).warnings, [], "{name}");
    }
}

fn members(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// What an example is tried with: the object, what else is given, and what its steps get.
struct Case {
    name: &'static str,
    object: Value,
    given: Value,
    answers: Value,
    /// Each step that is taken: its path, its kind, and one thing that it is about to do.
    steps: Vec<(&'static str, &'static str, &'static str, Value)>,
    status: Option<u16>,
}

fn cases() -> Vec<Case> {
    let none = || json!({});
    vec![
        Case {
            name: "form-posted",
            object: json!({"id": "7", "name": "Anna", "text": "Two rooms"}),
            given: none(),
            answers: none(),
            steps: vec![
                ("steps[0]", "push", "role", json!("staff")),
                ("steps[1]", "push", "user_id", json!("*")),
            ],
            status: None,
        },
        Case {
            name: "nightly-report",
            object: none(),
            given: none(),
            answers: json!({"report": {"status": 200, "headers": {}, "body": {"url": "https://a.example/1"}}}),
            steps: vec![
                (
                    "steps[0]",
                    "http",
                    "headers",
                    json!({"Authorization": "Bearer secret", "Content-Type": "application/json"}),
                ),
                ("steps[1]", "if", "condition", json!("report.status == 200")),
                ("steps[1].then[0]", "create", "set", json!({"url": "https://a.example/1"})),
            ],
            status: None,
        },
        Case {
            name: "order-ready",
            object: json!({"id": "o1", "status": "ready", "owner": "anna", "table": "t4"}),
            given: json!({"before": {"status": "new"}}),
            answers: none(),
            steps: vec![
                ("steps[0]", "push", "message", json!("Order o1 is ready at table 4")),
                ("steps[1]", "edit", "set", json!({"rung_at": "2026-01-01T00:00:00.000Z"})),
                ("steps[2]", "create", "set", json!({"text": "anna was rung for o1"})),
            ],
            status: None,
        },
        Case {
            name: "sign-up",
            object: json!({"id": "7", "name": "Anna"}),
            given: json!({"WebUser": {"id": "eve"}}),
            answers: none(),
            steps: vec![
                ("steps[0]", "if", "condition", json!("name|trim|length < 3")),
                ("steps[0].else[0]", "edit", "set", json!({"greeting": "Welcome, Anna"})),
                ("steps[0].else[1]", "push", "user_id", json!("eve")),
            ],
            status: None,
        },
        Case {
            name: "sign-up",
            object: json!({"id": "7", "name": " A "}),
            given: none(),
            answers: none(),
            steps: vec![
                ("steps[0]", "if", "condition", json!("name|trim|length < 3")),
                (
                    "steps[0].then[0]",
                    "respond",
                    "body",
                    json!(r#"{"error":"Names have three letters at least"}"#),
                ),
                ("steps[0].then[1]", "delete", "id", json!("7")),
            ],
            status: Some(400),
        },
        Case {
            name: "low-battery",
            object: none(),
            given: json!({"provider": {"id": "car-1", "payload": {"cmd": "signal", "data": {"name": "battery", "value": 12}}}}),
            answers: json!({"position": {"result": "Brig"}}),
            steps: vec![
                ("steps[0]", "request_provider", "provider_id", json!("car-1")),
                (
                    "steps[1]",
                    "push",
                    "message",
                    json!({
                        "message": "car-1 has 12 % left near Brig", "parameters": {"id": "battery-car-1", "icon": "🔋", "duration": 10_000},
                    }),
                ),
            ],
            status: None,
        },
        Case {
            name: "webhook",
            object: none(),
            given: json!({"HttpRequest": {"body": {"order": "o1"}}}),
            answers: none(),
            steps: vec![
                ("steps[0]", "edit", "id", json!("o1")),
                ("steps[1]", "respond", "status", json!(202)),
                ("steps[2]", "wait", "for_s", json!(86_400)),
                ("steps[3]", "run_scenario", "scenario", json!("ask-for-a-review")),
            ],
            status: Some(202),
        },
    ]
}

async fn rehearsed(case: &Case, document: &Value) -> Rehearsal {
    let Checked { definition, .. } = checked(case.name, document);
    let structure = definition.trigger.structure().map(str::to_owned);
    let trial = Trial {
        start: Start { structure, object: members(case.object.clone()), given: members(case.given.clone()) },
        now_ms: "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().expect("it is an instant").as_millisecond(),
        answers: members(case.answers.clone()),
        links: members(json!({"table": {"number": 4}})),
        globals: members(json!({"accounts_token": "secret"})),
    };
    rehearse(&Arc::new(definition), trial).await
}

#[tokio::test]
async fn each_does_what_it_is_there_for() {
    let (examples, cases) = (examples(), cases());
    for name in examples.keys() {
        assert!(cases.iter().any(|case| case.name == name), "nothing tries {name}.json");
    }
    for case in cases {
        let rehearsal = rehearsed(&case, &examples[case.name]).await;
        assert_eq!((rehearsal.is_admitted, &rehearsal.failure), (true, &None), "{}", case.name);
        let taken = rehearsal.steps.iter().zip(&case.steps);
        let taken =
            taken.map(|(record, step)| (&*record.path, record.kind, step.2, record.input[step.2].clone()));
        assert_eq!(taken.collect::<Vec<_>>(), case.steps, "{}", case.name);
        assert_eq!(rehearsal.steps.len(), case.steps.len(), "{}", case.name);
        assert_eq!(rehearsal.response.map(|response| response.status), case.status, "{}", case.name);
    }
}

#[tokio::test]
async fn filters_keep_out_what_they_are_there_for() {
    for (name, object, given) in [
        ("order-ready", json!({"id": "o1", "status": "ready"}), json!({"before": {"status": "ready"}})),
        (
            "low-battery",
            json!({}),
            json!({"provider": {"payload": {"cmd": "signal", "data": {"name": "battery", "value": 20}}}}),
        ),
        ("webhook", json!({}), json!({"HttpRequest": {"body": {"order": 7}}})),
    ] {
        let case = Case { name, object, given, answers: json!({}), steps: Vec::new(), status: None };
        let rehearsal = rehearsed(&case, &examples()[name]).await;
        assert!(
            !rehearsal.is_admitted && rehearsal.steps.is_empty() && rehearsal.failure.is_none(),
            "{name}"
        );
    }
}
