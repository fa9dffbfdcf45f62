//! What changed and waits until somebody has seen it: one row for each object that was created, changed or deleted,
//! written in the transaction that did it.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Result, Tx, View,
    sql::{change, change_one, row, rows},
};

/// A change of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number; later ones have higher ones, over all apps.
    pub number: i64,
    /// The app.
    pub app: AppNumber,
    /// What happened.
    pub what: NewChange,
}

/// A change to be noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// The object's structure.
    pub structure: String,
    /// The object.
    pub object_id: String,
    /// `created`, `changed` or `deleted`.
    pub kind: String,
    /// The names of the fields that changed: a JSON list.
    pub fields: String,
    /// The object before: JSON.
    pub before: Option<String>,
    /// The object after: JSON.
    pub after: Option<String>,
    /// Who changed it.
    pub actor: String,
    /// How many changes led to this one, each the cause of the next.
    pub depth: u32,
    /// When.
    pub at_ms: i64,
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Change> {
    let what = NewChange {
        structure: row.get(2)?,
        object_id: row.get(3)?,
        kind: row.get(4)?,
        fields: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        actor: row.get(8)?,
        depth: row.get(9)?,
        at_ms: row.get(10)?,
    };
    Ok(Change { number: row.get(0)?, app: AppNumber(row.get(1)?), what })
}

impl View<'_> {
    /// The oldest changes of an app.
    ///
    /// # Errors
    /// The database refuses.
    pub fn changes(&self, app: AppNumber, limit: u32) -> Result<Vec<Change>> {
        let sql = "SELECT number, app, structure, object_id, kind, fields, before, after, actor, depth, at_ms \
                   FROM changes WHERE app = ?1 ORDER BY number LIMIT ?2";
        rows(self.connection, sql, params![app.0, limit], noted)
    }

    /// Apps of which changes wait.
    ///
    /// # Errors
    /// The database refuses.
    pub fn apps_with_changes(&self) -> Result<Vec<AppNumber>> {
        rows(self.connection, "SELECT app FROM change_counts WHERE changes > 0 ORDER BY app", [], |row| {
            Ok(AppNumber(row.get(0)?))
        })
    }

    /// How many changes of an app wait.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_changes(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT changes FROM change_counts WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Notes a change. Returns its number.
    ///
    /// # Errors
    /// `NotFound`: there is no such app.
    pub fn insert_change(&mut self, app: AppNumber, new: &NewChange) -> Result<i64> {
        let sql = "INSERT INTO changes (app, structure, object_id, kind, fields, before, after, actor, depth, \
                   at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![
            app.0,
            new.structure,
            new.object_id,
            new.kind,
            new.fields,
            new.before,
            new.after,
            new.actor,
            new.depth,
            new.at_ms,
        ];
        change_one(self.connection, sql, values)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Forgets changes that have been seen. Returns how many there were.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_changes(&mut self, numbers: &[i64]) -> Result<usize> {
        let sql = "DELETE FROM changes WHERE number = ?1";
        numbers.iter().try_fold(0, |deleted, number| Ok(deleted + change(self.connection, sql, [number])?))
    }
}
