//! `campanile audit`: the log of what was changed by whom.

use super::{connection::Connection, page::Page, resource::Resource};

const COLUMNS: [&str; 7] = ["at_ms", "actor", "action", "app", "subject", "address", "detail"];

#[derive(Debug, clap::Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    connection: Connection,
    /// Only what concerns this app.
    #[arg(long)]
    app: Option<String>,
    #[command(flatten)]
    page: Page,
}

impl AuditArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let log = self.page.of(Resource::at(["audit"]).with("app", self.app));
        self.connection.client()?.get(&log)?.list(&COLUMNS)
    }
}
