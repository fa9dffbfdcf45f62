//! Apps and their plugins.

use rusqlite::{Row, params};

use crate::{
    Result, StoreError, Tx, View,
    sql::{change, change_one, row, rows},
};

/// An app's number; 0 is the built-in app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppNumber(pub u32);

/// An app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its number; never used again for another one.
    pub number: AppNumber,
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// JSON.
    pub settings: String,
    /// When it was created.
    pub created_at_ms: i64,
}

/// An installed plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// JSON.
    pub settings: String,
    /// When it was installed.
    pub installed_at_ms: i64,
}

fn app(row: &Row<'_>) -> rusqlite::Result<App> {
    Ok(App {
        number: AppNumber(row.get(0)?),
        id: row.get(1)?,
        name: row.get(2)?,
        settings: row.get(3)?,
        created_at_ms: row.get(4)?,
    })
}

impl View<'_> {
    /// All apps, in the order of their creation.
    ///
    /// # Errors
    /// The database refuses; so it is with everything that reads.
    pub fn apps(&self) -> Result<Vec<App>> {
        let sql = "SELECT number, id, name, settings, created_at_ms FROM apps ORDER BY number";
        rows(self.connection, sql, [], app)
    }

    /// The app with this id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn app(&self, id: &str) -> Result<Option<App>> {
        let sql = "SELECT number, id, name, settings, created_at_ms FROM apps WHERE id = ?1";
        row(self.connection, sql, [id], app)
    }

    /// The plugins of an app, by name.
    ///
    /// # Errors
    /// The database refuses.
    pub fn plugins(&self, app: AppNumber) -> Result<Vec<Plugin>> {
        let sql = "SELECT name, settings, installed_at_ms FROM plugins WHERE app = ?1 ORDER BY name";
        rows(self.connection, sql, [app.0], |row| {
            Ok(Plugin { name: row.get(0)?, settings: row.get(1)?, installed_at_ms: row.get(2)? })
        })
    }

    /// The plugins of all apps.
    ///
    /// # Errors
    /// The database refuses.
    pub fn all_plugins(&self) -> Result<Vec<(AppNumber, Plugin)>> {
        let sql = "SELECT app, name, settings, installed_at_ms FROM plugins";
        rows(self.connection, sql, [], |row| {
            let plugin = Plugin { name: row.get(1)?, settings: row.get(2)?, installed_at_ms: row.get(3)? };
            Ok((AppNumber(row.get(0)?), plugin))
        })
    }
}

impl Tx<'_> {
    /// Creates an app.
    ///
    /// # Errors
    /// `Exists`: the id is taken.
    pub fn insert_app(&mut self, id: &str, name: &str, settings: &str, now_ms: i64) -> Result<App> {
        let sql = "INSERT INTO apps (id, name, settings, created_at_ms) VALUES (?1, ?2, ?3, ?4)";
        change(self.connection, sql, params![id, name, settings, now_ms])?;
        self.app(id)?.ok_or(StoreError::NotFound)
    }

    /// Changes an app.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn update_app(&mut self, app: AppNumber, name: &str, settings: &str) -> Result<()> {
        let sql = "UPDATE apps SET name = ?2, settings = ?3 WHERE number = ?1";
        change_one(self.connection, sql, params![app.0, name, settings])
    }

    /// Deletes an app with all it has.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_app(&mut self, app: AppNumber) -> Result<()> {
        change_one(self.connection, "DELETE FROM apps WHERE number = ?1", [app.0])
    }

    /// Installs a plugin, or changes its settings.
    ///
    /// # Errors
    /// `NotFound`: there is no such app.
    pub fn put_plugin(&mut self, app: AppNumber, name: &str, settings: &str, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO plugins (app, name, settings, installed_at_ms) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO UPDATE SET settings = excluded.settings";
        change_one(self.connection, sql, params![app.0, name, settings, now_ms])
    }

    /// Removes a plugin. Returns whether it was there.
    ///
    /// # Errors
    /// The database refuses.
    pub fn remove_plugin(&mut self, app: AppNumber, name: &str) -> Result<bool> {
        let sql = "DELETE FROM plugins WHERE app = ?1 AND name = ?2";
        Ok(change(self.connection, sql, params![app.0, name])? > 0)
    }
}
