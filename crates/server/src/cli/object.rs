//! `campanile object`: objects of a structure.

use std::path::PathBuf;

use clap::Subcommand;

use super::{client::Client, file, json::Json, resource::Resource};

#[derive(Debug, Subcommand)]
pub(super) enum ObjectCommand {
    /// List objects, in the order of their creation unless --sort says.
    List {
        #[command(flatten)]
        of: Of,
        /// Only those for which this condition holds, such as '{"total": {"gt": 10}}'.
        #[arg(long, value_name = "JSON")]
        filter: Option<Json>,
        /// Fields, each with ",desc" after it if need be: total,desc,name.
        #[arg(long, value_name = "FIELDS")]
        sort: Option<String>,
        /// Which part of the list, counted from 0.
        #[arg(long, value_name = "N")]
        page: Option<u32>,
        /// How many objects a part has, 1 to 200 [default: 50].
        #[arg(long, value_name = "N")]
        page_size: Option<u32>,
    },
    /// Show an object.
    Get {
        #[command(flatten)]
        of: Of,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Create an object, or several; with --id give one other fields.
    Put {
        #[command(flatten)]
        of: Of,
        /// JSON: an object with its fields, or a list of objects; "-" is standard input.
        file: PathBuf,
        /// The object that gets these fields in place of those that it has. With a "version" among them it has to have that one.
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        id: Option<String>,
        /// Leave the fields that aren't in the file as they are.
        #[arg(long, requires = "id")]
        merge: bool,
        /// Raise no event.
        #[arg(long)]
        no_event: bool,
    },
    /// Delete an object.
    Delete {
        #[command(flatten)]
        of: Of,
        /// Its id.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Only if it has this version.
        #[arg(long, value_name = "N")]
        version: Option<i64>,
        /// Raise no event.
        #[arg(long)]
        no_event: bool,
    },
}

/// Whose objects.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// The app's id.
    #[arg(long)]
    app: String,
    /// The structure's name.
    #[arg(long)]
    structure: String,
}

impl Of {
    fn all(&self) -> Resource {
        Resource::at(["apps", &self.app, "structures", &self.structure, "objects"])
    }

    fn one(&self, id: &str) -> Resource {
        Resource::at(["apps", &self.app, "structures", &self.structure, "objects", id])
    }
}

impl ObjectCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { of, filter, sort, page, page_size } => {
                let objects = of.all().with("filter", filter).with("sort", sort);
                client.get(&objects.with("page", page).with("page_size", page_size))?.objects()
            }
            Self::Get { of, id } => client.get(&of.one(&id))?.object(),
            Self::Put { of, file, id: Some(id), merge, no_event } => {
                let (object, fields) = (of.one(&id).with("event", event(no_event)), file::read(&file)?);
                let answer =
                    if merge { client.patch(&object, &fields) } else { client.put(&object, &fields) };
                answer?.object()
            }
            Self::Put { of, file, id: None, no_event, .. } => {
                let fields = file::read(&file)?;
                let created = client.post(&of.all().with("event", event(no_event)), &fields)?;
                if fields.is_list() { created.objects() } else { created.object() }
            }
            Self::Delete { of, id, version, no_event } => {
                let object = of.one(&id).with("version", version).with("event", event(no_event));
                client.delete(&object)?.done(&format!("deleted the object {id:?}"))
            }
        }
    }
}

fn event(no_event: bool) -> Option<bool> {
    no_event.then_some(false)
}
