//! Who a socket is, by what it presents when it connects: `{app_id, session_id, token}`.

use std::sync::Arc;

use campanile_hub::Tenant;
use serde::Deserialize;
use serde_json::Value;

use super::{Access, AccountError, Accounts, AppEntry, Code, Result, Scope};
use crate::{
    PUBLIC,
    badge::{Badge, Member},
};

/// What a client presents. Absent, `null` and empty mean the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// An API key.
    pub(crate) app_id: Option<String>,
    /// The token of a session.
    pub(crate) session_id: Option<String>,
    /// A secret key, for providers of a locked bridge.
    pub(crate) token: Option<String>,
}

/// What can be said of credentials without the store.
pub(crate) enum Verdict {
    /// An anonymous socket of this app.
    Anonymous(Arc<AppEntry>),
    /// The store has to be asked.
    Ask(Arc<AppEntry>, Credentials),
}

/// The fields as they come. Other fields belong to somebody else.
#[derive(Deserialize)]
struct Presented {
    app_id: Option<Value>,
    session_id: Option<Value>,
    token: Option<Value>,
}

impl Credentials {
    /// Reads them out of the raw JSON of the connect packet.
    pub(crate) fn read(auth: &str) -> Result<Self> {
        // The common case of a bridge client: nothing.
        if auth == "{}" {
            return Ok(Self::default());
        }
        let Ok(presented) = serde_json::from_str::<Presented>(auth) else { return Ok(Self::default()) };
        Ok(Self {
            app_id: text(presented.app_id).ok_or_else(unknown_app)?,
            session_id: text(presented.session_id).ok_or_else(AccountError::session_invalid)?,
            token: text(presented.token).ok_or_else(unknown_key)?,
        })
    }
}

/// `None` for what can't be a credential.
fn text(value: Option<Value>) -> Option<Option<String>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.is_empty() => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}

fn unknown_app() -> AccountError {
    AccountError::new(Code::AppNotFound, "no app has this app_id")
}

fn unknown_key() -> AccountError {
    AccountError::new(Code::KeyNotFound, "there is no such secret key")
}

impl Accounts {
    /// Decides what can be decided at once.
    pub(crate) fn judge(&self, credentials: Credentials) -> Result<Verdict> {
        let entry = match &credentials.app_id {
            Some(key) => self.0.catalog.by_key(key).ok_or_else(unknown_app)?,
            None if credentials.session_id.is_some() => {
                return Err(AccountError::new(Code::AppNotFound, "a session_id needs the app_id of its app"));
            }
            None => self.entry_of(PUBLIC).ok_or_else(unknown_app)?,
        };
        if entry.plugins.is_empty() {
            let message = "the app has neither the plugin socket.io nor the plugin bridge";
            return Err(AccountError::new(Code::PluginNotInstalled, message));
        }
        match credentials {
            Credentials { session_id: None, token: None, .. } => entry.anonymous().map(Verdict::Anonymous),
            credentials => Ok(Verdict::Ask(entry, credentials)),
        }
    }

    /// Asks the store who it is. Returns the time from which on endings must be watched for.
    pub(crate) async fn identify(&self, entry: &AppEntry, credentials: &Credentials) -> Result<Badge> {
        let member: Option<Member> = match &credentials.session_id {
            Some(token) => Some(self.member(entry, token).await?),
            None => None,
        };
        let key = match &credentials.token {
            Some(secret) => Some(self.provider_key(entry, secret)?),
            None => None,
        };
        Ok(Badge { member, key })
    }

    fn provider_key(&self, entry: &AppEntry, secret: &str) -> Result<Box<str>> {
        let caller = self.authenticate_key(secret)?;
        let may_provide = caller.scopes.iter().any(|scope| matches!(scope, Scope::Provider | Scope::Manage));
        if caller.app != entry.id || !may_provide {
            return Err(unknown_key());
        }
        Ok(caller.key_id.into())
    }

    /// Whether a socket that was away still is who it was.
    pub(crate) async fn identify_again(&self, app: Tenant, badge: &Badge) -> Result<()> {
        let entry = self.entry_of(app).ok_or_else(unknown_app)?;
        if let Some(member) = &badge.member {
            self.member_again(&entry, member.session).await?;
        }
        if let Some(key) = &badge.key {
            let keys = self.secret_keys(&entry.id).await?;
            let is_live = keys.iter().any(|live| *live.id == **key && live.revoked_at_ms.is_none());
            return if is_live { Ok(()) } else { Err(unknown_key()) };
        }
        Ok(())
    }
}

impl AppEntry {
    fn anonymous(self: Arc<Self>) -> Result<Arc<Self>> {
        match self.settings.anonymous {
            Access::Allow => Ok(self),
            Access::Deny => {
                Err(AccountError::new(Code::AnonymousDenied, "the app takes no sockets without a session"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_empty_are_the_same() {
        for auth in ["{}", r#"{"app_id":null,"session_id":""}"#, r#"{"name":"x","pid":"y"}"#, "[]"] {
            assert_eq!(Credentials::read(auth).unwrap(), Credentials::default(), "{auth}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_by_its_field() {
        let code = |auth| Credentials::read(auth).unwrap_err().code;
        assert_eq!(code(r#"{"app_id":7}"#), Code::AppNotFound);
        assert_eq!(code(r#"{"app_id":"k","session_id":{}}"#), Code::SessionInvalid);
        assert_eq!(code(r#"{"token":[]}"#), Code::KeyNotFound);
    }
}
