//! Conditions and orders, as they are written.

use serde_json::{Value, json};

use crate::town::{App, Town, ids, refusal};

/// Five orders, `a` to `e`.
async fn five(town: &Town) -> App<'_> {
    let app = town.app("shop").await.with_orders().await;
    let orders = vec![
        json!({ "id": "a", "status": "new", "total": 5, "paid": false, "due": "2026-01-01T00:00:00Z", "items": ["x", "y"] }),
        json!({ "id": "b", "status": "New", "total": 10, "paid": true, "due": "2026-01-01T01:00:00+02:00", "items": [] }),
        json!({ "id": "c", "status": "renewed", "total": 2.5, "extra": { "k": null }, "customer": "7" }),
        json!({ "id": "d", "total": -1, "invoice": "https://a.example/1.pdf", "extra": 0 }),
        json!({ "id": "e", "status": "50%", "customer": "ann" }),
    ];
    app.create_all(orders).await.unwrap();
    app
}

#[tokio::test]
async fn conditions_find_what_they_say() {
    let town = Town::new().await;
    let app = five(&town).await;
    for (filter, expected) in [
        (json!({}), "abcde"),
        (json!({ "status": "new" }), "a"),
        (json!({ "status": { "eq": "new" } }), "a"),
        (json!({ "status": { "ne": "new" } }), "bcde"),
        (json!({ "status": null }), "d"),
        (json!({ "status": { "ne": null } }), "abce"),
        (json!({ "status": { "contains": "new" } }), "ac"),
        (json!({ "status": { "starts_with": "5" } }), "e"),
        (json!({ "status": { "contains": "%" } }), "e"),
        (json!({ "status": { "contains": "_" } }), ""),
        (json!({ "status": { "in": ["new", "New", "gone"] } }), "ab"),
        (json!({ "status": { "in": [] } }), ""),
        (json!({ "status": { "gte": "new" } }), "ac"),
        (json!({ "total": 10 }), "b"),
        (json!({ "total": "10" }), "b"),
        (json!({ "total": { "gt": 2, "lte": 5 } }), "ac"),
        (json!({ "total": { "lt": 0 } }), "d"),
        (json!({ "total": { "gte": 5.0 } }), "ab"),
        (json!({ "total": { "exists": false } }), "e"),
        (json!({ "paid": true }), "b"),
        (json!({ "paid": "false" }), "a"),
        (json!({ "paid": { "ne": true } }), "acde"),
        (json!({ "due": "2026-01-01T00:00:00.000Z" }), "a"),
        (json!({ "due": 1_767_225_600_000_i64 }), "a"),
        (json!({ "due": "1767225600000" }), "a"),
        (json!({ "due": { "lt": "2026-01-01T00:00:00Z" } }), "b"),
        (json!({ "items": { "contains": "x" } }), "a"),
        (json!({ "items": { "exists": true } }), "ab"),
        (json!({ "extra": { "exists": true } }), "cd"),
        (json!({ "extra": null }), "abe"),
        (json!({ "customer": 7 }), "c"),
        (json!({ "invoice": { "starts_with": "https://a.example/" } }), "d"),
        (json!({ "id": { "in": ["a", "e"] } }), "ae"),
        (json!({ "version": 1, "id": "c" }), "c"),
        (json!({ "created_by": null }), "abcde"),
        (json!({ "created_at_ms": { "lt": 0 } }), ""),
        (json!({ "or": [{ "status": "new" }, { "total": { "gt": 9 } }] }), "ab"),
        (json!({ "and": [{ "total": { "gt": 0 } }, { "not": { "status": "new" } }] }), "bc"),
        (json!({ "not": { "or": [{ "paid": true }, { "paid": false }] } }), "cde"),
        (json!({ "not": {} }), ""),
        (json!({ "paid": false, "or": [{ "id": "a" }, { "id": "b" }] }), "a"),
    ] {
        let found = app.list(filter.clone(), "").await.unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!((ids(&found).as_str(), found.total as usize), (expected, expected.len()), "{filter}");
    }
}

