//! The API described by itself: an OpenAPI 3.1 document, made of the routes.
//!
//! What an operation says for itself stands beside its handler: its path, who may call it, what it takes and answers.
//! What holds by rule is added here, once: parameters in the path and of lists, the cookie beside the bearer token,
//! and how each can be refused.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::{StatusCode, header},
    response::IntoResponse,
};
use campanile_platform::{
    pages::{
        self,
        document::{Document, DocumentLimits},
    },
    scenarios::{
        definition::{Definition, DefinitionLimits},
        schema,
    },
};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::Details;
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(description))
}

/// Describe the API: this document.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "operations", operation_id = "describe",
    security(()),
    responses((status = 200, body = Object)),
)]
async fn description() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.clone())
}

/// What the document says beside the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Campanile",
        description = "The HTTP API of a hub: apps with their users, keys and data, pushes to them, providers.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(crate::metrics::scrape),
    components(schemas(Details, Definition, Document)),
    tags(
        (name = "apps", description = "Apps, their settings and plugins"),
        (name = "keys", description = "API keys, which are public, and secret keys of backends"),
        (name = "users", description = "Users of an app"),
        (name = "sessions", description = "Logins of users"),
        (name = "push", description = "Events to users"),
        (name = "sockets", description = "Who is connected"),
        (name = "data", description = "Structures, their objects, and the endpoints through which front ends reach them"),
        (name = "scenarios", description = "What an app does by itself, and the runs of it"),
        (name = "pages", description = "What an app shows to its users, as documents that the hub serves"),
        (name = "providers", description = "The bridge over HTTP"),
        (name = "administrators", description = "Logging in as an administrator"),
        (name = "audit", description = "What was changed by whom"),
        (name = "compatible", description = "Calls of front ends that were written for the other platform"),
        (name = "operations", description = "Health, metrics, this description, the schemas of scenarios and pages"),
    ),
)]
struct Frame;

/// Every `code` with its status, and what it means.
const CODES: &[(u16, &str, &str)] = &[
    (400, "invalid_payload", "A field is missing, unknown, too long or of the wrong type"),
    (400, "unknown_event", "There is no such event"),
    (400, "unknown_request", "The requester never asked this provider"),
    (400, "not_supported", "The hub can't do that yet"),
    (401, "unauthorized", "No secret key, token or cookie, or one that isn't valid any more"),
    (401, "credentials_wrong", "The user or the password is wrong"),
    (401, "session_invalid", "There is no such session in this app"),
    (401, "session_expired", "The session is over"),
    (403, "forbidden", "The key lacks the scope, or only administrators may do this"),
    (403, "csrf_token_missing", "A change by cookie without the header `X-CSRF-Token`"),
    (403, "origin_forbidden", "Pages of this origin may not call"),
    (403, "anonymous_denied", "The app takes no sockets without a session"),
    (403, "plugin_not_installed", "The app lacks the plugin"),
    (403, "bridge_locked", "The app's bridge is locked"),
    (403, "not_owner", "The socket doesn't serve the provider id"),
    (404, "not_found", "There is nothing under this path"),
    (404, "app_not_found", "There is no such app, or it isn't the key's"),
    (404, "plugin_unknown", "There is no such plugin"),
    (404, "user_not_found", "There is no such user"),
    (404, "key_not_found", "There is no such live key"),
    (404, "session_not_found", "There is no such session"),
    (404, "socket_not_found", "There is no such socket"),
    (404, "structure_not_found", "There is no such structure"),
    (404, "object_not_found", "There is no such object"),
    (404, "endpoint_not_found", "There is no such endpoint"),
    (404, "scenario_not_found", "There is no such scenario"),
    (404, "page_not_found", "There is no such page"),
    (404, "run_not_found", "There is no such run, or it is too old to be kept"),
    (404, "hook_not_found", "No scenario has this address"),
    (404, "provider_offline", "Nobody serves the provider id"),
    (405, "method_not_allowed", "The resource doesn't have this method; `Allow` names those it has"),
    (408, "body_timeout", "The body took too long to arrive"),
    (409, "user_exists", "The id is taken"),
    (409, "app_exists", "The id is taken"),
    (409, "object_exists", "The id is taken"),
    (409, "version_conflict", "The object or the page has changed meanwhile"),
    (409, "run_ended", "The run has ended"),
    (409, "endpoint_taken", "Another scenario answers the endpoint"),
    (409, "duplicate_provider", "Somebody else serves the provider id"),
    (409, "duplicate_request_id", "An open request has the same id"),
    (413, "payload_too_large", "The body is too large"),
    (415, "unsupported_media_type", "The body isn't declared as `application/json`"),
    (429, "limit_reached", "A limit, which the text names"),
    (500, "storage_failed", "The disk or the system refused; the hub's log says why"),
    (500, "scenario_failed", "A step of the scenario that answers failed; the log of its run says why"),
    (503, "overloaded", "Too much is waiting already"),
    (503, "stopping", "The hub is stopping"),
    (504, "timeout", "The provider didn't reply in time"),
    (504, "scenario_timeout", "The scenario didn't answer in time; its run goes on"),
];

