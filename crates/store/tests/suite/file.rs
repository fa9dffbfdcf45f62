//! The file: who may use it, what it has to be, how it is copied.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use campanile_store::{Durability, FILE_NAME, OpenError, Options, Page, Store, StoreError, backup_file};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    PUBLIC, Town, all,
    durability::{folder, run},
    groups::{insert, users},
    open, push,
};

/// A file as the first schema made it, with something in each table.
const VERSION_1: &str = include_str!("../files/version-1.sql");

fn open_error(folder: &Path) -> OpenError {
    Store::open(folder, &Options::default()).err().expect("it can't be opened")
}

fn raw(folder: &Path) -> Connection {
    Connection::open(folder.join(FILE_NAME)).unwrap()
}

fn schema(folder: &Path) -> Vec<(String, String)> {
    let connection = raw(folder);
    let mut statement =
        connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_when_it_is_opened_again() {
    for durability in [Durability::Full, Durability::Normal] {
        let folder = TempDir::new().unwrap();
        let options = Options { durability, ..Options::default() };
        let store = Store::open(folder.path(), &options).unwrap();
        insert(&store, "a").await.unwrap();
        drop(store);
        assert_eq!(users(&Store::open(folder.path(), &options).unwrap()).await, ["a"]);
    }
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_with_everything() {
    let town = Town::new();
    insert(&town.store, "a").await.unwrap();
    town.store.close();
    let elsewhere = TempDir::new().unwrap();
    fs::copy(town.folder.path().join(FILE_NAME), elsewhere.path().join(FILE_NAME)).unwrap();
    assert_eq!(users(&open(elsewhere.path())).await, ["a"]);
}

#[tokio::test]
async fn nobody_else_may_read_the_files() {
    let town = Town::new();
    insert(&town.store, "a").await.unwrap();
    backup_file(town.folder.path(), &town.folder.path().join("copy.db")).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(town.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(mode & 0o777, 0o600, "{names:?}");
    }
    names.sort_unstable();
    let expected = ["campanile.db", "campanile.db-shm", "campanile.db-wal", "campanile.lock", "copy.db"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn one_store_uses_a_folder_at_a_time() {
    let town = Town::new();
    let refused = open_error(town.folder.path());
    assert!(matches!(refused, OpenError::Locked), "{refused:?}");
    insert(&town.store, "a").await.unwrap();
    assert_eq!(users(&town.reopened().store).await, ["a"]);
}

#[test]
fn a_folder_has_to_be_there() {
    let folder = TempDir::new().unwrap();
    let refused = open_error(&folder.path().join("nowhere"));
    assert!(matches!(refused, OpenError::Io(_)), "{refused:?}");
}

#[tokio::test]
async fn a_file_of_the_first_schema_keeps_its_data_and_becomes_like_a_new_one() {
    let old = TempDir::new().unwrap();
    raw(old.path()).execute_batch(VERSION_1).unwrap();
    let store = open(old.path());
    assert_eq!(users(&store).await, ["ann"]);
    let read = |view: &campanile_store::View<'_>| {
        let page = Page { after: None, limit: 1 };
        let session = view.session_by_hash(PUBLIC, &[0xAB; 32])?.is_some();
        let keys = view.api_keys(PUBLIC)?.len() + view.secret_keys(PUBLIC)?.len();
        let history =
            view.pushes(PUBLIC, &page)?.items.len() + view.audit(Some("public"), &page)?.items.len();
        let admin = view.admin_session_by_hash(&[0xCD; 32])?.map(|session| session.admin);
        Ok((session, keys, history, admin, view.plugins(PUBLIC)?.len()))
    };
    assert_eq!(store.read(read).await, Ok((true, 2, 2, Some("root".into()), 2)));
    store.close();

    let new = Town::new();
    new.store.close();
    assert_eq!(schema(old.path()), schema(new.folder.path()));
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let town = Town::new();
    town.store.close();
    raw(town.folder.path()).execute_batch("PRAGMA user_version = 7000; CREATE TABLE later (x)").unwrap();
    let before = schema(town.folder.path());
    let refused = open_error(town.folder.path());
    assert!(matches!(refused, OpenError::Newer { found: 7000, known: 1.. }), "{refused:?}");
    assert!(refused.to_string().contains("7000"), "{refused}");
    assert_eq!(schema(town.folder.path()), before);
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let town = Town::new();
    for number in 0..200 {
        town.write(move |tx| tx.insert_push(PUBLIC, &push(&format!("{number}-{}", "x".repeat(500)))))
            .await
            .unwrap();
    }
    town.store.close();
    let file = town.folder.path().join(FILE_NAME);
    let good = fs::read(&file).unwrap();
    // The header of the file, and those of pages in its middle.
    for place in [0, good.len() / 2 / 4_096 * 4_096, good.len() / 3 / 4_096 * 4_096] {
        let mut bytes = good.clone();
        bytes[place..place + 64].iter_mut().for_each(|byte| *byte ^= 0xFF);
        fs::write(&file, bytes).unwrap();
        let refused = open_error(town.folder.path());
        assert!(matches!(refused, OpenError::Damaged(_)), "{place}: {refused:?}");
        assert!(refused.to_string().contains("restore a backup"), "{refused}");
    }
    fs::write(&file, good).unwrap();
    open(town.folder.path());
}

#[test]
fn a_file_that_is_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(FILE_NAME), "a shopping list ".repeat(1_000)).unwrap();
    let refused = open_error(folder.path());
    assert!(matches!(refused, OpenError::Damaged(_)), "{refused:?}");
}

/// Each write adds a user and a push with the same id, so a copy of any one moment has as many of both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_store_in_use_is_one_moment_of_it() {
    let town = Town::new();
    let is_done = Arc::new(AtomicBool::new(false));
    let (store, stop) = (town.store.clone(), is_done.clone());
    let writer = tokio::spawn(async move {
        let mut written = 0;
        while !stop.load(Ordering::Relaxed) {
            let id = format!("{written:06}");
            let write = move |tx: &mut campanile_store::Tx<'_>| {
                tx.insert_user(PUBLIC, &crate::user(&id), 1)?;
                tx.insert_push(PUBLIC, &push(&id))
            };
            store.write(write).await.unwrap();
            written += 1;
        }
        written
    });
    let copies = TempDir::new().unwrap();
    for copy in 0..5 {
        while town.store.stats().writes < (copy + 1) * 100 {
            tokio::task::yield_now().await;
        }
        let folder = copies.path().join(copy.to_string());
        fs::create_dir(&folder).unwrap();
        backup_file(town.folder.path(), &folder.join(FILE_NAME)).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "a backup is one file");
        let copied = open(&folder);
        let users = copied.read(|view| view.count_users(PUBLIC)).await.unwrap();
        let pushes = copied.read(|view| view.pushes(PUBLIC, &Page { after: None, limit: 1_000_000 })).await;
        assert_eq!(users as usize, pushes.unwrap().items.len());
        assert!(u64::from(users) >= (copy + 1) * 100 - 1, "{users}");
    }
    is_done.store(true, Ordering::Relaxed);
    let written = writer.await.unwrap();
    assert_eq!(town.read(|view| view.count_users(PUBLIC)).await, written);
}

