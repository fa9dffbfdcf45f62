//! Apps and their plugins.

use campanile_store::{StoreError, Tx};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    AccountError, Accounts, Actor, AppSettings, AppSettingsChange, BridgeAccess, Code, Result, Why, check_id,
    number, parse_json, settings,
};

/// An app: a tenant. Nothing crosses from one to another.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct App {
    /// Its id, in URLs and commands.
    pub id: String,
    /// For people.
    pub name: String,
    /// What its owner has set.
    pub settings: AppSettings,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
}

/// What an app can have installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PluginName {
    /// Push to users.
    #[serde(rename = "socket.io")]
    SocketIo,
    /// Providers and their clients.
    #[serde(rename = "bridge")]
    Bridge,
}

impl PluginName {
    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::SocketIo, Self::Bridge].into_iter().find(|plugin| plugin.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SocketIo => "socket.io",
            Self::Bridge => "bridge",
        }
    }
}

/// An installed plugin.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Plugin {
    /// `socket.io` or `bridge`.
    pub name: String,
    /// Its settings.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// When it was installed, in milliseconds since the epoch.
    pub installed_at_ms: i64,
}

/// An app to be created.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "id": "shop", "name": "The shop", "settings": { "anonymous": "deny" } })))]
pub struct NewApp {
    /// Its id: lower-case letters, digits, `-` and `_`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_-]+$")]
    pub id: String,
    /// For people; the id if absent.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: Option<String>,
    /// What its owner may set.
    #[serde(default, deserialize_with = "object")]
    pub settings: AppSettingsChange,
}

/// What is to change of an app.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(examples(json!({ "name": "The new shop", "settings": { "bridge": "locked", "session_ttl_s": 86400 } })))]
pub struct AppChange {
    /// For people.
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: Option<String>,
    /// Settings; those that aren't given stay.
    #[serde(deserialize_with = "object")]
    pub settings: Option<AppSettingsChange>,
}

/// Reads what has names. By itself a structure would be read from a list of its values as well.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_array() {
        return Err(D::Error::custom("must be an object"));
    }
    serde_json::from_value(value).map_err(D::Error::custom)
}