/// The document.
fn document() -> Value {
    let mut document = Frame::openapi();
    document.merge(super::routes().into_openapi());
    let mut document = serde_json::to_value(document).expect("a description is JSON");
    for (path, item) in object(&mut document["paths"]) {
        for (method, operation) in object(item) {
            let parameters = parameters(path, &operation["parameters"]);
            if !parameters.is_empty() {
                operation["parameters"] = parameters.into();
            }
            operation["security"] = security(method, &operation["security"]);
            operation.get_mut("requestBody").map(leave_out);
            refuse(path, operation);
        }
    }
    let components = &mut document["components"];
    components["responses"] = refusals();
    components["securitySchemes"] = security_schemes();
    schema::refine(object(&mut components["schemas"]), &DefinitionLimits::default());
    pages::schema::refine(object(&mut components["schemas"]), &DocumentLimits::default());
    refine(&mut components["schemas"]);
    document
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("the document has objects here")
}

/// Those in the path, by what stands before them, and those in the query, of which none may be null.
fn parameters(path: &str, in_query: &Value) -> Vec<Value> {
    let segments: Vec<&str> = path.split('/').collect();
    let in_path = segments.windows(2).filter_map(|pair| {
        let name = pair[1].strip_prefix('{')?.strip_suffix('}')?;
        let (schema, description) = path_parameter(pair[0]);
        Some(json!({
            "name": name, "in": "path", "required": true, "schema": schema, "description": description,
        }))
    });
    let in_query = in_query.as_array().into_iter().flatten().cloned().map(query_parameter);
    in_path.chain(in_query).collect()
}

fn path_parameter(collection: &str) -> (Value, &'static str) {
    let text = json!({ "type": "string", "minLength": 1 });
    match collection {
        "apps" => (text, "The app's id"),
        "users" => (text, "The user's id"),
        "keys" => (text, "The key"),
        "secret-keys" => (text, "The key's id"),
        "sockets" => (text, "The socket's id"),
        "sessions" => (json!({ "type": "integer", "format": "int64" }), "The session's number"),
        "structures" | "endpoints" | "data" => {
            let name = json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$" });
            (name, "The structure's name")
        }
        "objects" => (text, "The object's id"),
        "scenarios" => {
            let id = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" });
            (id, "The scenario's id")
        }
        "pages" => {
            let id = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" });
            (id, "The page's id")
        }
        "runs" => (json!({ "type": "integer", "format": "int64" }), "The run's number"),
        "hooks" => (text, "The secret part of the address"),
        "{structure}" => {
            let name = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" });
            (name, "The endpoint's name")
        }
        "plugins" => (json!({ "type": "string", "enum": ["bridge", "socket.io"] }), "The plugin's name"),
        "providers" => (json!({ "type": "string", "minLength": 1, "maxLength": 256 }), "The provider's id"),
        other => unreachable!("nothing is known of what is in {other:?}"),
    }
}

fn query_parameter(mut parameter: Value) -> Value {
    if let Some(kind) = parameter["schema"]["type"].get(0).cloned() {
        parameter["schema"]["type"] = kind;
    }
    match parameter["name"].as_str() {
        Some("limit") => {
            parameter["description"] = "How many items".into();
            parameter["schema"] = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 });
        }
        Some("after") => parameter["description"] = "The `next` of the part before".into(),
        _ => {}
    }
    parameter
}

/// Where a bearer is asked for, an administrator's cookie does as well; a change needs the other token beside it.
fn security(method: &str, declared: &Value) -> Value {
    let declared = declared.as_array().expect("each operation says who may call it");
    if let [everybody] = declared.as_slice()
        && everybody.as_object().is_some_and(Map::is_empty)
    {
        return json!([]);
    }
    let cookie = if method == "get" { json!({ "cookie": [] }) } else { json!({ "cookie": [], "csrf": [] }) };
    declared.iter().cloned().chain([cookie]).collect()
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "A secret key, whose scope must be one of those that are named, or an administrator's token, \
                which may do everything",
        },
        "cookie": {
            "type": "apiKey", "in": "cookie", "name": super::caller::COOKIE,
            "description": "An administrator's page, logged in with `logIn`",
        },
        "csrf": {
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "Beside the cookie: the `csrf_token` of the login",
        },
    })
}

/// A body that may be left out isn't null where it is there.
fn leave_out(body: &mut Value) {
    let schema = body.pointer("/content/application~1json/schema/oneOf/0").cloned();
    if let Some(schema) = schema {
        *body = json!({ "content": { "application/json": { "schema": schema } } });
    }
}

