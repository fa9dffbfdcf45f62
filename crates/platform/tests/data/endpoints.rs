//! Endpoints: who gets what through them.

use serde_json::{Value, json};

use crate::town::{Town, backend, ids, refusal};

const FORBIDDEN: &str = "forbidden: this needs the session of a user";

#[tokio::test]
async fn who_may_read_is_said_by_the_endpoint() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let (ann, bob) = (app.user("ann", "cook").await, app.user("bob", "guest").await);
    app.put_endpoint("own", json!({ "read": "owner", "write": "owner" })).await.unwrap();
    app.put_endpoint("all", json!({ "read": "anyone" })).await.unwrap();
    app.put_endpoint("users", json!({ "read": "users" })).await.unwrap();
    app.put_endpoint("cooks", json!({ "read": { "roles": ["baker", "cook"] } })).await.unwrap();
    app.put_endpoint("nobody", json!({})).await.unwrap();
    app.create(json!({ "id": "0" })).await.unwrap();
    app.write("own", Some(&ann), json!({ "id": "1" })).await.unwrap();
    app.write("own", Some(&bob), json!({ "id": "2" })).await.unwrap();

    let may_not = "forbidden: the user may not do this";
    for (method, session, expected) in [
        ("all", None, Ok("012")),
        ("all", Some(&ann), Ok("012")),
        ("users", None, Err(FORBIDDEN)),
        ("users", Some(&bob), Ok("012")),
        ("cooks", Some(&ann), Ok("012")),
        ("cooks", Some(&bob), Err(may_not)),
        ("cooks", None, Err(FORBIDDEN)),
        ("own", None, Err(FORBIDDEN)),
        ("own", Some(&ann), Ok("1")),
        ("own", Some(&bob), Ok("2")),
        ("nobody", Some(&ann), Err(may_not)),
        ("nobody", None, Err(FORBIDDEN)),
        ("other", None, Err("endpoint_not_found: there is no endpoint orders/other")),
    ] {
        let session = session.map(String::as_str);
        let found = app.read(method, session, &[]).await;
        match expected {
            Ok(expected) => assert_eq!(ids(&found.unwrap()), expected, "{method}"),
            Err(message) => assert_eq!(refusal(found), message, "{method}"),
        }
    }
}

#[tokio::test]
async fn a_session_of_nobody_is_none() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let other = town.app("other").await;
    let (theirs, ann) = (other.user("ann", "").await, app.user("ann", "").await);
    app.put_endpoint("all", json!({ "read": "anyone" })).await.unwrap();
    app.put_endpoint("users", json!({ "read": "users" })).await.unwrap();
    town.accounts.log_out(&ann).await.unwrap();
    for session in [ann.as_str(), &theirs, "nonsense"] {
        assert_eq!(refusal(app.read("users", Some(session), &[]).await), FORBIDDEN);
        assert_eq!(app.read("all", Some(session), &[]).await.unwrap().total, 0);
    }
    let unknown =
        campanile_platform::data::EndpointCall { app_key: "k".into(), ..app.call("all", None, &[]) };
    assert!(refusal(town.data.call_to_read(unknown).await).starts_with("app_not_found"));
}

#[tokio::test]
async fn an_owner_writes_own_objects_only() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let (ann, bob) = (app.user("ann", "").await, app.user("bob", "").await);
    app.put_endpoint("own", json!({ "read": "owner", "write": "owner" })).await.unwrap();
    app.create(json!({ "id": "0", "total": 1 })).await.unwrap();
    let made = app.write("own", Some(&ann), json!({ "total": 1 })).await.unwrap();
    assert_eq!((&made["created_by"], &made["version"]), (&json!("ann"), &json!(1)));
    let id = made["id"].as_str().unwrap();
    let changed = app.write("own", Some(&ann), json!({ "id": id, "total": 2 })).await.unwrap();
    assert_eq!((&changed["total"], &changed["version"]), (&json!(2), &json!(2)));

    for (session, id) in [(&bob, id), (&ann, "0")] {
        let refused = app.write("own", Some(session), json!({ "id": id, "total": 9 })).await;
        assert_eq!(refusal(refused), "forbidden: the user may not do this");
    }
    assert_eq!(refusal(app.write("own", None, json!({ "total": 9 })).await), FORBIDDEN);
    assert_eq!(app.get(id).await.unwrap()["total"], 2);
    let actors: Vec<_> = town.changes().await.into_iter().map(|change| change.what.actor).collect();
    assert_eq!(actors, ["key:k", "user:ann", "user:ann"]);
}

#[tokio::test]
async fn a_backends_objects_belong_to_no_user_whatever_the_users_name() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let sly = app.user("key:k", "").await;
    app.put_endpoint("own", json!({ "read": "owner", "write": "owner" })).await.unwrap();
    app.create(json!({ "id": "1" })).await.unwrap();
    assert_eq!(app.read("own", Some(&sly), &[]).await.unwrap().total, 0);
    assert!(refusal(app.write("own", Some(&sly), json!({ "id": "1" })).await).starts_with("forbidden"));
}

