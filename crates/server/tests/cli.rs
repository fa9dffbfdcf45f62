//! The binary as an operator meets it: what it prints, and how it exits.

#![expect(clippy::unwrap_used, reason = "a test that can't prepare has to fail")]

use std::{
    fs,
    net::TcpListener,
    process::{Command, Output},
};

fn campanile(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_campanile"))
        .args(arguments)
        .output()
        .expect("cargo built the binary before this test")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the binary prints UTF-8")
}

/// The one line that a failure consists of; the exit code is 2.
fn failure(output: &Output) -> &str {
    let text = std::str::from_utf8(&output.stderr).expect("the binary prints UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end()
}

#[test]
fn the_default_configuration_can_be_saved_and_checked() {
    let default = campanile(&["config", "default"]);
    assert!(default.status.success());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(&file, stdout(&default)).unwrap();
    let file = file.to_str().unwrap();
    let check = campanile(&["config", "check", file]);
    assert!(check.status.success());
    assert_eq!(stdout(&check), format!("{file}: ok\n"));
}

#[test]
fn a_faulty_file_stops_check_and_serve_alike() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(&file, "shards = 2\n\n[bridge]\nduplicat_provider = \"share\"\n").unwrap();
    let file = file.to_str().unwrap();
    let expected =
        format!("{file}:4: unknown key \"bridge.duplicat_provider\" (did you mean \"duplicate_provider\"?)");
    assert_eq!(failure(&campanile(&["config", "check", file])), expected);
    assert_eq!(failure(&campanile(&["serve", "--config", file])), expected);
}

#[test]
fn a_missing_file_is_named() {
    let check = campanile(&["config", "check", "no-such.toml"]);
    assert_eq!(failure(&check), "no-such.toml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serve = campanile(&["serve", "--listen", &address, "--data-dir", data]);
    assert_eq!(failure(&serve), format!("cannot listen on {address}: Address already in use (os error 98)"));
}

#[test]
fn variables_of_the_commands_that_ask_are_no_settings() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let serve = |variable: &str| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_campanile"));
        serve.args(["serve", "--listen", &address, "--data-dir"]).arg(folder.path()).env(variable, "x");
        serve.output().unwrap()
    };
    for variable in ["CAMPANILE_URL", "CAMPANILE_TOKEN"] {
        assert!(failure(&serve(variable)).starts_with("cannot listen on "), "{variable}");
    }
    assert_eq!(std::str::from_utf8(&serve("CAMPANILE_NONSENSE").stderr).unwrap().lines().count(), 2);
}

/// What `campanile scenario test` says of a scenario and an object.
fn try_scenario(scenario: &str, object: &str, options: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let [scenario_file, object_file] = ["scenario.json", "object.json"].map(|name| folder.path().join(name));
    fs::write(&scenario_file, scenario).unwrap();
    fs::write(&object_file, object).unwrap();
    let mut arguments = vec!["scenario", "test", scenario_file.to_str().unwrap()];
    arguments.extend(["--object", object_file.to_str().unwrap()]);
    arguments.extend(options);
    campanile(&arguments)
}

#[test]
fn a_scenario_is_tried_without_doing_anything() {
    let scenario = r#"{
        "id": "ready", "trigger": {"type": "object_changed", "structure": "orders"}, "filter": "status == 'ready'",
        "steps": [
            {"type": "push", "name": "ring", "user_id": "{{owner}}", "event_name": "alert", "message": "{{owner.name}}: {{now}}"},
            {"type": "http", "url": "https://example.com/{{WebUser.id}}", "as": "answer"},
            {"type": "if", "condition": "answer.status == 503", "then": [{"type": "log", "message": "down\u001b[2J"}]}
        ]
    }"#;
    let object = r#"{"id": "o1", "status": "ready", "owner": "eve"}"#;
    let options = [
        "--user",
        "adam",
        "--now",
        "2026-03-29T01:00:00Z",
        "--link",
        r#"owner={"name": "Eve"}"#,
        "--answer",
        r#"answer={"status": 503}"#,
    ];
    let tried = try_scenario(scenario, object, &options);
    assert!(tried.status.success(), "{tried:?}");
    let expected = "\
steps[0]: push \"ring\"
  event_name: alert
  id: dry-run:steps[0]
  message: Eve: 2026-03-29T01:00:00.000Z
  mode: string
  store: false
  user_id: eve
