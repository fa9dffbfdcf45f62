//! `campanile user`: users of an app.

use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::{
    client::Client,
    json::Json,
    output::Answer,
    page::Page,
    password::{self, Password},
    resource::Resource,
};

const COLUMNS: [&str; 6] = ["id", "role", "has_password", "sockets", "created_at_ms", "updated_at_ms"];
const FIELDS: [&str; 8] =
    ["id", "role", "profile", "has_password", "sockets", "created_at_ms", "updated_at_ms", "password"];

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// List the users of an app, by id.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Only those in this role.
        #[arg(long)]
        role: Option<String>,
        /// Only those whose id starts so.
        #[arg(long, value_name = "TEXT")]
        starts_with: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Create a user. Asks for a password, unless an option says where it comes from.
    Create {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The login.
        id: String,
        /// The user's role.
        #[arg(long)]
        role: Option<String>,
        /// More about the user, a JSON object.
        #[arg(long, value_name = "JSON")]
        profile: Option<Json>,
        #[command(flatten)]
        password: password::Source,
        /// Set no password: only a backend opens sessions for this user.
        #[arg(long, conflicts_with_all = ["password_stdin", "password_generate"])]
        no_password: bool,
    },
    /// Show a user.
    Show {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The user's id.
        id: String,
    },
    /// Change a user's role or profile.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["role", "profile"]))]
    Update {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The user's id.
        id: String,
        /// The new role, for sockets that connect from now on.
        #[arg(long)]
        role: Option<String>,
        /// The whole new profile, a JSON object.
        #[arg(long, value_name = "JSON")]
        profile: Option<Json>,
    },
    /// Set a user's password. Asks for it, unless an option says where it comes from. Sessions stay.
    Password {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The user's id.
        id: String,
        #[command(flatten)]
        password: password::Source,
    },
    /// Delete a user with all sessions, and disconnect the user's sockets.
    Delete {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The user's id.
        id: String,
    },
}

#[derive(Default, Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl UserCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, role, starts_with, page } => {
                let users = Resource::at(["apps", &app, "users"]);
                let users = users.with("role", role).with("starts_with", starts_with);
                client.get(&page.of(users))?.list(&COLUMNS)
            }
            Self::Create { app, id, role, profile, password, no_password } => {
                let password = if no_password { None } else { Some(password.password()?) };
                let text = password.as_ref().map(Password::text);
                let body = Body { id: Some(&id), role, profile, password: text };
                let created = client.post(&Resource::at(["apps", &app, "users"]), &body)?;
                with_drawn(created, password).record(&FIELDS)
            }
            Self::Show { app, id } => client.get(&user(&app, &id))?.record(&FIELDS),
            Self::Update { app, id, role, profile } => {
                let body = Body { role, profile, ..Body::default() };
                client.patch(&user(&app, &id), &body)?.record(&FIELDS)
            }
            Self::Password { app, id, password } => {
                let password = password.password()?;
                let changed = client.patch(&user(&app, &id), &json!({ "password": password.text() }))?;
                with_drawn(changed, Some(password)).record(&FIELDS)
            }
            Self::Delete { app, id } => {
                client.delete(&user(&app, &id))?.done(&format!("deleted the user {id:?}"))
            }
        }
    }
}

fn user(app: &str, id: &str) -> Resource {
    Resource::at(["apps", app, "users", id])
}

/// The hub doesn't repeat passwords, so one that nobody has seen yet is shown here.
fn with_drawn(answer: Answer, password: Option<Password>) -> Answer {
    match password {
        Some(Password::Drawn(password)) => answer.with("password", password),
        _ => answer,
    }
}
