//! `campanile page`: pages of an app, to and from files.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{
    client::Client,
    confirm, file,
    output::{Answer, print},
    page::Page,
    resource::Resource,
};

const COLUMNS: [&str; 5] = ["id", "document.title", "document.access", "version", "updated_at_ms"];
const FIELDS: [&str; 6] = ["id", "path", "document.title", "document.access", "version", "updated_at_ms"];

#[derive(Debug, Subcommand)]
pub(super) enum PageCommand {
    /// List the pages of an app, by id.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show a page.
    Show {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Print a page's document, as `put` takes it.
    Export {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Save a page, or another document for one.
    Put {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The document, a JSON file; "-" is standard input.
        file: PathBuf,
        /// Only if the page has this version; 0 if there is none yet.
        #[arg(long, value_name = "N")]
        version: Option<i64>,
    },
    /// Check a document as `put` would, without saving it.
    Check {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// The document, a JSON file; "-" is standard input.
        file: PathBuf,
    },
    /// Delete a page.
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

impl PageCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, page } => {
                client.get(&page.of(Resource::at(["apps", &app, "pages"])))?.list(&COLUMNS)
            }
            Self::Show { app, id } => client.get(&one(&app, &id))?.record(&FIELDS),
            Self::Export { app, id } => {
                print(&format!("{:#}\n", client.get(&one(&app, &id))?.field("document")))
            }
            Self::Put { app, id, file, version } => {
                let document = file::read(&file)?;
                let saved = client.put(&one(&app, &id).with("version", version), &document)?;
                warn(&file, &saved);
                let version = saved.field("version");
                saved.done(&format!("{id}: version {version}"))
            }
            Self::Check { app, file } => {
                let document = file::read(&file)?;
                // A check is about no page in particular.
                let checked =
                    client.post(&Resource::at(["apps", &app, "pages", "checked", "check"]), &document)?;
                warn(&file, &checked);
                checked.done("has no mistakes")
            }
            Self::Delete { app, id, yes } => {
                if !yes {
                    confirm::deletion(&format!("the page {id:?}"), &id, "blocks")?;
                }
                client.delete(&one(&app, &id))?.done(&format!("deleted the page {id:?}"))
            }
        }
    }
}

fn one(app: &str, id: &str) -> Resource {
    Resource::at(["apps", app, "pages", id])
}

fn warn(file: &Path, answer: &Answer) {
    for warning in answer.field("warnings").as_array().into_iter().flatten() {
        let text = |name: &str| warning[name].as_str().unwrap_or_default().to_owned();
        eprintln!("{}: warning: {}: {}", file.display(), text("path"), text("message"));
    }
}
