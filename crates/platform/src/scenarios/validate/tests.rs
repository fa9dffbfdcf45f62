use serde_json::{Value, json};

use super::{Checked, check};
use crate::scenarios::definition::{Definition, DefinitionLimits, Step};

fn checked(document: &Value) -> Checked {
    check(document, &DefinitionLimits::default()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn mistakes(document: &Value) -> Vec<String> {
    let mistakes = check(document, &DefinitionLimits::default()).map(|_| ()).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

/// A scenario with these steps, triggered by an object.
fn with_steps(steps: Value) -> Value {
    json!({"id": "x", "trigger": {"type": "object_created", "structure": "orders"}, "steps": steps})
}

fn with_trigger(trigger: Value) -> Value {
    json!({"id": "x", "trigger": trigger, "steps": []})
}

/// One of everything.
pub(in crate::scenarios) fn everything() -> Value {
    json!({
        "$schema": "../scenario.schema.json", "id": "order-ready", "name": "Order is ready", "enabled": false, "time_zone": "Europe/Berlin",
        "trigger": {"type": "object_changed", "structure": "orders", "fields": ["status"]},
        "filter": "status == 'ready' and total > 10",
        "steps": [
            {"type": "push", "name": "ring", "user_id": "{{owner}}", "event_name": "alert", "message": "Order {{id}} is ready", "mode": "string"},
            {"type": "push", "role": "cook", "event_name": "refresh", "message": {"id": "{{id}}", "n": 1}, "mode": "json"},
            {"type": "push", "user_id": ["a", "{{owner}}"], "event_name": "{{status}}", "mode": "string"},
            {"type": "edit", "set": {"notified": "{{now}}"}, "event": false},
            {"type": "edit", "structure": "tables", "id": "{{table}}", "set": {"free": true}, "event": true},
            {"type": "create", "structure": "log", "id": "{{id}}-log", "set": {"text": "{{id}}"}, "event": false, "as": "entry"},
            {"type": "delete", "structure": "log", "id": "{{entry.id}}", "event": false},
            {"type": "delete", "event": false},
            {"type": "http", "method": "POST", "url": "https://example.com/{{id}}", "headers": {"X-Status": "{{status}}"}, "body": "…", "timeout_ms": 10000, "retries": 3, "as": "answer"},
            {"type": "request_provider", "provider_id": "car-1", "payload": {"cmd": "ping", "who": "{{WebUser.id}}"}, "timeout_ms": 5000, "as": "reply"},
            {"type": "if", "condition": "answer.status == 200", "then": [{"type": "wait", "for_s": 60}], "else": [{"type": "log", "message": "{{answer.status}}"}]},
            {"type": "run_scenario", "scenario": "other"},
            {"type": "log", "name": "last", "message": "{{reply}}"},
        ],
    })
}

#[test]
fn a_good_document_is_read_and_written_as_it_was() {
    let Checked { definition, warnings } = checked(&everything());
    assert_eq!(warnings, []);
    assert_eq!(serde_json::to_value(&definition).unwrap(), everything());
    let stored: Definition = serde_json::from_value(everything()).unwrap();
    assert_eq!(stored, definition);
}

#[test]
fn absent_fields_have_their_defaults() {
    let document = json!({
        "id": "x", "trigger": {"type": "webhook"},
        "steps": [
            {"type": "http", "url": "https://example.com"}, {"type": "request_provider", "provider_id": "p"},
            {"type": "respond"}, {"type": "push", "user_id": "*", "event_name": "e"},
        ],
    });
    let written = serde_json::to_value(checked(&document).definition).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "x", "enabled": true, "trigger": {"type": "webhook"},
            "steps": [
                {"type": "http", "method": "GET", "url": "https://example.com", "timeout_ms": 10_000, "retries": 0},
                {"type": "request_provider", "provider_id": "p", "timeout_ms": 5_000},
                {"type": "respond", "status": 200, "content_type": "application/json"},
                {"type": "push", "user_id": "*", "event_name": "e", "mode": "string"},
            ],
        })
    );
}

