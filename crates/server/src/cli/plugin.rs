//! `campanile plugin`: what is installed in an app.

use clap::Subcommand;
use serde_json::json;

use super::{client::Client, json::Json, resource::Resource};

const FIELDS: [&str; 3] = ["name", "settings", "installed_at_ms"];

#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// List the plugins of an app.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
    },
    /// Install a plugin, or change its settings.
    Install {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its name: socket.io (pushes to users) or bridge.
        name: String,
        /// Its settings, a JSON object.
        #[arg(long, value_name = "JSON", default_value = "{}")]
        settings: Json,
    },
    /// Remove a plugin; the app's sockets have to connect again.
    Remove {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its name.
        name: String,
    },
}

impl PluginCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app } => client.get(&Resource::at(["apps", &app, "plugins"]))?.list(&FIELDS),
            Self::Install { app, name, settings } => {
                let plugin = Resource::at(["apps", &app, "plugins", &name]);
                client.put(&plugin, &json!({ "settings": settings }))?.record(&FIELDS)
            }
            Self::Remove { app, name } => {
                let removed = client.delete(&Resource::at(["apps", &app, "plugins", &name]))?;
                removed.done(&format!("removed the plugin {name}"))
            }
        }
    }
}
