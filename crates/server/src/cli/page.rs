//! Which part of a long list is asked for.

use super::resource::Resource;

#[derive(Debug, clap::Args)]
pub(super) struct Page {
    /// How many, 1 to 200 [default: 50].
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Go on where the list before ended.
    #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
    after: Option<String>,
}

impl Page {
    pub(super) fn of(&self, list: Resource) -> Resource {
        list.with("limit", self.limit).with("after", self.after.as_deref())
    }
}
