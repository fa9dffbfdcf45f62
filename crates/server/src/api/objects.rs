//! Objects of a structure: `/api/v1/apps/{app}/structures/{structure}/objects`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::Scope,
    data::{Event, ObjectList, ObjectPage, Others},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, Fields, OneOrMore, Path, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, update, replace, remove))
}

/// One object, or several.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes; what comes in is read in one step with its text")]
enum NewObjects {
    One(Fields),
    Several(Vec<Fields>),
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Objects {
    /// Only objects for which this condition holds, such as `{"total": {"gt": 10}}`.
    filter: Option<String>,
    /// The order: names of fields, each with `desc` after it if need be, such as `total,desc,status`.
    sort: Option<String>,
    /// Which part of the list, counted from 0.
    #[param(format = Int64, maximum = 4_294_967_295_u64)]
    page: Option<u32>,
    /// How many objects a part has.
    #[param(minimum = 1, maximum = 200, default = 50)]
    page_size: Option<u32>,
}

/// List objects of a structure.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/structures/{structure}/objects", tag = "data", operation_id = "listObjects",
    security(("bearer" = ["manage"])),
    params(Objects),
    responses((status = 200, body = ObjectPage)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure)): Path<(String, String)>,
    Query(query): Query<Objects>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let Objects { filter, sort, page, page_size } = query;
    let page_size = limit("page_size", page_size)?;
    let list = ObjectList { filter, sort, page: page.unwrap_or(0), page_size };
    Ok(Json(hub.data.objects(&app, &structure, list).await?).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Writing {
    /// `false` saves without an event.
    event: Option<bool>,
}

impl Writing {
    fn event(&self) -> Event {
        event(self.event)
    }
}

fn event(asked: Option<bool>) -> Event {
    if asked == Some(false) { Event::Silent } else { Event::Raised }
}

/// Objects that were created.
#[derive(Serialize, ToSchema)]
struct Created {
    /// In the order in which they were sent.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Value>,
}

/// Create an object, or several, all or none.
///
/// One without an `id` gets one. The answer to one is the object, to a list `{"items": […]}`.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/structures/{structure}/objects", tag = "data", operation_id = "createObjects",
    security(("bearer" = ["manage"])),
    params(Writing),
    request_body(content = NewObjects, example = json!({ "customer": "testUser", "total": 12.5, "status": "new" })),
    responses((status = 201, body = Object), (status = 409)),
)]
async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure)): Path<(String, String)>,
    Query(query): Query<Writing>,
    objects: OneOrMore,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let is_one = matches!(objects, OneOrMore::One(_));
    let (actor, event) = (caller.actor(), query.event());
    let mut items = hub.data.create_objects(&actor, &app, &structure, objects.all(), event).await?;
    let answer = match items.pop() {
        Some(object) if is_one => Json(object).into_response(),
        last => Json(Created { items: items.into_iter().chain(last).collect() }).into_response(),
    };
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Show an object.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/structures/{structure}/objects/{object}", tag = "data", operation_id = "showObject",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Object)),
)]
async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, object)): Path<(String, String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.data.object(&app, &structure, &object).await?).into_response())
}

/// Change the fields of an object that are given; `null` takes one away.
///
/// With a `version` among them, the object has to have that one.
#[utoipa::path(
    patch, path = "/api/v1/apps/{app}/structures/{structure}/objects/{object}", tag = "data",
    operation_id = "updateObject",
    security(("bearer" = ["manage"])),
    params(Writing),
    request_body(content = Fields, example = json!({ "customer": "testUser", "total": 13, "status": "paid" })),
    responses((status = 200, body = Object), (status = 409)),
)]
async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, object)): Path<(String, String, String)>,
    Query(query): Query<Writing>,
    Body(Fields(fields)): Body<Fields>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let (actor, of) = (caller.actor(), (&*app, &*structure, &*object));
    let changed = hub.data.change_object(&actor, of, fields, Others::Stay, query.event()).await?;
    Ok(Json(changed).into_response())
}

/// Give an object other fields: those that aren't given go.
///
/// With a `version` among them, the object has to have that one.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/structures/{structure}/objects/{object}", tag = "data",
    operation_id = "replaceObject",
    security(("bearer" = ["manage"])),
    params(Writing),
    request_body(content = Fields, example = json!({ "customer": "testUser", "total": 13, "status": "paid" })),
    responses((status = 200, body = Object), (status = 409)),
)]
async fn replace(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, object)): Path<(String, String, String)>,
    Query(query): Query<Writing>,
    Body(Fields(fields)): Body<Fields>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let (actor, of) = (caller.actor(), (&*app, &*structure, &*object));
    let changed = hub.data.change_object(&actor, of, fields, Others::Go, query.event()).await?;
    Ok(Json(changed).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Deleting {
    /// `false` deletes without an event.
    event: Option<bool>,
    /// The version that the object has to have.
    version: Option<i64>,
}

/// Delete an object.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/structures/{structure}/objects/{object}", tag = "data",
    operation_id = "deleteObject",
    security(("bearer" = ["manage"])),
    params(Deleting),
    responses((status = 204), (status = 409)),
)]
async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, structure, object)): Path<(String, String, String)>,
    Query(query): Query<Deleting>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let (actor, event) = (caller.actor(), event(query.event));
    hub.data.delete_object(&actor, &app, &structure, &object, query.version, event).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