steps[1]: http
  method: GET
  timeout_ms: 10000
  url: https://example.com/adam
  -> {\"status\":503}
steps[2]: if
  condition: answer.status == 503
  -> true
steps[2].then[0]: log
  message: down\u{fffd}[2J
";
    assert_eq!(stdout(&tried), expected);

    let tried = try_scenario(scenario, r#"{"id": "o1", "status": "new"}"#, &["--json"]);
    let answer: serde_json::Value = serde_json::from_str(stdout(&tried)).unwrap();
    assert_eq!(answer["run"], serde_json::json!({"is_admitted": false, "steps": []}));
    assert_eq!(stdout(&try_scenario(scenario, "{}", &[])), "the filter doesn't hold: nothing is done\n");
}

#[test]
fn a_scenario_says_when_it_is_due() {
    let scenario = r#"{"id": "x", "time_zone": "Europe/Berlin", "trigger": {"type": "schedule", "daily": "02:30"}, "steps": []}"#;
    let tried = try_scenario(scenario, "{}", &["--now", "2026-03-28T12:00:00Z"]);
    let due = "due 2026-03-29 01:00:00Z\ndue 2026-03-30 00:30:00Z\ndue 2026-03-31 00:30:00Z\n";
    assert_eq!(stdout(&tried), format!("{due}there are no steps\n"));

    // Without a zone of its own, in the app's.
    let scenario = r#"{"id": "x", "trigger": {"type": "schedule", "daily": "02:30"}, "steps": []}"#;
    let first_due = |options: &[&str]| {
        let tried = try_scenario(scenario, "{}", &[&["--now", "2026-07-01T12:00:00Z"], options].concat());
        stdout(&tried).lines().next().map(str::to_owned)
    };
    assert_eq!(first_due(&[]).as_deref(), Some("due 2026-07-02 02:30:00Z"));
    assert_eq!(first_due(&["--time-zone", "Asia/Tokyo"]).as_deref(), Some("due 2026-07-01 17:30:00Z"));
    let refused = try_scenario(scenario, "{}", &["--time-zone", "Mars"]);
    let problem = std::str::from_utf8(&refused.stderr).unwrap();
    assert!(problem.contains("\"Mars\" is no time zone: Europe/Berlin is one"), "{problem}");
}

#[test]
fn all_mistakes_of_a_scenario_are_told() {
    let scenario = r#"{"id": "a b", "trigger": {"type": "webhook"}, "steps": [{"type": "log", "message": "{{"}, {"type": "fly"}]}"#;
    let tried = try_scenario(scenario, "{}", &["--json"]);
    assert_eq!(tried.status.code(), Some(2));
    let error = std::str::from_utf8(&tried.stderr).unwrap();
    assert_eq!(error.lines().count(), 3, "{error}");
    assert!(error.contains("scenario.json: steps[0].message: the braces aren't closed"), "{error}");
    let answer: serde_json::Value = serde_json::from_str(stdout(&tried)).unwrap();
    assert_eq!(answer["mistakes"][1]["path"], "id");
}

#[test]
fn a_scenario_that_would_fail_says_where() {
    let scenario = r#"{"id": "x", "trigger": {"type": "webhook"}, "steps": [{"type": "push", "user_id": "{{owner}}", "event_name": "e"}]}"#;
    let tried = try_scenario(scenario, "{}", &[]);
    assert_eq!(stdout(&tried), "steps[0]: push\n");
    assert_eq!(failure(&tried), "the run fails: user_missing: user_id names nobody");
}

#[test]
fn the_schema_of_scenarios_is_the_one_in_the_documentation() {
    let kept = include_str!("../../../docs/scenario.schema.json");
    assert_eq!(stdout(&campanile(&["scenario", "schema"])), kept);
}

#[test]
fn the_version_is_told() {
    let version = campanile(&["--version"]);
    assert_eq!(stdout(&version), format!("campanile {}\n", env!("CARGO_PKG_VERSION")));
}
