//! Administrators, and their sessions in the console and on the command line.

use std::net::IpAddr;

use campanile_store::{NewAdminSession, Tx};
use serde_json::json;

use super::{AccountError, Accounts, Actor, Attempt, Code, Result, tokens, users::PASSWORD_BYTES_MAX};

/// A new session of an administrator.
#[derive(Clone, Debug)]
pub struct AdminLogin {
    /// The secret; kept as a hash only.
    pub token: String,
    /// What a browser has to send beside its cookie.
    pub csrf: String,
    /// Who.
    pub name: String,
    /// When it ends, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// A session of an administrator that is alive.
#[derive(Clone, Debug)]
pub struct AdminSession {
    /// Who.
    pub name: String,
    /// What a browser has to send beside its cookie.
    pub csrf: String,
    /// When it ends, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// Whoever holds the token that is written for the command line on the same machine. It is kept in memory only: it
/// lives as long as the hub runs.
pub(crate) struct LocalAdmin {
    hash: [u8; 32],
    csrf: String,
}

/// The name of the administrator that a first start creates.
const FIRST_ADMIN: &str = "admin";

impl Accounts {
    /// Creates an administrator with a random password if there is none yet, and returns the password, which is shown
    /// once.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn ensure_admin(&self) -> Result<Option<String>> {
        if self.store().read(|view| view.admins_count()).await? > 0 {
            return Ok(None);
        }
        let password = tokens::name("")?;
        let (hash, now_ms) = (self.hash_password(password.clone()).await?, self.now_ms());
        self.store().write(move |tx| tx.put_admin(FIRST_ADMIN, &hash, now_ms)).await?;
        Ok(Some(password))
    }

    /// Logs an administrator in.
    ///
    /// # Errors
    /// `credentials_wrong`, `limit_reached` after too many failures, `overloaded`.
    pub async fn admin_log_in(
        &self,
        name: &str,
        password: &str,
        address: Option<IpAddr>,
    ) -> Result<AdminLogin> {
        self.check_admin(name, password, address).await?;
        let actor = Actor { name: format!("admin:{name}"), address };
        self.begin_admin_session(&actor, name).await
    }

    async fn check_admin(&self, name: &str, password: &str, address: Option<IpAddr>) -> Result<()> {
        let attempt = Attempt { app: None, account: name, address };
        self.0.guesses.begin(attempt, &self.0.options, self.now_ms())?;
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(AccountError::wrong_credentials());
        }
        let id = name.to_owned();
        let hash = self.store().read(move |view| view.admin_password(&id)).await?;
        match self.0.passwords.verify(password.to_owned(), hash).await {
            Ok(false) => Err(AccountError::wrong_credentials()),
            other => {
                self.0.guesses.forgive(attempt);
                other.map(|_| ())
            }
        }
    }

    /// Draws the token for the command line on the same machine.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn local_admin_token(&self) -> Result<String> {
        let token = tokens::secret("cat_")?;
        let local = LocalAdmin { hash: tokens::hash(&token), csrf: tokens::name("")? };
        match self.0.local_admin.set(local) {
            Ok(()) => Ok(token),
            Err(_) => Err(AccountError::new(Code::LimitReached, "the local token has been drawn already")),
        }
    }

    async fn begin_admin_session(&self, actor: &Actor, name: &str) -> Result<AdminLogin> {
        let (token, csrf, now_ms) = (tokens::secret("cat_")?, tokens::name("")?, self.now_ms());
        let expires_at_ms = now_ms + self.0.options.admin_session_ttl.as_millis() as i64;
        let new = NewAdminSession {
            hash: tokens::hash(&token),
            admin: name.to_owned(),
            csrf: csrf.clone(),
            created_at_ms: now_ms,
            expires_at_ms,
        };
        let note = self.note(actor, "admin.login", None, name, &json!({}));
        let write = move |tx: &mut Tx<'_>| {
            tx.insert_admin_session(&new)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await?;
        Ok(AdminLogin { token, csrf, name: name.to_owned(), expires_at_ms })
    }

    /// Whom an administrator's token stands for.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn admin_of(&self, token: &str) -> Result<Option<AdminSession>> {
        let (hash, now_ms) = (tokens::hash(token), self.now_ms());
        if let Some(local) = self.0.local_admin.get().filter(|local| local.hash == hash) {
            let expires_at_ms = now_ms + self.0.options.admin_session_ttl.as_millis() as i64;
            let (name, csrf) = (FIRST_ADMIN.to_owned(), local.csrf.clone());
            return Ok(Some(AdminSession { name, csrf, expires_at_ms }));
        }
        let session = self.store().read(move |view| view.admin_session_by_hash(&hash)).await?;
        let live = session.filter(|session| session.expires_at_ms > now_ms);
        Ok(live.map(|s| AdminSession { name: s.admin, csrf: s.csrf, expires_at_ms: s.expires_at_ms }))
    }

    /// Ends an administrator's session.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn admin_log_out(&self, token: &str) -> Result<()> {
        let hash = tokens::hash(token);
        self.store().write(move |tx| tx.delete_admin_session(&hash)).await?;
        Ok(())
    }

    /// Sets a new password and ends all sessions of the administrator.
    ///
    /// # Errors
    /// `credentials_wrong`, `invalid_payload`.
    pub async fn change_admin_password(&self, actor: &Actor, name: &str, old: &str, new: &str) -> Result<()> {
        self.check_admin(name, old, actor.address).await?;
        let (hash, now_ms) = (self.hash_password(new.to_owned()).await?, self.now_ms());
        let note = self.note(actor, "admin.password", None, name, &json!({}));
        let id = name.to_owned();
        let write = move |tx: &mut Tx<'_>| {
            tx.put_admin(&id, &hash, now_ms)?;
            tx.delete_admin_sessions(&id)?;
            tx.append_audit(&note)
        };
        Ok(self.store().write(write).await?)
    }
}