/// One of each kind.
pub(in crate::scenarios) fn triggers() -> Vec<Value> {
    vec![
        json!({"type": "object_created", "structure": "orders"}),
        json!({"type": "object_changed", "structure": "orders"}),
        json!({"type": "object_deleted", "structure": "orders"}),
        json!({"type": "schedule", "every_s": 60}),
        json!({"type": "schedule", "cron": "0 9 * * mon-fri"}),
        json!({"type": "schedule", "daily": "09:00"}),
        json!({"type": "schedule", "weekly": {"day": "monday", "at": "09:00"}}),
        json!({"type": "schedule", "monthly": {"day": 31, "at": "09:00"}}),
        json!({"type": "scenario"}),
        json!({"type": "endpoint", "endpoint": "orders/2-create"}),
        json!({"type": "webhook"}),
        json!({"type": "socket_event", "event_name": "hello"}),
        json!({"type": "user_online"}),
        json!({"type": "user_offline"}),
        json!({"type": "provider_online"}),
        json!({"type": "provider_offline", "provider_id": "car-1"}),
        json!({"type": "provider_broadcast", "provider_id": "car-1"}),
    ]
}

#[test]
fn every_kind_of_trigger_is_read() {
    for trigger in triggers() {
        let definition = checked(&with_trigger(trigger.clone())).definition;
        assert_eq!(serde_json::to_value(definition.trigger).unwrap(), trigger);
    }
}

#[test]
fn mistakes_of_the_document() {
    for (document, expected) in [
        (json!([]), "must be an object"),
        (json!({"trigger": {"type": "webhook"}, "steps": []}), "\"id\" is missing"),
        (json!({"id": "x", "steps": []}), "trigger: is missing"),
        (json!({"id": "x", "trigger": {"type": "webhook"}}), "steps: is missing"),
        (json!({"id": "x", "trigger": {"type": "webhook"}, "steps": {}}), "steps: must be a list"),
        (json!({"id": "x", "trigger": 5, "steps": []}), "trigger: must be an object"),
        (
            json!({"id": "", "trigger": {"type": "webhook"}, "steps": []}),
            "id: must be 1 to 64 letters without accents, digits, _ and -",
        ),
        (
            json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [], "time_zone": "Mars"}),
            "time_zone: \"Mars\" is no time zone: Europe/Berlin is one",
        ),
        (
            json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [], "filter": "a &"}),
            "filter: '&' means nothing here (line 1, column 3)",
        ),
        (
            json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [], "enabled": "yes"}),
            "enabled: must be a boolean",
        ),
        (
            json!({"$schema": 5, "id": "x", "trigger": {"type": "webhook"}, "steps": []}),
            "$schema: must be a string",
        ),
        (
            json!({"id": "x", "name": "n".repeat(201), "trigger": {"type": "webhook"}, "steps": []}),
            "name: can't have more than 200 bytes",
        ),
    ] {
        assert_eq!(mistakes(&document), [expected], "{document}");
    }
}

#[test]
fn mistakes_of_triggers() {
    for (trigger, expected) in [
        (json!({}), "trigger: \"type\" is missing"),
        (json!({"type": "webhook", "x": 1}), "trigger.x: isn't known"),
        (json!({"type": "object_created"}), "trigger: \"structure\" is missing"),
        (json!({"type": "object_created", "structure": 5}), "trigger.structure: must be a string"),
        (
            json!({"type": "socket_event", "event_name": "connect"}),
            "trigger.event_name: \"connect\" is reserved by Socket.IO",
        ),
        (
            json!({"type": "socket_event", "event_name": "authenticate"}),
            "trigger.event_name: \"authenticate\" is an event of the hub's own",
        ),
        (
            json!({"type": "socket_event", "event_name": "request_provider"}),
            "trigger.event_name: \"request_provider\" is an event of the hub's own",
        ),
        (
            json!({"type": "endpoint", "endpoint": "orders"}),
            "trigger.endpoint: must be a structure and a method: \"orders/create\"",
        ),
        (
            json!({"type": "provider_online", "provider_id": ""}),
            "trigger.provider_id: must have 1 to 256 bytes",
        ),
        (json!({"type": "schedule", "cron": "0 0 30 2 *"}), "trigger: never comes"),
        (
            json!({"type": "schedule", "cron": "0 0 30"}),
            "trigger.cron: a cron expression has five fields: minute, hour, day of the month, month, day of the week",
        ),
        (
            json!({"type": "schedule"}),
            "trigger: exactly one of every_s, cron, daily, weekly, monthly is needed",
        ),
        (
            json!({"type": "schedule", "weekly": {"day": "mo", "at": "09:00"}}),
            "trigger.weekly: isn't known; expected one of \"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\"",
        ),
    ] {
        assert_eq!(mistakes(&with_trigger(trigger.clone())), [expected], "{trigger}");
    }
    let unknown = mistakes(&with_trigger(json!({"type": "moon"})));
    assert!(
        unknown[0].starts_with("trigger.type: isn't known; expected one of \"object_created\""),
        "{unknown:?}"
    );
}

