//! Users and sessions of an app: `/api/v1/apps/{app}/users`, `…/sessions`.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use campanile_platform::accounts::{NewUser, Scope, UserChange, UserQuery};
use serde::Deserialize;
use serde_json::json;

use super::{
    caller::Caller,
    input::{Body, Path, Query, limit},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/api/v1/apps/{app}/users", get(list).post(create))
        .route("/api/v1/apps/{app}/users/{user}", get(show).patch(update).delete(remove))
        .route("/api/v1/apps/{app}/users/{user}/sessions", delete(revoke_all))
        .route("/api/v1/apps/{app}/sessions", get(sessions).post(open_session))
        .route("/api/v1/apps/{app}/sessions/{id}", delete(revoke))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    role: Option<String>,
    starts_with: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Users>,
) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage])?;
    let Users { role, starts_with, limit: asked, after } = query;
    let query = UserQuery { role, starts_with, after, limit: limit(asked)? };
    Ok(Json(hub.accounts.users(&app, query).await?).into_response())
}

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

async fn show(State(hub): State<Hub>, caller: Caller, Path((app, user)): Path<(String, String)>) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage])?;
    Ok(Json(hub.accounts.user(&app, &user).await?).into_response())
}

async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, user)): Path<(String, String)>,
    Body(change): Body<UserChange>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.accounts.update_user(&caller.actor(), &app, &user, change).await?).into_response())
}

async fn remove(State(hub): State<Hub>, caller: Caller, Path((app, user)): Path<(String, String)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.delete_user(&caller.actor(), &app, &user).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn revoke_all(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, user)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let revoked = hub.accounts.revoke_sessions_of_user(&caller.actor(), &app, &user).await?;
    Ok(Json(json!({ "revoked": revoked })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sessions {
    user: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

async fn sessions(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<Sessions>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let limit = limit(query.limit)?;
    Ok(Json(hub.accounts.sessions(&app, query.user, query.after, limit).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSession {
    user_id: String,
}

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

async fn revoke(State(hub): State<Hub>, caller: Caller, Path((app, id)): Path<(String, i64)>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_session(&caller.actor(), &app, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
