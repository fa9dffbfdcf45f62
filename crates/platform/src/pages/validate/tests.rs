use serde_json::{Value, json};

use super::check;
use crate::pages::document::DocumentLimits;

/// One of everything.
pub(in crate::pages) fn everything() -> Value {
    json!({
        "$schema": "../page.schema.json", "title": "Shop", "access": "users", "lang": "pt-BR",
        "blocks": [
            {"type": "text", "id": "hello", "width": 6, "title": "Hello", "text": "Hi {{WebUser.id}} {{#x}}a{{/x}}", "endpoint": "orders/open", "refresh_on": ["orders"]},
            {"type": "html", "html": "<b>{{name}}</b>", "endpoint": "orders/open"},
            {"type": "table", "endpoint": "orders/open", "columns": [{"field": "id"}, {"field": "total", "title": "Total"}], "page_size": 20, "sort": "total,desc, status"},
            {"type": "cards", "endpoint": "orders/open", "heading": "{{id}}", "text": "*{{total}}*", "image": "https://example.com/{{id}}.png", "page_size": 200, "sort": "id"},
            {"type": "form", "endpoint": "orders/new", "submit": "Order", "done": "Thank you, {{id}}", "fields": [
                {"field": "name", "label": "Name", "kind": "text", "required": true, "value": "{{WebUser.id}}"},
                {"field": "note", "kind": "multiline"}, {"field": "count", "kind": "number"},
                {"field": "gift", "kind": "checkbox"}, {"field": "day", "kind": "date"},
                {"field": "size", "kind": "select", "options": ["S", "M"]},
                {"field": "origin", "kind": "hidden", "value": "page"},
            ]},
            {"type": "chat", "read": "messages/read", "write": "messages/write", "text": "text", "author": "created_by", "time": "created_at_ms"},
            {"type": "chart", "endpoint": "orders/open", "kind": "bar", "x": "day", "y": ["total", "count"], "sort": "day"},
        ],
    })
}

fn with_blocks(blocks: Value) -> Value {
    json!({"title": "x", "blocks": blocks})
}

