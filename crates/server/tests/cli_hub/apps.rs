//! Apps, keys and plugins.

use serde_json::{Value, json};

use crate::hub::{Hub, failure, stdout, text};

#[test]
fn apps_are_made_changed_and_deleted() {
    let hub = Hub::start();
    let created = hub.table(&["app", "create", "shop", "--name", "The Shop", "--bridge", "locked"]);
    assert!(created.starts_with("id             shop\nname           The Shop\n"), "{created}");
    assert_eq!(hub.refusal(&["app", "create", "shop"]), "app_exists");
    assert_eq!(hub.refusal(&["app", "create", "No Id"]), "invalid_payload");

    // Settings that aren't mentioned stay.
    hub.table(&["app", "update", "shop", "--session-ttl-s", "60"]);
    let app = hub.json(&["app", "update", "shop", "--anonymous", "deny"]);
    let settings = json!({
        "anonymous": "deny", "bridge": "locked", "session_ttl_s": 60, "time_zone": "UTC", "globals": {},
    });
    assert_eq!(app["settings"], settings);
    assert_eq!(hub.json(&["app", "update", "shop", "--name", "S"])["settings"], app["settings"]);
    assert_eq!(hub.json(&["app", "show", "shop"])["name"], "S");

    let list = hub.table(&["app", "list"]);
    assert_eq!(list.lines().next(), Some("id      name    anonymous  bridge  created"), "{list}");
    assert!(list.contains("\nshop    S       deny       locked  20"), "{list}");

    let unsure = hub.run(&["app", "delete", "shop"]);
    assert_eq!(failure(&unsure, 2), "deleting the app \"shop\" can't be undone: say --yes");
    assert_eq!(hub.table(&["app", "delete", "shop", "--yes"]), "deleted the app \"shop\"\n");
    assert_eq!(hub.refusal(&["app", "show", "shop"]), "app_not_found");
    assert_eq!(hub.refusal(&["app", "update", "shop", "--name", "S"]), "app_not_found");
}

#[test]
fn an_app_has_a_time_zone_and_global_variables() {
    let hub = Hub::start();
    let create = ["app", "create", "shop", "--time-zone", "Europe/Berlin", "--globals", "-"];
    let created = hub.run_with_input(&create, r#"{"city": "Brig", "open": {"from": 8}}"#);
    let created = stdout(&created);
    assert!(created.contains("\ntime_zone      Europe/Berlin\n"), "{created}");
    assert!(created.contains("\nglobals        {\"city\":\"Brig\",\"open\":{\"from\":8}}\n"), "{created}");

    // What was shown can be put back.
    let shown = hub.json(&["app", "update", "shop", "--name", "S"])["settings"]["globals"].to_string();
    let put = hub.run_with_input(&["app", "update", "shop", "--globals", "-", "--json"], &shown);
    let put: Value = serde_json::from_str(stdout(&put)).unwrap();
    assert_eq!(put["settings"]["globals"], json!({ "city": "Brig", "open": { "from": 8 } }));
    assert_eq!(put["settings"]["time_zone"], "Europe/Berlin");

    let refused = hub.run(&["app", "update", "shop", "--time-zone", "Mars"]);
    let expected = "invalid_payload: settings.time_zone: \"Mars\" is no time zone: Europe/Berlin is one";
    assert_eq!(failure(&refused, 1), expected);
    let refused = hub.run_with_input(&["app", "update", "shop", "--globals", "-"], r#"{"a b": 1}"#);
    assert!(failure(&refused, 1).starts_with("invalid_payload: settings.globals: "), "{refused:?}");
}

#[test]
fn keys_are_made_and_revoked() {
    let hub = Hub::start();
    let key = hub.json(&["key", "create", "--app", "public", "--name", "web"]);
    let key = key["key"].as_str().unwrap();
    assert!(hub.table(&["key", "list", "--app", "public"]).contains(key));
    assert_eq!(hub.table(&["key", "revoke", "--app", "public", key]), format!("revoked the key {key}\n"));
    assert_eq!(hub.refusal(&["key", "revoke", "--app", "public", key]), "key_not_found");
    let keys = hub.items(&["key", "list", "--app", "public"]);
    assert!(
        keys.iter().any(|listed| listed["key"] == key && listed["revoked_at_ms"].is_number()),
        "{keys:?}"
    );
    assert_eq!(hub.refusal(&["key", "list", "--app", "nope"]), "app_not_found");
}

#[test]
fn a_secret_key_speaks_for_its_app_until_it_is_revoked() {
    let hub = Hub::start();
    hub.table(&["app", "create", "shop"]);
    let create = ["secret-key", "create", "--app", "shop", "--scope", "push", "--name", "backend"];
    let key = hub.json(&create);
    assert_eq!(key["scopes"], json!(["push"]));
    let (id, secret) = (key["id"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let listed = hub.table(&["secret-key", "list", "--app", "shop"]);
    assert!(listed.contains(id) && !listed.contains(secret), "{listed}");

    let push = ["push", "--app", "shop", "--user", "*", "--event", "e", "--token", secret];
    assert!(hub.table(&push).starts_with("message_id "));
    let by_environment = hub.ask(&push[..7]).env("CAMPANILE_TOKEN", secret).output().unwrap();
    assert!(by_environment.status.success(), "{}", text(&by_environment.stderr));
    assert_eq!(
        hub.refusal(&["user", "create", "--app", "shop", "a", "--no-password", "--token", secret]),
        "forbidden"
    );
    assert_eq!(hub.refusal(&["user", "list", "--app", "public", "--token", secret]), "app_not_found");

    assert_eq!(
        hub.table(&["secret-key", "revoke", "--app", "shop", id]),
        format!("revoked the secret key {id}\n")
    );
    let revoked = hub.run(&push);
    assert!(failure(&revoked, 1).starts_with("unauthorized: "));
    assert!(failure(&revoked, 1).ends_with(" (see --token)"));
}

#[test]
fn plugins_come_and_go() {
    let hub = Hub::start();
    hub.table(&["app", "create", "shop"]);
    let names = |items: Vec<Value>| items.iter().map(|item| item["name"].clone()).collect::<Vec<_>>();
    assert_eq!(hub.table(&["plugin", "remove", "--app", "shop", "bridge"]), "removed the plugin bridge\n");
    assert_eq!(hub.refusal(&["plugin", "remove", "--app", "shop", "bridge"]), "plugin_not_installed");
    assert_eq!(names(hub.items(&["plugin", "list", "--app", "shop"])), ["socket.io"]);
    let installed = hub.table(&["plugin", "install", "--app", "shop", "bridge", "--settings", "{\"a\": 1}"]);
    assert!(installed.starts_with("name       bridge\nsettings   {\"a\":1}\n"), "{installed}");
    assert_eq!(names(hub.items(&["plugin", "list", "--app", "shop"])), ["bridge", "socket.io"]);
    assert_eq!(hub.refusal(&["plugin", "install", "--app", "shop", "toaster"]), "plugin_unknown");
}
