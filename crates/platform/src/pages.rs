//! Pages: what an app shows to its users, as documents that the hub serves.
//!
//! | Module | Its part |
//! |---|---|
//! | `document` | the document: title, access, blocks |
//! | `validate` | all that is wrong with a document |
//! | `schema` | the JSON Schema of documents |
//! | `stored` | pages as they are stored |
//! | `visits` | what a visitor gets of a page |
//!
//! It knows neither HTTP nor what a block looks like. What a page shows of an app's data comes through endpoints, which
//! decide by themselves who may see it.

pub mod document;
pub mod schema;
mod stored;
pub mod validate;
mod visits;

use campanile_store::AppNumber;

use self::document::DocumentLimits;
pub use self::{
    stored::{Verdict, WebPage},
    visits::{Entrance, Visit},
};
use crate::{
    Accounts,
    accounts::{AccountError, Code},
};

type Result<T> = std::result::Result<T, AccountError>;

/// Settings of pages.
#[derive(Clone, Copy, Debug)]
pub struct PageOptions {
    /// Pages that an app may have.
    pub pages_per_app_max: u32,
    /// What a document may hold.
    pub document: DocumentLimits,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self { pages_per_app_max: 200, document: DocumentLimits::default() }
    }
}

/// Pages of apps. A handle; clones share everything.
#[derive(Clone)]
pub struct Pages {
    accounts: Accounts,
    options: PageOptions,
}

impl Pages {
    /// The pages of these accounts' apps.
    #[must_use]
    pub fn new(accounts: Accounts, options: PageOptions) -> Self {
        Self { accounts, options }
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &PageOptions {
        &self.options
    }

    fn app(&self, id: &str) -> Result<AppNumber> {
        Ok(AppNumber(self.accounts.entry(id)?.number.0))
    }
}

/// Whether this can be the name of a page, or of a block.
fn is_id(id: &str) -> bool {
    let is_right = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=64).contains(&id.len()) && id.chars().all(is_right)
}

fn page_not_found(id: &str) -> AccountError {
    AccountError::new(Code::PageNotFound, format!("there is no page {id:?}"))
}