fn mistakes(document: &Value) -> Vec<String> {
    let mistakes = check(document, &DocumentLimits::default()).map(drop).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_block_is_read() {
    let document = check(&everything(), &DocumentLimits::default()).unwrap();
    assert_eq!(document.blocks.len(), 7);
    check(&with_blocks(json!([])), &DocumentLimits::default()).unwrap();
    let least = json!([
        {"type": "text", "text": ""}, {"type": "html", "html": ""}, {"type": "table", "endpoint": "a/b", "columns": [{"field": "c"}]},
        {"type": "cards", "endpoint": "a/b", "heading": ""}, {"type": "form", "endpoint": "a/b", "fields": []},
        {"type": "chat", "read": "a/b"}, {"type": "chart", "endpoint": "a/b", "x": "c", "y": ["d"]},
    ]);
    check(&with_blocks(least), &DocumentLimits::default()).unwrap();
}

#[test]
fn mistakes_of_the_document() {
    for (document, expected) in [
        (json!([]), "must be an object"),
        (json!({"blocks": []}), "\"title\" is missing"),
        (json!({"title": "x"}), "blocks: is missing"),
        (json!({"title": "", "blocks": []}), "title: is empty"),
        (
            json!({"title": "a\u{7}", "blocks": []}),
            "title: must have at most 200 bytes and no control characters",
        ),
        (json!({"title": "x", "blocks": {}}), "blocks: must be a list"),
        (
            json!({"title": "x", "blocks": [], "access": "me"}),
            "access: isn't known; expected \"everyone\" or \"users\"",
        ),
        (json!({"title": "x", "blocks": [], "lang": "e"}), "lang: must be a language: \"en\", \"pt-BR\""),
        (json!({"title": "x", "blocks": [5]}), "blocks[0]: must be an object"),
    ] {
        assert_eq!(mistakes(&document), [expected], "{document}");
    }
    let unknown = mistakes(&json!({"title": "x", "blocks": [], "style": "x"}));
    assert!(unknown[0].starts_with("style: isn't known; expected one of"), "{unknown:?}");
}

#[test]
fn mistakes_of_blocks() {
    let name = "must be a name: up to 64 letters without accents, digits and _, not beginning with a digit";
    let endpoint = "must be a structure and a method: \"orders/open\"";
    let sort = "must be fields, each with its direction if it isn't \"asc\": \"total,desc,status\"";
    for (block, expected) in [
        (json!({"text": "x"}), "blocks[0]: \"type\" is missing".to_owned()),
        (json!({"type": "text"}), "blocks[0]: \"text\" is missing".to_owned()),
        (
            json!({"type": "text", "text": "{{#x}}"}),
            "blocks[0].text: the section \"x\" isn't closed (line 1, column 1)".to_owned(),
        ),
        (
            json!({"type": "text", "text": "", "endpoint": "orders"}),
            format!("blocks[0].endpoint: {endpoint}"),
        ),
        (
            json!({"type": "text", "text": "", "id": "a b"}),
            "blocks[0].id: must be 1 to 64 letters without accents, digits, _ and -".to_owned(),
        ),
        (json!({"type": "text", "text": "", "width": 13}), "blocks[0].width: must be 1 to 12".to_owned()),
        (json!({"type": "text", "text": "", "width": 0}), "blocks[0].width: must be 1 to 12".to_owned()),
        (
            json!({"type": "text", "text": "", "refresh_on": ["ok", "connect"]}),
            "blocks[0].refresh_on[1]: \"connect\" is reserved by Socket.IO".to_owned(),
        ),
        (
            json!({"type": "html", "html": "{{{a}}"}),
            "blocks[0].html: the braces aren't closed with \"}}}\" (line 1, column 1)".to_owned(),
        ),
        (
            json!({"type": "table", "endpoint": "a/b", "columns": []}),
            "blocks[0].columns: is empty".to_owned(),
        ),
        (
            json!({"type": "table", "endpoint": "a/b", "columns": [{"field": "a"}, {"field": "1"}]}),
            format!("blocks[0].columns[1].field: {name}"),
        ),
        (
            json!({"type": "table", "endpoint": "a/b", "columns": [{"title": "a"}]}),
            "blocks[0].columns[0]: \"field\" is missing".to_owned(),
        ),
        (
            json!({"type": "table", "endpoint": "a/b", "columns": [{"field": "a"}], "page_size": 201}),
            "blocks[0].page_size: must be 1 to 200".to_owned(),
        ),
        (
            json!({"type": "table", "endpoint": "a/b", "columns": [{"field": "a"}], "sort": "a,desc,"}),
            format!("blocks[0].sort: {sort}"),
        ),
        (
            json!({"type": "cards", "endpoint": "a/b", "heading": "", "image": "javascript:alert(1)"}),
            "blocks[0].image: must begin with \"https://\", \"/\", \"data:image/\" or \"{{\"".to_owned(),
        ),
        (
            json!({"type": "form", "endpoint": "a/b", "fields": [{"field": "a"}, {"field": "a"}]}),
            "blocks[0].fields: there are two with the name \"a\"".to_owned(),
        ),
        (
            json!({"type": "form", "endpoint": "a/b", "fields": [{"field": "a", "kind": "select"}]}),
            "blocks[0].fields[0].options: is missing: what can be chosen?".to_owned(),
        ),
        (
            json!({"type": "form", "endpoint": "a/b", "fields": [{"field": "a", "options": ["x"]}]}),
            "blocks[0].fields[0].options: is only for the kind \"select\"".to_owned(),
        ),
        (
            json!({"type": "form", "endpoint": "a/b", "fields": [{"field": "a", "kind": "hidden"}]}),
            "blocks[0].fields[0].value: is missing: nobody can fill in a hidden field".to_owned(),
        ),
        (
            json!({"type": "form", "endpoint": "a/b", "fields": [], "done": "{{"}),
            "blocks[0].done: the braces aren't closed with \"}}\" (line 1, column 1)".to_owned(),
        ),
        (json!({"type": "chat", "read": "a/b", "write": "a b/c"}), format!("blocks[0].write: {endpoint}")),
        (json!({"type": "chat", "read": "a/b", "author": "a.b"}), format!("blocks[0].author: {name}")),
        (json!({"type": "chart", "endpoint": "a/b", "x": "c", "y": []}), "blocks[0].y: is empty".to_owned()),
        (
            json!({"type": "chart", "endpoint": "a/b", "x": "c", "y": ["d"], "kind": "pie"}),
            "blocks[0].kind: isn't known; expected \"line\" or \"bar\"".to_owned(),
        ),
    ] {
        assert_eq!(mistakes(&with_blocks(json!([block]))), [expected], "{block}");
    }
    let unknown = mistakes(&with_blocks(json!([{"type": "map"}])));
    assert!(unknown[0].starts_with("blocks[0].type: isn't known; expected one of \"text\""), "{unknown:?}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let document = json!({
        "title": 5, "acces": "users",
        "blocks": [
            {"type": "text", "id": "a", "text": "{{", "colour": "red"},
            {"type": "table", "endpoint": "x", "columns": [{"field": "a", "title": 5}, {"field": "b c"}, 7], "page_size": "many"},
            {"type": "form", "endpoint": "a/b", "fields": [{"field": "a", "kind": "colour"}, {"field": "a b"}]},
            {"type": "text", "id": "b", "text": ""}, {"type": "text", "id": "b", "text": "", "width": 99},
        ],
    });
    let found = check(&document, &DocumentLimits::default()).map(drop).unwrap_err();
    let places: Vec<String> = found.into_iter().map(|finding| finding.path).collect();
    let expected = [
        "acces",
        "title",
        "blocks[0].colour",
        "blocks[1].page_size",
        "blocks[1].columns[0].title",
        "blocks[1].columns[2]",
        "blocks[2].fields[0].kind",
        "blocks[0].text",
        "blocks[4].width",
        "blocks[4].id",
        "blocks[1].columns[1].field",
        "blocks[2].fields[1].field",
    ];
    assert_eq!(places, expected);
}

#[test]
fn size_and_numbers_are_limited() {
    let limits = DocumentLimits { bytes_max: 400, blocks_max: 2, fields_max: 1 };
    let text = json!({"type": "text", "text": ""});
    let told = |document: Value| {
        let mistakes = check(&document, &limits).map(drop).unwrap_err();
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    check(&with_blocks(json!([text, text])), &limits).unwrap();
    assert_eq!(
        told(with_blocks(json!([text, text, text]))),
        ["blocks: a page can't have more than 2 blocks (limits.page_blocks_max)"]
    );
    assert_eq!(
        told(with_blocks(json!([{"type": "text", "text": "x".repeat(400)}]))),
        ["a page can't have more than 400 bytes (limits.page_bytes_max)"]
    );
    let two = json!([{"field": "a"}, {"field": "b"}]);
    assert_eq!(
        told(with_blocks(json!([{"type": "table", "endpoint": "a/b", "columns": two}]))),
        ["blocks[0].columns: can't be more than 1 (limits.page_fields_max)"]
    );
}
