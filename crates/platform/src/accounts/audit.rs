//! The log of what was changed by whom.

use campanile_store::Page;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Accounts, Paged, Result, parse_json};

/// One change.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Who: `admin:NAME`, `key:ID` or `system`.
    pub actor: String,
    /// What, such as `user.create`.
    pub action: String,
    /// In which app.
    pub app: Option<String>,
    /// To whom or what.
    pub subject: String,
    /// More about it; never a secret.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Where from; empty for the hub itself.
    pub address: String,
}

impl Accounts {
    /// The log, newest first, of one app or of all.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn audit(
        &self,
        app: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Result<Paged<AuditEntry>> {
        let paged = self.store().read(move |view| view.audit(app.as_deref(), &Page { after, limit })).await?;
        Ok(Paged::from_store(paged, |entry| AuditEntry {
            at_ms: entry.at_ms,
            actor: entry.actor,
            action: entry.action,
            app: entry.app,
            subject: entry.subject,
            detail: parse_json(&entry.detail),
            address: entry.address,
        }))
    }
}
