//! Sessions of users: logging in and out, renewal by use, expiry.

use std::{net::IpAddr, time::Duration};

use campanile_hub::Tenant;
use campanile_store::{AppNumber, NewSession, Page, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    AccountError, Accounts, Actor, AppEntry, Attempt, Code, Group, Paged, Result, Why, count, number, tokens,
    users::{PASSWORD_BYTES_MAX, unknown_user},
};
use crate::badge::Member;

/// A new session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Login {
    /// The secret that the client presents as `session_id`; kept as a hash only.
    pub token: String,
    /// The session's number, to name it in lists.
    pub id: i64,
    /// The user.
    pub user_id: String,
    /// The user's role.
    pub role: String,
    /// When it ends unless it is used, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedSession {
    /// The user.
    pub user_id: String,
    /// The user's role.
    pub role: String,
    /// When it ends unless it is used, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// A session in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// The user.
    pub user_id: String,
    /// When it began, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it ends unless it is used.
    pub expires_at_ms: i64,
    /// When it was last used, give or take the time after which use renews it.
    pub last_used_at_ms: i64,
    /// Where the login came from.
    pub address: String,
    /// What the login came with as User-Agent.
    pub user_agent: String,
    /// Sockets connected with it.
    pub sockets: u32,
}

/// Where a login comes from.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// The address.
    pub address: Option<IpAddr>,
    /// The User-Agent.
    pub user_agent: String,
}

/// How long after its end a session is still told apart from one that never was.
const EXPIRED_KEPT_MS: i64 = 7 * 24 * 3600 * 1000;

impl Accounts {
    /// Logs a user in.
    ///
    /// # Errors
    /// `app_not_found`, `credentials_wrong`, `limit_reached` after too many failures, `overloaded`.
    pub async fn log_in(
        &self,
        app_key: &str,
        user: &str,
        password: &str,
        client: ClientInfo,
    ) -> Result<Login> {
        let result = self.try_log_in(app_key, user, password, client).await;
        let tally = self.tally();
        count(if result.is_ok() { &tally.logins } else { &tally.logins_refused });
        result
    }

