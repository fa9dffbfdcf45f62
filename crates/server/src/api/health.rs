//! `GET /healthz`: the process runs. `GET /readyz`: it takes new clients, and its shards answer.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{extract::State, http::StatusCode, response::IntoResponse};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::hub::Hub;

/// Time in which every shard must answer to count as ready.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// Say that the process runs.
#[utoipa::path(
    get, path = "/healthz", tag = "operations", operation_id = "alive",
    security(()),
    responses((status = 200, body = String)),
)]
async fn alive() -> &'static str {
    "ok\n"
}

/// Say whether the hub takes new clients, and its shards answer.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", operation_id = "ready",
    security(()),
    responses((status = 200, body = String), (status = 503, body = String, content_type = "text/plain")),
)]
async fn ready(State(hub): State<Hub>) -> impl IntoResponse {
    if hub.stopping.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(READY_TIMEOUT, hub.shards.stats()).await {
        Ok(stats) if stats.len() == hub.shards.shards() => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "a shard doesn't answer\n"),
    }
}
