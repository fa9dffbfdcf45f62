//! Whether a document is a good page. All mistakes are told, each with its place in the document and a sentence. What
//! depends on the app (whether an endpoint exists, for instance) isn't known here.

mod read;
mod rules;

use serde_json::Value;

use super::document::{Document, DocumentLimits};
use crate::scenarios::validate::{Finding, Findings};
pub(super) use rules::{TITLE_BYTES_MAX, WIDTH_MAX};

/// Checks a document.
///
/// # Errors
/// All mistakes, those of its shape first.
pub fn check(document: &Value, limits: &DocumentLimits) -> Result<Document, Vec<Finding>> {
    let mut findings = Findings::default();
    let parts = read::read(document, &mut findings);
    rules::check(document, &parts, limits, &mut findings);
    let findings = findings.into_vec();
    match parts.whole() {
        Some(document) if findings.is_empty() => Ok(document),
        _ => Err(findings),
    }
}

#[cfg(test)]
pub(super) mod tests;
