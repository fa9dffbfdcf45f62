//! `campanile key`: API keys of an app.

use clap::Subcommand;
use serde_json::json;

use super::{client::Client, resource::Resource};

const FIELDS: [&str; 4] = ["key", "name", "created_at_ms", "revoked_at_ms"];

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List the API keys of an app.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
    },
    /// Make an API key.
    Create {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Revoke an API key: nobody connects with it any more. Who is connected stays.
    Revoke {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The key.
        #[arg(allow_hyphen_values = true)]
        key: String,
    },
}

impl KeyCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app } => client.get(&Resource::at(["apps", &app, "keys"]))?.list(&FIELDS),
            Self::Create { app, name } => {
                let keys = Resource::at(["apps", &app, "keys"]);
                client.post(&keys, &json!({ "name": name }))?.record(&FIELDS)
            }
            Self::Revoke { app, key } => {
                let revoked = client.delete(&Resource::at(["apps", &app, "keys", &key]))?;
                revoked.done(&format!("revoked the key {key}"))
            }
        }
    }
}
