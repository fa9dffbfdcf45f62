//! Schemas of what people write for the hub: `/api/v1/schemas`.

use std::sync::OnceLock;

use axum::{body::Bytes, extract::State, http::header, response::IntoResponse};
use campanile_platform::scenarios::schema;
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
async fn scenario(State(hub): State<Hub>) -> impl IntoResponse {
    // With the limits of this hub, which don't change while it runs.
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let limits = &hub.scenarios.options().definition;
    let document = DOCUMENT.get_or_init(|| format!("{:#}\n", schema::document(limits)).into());
    let headers = [(header::CONTENT_TYPE, "application/schema+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, document.clone())
}