#[tokio::test]
async fn conditions_that_make_no_sense_are_refused_at_their_place() {
    let town = Town::new().await;
    let app = five(&town).await;
    let nested = |depth: usize| (0..depth).fold(json!({ "id": "a" }), |inner, _| json!({ "not": inner }));
    assert_eq!(app.list(nested(7), "").await.unwrap().total, 4);
    let many = |count: usize| json!({ "id": { "in": vec!["a"; count] } });
    assert_eq!(app.list(many(200), "").await.unwrap().total, 1);
    for (filter, message) in [
        (json!([]), "filter: must be an object"),
        (json!("status"), "filter: must be an object"),
        (json!({ "nothing": 1 }), "filter.nothing: the structure has no such field"),
        (json!({ "data": 1 }), "filter.data: the structure has no such field"),
        (
            json!({ "status": { "like": "a" } }),
            "filter.status: there is no comparison \"like\", only eq, ne,",
        ),
        (json!({ "status": ["a"] }), "filter.status: must be one value"),
        (json!({ "status": { "eq": {} } }), "filter.status.eq: must be one value"),
        (json!({ "status": { "gt": null } }), "filter.status.gt: must be one value"),
        (json!({ "status": true }), "filter.status: must be compared with a text"),
        (json!({ "status": { "in": "a" } }), "filter.status.in: must be a list of values"),
        (json!({ "status": { "exists": 1 } }), "filter.status.exists: must be true or false"),
        (json!({ "total": "many" }), "filter.total: must be compared with a number"),
        (json!({ "total": { "in": [1, "x"] } }), "filter.total.in: must be compared with a number"),
        (json!({ "total": { "contains": 1 } }), "filter.total.contains: a field of this type can't"),
        (json!({ "paid": { "gt": false } }), "filter.paid.gt: a field of this type can't"),
        (json!({ "paid": 1 }), "filter.paid: must be compared with true or false"),
        (json!({ "due": "soon" }), "filter.due: must be a moment"),
        (json!({ "extra": 1 }), "filter.extra: a field of this type can't"),
        (json!({ "items": "x" }), "filter.items: a field of this type can't"),
        (json!({ "or": [] }), "filter.or: must be a list of conditions"),
        (json!({ "or": { "id": "a" } }), "filter.or: must be a list of conditions"),
        (json!({ "and": [{ "or": [1] }] }), "filter.and.or: must be an object"),
        (nested(8), "filter: conditions must not stand deeper in each other than 8"),
        (many(201), "filter: must not compare with more than 200 values"),
        (json!({ "x') OR 1=1 --": 1 }), "filter.x') OR 1=1 --: the structure has no such field"),
    ] {
        let refused = refusal(app.list(filter.clone(), "").await);
        assert!(refused.starts_with(&format!("invalid_payload: {message}")), "{filter}: {refused}");
    }
    for hostile in ["' OR '1'='1", "\\", "\u{0}", "$.status", "a\"b", "%"] {
        let found = app.list(json!({ "customer": hostile }), "").await.unwrap();
        assert_eq!(found.total, 0, "{hostile:?}");
    }
    assert_eq!(app.list(json!({}), "").await.unwrap().total, 5);
}

#[tokio::test]
async fn lists_are_sorted_by_fields() {
    let town = Town::new().await;
    let app = five(&town).await;
    for (sort, expected) in [
        ("", "abcde"),
        ("total", "dcabe"),
        ("total,asc", "dcabe"),
        ("total,desc", "bacde"),
        (" total , DESC ", "bacde"),
        ("paid,desc,id,desc", "baedc"),
        ("status,id", "ebacd"),
        ("due", "bacde"),
        ("id,desc,", "edcba"),
        ("created_at_ms,version,desc", "abcde"),
    ] {
        assert_eq!(ids(&app.list(json!({}), sort).await.unwrap()), expected, "{sort}");
    }
    for (sort, message) in [
        ("nothing", "sort: the structure has no field \"nothing\""),
        ("desc", "sort: the structure has no field \"desc\""),
        ("id,desc,asc", "sort: the structure has no field \"asc\""),
        ("items", "sort: objects can't be sorted by \"items\""),
        ("extra,desc", "sort: objects can't be sorted by \"extra\""),
        ("id;DROP TABLE objects", "sort: the structure has no field"),
        (&"id,".repeat(9), "sort: must not name more than 8 fields"),
    ] {
        let refused = refusal(app.list(json!({}), sort).await);
        assert!(refused.starts_with(&format!("invalid_payload: {message}")), "{sort}: {refused}");
    }
}

#[tokio::test]
async fn a_filter_is_json() {
    let town = Town::new().await;
    let app = five(&town).await;
    let list = campanile_platform::data::ObjectList { filter: Some("{".into()), ..Default::default() };
    let refused = refusal(town.data.objects(app.id, "orders", list).await);
    assert!(refused.starts_with("invalid_payload: filter: isn't JSON"), "{refused}");
    let no_template = app.list(json!({ "status": "{{WebUser.id}}" }), "").await.unwrap();
    assert_eq!(no_template.items, Vec::<Value>::new());
}
