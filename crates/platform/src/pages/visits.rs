//! What a visitor gets: the way into the app, and the document if it is for them.

use serde_json::Value;

use super::{Pages, Result, page_not_found};
use crate::accounts::{AccountError, Code, PluginName};

/// The way into an app, for its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrance {
    /// The oldest of the app's live API keys; keys are public.
    pub key: Option<String>,
    /// Whether what is pushed reaches pages.
    pub is_pushed_to: bool,
}

/// A page as its visitor gets it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its version.
    pub version: i64,
    /// Its document.
    pub document: Value,
}

impl Pages {
    /// The way into an app.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn entrance(&self, app: &str) -> Result<Entrance> {
        let entry = self.accounts.entry(app)?;
        let keys = self.accounts.api_keys(app).await?;
        let live = keys.into_iter().filter(|key| key.revoked_at_ms.is_none());
        let oldest = live.min_by(|a, b| (a.created_at_ms, &a.key).cmp(&(b.created_at_ms, &b.key)));
        let is_pushed_to = entry.plugins.contains(&PluginName::SocketIo);
        Ok(Entrance { key: oldest.map(|key| key.key), is_pushed_to })
    }

    /// Whether an app has a page.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn is_there(&self, app: &str, id: &str) -> Result<bool> {
        let (number, wanted) = (self.app(app)?, id.to_owned());
        let found = self.accounts.store().read(move |view| view.web_page(number, &wanted)).await?;
        Ok(found.is_some())
    }

    /// A page for whoever has this session, or none. What is for users only isn't told to anybody else.
    ///
    /// # Errors
    /// `app_not_found`, `page_not_found`; `session_invalid`, `session_expired`.
    pub async fn visit(&self, app: &str, id: &str, session: Option<&str>) -> Result<Visit> {
        let (entry, number, wanted) = (self.accounts.entry(app)?, self.app(app)?, id.to_owned());
        let found = self.accounts.store().read(move |view| view.web_page(number, &wanted)).await?;
        let stored = found.ok_or_else(|| page_not_found(id))?;
        let document: Value = serde_json::from_str(&stored.document).unwrap_or_default();
        if document["access"] == "users" {
            match session {
                Some(token) => drop(self.accounts.member(&entry, token).await?),
                None => {
                    return Err(AccountError::new(Code::SessionInvalid, "this page is for users: log in"));
                }
            }
        }
        Ok(Visit { version: stored.version, document })
    }
}
