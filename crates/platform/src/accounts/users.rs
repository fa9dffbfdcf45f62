//! Users of an app.

use campanile_store::{Page, StoreError, Tx, UserFilter, View};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    AccountError, Accounts, Actor, AppEntry, Code, Group, Paged, Result, Why, check_id, number, parse_json,
};

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The login.
    pub id: String,
    /// One role; may be empty.
    pub role: String,
    /// Free-form fields.
    #[schema(value_type = Object)]
    pub profile: Value,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether a socket of the user is connected.
    pub online: bool,
    /// How many sockets are.
    pub sockets: u32,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// A user to be created.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "testUser", "role": "editor", "password": "correct horse", "profile": { "name": "Test" },
})))]
pub struct NewUser {
    /// The login: 1 to 200 bytes, not `*`.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^([^*\s\u0000-\u001f\u007f-\u009f]|[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])$"
    )]
    pub id: String,
    /// One role.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub role: String,
    /// Without one the user can't log in with a password.
    #[serde(default)]
    #[schema(min_length = 8, max_length = 1024)]
    pub password: Option<String>,
    /// Free-form fields.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub profile: Map<String, Value>,
}

/// What is to change of a user.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(examples(json!({ "role": "editor", "profile": { "name": "Test" } })))]
pub struct UserChange {
    /// The new role.
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub role: Option<String>,
    /// The new password. Sessions stay.
    #[schema(min_length = 8, max_length = 1024)]
    pub password: Option<String>,
    /// All profile fields.
    #[schema(value_type = Option<Object>)]
    pub profile: Option<Map<String, Value>>,
}

/// Which users are asked for.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// Only those in this role.
    pub role: Option<String>,
    /// Only those whose id starts so.
    pub starts_with: Option<String>,
    /// Whether online or not.
    pub presence: UsersByPresence,
    /// The `next` of the list before.
    pub after: Option<String>,
    /// How many.
    pub limit: u32,
}

/// Of which users, by whether a socket of theirs is connected.
#[derive(Clone, Copy, Debug, Default)]
pub enum UsersByPresence {
    /// All.
    #[default]
    All,
    /// Those who are online.
    Online,
}