#[tokio::test]
async fn whoever_only_writes_learns_nothing() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let ann = app.user("ann", "").await;
    let filter = json!({ "paid": true });
    app.put_endpoint("form", json!({ "write": "anyone" })).await.unwrap();
    app.put_endpoint("mine", json!({ "write": "users", "read": "owner" })).await.unwrap();
    app.put_endpoint("paid", json!({ "write": "anyone", "read": "anyone", "filter": filter })).await.unwrap();
    let only_users =
        json!({ "write": "anyone", "read": "anyone", "filter": { "customer": "{{WebUser.id}}" } });
    app.put_endpoint("customer", only_users).await.unwrap();
    app.create(json!({ "id": "1", "status": "secret", "total": 5 })).await.unwrap();
    for (method, session) in [("form", None), ("mine", Some(&ann)), ("paid", None), ("customer", None)] {
        let answer = app.write(method, session.map(String::as_str), json!({ "id": "1", "total": 6.0 })).await;
        assert_eq!(answer.unwrap(), json!({ "id": "1", "total": 6 }), "{method}");
        let answer = app.write(method, session.map(String::as_str), json!({ "id": "1" })).await;
        assert_eq!(answer.unwrap(), json!({ "id": "1" }), "{method}");
    }
    let seen = app.write("paid", None, json!({ "id": "1", "paid": true })).await.unwrap();
    assert_eq!(seen["status"], "secret", "now the filter lets it through");
}

#[tokio::test]
async fn an_endpoint_shows_and_takes_its_fields_only() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let settings = json!({ "read": "anyone", "write": "anyone", "fields": ["status", "created_at_ms"] });
    app.put_endpoint("short", settings).await.unwrap();
    app.create(json!({ "id": "1", "status": "new", "total": 5 })).await.unwrap();
    let found = app.read("short", None, &[]).await.unwrap();
    let names: Vec<_> = found.items[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["created_at_ms", "id", "status"]);

    let refused = refusal(app.write("short", None, json!({ "total": 1 })).await);
    assert_eq!(refused, "invalid_payload: total: the endpoint doesn't take this field");
    let sent_back = json!({ "id": "1", "status": "b", "version": 7, "created_by": "me", "created_at_ms": 1, "updated_at_ms": 1 });
    let written = app.write("short", None, sent_back).await.unwrap();
    assert_eq!(written["status"], "b");
    assert_eq!(app.get("1").await.unwrap()["created_by"], Value::Null);
    for sort in ["total", "created_by"] {
        let refused = refusal(app.read("short", None, &[("sort", sort)]).await);
        assert!(refused.starts_with("invalid_payload: sort: "), "{refused}");
    }
    assert!(app.read("short", None, &[("sort", "status,desc,updated_at_ms")]).await.is_ok());
}

#[tokio::test]
async fn a_filter_takes_values_from_the_request() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let objects = vec![
        json!({ "id": "a", "status": "new", "total": 5, "customer": "ann" }),
        json!({ "id": "b", "status": "paid", "total": 10, "customer": "bob" }),
        json!({ "id": "c", "status": "new", "total": 20, "customer": "{{HttpRequest.who}}" }),
    ];
    app.create_all(objects).await.unwrap();
    let filter = json!({
        "status": "{{HttpRequest.status}}",
        "total": { "gte": "{{HttpRequest.from}}", "lt": "{{ HttpRequest.to }}" },
        "or": [
            { "customer": "{{HttpRequest.who}}" },
            { "customer": { "in": ["{{HttpRequest.one}}", "{{HttpRequest.two}}"] } },
        ],
    });
    app.put_endpoint("find", json!({ "read": "anyone", "filter": filter })).await.unwrap();
    for (query, expected) in [
        (&[][..], "abc"),
        (&[("status", "new")], "ac"),
        (&[("status", ""), ("from", "null"), ("to", "undefined")], "abc"),
        (&[("from", "10")], "bc"),
        (&[("from", "6"), ("to", "20")], "b"),
        (&[("who", "ann")], "a"),
        (&[("who", "ann"), ("one", "bob")], "a"),
        (&[("one", "ann"), ("two", "bob")], "ab"),
        (&[("who", "{{HttpRequest.who}}")], "c"),
        (&[("who", "' OR 1=1 --")], ""),
        (&[("unknown", "x")], "abc"),
    ] {
        assert_eq!(ids(&app.read("find", None, query).await.unwrap()), expected, "{query:?}");
    }
    let refused = refusal(app.read("find", None, &[("from", "cheap")]).await);
    assert_eq!(refused, "invalid_payload: filter.total.gte: must be compared with a number");
}

