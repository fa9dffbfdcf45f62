//! `campanile secret-key`: secret keys of an app.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use super::{client::Client, resource::Resource};

const COLUMNS: [&str; 5] = ["id", "name", "scopes", "created_at_ms", "revoked_at_ms"];
const FIELDS: [&str; 5] = ["id", "name", "scopes", "created_at_ms", "secret"];

#[derive(Debug, Subcommand)]
pub(super) enum SecretKeyCommand {
    /// List the secret keys of an app, without their secrets.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
    },
    /// Make a secret key. Its secret is printed this once.
    Create {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// What the key may do; may be given several times.
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<Scope>,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Revoke a secret key, and disconnect the sockets that presented it.
    Revoke {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The key's id, as listed.
        id: String,
    },
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// To push, and to read users, sockets and pushes.
    Push,
    /// To do everything in its app but to delete it.
    Manage,
    /// To be a provider on a locked bridge, and to use its HTTP API.
    Provider,
}

impl SecretKeyCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app } => client.get(&Resource::at(["apps", &app, "secret-keys"]))?.list(&COLUMNS),
            Self::Create { app, scopes, name } => {
                let keys = Resource::at(["apps", &app, "secret-keys"]);
                client.post(&keys, &json!({ "name": name, "scopes": scopes }))?.record(&FIELDS)
            }
            Self::Revoke { app, id } => {
                let revoked = client.delete(&Resource::at(["apps", &app, "secret-keys", &id]))?;
                revoked.done(&format!("revoked the secret key {id}"))
            }
        }
    }
}
