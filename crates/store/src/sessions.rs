//! Sessions of users. Of a token only its hash is here.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Page, Paged, Result, Tx, View,
    sql::{change, change_one, row, rows},
};

/// A session, dead or alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub number: i64,
    /// Its user.
    pub user_id: String,
    /// The user's role.
    pub role: String,
    /// When it began.
    pub created_at_ms: i64,
    /// When it ends.
    pub expires_at_ms: i64,
    /// When it was last renewed.
    pub last_used_at_ms: i64,
    /// Where the login came from.
    pub address: String,
    /// What it came with.
    pub user_agent: String,
}

/// A session to be created.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What is kept of its token.
    pub hash: [u8; 32],
    /// Its user.
    pub user_id: String,
    /// When it begins.
    pub created_at_ms: i64,
    /// When it ends.
    pub expires_at_ms: i64,
    /// Where the login comes from.
    pub address: String,
    /// What it comes with.
    pub user_agent: String,
}

const SELECT: &str = "SELECT number, user_id, role, sessions.created_at_ms, expires_at_ms, last_used_at_ms, \
                      address, user_agent, sessions.app FROM sessions \
                      JOIN users ON users.app = sessions.app AND users.id = sessions.user_id";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        number: row.get(0)?,
        user_id: row.get(1)?,
        role: row.get(2)?,
        created_at_ms: row.get(3)?,
        expires_at_ms: row.get(4)?,
        last_used_at_ms: row.get(5)?,
        address: row.get(6)?,
        user_agent: row.get(7)?,
    })
}

impl View<'_> {
    /// The session of this app whose token has this hash.
    ///
    /// # Errors
    /// The database refuses.
    pub fn session_by_hash(&self, app: AppNumber, hash: &[u8; 32]) -> Result<Option<Session>> {
        let sql = format!("{SELECT} WHERE sessions.app = ?1 AND hash = ?2");
        row(self.connection, &sql, params![app.0, hash], session)
    }

    /// The session whose token has this hash, and its app.
    ///
    /// # Errors
    /// The database refuses.
    pub fn session_any_app_by_hash(&self, hash: &[u8; 32]) -> Result<Option<(AppNumber, Session)>> {
        let sql = format!("{SELECT} WHERE hash = ?1");
        row(self.connection, &sql, [hash], |row| Ok((AppNumber(row.get(8)?), session(row)?)))
    }

    /// The session of this app with this number.
    ///
    /// # Errors
    /// The database refuses.
    pub fn session(&self, app: AppNumber, number: i64) -> Result<Option<Session>> {
        let sql = format!("{SELECT} WHERE sessions.app = ?1 AND number = ?2");
        row(self.connection, &sql, params![app.0, number], session)
    }

    /// Sessions of an app, or of one of its users, newest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn sessions(&self, app: AppNumber, user: Option<&str>, page: &Page) -> Result<Paged<Session>> {
        let of_user = if user.is_some() { "AND user_id = ?3" } else { "" };
        let sql = format!(
            "{SELECT} WHERE sessions.app = ?1 AND number < ?2 {of_user} ORDER BY number DESC LIMIT ?4"
        );
        let found = rows(self.connection, &sql, params![app.0, page.below(), user, page.fetch()], session)?;
        Ok(page.cut(found, |session| session.number.to_string()))
    }

    /// Sessions that ended after `after_ms` and up to `until_ms`, the oldest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn sessions_expired(&self, after_ms: i64, until_ms: i64) -> Result<Vec<(AppNumber, i64)>> {
        let sql = "SELECT app, number FROM sessions WHERE expires_at_ms > ?1 AND expires_at_ms <= ?2 \
                   ORDER BY expires_at_ms";
        rows(self.connection, sql, [after_ms, until_ms], |row| Ok((AppNumber(row.get(0)?), row.get(1)?)))
    }
}

impl Tx<'_> {
    /// Creates a session. Returns its number.
    ///
    /// # Errors
    /// `NotFound`: there is no such user. `Exists`: the token is taken.
    pub fn insert_session(&mut self, app: AppNumber, new: &NewSession) -> Result<i64> {
        let sql = "INSERT INTO sessions \
                   (app, user_id, hash, created_at_ms, expires_at_ms, last_used_at_ms, address, user_agent) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7)";
        let NewSession { hash, user_id, created_at_ms, expires_at_ms, address, user_agent } = new;
        let values = params![app.0, user_id, hash, created_at_ms, expires_at_ms, address, user_agent];
        change_one(self.connection, sql, values)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Renews a session.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn renew_session(
        &mut self,
        app: AppNumber,
        number: i64,
        expires_at_ms: i64,
        now_ms: i64,
    ) -> Result<()> {
        let sql =
            "UPDATE sessions SET expires_at_ms = ?3, last_used_at_ms = ?4 WHERE app = ?1 AND number = ?2";
        change_one(self.connection, sql, params![app.0, number, expires_at_ms, now_ms])
    }

    /// Deletes a session. Returns whether it was there.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_session(&mut self, app: AppNumber, number: i64) -> Result<bool> {
        let sql = "DELETE FROM sessions WHERE app = ?1 AND number = ?2";
        Ok(change(self.connection, sql, params![app.0, number])? > 0)
    }

    /// Deletes the sessions of a user. Returns their numbers.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_sessions_of_user(&mut self, app: AppNumber, user: &str) -> Result<Vec<i64>> {
        let sql = "DELETE FROM sessions WHERE app = ?1 AND user_id = ?2 RETURNING number";
        rows(self.connection, sql, params![app.0, user], |row| row.get(0))
    }

    /// Deletes the oldest sessions of a user beyond `keep`. Returns their numbers.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_oldest_sessions(&mut self, app: AppNumber, user: &str, keep: u32) -> Result<Vec<i64>> {
        let sql = "DELETE FROM sessions WHERE number IN (SELECT number FROM sessions WHERE app = ?1 \
                   AND user_id = ?2 ORDER BY number DESC LIMIT -1 OFFSET ?3) RETURNING number";
        rows(self.connection, sql, params![app.0, user, keep], |row| row.get(0))
    }

    /// Deletes up to `limit` sessions that ended before `before_ms`.
    ///
    /// # Errors
    /// The database refuses.
    pub fn delete_expired_sessions(&mut self, before_ms: i64, limit: u32) -> Result<usize> {
        let sql = "DELETE FROM sessions WHERE number IN \
                   (SELECT number FROM sessions WHERE expires_at_ms < ?1 ORDER BY expires_at_ms LIMIT ?2)";
        change(self.connection, sql, params![before_ms, limit])
    }
}
