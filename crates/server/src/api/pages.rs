//! Pages of an app: `/api/v1/apps/{app}/pages`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    pages::{Verdict, WebPage, document::Document},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, Fields, ListQuery, Path, Query},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, put, remove)).routes(routes!(check))
}

/// List the pages of an app, by id.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/pages", tag = "pages", operation_id = "listPages",
    security(("bearer" = ["manage"])),
    params(ListQuery),
    responses((status = 200, body = Paged<WebPage>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let pages = hub.pages.list(&app).await?;
    Ok(Json(query.cut(pages, |page| &page.id)?).into_response())
}

/// Show a page: its document, and what is known of it.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/pages/{page}", tag = "pages", operation_id = "showPage",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = WebPage)),
)]
async fn show(State(hub): State<Hub>, caller: Caller, Path((app, page)): Path<(String, String)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.pages.get(&app, &page).await?).into_response())
}

/// Which version of a page is meant.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// Only if this is its version; 0 if there is no such page.
    version: Option<i64>,
}

/// Create a page, or give it another document.
///
/// The body is the document, as `docs/pages.md` and the JSON Schema describe it. A document with mistakes is refused with all of
/// them in `mistakes`, each with its place.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/pages/{page}", tag = "pages", operation_id = "putPage",
    security(("bearer" = ["manage"])),
    params(VersionQuery),
    request_body(content = Document),
    responses((status = 200, body = WebPage), (status = 409)),
)]
async fn put(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, page)): Path<(String, String)>,
    Query(VersionQuery { version }): Query<VersionQuery>,
    Body(Fields(document)): Body<Fields>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let saved = hub.pages.put(&caller.actor(), &app, &page, document.into(), version).await?;
    Ok(Json(saved).into_response())
}

/// Delete a page.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/pages/{page}", tag = "pages", operation_id = "deletePage",
    security(("bearer" = ["manage"])),
    params(VersionQuery),
    responses((status = 204), (status = 409)),
)]
async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, page)): Path<(String, String)>,
    Query(VersionQuery { version }): Query<VersionQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.pages.delete(&caller.actor(), &app, &page, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Check a document as a save would. Nothing is saved, and the page needn't be there.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/pages/{page}/check", tag = "pages", operation_id = "checkPage",
    security(("bearer" = ["manage"])),
    request_body(content = Document),
    responses((status = 200, body = Verdict)),
)]
async fn check(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, page)): Path<(String, String)>,
    Body(Fields(document)): Body<Fields>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.pages.check(&app, &page, &document.into()).await?).into_response())
}
