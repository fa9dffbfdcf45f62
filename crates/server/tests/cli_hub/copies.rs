//! A hub to be tried, and a copy of a hub.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    hub::{Hub, campanile, failure, folder, stdout, text},
    socket::{Socket, log_in},
};

#[test]
fn a_backup_of_a_running_hub_starts_as_a_hub() {
    let hub = Hub::start();
    hub.table(&["app", "create", "shop"]);
    let copy = folder();
    let file = copy.path().join("campanile.db");
    let backup = |folder: &Path, file: &Path| {
        campanile().args(["backup", "--data-dir"]).arg(folder).arg(file).output().unwrap()
    };
    let done = backup(hub.data.path(), &file);
    assert_eq!(stdout(&done), format!("{}: complete\n", file.display()), "{}", text(&done.stderr));
    let refused = failure(&backup(hub.data.path(), &file), 2).to_owned();
    assert_eq!(refused, format!("{}: the file exists already; name another one", file.display()));
    let nowhere = copy.path().join("no-such").join("copy.db");
    let refused = failure(&backup(hub.data.path(), &nowhere), 2).to_owned();
    assert_eq!(refused, format!("{}: there is no such folder", nowhere.display()));
    let missing = folder();
    let refused = failure(&backup(missing.path(), &copy.path().join("other")), 2).to_owned();
    assert!(refused.ends_with("campanile.db: name the hub's data folder with --data-dir"), "{refused}");
    assert!(!copy.path().join("other").exists());

    hub.table(&["app", "delete", "shop", "--yes"]);
    let restored = Hub::start_in(copy, &["serve"]);
    assert_eq!(restored.json(&["app", "show", "shop"])["id"], "shop");
}

#[test]
fn a_demo_is_there_to_be_tried_and_keeps_what_was_made() {
    let hub = Hub::start_in(folder(), &["demo"]);
    let (key, password) = (hub.said("app_id").to_owned(), hub.said("password").to_owned());
    let log_in =
        |hub: &Hub, password: &str| log_in(hub.said("URL"), hub.said("app_id"), "testUser", password);
    assert!(
        hub.said("receive").contains(&format!("{{auth: {{app_id: \"{key}\", ")),
        "{}",
        hub.said("receive")
    );
    let token = log_in(&hub, &password);
    let socket = Socket::connect(&hub, &json!({ "app_id": key, "session_id": token }));
    for (command, arrives) in
        [("push", r#"42["alert","Ding dong"]"#), ("broadcast", r#"42["alert","Hello, everybody"]"#)]
    {
        let typed = Command::new("sh").args(["-c", hub.said(command)]).output().unwrap();
        assert!(typed.status.success(), "{}", text(&typed.stderr));
        assert_eq!(socket.next(), arrives);
    }
    hub.table(&["plugin", "remove", "--app", "demo", "bridge"]);
    hub.table(&["app", "update", "demo", "--name", "Mine"]);

    let data = folder();
    let mut copy = campanile();
    copy.arg("backup").arg("--data-dir").arg(hub.data.path()).arg(data.path().join("campanile.db"));
    assert!(copy.output().unwrap().status.success());
    let again = Hub::start_in(data, &["demo"]);
    assert_eq!(again.said("app_id"), key);
    assert_eq!(log_in(&again, &password), Value::Null);
    assert!(log_in(&again, again.said("password")).is_string());
    assert_eq!(again.items(&["plugin", "list", "--app", "demo"]).len(), 2);
    assert_eq!(again.json(&["app", "show", "demo"])["name"], "Mine");
}
