//! API keys, which are public and name an app, and secret keys, which let a backend act in it.

use campanile_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    AccountError, Accounts, Actor, Code, Group, Result, Why, apps::checked_name, count, number, tokens,
};

/// An API key: the `app_id` that a front end presents.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// The key.
    pub key: String,
    /// For people.
    pub name: String,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

/// A secret key, without the secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecretKey {
    /// Names it; no secret.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
}

/// What a secret key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To push, and to read users, sockets and pushes.
    Push,
    /// To do everything in its app but to delete it.
    Manage,
    /// To be a provider on a locked bridge, and to use its HTTP API.
    Provider,
}

impl Scope {
    const ALL: [(Self, &str); 3] =
        [(Self::Push, "push"), (Self::Manage, "manage"), (Self::Provider, "provider")];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(scope, _)| *scope == self).map_or("", |(_, name)| name)
    }

    /// The scopes in a text with spaces between them, as the store keeps them.
    pub(crate) fn all_in(names: &str) -> Vec<Self> {
        let is_in = |name: &str| names.split(' ').any(|scope| scope == name);
        Self::ALL.iter().filter(|(_, name)| is_in(name)).map(|(scope, _)| *scope).collect()
    }
}

/// Whom a secret key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The app's id.
    pub app: String,
    /// The key's id.
    pub key_id: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Accounts {
    /// The API keys of an app.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn api_keys(&self, app: &str) -> Result<Vec<ApiKey>> {
        let app = number(&*self.entry(app)?);
        let keys = self.store().read(move |view| view.api_keys(app)).await?;
        Ok(keys.into_iter().map(ApiKey::from).collect())
    }

    /// Makes a new API key.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`, `limit_reached`.
    pub async fn create_api_key(&self, actor: &Actor, app: &str, name: &str) -> Result<ApiKey> {
        let entry = self.entry(app)?;
        let name = checked_name(name)?;
        let live = self.api_keys(app).await?.iter().filter(|key| key.revoked_at_ms.is_none()).count();
        if live >= self.0.options.keys_per_app_max {
            return Err(AccountError::limit("limits.keys_per_app_max"));
        }
        let key = campanile_store::ApiKey {
            key: tokens::name("")?,
            app: number(&entry),
            name,
            created_at_ms: self.now_ms(),
            revoked_at_ms: None,
        };
        let note = self.note(actor, "key.create", Some(app), &key.key, &json!({ "name": key.name }));
        let stored = key.clone();
        let write = move |tx: &mut Tx<'_>| {
            tx.insert_api_key(&stored)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await?;
        self.reload().await?;
        Ok(key.into())
    }

    /// Revokes an API key: nobody connects with it any more. Who is connected stays.
    ///
    /// # Errors
    /// `app_not_found`, `key_not_found`.
    pub async fn revoke_api_key(&self, actor: &Actor, app: &str, key: &str) -> Result<()> {
        let (entry, now_ms) = (self.entry(app)?, self.now_ms());
        let note = self.note(actor, "key.revoke", Some(app), key, &json!({}));
        let (app, key) = (number(&entry), key.to_owned());
        let write = move |tx: &mut Tx<'_>| {
            tx.revoke_api_key(app, &key, now_ms)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await.map_err(unknown_key)?;
        self.reload().await
    }

    /// The secret keys of an app, without their secrets.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn secret_keys(&self, app: &str) -> Result<Vec<SecretKey>> {
        let app = number(&*self.entry(app)?);
        let keys = self.store().read(move |view| view.secret_keys(app)).await?;
        Ok(keys.into_iter().map(SecretKey::from).collect())
    }

    /// Makes a new secret key. The secret is returned once and kept as a hash.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`, `limit_reached`.
    pub async fn create_secret_key(
        &self,
        actor: &Actor,
        app: &str,
        name: &str,
        scopes: &[Scope],
    ) -> Result<(SecretKey, String)> {
        let entry = self.entry(app)?;
        let name = checked_name(name)?;
        if scopes.is_empty() {
            return Err(AccountError::field("scopes", "must name at least one of push, manage, provider"));
        }
        let live = self.secret_keys(app).await?.iter().filter(|key| key.revoked_at_ms.is_none()).count();
        if live >= self.0.options.keys_per_app_max {
            return Err(AccountError::limit("limits.keys_per_app_max"));
        }
        let secret = tokens::secret("csk_")?;
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let key = campanile_store::SecretKey {
            id: tokens::name("sk_")?,
            app: number(&entry),
            name,
            scopes: scopes.join(" "),
            created_at_ms: self.now_ms(),
            revoked_at_ms: None,
        };
        let detail = json!({ "name": key.name, "scopes": key.scopes });
        let note = self.note(actor, "secret_key.create", Some(app), &key.id, &detail);
        let (stored, hash) = (key.clone(), tokens::hash(&secret));
        let write = move |tx: &mut Tx<'_>| {
            tx.insert_secret_key(&stored, &hash)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await?;
        self.reload().await?;
        Ok((key.into(), secret))
    }

    /// Revokes a secret key and ends the sockets that presented it.
    ///
    /// # Errors
    /// `app_not_found`, `key_not_found`.
    pub async fn revoke_secret_key(&self, actor: &Actor, app: &str, id: &str) -> Result<()> {
        let (entry, now_ms) = (self.entry(app)?, self.now_ms());
        let note = self.note(actor, "secret_key.revoke", Some(app), id, &json!({}));
        let (app, key) = (number(&entry), id.to_owned());
        let write = move |tx: &mut Tx<'_>| {
            tx.revoke_secret_key(app, &key, now_ms)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await.map_err(unknown_key)?;
        self.reload().await?;
        self.end(entry.number, Some(Group::Key(id.into())), Why::KeyRevoked);
        Ok(())
    }

    /// Admits a request of a secret key.
    ///
    /// # Errors
    /// `limit_reached`: it calls too often.
    pub fn admit_call(&self, key_id: &str) -> Result<()> {
        self.0.calls.admit(key_id).inspect_err(|_| count(&self.tally().calls_over_rate))
    }

    /// Who presents this secret.
    ///
    /// # Errors
    /// `key_not_found`: there is no such key, or it was revoked.
    pub fn authenticate_key(&self, secret: &str) -> Result<Caller> {
        let found = self.0.catalog.by_secret(&tokens::hash(secret));
        found.ok_or_else(|| AccountError::new(Code::KeyNotFound, "there is no such secret key"))
    }
}

impl From<campanile_store::ApiKey> for ApiKey {
    fn from(key: campanile_store::ApiKey) -> Self {
        let campanile_store::ApiKey { key, name, created_at_ms, revoked_at_ms, .. } = key;
        Self { key, name, created_at_ms, revoked_at_ms }
    }
}

impl From<campanile_store::SecretKey> for SecretKey {
    fn from(key: campanile_store::SecretKey) -> Self {
        let campanile_store::SecretKey { id, name, scopes, created_at_ms, revoked_at_ms, .. } = key;
        Self { id, name, scopes: Scope::all_in(&scopes), created_at_ms, revoked_at_ms }
    }
}

fn unknown_key(error: StoreError) -> AccountError {
    match error {
        StoreError::NotFound => AccountError::new(Code::KeyNotFound, "there is no such live key"),
        error => error.into(),
    }
}
