//! What a process leaves behind that dies, and one whose disk is full. Each such process is this program again, with
//! one test that is otherwise left out.

use std::{
    path::Path,
    process::{Command, Output},
};

use campanile_store::{OpenError, Options, Store, StoreError};
use tempfile::TempDir;

use crate::{
    PUBLIC, Town,
    groups::{Held, insert, users},
    open, push,
};

const FOLDER: &str = "CAMPANILE_STORE_TEST_FOLDER";

/// Runs one test in a process of its own, in a shell that first does `before`.
pub(crate) fn run(test: &str, before: &str, folder: &Path) -> Output {
    let program = std::env::current_exe().unwrap();
    Command::new("sh")
        .args(["-c", &format!(r#"{before}; exec "$@""#), "sh"])
        .arg(program)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .output()
        .unwrap()
}

/// Where that process works.
pub(crate) fn folder() -> std::path::PathBuf {
    std::env::var_os(FOLDER).expect("only started by another test").into()
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_process_that_dies() {
    let folder = TempDir::new().unwrap();
    let died = run("durability::dies", "true", folder.path());
    assert!(!died.status.success(), "{died:?}");
    let printed = String::from_utf8(died.stdout).unwrap();
    let acknowledged: Vec<&str> =
        printed.lines().filter_map(|line| line.split_once("acknowledged ")).map(|(_, id)| id).collect();
    assert_eq!(acknowledged.len(), 50, "{printed}");
    assert_eq!(users(&open(folder.path())).await, acknowledged);
}

#[tokio::test]
#[ignore = "part of another test"]
async fn dies() {
    let store = open(&folder());
    for number in 0..50 {
        let id = format!("{number:02}");
        insert(&store, &id).await.unwrap();
        println!("acknowledged {id}");
    }
    std::process::abort();
}

#[test]
fn another_process_is_kept_out() {
    let town = Town::new();
    let refused = run("durability::is_kept_out", "true", town.folder.path());
    assert!(refused.status.success(), "{refused:?}");
    assert!(String::from_utf8(refused.stdout).unwrap().contains("1 passed"));
}

#[test]
#[ignore = "part of another test"]
fn is_kept_out() {
    let refused = Store::open(&folder(), &Options::default());
    assert!(matches!(refused, Err(OpenError::Locked)), "{:?}", refused.err());
}

/// No file of that process may grow beyond 2 or 4 MiB: shells differ in the unit.
#[tokio::test]
async fn a_full_disk_fails_for_a_whole_group_and_damages_nothing() {
    let folder = TempDir::new().unwrap();
    let filled = run("durability::fills_the_disk", "trap '' XFSZ; ulimit -f 4096", folder.path());
    assert!(filled.status.success(), "{filled:?}");
    assert!(String::from_utf8(filled.stdout).unwrap().contains("1 passed"));
    let store = open(folder.path());
    assert_eq!(users(&store).await, ["after", "before"]);
    assert_eq!(store.read(|view| view.push_by_id(PUBLIC, "big")).await, Ok(None));
}

#[tokio::test]
#[ignore = "part of another test"]
async fn fills_the_disk() {
    let store = &open(&folder());
    insert(store, "before").await.unwrap();
    let big = store.write(|tx| {
        let message = "x".repeat(20 * 1_024 * 1_024);
        tx.insert_push(PUBLIC, &campanile_store::NewPush { message, ..push("big") })
    });
    let held = Held::hold(store).await;
    let (first, big, last, ()) =
        tokio::join!(insert(store, "first"), big, insert(store, "last"), held.release_when(store, 3));
    for failed in [first, big.map(drop), last] {
        assert!(matches!(failed, Err(StoreError::Io(_))), "{failed:?}");
    }
    let stats = store.stats();
    assert_eq!((stats.writes, stats.commits, stats.commit_errors), (2, 2, 1));
    insert(store, "after").await.unwrap();
    assert_eq!(users(store).await, ["after", "before"]);
}
