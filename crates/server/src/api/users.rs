//! Users and sessions of an app: `/api/v1/apps/{app}/users`, `…/sessions`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::accounts::{
    Login, NewUser, Paged, Scope, Session, User, UserChange, UserQuery, UsersByPresence,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, Path, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
        .routes(routes!(revoke_all))
        .routes(routes!(sessions, open_session))
        .routes(routes!(revoke))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Users {
    /// Only users in this role.
    role: Option<String>,
    /// Only users whose id starts so.
    starts_with: Option<String>,
    /// Only users who are online, if `true`.
    #[serde(default)]
    online: bool,
    limit: Option<u32>,
    after: Option<String>,
}

/// List the users of an app, by id.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/users", tag = "users", operation_id = "listUsers",
    security(("bearer" = ["push", "manage"])),
    params(Users),
    responses((status = 200, body = Paged<User>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Users>,
) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage])?;
    let Users { role, starts_with, online, limit: asked, after } = query;
    let presence = if online { UsersByPresence::Online } else { UsersByPresence::All };
    let query = UserQuery { role, starts_with, presence, after, limit: limit("limit", asked)? };
    Ok(Json(hub.accounts.users(&app, query).await?).into_response())
}

/// Create a user.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/users", tag = "users", operation_id = "createUser",
    security(("bearer" = ["manage"])),
    request_body = NewUser,
    responses((status = 201, body = User), (status = 409)),
)]
async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(new): Body<NewUser>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let user = hub.accounts.create_user(&caller.actor(), &app, new).await?;
    Ok((StatusCode::CREATED, Json(user)).into_response())
}

/// Show a user.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/users/{user}", tag = "users", operation_id = "showUser",
    security(("bearer" = ["push", "manage"])),
    responses((status = 200, body = User)),
)]
async fn show(State(hub): State<Hub>, caller: Caller, Path((app, user)): Path<(String, String)>) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage])?;
    Ok(Json(hub.accounts.user(&app, &user).await?).into_response())
}

/// Change a user.
///
/// A new role counts for sockets that connect from then on.
#[utoipa::path(
    patch, path = "/api/v1/apps/{app}/users/{user}", tag = "users", operation_id = "updateUser",
    security(("bearer" = ["manage"])),
    request_body = UserChange,
    responses((status = 200, body = User)),
)]
async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, user)): Path<(String, String)>,
    Body(change): Body<UserChange>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.accounts.update_user(&caller.actor(), &app, &user, change).await?).into_response())
}

/// Delete a user with all sessions, and end the user's sockets.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/users/{user}", tag = "users", operation_id = "deleteUser",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn remove(State(hub): State<Hub>, caller: Caller, Path((app, user)): Path<(String, String)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.delete_user(&caller.actor(), &app, &user).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// End all sessions of a user, and their sockets.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/users/{user}/sessions", tag = "sessions", operation_id = "revokeSessions",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Revoked)),
)]
async fn revoke_all(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, user)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let revoked = hub.accounts.revoke_sessions_of_user(&caller.actor(), &app, &user).await?;
    Ok(Json(Revoked { revoked }).into_response())
}

/// What was ended.
#[derive(Serialize, ToSchema)]
struct Revoked {
    /// How many sessions.
    revoked: usize,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Sessions {
    /// Only this user's.
    user: Option<String>,
    limit: Option<u32>,
    after: Option<i64>,
}

/// List the sessions of an app or of one of its users, newest first.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/sessions", tag = "sessions", operation_id = "listSessions",
    security(("bearer" = ["manage"])),
    params(Sessions),
    responses((status = 200, body = Paged<Session>)),
)]
async fn sessions(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Sessions>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let (after, limit) = (query.after.map(|after| after.to_string()), limit("limit", query.limit)?);
    Ok(Json(hub.accounts.sessions(&app, query.user, after, limit).await?).into_response())
}

/// A session to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "user_id": "testUser" })))]
struct NewSession {
    /// Whose.
    user_id: String,
}

/// Open a session for a user without a password, on a backend's word.
///
/// The token is in this answer and never shown again.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/sessions", tag = "sessions", operation_id = "openSession",
    security(("bearer" = ["manage"])),
    request_body = NewSession,
    responses((status = 201, body = Login)),
)]
async fn open_session(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(new): Body<NewSession>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let login = hub.accounts.create_session(&caller.actor(), &app, &new.user_id).await?;
    Ok((StatusCode::CREATED, Json(login)).into_response())
}

/// End a session and its sockets.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/sessions/{id}", tag = "sessions", operation_id = "revokeSession",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn revoke(State(hub): State<Hub>, caller: Caller, Path((app, id)): Path<(String, i64)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_session(&caller.actor(), &app, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
