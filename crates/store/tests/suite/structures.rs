//! Structures of apps.

use campanile_store::{AppNumber, StoreError, Structure};

use crate::{Town, every, object};

#[tokio::test]
async fn a_structure_is_created_changed_and_listed() {
    let (town, a, _) = Town::with_two_apps().await;
    for name in ["orders", "Orders", "a"] {
        town.write(move |tx| tx.put_structure(a, name, "{}", 5)).await.unwrap();
    }
    let changed = town.write(move |tx| tx.put_structure(a, "orders", r#"{"x":1}"#, 7)).await.unwrap();
    let expected = Structure {
        name: "orders".into(),
        definition: r#"{"x":1}"#.into(),
        objects: 0,
        created_at_ms: 5,
        updated_at_ms: 7,
    };
    assert_eq!(changed, expected);
    assert_eq!(town.read(move |view| view.structure(a, "orders")).await, Some(expected));
    let names = town.read(move |view| view.structures(a)).await.into_iter().map(|found| found.name);
    assert_eq!(names.collect::<Vec<_>>(), ["Orders", "a", "orders"]);
    assert_eq!(town.read(move |view| view.count_structures(a)).await, 3);
}

#[tokio::test]
async fn a_structure_needs_its_app() {
    let town = Town::new();
    let put = town.write(|tx| tx.put_structure(AppNumber(9), "orders", "{}", 1)).await;
    assert_eq!(put, Err(StoreError::NotFound));
}

#[tokio::test]
async fn objects_are_counted() {
    let (town, a, b) = Town::with_orders().await;
    let fill = move |tx: &mut campanile_store::Tx<'_>| {
        tx.put_structure(a, "notes", "{}", 1)?;
        for (app, structure, id) in
            [(a, "orders", "1"), (a, "orders", "2"), (a, "notes", "1"), (b, "orders", "1")]
        {
            tx.insert_object(app, structure, &object(id, "{}"))?;
        }
        Ok(())
    };
    town.write(fill).await.unwrap();
    town.write(move |tx| tx.put_structure(a, "orders", "[]", 2)).await.unwrap();
    town.write(move |tx| tx.delete_object(a, "orders", "2")).await.unwrap();
    let failed = town.write(move |tx| tx.insert_object(a, "orders", &object("1", "{}"))).await;
    assert_eq!(failed, Err(StoreError::Exists));

    let count = async |app| town.read(move |view| view.count_objects(app)).await;
    assert_eq!((count(a).await, count(b).await), (2, 1));
    assert_eq!(town.read(move |view| view.structure(a, "orders")).await.unwrap().objects, 1);
}

#[tokio::test]
async fn a_deleted_structure_takes_its_objects_and_endpoints_along() {
    let (town, a, b) = Town::with_orders().await;
    for app in [a, b] {
        let fill = move |tx: &mut campanile_store::Tx<'_>| {
            tx.put_endpoint(app, "orders", "list", "{}", 1)?;
            tx.insert_object(app, "orders", &object("1", "{}"))
        };
        town.write(fill).await.unwrap();
    }
    town.write(move |tx| tx.delete_structure(a, "orders")).await.unwrap();
    assert_eq!(town.write(move |tx| tx.delete_structure(a, "orders")).await, Err(StoreError::NotFound));
    assert!(town.read(move |view| view.endpoints(a)).await.is_empty());

    town.write(move |tx| tx.put_structure(a, "orders", "{}", 2)).await.unwrap();
    assert_eq!(town.orders(a, every()).await.total, 0);
    assert_eq!(town.orders(b, every()).await.items.len(), 1);
    assert_eq!(town.read(move |view| view.endpoints(b)).await.len(), 1);
}