impl Accounts {
    /// The users of an app, by id.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn users(&self, app: &str, query: UserQuery) -> Result<Paged<User>> {
        let entry = self.entry(app)?;
        let app = number(&entry);
        let UserQuery { role, starts_with, presence, after, limit } = query;
        let filter = UserFilter { role, starts_with };
        let page = Page { after, limit };
        let online = match presence {
            UsersByPresence::All => None,
            UsersByPresence::Online => Some(self.presence().ids_online(entry.number)),
        };
        let read = move |view: &View<'_>| match online {
            None => view.users(app, &filter, &page),
            Some(ids) => view.users_among(app, ids, &filter, &page),
        };
        let users = self.store().read(read).await?;
        Ok(Paged::from_store(users, |user| self.user_of(&entry, user)))
    }

    /// One user.
    ///
    /// # Errors
    /// `app_not_found`, `user_not_found`.
    pub async fn user(&self, app: &str, id: &str) -> Result<User> {
        let entry = self.entry(app)?;
        let (app, wanted) = (number(&entry), id.to_owned());
        let user = self.store().read(move |view| view.user(app, &wanted)).await?;
        user.map(|user| self.user_of(&entry, user)).ok_or_else(|| AccountError::user_not_found(id))
    }

    fn user_of(&self, app: &AppEntry, user: campanile_store::User) -> User {
        let sockets = self.presence().of_group(app.number, &Group::User(user.id.as_str().into()));
        User {
            profile: parse_json(&user.profile),
            id: user.id,
            role: user.role,
            has_password: user.has_password,
            online: sockets > 0,
            sockets,
            created_at_ms: user.created_at_ms,
            updated_at_ms: user.updated_at_ms,
        }
    }

    /// Creates a user.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`, `user_exists`.
    pub async fn create_user(&self, actor: &Actor, app: &str, new: NewUser) -> Result<User> {
        let entry = self.entry(app)?;
        check_id("id", &new.id, 200)?;
        check_role(&new.role)?;
        let profile = checked_profile(&new.profile)?;
        let password_hash = match new.password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let note = self.note(actor, "user.create", Some(app), &new.id, &json!({ "role": new.role }));
        let user = campanile_store::NewUser { id: new.id.clone(), role: new.role, profile, password_hash };
        let (app, now_ms) = (number(&entry), self.now_ms());
        let write = move |tx: &mut Tx<'_>| {
            let user = tx.insert_user(app, &user, now_ms)?;
            tx.append_audit(&note)?;
            Ok(user)
        };
        let created = self.store().write(write).await.map_err(|error| match error {
            StoreError::Exists => {
                AccountError::new(Code::UserExists, format!("there is a user {:?} already", new.id))
            }
            error => error.into(),
        })?;
        Ok(self.user_of(&entry, created))
    }

    /// Changes a user. A new role counts for sockets that connect from then on.
    ///
    /// # Errors
    /// `app_not_found`, `user_not_found`, `invalid_payload`.
    pub async fn update_user(&self, actor: &Actor, app: &str, id: &str, change: UserChange) -> Result<User> {
        let entry = self.entry(app)?;
        let fields = json!({
            "role": change.role, "password": change.password.is_some(), "profile": change.profile.is_some(),
        });
        change.role.as_deref().map_or(Ok(()), check_role)?;
        let profile = change.profile.as_ref().map(checked_profile).transpose()?;
        let password_hash = match change.password {
            Some(password) => Some(Some(self.hash_password(password).await?)),
            None => None,
        };
        let note = self.note(actor, "user.update", Some(app), id, &fields);
        let change = campanile_store::UserChange { role: change.role, profile, password_hash };
        let (app, user, now_ms) = (number(&entry), id.to_owned(), self.now_ms());
        let write = move |tx: &mut Tx<'_>| {
            let user = tx.update_user(app, &user, &change, now_ms)?;
            tx.append_audit(&note)?;
            Ok(user)
        };
        let changed = self.store().write(write).await.map_err(|error| unknown_user(error, id))?;
        Ok(self.user_of(&entry, changed))
    }

    /// Deletes a user with all sessions, and ends the user's sockets.
    ///
    /// # Errors
    /// `app_not_found`, `user_not_found`.
    pub async fn delete_user(&self, actor: &Actor, app: &str, id: &str) -> Result<()> {
        let entry = self.entry(app)?;
        let note = self.note(actor, "user.delete", Some(app), id, &json!({}));
        let (app, user) = (number(&entry), id.to_owned());
        let write = move |tx: &mut Tx<'_>| {
            tx.delete_user(app, &user)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await.map_err(|error| unknown_user(error, id))?;
        self.end(entry.number, Some(Group::User(id.into())), Why::UserDeleted);
        Ok(())
    }

    pub(super) async fn hash_password(&self, password: String) -> Result<String> {
        let chars_min = self.0.options.password_chars_min;
        if password.chars().count() < chars_min || password.len() > PASSWORD_BYTES_MAX {
            let problem =
                format!("must have at least {chars_min} characters and at most {PASSWORD_BYTES_MAX} bytes");
            return Err(AccountError::field("password", problem));
        }
        self.0.passwords.hash(password).await
    }
}

/// Longer ones only cost time.
pub(super) const PASSWORD_BYTES_MAX: usize = 1_024;

/// Bytes of a profile as JSON.
const PROFILE_BYTES_MAX: usize = 65_536;

pub(super) fn unknown_user(error: StoreError, id: &str) -> AccountError {
    match error {
        StoreError::NotFound => AccountError::user_not_found(id),
        error => error.into(),
    }
}

fn check_role(role: &str) -> Result<()> {
    if role.len() > 200 || role.chars().any(char::is_control) {
        return Err(AccountError::field("role", "must have at most 200 bytes and no control characters"));
    }
    Ok(())
}

fn checked_profile(profile: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(profile).unwrap_or_default();
    if text.len() > PROFILE_BYTES_MAX {
        return Err(AccountError::field("profile", format!("must have at most {PROFILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}
