//! Administrators and their sessions.

use rusqlite::params;

use crate::{
    Result, Tx, View,
    sql::{change, change_one, row},
};

/// A session of an administrator, dead or alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSession {
    /// Who.
    pub admin: String,
    /// What a browser has to send beside its cookie.
    pub csrf: String,
    /// When it began.
    pub created_at_ms: i64,
    /// When it ends.
    pub expires_at_ms: i64,
}

/// A session to be created.
#[derive(Clone, Debug)]
pub struct NewAdminSession {
    /// What is kept of its token.
    pub hash: [u8; 32],
    /// Who.
    pub admin: String,
    /// What a browser has to send beside its cookie.
    pub csrf: String,
    /// When it begins.
    pub created_at_ms: i64,
    /// When it ends.
    pub expires_at_ms: i64,
}

impl View<'_> {
    /// How many administrators there are.
    ///
    /// # Errors
    /// The database refuses.
    pub fn admins_count(&self) -> Result<u32> {
        Ok(row(self.connection, "SELECT count(*) FROM admins", [], |row| row.get(0))?.unwrap_or(0))
    }

    /// What is kept of an administrator's password.
    ///
    /// # Errors
    /// The database refuses.
    pub fn admin_password(&self, id: &str) -> Result<Option<String>> {
        row(self.connection, "SELECT password_hash FROM admins WHERE id = ?1", [id], |row| row.get(0))
    }

    /// The session whose token has this hash.
    ///
    /// # Errors
    /// The database refuses.
    pub fn admin_session_by_hash(&self, hash: &[u8; 32]) -> Result<Option<AdminSession>> {
        let sql = "SELECT admin, csrf, created_at_ms, expires_at_ms FROM admin_sessions WHERE hash = ?1";
        row(self.connection, sql, [hash], |row| {
            Ok(AdminSession {
                admin: row.get(0)?,
                csrf: row.get(1)?,
                created_at_ms: row.get(2)?,
                expires_at_ms: row.get(3)?,
            })
        })
    }
}

impl Tx<'_> {
    /// Creates an administrator, or sets a new password.
    ///
    /// # Errors
    /// The database refuses.
    pub fn put_admin(&mut self, id: &str, password_hash: &str, now_ms: i64) -> Result<()> {
        let sql = "INSERT INTO admins (id, password_hash, created_at_ms) VALUES (?1, ?2, ?3) \
                   ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash";
        change_one(self.connection, sql, params![id, password_hash, now_ms])
    }

    /// Creates a session of an administrator.
    ///
    /// # Errors
    /// `NotFound`: there is no such administrator. `Exists`: the token is taken.
    pub fn insert_admin_session(&mut self, new: &NewAdminSession) -> Result<()> {
        let sql = "INSERT INTO admin_sessions (hash, admin, csrf, created_at_ms, expires_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let NewAdminSession { hash, admin, csrf, created_at_ms, expires_at_ms } = new;
        change_one(self.connection, sql, params![hash, admin, csrf, created_at_ms, expires_at_ms])
    }

    /// Deletes a session. Returns whether it was there.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_admin_session(&mut self, hash: &[u8; 32]) -> Result<bool> {
        Ok(change(self.connection, "DELETE FROM admin_sessions WHERE hash = ?1", [hash])? > 0)
    }

    /// Deletes the sessions of an administrator.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_admin_sessions(&mut self, admin: &str) -> Result<usize> {
        change(self.connection, "DELETE FROM admin_sessions WHERE admin = ?1", [admin])
    }

    /// Deletes the sessions that are over.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_expired_admin_sessions(&mut self, now_ms: i64) -> Result<usize> {
        change(self.connection, "DELETE FROM admin_sessions WHERE expires_at_ms <= ?1", [now_ms])
    }
}
