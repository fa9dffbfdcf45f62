//! The JSON Schema of scenarios (draft 2020-12), for editors and whoever writes scenarios by program. It is made of the
//! types of `definition`; what `validate` demands beyond them is added here, as far as a schema can say it. Whoever keeps
//! to the schema may still be refused, for a template that isn't closed for instance; what is good keeps to it.

mod texts;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

pub(crate) use self::texts::{FieldName, NAME, ScenarioId, schemas, text};
use super::{
    definition::{Definition, DefinitionLimits},
    schedule::EVERY_S_MAX,
    validate::rules::{OWN_HEADERS, RESERVED},
};
use crate::{
    bridge::ProviderId,
    push::{EVENT_NAME_BYTES_MAX, RESERVED_NAMES},
};

/// Schemas by name.
pub(crate) type Schemas = Map<String, Value>;

/// Where an OpenAPI document has its schemas.
const COMPONENTS: &str = "#/components/schemas/";

/// The schema, a document that stands alone.
#[must_use]
pub fn document(limits: &DefinitionLimits) -> Value {
    alone::<Definition>("scenario", "Scenario", |schemas| refine(schemas, limits))
}

/// The schema of a kind of document, with all that it refers to.
pub(crate) fn alone<T: ToSchema>(id: &str, title: &str, refine: impl FnOnce(&mut Schemas)) -> Value {
    let mut parts = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut parts);
    let mut schemas: Schemas = parts.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
    refine(&mut schemas);
    let mut root = schemas.remove(&*T::name()).unwrap_or_default();
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["$id"] = format!("{id}.schema.json").into();
    root["title"] = title.into();
    root["$defs"] = schemas.into();
    point_to_definitions(&mut root);
    root
}

fn point_to_definitions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(point_to_definitions),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = reference.replace(COMPONENTS, "#/$defs/");
            }
            members.values_mut().for_each(point_to_definitions);
        }
        _ => {}
    }
}

/// Says what the types of a definition can't, in an OpenAPI document as well.
pub fn refine(schemas: &mut Schemas, limits: &DefinitionLimits) {
    join_tags(schemas, "Step");
    join_tags(schemas, "Trigger");
    refine_head(schemas, limits);
    refine_triggers(schemas);
    refine_steps(schemas, limits);
}

/// A variant and its tag become one object: neither takes members that it doesn't know.
pub(crate) fn join_tags(schemas: &mut Schemas, name: &str) {
    let mut variants = schemas[name]["oneOf"].take();
    for variant in variants.as_array_mut().into_iter().flatten() {
        let (target, tag) = (&variant["allOf"][0]["$ref"], &variant["allOf"][1]["properties"]["type"]);
        match target.as_str().and_then(|target| target.strip_prefix(COMPONENTS)) {
            Some(target) => {
                let object = &mut schemas[target];
                object["properties"]["type"] = tag.clone();
                require(object, "type");
                *variant = json!({ "$ref": format!("{COMPONENTS}{target}") });
            }
            None => variant["additionalProperties"] = false.into(),
        }
    }
    schemas[name]["oneOf"] = variants;
}

fn require(object: &mut Value, name: &str) {
    match object["required"].as_array_mut() {
        Some(required) => required.push(name.into()),
        None => object["required"] = json!([name]),
    }
}

fn refine_head(schemas: &mut Schemas, limits: &DefinitionLimits) {
    schemas["ScenarioId"]["pattern"] = format!("^[A-Za-z0-9_-]{{1,{}}}$", limits.id_bytes_max).into();
    let properties = &mut schemas["Definition"]["properties"];
    properties["name"]["maxLength"] = limits.name_bytes_max.into();
    properties["steps"]["maxItems"] = limits.steps_max.into();
}

fn refine_triggers(schemas: &mut Schemas) {
    for trigger in schemas["Trigger"]["oneOf"].as_array_mut().into_iter().flatten() {
        let Some(properties) = trigger.get_mut("properties").and_then(Value::as_object_mut) else { continue };
        if let Some(endpoint) = properties.get_mut("endpoint") {
            endpoint["pattern"] =
                format!("{}/[A-Za-z0-9_-]{{1,64}}$", texts::NAME.trim_end_matches('$')).into();
        }
        if let Some(name) = properties.get_mut("event_name") {
            (name["minLength"], name["maxLength"]) = (1.into(), EVENT_NAME_BYTES_MAX.into());
            name["not"] = json!({ "enum": RESERVED_NAMES });
        }
        if let Some(id) = properties.get_mut("provider_id") {
            (id["minLength"], id["maxLength"]) = (1.into(), ProviderId::BYTES_MAX.into());
        }
    }
    let schedule = &mut schemas["ScheduleTrigger"];
    let kinds = ["every_s", "cron", "daily", "weekly", "monthly"];
    schedule["oneOf"] = kinds.map(given).into_iter().collect();
    let every_s = &mut schedule["properties"]["every_s"];
    (every_s["minimum"], every_s["maximum"]) = (1.into(), EVERY_S_MAX.into());
}

