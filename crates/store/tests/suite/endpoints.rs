//! Endpoints to structures.

use campanile_store::{Endpoint, StoreError};

use crate::Town;

#[tokio::test]
async fn an_endpoint_is_created_changed_listed_and_deleted() {
    let (town, a, _) = Town::with_orders().await;
    town.write(move |tx| tx.put_structure(a, "notes", "{}", 1)).await.unwrap();
    for (structure, method) in [("orders", "open"), ("orders", "all"), ("notes", "all")] {
        town.write(move |tx| tx.put_endpoint(a, structure, method, "{}", 5)).await.unwrap();
    }
    let changed = town.write(move |tx| tx.put_endpoint(a, "orders", "all", "[]", 7)).await.unwrap();
    let expected = Endpoint {
        structure: "orders".into(),
        method: "all".into(),
        settings: "[]".into(),
        created_at_ms: 5,
        updated_at_ms: 7,
    };
    assert_eq!(changed, expected);
    assert_eq!(town.read(move |view| view.endpoint(a, "orders", "all")).await, Some(expected));
    let names = |endpoints: Vec<Endpoint>| {
        let names = endpoints.into_iter().map(|found| format!("{}/{}", found.structure, found.method));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(town.read(move |view| view.endpoints(a)).await), "notes/all orders/all orders/open");
    let of_orders = town.read(move |view| view.endpoints_of(a, "orders")).await;
    assert_eq!(names(of_orders), "orders/all orders/open");
    assert_eq!(town.read(move |view| view.count_endpoints(a)).await, 3);

    town.write(move |tx| tx.delete_endpoint(a, "orders", "all")).await.unwrap();
    let again = town.write(move |tx| tx.delete_endpoint(a, "orders", "all")).await;
    assert_eq!(again, Err(StoreError::NotFound));
    assert_eq!(names(town.read(move |view| view.endpoints(a)).await), "notes/all orders/open");
}

#[tokio::test]
async fn an_endpoint_belongs_to_one_app_and_needs_its_structure() {
    let (town, a, b) = Town::with_orders().await;
    town.write(move |tx| tx.put_endpoint(a, "orders", "all", "{}", 1)).await.unwrap();
    assert_eq!(town.read(move |view| view.endpoint(b, "orders", "all")).await, None);
    let deleted = town.write(move |tx| tx.delete_endpoint(b, "orders", "all")).await;
    assert_eq!(deleted, Err(StoreError::NotFound));
    let without = town.write(move |tx| tx.put_endpoint(a, "notes", "all", "{}", 1)).await;
    assert_eq!(without, Err(StoreError::NotFound));
}
