//! The REST calls of the platform whose front ends work here unchanged: log in, check, log out.
//!
//! | Call | Answer |
//! |---|---|
//! | `POST /good/api/v5/auth?appID=K` `{username, password}` | 200 with the session's token, 400 in the envelope |
//! | `GET /good/api/v4/auth/check?sessionID=` | 200 `{"result":{"result":true,…}}` or `{"result":{"result":false}}` |
//! | `GET /good/api/v4/auth/logout?sessionID=` | 200, whatever the session |
//!
//! Unknown parameters are tolerated: its client sends its whole configuration along. Pages of every origin may call;
//! nothing here works by cookie.

use std::collections::HashMap;

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use campanile_platform::accounts::{AccountError, ClientInfo, Code};
use campanile_transport::{Cors, Origins};
use serde_json::{Value, json};

use super::{admin::From, input::read_text};
use crate::hub::Hub;

pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/good/api/v5/auth", post(log_in))
        .route("/good/api/v4/auth/check", get(check))
        .route("/good/api/v4/auth/logout", get(log_out))
        .layer(middleware::from_fn(any_origin))
}

const ANY_ORIGIN: Cors = Cors { origins: Origins::Any, credentials: false };

async fn any_origin(request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        ANY_ORIGIN.decorate_preflight(request.headers(), response.headers_mut());
        return response;
    }
    let mut response = next.run(request).await;
    ANY_ORIGIN.decorate(None, response.headers_mut());
    response
}

/// The code of a refused login.
const WRONG_CREDENTIALS: u32 = 108;
/// The code of every other refusal.
const REFUSED: u32 = 100;

fn refusal(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({
        "msg": message, "code": code, "httpCode": status.as_u16(), "typeError": "ERROR", "errorVariables": {},
        "payload": null, "status": "ERROR",
    });
    (status, Json(body)).into_response()
}

fn refused(error: &AccountError) -> Response {
    match error.code {
        Code::CredentialsWrong => {
            refusal(StatusCode::BAD_REQUEST, WRONG_CREDENTIALS, "User or password incorrect")
        }
        Code::LimitReached => {
            with_retry(error, refusal(StatusCode::TOO_MANY_REQUESTS, REFUSED, &error.message))
        }
        Code::Overloaded => {
            with_retry(error, refusal(StatusCode::SERVICE_UNAVAILABLE, REFUSED, &error.message))
        }
        Code::StorageFailed => refusal(StatusCode::INTERNAL_SERVER_ERROR, REFUSED, &error.message),
        _ => refusal(StatusCode::BAD_REQUEST, REFUSED, &error.message),
    }
}

fn with_retry(error: &AccountError, mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, error.retry_after_s.unwrap_or(1).into());
    response
}

async fn log_in(
    State(hub): State<Hub>,
    From(address): From,
    query: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(text) = read_text(&hub, body).await else {
        return refusal(StatusCode::BAD_REQUEST, REFUSED, "the body must be a JSON object");
    };
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let app = query.get("appID").or_else(|| field("appID")).unwrap_or_default();
    let (user, password) = (field("username").unwrap_or_default(), field("password").unwrap_or_default());
    let user_agent =
        headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let client = ClientInfo { address, user_agent: user_agent.to_owned() };
    match hub.accounts.log_in(app, user, password, client).await {
        Ok(login) => {
            let result = json!({ "token": login.token, "username": login.user_id, "role": login.role, "nid": login.id });
            Json(json!({ "result": result, "status": "ok" })).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Its callers have no catch, so everything that isn't a live session is a plain no.
async fn check(State(hub): State<Hub>, query: Parameters) -> Response {
    let no = || Json(json!({ "result": { "result": false } })).into_response();
    let Some(token) = query.get("sessionID") else { return no() };
    match hub.accounts.check_session(token).await {
        Ok(Some(session)) => {
            let (username, role) = (session.user_id, session.role);
            let token = json!({ "token": token, "sessionID": token, "username": username, "role": role });
            let result = json!({ "result": true, "username": username, "role": role, "token": token });
            Json(json!({ "result": result, "status": "ok" })).into_response()
        }
        Ok(None) => no(),
        Err(error) => refused(&error),
    }
}

async fn log_out(State(hub): State<Hub>, query: Parameters) -> Response {
    match hub.accounts.log_out(query.get("sessionID").unwrap_or_default()).await {
        Ok(()) => Json(json!({ "result": true, "status": "ok" })).into_response(),
        Err(error) => refused(&error),
    }
}

/// What is in the query, each name with its first value.
struct Parameters(HashMap<String, String>);

impl Parameters {
    /// JavaScript writes out what it doesn't have.
    fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !matches!(*value, "" | "null" | "undefined"))
    }
}

impl axum::extract::FromRequestParts<Hub> for Parameters {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &Hub,
    ) -> Result<Self, Self::Rejection> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let mut values = HashMap::new();
        for (name, value) in pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default() {
            values.entry(name).or_insert(value);
        }
        Ok(Self(values))
    }
}