#[test]
fn mistakes_of_steps() {
    let name = "must be a name: up to 64 letters without accents, digits and _, not beginning with a digit";
    for (step, expected) in [
        (json!(5), "steps[0]: must be an object".to_owned()),
        (json!({"message": "x"}), "steps[0]: \"type\" is missing".to_owned()),
        (json!({"type": "log"}), "steps[0]: \"message\" is missing".to_owned()),
        (json!({"type": "log", "message": 5}), "steps[0].message: must be a string".to_owned()),
        (json!({"type": "log", "message": "{{"}), "steps[0].message: the braces aren't closed with \"}}\" (line 1, column 1)".to_owned()),
        (json!({"type": "log", "message": "", "name": "n".repeat(201)}), "steps[0].name: can't have more than 200 bytes".to_owned()),
        (json!({"type": "push", "event_name": "e"}), "steps[0].user_id: either user_id or role is needed, not both".to_owned()),
        (json!({"type": "push", "event_name": "e", "user_id": "u", "role": "r"}), "steps[0].user_id: either user_id or role is needed, not both".to_owned()),
        (json!({"type": "push", "event_name": "e", "user_id": [1]}), "steps[0].user_id: must be a text or a list of texts".to_owned()),
        (json!({"type": "push", "event_name": "", "user_id": "u"}), "steps[0].event_name: must have 1 to 1000 bytes".to_owned()),
        (json!({"type": "push", "event_name": "e", "user_id": "u", "message": {}}), "steps[0].message: must be a text; a value needs \"mode\": \"json\"".to_owned()),
        (json!({"type": "push", "event_name": "e", "user_id": "u", "message": {"a": ["{{#x}}"]}, "mode": "json"}), "steps[0].message.a[0]: the section \"x\" isn't closed (line 1, column 1)".to_owned()),
        (json!({"type": "push", "event_name": "e", "user_id": "u", "mode": "xml"}), "steps[0].mode: isn't known; expected \"string\" or \"json\"".to_owned()),
        (json!({"type": "edit", "set": {}}), "steps[0].set: is empty".to_owned()),
        (json!({"type": "edit", "set": {"a b": 1}}), format!("steps[0].set.a b: {name}")),
        (json!({"type": "edit", "structure": "orders", "set": {"a": 1}}), "steps[0].id: is missing: which object of the structure is meant?".to_owned()),
        (json!({"type": "create", "structure": "1"}), format!("steps[0].structure: {name}")),
        (json!({"type": "create", "structure": "s", "as": "a-b"}), format!("steps[0].as: {name}")),
        (json!({"type": "create", "structure": "s", "as": "now"}), "steps[0].as: \"now\" means something else already".to_owned()),
        (json!({"type": "http", "url": "ftp://x"}), "steps[0].url: must begin with https:// or http://".to_owned()),
        (json!({"type": "http", "url": "{{url}}", "retries": 11}), "steps[0].retries: can't be more than 10".to_owned()),
        (json!({"type": "http", "url": "{{url}}", "timeout_ms": 0}), "steps[0].timeout_ms: must be 1 to 60000".to_owned()),
        (json!({"type": "http", "url": "{{url}}", "headers": {"Host": "x"}}), "steps[0].headers.Host: is set by the hub".to_owned()),
        (json!({"type": "http", "url": "{{url}}", "headers": {"a b": "x"}}), "steps[0].headers.a b: isn't the name of a header".to_owned()),
        (json!({"type": "http", "url": "{{url}}", "method": "get"}), "steps[0].method: isn't known; expected one of \"GET\", \"HEAD\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\"".to_owned()),
        (json!({"type": "request_provider", "provider_id": ""}), "steps[0].provider_id: is empty".to_owned()),
        (json!({"type": "if", "condition": "a =="}), "steps[0].condition: a value is missing at the end (line 1, column 5)\nsteps[0].then: has no steps, nor has \"else\"".to_owned()),
        (json!({"type": "if", "condition": "a", "then": 5, "else": [{"type": "log", "message": ""}]}), "steps[0].then: must be a list".to_owned()),
        (json!({"type": "run_scenario", "scenario": "a b"}), "steps[0].scenario: must be 1 to 64 letters without accents, digits, _ and -".to_owned()),
        (json!({"type": "wait", "for_s": 0}), "steps[0].for_s: must be 1 to 2592000".to_owned()),
        (json!({"type": "wait", "for_s": -1}), "steps[0].for_s: must be u64".to_owned()),
        (json!({"type": "respond", "status": 100}), "steps[0].status: must be 200 to 599".to_owned()),
        (json!({"type": "respond", "content_type": "a/b\r\nX: y"}), "steps[0].content_type: must be a media type: \"text/plain\"".to_owned()),
        (json!({"type": "log", "message": "", "then": []}), "steps[0].then: isn't known; expected \"name\" or \"message\"".to_owned()),
    ] {
        assert_eq!(mistakes(&with_steps(json!([step]))).join("\n"), expected, "{step}");
    }
    let unknown = mistakes(&with_steps(json!([{"type": "fly"}])));
    assert!(
        unknown[0].starts_with("steps[0].type: isn't known; expected one of \"push\", \"edit\""),
        "{unknown:?}"
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let document = json!({
        "id": "x y", "nam": "typo", "enabled": 1, "trigger": {"type": "object_created", "structure": "a b", "x": 1}, "filter": "(",
        "steps": [
            {"type": "push", "event_name": 5, "user_id": "{{", "colour": "red"},
            {"type": "if", "condition": ")", "then": [{"type": "http", "url": "nowhere", "timeout_ms": 0}, {"type": "nothing"}], "els": []},
            {"type": "log", "message": "{{/a}}"},
        ],
    });
    let places: Vec<String> = check(&document, &DefinitionLimits::default())
        .unwrap_err()
        .into_iter()
        .map(|finding| finding.path)
        .collect();
    let expected = [
        "enabled",
        "nam",
        "trigger.x",
        "steps[0].colour",
        "steps[0].event_name",
        "steps[1].els",
        "steps[1].then[1].type",
        "id",
        "filter",
        "trigger.structure",
        "steps[1].condition",
        "steps[1].then[0].url",
        "steps[1].then[0].timeout_ms",
        "steps[2].message",
    ];
    assert_eq!(places, expected);
}

#[test]
fn size_number_and_depth_are_limited() {
    let step = json!({"type": "log", "message": "x"});
    assert_eq!(
        mistakes(&with_steps(json!(vec![step.clone(); 201]))),
        ["steps: a scenario can't have more than 200 steps"]
    );
    checked(&with_steps(json!(vec![step.clone(); 200])));

    let nested = |depth: usize| {
        (0..depth).fold(step.clone(), |inner, _| json!({"type": "if", "condition": "a", "then": [inner]}))
    };
    checked(&with_steps(json!([nested(8)])));
    let deep = mistakes(&with_steps(json!([nested(9)])));
    assert_eq!(
        deep[0],
        format!("steps[0]{}: conditions can't be more than 8 deep", ".then[0]".repeat(8) + ".then")
    );

    let long = json!({"type": "log", "message": "x".repeat(256 * 1024)});
    assert_eq!(mistakes(&with_steps(json!([long]))), ["a scenario can't have more than 262144 bytes"]);
}

#[test]
fn an_object_is_needed_to_edit_it() {
    let edit =
        json!({"id": "x", "trigger": {"type": "webhook"}, "steps": [{"type": "edit", "set": {"a": 1}}]});
    assert_eq!(mistakes(&edit), ["steps[0].structure: is missing: the trigger comes without an object"]);
    let linked = json!({"id": "x", "trigger": {"type": "scenario"}, "steps": [{"type": "delete"}]});
    checked(&linked);
}

#[test]
fn what_looks_wrong_is_a_warning() {
    let document = with_steps(json!([
        {"type": "log", "message": "{{answer.status}} {{later}}"},
        {"type": "if", "condition": "answer", "then": [{"type": "http", "url": "https://example.com", "as": "answer"}],
            "else": [{"type": "log", "message": "{{#answer}}{{status}}{{/answer}}"}]},
        {"type": "log", "message": "{{answer.status}}"},
        {"type": "respond"},
        {"type": "run_scenario", "scenario": "x"},
    ]));
    let warnings: Vec<String> = checked(&document).warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "steps[0].message: reads \"answer\" before a step has left it there",
            "steps[1].condition: reads \"answer\" before a step has left it there",
            "steps[1].else[0].message: reads \"answer\" before a step has left it there",
            "steps[3]: nobody waits for an answer with this trigger",
            "steps[4]: the scenario starts itself: that ends at the limit of depth",
        ]
    );
}

#[test]
fn every_kind_of_step_is_told_apart() {
    let Checked { definition, .. } = checked(&everything());
    let kinds: Vec<&str> = definition.steps.iter().map(Step::kind).collect();
    assert_eq!(
        kinds[5..],
        ["create", "delete", "delete", "http", "request_provider", "if", "run_scenario", "log"]
    );
}
