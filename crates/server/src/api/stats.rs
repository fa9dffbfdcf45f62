//! What the hub has counted, as JSON for pages and programs: `GET /api/v1/stats`. The numbers and their names are those of
//! `/metrics`; this file only gives them another form.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use campanile_platform::bridge::LATENCY_BUCKETS_MS;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{caller::Caller, problem::Problem};
use crate::{hub::Hub, metrics::Snapshot};

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What the hub has counted, at one moment. Names are those of `/metrics` without `campanile_` and `_total`.
#[derive(Serialize, ToSchema)]
struct HubStats {
    /// The hub's version.
    version: &'static str,
    /// When it was started, in milliseconds since the epoch. Counters begin then.
    started_at_ms: i64,
    /// When it was asked, in milliseconds since the epoch.
    at_ms: i64,
    /// How many shards it has.
    shards: usize,
    /// What there is at this moment.
    gauges: BTreeMap<&'static str, u64>,
    /// What happened since the start.
    counters: BTreeMap<&'static str, u64>,
    /// Connections closed since the start, by reason.
    connections_closed: BTreeMap<&'static str, u64>,
    /// What was refused or dropped since the start, by reason.
    dropped: BTreeMap<&'static str, u64>,
    /// Requests of scenarios to other servers that failed since the start, by code.
    outgoing_failures: BTreeMap<&'static str, u64>,
    /// From a request that somebody waits for to its first reply.
    request_latency: RequestLatency,
}

/// A histogram: how many took how long.
#[derive(Serialize, ToSchema)]
struct RequestLatency {
    /// Upper bounds of the buckets.
    bounds_ms: Vec<u64>,
    /// Requests in each bucket, and in one more what took longer.
    counts: Vec<u64>,
    /// The sum of all times.
    sum_ms: u64,
}

/// Show what the hub has counted.
///
/// The same numbers as in `/metrics`, in one object.
#[utoipa::path(
    get, path = "/api/v1/stats", tag = "operations", operation_id = "showStats",
    security(("bearer" = ["administrator"])),
    responses((status = 200, body = HubStats)),
)]
async fn show(State(hub): State<Hub>, caller: Caller) -> Result<Response, Problem> {
    caller.admin()?;
    let snapshot = Snapshot::take(&hub).await;
    let named = |metrics: Vec<(&'static str, &'static str, u64)>| {
        metrics.into_iter().map(|(name, _, value)| (name, value)).collect()
    };
    let latency = snapshot.latency();
    let stats = HubStats {
        version: env!("CARGO_PKG_VERSION"),
        started_at_ms: hub.started_at_ms,
        at_ms: hub.accounts.now_ms(),
        shards: hub.shards.shards(),
        gauges: named(snapshot.gauges()),
        counters: named(snapshot.counters()),
        connections_closed: snapshot.closed().into_iter().collect(),
        dropped: snapshot.dropped().into_iter().collect(),
        outgoing_failures: snapshot.outgoing_failures().iter().copied().collect(),
        request_latency: RequestLatency {
            bounds_ms: LATENCY_BUCKETS_MS.to_vec(),
            counts: latency.counts.to_vec(),
            sum_ms: latency.sum_ms,
        },
    };
    Ok(Json(stats).into_response())
}
