//! Pages as they are stored: checked when they are saved.

use campanile_store::{AppNumber, Tx, View};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Pages, Result, document::Document, is_id, page_not_found, validate};
use crate::{
    accounts::{AccountError, Actor, Code},
    scenarios::validate::Finding,
};

/// A page of an app.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebPage {
    /// Its id.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Where it is shown, on the hub.
    pub path: String,
    /// The document.
    #[schema(value_type = Document)]
    pub document: Value,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
    /// What is allowed and looks wrong; only in the answer to a save.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

/// What is to be said about a document that can be saved.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PageVerdict)]
pub struct Verdict {
    /// What is allowed and looks wrong.
    pub warnings: Vec<Finding>,
}

impl WebPage {
    fn of(app: &str, stored: campanile_store::WebPage) -> Self {
        let campanile_store::WebPage { id, version, document, created_at_ms, updated_at_ms } = stored;
        let document = serde_json::from_str(&document).unwrap_or_default();
        let path = format!("/p/{app}/{id}");
        Self { id, version, path, document, created_at_ms, updated_at_ms, warnings: Vec::new() }
    }
}

impl Pages {
    /// The pages of an app, by id.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn list(&self, app: &str) -> Result<Vec<WebPage>> {
        let number = self.app(app)?;
        let pages = self.accounts.store().read(move |view| view.web_pages(number)).await?;
        Ok(pages.into_iter().map(|stored| WebPage::of(app, stored)).collect())
    }

    /// One page.
    ///
    /// # Errors
    /// `app_not_found`, `page_not_found`.
    pub async fn get(&self, app: &str, id: &str) -> Result<WebPage> {
        let (number, wanted) = (self.app(app)?, id.to_owned());
        let found = self.accounts.store().read(move |view| view.web_page(number, &wanted)).await?;
        found.map(|stored| WebPage::of(app, stored)).ok_or_else(|| page_not_found(id))
    }

    /// Creates a page, or gives it another document. With a `version` only the page that has it is changed; 0 is none.
    /// What doesn't differ isn't a change.
    ///
    /// # Errors
    /// `app_not_found`; `invalid_payload` with all mistakes; `version_conflict`, `limit_reached`.
    pub async fn put(
        &self,
        actor: &Actor,
        app: &str,
        id: &str,
        document: Value,
        version: Option<i64>,
    ) -> Result<WebPage> {
        let number = self.app(app)?;
        let checked = self.checked(id, &document)?;
        let note = self.accounts.note(actor, "page.put", Some(app), id, &json!({ "title": checked.title }));
        let (id, text) = (id.to_owned(), document.to_string());
        let (now_ms, most) = (self.accounts.now_ms(), self.options.pages_per_app_max);
        let work = move |tx: &mut Tx<'_>| -> Result<(campanile_store::WebPage, Vec<Finding>)> {
            let before = tx.web_page(number, &id)?;
            check_version(before.as_ref(), version)?;
            let warnings = missing_endpoints(tx, number, &checked)?;
            match before {
                Some(before) if before.document == text => return Ok((before, warnings)),
                None if tx.count_web_pages(number)? >= most => {
                    return Err(AccountError::limit("limits.pages_per_app_max"));
                }
                _ => {}
            }
            let saved = tx.put_web_page(number, &id, &text, now_ms)?;
            tx.append_audit(&note)?;
            Ok((saved, warnings))
        };
        let (saved, warnings) = self.accounts.store().write_by_rules(work).await?;
        Ok(WebPage { warnings, ..WebPage::of(app, saved) })
    }

    /// Checks a document as a save would.
    ///
    /// # Errors
    /// `app_not_found`; `invalid_payload` with all mistakes.
    pub async fn check(&self, app: &str, id: &str, document: &Value) -> Result<Verdict> {
        let number = self.app(app)?;
        let checked = self.checked(id, document)?;
        let find = move |view: &View<'_>| Ok(missing_endpoints(view, number, &checked));
        let warnings = self.accounts.store().read(find).await??;
        Ok(Verdict { warnings })
    }

    fn checked(&self, id: &str, document: &Value) -> Result<Document> {
        if !is_id(id) {
            let rule = "must be 1 to 64 letters without accents, digits, _ and -";
            return Err(AccountError::field("page", rule));
        }
        let checked = validate::check(document, &self.options.document);
        checked.map_err(|mistakes| AccountError::of_document(&mistakes))
    }

    /// Deletes a page; with a `version`, only the one that has it.
    ///
    /// # Errors
    /// `app_not_found`, `page_not_found`, `version_conflict`.
    pub async fn delete(&self, actor: &Actor, app: &str, id: &str, version: Option<i64>) -> Result<()> {
        let number = self.app(app)?;
        let note = self.accounts.note(actor, "page.delete", Some(app), id, &json!({}));
        let id = id.to_owned();
        let work = move |tx: &mut Tx<'_>| -> Result<()> {
            let before = tx.web_page(number, &id)?.ok_or_else(|| page_not_found(&id))?;
            check_version(Some(&before), version)?;
            tx.delete_web_page(number, &id)?;
            Ok(tx.append_audit(&note)?)
        };
        self.accounts.store().write_by_rules(work).await
    }
}

fn check_version(before: Option<&campanile_store::WebPage>, expected: Option<i64>) -> Result<()> {
    let version = before.map_or(0, |before| before.version);
    match expected {
        Some(expected) if expected != version => {
            let message = format!("the page has the version {version} by now, not {expected}: read it again");
            Err(AccountError::new(Code::VersionConflict, message))
        }
        _ => Ok(()),
    }
}

/// What a page names and the app doesn't have. It may come later, so that what belongs together can be saved in any order.
fn missing_endpoints(view: &View<'_>, app: AppNumber, document: &Document) -> Result<Vec<Finding>> {
    let mut missing = Vec::new();
    for (index, block) in document.blocks.iter().enumerate() {
        for (field, endpoint) in block.endpoints() {
            let (structure, method) = endpoint.split_once('/').unwrap_or_default();
            if view.endpoint(app, structure, method)?.is_none() {
                let message = format!("there is no endpoint {endpoint:?} yet");
                missing.push(Finding { path: format!("blocks[{index}].{field}"), message });
            }
        }
    }
    Ok(missing)
}
