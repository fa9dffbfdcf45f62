//! The log of what was changed by whom. Nothing changes it; it outlives the app that it speaks of.

use rusqlite::params;

use crate::{
    Page, Paged, Result, Tx, View,
    sql::{change_one, rows},
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number.
    pub number: i64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// In which app, by its id.
    pub app: Option<String>,
    /// To whom or what.
    pub subject: String,
    /// JSON.
    pub detail: String,
    /// Where from.
    pub address: String,
}

/// A change to be noted.
#[derive(Clone, Debug)]
pub struct NewAudit {
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// In which app, by its id.
    pub app: Option<String>,
    /// To whom or what.
    pub subject: String,
    /// JSON.
    pub detail: String,
    /// Where from.
    pub address: String,
}

impl View<'_> {
    /// The log of one app or of all, newest first.
    ///
    /// # Errors
    /// The database refuses.
    pub fn audit(&self, app: Option<&str>, page: &Page) -> Result<Paged<AuditEntry>> {
        let of_app = if app.is_some() { "app = ?1 AND" } else { "" };
        let sql = format!(
            "SELECT number, at_ms, actor, action, app, subject, detail, address FROM audit \
             WHERE {of_app} number < ?2 ORDER BY number DESC LIMIT ?3"
        );
        let found = rows(self.connection, &sql, params![app, page.below(), page.fetch()], |row| {
            Ok(AuditEntry {
                number: row.get(0)?,
                at_ms: row.get(1)?,
                actor: row.get(2)?,
                action: row.get(3)?,
                app: row.get(4)?,
                subject: row.get(5)?,
                detail: row.get(6)?,
                address: row.get(7)?,
            })
        })?;
        Ok(page.cut(found, |entry| entry.number.to_string()))
    }
}

impl Tx<'_> {
    /// Notes a change.
    ///
    /// # Errors
    /// The database refuses.
    pub fn append_audit(&mut self, new: &NewAudit) -> Result<()> {
        let sql = "INSERT INTO audit (at_ms, actor, action, app, subject, detail, address) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let NewAudit { at_ms, actor, action, app, subject, detail, address } = new;
        change_one(self.connection, sql, params![at_ms, actor, action, app, subject, detail, address])
    }
}
