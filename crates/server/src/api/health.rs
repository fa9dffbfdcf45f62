//! `GET /healthz`: the process runs. `GET /readyz`: it takes new clients, and its shards answer.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};

use crate::hub::Hub;

/// Time in which every shard must answer to count as ready.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) fn router() -> Router<Hub> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

async fn ready(State(hub): State<Hub>) -> impl IntoResponse {
    if hub.stopping.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(READY_TIMEOUT, hub.shards.stats()).await {
        Ok(stats) if stats.len() == hub.shards.shards() => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "a shard doesn't answer\n"),
    }
}
