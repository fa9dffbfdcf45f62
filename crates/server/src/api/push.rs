//! Push over HTTP, and the sockets that it reaches: `/api/v1/apps/{app}/push`, `…/push/batch`, `…/pushes`, `…/sockets`.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use campanile_platform::{accounts::Scope, push::PushRequest};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    caller::Caller,
    input::{Body, ListQuery, Path, Query, invalid},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/api/v1/apps/{app}/push", post(push))
        .route("/api/v1/apps/{app}/push/batch", post(batch))
        .route("/api/v1/apps/{app}/pushes", get(pushes))
        .route("/api/v1/apps/{app}/sockets", get(sockets))
        .route("/api/v1/apps/{app}/sockets/{id}", delete(disconnect))
}

const SCOPES: [Scope; 2] = [Scope::Push, Scope::Manage];

async fn push(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(request): Body<PushRequest>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    Ok(Json(hub.pusher.push(&caller.actor(), &app, request).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// Each is read by itself, so that a mistake in one doesn't stop the others.
    pushes: Vec<Box<RawValue>>,
}

/// Each push has a result of its own, in the order of the requests.
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
    let read = |raw: Box<RawValue>| {
        serde_json::from_str::<PushRequest>(raw.get()).map_err(|error| invalid(error.to_string()))
    };
    let requests: Vec<Result<PushRequest, Problem>> = batch.pushes.into_iter().map(read).collect();
    let good = requests.iter().flatten().cloned().collect();
    let mut sent = hub.pusher.push_all(&caller.actor(), &app, good).await?.into_iter();
    let results = requests.into_iter().map(|request| match request.map(|_| sent.next()) {
        Ok(Some(Ok(receipt))) => json!(receipt),
        Ok(Some(Err(error))) => Problem::from(error).brief(),
        Ok(None) => Problem::stopping().brief(),
        Err(problem) => problem.brief(),
    });
    let results: Vec<Value> = results.collect();
    Ok(Json(json!({ "results": results })).into_response())
}

async fn pushes(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    let limit = query.limit()?;
    Ok(Json(hub.pusher.history(&app, query.after, limit).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sockets {
    user: Option<String>,
}

async fn sockets(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Sockets>,
) -> Answer {
    caller.may(&app, &SCOPES)?;
    Ok(Json(json!({ "items": hub.pusher.sockets(&app, query.user).await?, "next": null })).into_response())
}

async fn disconnect(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, id)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.pusher.disconnect_socket(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
