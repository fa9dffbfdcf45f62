//! Endpoints of an app, through which front ends reach objects: `/api/v1/apps/{app}/endpoints`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    data::{Endpoint, NewEndpoint},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, ListQuery, Path, Query},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, put, remove))
}

/// List the endpoints of an app, by structure and name.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/endpoints", tag = "data", operation_id = "listEndpoints",
    security(("bearer" = ["manage"])),
    params(ListQuery),
    responses((status = 200, body = Paged<Endpoint>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let endpoints = hub.data.endpoints(&app).await?;
    let named = endpoints.into_iter().map(|found| (format!("{}/{}", found.structure, found.method), found));
    let Paged { items, next } = query.cut(named.collect(), |(name, _)| name)?;
    let items: Vec<Endpoint> = items.into_iter().map(|(_, endpoint)| endpoint).collect();
    Ok(Json(Paged { items, next }).into_response())
}

/// Show an endpoint.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/endpoints/{structure}/{method}", tag = "data", operation_id = "showEndpoint",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Endpoint)),
)]
async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, method)): Path<(String, String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.data.endpoint(&app, &structure, &method).await?).into_response())
}

/// Create an endpoint, or change one.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/endpoints/{structure}/{method}", tag = "data", operation_id = "putEndpoint",
    security(("bearer" = ["manage"])),
    request_body = NewEndpoint,
    responses((status = 200, body = Endpoint)),
)]
async fn put(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, method)): Path<(String, String, String)>,
    Body(new): Body<NewEndpoint>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let endpoint = hub.data.put_endpoint(&caller.actor(), &app, &structure, &method, new).await?;
    Ok(Json(endpoint).into_response())
}

/// Delete an endpoint.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/endpoints/{structure}/{method}", tag = "data", operation_id = "deleteEndpoint",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, method)): Path<(String, String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.data.delete_endpoint(&caller.actor(), &app, &structure, &method).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
