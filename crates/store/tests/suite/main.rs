//! The store through its public door, on files of its own: each resource, what holds for all of them (apps don't see
//! each other, lists come in parts), and what the file withstands.

#![expect(clippy::unwrap_used, reason = "a helper that fails has to fail its test")]

mod admins;
mod apps;
mod audit;
mod durability;
mod file;
mod groups;
mod keys;
mod lists;
mod pushes;
mod sessions;
mod users;

use std::path::Path;

use campanile_store::{
    AppNumber, NewPush, NewSession, NewUser, Options, Page, Result, Session, Store, Tx, View,
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
