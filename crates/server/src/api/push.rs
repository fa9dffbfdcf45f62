//! Push over HTTP, and the sockets that it reaches: `/api/v1/apps/{app}/push`, `…/push/batch`, `…/pushes`, `…/sockets`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    push::{PushReceipt, PushRecord, PushRequest, SocketInfo},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, ListQuery, NumberedQuery, Path, Query, invalid, read_object},
    problem::{Brief, Problem},
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(push))
        .routes(routes!(batch))
        .routes(routes!(pushes))
        .routes(routes!(sockets))
        .routes(routes!(disconnect))
}

const SCOPES: [Scope; 2] = [Scope::Push, Scope::Manage];

/// Push an event to a user, several, a role, or everyone.
///
/// The answer comes when the push is committed to disk.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/push", tag = "push", operation_id = "push",
    security(("bearer" = ["push", "manage"])),
    request_body = PushRequest,
    responses((status = 200, body = PushReceipt)),
)]
async fn push(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(request): Body<PushRequest>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    Ok(Json(hub.pusher.push(&caller.actor(), &app, request).await?).into_response())
}

/// Pushes to be sent in their order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "pushes": [
    { "user_id": "testUser", "event_name": "alert", "message": "Your order is ready" },
    { "user_id": "*", "event_name": "refresh" },
] })))]
struct Batch {
    /// Each as if sent alone. Each is read by itself, so that a mistake in one doesn't stop the others.
    #[schema(value_type = Vec<PushRequest>)]
    pushes: Vec<Box<RawValue>>,
}

/// Push several events, in their order.
///
/// Each has a result of its own, in the order of the requests.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/push/batch", tag = "push", operation_id = "pushBatch",
    security(("bearer" = ["push", "manage"])),
    request_body = Batch,
    responses((status = 200, body = Results)),
)]
async fn batch(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(batch): Body<Batch>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    let batch_max = hub.pusher.options().batch_max;
    if batch.pushes.len() > batch_max {
        return Err(invalid(format!("pushes: must not be more than {batch_max}")));
    }
    let requests: Vec<Result<PushRequest, Problem>> =
        batch.pushes.iter().map(|push| read_object("the push", push.get())).collect();
    let good = requests.iter().flatten().cloned().collect();
    let mut sent = hub.pusher.push_all(&caller.actor(), &app, good).await?.into_iter();
    let results = requests.into_iter().map(|request| match request.map(|_| sent.next()) {
        Ok(Some(Ok(receipt))) => Outcome::Sent(receipt),
        Ok(Some(Err(error))) => Outcome::Refused(Problem::from(error).brief()),
        Ok(None) => Outcome::Refused(Problem::stopping().brief()),
        Err(problem) => Outcome::Refused(problem.brief()),
    });
    Ok(Json(Results { results: results.collect() }).into_response())
}

/// What became of the pushes of a batch.
#[derive(Serialize, ToSchema)]
struct Results {
    /// One for each, in their order.
    results: Vec<Outcome>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Outcome {
    Sent(PushReceipt),
    Refused(Brief),
}

/// List past pushes, newest first.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/pushes", tag = "push", operation_id = "listPushes",
    security(("bearer" = ["push", "manage"])),
    params(NumberedQuery),
    responses((status = 200, body = Paged<PushRecord>)),
)]
async fn pushes(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<NumberedQuery>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    let (after, limit) = (query.after(), query.limit()?);
    Ok(Json(hub.pusher.history(&app, after, limit).await?).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Sockets {
    /// Only this user's.
    user: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// List connected sockets, by id.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/sockets", tag = "sockets", operation_id = "listSockets",
    security(("bearer" = ["push", "manage"])),
    params(Sockets),
    responses((status = 200, body = Paged<SocketInfo>)),
)]
async fn sockets(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Sockets>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    let Sockets { user, limit, after } = query;
    let sockets = hub.pusher.sockets(&app, user).await?;
    Ok(Json(ListQuery { limit, after }.cut(sockets, |socket| &socket.id)?).into_response())
}

/// Disconnect a socket. Its session stays, so it may connect again.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/sockets/{id}", tag = "sockets", operation_id = "disconnectSocket",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn disconnect(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, id)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.pusher.disconnect_socket(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
