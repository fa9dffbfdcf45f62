//! `campanile run`: runs of an app's scenarios.

use clap::Subcommand;
use serde_json::Value;

use super::{
    client::Client,
    output::{Answer, print, shown},
    page::Page,
    resource::Resource,
};

const COLUMNS: [&str; 6] = ["run", "scenario", "status", "cause", "created_at_ms", "error.code"];
const FIELDS: [&str; 12] = [
    "run",
    "scenario",
    "version",
    "status",
    "cause",
    "lane",
    "depth",
    "interruptions",
    "error",
    "created_at_ms",
    "started_at_ms",
    "ended_at_ms",
];

#[derive(Debug, Subcommand)]
pub(super) enum RunCommand {
    /// List runs, newest first.
    List {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Only of this scenario.
        #[arg(long, value_name = "ID")]
        scenario: Option<String>,
        /// Only those that are queued, running, waiting, retrying, done, failed or cancelled.
        #[arg(long)]
        status: Option<String>,
        /// Only about this object: orders/7.
        #[arg(long, value_name = "STRUCTURE/ID")]
        object: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Show a run, and what each of its steps did.
    Show {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its number.
        run: i64,
    },
    /// End a run before its next step.
    Cancel {
        /// The app's id.
        #[arg(long)]
        app: String,
        /// Its number.
        run: i64,
    },
}

impl RunCommand {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { app, scenario, status, object, page } => {
                let runs = Resource::at(["apps", &app, "runs"]);
                let runs = runs.with("scenario", scenario).with("status", status).with("object", object);
                client.get(&page.of(runs))?.list(&COLUMNS)
            }
            Self::Show { app, run } => show(client.get(&one(&app, run))?),
            Self::Cancel { app, run } => {
                client.delete(&one(&app, run))?.done(&format!("cancelled the run {run}"))
            }
        }
    }
}

fn one(app: &str, run: i64) -> Resource {
    Resource::at(["apps", app, "runs", &run.to_string()])
}

/// A run as a record, and below it its steps, if it isn't for programs.
fn show(run: Answer) -> anyhow::Result<()> {
    let steps = if run.is_for_people() { run.field("steps") } else { Value::Null };
    run.record(&FIELDS)?;
    steps.as_array().into_iter().flatten().try_for_each(|step| print(&described(step)))
}

/// A step in one line for itself, and one for what went in, what came out, and what went wrong.
fn described(step: &Value) -> String {
    let text = |name: &str| step[name].as_str().unwrap_or_default();
    let repeated = if step["repeated"] == true { ", perhaps done before" } else { "" };
    let attempt = step["attempt"].as_u64().filter(|attempt| *attempt > 1);
    let attempt = attempt.map(|attempt| format!(", attempt {attempt}")).unwrap_or_default();
    let mut lines =
        format!("{}: {}{attempt}{repeated}, {} ms\n", text("path"), text("type"), step["duration_ms"]);
    for (name, mark) in [("input", "  "), ("output", "  -> "), ("error", "  error ")] {
        if !step[name].is_null() {
            lines += &format!("{mark}{}\n", step[name]);
        }
    }
    lines.lines().map(|line| format!("{}\n", shown(line))).collect()
}