#[tokio::test]
async fn a_filter_by_user_holds_users_apart() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let (ann, bob) = (app.user("ann", "cook").await, app.user("bob", "guest").await);
    app.create_all(vec![
        json!({ "id": "a", "customer": "ann" }),
        json!({ "id": "b", "status": "for guest" }),
    ])
    .await
    .unwrap();
    let filter = json!({ "or": [{ "customer": "{{WebUser.id}}" }, { "status": "for {{WebUser.role}}" }] });
    app.put_endpoint("mine", json!({ "read": "anyone", "filter": filter })).await.unwrap();
    assert_eq!(ids(&app.read("mine", Some(&ann), &[]).await.unwrap()), "a");
    assert_eq!(ids(&app.read("mine", Some(&bob), &[]).await.unwrap()), "b");
    let forged = [("WebUser.id", "ann"), ("HttpRequest.WebUser.id", "ann")];
    assert_eq!(refusal(app.read("mine", None, &forged).await), FORBIDDEN);
}

#[tokio::test]
async fn parts_of_a_list_are_counted_from_0() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    let objects = (0..5).map(|id| json!({ "id": id })).collect();
    app.create_all(objects).await.unwrap();
    app.put_endpoint("two", json!({ "read": "anyone", "page_size": 2 })).await.unwrap();
    for (page, page_size, expected) in [
        (0, None, "01"),
        (2, None, "4"),
        (3, None, ""),
        (1, Some(3), "34"),
        (0, Some(0), "0"),
        (0, Some(9_999), "01234"),
    ] {
        let call = campanile_platform::data::EndpointCall { page, page_size, ..app.call("two", None, &[]) };
        let found = town.data.call_to_read(call).await.unwrap();
        assert_eq!((ids(&found).as_str(), found.total), (expected, 5), "{page} {page_size:?}");
        assert!(found.page_size <= 200);
    }
}

#[tokio::test]
async fn an_endpoint_fits_its_structure_and_the_structure_its_endpoints() {
    let town = Town::new().await;
    let app = town.app("shop").await.with_orders().await;
    for (settings, message) in [
        (
            json!({ "filter": { "nothing": 1 } }),
            "invalid_payload: filter.nothing: the structure has no such field",
        ),
        (
            json!({ "filter": { "total": "many" } }),
            "invalid_payload: filter.total: must be compared with a number",
        ),
        (
            json!({ "filter": { "total": "{{now}}" } }),
            "invalid_payload: filter: \"{{now}}\": there is nothing for \"now\"",
        ),
        (json!({ "filter": { "total": "{{" } }), "invalid_payload: filter: \"{{\": \"{{\" without \"}}\""),
        (json!({ "fields": ["nothing"] }), "invalid_payload: fields: the structure has no field \"nothing\""),
        (json!({ "fields": vec!["id"; 14] }), "invalid_payload: fields: must name each field once"),
        (json!({ "read": { "roles": [] } }), "invalid_payload: read: must name 1 to 100 roles"),
        (json!({ "page_size": 201 }), "invalid_payload: page_size: must be 1 to 200"),
        (json!({ "page_size": 0 }), "invalid_payload: page_size: must be 1 to 200"),
        (json!({ "sync_scenario": "s" }), "invalid_payload: sync_scenario: is set by the trigger"),
        (json!({ "structure": "other" }), "invalid_payload: structure: isn't \"orders\""),
        (json!({ "method": "other" }), "invalid_payload: method: isn't \"m\""),
    ] {
        let refused = refusal(app.put_endpoint("m", settings.clone()).await);
        assert!(refused.starts_with(message), "{settings}: {refused}");
    }
    for method in ["", "a/b", "ä", &"m".repeat(65)] {
        assert!(refusal(app.put_endpoint(method, json!({})).await).starts_with("invalid_payload: method: "));
    }
    let nowhere = town.data.put_endpoint(&backend(), "shop", "notes", "m", Default::default()).await;
    assert!(refusal(nowhere).starts_with("structure_not_found"));

    app.put_endpoint("m-1", json!({ "fields": ["id", "total"], "filter": { "status": "new" } }))
        .await
        .unwrap();
    let refused = refusal(
        app.put_structure("orders", json!({ "fields": [{ "name": "total", "type": "json" }] })).await,
    );
    let expected = "invalid_payload: fields: the endpoint orders/m-1 needs it: filter.status: the structure has no such field";
    assert_eq!(refused, expected);
    town.data.delete_endpoint(&backend(), "shop", "orders", "m-1").await.unwrap();
    app.put_structure("orders", json!({ "fields": [] })).await.unwrap();
    let again = town.data.delete_endpoint(&backend(), "shop", "orders", "m-1").await;
    assert_eq!(refusal(again), "endpoint_not_found: there is no endpoint orders/m-1");
    assert!(refusal(town.data.endpoint("shop", "orders", "m-1").await).starts_with("endpoint_not_found"));
}
