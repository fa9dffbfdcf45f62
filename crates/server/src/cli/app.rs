//! `campanile app`: apps and their settings.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::{client::Client, confirm, file, page::Page, resource::Resource};

const COLUMNS: [&str; 5] = ["id", "name", "settings.anonymous", "settings.bridge", "created_at_ms"];
const FIELDS: [&str; 8] = [
    "id",
    "name",
    "settings.anonymous",
    "settings.bridge",
    "settings.session_ttl_s",
    "settings.time_zone",
    "settings.globals",
    "created_at_ms",
];

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// List all apps, by id.
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Create an app, with both plugins installed.
    Create {
        /// Its id: a-z, 0-9, "-" and "_".
        id: String,
        #[command(flatten)]
        change: Change,
    },
    /// Show an app.
    Show {
        /// The app's id.
        id: String,
    },
    /// Change an app. If it admits others than before, its sockets have to connect again.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
        .args(["name", "anonymous", "bridge", "session_ttl_s", "time_zone", "globals"]))]
    Update {
        /// The app's id.
        id: String,
        #[command(flatten)]
        change: Change,
    },
    /// Delete an app with its keys, users, sessions, pushes and data, and disconnect its sockets.
    Delete {
        /// The app's id.
        id: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Change {
    /// Its name, for people.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

/// What isn't given stays as it is.
#[derive(Debug, Serialize, clap::Args)]
struct Settings {
    /// Whether sockets without a session are let in; they get broadcasts only.
    #[arg(long, value_name = "ACCESS")]
    anonymous: Option<Access>,
    /// Whether anybody may use the bridge, or providers need a secret key and clients a session.
    #[arg(long, value_name = "ACCESS")]
    bridge: Option<BridgeAccess>,
    /// How many seconds a session lives after its last use; 0 = as the configuration says.
    #[arg(long, value_name = "SECONDS")]
    session_ttl_s: Option<u32>,
    /// The time zone in which its schedules are meant, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// What its scenarios find under GlobalVar, all of it: a JSON object in this file; "-" is standard input.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    globals: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Access {
    Allow,
    Deny,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum BridgeAccess {
    Open,
    Locked,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: Option<&'a str>,
    settings: Value,
}

impl Change {
    /// What of them the hub is sent.
    fn body<'a>(&'a self, id: Option<&'a str>) -> anyhow::Result<Body<'a>> {
        let mut settings = serde_json::to_value(&self.settings)?;
        if let Some(file) = &self.settings.globals {
            settings["globals"] = serde_json::to_value(file::read(file)?)?;
        }
        Ok(Body { id, name: self.name.as_deref(), settings })
    }
}

impl AppCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { page } => client.get(&page.of(Resource::at(["apps"])))?.list(&COLUMNS),
            Self::Create { id, change } => {
                client.post(&Resource::at(["apps"]), &change.body(Some(&id))?)?.record(&FIELDS)
            }
            Self::Show { id } => client.get(&Resource::at(["apps", &id]))?.record(&FIELDS),
            Self::Update { id, change } => {
                client.patch(&Resource::at(["apps", &id]), &change.body(None)?)?.record(&FIELDS)
            }
            Self::Delete { id, yes } => {
                if !yes {
                    confirm::deletion(&format!("the app {id:?}"), &id, "users")?;
                }
                client.delete(&Resource::at(["apps", &id]))?.done(&format!("deleted the app {id:?}"))
            }
        }
    }
}
