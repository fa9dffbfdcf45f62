//! Webhooks: the addresses of scenarios, `/hooks/{hook}`. Who knows one may call it; nothing else is asked.

use std::collections::HashMap;

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campanile_platform::{
    runner::{HookAnswer, HookCall},
    scenarios::engine,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    input::{Path, Query, check_depth, invalid, read_text_or_nothing},
    problem::Problem,
};
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(call))
}

/// A run that a webhook has started.
#[derive(Serialize, ToSchema)]
#[schema(as = HookAnswer)]
struct Started {
    /// Its number; `null` if the scenario's filter held it back.
    run: Option<i64>,
}

/// Start the scenario that has this address.
///
/// The scenario sees the query, `method` and `body` as `HttpRequest`. If it has a step that responds, the caller waits for what that
/// says: any status, any body.
#[utoipa::path(
    post, path = "/hooks/{hook}", tag = "scenarios", operation_id = "callHook",
    security(()),
    request_body(content = Object, example = json!({ "order": "7" })),
    responses(
        (status = 200), (status = 202, body = Started), (status = 400), (status = 404), (status = 408), (status = 413),
        (status = 429), (status = 500), (status = 503), (status = 504),
    ),
)]
async fn call(
    State(hub): State<Hub>,
    Path(hook): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = body_of(&hub, &parts.headers, body).await?;
    let method = parts.method.as_str().to_owned();
    match hub.scenarios.call_hook(&hook, HookCall { method, parameters, body }).await? {
        HookAnswer::Started(run) => Ok((StatusCode::ACCEPTED, Json(Started { run })).into_response()),
        HookAnswer::Response(said) => Ok(response(said)),
    }
}

/// A value if it is JSON, else the text.
async fn body_of(hub: &Hub, headers: &HeaderMap, body: Body) -> Result<Value, Problem> {
    let text = read_text_or_nothing(hub, body).await?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if !kind.contains("json") {
        return Ok(text.into());
    }
    check_depth(hub, &text)?;
    serde_json::from_str(&text).map_err(|error| invalid(format!("the body: {error}")))
}

/// What a scenario says, as a response. Pages of other origins may read it where they may call; as a page of this hub nobody
/// may open it.
pub(super) fn response(said: engine::Response) -> Response {
    let engine::Response { status, content_type, body } = said;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = HeaderValue::from_str(&content_type);
    let kind = kind.unwrap_or_else(|_| HeaderValue::from_static("text/plain; charset=utf-8"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}
