//! Pages to and from files.

use std::fs;

use crate::hub::{Hub, failure, folder, stdout};

const PAGE: &str = r#"{"title": "Shop", "blocks": [{"type": "table", "endpoint": "orders/all", "columns": [{"field": "id"}]}]}"#;
const APP: [&str; 2] = ["--app", "public"];

#[test]
fn a_page_goes_to_the_hub_and_back_into_a_file() {
    let hub = Hub::start();
    let put = hub.run_with_input(&[&["page", "put", "home", "-"][..], &APP].concat(), PAGE);
    assert_eq!(stdout(&put), "home: version 1\n", "{put:?}");
    let warning = String::from_utf8_lossy(&put.stderr).into_owned();
    assert_eq!(warning, "-: warning: blocks[0].endpoint: there is no endpoint \"orders/all\" yet\n");

    let folder = folder();
    let file = folder.path().join("home.json");
    let exported = hub.table(&[&["page", "export", "home"][..], &APP].concat());
    fs::write(&file, exported.replace("Shop", "Shops")).unwrap();
    let file = file.to_str().unwrap();
    hub.run_with_input(
        &[&["structure", "put", "-"][..], &APP].concat(),
        r#"{"name": "orders", "fields": []}"#,
    );
    let endpoint = r#"{"structure": "orders", "method": "all", "read": "anyone"}"#;
    hub.run_with_input(&[&["endpoint", "put", "-"][..], &APP].concat(), endpoint);
    let save = [&["page", "put", "home", file, "--version", "1"][..], &APP].concat();
    assert_eq!(hub.table(&save), "home: version 2\n");
    assert_eq!(hub.refusal(&save), "version_conflict");
    let listed = hub.json(&[&["page", "list"][..], &APP].concat());
    assert_eq!(listed["items"][0]["document"]["title"], "Shops");
    assert!(hub.table(&[&["page", "show", "home"][..], &APP].concat()).contains("/p/public/home"));
    assert_eq!(
        hub.table(&[&["page", "delete", "home", "--yes"][..], &APP].concat()),
        "deleted the page \"home\"\n"
    );
    assert_eq!(hub.refusal(&[&["page", "show", "home"][..], &APP].concat()), "page_not_found");
}

#[test]
fn a_check_saves_nothing() {
    let hub = Hub::start();
    let check = [&["page", "check", "-"][..], &APP].concat();
    assert_eq!(stdout(&hub.run_with_input(&check, PAGE)), "has no mistakes\n");
    let refused = hub.run_with_input(&check, &PAGE.replace("orders/all", "orders").replace("Shop", ""));
    let message = failure(&refused, 1);
    assert!(message.starts_with("invalid_payload: title: is empty; blocks[0].endpoint: "), "{message}");
    let refused = hub.run_with_input(&check, &PAGE.replace("{\"title\"", "{\"objects\": 1, \"title\""));
    let message = failure(&refused, 1);
    assert!(message.starts_with("invalid_payload: objects: "), "{message}");
    assert_eq!(hub.json(&[&["page", "list"][..], &APP].concat())["items"], serde_json::json!([]));
}
