use jsonschema::Validator;
use serde_json::{Value, json};

use super::document;
use crate::scenarios::{
    definition::DefinitionLimits,
    validate::{check, tests},
};

fn validator() -> Validator {
    let schema = document(&DefinitionLimits::default());
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{error}"))
}

/// What the validator of documents says, in one line each.
fn mistakes(document: &Value) -> Vec<String> {
    let mistakes = check(document, &DefinitionLimits::default()).err().unwrap_or_default();
    mistakes.iter().map(ToString::to_string).collect()
}

fn with_steps(steps: Value) -> Value {
    json!({"id": "x", "trigger": {"type": "object_created", "structure": "orders"}, "steps": steps})
}

fn with_step(step: Value) -> Value {
    with_steps(json!([step]))
}

fn with_trigger(trigger: Value) -> Value {
    json!({"id": "x", "trigger": trigger, "steps": []})
}

#[test]
fn the_schema_in_the_documentation_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenario.schema.json");
    let current = format!("{:#}\n", document(&DefinitionLimits::default()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, &current).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let command = "UPDATE=1 cargo test -p campanile-platform the_schema_in_the_documentation";
    assert!(kept == current, "docs/scenario.schema.json isn't what the types are: run `{command}`");
}

#[test]
fn it_is_a_schema_of_its_draft_and_needs_no_other() {
    let schema = document(&DefinitionLimits::default());
    assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
    let text = schema.to_string();
    assert!(text.contains("\"#/$defs/PushStep\"") && !text.contains("components"), "{schema:#}");
}

#[test]
fn the_limits_are_those_of_the_validator() {
    let limits = DefinitionLimits { wait_s_max: 5, steps_max: 1, ..DefinitionLimits::default() };
    let validator = jsonschema::draft202012::new(&document(&limits)).unwrap();
    let wait = |for_s: u64| json!({"type": "wait", "for_s": for_s});
    for (steps, is_good) in
        [(json!([wait(5)]), true), (json!([wait(6)]), false), (json!([wait(1), wait(1)]), false)]
    {
        let document = with_steps(steps);
        assert_eq!(validator.is_valid(&document), is_good, "{document}");
        assert_eq!(check(&document, &limits).is_ok(), is_good, "{document}");
    }
}

#[test]
fn good_documents_are_accepted_by_both() {
    let validator = validator();
    let http = |more: Value| {
        let mut step = json!({"type": "http", "url": "https://example.com"});
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with_step(step)
    };
    let others = [
        with_steps(json!([])),
        json!({"id": "x", "filter": null, "time_zone": null, "trigger": {"type": "webhook"}, "steps": []}),
        with_trigger(json!({"type": "schedule", "every_s": 60, "cron": null})),
        with_trigger(json!({"type": "schedule", "cron": " */5 8-18/2,20 1,15 jan-MAR\t* "})),
        with_trigger(json!({"type": "provider_online", "provider_id": null})),
        with_step(
            json!({"type": "push", "user_id": "{{owner}}", "role": null, "event_name": "e", "message": null}),
        ),
        with_step(
            json!({"type": "push", "role": "{{role}}", "event_name": "{{e}}", "mode": "json", "message": [1]}),
        ),
        with_step(
            json!({"type": "push", "user_id": ["*"], "event_name": format!("{{{{e}}}}{}", "x".repeat(1000))}),
        ),
        with_step(json!({"type": "edit", "structure": null, "set": {"a": null}})),
        with_step(json!({"type": "delete", "structure": "orders", "id": "{{id}}"})),
        with_step(json!({"type": "create", "structure": "_s1"})),
        http(
            json!({"url": "{{url}}", "headers": {"X-Own": "{{a}}", "te2": ""}, "body": {"a": ["{{a}}", 1]}}),
        ),
        http(json!({"url": "http://x", "timeout_ms": 60_000, "retries": 10, "as": null})),
        with_step(
            json!({"type": "if", "condition": "a", "then": [], "else": [{"type": "wait", "for_s": 2_592_000}]}),
        ),
        with_step(
            json!({"type": "respond", "status": 599, "content_type": "text/plain; charset=utf-8", "body": "…"}),
        ),
    ];
    let triggers = tests::triggers().into_iter().map(with_trigger);
    for document in [tests::everything()].into_iter().chain(triggers).chain(others) {
        assert_eq!(mistakes(&document), [""; 0], "{document}");
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{document}");
    }
}

