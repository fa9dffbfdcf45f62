//! `campanile socket`: sockets that are connected to an app.

use clap::Subcommand;

use super::{client::Client, page::Page, resource::Resource};

const COLUMNS: [&str; 5] = ["id", "user_id", "session_id", "address", "connected_ms"];

#[derive(Debug, Subcommand)]
pub(super) enum SocketCommand {
    /// List the sockets of an app, or of one of its users.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Only this user's.
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Disconnect a socket. Its session stays, so it may connect again.
    Disconnect {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The socket's id, as listed.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

impl SocketCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, user, page } => {
                let sockets = Resource::at(["apps", &app, "sockets"]).with("user", user);
                client.get(&page.of(sockets))?.list(&COLUMNS)
            }
            Self::Disconnect { app, id } => {
                let disconnected = client.delete(&Resource::at(["apps", &app, "sockets", &id]))?;
                disconnected.done(&format!("disconnected {id}"))
            }
        }
    }
}
