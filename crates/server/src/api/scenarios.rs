//! Scenarios of an app: `/api/v1/apps/{app}/scenarios`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::{Paged, Scope},
    runner::{ManualRun, Scenario, ScenarioVersion},
    scenarios::{
        definition::Definition,
        dry_run::{Rehearsal, Trial, rehearse},
        world::Start,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caller::Caller,
    input::{Body, ListQuery, NumberedQuery, OptionalBody, Path, Query},
    problem::Problem,
};
use crate::hub::Hub;

type Answer = Result<Response, Problem>;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, update, remove))
        .routes(routes!(versions))
        .routes(routes!(run))
        .routes(routes!(test))
}

/// List the scenarios of an app, by id.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/scenarios", tag = "scenarios", operation_id = "listScenarios",
    security(("bearer" = ["manage"])),
    params(ListQuery),
    responses((status = 200, body = Paged<Scenario>)),
)]
async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Path(app): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let scenarios = hub.scenarios.list(&app).await?;
    Ok(Json(query.cut(scenarios, |scenario| &scenario.id)?).into_response())
}

/// Show a scenario.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/scenarios/{scenario}", tag = "scenarios", operation_id = "showScenario",
    security(("bearer" = ["manage"])),
    responses((status = 200, body = Scenario)),
)]
async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.scenarios.get(&app, &scenario).await?).into_response())
}

/// Create a scenario, or give it its next version.
///
/// The body is the document, as `docs/scenarios.md` and the JSON Schema describe it. A document with mistakes is refused with all of
/// them in `mistakes`, each with its place.
#[utoipa::path(
    put, path = "/api/v1/apps/{app}/scenarios/{scenario}", tag = "scenarios", operation_id = "putScenario",
    security(("bearer" = ["manage"])),
    request_body(content = Definition, example = json!({
        "id": "order-ready", "trigger": { "type": "object_changed", "structure": "orders", "fields": ["status"] },
        "filter": "status == 'ready'",
        "steps": [{ "type": "push", "user_id": "{{customer}}", "event_name": "alert", "message": "Order {{id}} is ready" }],
    })),
    responses((status = 200, body = Scenario), (status = 409)),
)]
async fn put(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
    Body(document): Body<Map<String, Value>>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    Ok(Json(hub.scenarios.put(&caller.actor(), &app, &scenario, document.into()).await?).into_response())
}

/// What is to change of a scenario.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "enabled": false })))]
struct ScenarioChange {
    /// Whether its trigger starts it.
    enabled: bool,
}

/// Turn the trigger of a scenario on or off. Runs that are open go on.
#[utoipa::path(
    patch, path = "/api/v1/apps/{app}/scenarios/{scenario}", tag = "scenarios", operation_id = "updateScenario",
    security(("bearer" = ["manage"])),
    request_body = ScenarioChange,
    responses((status = 200, body = Scenario), (status = 409)),
)]
async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
    Body(change): Body<ScenarioChange>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let changed = hub.scenarios.turn(&caller.actor(), &app, &scenario, change.enabled.into()).await?;
    Ok(Json(changed).into_response())
}

/// Delete a scenario with its versions and its runs. Open ones end.
#[utoipa::path(
    delete, path = "/api/v1/apps/{app}/scenarios/{scenario}", tag = "scenarios", operation_id = "deleteScenario",
    security(("bearer" = ["manage"])),
    responses((status = 204)),
)]
async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    hub.scenarios.delete(&caller.actor(), &app, &scenario).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List versions of a scenario, newest first.
#[utoipa::path(
    get, path = "/api/v1/apps/{app}/scenarios/{scenario}/versions", tag = "scenarios", operation_id = "listScenarioVersions",
    security(("bearer" = ["manage"])),
    params(NumberedQuery),
    responses((status = 200, body = Paged<ScenarioVersion>)),
)]
async fn versions(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
    Query(query): Query<NumberedQuery>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let (after, limit) = (query.after(), query.limit()?);
    Ok(Json(hub.scenarios.versions(&app, &scenario, after, limit).await?).into_response())
}

/// A run that was started.
#[derive(Serialize, ToSchema)]
struct RunStarted {
    /// Its number.
    run: i64,
}

/// Start a scenario by hand, whatever its filter says, also if it isn't enabled.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/scenarios/{scenario}/run", tag = "scenarios", operation_id = "runScenario",
    security(("bearer" = ["manage"])),
    request_body = Option<ManualRun>,
    responses((status = 202, body = RunStarted)),
)]
async fn run(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
    OptionalBody(manual): OptionalBody<ManualRun>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let run = hub.scenarios.run_now(&caller.actor(), &app, &scenario, manual).await?;
    Ok((StatusCode::ACCEPTED, Json(RunStarted { run })).into_response())
}

/// What a scenario is tried with.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ScenarioTrial, examples(json!({
    "object": { "id": "7", "status": "ready" }, "given": { "WebUser": { "id": "testUser" } },
})))]
struct Try {
    /// Another document instead of the one that is saved.
    #[schema(value_type = Option<Definition>)]
    document: Option<Map<String, Value>>,
    /// The object that it is about.
    #[schema(value_type = Object)]
    object: Map<String, Value>,
    /// What else it starts with: `before`, `changed`, `event`, `provider`, `WebUser`, `HttpRequest`.
    #[schema(value_type = Object)]
    given: Map<String, Value>,
    /// What steps get that leave it `as` these names.
    #[schema(value_type = Object)]
    answers: Map<String, Value>,
    /// The objects that fields link to.
    #[schema(value_type = Object)]
    links: Map<String, Value>,
    /// The time, in milliseconds since the epoch; now if absent.
    now_ms: Option<i64>,
}

/// Show what each step of a scenario would do; nothing is done.
#[utoipa::path(
    post, path = "/api/v1/apps/{app}/scenarios/{scenario}/test", tag = "scenarios", operation_id = "testScenario",
    security(("bearer" = ["manage"])),
    request_body = Option<Try>,
    responses((status = 200, body = Rehearsal)),
)]
async fn test(
    State(hub): State<Hub>,
    caller: Caller,
    Path((app, scenario)): Path<(String, String)>,
    OptionalBody(trial): OptionalBody<Try>,
) -> Answer {
    caller.may(&app, &[Scope::Manage])?;
    let Try { document, object, given, answers, links, now_ms } = trial;
    let definition = hub.scenarios.to_try(&app, &scenario, document.map(Value::Object)).await?;
    let trial = Trial {
        start: Start { structure: definition.trigger.structure().map(str::to_owned), object, given },
        now_ms: now_ms.unwrap_or_else(|| hub.accounts.now_ms()),
        answers,
        links,
        globals: hub.accounts.app(&app).await?.settings.globals,
    };
    Ok(Json(rehearse(&Arc::new(definition), trial).await).into_response())
}
