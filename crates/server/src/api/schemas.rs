//! Schemas of what people write for the hub: `/api/v1/schemas`.

use std::sync::OnceLock;

use axum::{
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use campanile_platform::{pages, scenarios::schema};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(scenario)).routes(routes!(page))
}

/// Describe scenarios: their JSON Schema, for editors.
#[utoipa::path(
    get, path = "/api/v1/schemas/scenario.json", tag = "operations", operation_id = "describeScenarios",
    security(()),
    responses((status = 200, body = Object, content_type = "application/schema+json")),
)]
async fn scenario(State(hub): State<Hub>) -> Response {
    // With the limits of this hub, which don't change while it runs.
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    schema_of(&DOCUMENT, || schema::document(&hub.scenarios.options().definition))
}

/// Describe pages: their JSON Schema, for editors.
#[utoipa::path(
    get, path = "/api/v1/schemas/page.json", tag = "operations", operation_id = "describePages",
    security(()),
    responses((status = 200, body = Object, content_type = "application/schema+json")),
)]
async fn page(State(hub): State<Hub>) -> Response {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    schema_of(&DOCUMENT, || pages::schema::document(&hub.pages.options().document))
}

fn schema_of(made: &OnceLock<Bytes>, make: impl FnOnce() -> Value) -> Response {
    let document = made.get_or_init(|| format!("{:#}\n", make()).into());
    let headers = [(header::CONTENT_TYPE, "application/schema+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, document.clone()).into_response()
}
