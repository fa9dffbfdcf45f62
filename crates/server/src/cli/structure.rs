//! `campanile structure`: what the objects of an app look like.

use std::path::PathBuf;

use clap::Subcommand;

use super::{client::Client, confirm, file, page::Page, resource::Resource};

const COLUMNS: [&str; 4] = ["name", "title", "objects", "updated_at_ms"];
const FIELDS: [&str; 6] = ["name", "title", "fields", "objects", "created_at_ms", "updated_at_ms"];

#[derive(Debug, Subcommand)]
pub(super) enum StructureCommand {
    /// List the structures of an app, by name.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show a structure with its fields.
    Show {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its name.
        name: String,
    },
    /// Create a structure, or give one other fields.
    Put {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// JSON: {"name": …, "title"?: …, "fields": [{"name": …, "type": …}]}; "-" is standard input.
        file: PathBuf,
    },
    /// Delete a structure with its objects and endpoints.
    Delete {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its name.
        name: String,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

impl StructureCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, page } => {
                client.get(&page.of(Resource::at(["apps", &app, "structures"])))?.list(&COLUMNS)
            }
            Self::Show { app, name } => client.get(&structure(&app, &name))?.record(&FIELDS),
            Self::Put { app, file } => {
                let settings = file::read_settings(&file)?;
                let name = file::text(&file, &settings, "name")?;
                client.put(&structure(&app, name), &settings)?.record(&FIELDS)
            }
            Self::Delete { app, name, yes } => {
                let what = format!("the structure {name:?}");
                if !yes {
                    confirm::deletion(&what, &name, "objects")?;
                }
                client.delete(&structure(&app, &name))?.done(&format!("deleted {what}"))
            }
        }
    }
}

fn structure(app: &str, name: &str) -> Resource {
    Resource::at(["apps", app, "structures", name])
}