impl Accounts {
    /// All apps.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn apps(&self) -> Result<Vec<App>> {
        let apps = self.store().read(|view| view.apps()).await?;
        Ok(apps.into_iter().map(App::from).collect())
    }

    /// One app.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn app(&self, id: &str) -> Result<App> {
        let wanted = id.to_owned();
        let app = self.store().read(move |view| view.app(&wanted)).await?;
        app.map(App::from).ok_or_else(|| AccountError::app_not_found(id))
    }

    /// Creates an app with both plugins.
    ///
    /// # Errors
    /// `invalid_payload`, `app_exists`, `limit_reached`.
    pub async fn create_app(&self, actor: &Actor, new: NewApp) -> Result<App> {
        check_app_id(&new.id)?;
        let name = checked_name(new.name.as_deref().unwrap_or(&new.id))?;
        if self.apps().await?.len() >= self.0.options.apps_max {
            return Err(AccountError::limit("limits.apps_max"));
        }
        let note = self.note(actor, "app.create", Some(&new.id), &new.id, &json!({ "name": name }));
        let settings = new.settings.made_to(AppSettings::default(), self.0.options.globals_bytes_max)?;
        let (now_ms, settings, id) = (self.now_ms(), settings::write(&settings), new.id.clone());
        let created = self.store().write(move |tx| {
            let app = tx.insert_app(&id, &name, &settings, now_ms)?;
            for plugin in [PluginName::SocketIo, PluginName::Bridge] {
                tx.put_plugin(app.number, plugin.as_str(), "{}", now_ms)?;
            }
            tx.append_audit(&note)?;
            Ok(app)
        });
        let app = created.await.map_err(|error| match error {
            StoreError::Exists => {
                AccountError::new(Code::AppExists, format!("there is an app {:?} already", new.id))
            }
            error => error.into(),
        })?;
        self.reload().await?;
        Ok(app.into())
    }

    /// Changes an app. If it admits others than before, its sockets have to connect again.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`.
    pub async fn update_app(&self, actor: &Actor, id: &str, change: AppChange) -> Result<App> {
        let entry = self.entry(id)?;
        let (accounts, actor, wanted) = (self.clone(), actor.clone(), id.to_owned());
        let write = move |tx: &mut Tx<'_>| accounts.change_app(tx, &actor, &wanted, change);
        let [before, after] = self.store().write_by_rules(write).await?;
        self.reload().await?;
        let admits = |app: &App| (app.settings.anonymous, app.settings.bridge);
        if admits(&before) != admits(&after) {
            self.end(entry.number, None, Why::AppChanged);
        }
        Ok(after)
    }

    /// The app before and after.
    fn change_app(&self, tx: &mut Tx<'_>, actor: &Actor, id: &str, change: AppChange) -> Result<[App; 2]> {
        let kept = tx.app(id)?.ok_or_else(|| AccountError::app_not_found(id))?;
        let number = kept.number;
        let before = App::from(kept);
        let mut after = before.clone();
        if let Some(name) = change.name {
            after.name = checked_name(&name)?;
        }
        if let Some(settings) = change.settings {
            after.settings = settings.made_to(after.settings, self.0.options.globals_bytes_max)?;
        }
        tx.update_app(number, &after.name, &settings::write(&after.settings))?;
        let detail = json!({ "name": after.name, "settings": after.settings.noted() });
        tx.append_audit(&self.note(actor, "app.update", Some(id), id, &detail))?;
        Ok([before, after])
    }

    /// Deletes an app with all it has, and ends its sockets.
    ///
    /// # Errors
    /// `app_not_found`; the app `public` can't be deleted.
    pub async fn delete_app(&self, actor: &Actor, id: &str) -> Result<()> {
        let entry = self.entry(id)?;
        if entry.number == crate::PUBLIC {
            return Err(AccountError::field("app", "the built-in app \"public\" can't be deleted"));
        }
        let (note, app) = (self.note(actor, "app.delete", Some(id), id, &json!({})), number(&entry));
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            tx.delete_app(app)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await?;
        self.reload().await?;
        self.end(entry.number, None, Why::AppDeleted);
        Ok(())
    }

    /// The number of an app, and who may use its bridge.
    ///
    /// # Errors
    /// `app_not_found`, `plugin_not_installed`.
    pub fn bridge_of(&self, app: &str) -> Result<(campanile_hub::Tenant, BridgeAccess)> {
        let entry = self.entry(app)?;
        match entry.plugins.contains(&PluginName::Bridge) {
            true => Ok((entry.number, entry.settings.bridge)),
            false => {
                Err(AccountError::new(Code::PluginNotInstalled, "the app doesn't have the plugin bridge"))
            }
        }
    }

    /// The plugins of an app.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn plugins(&self, app: &str) -> Result<Vec<Plugin>> {
        let app = number(&*self.entry(app)?);
        let plugins = self.store().read(move |view| view.plugins(app)).await?;
        let plugin = |plugin: campanile_store::Plugin| Plugin {
            settings: parse_json(&plugin.settings),
            name: plugin.name,
            installed_at_ms: plugin.installed_at_ms,
        };
        Ok(plugins.into_iter().map(plugin).collect())
    }

    /// Installs a plugin, or changes its settings.
    ///
    /// # Errors
    /// `app_not_found`, `plugin_unknown`.
    pub async fn install_plugin(
        &self,
        actor: &Actor,
        app: &str,
        name: &str,
        settings: Value,
    ) -> Result<Plugin> {
        let (entry, plugin) = (self.entry(app)?, known_plugin(name)?);
        if !settings.is_object() {
            return Err(AccountError::field("settings", "must be an object"));
        }
        let note = self.note(actor, "plugin.install", Some(app), plugin.as_str(), &settings);
        let (app, now_ms, text) = (number(&entry), self.now_ms(), settings.to_string());
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            tx.put_plugin(app, plugin.as_str(), &text, now_ms)?;
            tx.append_audit(&note)
        };
        self.store().write(write).await?;
        self.reload().await?;
        if !entry.plugins.contains(&plugin) {
            self.end(entry.number, None, Why::AppChanged);
        }
        Ok(Plugin { name: plugin.as_str().to_owned(), settings, installed_at_ms: now_ms })
    }

    /// Removes a plugin; the app's sockets have to connect again.
    ///
    /// # Errors
    /// `app_not_found`, `plugin_unknown`, `plugin_not_installed`.
    pub async fn remove_plugin(&self, actor: &Actor, app: &str, name: &str) -> Result<()> {
        let (entry, plugin) = (self.entry(app)?, known_plugin(name)?);
        let (note, app) = (self.note(actor, "plugin.remove", Some(app), name, &json!({})), number(&entry));
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            if !tx.remove_plugin(app, plugin.as_str())? {
                return Err(StoreError::NotFound);
            }
            tx.append_audit(&note)
        };
        self.store().write(write).await.map_err(|error| match error {
            StoreError::NotFound => {
                AccountError::new(Code::PluginNotInstalled, format!("the plugin {name:?} isn't installed"))
            }
            error => error.into(),
        })?;
        self.reload().await?;
        self.end(entry.number, None, Why::AppChanged);
        Ok(())
    }
}

impl From<campanile_store::App> for App {
    fn from(app: campanile_store::App) -> Self {
        let settings = settings::read(&app.settings);
        Self { id: app.id, name: app.name, settings, created_at_ms: app.created_at_ms }
    }
}

fn known_plugin(name: &str) -> Result<PluginName> {
    PluginName::parse(name).ok_or_else(|| {
        AccountError::new(Code::PluginUnknown, format!("there is no plugin {name:?}: socket.io or bridge"))
    })
}

fn check_app_id(id: &str) -> Result<()> {
    check_id("id", id, 64)?;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !id.chars().all(is_plain) {
        return Err(AccountError::field("id", "must consist of a-z, 0-9, \"-\" and \"_\""));
    }
    Ok(())
}

/// A name for people.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    if name.len() > 200 || name.chars().any(char::is_control) {
        return Err(AccountError::field("name", "must have at most 200 bytes and no control characters"));
    }
    Ok(name.to_owned())
}
