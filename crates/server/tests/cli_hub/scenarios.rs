//! Scenarios to and from files, and their runs.

use std::fs;

use serde_json::json;

use crate::hub::{Hub, failure, folder, stdout};

const STRUCTURE: &str = r#"{"name": "orders", "fields": [{"name": "status", "type": "string"}]}"#;

fn scenario(message: &str) -> String {
    json!({
        "id": "told", "name": "Orders are told",
        "trigger": { "type": "object_created", "structure": "orders" },
        "steps": [{ "type": "log", "name": "says it", "message": message }],
    })
    .to_string()
}

#[test]
fn a_scenario_goes_to_the_hub_and_back_into_a_file() {
    let hub = Hub::start();
    let app = ["--app", "public"];
    let put = hub.run_with_input(&["scenario", "put", "--app", "public", "-"], &scenario("one"));
    assert_eq!(stdout(&put), "told: version 1\n", "{put:?}");
    let warning = String::from_utf8_lossy(&put.stderr).into_owned();
    assert_eq!(warning, "-: warning: trigger.structure: there is no structure \"orders\" yet\n");

    let folder = folder();
    let file = folder.path().join("told.json");
    let exported = hub.table(&[&["scenario", "export", "told"][..], &app].concat());
    fs::write(&file, exported.replace("\"one\"", "\"two\"")).unwrap();
    let file = file.to_str().unwrap();
    hub.run_with_input(&["structure", "put", "--app", "public", "-"], STRUCTURE);
    assert_eq!(
        hub.table(&[&["scenario", "put", file, file][..], &app].concat()),
        "told: version 2\ntold: version 2\n"
    );
    let former = hub.table(&[&["scenario", "export", "told", "--version", "1"][..], &app].concat());
    assert_eq!(former, exported);
    let unknown = hub.run(&[&["scenario", "export", "told", "--version", "7"][..], &app].concat());
    assert_eq!(failure(&unknown, 2), "version 7 of the scenario \"told\" isn't kept");

    assert_eq!(hub.table(&[&["scenario", "disable", "told"][..], &app].concat()), "told: disabled\n");
    let listed = hub.json(&[&["scenario", "list"][..], &app].concat());
    assert_eq!((&listed["items"][0]["enabled"], &listed["items"][0]["version"]), (&json!(false), &json!(3)));
    assert_eq!(hub.json(&[&["scenario", "versions", "told"][..], &app].concat())["items"][2]["version"], 1);
    let deleted = hub.table(&[&["scenario", "delete", "told", "--yes"][..], &app].concat());
    assert_eq!(deleted, "deleted the scenario \"told\"\n");
    assert_eq!(hub.refusal(&[&["scenario", "show", "told"][..], &app].concat()), "scenario_not_found");
}

#[test]
fn mistakes_in_a_document_are_told_with_their_places() {
    let hub = Hub::start();
    let document = scenario("{{").replace("\"steps\":[", r#""steps":[{"type":"fly"},"#);
    let refused = hub.run_with_input(&["scenario", "put", "--app", "public", "-"], &document);
    let message = failure(&refused, 1);
    assert!(message.starts_with("invalid_payload: steps[0].type: "), "{message}");
    assert!(message.contains("steps[1].message: the braces aren't closed"), "{message}");
}

#[test]
fn a_run_shows_what_its_steps_did() {
    let hub = Hub::start();
    hub.run_with_input(&["structure", "put", "--app", "public", "-"], STRUCTURE);
    hub.run_with_input(&["scenario", "put", "--app", "public", "-"], &scenario("{{status}}!"));
    let object = r#"{"id": "7", "status": "new"}"#;
    hub.run_with_input(&["object", "put", "--app", "public", "--structure", "orders", "-"], object);
    let run = hub.until("the run has ended", |hub| {
        let runs = hub.json(&["run", "list", "--app", "public", "--object", "orders/7", "--status", "done"]);
        runs["items"][0]["run"].as_i64()
    });
    let shown = hub.table(&["run", "show", "--app", "public", &run.to_string()]);
    assert!(shown.contains("status         done\n"), "{shown}");
    assert!(shown.contains("steps[0]: log, "), "{shown}");
    assert!(shown.contains("  {\"message\":\"new!\"}\n"), "{shown}");
    assert_eq!(hub.refusal(&["run", "cancel", "--app", "public", &run.to_string()]), "run_ended");

    let by_hand = hub.json(&["scenario", "run", "told", "--app", "public", "--object", "7"]);
    assert!(by_hand["run"].as_i64() > Some(run), "{by_hand}");
    let unknown = hub.refusal(&["scenario", "run", "told", "--app", "public", "--object", "8"]);
    assert_eq!(unknown, "object_not_found");
}
