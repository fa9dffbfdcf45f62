//! What `campanile demo` puts into a hub so that there is something to try: an app, a key, and a user. It asks for
//! nothing that an operator couldn't, and knows neither HTTP nor where the hub listens.

use std::{fmt, path::Path};

use campanile_platform::accounts::{
    AccountError, Accounts, Actor, Code, NewApp, NewUser, PluginName, UserChange,
};
use serde_json::json;

use crate::cli;

const APP: &str = "demo";
const USER: &str = "testUser";

/// An app that is ready to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demo {
    key: String,
    password: String,
}

/// Sees to it that the app, its plugins, a key and the user are there. What was made before is kept; the user gets a new
/// password, because nobody knows the old one.
pub(crate) async fn prepare(accounts: &Accounts) -> anyhow::Result<Demo> {
    let actor = Actor::system();
    let app = NewApp { id: APP.to_owned(), name: Some("Demo".to_owned()), settings: Default::default() };
    match accounts.create_app(&actor, app).await {
        Err(error) if error.code == Code::AppExists => install_plugins(accounts, &actor).await?,
        created => drop(created?),
    }
    let password = cli::random_password()?;
    set_password(accounts, &actor, password.clone()).await?;
    Ok(Demo { key: key(accounts, &actor).await?, password })
}

async fn install_plugins(accounts: &Accounts, actor: &Actor) -> Result<(), AccountError> {
    let installed = accounts.plugins(APP).await?;
    for plugin in [PluginName::SocketIo, PluginName::Bridge].map(PluginName::as_str) {
        if !installed.iter().any(|installed| installed.name == plugin) {
            accounts.install_plugin(actor, APP, plugin, json!({})).await?;
        }
    }
    Ok(())
}

async fn set_password(accounts: &Accounts, actor: &Actor, password: String) -> Result<(), AccountError> {
    let change = UserChange { password: Some(password.clone()), ..UserChange::default() };
    match accounts.update_user(actor, APP, USER, change).await {
        Err(error) if error.code == Code::UserNotFound => {
            let (role, profile) = Default::default();
            let user = NewUser { id: USER.to_owned(), role, password: Some(password), profile };
            accounts.create_user(actor, APP, user).await.map(drop)
        }
        updated => updated.map(drop),
    }
}

/// A key that front ends of the demo may have been given already, or a new one.
async fn key(accounts: &Accounts, actor: &Actor) -> Result<String, AccountError> {
    let keys = accounts.api_keys(APP).await?;
    match keys.into_iter().find(|key| key.revoked_at_ms.is_none()) {
        Some(key) => Ok(key.key),
        None => Ok(accounts.create_api_key(actor, APP, APP).await?.key),
    }
}

impl Demo {
    /// What to try on a hub at `url`, with its Socket.IO path, that keeps its data in `data_dir`.
    pub(crate) fn card<'a>(&'a self, url: &'a str, path: &'a str, data_dir: &'a Path) -> Card<'a> {
        Card { demo: self, url, path, data_dir }
    }
}

/// What to try, for people.
pub(crate) struct Card<'a> {
    demo: &'a Demo,
    url: &'a str,
    path: &'a str,
    data_dir: &'a Path,
}

impl fmt::Display for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Demo { key, password }, url) = (self.demo, self.url);
        let path =
            if self.path == "/socket.io/" { String::new() } else { format!("path: {:?}, ", self.path) };
        let push = format!("{} --app {APP}", cli::command_for(url, self.data_dir, "push"));
        write!(
            f,
            "\
Demo: the app {APP:?} is there to be tried. The password is new at every start.

  URL        {url}
  app_id     {key}
  user       {USER}
  password   {password}

  log in     curl -H 'Content-Type: application/json' \\
               -d '{{\"username\":\"{USER}\",\"password\":\"{password}\"}}' \\
               '{url}/good/api/v5/auth?appID={key}'
  receive    io(\"{url}\", {{{path}auth: {{app_id: \"{key}\", session_id: \"…\"}}}})
  push       {push} --user {USER} --event alert --message 'Ding dong'
  broadcast  {push} --user '*' --event alert --message 'Hello, everybody'
"
        )
    }
}
