//! Endpoints: named ways to the objects of a structure.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Result, StoreError, Tx, View,
    sql::{change_one, row, rows},
};

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its structure.
    pub structure: String,
    /// Its name, unique in its structure.
    pub method: String,
    /// JSON.
    pub settings: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

const COLUMNS: &str = "structure, method, settings, created_at_ms, updated_at_ms";

fn endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    Ok(Endpoint {
        structure: row.get(0)?,
        method: row.get(1)?,
        settings: row.get(2)?,
        created_at_ms: row.get(3)?,
        updated_at_ms: row.get(4)?,
    })
}

impl View<'_> {
    /// One endpoint.
    ///
    /// # Errors
    /// The database refuses.
    pub fn endpoint(&self, app: AppNumber, structure: &str, method: &str) -> Result<Option<Endpoint>> {
        let sql =
            format!("SELECT {COLUMNS} FROM endpoints WHERE app = ?1 AND structure = ?2 AND method = ?3");
        row(self.connection, &sql, params![app.0, structure, method], endpoint)
    }

    /// The endpoints of an app, by structure and name.
    ///
    /// # Errors
    /// The database refuses.
    pub fn endpoints(&self, app: AppNumber) -> Result<Vec<Endpoint>> {
        let sql = format!("SELECT {COLUMNS} FROM endpoints WHERE app = ?1 ORDER BY structure, method");
        rows(self.connection, &sql, [app.0], endpoint)
    }

    /// The endpoints of a structure, by name.
    ///
    /// # Errors
    /// The database refuses.
    pub fn endpoints_of(&self, app: AppNumber, structure: &str) -> Result<Vec<Endpoint>> {
        let sql =
            format!("SELECT {COLUMNS} FROM endpoints WHERE app = ?1 AND structure = ?2 ORDER BY method");
        rows(self.connection, &sql, params![app.0, structure], endpoint)
    }

    /// How many endpoints an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_endpoints(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT count(*) FROM endpoints WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Creates an endpoint, or changes its settings.
    ///
    /// # Errors
    /// `NotFound`: there is no such structure.
    pub fn put_endpoint(
        &mut self,
        app: AppNumber,
        structure: &str,
        method: &str,
        settings: &str,
        now_ms: i64,
    ) -> Result<Endpoint> {
        let sql = "INSERT INTO endpoints (app, structure, method, settings, created_at_ms, updated_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (app, structure, method) DO UPDATE SET \
                   settings = excluded.settings, updated_at_ms = excluded.updated_at_ms";
        change_one(self.connection, sql, params![app.0, structure, method, settings, now_ms])?;
        self.endpoint(app, structure, method)?.ok_or(StoreError::NotFound)
    }

    /// Deletes an endpoint.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_endpoint(&mut self, app: AppNumber, structure: &str, method: &str) -> Result<()> {
        let sql = "DELETE FROM endpoints WHERE app = ?1 AND structure = ?2 AND method = ?3";
        change_one(self.connection, sql, params![app.0, structure, method])
    }
}
