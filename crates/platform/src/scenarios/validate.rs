//! Whether a document is a good scenario. All mistakes are told, each with its place in the document and a sentence. What
//! depends on the app (whether a structure exists, for instance) isn't known here.

mod read;
mod references;
pub(super) mod rules;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::definition::{Definition, DefinitionLimits};
pub use rules::OWN_HEADERS;
pub(crate) use {
    read::part as read_part,
    rules::{NAME_RULE, is_method, is_name},
};

/// Something to be said about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Where: `steps[2].then[0].url`.
    pub path: String,
    /// What.
    pub message: String,
}

/// A good scenario.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scenario.
    pub definition: Definition,
    /// What is allowed and looks wrong.
    pub warnings: Vec<Finding>,
}

/// Checks a document.
///
/// # Errors
/// All mistakes, those of its shape first.
pub fn check(document: &Value, limits: &DefinitionLimits) -> Result<Checked, Vec<Finding>> {
    let mut findings = Findings::default();
    let definition = read::read(document, limits, &mut findings);
    rules::check(document, &definition, limits, &mut findings);
    if findings.0.is_empty()
        && let Some(definition) = definition.whole()
    {
        let warnings = references::check(&definition);
        return Ok(Checked { definition, warnings });
    }
    Err(findings.0)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { path: path.into(), message: message.into() });
    }

    /// Adds a mistake unless all is well.
    pub(crate) fn expect(&mut self, is_well: bool, path: impl Into<String>, message: impl Into<String>) {
        if !is_well {
            self.add(path, message);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

#[cfg(test)]
pub(super) mod tests;
