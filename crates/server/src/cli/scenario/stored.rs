//! The commands of `campanile scenario` that ask a hub: scenarios of an app, to and from files.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use crate::cli::{client::Client, confirm, file, output::print, page::Page, resource::Resource};

const COLUMNS: [&str; 5] = ["id", "enabled", "version", "document.trigger.type", "updated_at_ms"];
const FIELDS: [&str; 8] = [
    "id",
    "enabled",
    "version",
    "document.name",
    "document.trigger",
    "hook_path",
    "due_at_ms",
    "updated_at_ms",
];

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoredCommand {
    /// List the scenarios of an app, by id.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show a scenario.
    Show {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Print a scenario's document, as `put` takes it.
    Export {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// A former version.
        #[arg(long, value_name = "N")]
        version: Option<i64>,
    },
    /// Save scenarios: what is new is created, what has changed gets its next version.
    Put {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The documents, a JSON file each; "-" is standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Let the trigger of a scenario start it.
    Enable {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Let nothing start a scenario by itself; runs that are open go on.
    Disable {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// List versions of a scenario, newest first.
    Versions {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        page: Page,
    },
    /// Start a scenario, whatever its filter says.
    Run {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The object that it is about, of the structure of its trigger.
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        object: Option<String>,
    },
    /// Delete a scenario with its versions and its runs.
    Delete {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

impl StoredCommand {
    pub(in crate::cli) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, page } => {
                client.get(&page.of(Resource::at(["apps", &app, "scenarios"])))?.list(&COLUMNS)
            }
            Self::Show { app, id } => client.get(&one(&app, &id))?.record(&FIELDS),
            Self::Export { app, id, version } => export(client, &app, &id, version),
            Self::Put { app, files } => files.iter().try_for_each(|file| put(client, &app, file)),
            Self::Enable { app, id } => turn(client, &app, &id, true),
            Self::Disable { app, id } => turn(client, &app, &id, false),
            Self::Versions { app, id, page } => {
                let versions = Resource::at(["apps", &app, "scenarios", &id, "versions"]);
                client.get(&page.of(versions))?.list(&["version", "actor", "at_ms"])
            }
            Self::Run { app, id, object } => {
                let start = json!({ "object_id": object });
                client.post(&Resource::at(["apps", &app, "scenarios", &id, "run"]), &start)?.record(&["run"])
            }
            Self::Delete { app, id, yes } => {
                if !yes {
                    confirm::deletion(&format!("the scenario {id:?}"), &id, "versions and runs")?;
                }
                client.delete(&one(&app, &id))?.done(&format!("deleted the scenario {id:?}"))
            }
        }
    }
}

fn one(app: &str, id: &str) -> Resource {
    Resource::at(["apps", app, "scenarios", id])
}

fn export(client: &Client, app: &str, id: &str, version: Option<i64>) -> anyhow::Result<()> {
    let document = match version {
        None => client.get(&one(app, id))?.field("document"),
        Some(version) => {
            let versions = Resource::at(["apps", app, "scenarios", id, "versions"]);
            // The part of the list that begins with it.
            let found = client.get(&versions.with("after", Some(version + 1)).with("limit", Some(1)))?;
            let found = found.field("items")[0].clone();
            if found["version"] != version {
                bail!("version {version} of the scenario {id:?} isn't kept");
            }
            found["document"].clone()
        }
    };
    print(&format!("{document:#}\n"))
}

fn put(client: &Client, app: &str, file: &Path) -> anyhow::Result<()> {
    let document = file::read_settings(file)?;
    let id = file::text(file, &document, "id")?;
    let saved = client.put(&one(app, id), &document)?;
    for warning in saved.field("warnings").as_array().into_iter().flatten() {
        let text = |name: &str| warning[name].as_str().unwrap_or_default().to_owned();
        eprintln!("{}: warning: {}: {}", file.display(), text("path"), text("message"));
    }
    let version = saved.field("version");
    saved.done(&format!("{id}: version {version}"))
}

fn turn(client: &Client, app: &str, id: &str, enabled: bool) -> anyhow::Result<()> {
    let turned = client.patch(&one(app, id), &json!({ "enabled": enabled }))?;
    turned.done(&format!("{id}: {}", if enabled { "enabled" } else { "disabled" }))
}