/// Adds how an operation can be refused, by what it takes. Refusals that it has named itself may lack a body.
fn refuse(path: &str, operation: &mut Value) {
    let is_there = |field: &str| !operation[field].is_null();
    // What becomes a type is read strictly; what is only relayed is free.
    let is_read = operation["requestBody"].to_string().contains("$ref");
    let needs_caller = operation["security"] != json!([]);
    let by_rule: [(bool, &[u16]); 6] = [
        (is_there("parameters"), &[400]),
        (is_there("requestBody"), &[400, 408, 413]),
        (is_read, &[415]),
        (path.contains("{app}"), &[404]),
        (needs_caller, &[401, 429]),
        (!path.ends_with(".json"), &[500, 503]),
    ];
    let by_rule = by_rule.iter().filter(|(applies, _)| *applies).flat_map(|(_, statuses)| *statuses);
    let by_rule: Vec<u16> = by_rule.copied().chain([403]).collect();
    let responses = object(&mut operation["responses"]);
    if path.starts_with("/api/v1/") {
        responses.extend(by_rule.iter().map(|status| (status.to_string(), Value::Null)));
    }
    for (status, response) in responses {
        let status: u16 = status.parse().expect("statuses are numbers");
        if status >= 400 && response.get("content").is_none() {
            *response = json!({ "$ref": format!("#/components/responses/{}", name(status)) });
        } else if response["description"].is_null() {
            response["description"] = reason(status).into();
        }
    }
}

/// The refusals with each status.
fn refusals() -> Value {
    let mut refusals = Map::new();
    for (status, code, meaning) in CODES {
        let refusal = refusals.entry(name(*status)).or_insert_with(|| refusal(*status, code, meaning));
        let so_far = refusal["description"].as_str().unwrap_or_default();
        refusal["description"] = format!("{so_far}\n- `{code}`: {meaning}").into();
    }
    refusals.into()
}

fn refusal(status: u16, code: &str, detail: &str) -> Value {
    let example = json!({
        "type": "about:blank", "title": reason(status), "status": status, "code": code, "detail": detail,
    });
    let content = json!({ "schema": { "$ref": "#/components/schemas/Problem" }, "example": example });
    let mut refusal =
        json!({ "description": reason(status), "content": { "application/problem+json": content } });
    let header = match status {
        401 => Some(("WWW-Authenticate", json!({ "schema": { "type": "string" } }))),
        429 | 503 => {
            let schema = json!({ "type": "integer", "minimum": 0 });
            Some((
                "Retry-After",
                json!({ "description": "Seconds after which to try again", "schema": schema }),
            ))
        }
        _ => None,
    };
    if let Some((name, header)) = header {
        refusal["headers"] = json!({ name: header });
    }
    refusal
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

/// What a refusal is called among the components.
fn name(status: u16) -> String {
    reason(status).replace(' ', "")
}

/// Says what types can't.
fn refine(schemas: &mut Value) {
    let codes: Vec<&str> = CODES.iter().map(|(_, code, _)| *code).collect();
    schemas["Problem"]["properties"]["code"]["enum"] = json!(codes);
    schemas["Brief"]["properties"]["code"]["enum"] = json!(codes);
    schemas["AppSettingsChange"]["properties"]["globals"]["propertyNames"] =
        json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$" });
    schemas["UserIds"]["oneOf"][1]["minItems"] = json!(1);
    schemas["NewObjects"]["oneOf"][1]["minItems"] = json!(1);
    let roles = &mut schemas["EndpointAccess"]["oneOf"][2];
    roles["additionalProperties"] = json!(false);
    (roles["properties"]["roles"]["minItems"], roles["properties"]["roles"]["maxItems"]) =
        (json!(1), json!(100));
    let push = &mut schemas["PushRequest"];
    let reserved =
        ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
    push["properties"]["event_name"]["not"] = json!({ "enum": reserved });
    let absent = json!({ "type": "null" });
    let present = json!({ "not": absent });
    push["allOf"] = json!([
        { "oneOf": [
            { "required": ["user_id"], "properties": { "user_id": present, "role": absent } },
            { "required": ["role"], "properties": { "role": present, "user_id": absent } },
        ] },
        { "anyOf": [
            { "required": ["mode"], "properties": { "mode": { "const": "json" } } },
            { "properties": { "message": { "type": ["string", "null"] } } },
        ] },
    ]);
    // Any value is taken, and refused by itself if it isn't a push.
    schemas["Batch"]["properties"]["pushes"]["items"] =
        json!({ "anyOf": [{ "$ref": "#/components/schemas/PushRequest" }, {}] });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_in_the_documentation_is_up_to_date() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let current = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(file, &current).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        let command = "UPDATE=1 cargo test -p campanile-server the_description_in_the_documentation";
        assert!(kept == current, "docs/openapi.json isn't what the routes are: run `{command}`");
    }
}