#[tokio::test]
async fn a_closed_store_can_be_copied_too() {
    let town = Town::new();
    insert(&town.store, "a").await.unwrap();
    town.store.close();
    let copy = TempDir::new().unwrap();
    backup_file(town.folder.path(), &copy.path().join(FILE_NAME)).unwrap();
    assert_eq!(users(&open(copy.path())).await, ["a"]);
}

#[test]
fn a_backup_overwrites_nothing() {
    let town = Town::new();
    let there = town.folder.path().join("there.db");
    fs::write(&there, "precious").unwrap();
    assert_eq!(backup_file(town.folder.path(), &there), Err(StoreError::Exists));
    assert_eq!(fs::read_to_string(there).unwrap(), "precious");
}

/// One that SQLite itself takes for something else, in the folder where the process runs.
#[tokio::test]
async fn a_backup_may_have_any_name() {
    let town = Town::new();
    insert(&town.store, "a").await.unwrap();
    let copy = TempDir::new().unwrap();
    let before = format!("cd {}", copy.path().display());
    let made = run("file::makes_a_backup", &before, town.folder.path());
    assert!(made.status.success(), "{made:?}");
    fs::rename(copy.path().join(":memory:"), copy.path().join(FILE_NAME)).unwrap();
    assert_eq!(users(&open(copy.path())).await, ["a"]);
}

#[test]
#[ignore = "part of another test"]
fn makes_a_backup() {
    backup_file(&folder(), Path::new(":memory:")).unwrap();
}

#[test]
fn a_backup_needs_a_database() {
    let folder = TempDir::new().unwrap();
    let to = folder.path().join("copy.db");
    assert_eq!(backup_file(folder.path(), &to), Err(StoreError::NotFound));
    fs::write(folder.path().join(FILE_NAME), "a shopping list ".repeat(1_000)).unwrap();
    let refused = backup_file(folder.path(), &to);
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert!(!to.exists());
}

#[tokio::test]
async fn a_list_without_an_end_is_whole() {
    let town = Town::new();
    insert(&town.store, "a").await.unwrap();
    let page = Page { after: None, limit: u32::MAX };
    let users = town.read(move |view| view.users(PUBLIC, &Default::default(), &page)).await;
    assert_eq!((users.items.len(), users.next), (1, None));
    let none = town.read(|view| view.users(PUBLIC, &Default::default(), &Page { limit: 0, ..all() })).await;
    assert_eq!((none.items.len(), none.next), (0, None));
}
