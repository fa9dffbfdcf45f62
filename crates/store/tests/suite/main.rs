//! The store through its public door, on files of its own: each resource, what holds for all of them (apps don't see
//! each other, lists come in parts), and what the file withstands.

#![expect(clippy::unwrap_used, reason = "a helper that fails has to fail its test")]

mod admins;
mod apps;
mod audit;
mod changes;
mod conditions;
mod durability;
mod endpoints;
mod file;
mod groups;
mod keys;
mod lists;
mod objects;
mod pushes;
mod runs;
mod scenarios;
mod sessions;
mod structures;
mod users;
mod web_pages;

use std::path::Path;

use campanile_store::{
    AppNumber, NewChange, NewPush, NewRun, NewScenario, NewSession, NewUser, Object, ObjectQuery, Objects,
    Options, Page, Result, RunStatus, Session, Store, TriggerKey, Tx, View,
};
use tempfile::TempDir;

/// A store in a folder of its own.
struct Town {
    store: Store,
    folder: TempDir,
}

const PUBLIC: AppNumber = AppNumber(0);

impl Town {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { store: open(folder.path()), folder }
    }

    /// With the apps `a` and `b`.
    async fn with_two_apps() -> (Self, AppNumber, AppNumber) {
        let town = Self::new();
        let a = town.write(|tx| tx.insert_app("a", "A", "{}", 1)).await.unwrap();
        let b = town.write(|tx| tx.insert_app("b", "B", "{}", 2)).await.unwrap();
        (town, a.number, b.number)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(work).await
    }

    /// With the apps `a` and `b`, both with a structure `orders`.
    async fn with_orders() -> (Self, AppNumber, AppNumber) {
        let (town, a, b) = Self::with_two_apps().await;
        for app in [a, b] {
            town.write(move |tx| tx.put_structure(app, "orders", "{}", 1)).await.unwrap();
        }
        (town, a, b)
    }

    /// The orders of an app.
    async fn orders(&self, app: AppNumber, query: ObjectQuery) -> Objects {
        self.read(move |view| view.objects(app, "orders", &query)).await
    }

    /// Reads what has to be readable.
    async fn read<T: Send + 'static>(&self, work: impl FnOnce(&View<'_>) -> Result<T> + Send + 'static) -> T {
        self.store.read(work).await.unwrap()
    }

    /// Closes the store and opens it again.
    fn reopened(self) -> Self {
        self.store.close();
        Self { store: open(self.folder.path()), folder: self.folder }
    }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, &Options::default()).unwrap()
}

fn all() -> Page {
    Page { after: None, limit: 1_000 }
}

fn user(id: &str) -> NewUser {
    NewUser { id: id.into(), role: "user".into(), profile: "{}".into(), password_hash: None }
}

fn session(user: &str, hash: [u8; 32]) -> NewSession {
    NewSession {
        hash,
        user_id: user.into(),
        created_at_ms: 10,
        expires_at_ms: 100,
        address: "192.0.2.1".into(),
        user_agent: "curl".into(),
    }
}

fn object(id: &str, data: &str) -> Object {
    Object {
        id: id.into(),
        version: 1,
        data: data.into(),
        created_at_ms: 10,
        updated_at_ms: 10,
        created_by: None,
    }
}

/// Up to 1,000 of a structure.
fn every() -> ObjectQuery {
    ObjectQuery { limit: 1_000, ..ObjectQuery::default() }
}

fn created(id: &str) -> NewChange {
    NewChange {
        structure: "orders".into(),
        object_id: id.into(),
        kind: "created".into(),
        fields: r#"["total"]"#.into(),
        before: None,
        after: Some("{}".into()),
        actor: "key:k".into(),
        depth: 0,
        at_ms: 5,
    }
}

/// A scenario that a change of orders starts.
fn scenario(id: &str) -> NewScenario {
    NewScenario {
        id: id.into(),
        document: "{}".into(),
        enabled: true,
        trigger: TriggerKey { kind: "object_changed".into(), subject: "orders".into() },
        hook: None,
        due_at_ms: None,
        actor: "key:k".into(),
        at_ms: 5,
    }
}

/// A run of a scenario.
fn queued(scenario: i64) -> NewRun {
    NewRun {
        scenario,
        version: 1,
        status: RunStatus::Queued,
        cause: "object_changed orders/1 by key:k".into(),
        lane: "object:orders/1".into(),
        depth: 2,
        start: "{}".into(),
        error: None,
        at_ms: 5,
    }
}

fn push(id: &str) -> NewPush {
    NewPush {
        number: 0,
        id: id.into(),
        to: r#""*""#.into(),
        event_name: "alert".into(),
        message: "dinner".into(),
        mode: "string".into(),
        actor: "key:k".into(),
        sent_at_ms: 5,
        matched_users: 3,
        delivered: 2,
        queued: 1,
    }
}

fn numbers(sessions: &[Session]) -> Vec<i64> {
    sessions.iter().map(|session| session.number).collect()
}
