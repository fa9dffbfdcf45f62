//! Apps, their keys and plugins: `/api/v1/apps`, `…/{app}`, `…/keys`, `…/secret-keys`, `…/plugins`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::accounts::{ApiKey, App, AppChange, NewApp, Paged, Plugin, Scope, SecretKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, ListQuery, OptionalBody, Path, Query},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
        .routes(routes!(keys, create_key))
        .routes(routes!(revoke_key))
        .routes(routes!(secret_keys, create_secret_key))
        .routes(routes!(revoke_secret_key))
        .routes(routes!(plugins))
        .routes(routes!(install, uninstall))
}

/// List all apps, by id.
#[utoipa::path(
    get, path = "/api/v1/apps", tag = "apps", operation_id = "listApps",
    security(("bearer" = ["administrator"])),
    params(ListQuery),
    responses((status = 200, body = Paged<App>)),
)]
async fn list(State(hub): State<Hub>, caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    caller.admin()?;
    Ok(Json(query.cut(hub.accounts.apps().await?, |app| &app.id)?).into_response())
}

/// Create an app, with both plugins installed.
#[utoipa::path(
    post, path = "/api/v1/apps", tag = "apps", operation_id = "createApp",
    security(("bearer" = ["administrator"])),
    request_body = NewApp,
    responses((status = 201, body = App), (status = 409)),
)]
async fn create(State(hub): State<Hub>, caller: Caller, Body(new): Body<NewApp>) -> Answer {
    caller.admin()?;
    let app = hub.accounts.create_app(&caller.actor(), new).await?;
    Ok((StatusCode::CREATED, Json(app)).into_response())
}

/// Show an app.
///
/// Its global variables are left out for a key that can't change them.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}", tag = "apps", operation_id = "showApp",
    security(("bearer" = ["push", "manage", "provider"])),
    responses((status = 200, body = App)),
)]
async fn show(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Push, Scope::Manage, Scope::Provider])?;
    let mut shown = json!(hub.accounts.app(&app).await?);
    if caller.may(&app, &[Scope::Manage]).is_err() {
        shown["settings"].as_object_mut().and_then(|settings| settings.remove("globals"));
    }
    Ok(Json(shown).into_response())
}

/// Change an app.
///
/// What isn't given stays as it is; `globals` are replaced as a whole. If the app admits others than before, its sockets have to
/// connect again.
#[utoipa::path(
    patch, path = "/api/v1/apps/{app}", tag = "apps", operation_id = "updateApp",
    security(("bearer" = ["manage"])),
    request_body = AppChange,
    responses((status = 200, body = App)),
)]
async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(change): Body<AppChange>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.accounts.update_app(&caller.actor(), &app, change).await?).into_response())
}

/// Delete an app with all it has, and end its sockets.
///
/// The built-in app `public` can't be deleted.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}", tag = "apps", operation_id = "deleteApp",
    security(("bearer" = ["administrator"])),
    responses((status = 204)),
)]
async fn remove(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[])?;
    hub.accounts.delete_app(&caller.actor(), &app).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List the API keys of an app, also revoked ones.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/keys", tag = "keys", operation_id = "listKeys",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Paged<ApiKey>)),
)]
async fn keys(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(whole(hub.accounts.api_keys(&app).await?))
}

/// A list that is never long.
fn whole<T: Serialize>(items: Vec<T>) -> Response {
    Json(Paged { items, next: None }).into_response()
}

/// An API key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "front end" })))]
struct NewKey {
    /// For people.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    name: String,
}

/// Make an API key: the `app_id` that front ends present.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/keys", tag = "keys", operation_id = "createKey",
    security(("bearer" = ["manage"])),
    request_body = Option<NewKey>,
    responses((status = 201, body = ApiKey)),
)]
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

/// Revoke an API key.
///
/// Nobody connects with it any more; who is connected stays.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/keys/{key}", tag = "keys", operation_id = "revokeKey",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn revoke_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_api_key(&caller.actor(), &app, &key).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List the secret keys of an app, without their secrets.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/secret-keys", tag = "keys", operation_id = "listSecretKeys",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Paged<SecretKey>)),
)]
async fn secret_keys(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(whole(hub.accounts.secret_keys(&app).await?))
}

/// A secret key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "back end", "scopes": ["push"] })))]
struct NewSecretKey {
    /// For people.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    name: String,
    /// What it may be used for.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
}

/// A secret key that was just made.
#[derive(Serialize, ToSchema)]
struct NewSecret {
    #[serde(flatten)]
    key: SecretKey,
    /// The secret, shown this once.
    secret: String,
}

/// Make a secret key, with which a backend calls.
///
/// The secret is in this answer and never shown again.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/secret-keys", tag = "keys", operation_id = "createSecretKey",
    security(("bearer" = ["manage"])),
    request_body = NewSecretKey,
    responses((status = 201, body = NewSecret)),
)]
async fn create_secret_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Body(new): Body<NewSecretKey>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let made = hub.accounts.create_secret_key(&caller.actor(), &app, &new.name, &new.scopes).await?;
    let (key, secret) = made;
    Ok((StatusCode::CREATED, Json(NewSecret { key, secret })).into_response())
}

/// Revoke a secret key, and end the sockets that presented it.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/secret-keys/{id}", tag = "keys", operation_id = "revokeSecretKey",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn revoke_secret_key(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, id)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.revoke_secret_key(&caller.actor(), &app, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List the plugins that an app has installed.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/plugins", tag = "apps", operation_id = "listPlugins",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Paged<Plugin>)),
)]
async fn plugins(State(hub): State<Hub>, caller: Caller, Path(app): Path<String>) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(whole(hub.accounts.plugins(&app).await?))
}

/// A plugin to be installed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "settings": {} })))]
struct NewPlugin {
    /// Its settings.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
}

/// Install a plugin, or change its settings.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/plugins/{name}", tag = "apps", operation_id = "installPlugin",
    security(("bearer" = ["manage"])),
    request_body = Option<NewPlugin>,
    responses((status = 200, body = Plugin)),
)]
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

/// Remove a plugin. The app's sockets have to connect again.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/plugins/{name}", tag = "apps", operation_id = "removePlugin",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn uninstall(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, name)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.accounts.remove_plugin(&caller.actor(), &app, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
