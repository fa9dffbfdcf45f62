//! Data of apps: structures with their fields, objects, and the endpoints through which front ends reach them.
//!
//! | Module | Its part |
//! |---|---|
//! | `structures`, `fields` | what objects look like; the values of each type |
//! | `objects`, `writes` | objects for backends; one write, in a transaction that somebody else may have begun |
//! | `query` | conditions and orders, from JSON and texts to what the store understands |
//! | `endpoints`, `templates` | what an endpoint shows to whom; values that are known with the request |
//! | `calls` | what a front end gets and gives through an endpoint |
//! | `for_runs` | what runs of scenarios read and write |
//! | `bells` | who is told that something has changed |
//!
//! What is written is noted in the same transaction, if a scenario waits for it, as a change that stays until somebody has
//! acted on it. It knows neither HTTP, nor what a scenario does.

mod bells;
mod calls;
mod endpoints;
mod fields;
mod for_runs;
mod objects;
mod query;
mod structures;
mod templates;
mod writes;

use std::sync::Arc;

use campanile_store::AppNumber;

use self::bells::Bells;
pub use self::{
    calls::{EndpointCall, Saved},
    endpoints::{Endpoint, EndpointSettings, NewEndpoint, Who},
    fields::{Field, FieldType},
    objects::{ObjectList, ObjectPage},
    structures::{NewStructure, Structure},
    writes::{Event, Others},
};
pub(crate) use self::{
    endpoints::{PAGE_SIZE_MAX, sync_trigger},
    for_runs::known_user,
    query::SORT_MAX,
    writes::{Cause, Write},
};
use crate::{Accounts, accounts::AccountError};

type Result<T> = std::result::Result<T, AccountError>;

/// Settings of data.
#[derive(Clone, Debug)]
pub struct DataOptions {
    /// Structures that an app may have.
    pub structures_per_app_max: u32,
    /// Fields that a structure may have.
    pub fields_per_structure_max: usize,
    /// Endpoints that an app may have.
    pub endpoints_per_app_max: u32,
    /// Objects that an app may have.
    pub objects_per_app_max: u32,
    /// Bytes of an object as JSON.
    pub object_bytes_max: usize,
    /// Objects that one request may write.
    pub objects_per_request_max: usize,
    /// Changes of an app that may wait.
    pub changes_waiting_max: u32,
}

impl Default for DataOptions {
    fn default() -> Self {
        Self {
            structures_per_app_max: 200,
            fields_per_structure_max: 200,
            endpoints_per_app_max: 1_000,
            objects_per_app_max: 1_000_000,
            object_bytes_max: 262_144,
            objects_per_request_max: 1_000,
            changes_waiting_max: 100_000,
        }
    }
}

/// Structures, objects and endpoints. A handle; clones share everything.
#[derive(Clone)]
pub struct Data {
    accounts: Accounts,
    options: Arc<DataOptions>,
    bells: Arc<Bells>,
}

impl Data {
    /// The data of these accounts' apps.
    #[must_use]
    pub fn new(accounts: Accounts, options: DataOptions) -> Self {
        Self { accounts, options: Arc::new(options), bells: Arc::default() }
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &DataOptions {
        &self.options
    }

    fn app(&self, id: &str) -> Result<AppNumber> {
        Ok(AppNumber(self.accounts.entry(id)?.number.0))
    }

    /// Reads by rules that may refuse as well.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&campanile_store::View<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.accounts.store().read(move |view| Ok(work(view))).await?
    }
}

/// A name of a structure or a field.
pub(crate) fn check_name(what: &str, name: &str) -> Result<()> {
    let mut chars = name.chars();
    let begins_well = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if begins_well && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') && name.len() <= NAME_BYTES_MAX {
        return Ok(());
    }
    let problem = format!(
        "must have 1 to {NAME_BYTES_MAX} letters a-z and A-Z, digits and \"_\", and no digit in front, not {name:?}"
    );
    Err(AccountError::field(what, problem))
}

const NAME_BYTES_MAX: usize = 64;

/// A text for people.
fn check_title(what: &str, title: Option<&str>) -> Result<()> {
    let is_fine = |title: &str| title.len() <= 200 && !title.chars().any(char::is_control);
    if title.is_none_or(is_fine) {
        return Ok(());
    }
    Err(AccountError::field(what, "must have at most 200 bytes and no control characters"))
}
