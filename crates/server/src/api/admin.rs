//! Administrators: `POST /api/v1/admin/login`, `POST …/logout`, `GET …/me`, `PUT …/password`, and `GET /api/v1/audit`.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use campanile_platform::accounts::{AdminLogin, AuditEntry, Paged};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::{COOKIE, Caller, peer},
    input::{Body, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(audit))
}

/// The `Parts` of a request, for where it came from.
pub(crate) struct From(pub(crate) Option<std::net::IpAddr>);

impl axum::extract::FromRequestParts<Hub> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Hub) -> Result<Self, Self::Rejection> {
        Ok(Self(peer(parts)))
    }
}

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "admin", "password": "correct horse" })))]
struct Credentials {
    name: String,
    password: String,
}

/// A new session of an administrator.
#[derive(Serialize, ToSchema)]
struct LoggedIn {
    /// Who.
    name: String,
    /// What programs present as bearer.
    token: String,
    /// What pages send as `X-CSRF-Token`.
    csrf_token: String,
    /// When it ends, in milliseconds since the epoch.
    expires_at_ms: i64,
}

/// Log in as an administrator.
///
/// A page gets a cookie that scripts can't read; a program sends the `token` as `Authorization: Bearer`.
#[utoipa::path(
    post, path = "/api/v1/admin/login", tag = "administrators", operation_id = "logIn",
    security(()),
    request_body = Credentials,
    responses((status = 200, body = LoggedIn), (status = 401), (status = 429)),
)]
async fn log_in(
    State(hub): State<Hub>,
    From(address): From,
    Body(login): Body<Credentials>,
) -> Result<Response, Problem> {
    let login = hub.accounts.admin_log_in(&login.name, &login.password, address).await?;
    let cookie = set_cookie(&hub, &login.token, "");
    let AdminLogin { token, csrf: csrf_token, name, expires_at_ms } = login;
    Ok((cookie, Json(LoggedIn { name, token, csrf_token, expires_at_ms })).into_response())
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

/// Log out.
#[utoipa::path(
    post, path = "/api/v1/admin/logout", tag = "administrators", operation_id = "logOut",
    security(("bearer" = ["administrator"])),
    responses((status = 204)),
)]
async fn log_out(State(hub): State<Hub>, caller: Caller) -> Result<Response, Problem> {
    let (_, token) = caller.admin()?;
    hub.accounts.admin_log_out(token).await?;
    Ok((StatusCode::NO_CONTENT, set_cookie(&hub, "", "; Max-Age=0")).into_response())
}

/// Show who is logged in.
#[utoipa::path(
    get, path = "/api/v1/admin/me", tag = "administrators", operation_id = "showMe",
    security(("bearer" = ["administrator"])),
    responses((status = 200, body = Me)),
)]
async fn me(State(hub): State<Hub>, caller: Caller) -> Result<Response, Problem> {
    let (name, token) = caller.admin()?;
    let session = hub.accounts.admin_of(token).await?.ok_or_else(Problem::stopping)?;
    let (name, csrf_token) = (name.to_owned(), session.csrf);
    Ok(Json(Me { name, csrf_token, expires_at_ms: session.expires_at_ms }).into_response())
}

/// The administrator that calls.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Who.
    name: String,
    /// What pages send as `X-CSRF-Token`.
    csrf_token: String,
    /// When the session ends, in milliseconds since the epoch.
    expires_at_ms: i64,
}

/// A change of password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange, examples(json!({ "old_password": "correct horse", "new_password": "battery staple" })))]
struct Password {
    old_password: String,
    #[schema(min_length = 8, max_length = 1024)]
    new_password: String,
}

/// Set a new password, and end all sessions of the administrator.
#[utoipa::path(
    put, path = "/api/v1/admin/password", tag = "administrators", operation_id = "changePassword",
    security(("bearer" = ["administrator"])),
    request_body = Password,
    responses((status = 204)),
)]
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

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only changes in this app.
    app: Option<String>,
    limit: Option<u32>,
    after: Option<i64>,
}

/// List what was changed by whom, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", operation_id = "listAudit",
    security(("bearer" = ["administrator"])),
    params(AuditQuery),
    responses((status = 200, body = Paged<AuditEntry>)),
)]
async fn audit(
    State(hub): State<Hub>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    caller.admin()?;
    let (after, limit) = (query.after.map(|after| after.to_string()), limit("limit", query.limit)?);
    Ok(Json(hub.accounts.audit(query.app, after, limit).await?).into_response())
}
