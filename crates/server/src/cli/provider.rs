//! `campanile provider`: who serves on the bridge.

use clap::Subcommand;

use super::{client::Client, resource::Resource};

const COLUMNS: [&str; 5] = ["provider_id", "name", "online", "members", "followers"];

#[derive(Debug, Subcommand)]
pub(super) enum ProviderCommand {
    /// List the providers of an app.
    List {
        /// The app's id.
        #[arg(long, default_value = "public")]
        app: String,
    },
}

impl ProviderCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app } => client.get(&Resource::at(["apps", &app, "providers"]))?.list(&COLUMNS),
        }
    }
}
