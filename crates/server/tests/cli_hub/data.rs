//! Structures, objects and endpoints.

use std::fs;

use serde_json::{Value, json};

use crate::hub::{Hub, failure, folder, stdout, text};

const STRUCTURE: &str = r#"{"name": "orders", "title": "Orders", "fields": [
    {"name": "total", "type": "number"}, {"name": "note", "type": "string"}, {"name": "items", "type": "links"}]}"#;

/// A hub whose app `public` has the structure `orders`.
fn with_orders() -> Hub {
    let hub = Hub::start();
    let put = hub.run_with_input(&["structure", "put", "--app", "public", "-"], STRUCTURE);
    assert!(put.status.success(), "{put:?}");
    assert!(stdout(&put).starts_with("name     orders\ntitle    Orders\nfields   "), "{put:?}");
    hub
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("it is a list");
    items.iter().map(|item| item["id"].as_str().expect("ids are texts")).collect()
}

#[test]
fn a_structure_is_put_shown_and_put_back() {
    let hub = with_orders();
    let shown = hub.json(&["structure", "show", "--app", "public", "orders"]);
    assert_eq!((&shown["title"], shown["fields"].as_array().unwrap().len()), (&json!("Orders"), 3));
    assert!(hub.table(&["structure", "list", "--app", "public"]).contains("\norders  Orders  0        "));

    let folder = folder();
    let file = folder.path().join("orders.json");
    let mut changed = shown;
    changed["title"] = json!("All orders");
    fs::write(&file, changed.to_string()).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(hub.json(&["structure", "put", "--app", "public", file])["title"], "All orders");

    let asked = failure(&hub.run(&["structure", "delete", "--app", "public", "orders"]), 2).to_owned();
    assert_eq!(asked, "deleting the structure \"orders\" can't be undone: say --yes");
    let deleted = hub.table(&["structure", "delete", "--app", "public", "orders", "--yes"]);
    assert_eq!(deleted, "deleted the structure \"orders\"\n");
    assert_eq!(hub.refusal(&["structure", "show", "--app", "public", "orders"]), "structure_not_found");
}

#[test]
fn a_file_that_is_no_structure_is_named() {
    let hub = Hub::start();
    for (input, message) in [
        ("", "-: this isn't JSON: "),
        ("[]", "-: must be one JSON object"),
        ("{\"fields\": []}", "-: has no \"name\""),
    ] {
        let refused = hub.run_with_input(&["structure", "put", "--app", "public", "-"], input);
        assert!(failure(&refused, 2).starts_with(message), "{refused:?}");
    }
    let missing = hub.run(&["endpoint", "put", "--app", "public", "no-such-file.json"]);
    assert!(failure(&missing, 2).starts_with("no-such-file.json: cannot be read: "), "{missing:?}");
    let misspelt = "{\"name\": \"a\", \"fields\": [{\"name\": \"b\", \"type\": \"text\"}]}";
    let refused = hub.run_with_input(&["structure", "put", "--app", "public", "-"], misspelt);
    assert!(failure(&refused, 1).starts_with("invalid_payload: the body: unknown variant"), "{refused:?}");
}

#[test]
fn objects_are_created_found_changed_and_deleted() {
    let hub = with_orders();
    let of = ["--app", "public", "--structure", "orders"];
    let run = |command: &[&str], input: &str| {
        let arguments = [&["object"], command, &of, &["--json"]].concat();
        let output = hub.run_with_input(&arguments, input);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_str::<Value>(stdout(&output)).unwrap_or_default()
    };
    let one = run(&["put", "-"], r#"{"id": "-1", "total": 12345678901234567, "note": "a", "items": ["x"]}"#);
    assert_eq!(
        (&one["id"], &one["version"], &one["total"]),
        (&json!("-1"), &json!(1), &json!(12_345_678_901_234_567_i64))
    );
    let several = run(&["put", "-", "--no-event"], r#"[{"id": "2", "total": 2}, {"id": "3", "total": 3}]"#);
    assert_eq!(ids(&several), ["2", "3"]);

    let merged = run(&["put", "-", "--id", "-1", "--merge"], r#"{"total": 1}"#);
    assert_eq!((&merged["total"], &merged["note"]), (&json!(1), &json!("a")));
    let replaced = run(&["put", "-", "--id", "-1"], r#"{"total": 1, "version": 2}"#);
    assert_eq!((&replaced["version"], replaced.get("note")), (&json!(3), None));
    assert_eq!(run(&["get", "-1"], ""), replaced);

    let filter = r#"{"total": {"lt": 3}}"#;
    assert_eq!(ids(&run(&["list", "--filter", filter, "--sort", "total,desc"], "")), ["2", "-1"]);
    let part = hub.run(&[&["object", "list", "--page-size", "2"], &of[..]].concat());
    assert!(stdout(&part).starts_with("id  total  version  created  "), "{part:?}");
    assert_eq!(text(&part.stderr), "there are more, 3 in all: --page 1\n");
    let rest = hub.run(&[&["object", "list", "--page-size", "2", "--page", "1"], &of[..]].concat());
    assert_eq!((stdout(&rest).lines().count(), text(&rest.stderr)), (2, ""), "{rest:?}");

    let shown = hub.table(&[&["object", "get", "2"], &of[..]].concat());
    assert!(shown.starts_with("id       2\ntotal    2\nversion  1\ncreated  "), "{shown}");
    assert_eq!(
        hub.refusal(&[&["object", "delete", "2", "--version", "9"], &of[..]].concat()),
        "version_conflict"
    );
    run(&["delete", "2", "--version", "1", "--no-event"], "");
    let deleted = hub.table(&[&["object", "delete", "-1"], &of[..]].concat());
    assert_eq!(deleted, "deleted the object \"-1\"\n");
    assert_eq!(hub.refusal(&[&["object", "get", "2"], &of[..]].concat()), "object_not_found");
    assert_eq!(ids(&run(&["list"], "")), ["3"]);
}

#[test]
fn endpoints_are_put_listed_and_deleted() {
    let hub = with_orders();
    let endpoint =
        r#"{"structure": "orders", "method": "open", "read": {"roles": ["cook"]}, "filter": {"total": 1}}"#;
    let put = hub.run_with_input(&["endpoint", "put", "--app", "public", "-", "--json"], endpoint);
    let put: Value = serde_json::from_str(stdout(&put)).unwrap();
    assert_eq!((&put["method"], &put["write"]), (&json!("open"), &json!("nobody")));
    let again = hub.run_with_input(&["endpoint", "put", "--app", "public", "-"], &put.to_string());
    assert!(stdout(&again).contains("\nread       {\"roles\":[\"cook\"]}\nwrite      nobody\n"), "{again:?}");

    let listed = hub.json(&["endpoint", "list", "--app", "public"]);
    assert_eq!(
        (listed["items"].as_array().unwrap().len(), &listed["items"][0]["structure"]),
        (1, &json!("orders"))
    );
    let deleted = hub.table(&["endpoint", "delete", "--app", "public", "orders", "open"]);
    assert_eq!(deleted, "deleted the endpoint orders/open\n");
    assert_eq!(
        hub.refusal(&["endpoint", "delete", "--app", "public", "orders", "open"]),
        "endpoint_not_found"
    );
}
