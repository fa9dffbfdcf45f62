//! Objects: written, read, and noted as changes.

use campanile_platform::data::{DataOptions, Event, Others};
use serde_json::{Value, json};

use crate::town::{Town, backend, fields, refusal};

fn parsed(text: Option<&String>) -> Value {
    text.map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn an_object_is_written_whole_and_in_parts() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let created = app.create(json!({ "id": 7, "total": 1.0, "status": "new", "due": 0 })).await.unwrap();
    let (total, due) = (json!(1), json!("1970-01-01T00:00:00.000Z"));
    assert_eq!(
        (&created["id"], &created["version"], &created["total"], &created["due"]),
        (&json!("7"), &json!(1), &total, &due)
    );
    assert_eq!(created["created_by"], Value::Null);
    assert_eq!(app.get("7").await.unwrap(), created);

    let updated = app.update("7", json!({ "status": "paid", "due": null })).await.unwrap();
    assert_eq!(
        (&updated["version"], &updated["status"], updated.get("due")),
        (&json!(2), &json!("paid"), None)
    );
    assert_eq!(updated["total"], total);
    assert!(updated["updated_at_ms"].as_i64() > updated["created_at_ms"].as_i64());
    assert_eq!(updated["created_at_ms"], created["created_at_ms"]);

    let replaced = app.replace("7", json!({ "paid": true })).await.unwrap();
    assert_eq!(
        (replaced.get("total"), &replaced["paid"], &replaced["version"]),
        (None, &json!(true), &json!(3))
    );

    app.delete("7", None).await.unwrap();
    for refused in [app.get("7").await, app.update("7", json!({})).await, app.replace("7", json!({})).await] {
        assert_eq!(refusal(refused), "object_not_found: the structure \"orders\" has no object \"7\"");
    }
    assert!(refusal(app.delete("7", None).await).starts_with("object_not_found"));
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_unless_somebody_was_faster() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    app.create(json!({ "id": "1", "total": 1 })).await.unwrap();
    let mut mine = app.get("1").await.unwrap();
    mine["total"] = json!(2);
    let mine = app.replace("1", mine).await.unwrap();
    assert_eq!(mine["version"], 2);

    app.update("1", json!({ "total": 3, "version": 2 })).await.unwrap();
    let refused = refusal(app.replace("1", mine.clone()).await);
    assert_eq!(refused, "version_conflict: the object \"1\" has the version 3, not 2");
    assert!(refusal(app.update("1", mine).await).starts_with("version_conflict"));
    assert!(refusal(app.delete("1", Some(2)).await).starts_with("version_conflict"));
    assert_eq!(app.delete("1", Some(3)).await, Ok(()));
}

#[tokio::test]
async fn mistakes_name_their_field() {
    let options = DataOptions { object_bytes_max: 60, objects_per_request_max: 2, ..DataOptions::default() };
    let town = Town::with(options).await;
    let app = town.app("shop").await.with_orders().await;
    let required = json!({ "fields": [{ "name": "a", "type": "string", "required": true }, { "name": "b", "type": "json" }] });
    app.put_structure("orders", required).await.unwrap();
    app.create(json!({ "id": "1", "a": "" })).await.unwrap();
    for (object, message) in [
        (json!({}), "invalid_payload: a: is required"),
        (json!({ "a": null }), "invalid_payload: a: is required"),
        (json!({ "a": 1 }), "invalid_payload: a: must be a text"),
        (json!({ "a": "", "c": 1 }), "invalid_payload: c: the structure \"orders\" has no such field"),
        (json!({ "a": "", "__proto__": 1 }), "invalid_payload: __proto__: the structure"),
        (json!({ "a": "", "id": "" }), "invalid_payload: id: an id: must have 1 to 200 bytes"),
        (json!({ "a": "", "id": [] }), "invalid_payload: id: must be an id"),
        (json!({ "a": "", "version": "1" }), "invalid_payload: version: must be a whole number"),
        (json!({ "a": "x".repeat(60) }), "invalid_payload: the object: must not be larger than 60 bytes"),
        (json!({ "a": "", "id": "1" }), "object_exists: there is an object \"1\" already"),
    ] {
        let refused = refusal(app.create(object.clone()).await);
        assert!(refused.starts_with(message), "{object}: {refused}");
    }
    let refused = refusal(app.update("1", json!({ "id": "2" })).await);
    assert_eq!(refused, "invalid_payload: id: isn't \"1\", as the path says");
    assert_eq!(refusal(app.update("1", json!({ "a": null })).await), "invalid_payload: a: is required");
    for objects in [vec![], vec![json!({ "a": "" }); 3]] {
        assert!(
            refusal(app.create_all(objects).await)
                .starts_with("invalid_payload: the objects: must be 1 to 2")
        );
    }
    let nowhere = town.data.object("shop", "notes", "1").await;
    assert_eq!(refusal(nowhere), "structure_not_found: there is no structure \"notes\"");
    assert!(refusal(town.data.object("nowhere", "orders", "1").await).starts_with("app_not_found"));
}