#[test]
fn bad_documents_are_refused_by_both() {
    let validator = validator();
    let trigger = json!({"type": "webhook"});
    for document in [
        json!([]),
        json!({"trigger": trigger, "steps": []}),
        json!({"id": "x", "steps": []}),
        json!({"id": "x", "trigger": trigger}),
        json!({"id": "x", "trigger": trigger, "steps": {}}),
        json!({"id": "x", "trigger": trigger, "steps": [], "step": []}),
        json!({"id": "a b", "trigger": trigger, "steps": []}),
        json!({"id": "x".repeat(65), "trigger": trigger, "steps": []}),
        json!({"id": "x", "$schema": 1, "trigger": trigger, "steps": []}),
        json!({"id": "x", "name": "n".repeat(201), "trigger": trigger, "steps": []}),
        json!({"id": "x", "enabled": "yes", "trigger": trigger, "steps": []}),
        json!({"id": "x", "filter": "", "trigger": trigger, "steps": []}),
        json!({"id": "x", "time_zone": 1, "trigger": trigger, "steps": []}),
        with_trigger(json!("webhook")),
        with_trigger(json!({})),
        with_trigger(json!({"type": "moon"})),
        with_trigger(json!({"type": "webhook", "path": "x"})),
        with_trigger(json!({"type": "object_created"})),
        with_trigger(json!({"type": "object_created", "structure": "a b"})),
        with_trigger(json!({"type": "object_created", "structure": "a", "fields": ["b"]})),
        with_trigger(json!({"type": "object_changed", "structure": "a", "fields": ["b c"]})),
        with_trigger(json!({"type": "endpoint", "endpoint": "orders"})),
        with_trigger(json!({"type": "endpoint", "endpoint": "orders/a/b"})),
        with_trigger(json!({"type": "socket_event", "event_name": "disconnect"})),
        with_trigger(json!({"type": "socket_event", "event_name": ""})),
        with_trigger(json!({"type": "provider_online", "provider_id": ""})),
        with_trigger(json!({"type": "schedule"})),
        with_trigger(json!({"type": "schedule", "every_s": 0})),
        with_trigger(json!({"type": "schedule", "every_s": 60, "daily": "09:00"})),
        with_trigger(json!({"type": "schedule", "daily": "9:00"})),
        with_trigger(json!({"type": "schedule", "cron": "* * * *"})),
        with_trigger(json!({"type": "schedule", "cron": "* * * * ?"})),
        with_trigger(json!({"type": "schedule", "weekly": {"day": "mon", "at": "09:00"}})),
        with_trigger(json!({"type": "schedule", "monthly": {"day": 32, "at": "09:00"}})),
        with_trigger(json!({"type": "schedule", "monthly": {"day": 1, "at": "09:00", "hour": 9}})),
        with_step(json!(5)),
        with_step(json!({})),
        with_step(json!({"type": "fly"})),
        with_step(json!({"type": "log"})),
        with_step(json!({"type": "log", "message": 5})),
        with_step(json!({"type": "log", "message": "", "then": []})),
        with_step(json!({"type": "push", "user_id": "a"})),
        with_step(json!({"type": "push", "event_name": "e"})),
        with_step(json!({"type": "push", "event_name": "e", "user_id": "a", "role": "b"})),
        with_step(json!({"type": "push", "event_name": "e", "user_id": []})),
        with_step(json!({"type": "push", "event_name": "e", "user_id": ["a", 1]})),
        with_step(json!({"type": "push", "event_name": "connect", "user_id": "a"})),
        with_step(json!({"type": "push", "event_name": "e".repeat(1001), "user_id": "a"})),
        with_step(json!({"type": "push", "event_name": "e", "user_id": "a", "message": {"a": 1}})),
        with_step(json!({"type": "push", "event_name": "e", "user_id": "a", "mode": "xml"})),
        with_step(json!({"type": "edit", "set": {}})),
        with_step(json!({"type": "edit", "set": {"a b": 1}})),
        with_step(json!({"type": "edit", "structure": "orders", "set": {"a": 1}})),
        with_step(json!({"type": "delete", "structure": "orders", "id": null})),
        with_step(json!({"type": "create", "structure": "s", "as": "a-b"})),
        with_step(json!({"type": "create", "structure": "s", "as": "WebUser"})),
        with_step(json!({"type": "http", "url": "ftp://x"})),
        with_step(json!({"type": "http", "url": "https://x", "method": "get"})),
        with_step(json!({"type": "http", "url": "https://x", "timeout_ms": 0})),
        with_step(json!({"type": "http", "url": "https://x", "timeout_ms": 60_001})),
        with_step(json!({"type": "http", "url": "https://x", "retries": 11})),
        with_step(json!({"type": "http", "url": "https://x", "headers": {"Content-length": "1"}})),
        with_step(json!({"type": "http", "url": "https://x", "headers": {"a b": "1"}})),
        with_step(json!({"type": "request_provider", "provider_id": ""})),
        with_step(json!({"type": "if", "condition": "a"})),
        with_step(json!({"type": "if", "condition": "a", "then": [], "else": []})),
        with_step(json!({"type": "if", "condition": "a", "then": [{"type": "fly"}]})),
        with_step(json!({"type": "if", "condition": "x".repeat(4001), "then": [{"type": "delete"}]})),
        with_step(json!({"type": "run_scenario", "scenario": "a b"})),
        with_step(json!({"type": "wait", "for_s": 0})),
        with_step(json!({"type": "wait", "for_s": -1})),
        with_step(json!({"type": "wait", "for_s": 2_592_001})),
        with_step(json!({"type": "respond", "status": 199})),
        with_step(json!({"type": "respond", "content_type": "text"})),
        with_step(json!({"type": "respond", "content_type": "a/b\r\nX: y"})),
        with_steps(json!(vec![json!({"type": "delete"}); 201])),
    ] {
        assert!(!mistakes(&document).is_empty(), "the validator takes {document}");
        assert!(!validator.is_valid(&document), "the schema takes {document}");
    }
}

