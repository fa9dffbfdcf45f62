//! Apps, their keys and plugins: `/api/v1/apps`, `…/{app}`, `…/keys`, `…/secret-keys`, `…/plugins`.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, put},
};
use campanile_platform::accounts::{AppChange, NewApp, Scope};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    caller::Caller,
    input::{Body, OptionalBody, Path},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/api/v1/apps", get(list).post(create))
        .route("/api/v1/apps/{app}", get(show).patch(update).delete(remove))
        .route("/api/v1/apps/{app}/keys", get(keys).post(create_key))
        .route("/api/v1/apps/{app}/keys/{key}", delete(revoke_key))
        .route("/api/v1/apps/{app}/secret-keys", get(secret_keys).post(create_secret_key))
        .route("/api/v1/apps/{app}/secret-keys/{id}", delete(revoke_secret_key))
        .route("/api/v1/apps/{app}/plugins", get(plugins))
        .route("/api/v1/apps/{app}/plugins/{name}", put(install).delete(uninstall))
}

async fn list(State(hub): State<Hub>, caller: Caller) -> Answer {
    caller.admin()?;
    Ok(Json(json!({ "items": hub.accounts.apps().await?, "next": null })).into_response())
}

async fn create(State(hub): State<Hub>, caller: Caller, Body(new): Body<NewApp>) -> Answer {
    caller.admin()?;
    let app = hub.accounts.create_app(&caller.actor(), new).await?;
    Ok((StatusCode::CREATED, Json(app)).into_response())
}

async fn show(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage, Scope::Provider])?;
    Ok(Json(hub.accounts.app(&app).await?).into_response())
}

async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(change): Body<AppChange>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.accounts.update_app(&caller.actor(), &app, change).await?).into_response())
}

async fn remove(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[])?;
    hub.accounts.delete_app(&caller.actor(), &app).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn keys(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(json!({ "items": hub.accounts.api_keys(&app).await?, "next": null })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    #[serde(default)]
    name: String,
}

async fn create_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    OptionalBody(new): OptionalBody<NewKey>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let key = hub.accounts.create_api_key(&caller.actor(), &app, &new.name).await?;
    Ok((StatusCode::CREATED, Json(key)).into_response())
}

async fn revoke_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_api_key(&caller.actor(), &app, &key).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn secret_keys(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(json!({ "items": hub.accounts.secret_keys(&app).await?, "next": null })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSecretKey {
    #[serde(default)]
    name: String,
    scopes: Vec<Scope>,
}

async fn create_secret_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(new): Body<NewSecretKey>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let made = hub.accounts.create_secret_key(&caller.actor(), &app, &new.name, &new.scopes).await?;
    let (key, secret) = made;
    let body = json!({
        "id": key.id, "name": key.name, "scopes": key.scopes, "created_at_ms": key.created_at_ms,
        "revoked_at_ms": key.revoked_at_ms, "secret": secret,
    });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

async fn revoke_secret_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, id)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_secret_key(&caller.actor(), &app, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn plugins(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(json!({ "items": hub.accounts.plugins(&app).await?, "next": null })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPlugin {
    #[serde(default)]
    settings: Map<String, Value>,
}

async fn install(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, name)): Path<(String, String)>,
    OptionalBody(new): OptionalBody<NewPlugin>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let settings = Value::Object(new.settings);
    Ok(Json(hub.accounts.install_plugin(&caller.actor(), &app, &name, settings).await?).into_response())
}

async fn uninstall(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, name)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.remove_plugin(&caller.actor(), &app, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
