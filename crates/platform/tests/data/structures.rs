//! Structures: put, changed, deleted.

use campanile_platform::data::DataOptions;
use serde_json::json;

use crate::town::{Town, backend, refusal};

#[tokio::test]
async fn a_structure_shows_what_was_put() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    app.create(json!({ "total": 1 })).await.unwrap();
    let shown = town.data.structure("shop", "orders").await.unwrap();
    assert_eq!((shown.name.as_str(), shown.fields.len(), shown.objects), ("orders", 8, 1));
    assert_eq!(town.data.structures("shop").await.unwrap().len(), 1);
    let audit = town.accounts.audit(Some("shop".into()), None, 10).await.unwrap();
    let noted = |action: &str| audit.items.iter().find(|entry| entry.action == action).cloned();
    assert_eq!(noted("structure.put").unwrap().subject, "orders");

    let gone = town.data.delete_structure(&backend(), "shop", "orders").await;
    assert_eq!(gone, Ok(()));
    assert_eq!(
        refusal(town.data.structure("shop", "orders").await),
        "structure_not_found: there is no structure \"orders\""
    );
    let again = town.data.delete_structure(&backend(), "shop", "orders").await;
    assert!(refusal(again).starts_with("structure_not_found"));
}

#[tokio::test]
async fn objects_are_seen_as_their_structure_is_now() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    app.create(json!({ "id": "1", "total": 1, "status": "new" })).await.unwrap();
    let only_total = json!({ "fields": [{ "name": "total", "type": "string", "required": true }] });
    app.put_structure("orders", only_total).await.unwrap();

    let object = app.get("1").await.unwrap();
    assert_eq!((&object["total"], object.get("status")), (&json!(1), None));
    assert!(refusal(app.list(json!({ "status": "new" }), "").await).contains("no such field"));
    assert_eq!(app.list(json!({ "total": "1" }), "").await.unwrap().total, 0, "a number is no text");
    assert_eq!(
        refusal(app.update("1", json!({ "total": 2 })).await),
        "invalid_payload: total: must be a text"
    );
    app.update("1", json!({ "total": "2" })).await.unwrap();

    let both =
        json!({ "fields": [{ "name": "total", "type": "string" }, { "name": "status", "type": "string" }] });
    app.put_structure("orders", both).await.unwrap();
    assert_eq!(app.get("1").await.unwrap().get("status"), None, "it went with the write");
}

#[tokio::test]
async fn limits_are_named() {
    let options =
        DataOptions { structures_per_app_max: 1, endpoints_per_app_max: 1, ..DataOptions::default() };
    let town = Town::with(options).await;
    let app = town.app("shop").await.with_orders().await;
    let refused = refusal(app.put_structure("notes", json!({ "fields": [] })).await);
    assert_eq!(refused, "limit_reached: the limit limits.structures_per_app_max is reached");
    app.put_structure("orders", json!({ "fields": [] })).await.unwrap();
    app.put_endpoint("a", json!({})).await.unwrap();
    app.put_endpoint("a", json!({})).await.unwrap();
    let refused = refusal(app.put_endpoint("b", json!({})).await);
    assert_eq!(refused, "limit_reached: the limit limits.endpoints_per_app_max is reached");
}

#[tokio::test]
async fn a_name_is_said_once_or_twice_alike() {
    let town = Town::new().await;
    let app = town.app("shop").await;
    app.put_structure("notes", json!({ "name": "notes", "fields": [] })).await.unwrap();
    let refused = refusal(app.put_structure("notes", json!({ "name": "other", "fields": [] })).await);
    assert!(refused.starts_with("invalid_payload: name: "), "{refused}");
    let refused = refusal(app.put_structure("WebUser", json!({ "fields": [] })).await);
    assert_eq!(refused, "invalid_payload: name: \"WebUser\" is reserved");
}
