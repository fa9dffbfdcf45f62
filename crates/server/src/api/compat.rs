//! The REST calls of the platform whose front ends work here unchanged: log in, check, log out. Those about data are in
//! `compat_data`.
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
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use campanile_platform::accounts::{AccountError, ClientInfo, Code, Login};
use campanile_transport::{Cors, Origins};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{admin::From, compat_data, input::read_text};
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(log_in))
        .routes(routes!(check))
        .routes(routes!(log_out))
        .merge(compat_data::router())
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
pub(super) const REFUSED: u32 = 100;

/// A refusal, in the envelope of the other platform.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompatibleRefusal)]
pub(super) struct Envelope {
    msg: String,
    /// 108 for wrong credentials, else 100.
    code: u32,
    http_code: u16,
    type_error: &'static str,
    #[schema(value_type = Object)]
    error_variables: Value,
    payload: Value,
    status: &'static str,
}

pub(super) fn refusal(status: StatusCode, code: u32, message: &str) -> Response {
    let body = Envelope {
        msg: message.to_owned(),
        code,
        http_code: status.as_u16(),
        type_error: "ERROR",
        error_variables: Value::Object(Map::new()),
        payload: Value::Null,
        status: "ERROR",
    };
    (status, Json(body)).into_response()
}

/// A success, in the envelope of the other platform.
#[derive(Serialize, ToSchema)]
#[schema(as = CompatibleAnswer)]
pub(super) struct Answer<T> {
    result: T,
    /// `ok`; absent where `result.result` is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

impl<T: Serialize> Answer<T> {
    pub(super) fn ok(result: T) -> Response {
        Json(Self { result, status: Some("ok") }).into_response()
    }
}

/// Who logs in. Other fields, such as `provider`, are tolerated.
#[derive(ToSchema)]
#[schema(as = CompatibleCredentials, examples(json!({
    "provider": "rest", "username": "testUser", "password": "correct horse",
})))]
#[expect(dead_code, reason = "it describes; what comes in is read leniently")]
struct Credentials {
    username: String,
    password: String,
    /// An API key of the app, if the query has none.
    #[serde(rename = "appID")]
    app_id: Option<String>,
}

/// A session of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = CompatibleLogin)]
struct LoggedIn {
    token: String,
    username: String,
    role: String,
    nid: i64,
}

/// Whether a session lives, and whose it is.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = CompatibleCheck)]
struct Checked {
    result: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<CheckedToken>,
}

/// The same once more, where front ends look for it.
#[derive(Serialize, ToSchema)]
#[schema(as = CompatibleToken)]
struct CheckedToken {
    token: String,
    #[serde(rename = "sessionID")]
    session_id: String,
    username: String,
    role: String,
}

pub(super) fn refused(error: &AccountError) -> Response {
    match error.code {
        Code::CredentialsWrong => {
            refusal(StatusCode::BAD_REQUEST, WRONG_CREDENTIALS, "User or password incorrect")
        }
        Code::Forbidden => refusal(StatusCode::FORBIDDEN, REFUSED, &error.message),
        Code::LimitReached => {
            with_retry(error, refusal(StatusCode::TOO_MANY_REQUESTS, REFUSED, &error.message))
        }
        Code::Overloaded => {
            with_retry(error, refusal(StatusCode::SERVICE_UNAVAILABLE, REFUSED, &error.message))
        }
        Code::StorageFailed | Code::ScenarioFailed => {
            refusal(StatusCode::INTERNAL_SERVER_ERROR, REFUSED, &error.message)
        }
        Code::ScenarioTimeout => refusal(StatusCode::GATEWAY_TIMEOUT, REFUSED, &error.message),
        _ => refusal(StatusCode::BAD_REQUEST, REFUSED, &error.message),
    }
}

fn with_retry(error: &AccountError, mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, error.retry_after_s.unwrap_or(1).into());
    response
}

/// Log in as a user of an app.
#[utoipa::path(
    post, path = "/good/api/v5/auth", tag = "compatible", operation_id = "compatibleLogIn",
    security(()),
    params(("appID" = Option<String>, Query, description = "An API key of the app.")),
    request_body = Credentials,
    responses(
        (status = 200, body = Answer<LoggedIn>),
        (status = 400, body = Envelope), (status = 429, body = Envelope),
        (status = 500, body = Envelope), (status = 503, body = Envelope),
    ),
)]
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
            let Login { token, user_id: username, role, id: nid, .. } = login;
            Answer::ok(LoggedIn { token, username, role, nid })
        }
        Err(error) => refused(&error),
    }
}

/// Check a session.
///
/// Everything that isn't a live session is a plain no.
#[utoipa::path(
    get, path = "/good/api/v4/auth/check", tag = "compatible", operation_id = "compatibleCheck",
    security(()),
    params(("sessionID" = Option<String>, Query, description = "The token of a session.")),
    responses((status = 200, body = Answer<Checked>), (status = 500, body = Envelope), (status = 503, body = Envelope)),
)]
async fn check(State(hub): State<Hub>, query: Parameters) -> Response {
    let no = || Json(Answer { result: Checked::default(), status: None }).into_response();
    let Some(token) = query.get("sessionID") else { return no() };
    match hub.accounts.check_session(token).await {
        Ok(Some(session)) => {
            let (username, role) = (session.user_id, session.role);
            let (token, session_id) = (token.to_owned(), token.to_owned());
            let token = CheckedToken { token, session_id, username: username.clone(), role: role.clone() };
            let (username, role, token) = (Some(username), Some(role), Some(token));
            Answer::ok(Checked { result: true, username, role, token })
        }
        Ok(None) => no(),
        Err(error) => refused(&error),
    }
}

/// Log out. Whatever the session, the answer is yes.
#[utoipa::path(
    get, path = "/good/api/v4/auth/logout", tag = "compatible", operation_id = "compatibleLogOut",
    security(()),
    params(("sessionID" = Option<String>, Query, description = "The token of a session.")),
    responses((status = 200, body = Answer<bool>), (status = 500, body = Envelope), (status = 503, body = Envelope)),
)]
async fn log_out(State(hub): State<Hub>, query: Parameters) -> Response {
    match hub.accounts.log_out(query.get("sessionID").unwrap_or_default()).await {
        Ok(()) => Answer::ok(true),
        Err(error) => refused(&error),
    }
}

/// What is in the query, each name with its first value.
pub(super) struct Parameters(HashMap<String, String>);

impl Parameters {
    /// JavaScript writes out what it doesn't have.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !matches!(*value, "" | "null" | "undefined"))
    }

    pub(super) fn all(&self) -> &HashMap<String, String> {
        &self.0
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
