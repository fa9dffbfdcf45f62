//! `campanile session`: sessions of an app's users.

use clap::Subcommand;
use serde_json::json;

use super::{client::Client, page::Page, resource::Resource};

const COLUMNS: [&str; 7] =
    ["id", "user_id", "sockets", "last_used_at_ms", "expires_at_ms", "address", "user_agent"];
const FIELDS: [&str; 5] = ["id", "user_id", "role", "expires_at_ms", "token"];

#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// List the sessions of an app, or of one of its users.
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
    /// Open a session for a user without a password. Its token is printed this once.
    Create {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The user's id.
        #[arg(long)]
        user: String,
    },
    /// End one session, or all sessions of a user, and disconnect their sockets.
    #[command(group = clap::ArgGroup::new("which").required(true).args(["id", "user"]))]
    Revoke {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The session's number, as listed.
        id: Option<i64>,
        /// The user whose sessions all end.
        #[arg(long)]
        user: Option<String>,
    },
}

impl SessionCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, user, page } => {
                let sessions = Resource::at(["apps", &app, "sessions"]).with("user", user);
                client.get(&page.of(sessions))?.list(&COLUMNS)
            }
            Self::Create { app, user } => {
                let sessions = Resource::at(["apps", &app, "sessions"]);
                client.post(&sessions, &json!({ "user_id": user }))?.record(&FIELDS)
            }
            Self::Revoke { app, id: Some(id), .. } => {
                let session = Resource::at(["apps", &app, "sessions", &id.to_string()]);
                client.delete(&session)?.done(&format!("ended session {id}"))
            }
            Self::Revoke { app, user, .. } => {
                let user = user.unwrap_or_default();
                let sessions = Resource::at(["apps", &app, "users", &user, "sessions"]);
                client.delete(&sessions)?.record(&["revoked"])
            }
        }
    }
}
