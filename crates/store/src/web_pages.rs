//! Pages: documents that say what the hub shows to an app's users.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Result, StoreError, Tx, View,
    sql::{change_one, row, rows},
};

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage {
    /// Its id, unique in its app.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// JSON.
    pub document: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

const COLUMNS: &str = "id, version, document, created_at_ms, updated_at_ms";

fn web_page(row: &Row<'_>) -> rusqlite::Result<WebPage> {
    Ok(WebPage {
        id: row.get(0)?,
        version: row.get(1)?,
        document: row.get(2)?,
        created_at_ms: row.get(3)?,
        updated_at_ms: row.get(4)?,
    })
}

impl View<'_> {
    /// One page.
    ///
    /// # Errors
    /// The database refuses.
    pub fn web_page(&self, app: AppNumber, id: &str) -> Result<Option<WebPage>> {
        let sql = format!("SELECT {COLUMNS} FROM pages WHERE app = ?1 AND id = ?2");
        row(self.connection, &sql, params![app.0, id], web_page)
    }

    /// The pages of an app, by id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn web_pages(&self, app: AppNumber) -> Result<Vec<WebPage>> {
        let sql = format!("SELECT {COLUMNS} FROM pages WHERE app = ?1 ORDER BY id");
        rows(self.connection, &sql, [app.0], web_page)
    }

    /// How many pages an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_web_pages(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT count(*) FROM pages WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Creates a page, or gives it another document.
    ///
    /// # Errors
    /// `NotFound`: there is no such app.
    pub fn put_web_page(&mut self, app: AppNumber, id: &str, document: &str, now_ms: i64) -> Result<WebPage> {
        let sql = "INSERT INTO pages (app, id, version, document, created_at_ms, updated_at_ms) \
                   VALUES (?1, ?2, 1, ?3, ?4, ?4) ON CONFLICT (app, id) DO UPDATE SET \
                   version = version + 1, document = excluded.document, updated_at_ms = excluded.updated_at_ms";
        change_one(self.connection, sql, params![app.0, id, document, now_ms])?;
        self.web_page(app, id)?.ok_or(StoreError::NotFound)
    }

    /// Deletes a page.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_web_page(&mut self, app: AppNumber, id: &str) -> Result<()> {
        change_one(self.connection, "DELETE FROM pages WHERE app = ?1 AND id = ?2", params![app.0, id])
    }
}