    async fn try_log_in(
        &self,
        app_key: &str,
        user: &str,
        password: &str,
        client: ClientInfo,
    ) -> Result<Login> {
        let entry = self.entry_by_key(app_key)?;
        let attempt = Attempt { app: Some(entry.number), account: user, address: client.address };
        self.0.guesses.begin(attempt, &self.0.options, self.now_ms())?;
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(AccountError::wrong_credentials());
        }
        let (app, id) = (number(&entry), user.to_owned());
        let hash = self.store().read(move |view| view.user_password(app, &id)).await?.flatten();
        match self.0.passwords.verify(password.to_owned(), hash).await {
            Ok(true) => self.0.guesses.forgive(attempt),
            Ok(false) => return Err(AccountError::wrong_credentials()),
            Err(error) => {
                self.0.guesses.forgive(attempt);
                return Err(error);
            }
        }
        self.begin_session(&entry, user, client, None).await
    }

    /// Opens a session for a user without a password, on a backend's word.
    ///
    /// # Errors
    /// `app_not_found`, `user_not_found`.
    pub async fn create_session(&self, actor: &Actor, app: &str, user: &str) -> Result<Login> {
        let entry = self.entry(app)?;
        let note = self.note(actor, "session.create", Some(app), user, &json!({}));
        let client = ClientInfo { address: actor.address, user_agent: actor.name.clone() };
        self.begin_session(&entry, user, client, Some(note)).await
    }

    async fn begin_session(
        &self,
        entry: &AppEntry,
        user: &str,
        client: ClientInfo,
        note: Option<campanile_store::NewAudit>,
    ) -> Result<Login> {
        let (token, now_ms) = (tokens::secret("")?, self.now_ms());
        let expires_at_ms = now_ms + self.session_ttl(entry).as_millis() as i64;
        let new = NewSession {
            hash: tokens::hash(&token),
            user_id: user.to_owned(),
            created_at_ms: now_ms,
            expires_at_ms,
            address: client.address.map(|address| address.to_string()).unwrap_or_default(),
            user_agent: client.user_agent.chars().take(200).collect(),
        };
        let (app, id, keep) = (number(entry), user.to_owned(), self.0.options.sessions_per_user_max);
        let write = move |tx: &mut Tx<'_>| {
            let user = tx.user(app, &id)?.ok_or(StoreError::NotFound)?;
            let session = tx.insert_session(app, &new)?;
            let crowded_out = tx.delete_oldest_sessions(app, &id, keep as u32)?;
            note.iter().try_for_each(|note| tx.append_audit(note))?;
            Ok((user, session, crowded_out))
        };
        let written = self.store().write(write).await;
        let (user, id, crowded_out) = written.map_err(|error| unknown_user(error, user))?;
        for session in crowded_out {
            self.end(entry.number, Some(Group::Session(session)), Why::SessionRevoked);
        }
        Ok(Login { token, id, user_id: user.id, role: user.role, expires_at_ms })
    }

    fn session_ttl(&self, entry: &AppEntry) -> Duration {
        match entry.settings.session_ttl_s {
            0 => self.0.options.session_ttl,
            seconds => Duration::from_secs(seconds.into()),
        }
    }

    /// Whether a token is that of a live session, of whatever app. Being asked counts as use.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn check_session(&self, token: &str) -> Result<Option<CheckedSession>> {
        let hash = tokens::hash(token);
        let found = self.store().read(move |view| view.session_any_app_by_hash(&hash)).await?;
        let Some((app, session)) = found else { return Ok(None) };
        let Some(entry) = self.entry_of(Tenant(app.0)) else { return Ok(None) };
        match self.used(&entry, session).await {
            Ok(member) => Ok(Some(CheckedSession {
                user_id: member.user_id.into(),
                role: member.role.into(),
                expires_at_ms: member.expires_at_ms,
            })),
            Err(error) if error.code == Code::SessionExpired => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The user that a token of this app stands for.
    pub(crate) async fn member(&self, entry: &AppEntry, token: &str) -> Result<Member> {
        let (app, hash) = (number(entry), tokens::hash(token));
        let session = self.store().read(move |view| view.session_by_hash(app, &hash)).await?;
        self.used(entry, session.ok_or_else(AccountError::session_invalid)?).await
    }

    /// The user of a session that was found before.
    pub(crate) async fn member_again(&self, entry: &AppEntry, session: i64) -> Result<Member> {
        let app = number(entry);
        let session = self.store().read(move |view| view.session(app, session)).await?;
        self.used(entry, session.ok_or_else(AccountError::session_invalid)?).await
    }

    /// Renews a session that is alive, if enough of its time has passed to be worth a write.
    async fn used(&self, entry: &AppEntry, session: campanile_store::Session) -> Result<Member> {
        let now_ms = self.now_ms();
        if session.expires_at_ms <= now_ms {
            return Err(AccountError::new(Code::SessionExpired, "the session has expired"));
        }
        let mut expires_at_ms = session.expires_at_ms;
        let renewed_ms = now_ms + self.session_ttl(entry).as_millis() as i64;
        if renewed_ms - expires_at_ms >= self.0.options.session_renew_after.as_millis() as i64 {
            let (app, session) = (number(entry), session.number);
            let renew = move |tx: &mut Tx<'_>| tx.renew_session(app, session, renewed_ms, now_ms);
            match self.store().write(renew).await {
                Ok(()) => expires_at_ms = renewed_ms,
                Err(StoreError::NotFound) => return Err(AccountError::session_invalid()),
                Err(error) => return Err(error.into()),
            }
        }
        let (user_id, role) = (session.user_id.into(), session.role.into());
        Ok(Member { user_id, role, session: session.number, expires_at_ms })
    }

    /// Ends the session with this token, and its sockets. One that nobody has is fine.
    ///
    /// # Errors
    /// The store can't be written.
    pub async fn log_out(&self, token: &str) -> Result<()> {
        let hash = tokens::hash(token);
        let found = self.store().read(move |view| view.session_any_app_by_hash(&hash)).await?;
        let Some((app, session)) = found else { return Ok(()) };
        let number = session.number;
        self.store().write(move |tx| tx.delete_session(app, number)).await?;
        self.end(Tenant(app.0), Some(Group::Session(number)), Why::LoggedOut);
        Ok(())
    }

    /// The sessions of an app, or of one of its users.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn sessions(
        &self,
        app: &str,
        user: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Result<Paged<Session>> {
        let entry = self.entry(app)?;
        let (app, page) = (number(&entry), Page { after, limit });
        let sessions = self.store().read(move |view| view.sessions(app, user.as_deref(), &page)).await?;
        Ok(Paged::from_store(sessions, |session| Session {
            sockets: self.presence().of_group(entry.number, &Group::Session(session.number)),
            id: session.number,
            user_id: session.user_id,
            created_at_ms: session.created_at_ms,
            expires_at_ms: session.expires_at_ms,
            last_used_at_ms: session.last_used_at_ms,
            address: session.address,
            user_agent: session.user_agent,
        }))
    }

    /// Ends a session and its sockets.
    ///
    /// # Errors
    /// `app_not_found`, `session_not_found`.
    pub async fn revoke_session(&self, actor: &Actor, app: &str, id: i64) -> Result<()> {
        let entry = self.entry(app)?;
        let note = self.note(actor, "session.revoke", Some(app), &id.to_string(), &json!({}));
        let app = number(&entry);
        let write = move |tx: &mut Tx<'_>| {
            let was_there = tx.delete_session(app, id)?;
            if was_there {
                tx.append_audit(&note)?;
            }
            Ok(was_there)
        };
        if !self.store().write(write).await? {
            return Err(AccountError::new(Code::SessionNotFound, format!("there is no session {id}")));
        }
        self.end(entry.number, Some(Group::Session(id)), Why::SessionRevoked);
        Ok(())
    }

    /// Ends all sessions of a user, and their sockets. Returns how many there were.
    ///
    /// # Errors
    /// `app_not_found`, `user_not_found`.
    pub async fn revoke_sessions_of_user(&self, actor: &Actor, app: &str, user: &str) -> Result<usize> {
        let entry = self.entry(app)?;
        self.user(app, user).await?;
        let note = self.note(actor, "session.revoke_all", Some(app), user, &json!({}));
        let (app, id) = (number(&entry), user.to_owned());
        let write = move |tx: &mut Tx<'_>| {
            let ended = tx.delete_sessions_of_user(app, &id)?;
            tx.append_audit(&note)?;
            Ok(ended)
        };
        let ended = self.store().write(write).await?;
        for session in &ended {
            self.end(entry.number, Some(Group::Session(*session)), Why::SessionRevoked);
        }
        Ok(ended.len())
    }

    /// Ends the sockets of the sessions that have expired since `since_ms`, and forgets those that are long over. Returns
    /// the time up to which that is done.
    ///
    /// # Errors
    /// The store can't be read or written.
    pub async fn sweep(&self, since_ms: i64) -> Result<i64> {
        let now_ms = self.now_ms();
        let expired = self.store().read(move |view| view.sessions_expired(since_ms, now_ms)).await?;
        for (AppNumber(app), session) in expired {
            self.end(Tenant(app), Some(Group::Session(session)), Why::SessionExpired);
        }
        let forget = move |tx: &mut Tx<'_>| {
            tx.delete_expired_sessions(now_ms - EXPIRED_KEPT_MS, 1_000)?;
            tx.delete_expired_admin_sessions(now_ms)
        };
        self.store().write(forget).await?;
        Ok(now_ms)
    }
}
