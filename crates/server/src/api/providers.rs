//! Providers over HTTP: list them, ask one, speak in one's name.
//!
//! | Call | Answer |
//! |---|---|
//! | `GET /api/v1/apps/{app}/providers` | 200 `{"items":[{"provider_id","name","online","members","followers"}]}` |
//! | `POST …/providers/{id}/request` with a JSON object | 200 and the payload of the first reply; with `?wait=0` 202 at once |
//! | `POST …/providers/{id}/broadcast` with a JSON object | 202 `{"followers":N}` |
//!
//! Binary values in a reply come as `{"base64":"…"}`.

use std::collections::HashMap;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use campanile_hub::{ShardId, Tenant};
use campanile_platform::{
    Message,
    accounts::{BridgeAccess, Scope},
    bridge::{self, Call, ProviderId},
};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Path, Query, invalid, read_text},
    problem::Problem,
};
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(request)).routes(routes!(broadcast))
}

/// The providers that are online.
#[derive(Serialize, ToSchema)]
struct Providers {
    items: Vec<Provider>,
}

/// A provider.
#[derive(Serialize, ToSchema)]
struct Provider {
    /// What it is asked and followed by.
    provider_id: String,
    /// For people, if it gave one.
    name: Option<String>,
    /// Always true: others aren't listed.
    online: bool,
    /// How many sockets serve the id.
    members: usize,
    /// How many sockets follow it.
    followers: usize,
}

/// List the providers that are online, by id.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/providers", tag = "providers", operation_id = "listProviders",
    security((), ("bearer" = ["provider", "manage"])),
    responses((status = 200, body = Providers)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Result<Caller, Problem>,
    Path(app): Path<String>,
) -> Result<Response, Problem> {
    let app = tenant(&hub, &app, caller).await?;
    let followers = followers(&hub, app).await;
    let items = hub
        .registry
        .list(app)
        .into_iter()
        .map(|provider| Provider {
            followers: followers.get(&provider.provider_id).copied().unwrap_or(0),
            provider_id: provider.provider_id.as_str().to_owned(),
            name: provider.name.map(String::from),
            online: true,
            members: provider.members.len(),
        })
        .collect();
    Ok(Json(Providers { items }).into_response())
}

/// Followers by provider, added up over the shards.
async fn followers(hub: &Hub, app: Tenant) -> HashMap<ProviderId, usize> {
    let mut total = HashMap::new();
    for shard in 0..hub.shards.shards() {
        let (reply, answer) = oneshot::channel();
        call(hub, shard as ShardId, Call::Followers { app, reply });
        for bridge::Follower { provider_id, followers } in answer.await.unwrap_or_default() {
            *total.entry(provider_id).or_default() += followers;
        }
    }
    total
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RequestQuery {
    /// Whether to wait for the reply: 1 (default) or 0.
    #[param(pattern = "^(0|1|true|false)$")]
    wait: Option<String>,
}

/// Ask a provider.
///
/// The answer is the payload of its first reply, with binary values as `{"base64": "…"}`.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/providers/{id}/request", tag = "providers", operation_id = "requestProvider",
    security((), ("bearer" = ["provider", "manage"])),
    params(RequestQuery),
    request_body(content = Object, example = json!({ "cmd": "read" })),
    responses((status = 200, body = Object), (status = 202, body = Sent), (status = 504)),
)]
async fn request(
    State(hub): State<Hub>,
    caller: Result<Caller, Problem>,
    Path((app, id)): Path<(String, String)>,
    Query(query): Query<RequestQuery>,
    body: Body,
) -> Result<Response, Problem> {
    let app = tenant(&hub, &app, caller).await?;
    let provider_id = ProviderId::new(&id, "provider_id")?;
    let waits = match query.wait.as_deref() {
        None | Some("1" | "true") => true,
        Some("0" | "false") => false,
        Some(_) => return Err(invalid("wait: must be 0 or 1")),
    };
    let payload = read_object(&hub, body).await?;
    let (sent, was_sent) = oneshot::channel();
    let (reply, answer) = oneshot::channel();
    let reply = waits.then_some(reply);
    let shard = provider_id.speaker(hub.shards.shards());
    call(&hub, shard, Call::Request { app, provider_id, payload, reply, sent });
    was_sent.await.map_err(|_| Problem::stopping())??;
    if !waits {
        return Ok((StatusCode::ACCEPTED, Json(Sent { ok: true })).into_response());
    }
    let reply = answer.await.map_err(|_| Problem::stopping())??;
    Ok(([(header::CONTENT_TYPE, "application/json")], reply.into_json()).into_response())
}

/// Broadcast to the followers of a provider, in its name.
///
/// The provider needn't be online.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/providers/{id}/broadcast", tag = "providers", operation_id = "broadcastAsProvider",
    security((), ("bearer" = ["provider", "manage"])),
    request_body(content = Object, example = json!({ "cmd": "temperature", "data": 22 })),
    responses((status = 202, body = Heard)),
)]
async fn broadcast(
    State(hub): State<Hub>,
    caller: Result<Caller, Problem>,
    Path((app, id)): Path<(String, String)>,
    body: Body,
) -> Result<Response, Problem> {
    let app = tenant(&hub, &app, caller).await?;
    let provider_id = ProviderId::new(&id, "provider_id")?;
    let payload = read_object(&hub, body).await?;
    let followers = followers(&hub, app).await.get(&provider_id).copied().unwrap_or(0);
    let (sent, was_sent) = oneshot::channel();
    let shard = provider_id.speaker(hub.shards.shards());
    call(&hub, shard, Call::Broadcast { app, provider_id, payload, sent });
    was_sent.await.map_err(|_| Problem::stopping())?;
    Ok((StatusCode::ACCEPTED, Json(Heard { followers })).into_response())
}

/// A request that nobody waits for.
#[derive(Serialize, ToSchema)]
struct Sent {
    /// It is on its way.
    ok: bool,
}

/// A broadcast that was sent.
#[derive(Serialize, ToSchema)]
struct Heard {
    /// How many followed when it was sent.
    followers: usize,
}

/// The open bridge of an app is as open over HTTP; a locked one needs a key.
async fn tenant(hub: &Hub, app: &str, caller: Result<Caller, Problem>) -> Result<Tenant, Problem> {
    let bridge = hub.accounts.bridge_of(app);
    if app != "public" || bridge.as_ref().is_ok_and(|(_, access)| *access == BridgeAccess::Locked) {
        caller?.may(app, &[Scope::Provider, Scope::Manage])?;
    }
    Ok(bridge?.0)
}

fn call(hub: &Hub, shard: ShardId, call: Call) {
    // Without a shard to take it the call is dropped, and its reply channel tells.
    hub.shards.send(shard, Message::Bridge(bridge::Message::Call(call)));
}

/// The body as the text of one JSON object.
async fn read_object(hub: &Hub, body: Body) -> Result<String, Problem> {
    let text = read_text(hub, body).await?;
    if text.starts_with('{') { Ok(text) } else { Err(invalid("the body must be one JSON object")) }
}
