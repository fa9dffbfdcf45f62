//! Schemas of what people write for the hub: `/api/v1/schemas`.

use std::sync::LazyLock;

use axum::{body::Bytes, http::header, response::IntoResponse};
use campanile_platform::scenarios::{definition::DefinitionLimits, schema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(scenario))
}

/// Describe scenarios: their JSON Schema, for editors.
#[utoipa::path(
    get, path = "/api/v1/schemas/scenario.json", tag = "operations", operation_id = "describeScenarios",
    security(()),
    responses((status = 200, body = Object, content_type = "application/schema+json")),
)]
async fn scenario() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> =
        LazyLock::new(|| format!("{:#}\n", schema::document(&DefinitionLimits::default())).into());
    let headers = [(header::CONTENT_TYPE, "application/schema+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.clone())
}
