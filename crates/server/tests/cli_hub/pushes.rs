//! Pushes, sockets and providers, and the log of who did what.

use serde_json::json;

use crate::{
    hub::{Hub, text},
    socket::Socket,
};

#[test]
fn a_push_arrives() {
    let hub = Hub::start();
    for (user, role) in [("anna", "staff"), ("bert", "guest")] {
        hub.table(&["user", "create", "--app", "public", user, "--role", role, "--no-password"]);
    }
    let key = hub.json(&["key", "create", "--app", "public"]);
    let session = hub.json(&["session", "create", "--app", "public", "--user", "anna"]);
    let anna = Socket::connect(&hub, &json!({ "app_id": key["key"], "session_id": session["token"] }));

    let push = |rest: &[&str]| hub.json(&[&["push", "--app", "public"], rest].concat());
    let sent = push(&["--user", "*", "--event", "alert", "--message", "Hello \"you\"", "--id", "m1"]);
    assert_eq!(
        sent,
        json!({ "message_id": "m1", "matched_users": 2, "delivered": 1, "queued": 0, "duplicate": false })
    );
    assert_eq!(anna.next(), r#"42["alert","Hello \"you\""]"#);
    let again = hub.table(&["push", "--app", "public", "--user", "*", "--event", "alert", "--id", "m1"]);
    assert!(again.ends_with("\nduplicate      yes\n"), "{again}");

    assert_eq!(
        push(&["--user", "anna", "--user", "bert", "--event", "x y", "--message", "-5"])["matched_users"],
        2
    );
    assert_eq!(anna.next(), r#"42["x y","-5"]"#);
    assert_eq!(
        push(&["--role", "staff", "--event", "e", "--json-message", r#"{"b":[1,null]}"#])["delivered"],
        1
    );
    assert_eq!(anna.next(), r#"42["e",{"b":[1,null]}]"#);
    assert_eq!(push(&["--role", "guest", "--event", "e"])["delivered"], 0);

    let history = hub.table(&["push", "list", "--app", "public", "--limit", "200"]);
    assert_eq!(history.lines().count(), 5, "{history}");
    assert!(history.contains("  anna, bert        x y         -5 "), "{history}");
    assert_eq!(
        hub.refusal(&["push", "--app", "public", "--user", "*", "--event", "disconnect"]),
        "invalid_payload"
    );
    let not_json =
        hub.run(&["push", "--app", "public", "--user", "*", "--event", "e", "--json-message", "{"]);
    assert_eq!(not_json.status.code(), Some(2));
    assert!(text(&not_json.stderr).contains("this isn't JSON"), "{}", text(&not_json.stderr));
}

#[test]
fn sockets_are_listed_and_disconnected() {
    let hub = Hub::start();
    assert_eq!(hub.table(&["socket", "list", "--app", "public"]), "none\n");
    let socket = Socket::connect(&hub, &json!({}));
    let listed = hub.table(&["socket", "list", "--app", "public"]);
    assert!(listed.lines().nth(1).is_some_and(|line| line.starts_with(&socket.sid)), "{listed}");
    assert_eq!(hub.table(&["socket", "list", "--app", "public", "--user", "anna"]), "none\n");
    let disconnected = hub.table(&["socket", "disconnect", "--app", "public", &socket.sid]);
    assert_eq!(disconnected, format!("disconnected {}\n", socket.sid));
    assert!(socket.next().contains("disconnected_by_operator"));
    assert_eq!(hub.refusal(&["socket", "disconnect", "--app", "public", &socket.sid]), "socket_not_found");
}

#[test]
fn providers_are_listed_without_steering_the_terminal() {
    let hub = Hub::start();
    assert_eq!(hub.table(&["provider", "list"]), "none\n");
    let provider = Socket::connect(&hub, &json!({}));
    provider.send(r#"420["register_provider",{"provider_id":"CAR","name":"\u001b[31mred"}]"#);
    assert!(provider.next().starts_with("430"));
    let listed = hub.table(&["provider", "list"]);
    let expected = "provider_id  name      online  members  followers\nCAR          \u{fffd}[31mred  yes     1        0\n";
    assert_eq!(listed, expected);
    assert_eq!(hub.items(&["provider", "list"])[0]["name"], "\u{1b}[31mred");
}

#[test]
fn the_audit_log_tells_who_did_what() {
    let hub = Hub::start();
    hub.table(&["app", "create", "shop"]);
    hub.table(&["user", "create", "--app", "shop", "anna", "--no-password"]);
    let log = hub.items(&["audit", "--app", "shop"]);
    let actions: Vec<_> =
        log.iter().map(|entry| (&entry["actor"], &entry["action"], &entry["subject"])).collect();
    let by_admin = json!("admin:admin");
    let expected = [("user.create", "anna"), ("app.create", "shop")].map(|(a, s)| (json!(a), json!(s)));
    let expected: Vec<_> = expected.iter().map(|(action, subject)| (&by_admin, action, subject)).collect();
    assert_eq!(actions, expected);
    let table = hub.table(&["audit", "--app", "shop"]);
    assert!(table.contains("admin:admin  user.create  shop  anna     127.0.0.1  {"), "{table}");
}
