//! `campanile app`: apps and their settings.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::{client::Client, confirm, page::Page, resource::Resource};

const COLUMNS: [&str; 5] = ["id", "name", "settings.anonymous", "settings.bridge", "created_at_ms"];
const FIELDS: [&str; 6] =
    ["id", "name", "settings.anonymous", "settings.bridge", "settings.session_ttl_s", "created_at_ms"];

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
        .args(["name", "anonymous", "bridge", "session_ttl_s"]))]
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

/// What isn't given is left out.
#[derive(Debug, PartialEq, Serialize, clap::Args)]
struct Settings {
    /// Whether sockets without a session are let in; they get broadcasts only.
    #[arg(long, value_name = "ACCESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous: Option<Access>,
    /// Whether anybody may use the bridge, or providers need a secret key and clients a session.
    #[arg(long, value_name = "ACCESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    bridge: Option<BridgeAccess>,
    /// How many seconds a session lives after its last use; 0 = as the configuration says.
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    session_ttl_s: Option<u32>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Value>,
}

impl AppCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { page } => client.get(&page.of(Resource::at(["apps"])))?.list(&COLUMNS),
            Self::Create { id, change } => {
                let settings = Some(serde_json::to_value(&change.settings)?);
                let body = Body { id: Some(&id), name: change.name.as_deref(), settings };
                client.post(&Resource::at(["apps"]), &body)?.record(&FIELDS)
            }
            Self::Show { id } => client.get(&Resource::at(["apps", &id]))?.record(&FIELDS),
            Self::Update { id, change } => update(client, &id, &change),
            Self::Delete { id, yes } => {
                if !yes {
                    confirm::deletion(&format!("the app {id:?}"), &id, "users")?;
                }
                client.delete(&Resource::at(["apps", &id]))?.done(&format!("deleted the app {id:?}"))
            }
        }
    }
}

/// Settings are replaced as a whole, so the ones that stay are read first.
fn update(client: &Client, id: &str, change: &Change) -> anyhow::Result<()> {
    let app = Resource::at(["apps", id]);
    let mut settings = client.get(&app)?.take("settings");
    if let (Value::Object(all), Value::Object(new)) = (&mut settings, serde_json::to_value(&change.settings)?)
    {
        all.extend(new);
    }
    let body = Body { id: None, name: change.name.as_deref(), settings: Some(settings) };
    client.patch(&app, &body)?.record(&FIELDS)
}
