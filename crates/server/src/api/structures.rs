//! Structures of an app: `/api/v1/apps/{app}/structures`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    data::{NewStructure, Structure},
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

/// List the structures of an app, by name.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/structures", tag = "data", operation_id = "listStructures",
    security(("bearer" = ["manage"])),
    params(ListQuery),
    responses((status = 200, body = Paged<Structure>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let structures = hub.data.structures(&app).await?;
    Ok(Json(query.cut(structures, |structure| &structure.name)?).into_response())
}

/// Show a structure.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/structures/{structure}", tag = "data", operation_id = "showStructure",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Structure)),
)]
async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.data.structure(&app, &structure).await?).into_response())
}

/// Create a structure, or change one.
///
/// Objects stay as they are: values of a field that is gone aren't shown any more, and go with the object's next change.
/// While an endpoint needs a field, it can't go.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/structures/{structure}", tag = "data", operation_id = "putStructure",
    security(("bearer" = ["manage"])),
    request_body = NewStructure,
    responses((status = 200, body = Structure)),
)]
async fn put(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure)): Path<(String, String)>,
    Body(new): Body<NewStructure>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.data.put_structure(&caller.actor(), &app, &structure, new).await?).into_response())
}

/// Delete a structure with its objects and endpoints.
///
/// No event is raised for the objects.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/structures/{structure}", tag = "data", operation_id = "deleteStructure",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.data.delete_structure(&caller.actor(), &app, &structure).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