/// What a schema can't say.
const BEYOND: [&str; 5] = [
    // Texts in a language of their own, with the place of the mistake.
    "(line ",
    "no time zone",
    "never comes",
    "the trigger comes without an object",
    // Numbers in cron expressions.
    "\" isn't ",
];

#[test]
fn what_only_the_validator_refuses_is_of_these_kinds() {
    let validator = validator();
    for (document, kind) in [
        (with_step(json!({"type": "log", "message": "{{"})), BEYOND[0]),
        (with_step(json!({"type": "if", "condition": "a &", "then": [{"type": "delete"}]})), BEYOND[0]),
        (json!({"id": "x", "time_zone": "Mars", "trigger": {"type": "webhook"}, "steps": []}), BEYOND[1]),
        (with_trigger(json!({"type": "schedule", "cron": "0 0 30 2 *"})), BEYOND[2]),
        (json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [{"type": "delete"}]}), BEYOND[3]),
        (with_trigger(json!({"type": "schedule", "cron": "60 * * * *"})), BEYOND[4]),
    ] {
        let mistakes = mistakes(&document);
        assert!(mistakes.len() == 1 && mistakes[0].contains(kind), "{mistakes:?}");
        assert!(validator.is_valid(&document), "{document}");
    }
}

/// Every value of a document, by its pointer.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| self::places(item, &format!("{at}/{n}"), places));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| self::places(member, &format!("{at}/{name}"), places));
        }
        _ => {}
    }
}

/// A good document with one thing wrong, or merely different, at one place.
fn variations(document: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    self::places(document, "", &mut places);
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(7),
        json!(1.5),
        json!(""),
        json!("a b"),
        json!("{{a}}"),
        json!("type"),
        json!([]),
        json!(["a"]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
        json!({"type": "log", "message": ""}),
    ];
    let mut variations = Vec::new();
    for place in &places {
        let mut vary = |change: &dyn Fn(&mut Value)| {
            let mut variation = document.clone();
            change(variation.pointer_mut(place).unwrap());
            variations.push(variation);
        };
        for other in &others {
            vary(&|value| *value = other.clone());
        }
        vary(&|value| drop(value.as_object_mut().map(|members| members.insert("no such".into(), json!(1)))));
        if let Some((around, name)) = place.rsplit_once('/') {
            let mut variation = document.clone();
            let around = variation.pointer_mut(around).unwrap();
            around.as_object_mut().map(|members| members.remove(name));
            variations.push(variation);
        }
    }
    variations
}

#[test]
fn the_schema_and_the_validator_agree_on_every_variation() {
    let validator = validator();
    let awaited = json!({
        "id": "x", "trigger": {"type": "webhook"}, "steps": [
            {"type": "respond", "name": "n", "status": 202, "content_type": "text/plain", "body": {"a": "{{b}}"}},
            {"type": "if", "condition": "a", "then": [], "else": [{"type": "edit", "structure": "s", "id": "1", "set": {"a": 1}}]},
        ],
    });
    let triggers = tests::triggers().into_iter().map(with_trigger);
    let mut agreed = [0, 0];
    for document in [tests::everything(), awaited].into_iter().chain(triggers) {
        for variation in variations(&document) {
            let (mistakes, is_valid) = (mistakes(&variation), validator.is_valid(&variation));
            let is_beyond = mistakes.iter().all(|mistake| BEYOND.iter().any(|kind| mistake.contains(kind)));
            assert!(is_valid == mistakes.is_empty() || (is_valid && is_beyond), "{mistakes:?} {variation}");
            agreed[usize::from(is_valid)] += 1;
        }
    }
    assert!(agreed.iter().all(|count| *count > 300), "{agreed:?}");
}
