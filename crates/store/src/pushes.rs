//! What was pushed, to whom, with which outcome.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Page, Paged, Result, Tx, View,
    sql::{change, change_one, row, rows},
};

/// A push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Its number.
    pub number: i64,
    /// Its id, unique in its app.
    pub id: String,
    /// To whom: JSON.
    pub to: String,
    /// The event.
    pub event_name: String,
    /// The message, as text or as JSON.
    pub message: String,
    /// `string` or `json`.
    pub mode: String,
    /// Who sent it.
    pub actor: String,
    /// When.
    pub sent_at_ms: i64,
    /// Users that were meant.
    pub matched_users: u32,
    /// Sockets that got it.
    pub delivered: u32,
    /// Users for whom it waits.
    pub queued: u32,
}

/// A push to be kept: one without a number.
pub type NewPush = Push;

fn push(row: &Row<'_>) -> rusqlite::Result<Push> {
    Ok(Push {
        number: row.get(0)?,
        id: row.get(1)?,
        to: row.get(2)?,
        event_name: row.get(3)?,
        message: row.get(4)?,
        mode: row.get(5)?,
        actor: row.get(6)?,
        sent_at_ms: row.get(7)?,
        matched_users: row.get(8)?,
        delivered: row.get(9)?,
        queued: row.get(10)?,
    })
}

const COLUMNS: &str = "number, id, target, event_name, message, mode, actor, sent_at_ms, matched_users, \
                       delivered, queued";

impl View<'_> {
    /// The push with this id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn push_by_id(&self, app: AppNumber, id: &str) -> Result<Option<Push>> {
        let sql = format!("SELECT {COLUMNS} FROM pushes WHERE app = ?1 AND id = ?2");
        row(self.connection, &sql, params![app.0, id], push)
    }

    /// Pushes, newest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn pushes(&self, app: AppNumber, page: &Page) -> Result<Paged<Push>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM pushes WHERE app = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"
        );
        let found = rows(self.connection, &sql, params![app.0, page.below(), page.fetch()], push)?;
        Ok(page.cut(found, |push| push.number.to_string()))
    }
}

impl Tx<'_> {
    /// Keeps a push. Returns its number.
    ///
    /// # Errors
    /// `NotFound`: there is no such app. `Exists`: the id is taken.
    pub fn insert_push(&mut self, app: AppNumber, new: &NewPush) -> Result<i64> {
        let sql = "INSERT INTO pushes (app, id, target, event_name, message, mode, actor, sent_at_ms, \
                   matched_users, delivered, queued) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let values = params![
            app.0,
            new.id,
            new.to,
            new.event_name,
            new.message,
            new.mode,
            new.actor,
            new.sent_at_ms,
            new.matched_users,
            new.delivered,
            new.queued,
        ];
        change_one(self.connection, sql, values)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Forgets all but the newest pushes of an app.
    ///
    /// # Errors
    /// The database refuses.
    pub fn trim_pushes(&mut self, app: AppNumber, keep: u32) -> Result<usize> {
        let sql = "DELETE FROM pushes WHERE app = ?1 AND number <= \
                   (SELECT number FROM pushes WHERE app = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)";
        change(self.connection, sql, params![app.0, keep])
    }
}
