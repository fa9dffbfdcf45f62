//! API keys and secret keys. Of a secret only its hash is here.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Result, Tx, View,
    sql::{change_one, rows},
};

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub key: String,
    /// Its app.
    pub app: AppNumber,
    /// For people.
    pub name: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

/// A secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKey {
    /// Names it.
    pub id: String,
    /// Its app.
    pub app: AppNumber,
    /// For people.
    pub name: String,
    /// What it may be used for, separated by spaces.
    pub scopes: String,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

fn api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        key: row.get(0)?,
        app: AppNumber(row.get(1)?),
        name: row.get(2)?,
        created_at_ms: row.get(3)?,
        revoked_at_ms: row.get(4)?,
    })
}

fn secret_key(row: &Row<'_>) -> rusqlite::Result<SecretKey> {
    Ok(SecretKey {
        id: row.get(0)?,
        app: AppNumber(row.get(1)?),
        name: row.get(2)?,
        scopes: row.get(3)?,
        created_at_ms: row.get(4)?,
        revoked_at_ms: row.get(5)?,
    })
}

impl View<'_> {
    /// The API keys of an app, revoked ones too.
    ///
    /// # Errors
    /// The database refuses.
    pub fn api_keys(&self, app: AppNumber) -> Result<Vec<ApiKey>> {
        let sql = "SELECT key, app, name, created_at_ms, revoked_at_ms FROM api_keys WHERE app = ?1 \
                   ORDER BY created_at_ms, key";
        rows(self.connection, sql, [app.0], api_key)
    }

    /// The live API keys of all apps.
    ///
    /// # Errors
    /// The database refuses.
    pub fn all_api_keys(&self) -> Result<Vec<ApiKey>> {
        let sql =
            "SELECT key, app, name, created_at_ms, revoked_at_ms FROM api_keys WHERE revoked_at_ms IS NULL";
        rows(self.connection, sql, [], api_key)
    }

    /// The secret keys of an app, revoked ones too.
    ///
    /// # Errors
    /// The database refuses.
    pub fn secret_keys(&self, app: AppNumber) -> Result<Vec<SecretKey>> {
        let sql = "SELECT id, app, name, scopes, created_at_ms, revoked_at_ms FROM secret_keys WHERE app = ?1 \
                   ORDER BY created_at_ms, id";
        rows(self.connection, sql, [app.0], secret_key)
    }

    /// The live secret keys of all apps, each with its hash.
    ///
    /// # Errors
    /// The database refuses.
    pub fn all_secret_keys(&self) -> Result<Vec<([u8; 32], SecretKey)>> {
        let sql = "SELECT id, app, name, scopes, created_at_ms, revoked_at_ms, hash FROM secret_keys \
                   WHERE revoked_at_ms IS NULL";
        rows(self.connection, sql, [], |row| Ok((row.get(6)?, secret_key(row)?)))
    }
}

impl Tx<'_> {
    /// Adds an API key.
    ///
    /// # Errors
    /// `NotFound`: there is no such app. `Exists`: the key is taken.
    pub fn insert_api_key(&mut self, key: &ApiKey) -> Result<()> {
        let sql = "INSERT INTO api_keys (key, app, name, created_at_ms) VALUES (?1, ?2, ?3, ?4)";
        change_one(self.connection, sql, params![key.key, key.app.0, key.name, key.created_at_ms])
    }

    /// Revokes a live API key.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn revoke_api_key(&mut self, app: AppNumber, key: &str, now_ms: i64) -> Result<()> {
        let sql =
            "UPDATE api_keys SET revoked_at_ms = ?3 WHERE app = ?1 AND key = ?2 AND revoked_at_ms IS NULL";
        change_one(self.connection, sql, params![app.0, key, now_ms])
    }

    /// Adds a secret key.
    ///
    /// # Errors
    /// `NotFound`: there is no such app. `Exists`: the id or the secret is taken.
    pub fn insert_secret_key(&mut self, key: &SecretKey, hash: &[u8; 32]) -> Result<()> {
        let sql = "INSERT INTO secret_keys (id, app, hash, name, scopes, created_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![key.id, key.app.0, hash, key.name, key.scopes, key.created_at_ms];
        change_one(self.connection, sql, values)
    }

    /// Revokes a live secret key.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn revoke_secret_key(&mut self, app: AppNumber, id: &str, now_ms: i64) -> Result<()> {
        let sql =
            "UPDATE secret_keys SET revoked_at_ms = ?3 WHERE app = ?1 AND id = ?2 AND revoked_at_ms IS NULL";
        change_one(self.connection, sql, params![app.0, id, now_ms])
    }
}