/// A member is there, and isn't `null`, which means the same as its absence.
fn given(name: &str) -> Value {
    json!({ "required": [name], "properties": { name: { "not": { "type": "null" } } } })
}

fn refine_steps(schemas: &mut Schemas, limits: &DefinitionLimits) {
    let steps = schemas["Step"]["oneOf"].clone();
    for step in steps.as_array().into_iter().flatten() {
        let target = step["$ref"].as_str().and_then(|target| target.strip_prefix(COMPONENTS));
        let Some(properties) = target.and_then(|target| schemas[target]["properties"].as_object_mut()) else {
            continue;
        };
        properties["name"]["maxLength"] = limits.name_bytes_max.into();
        if let Some(result) = properties.get_mut("as") {
            result["not"] = json!({ "enum": RESERVED });
        }
        if let Some(set) = properties.get_mut("set") {
            set["propertyNames"] = json!({ "$ref": format!("{COMPONENTS}FieldName") });
        }
        if let Some(timeout) = properties.get_mut("timeout_ms") {
            (timeout["minimum"], timeout["maximum"]) = (1.into(), limits.timeout_ms_max.into());
        }
    }
    refine_push(&mut schemas["PushStep"]);
    refine_http(&mut schemas["HttpStep"], limits);
    refine_response(&mut schemas["RespondStep"]);
    for kind in ["EditStep", "DeleteStep"] {
        let of_trigger = json!({ "properties": { "structure": { "type": "null" } } });
        schemas[kind]["anyOf"] = json!([of_trigger, given("id")]);
    }
    schemas["EditStep"]["properties"]["set"]["minProperties"] = 1.into();
    schemas["RequestProviderStep"]["properties"]["provider_id"]["minLength"] = 1.into();
    let some = |branch: &str| json!({ "required": [branch], "properties": { branch: { "minItems": 1 } } });
    schemas["IfStep"]["anyOf"] = json!([some("then"), some("else")]);
    let for_s = &mut schemas["WaitStep"]["properties"]["for_s"];
    (for_s["minimum"], for_s["maximum"]) = (1.into(), limits.wait_s_max.into());
}

fn refine_push(push: &mut Value) {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text, "minItems": 1 });
    push["properties"]["user_id"]["anyOf"] = json!([text, texts, { "type": "null" }]);
    let name = &mut push["properties"]["event_name"];
    name["minLength"] = 1.into();
    name["not"] = json!({ "enum": RESERVED_NAMES });
    // With values in it nobody knows how long it becomes.
    name["anyOf"] = json!([{ "pattern": r"\{\{" }, { "maxLength": EVENT_NAME_BYTES_MAX }]);
    let is_text = json!({ "properties": { "message": { "type": ["string", "null"] } } });
    let is_json = json!({ "required": ["mode"], "properties": { "mode": { "const": "json" } } });
    push["oneOf"] = json!([given("user_id"), given("role")]);
    push["anyOf"] = json!([is_text, is_json]);
}

fn refine_http(http: &mut Value, limits: &DefinitionLimits) {
    let properties = &mut http["properties"];
    properties["url"]["pattern"] = r"^(https?://|\{\{)".into();
    properties["retries"]["maximum"] = limits.retries_max.into();
    let own = OWN_HEADERS.map(in_any_case).join("|");
    properties["headers"]["propertyNames"] = json!({
        "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "not": { "pattern": format!("^({own})$") },
    });
}

/// A pattern for a word in small or capital letters; schemas know no other way to say that.
fn in_any_case(word: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_ascii_lowercase() => format!("[{}{c}]", c.to_ascii_uppercase()),
        c => c.to_string(),
    };
    word.chars().map(letter).collect()
}

fn refine_response(respond: &mut Value) {
    let status = &mut respond["properties"]["status"];
    (status["minimum"], status["maximum"]) = (200.into(), 599.into());
    respond["properties"]["content_type"]["pattern"] = "^[ -~]*/[ -~]*$".into();
}

#[cfg(test)]
mod tests;
