//! Structures: what the objects of an app look like, each under a name.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Result, StoreError, Tx, View,
    sql::{change_one, row, rows},
};

/// A structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Its name, unique in its app.
    pub name: String,
    /// JSON.
    pub definition: String,
    /// How many objects it has.
    pub objects: u32,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

const COLUMNS: &str = "name, definition, objects, created_at_ms, updated_at_ms";

fn structure(row: &Row<'_>) -> rusqlite::Result<Structure> {
    Ok(Structure {
        name: row.get(0)?,
        definition: row.get(1)?,
        objects: row.get(2)?,
        created_at_ms: row.get(3)?,
        updated_at_ms: row.get(4)?,
    })
}

impl View<'_> {
    /// One structure.
    ///
    /// # Errors
    /// The database refuses.
    pub fn structure(&self, app: AppNumber, name: &str) -> Result<Option<Structure>> {
        let sql = format!("SELECT {COLUMNS} FROM structures WHERE app = ?1 AND name = ?2");
        row(self.connection, &sql, params![app.0, name], structure)
    }

    /// The structures of an app, by name.
    ///
    /// # Errors
    /// The database refuses.
    pub fn structures(&self, app: AppNumber) -> Result<Vec<Structure>> {
        let sql = format!("SELECT {COLUMNS} FROM structures WHERE app = ?1 ORDER BY name");
        rows(self.connection, &sql, [app.0], structure)
    }

    /// How many structures an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_structures(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT count(*) FROM structures WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }

    /// How many objects an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_objects(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT coalesce(sum(objects), 0) FROM structures WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Creates a structure, or changes its definition. Its objects stay as they are.
    ///
    /// # Errors
    /// `NotFound`: there is no such app.
    pub fn put_structure(
        &mut self,
        app: AppNumber,
        name: &str,
        definition: &str,
        now_ms: i64,
    ) -> Result<Structure> {
        let sql = "INSERT INTO structures (app, name, definition, created_at_ms, updated_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (app, name) DO UPDATE SET \
                   definition = excluded.definition, updated_at_ms = excluded.updated_at_ms";
        change_one(self.connection, sql, params![app.0, name, definition, now_ms])?;
        self.structure(app, name)?.ok_or(StoreError::NotFound)
    }

    /// Deletes a structure with its objects and endpoints. Changes of its objects that wait stay.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_structure(&mut self, app: AppNumber, name: &str) -> Result<()> {
        let sql = "DELETE FROM structures WHERE app = ?1 AND name = ?2";
        change_one(self.connection, sql, params![app.0, name])
    }
}
