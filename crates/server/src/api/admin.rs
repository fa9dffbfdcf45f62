//! Administrators: `POST /api/v1/admin/login`, `POST …/logout`, `GET …/me`, `PUT …/password`, and `GET /api/v1/audit`.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    caller::{COOKIE, Caller, peer},
    input::{Body, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/api/v1/admin/login", post(log_in))
        .route("/api/v1/admin/logout", post(log_out))
        .route("/api/v1/admin/me", get(me))
        .route("/api/v1/admin/password", put(change_password))
        .route("/api/v1/audit", get(audit))
}

/// The `Parts` of a request, for where it came from.
pub(crate) struct From(pub(crate) Option<std::net::IpAddr>);

impl axum::extract::FromRequestParts<Hub> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Hub) -> Result<Self, Self::Rejection> {
        Ok(Self(peer(parts)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    name: String,
    password: String,
}

async fn log_in(
    State(hub): State<Hub>,
    From(address): From,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    let login = hub.accounts.admin_log_in(&login.name, &login.password, address).await?;
    let body = json!({
        "name": login.name, "token": login.token, "csrf_token": login.csrf, "expires_at_ms": login.expires_at_ms,
    });
    Ok((set_cookie(&hub, &login.token, ""), Json(body)).into_response())
}

/// `more` may end its life.
fn set_cookie(hub: &Hub, token: &str, more: &str) -> HeaderMap {
    let secure = if hub.is_secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/{secure}{more}");
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::SET_COOKIE, value);
    }
    headers
}

async fn log_out(State(hub): State<Hub>, caller: Caller) -> Result<Response, Problem> {
    let (_, token) = caller.admin()?;
    hub.accounts.admin_log_out(token).await?;
    Ok((StatusCode::NO_CONTENT, set_cookie(&hub, "", "; Max-Age=0")).into_response())
}

async fn me(State(hub): State<Hub>, caller: Caller) -> Result<Response, Problem> {
    let (name, token) = caller.admin()?;
    let session = hub.accounts.admin_of(token).await?.ok_or_else(Problem::stopping)?;
    let body = json!({ "name": name, "csrf_token": session.csrf, "expires_at_ms": session.expires_at_ms });
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Password {
    old_password: String,
    new_password: String,
}

async fn change_password(
    State(hub): State<Hub>,
    caller: Caller,
    Body(password): Body<Password>,
) -> Result<StatusCode, Problem> {
    let (name, _) = caller.admin()?;
    let Password { old_password, new_password } = password;
    hub.accounts.change_admin_password(&caller.actor(), name, &old_password, &new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    app: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

async fn audit(
    State(hub): State<Hub>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    caller.admin()?;
    Ok(Json(hub.accounts.audit(query.app, query.after, limit(query.limit)?).await?).into_response())
}
