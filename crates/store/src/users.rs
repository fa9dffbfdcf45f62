//! Users of apps.

use rusqlite::{Row, params};

use crate::{
    AppNumber, Page, Paged, Result, StoreError, Tx, View,
    sql::{change_one, row, rows},
};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The login, unique in its app.
    pub id: String,
    /// One role.
    pub role: String,
    /// A JSON object.
    pub profile: String,
    /// Whether a password is set.
    pub has_password: bool,
    /// When it was created.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// A user to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The login.
    pub id: String,
    /// One role.
    pub role: String,
    /// A JSON object.
    pub profile: String,
    /// What is kept of the password.
    pub password_hash: Option<String>,
}

/// What is to change of a user; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The role.
    pub role: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// What is kept of the password; `Some(None)` takes it away.
    pub password_hash: Option<Option<String>>,
}

/// Which users.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Those in this role.
    pub role: Option<String>,
    /// Those whose id starts so.
    pub starts_with: Option<String>,
}

impl UserFilter {
    /// Where a part of the list begins. One bound, since SQLite seeks by only one.
    fn first_id<'a>(&'a self, page: &'a Page) -> (&'static str, &'a str) {
        let prefix = self.starts_with.as_deref().unwrap_or_default();
        match page.after.as_deref() {
            Some(after) if after >= prefix => ("id > ?2", after),
            _ => ("id >= ?2", prefix),
        }
    }

    fn may_name(&self, id: &str) -> bool {
        self.starts_with.as_deref().is_none_or(|prefix| id.starts_with(prefix))
    }

    fn has_role(&self, user: &User) -> bool {
        self.role.as_ref().is_none_or(|role| user.role == *role)
    }
}

/// The first text after all that start so, in the order of bytes; none if there can't be one.
fn behind_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The range knows which numbers aren't characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            return Some(chars.into_iter().chain([next]).collect());
        }
    }
    None
}

const COLUMNS: &str = "id, role, profile, password_hash IS NOT NULL, created_at_ms, updated_at_ms";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        role: row.get(1)?,
        profile: row.get(2)?,
        has_password: row.get(3)?,
        created_at_ms: row.get(4)?,
        updated_at_ms: row.get(5)?,
    })
}

impl View<'_> {
    /// One user.
    ///
    /// # Errors
    /// The database refuses.
    pub fn user(&self, app: AppNumber, id: &str) -> Result<Option<User>> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE app = ?1 AND id = ?2");
        row(self.connection, &sql, params![app.0, id], user)
    }

    /// What is kept of a user's password: `None` without such a user, `Some(None)` without a password.
    ///
    /// # Errors
    /// The database refuses.
    pub fn user_password(&self, app: AppNumber, id: &str) -> Result<Option<Option<String>>> {
        let sql = "SELECT password_hash FROM users WHERE app = ?1 AND id = ?2";
        row(self.connection, sql, params![app.0, id], |row| row.get(0))
    }

    /// Users by id.
    ///
    /// # Errors
    /// The database refuses.
    pub fn users(&self, app: AppNumber, filter: &UserFilter, page: &Page) -> Result<Paged<User>> {
        let (from, first) = filter.first_id(page);
        let last = filter.starts_with.as_deref().and_then(behind_prefix);
        let until = if last.is_some() { "AND id < ?3" } else { "" };
        let in_role = if filter.role.is_some() { "AND role = ?4" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM users WHERE app = ?1 AND {from} {until} {in_role} ORDER BY id LIMIT ?5"
        );
        let values = params![app.0, first, last, filter.role, page.fetch()];
        Ok(page.cut(rows(self.connection, &sql, values, user)?, |user| user.id.clone()))
    }

    /// The same of those users only whose ids these are, in any order.
    ///
    /// # Errors
    /// The database refuses.
    pub fn users_among(
        &self,
        app: AppNumber,
        mut ids: Vec<String>,
        filter: &UserFilter,
        page: &Page,
    ) -> Result<Paged<User>> {
        ids.retain(|id| filter.may_name(id) && page.after.as_ref().is_none_or(|after| id > after));
        ids.sort_unstable();
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.user(app, &id)?.filter(|user| filter.has_role(user)));
            if found.len() > page.limit as usize {
                break;
            }
        }
        Ok(page.cut(found, |user| user.id.clone()))
    }

    /// How many users an app has.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_users(&self, app: AppNumber) -> Result<u32> {
        let sql = "SELECT coalesce(sum(users), 0) FROM role_counts WHERE app = ?1";
        Ok(row(self.connection, sql, [app.0], |row| row.get(0))?.unwrap_or(0))
    }

    /// How many users have a role.
    ///
    /// # Errors
    /// The database refuses.
    pub fn count_role(&self, app: AppNumber, role: &str) -> Result<u32> {
        let sql = "SELECT users FROM role_counts WHERE app = ?1 AND role = ?2";
        Ok(row(self.connection, sql, params![app.0, role], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Creates a user.
    ///
    /// # Errors
    /// `NotFound`: there is no such app. `Exists`: the id is taken.
    pub fn insert_user(&mut self, app: AppNumber, new: &NewUser, now_ms: i64) -> Result<User> {
        let sql = "INSERT INTO users (app, id, role, profile, password_hash, created_at_ms, updated_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
        let values = params![app.0, new.id, new.role, new.profile, new.password_hash, now_ms];
        change_one(self.connection, sql, values)?;
        self.user(app, &new.id)?.ok_or(StoreError::NotFound)
    }

    /// Changes a user.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn update_user(
        &mut self,
        app: AppNumber,
        id: &str,
        change: &UserChange,
        now_ms: i64,
    ) -> Result<User> {
        let sql = "UPDATE users SET role = coalesce(?3, role), profile = coalesce(?4, profile), \
                   password_hash = CASE WHEN ?5 THEN ?6 ELSE password_hash END, updated_at_ms = ?7 \
                   WHERE app = ?1 AND id = ?2";
        let (sets_password, hash) = (change.password_hash.is_some(), change.password_hash.clone().flatten());
        let values = params![app.0, id, change.role, change.profile, sets_password, hash, now_ms];
        change_one(self.connection, sql, values)?;
        self.user(app, id)?.ok_or(StoreError::NotFound)
    }

    /// Deletes a user with all sessions.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_user(&mut self, app: AppNumber, id: &str) -> Result<()> {
        change_one(self.connection, "DELETE FROM users WHERE app = ?1 AND id = ?2", params![app.0, id])
    }
}