#[tokio::test]
async fn of_several_objects_all_are_created_or_none() {
    let town = Town::with(DataOptions { objects_per_app_max: 3, ..DataOptions::default() }).await;
    let app = town.app("shop").await.with_orders().await;
    let object = |id: &str, total: Value| json!({ "id": id, "total": total });
    let wrong = app.create_all(vec![object("1", json!(1)), object("2", json!("x"))]).await;
    assert!(refusal(wrong).starts_with("invalid_payload: total"));
    let twice = app.create_all(vec![object("1", json!(1)), object("1", json!(2))]).await;
    assert!(refusal(twice).starts_with("object_exists"));
    assert_eq!(app.list(json!({}), "").await.unwrap().total, 0);
    assert!(town.changes().await.is_empty());

    let created = app.create_all(vec![json!({}), json!({}), json!({})]).await.unwrap();
    assert_eq!((created.len(), town.changes().await.len()), (3, 3));
    let refused = refusal(app.create(json!({})).await);
    assert_eq!(refused, "limit_reached: the limit limits.objects_per_app_max is reached");
    app.delete(created[0]["id"].as_str().unwrap(), None).await.unwrap();
    app.create(json!({})).await.unwrap();
}

#[tokio::test]
async fn what_really_changes_is_noted_with_what_it_was_before() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let created = app.create(json!({ "id": "1", "total": 1, "status": "new" })).await.unwrap();
    assert_eq!(app.update("1", json!({ "total": 1.0 })).await.unwrap(), created);
    assert_eq!(app.replace("1", json!({ "total": 1, "status": "new", "due": null })).await.unwrap(), created);
    let changed = app.update("1", json!({ "total": 2, "status": "new", "paid": false })).await.unwrap();
    app.delete("1", None).await.unwrap();

    let changes = town.changes().await;
    let told: Vec<_> =
        changes.iter().map(|change| (change.what.kind.as_str(), change.what.fields.as_str())).collect();
    let expected = [
        ("created", r#"["status","total"]"#),
        ("changed", r#"["paid","total"]"#),
        ("deleted", r#"["paid","status","total"]"#),
    ];
    assert_eq!(told, expected);
    let images: Vec<_> = changes
        .iter()
        .map(|change| (parsed(change.what.before.as_ref()), parsed(change.what.after.as_ref())))
        .collect();
    assert_eq!(images, [(Value::Null, created.clone()), (created, changed.clone()), (changed, Value::Null)]);
    let first = &changes[0].what;
    assert_eq!(
        (first.structure.as_str(), first.object_id.as_str(), first.actor.as_str(), first.depth),
        ("orders", "1", "key:k", 0)
    );
}

#[tokio::test]
async fn a_silent_write_is_not_noted() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let (shop, orders, actor) = (app.id, "orders", backend());
    let object = vec![fields(json!({ "id": "1" }))];
    town.data.create_objects(&actor, shop, orders, object, Event::Silent).await.unwrap();
    let total = fields(json!({ "total": 2 }));
    let updated = town
        .data
        .change_object(&actor, (shop, orders, "1"), total, Others::Stay, Event::Silent)
        .await
        .unwrap();
    assert_eq!(updated["version"], 2);
    town.data
        .change_object(&actor, (shop, orders, "1"), fields(json!({})), Others::Go, Event::Silent)
        .await
        .unwrap();
    town.data.delete_object(&actor, shop, orders, "1", None, Event::Silent).await.unwrap();
    assert!(town.changes().await.is_empty());
}

#[tokio::test]
async fn changes_that_no_scenario_waits_for_are_not_kept() {
    let town = Town::new().await;
    let (app, other) = (town.app("shop").await, town.app("other").await.with_orders().await);
    app.put_structure("orders", json!({ "fields": [] })).await.unwrap();
    app.create(json!({})).await.unwrap();
    assert!(town.changes().await.is_empty());
    other.create(json!({})).await.unwrap();
    assert_eq!(town.changes().await.len(), 1);
}

#[tokio::test]
async fn where_too_many_changes_wait_only_silent_writes_go_on() {
    let town = Town::with(DataOptions { changes_waiting_max: 2, ..DataOptions::default() }).await;
    let app = town.app("shop").await.with_orders().await;
    let other = town.app("other").await.with_orders().await;
    app.create_all(vec![json!({ "id": "1" }), json!({ "id": "2" })]).await.unwrap();
    let error = app.update("1", json!({ "total": 1 })).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.retry_after_s), ("overloaded", Some(1)));
    assert_eq!(app.get("1").await.unwrap()["version"], 1, "a change without its note is none");
    app.update("1", json!({})).await.unwrap();
    other.create(json!({})).await.unwrap();

    let total = fields(json!({ "total": 1 }));
    town.data
        .change_object(&backend(), ("shop", "orders", "1"), total, Others::Stay, Event::Silent)
        .await
        .unwrap();
    let first = town.changes().await[0].number;
    town.store.write(move |tx| tx.delete_changes(&[first])).await.unwrap();
    app.update("1", json!({ "total": 2 })).await.unwrap();
}

#[tokio::test]
async fn apps_have_nothing_in_common() {
    let town = Town::new().await;
    let shop = town.app("shop").await.with_orders().await;
    let other = town.app("other").await.with_orders().await;
    shop.create(json!({ "id": "1", "total": 1 })).await.unwrap();
    assert!(refusal(other.get("1").await).starts_with("object_not_found"));
    assert!(refusal(other.update("1", json!({ "total": 2 })).await).starts_with("object_not_found"));
    assert!(refusal(other.delete("1", None).await).starts_with("object_not_found"));
    assert_eq!(other.list(json!({}), "").await.unwrap().total, 0);
    other.create(json!({ "id": "1", "total": 9 })).await.unwrap();
    assert_eq!(shop.get("1").await.unwrap()["total"], 1);
}
