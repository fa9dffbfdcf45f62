//! Users, their passwords and their sessions.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::{
    hub::{Hub, failure, stdout, text},
    socket::log_in,
};

/// Whether the user of `public` can log in with this password.
fn logs_in(hub: &Hub, user: &str, password: &str) -> bool {
    let key = hub.json(&["key", "create", "--app", "public"]);
    log_in(&hub.url, key["key"].as_str().expect("keys are text"), user, password).is_string()
}

#[test]
fn users_get_passwords_that_no_command_line_shows() {
    let hub = Hub::start();
    let create = ["user", "create", "--app", "public", "anna", "--role", "staff", "--password-stdin"];
    let created = hub.run_with_input(&create, "correct horse\nnever read\n");
    assert!(stdout(&created).starts_with("id            anna\nrole          staff\n"), "{created:?}");
    assert!(!stdout(&created).contains("horse"));
    assert!(logs_in(&hub, "anna", "correct horse"));
    assert_eq!(
        failure(&hub.run_with_input(&create, "another one"), 1).split(':').next(),
        Some("user_exists")
    );
    let nothing = failure(&hub.run(&create), 2).to_owned();
    assert_eq!(nothing, "--password-stdin: there is no password on standard input");

    let drawn = hub.json(&["user", "create", "--app", "public", "bert", "--password-generate"]);
    assert_eq!((&drawn["id"], &drawn["has_password"]), (&json!("bert"), &json!(true)));
    assert!(logs_in(&hub, "bert", drawn["password"].as_str().unwrap()));
    let again = hub.table(&["user", "password", "--app", "public", "bert", "--password-generate"]);
    let again = again.lines().find_map(|line| line.strip_prefix("password ")).unwrap().trim();
    assert!(!logs_in(&hub, "bert", drawn["password"].as_str().unwrap()));
    assert!(logs_in(&hub, "bert", again));

    let without = hub.table(&["user", "create", "--app", "public", "carl", "--no-password"]);
    assert!(without.contains("\nhas_password  no\n"), "{without}");
}

#[test]
fn a_password_is_only_asked_for_at_a_terminal() {
    let hub = Hub::start();
    let inner = hub.ask(&["user", "create", "--app", "public", "anna"]);
    // Without a session of its own the command would find the terminal of whoever runs this test.
    let mut detached = Command::new("setsid");
    detached.arg("--wait").arg(inner.get_program()).args(inner.get_args()).stdin(Stdio::null());
    let expected =
        "there is no terminal to ask for the password at: use --password-stdin or --password-generate";
    assert!(failure(&detached.output().unwrap(), 2).starts_with(expected));
    assert_eq!(hub.refusal(&["user", "show", "--app", "public", "anna"]), "user_not_found");
}

#[test]
fn users_are_found_changed_and_deleted() {
    let hub = Hub::start();
    let odd = "d/é ?#%2F";
    for user in ["anna", "bert", "berta", odd] {
        hub.table(&["user", "create", "--app", "public", user, "--no-password"]);
    }
    assert_eq!(hub.json(&["user", "show", "--app", "public", odd])["id"], odd);
    let shown = hub.table(&[
        "user",
        "update",
        "--app",
        "public",
        "bert",
        "--role",
        "it",
        "--profile",
        r#"{"a":[1]}"#,
    ]);
    assert!(shown.contains("\nrole          it\nprofile       {\"a\":[1]}\n"), "{shown}");

    let ids = |command: &[&str]| -> Vec<Value> {
        hub.items(&[&["user", "list", "--app", "public"], command].concat())
            .iter()
            .map(|u| u["id"].clone())
            .collect()
    };
    assert_eq!(ids(&[]), ["anna", "bert", "berta", odd]);
    assert_eq!(ids(&["--role", "it"]), ["bert"]);
    assert_eq!(ids(&["--starts-with", "bert"]), ["bert", "berta"]);
    let part = hub.run(&["user", "list", "--app", "public", "--limit", "2"]);
    assert_eq!(stdout(&part).lines().count(), 3);
    let next = note(&part).strip_prefix("there are more: --after ").unwrap().to_owned();
    assert_eq!(ids(&["--limit", "2", "--after", &next]), ["berta", odd]);
    assert_eq!(hub.refusal(&["user", "list", "--app", "public", "--limit", "0"]), "invalid_payload");

    assert_eq!(hub.table(&["user", "delete", "--app", "public", odd]), format!("deleted the user {odd:?}\n"));
    assert_eq!(hub.refusal(&["user", "delete", "--app", "public", odd]), "user_not_found");
}

/// The line that goes beside the output of a command that did what it should.
fn note(output: &Output) -> &str {
    assert!(output.status.success());
    text(&output.stderr).trim_end()
}

#[test]
fn sessions_are_opened_and_ended() {
    let hub = Hub::start();
    hub.table(&["user", "create", "--app", "public", "anna", "--no-password"]);
    assert_eq!(hub.refusal(&["session", "create", "--app", "public", "--user", "nobody"]), "user_not_found");
    let opened = hub.table(&["session", "create", "--app", "public", "--user", "anna"]);
    assert!(opened.contains("user_id  anna\n") && opened.contains("\ntoken    "), "{opened}");
    for _ in 0..2 {
        hub.json(&["session", "create", "--app", "public", "--user", "anna"]);
    }
    let sessions = hub.items(&["session", "list", "--app", "public", "--user", "anna"]);
    assert_eq!(sessions.len(), 3);
    let first = sessions[0]["id"].to_string();
    assert_eq!(
        hub.table(&["session", "revoke", "--app", "public", &first]),
        format!("ended session {first}\n")
    );
    assert_eq!(hub.refusal(&["session", "revoke", "--app", "public", &first]), "session_not_found");
    assert_eq!(hub.table(&["session", "revoke", "--app", "public", "--user", "anna"]), "revoked  2\n");
    assert_eq!(hub.table(&["session", "list", "--app", "public"]), "none\n");
}
