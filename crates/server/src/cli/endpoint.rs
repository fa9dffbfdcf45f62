//! `campanile endpoint`: ways for front ends to an app's objects.

use std::path::PathBuf;

use clap::Subcommand;

use super::{client::Client, file, page::Page, resource::Resource};

const COLUMNS: [&str; 6] = ["structure", "method", "read", "write", "filter", "fields"];

#[derive(Debug, Subcommand)]
pub(super) enum EndpointCommand {
    /// List the endpoints of an app, by structure and name.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        page: Page,
    },
    /// Create an endpoint, or change one.
    Put {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// JSON: {"structure": …, "method": …, "read"?: …, "write"?: …, "filter"?: …, "fields"?: […]}; "-" is standard
        /// input.
        file: PathBuf,
    },
    /// Delete an endpoint.
    Delete {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its structure.
        structure: String,
        /// Its name.
        #[arg(allow_hyphen_values = true)]
        method: String,
    },
}

impl EndpointCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, page } => {
                client.get(&page.of(Resource::at(["apps", &app, "endpoints"])))?.list(&COLUMNS)
            }
            Self::Put { app, file } => {
                let settings = file::read_settings(&file)?;
                let structure = file::text(&file, &settings, "structure")?;
                let method = file::text(&file, &settings, "method")?;
                client.put(&endpoint(&app, structure, method), &settings)?.record(&COLUMNS)
            }
            Self::Delete { app, structure, method } => {
                let deleted = client.delete(&endpoint(&app, &structure, &method))?;
                deleted.done(&format!("deleted the endpoint {structure}/{method}"))
            }
        }
    }
}

fn endpoint(app: &str, structure: &str, method: &str) -> Resource {
    Resource::at(["apps", app, "endpoints", structure, method])
}
