//! `campanile push`: sends an event to users; `campanile push list`: what was sent.

use clap::{ArgGroup, Subcommand};
use serde::Serialize;

use super::{client::Client, connection::Connection, json::Json, page::Page, resource::Resource};

const RECEIPT: [&str; 5] = ["message_id", "matched_users", "delivered", "queued", "duplicate"];
const COLUMNS: [&str; 8] =
    ["sent_at_ms", "id", "to", "event_name", "message", "matched_users", "delivered", "actor"];

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct PushArgs {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    push: Option<Push>,
    #[command(subcommand)]
    command: Option<PushCommand>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("to").required(true).args(["users", "role"]))]
#[command(group = ArgGroup::new("what").args(["message", "json_message"]))]
struct Push {
    /// The app's id.
    #[arg(long, required = true)]
    app: String,
    /// A user's id, or '*' for everybody in the app; may be given several times.
    #[arg(long = "user", value_name = "USER")]
    users: Vec<String>,
    /// Everybody in this role.
    #[arg(long)]
    role: Option<String>,
    /// The event's name.
    #[arg(long, value_name = "NAME", required = true)]
    event: String,
    /// The message, a text [default: an empty one].
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// The message as JSON: receivers get the value in place of a text.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    json_message: Option<Json>,
    /// An id of your own: a push with an id that was seen before isn't sent again.
    #[arg(long)]
    id: Option<String>,
}

#[derive(Debug, Subcommand)]
enum PushCommand {
    /// List the pushes of an app, newest first.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        page: Page,
    },
}

/// The body of `POST /api/v1/apps/{app}/push`.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    to: To<'a>,
    event_name: &'a str,
    #[serde(flatten)]
    message: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum To<'a> {
    Role { role: &'a str },
    User { user_id: &'a str },
    Users { user_id: &'a [String] },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Message<'a> {
    Text { message: &'a str },
    Json { message: &'a Json, mode: &'static str },
}

impl PushArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let client = self.connection.client()?;
        match (self.command, self.push) {
            (Some(PushCommand::List { app, page }), _) => {
                client.get(&page.of(Resource::at(["apps", &app, "pushes"])))?.list(&COLUMNS)
            }
            (None, Some(push)) => push.send(&client),
            (None, None) => unreachable!("clap asks for the event and whom it is for"),
        }
    }
}

impl Push {
    fn send(&self, client: &Client) -> anyhow::Result<()> {
        let to = match (&self.role, &self.users[..]) {
            (Some(role), _) => To::Role { role },
            (None, [user]) => To::User { user_id: user },
            (None, users) => To::Users { user_id: users },
        };
        let message = match &self.json_message {
            Some(message) => Message::Json { message, mode: "json" },
            None => Message::Text { message: self.message.as_deref().unwrap_or_default() },
        };
        let body = Body { to, event_name: &self.event, message, id: self.id.as_deref() };
        client.post(&Resource::at(["apps", &self.app, "push"]), &body)?.record(&RECEIPT)
    }
}
