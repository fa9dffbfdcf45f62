//! Runs of scenarios: `/api/v1/apps/{app}/runs`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    runner::{RunDetail, RunFilter, RunRecord},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Path, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, cancel))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Runs {
    /// Only of this scenario.
    scenario: Option<String>,
    /// Only those that are `queued`, `running`, `waiting`, `retrying`, `done`, `failed` or `cancelled`.
    #[param(pattern = "^(queued|running|waiting|retrying|done|failed|cancelled)$")]
    status: Option<String>,
    /// Only about this object: a structure and an id, `orders/7`.
    #[param(pattern = "^.+/")]
    object: Option<String>,
    limit: Option<u32>,
    after: Option<i64>,
}

/// List runs of scenarios, newest first.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/runs", tag = "scenarios", operation_id = "listRuns",
    security(("bearer" = ["manage"])),
    params(Runs),
    responses((status = 200, body = Paged<RunRecord>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Runs>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let Runs { scenario, status, object, limit: asked, after } = query;
    let (limit, after) = (limit("limit", asked)?, after.map(|after| after.to_string()));
    let filter = RunFilter { scenario, status, object };
    Ok(Json(hub.scenarios.runs(&app, filter, after, limit).await?).into_response())
}

/// Show a run, with what its steps did.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/runs/{run}", tag = "scenarios", operation_id = "showRun",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = RunDetail)),
)]
async fn show(State(hub): State<Hub>, caller: Caller, Path((app, run)): Path<(String, i64)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.scenarios.run(&app, run).await?).into_response())
}

/// End a run before its next step.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/runs/{run}", tag = "scenarios", operation_id = "cancelRun",
    security(("bearer" = ["manage"])),
    responses((status = 204), (status = 409)),
)]
async fn cancel(State(hub): State<Hub>, caller: Caller, Path((app, run)): Path<(String, i64)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.scenarios.cancel(&caller.actor(), &app, run).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
