//! Changes that wait until somebody has seen them.

use campanile_store::{AppNumber, Change, NewChange, StoreError};

use crate::{Town, created, object};

fn ids(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.what.object_id.as_str()).collect()
}

#[tokio::test]
async fn changes_come_in_order_until_they_are_deleted() {
    let (town, a, b) = Town::with_orders().await;
    let changed = NewChange { before: Some("[]".into()), after: None, depth: 3, ..created("2") };
    let noted = changed.clone();
    let fill = move |tx: &mut campanile_store::Tx<'_>| {
        Ok([
            tx.insert_change(a, &created("1"))?,
            tx.insert_change(b, &noted)?,
            tx.insert_change(a, &created("3"))?,
        ])
    };
    let [first, second, third] = town.write(fill).await.unwrap();
    assert!(first < second && second < third);

    let of = async |app, limit| town.read(move |view| view.changes(app, limit)).await;
    assert_eq!(ids(&of(a, 10).await), ["1", "3"]);
    assert_eq!(of(b, 10).await, [Change { number: second, app: b, what: changed }]);
    assert_eq!(ids(&of(a, 1).await), ["1"]);
    assert_eq!(town.read(|view| view.apps_with_changes()).await, [a, b]);

    let count = async |app| town.read(move |view| view.count_changes(app)).await;
    assert_eq!((count(a).await, count(b).await), (2, 1));
    assert_eq!(town.write(move |tx| tx.delete_changes(&[first, second, 9_999])).await, Ok(2));
    assert_eq!((count(a).await, count(b).await), (1, 0));
    assert_eq!(ids(&of(a, 10).await), ["3"]);
    assert_eq!(town.read(|view| view.apps_with_changes()).await, [a]);
}

#[tokio::test]
async fn the_number_of_a_seen_change_is_not_used_again() {
    let (town, a, _) = Town::with_orders().await;
    let seen = town.write(move |tx| tx.insert_change(a, &created("1"))).await.unwrap();
    town.write(move |tx| tx.delete_changes(&[seen])).await.unwrap();
    let town = town.reopened();
    assert!(town.write(move |tx| tx.insert_change(a, &created("2"))).await.unwrap() > seen);
}

#[tokio::test]
async fn a_change_is_kept_with_what_it_is_about_or_not_at_all() {
    let (town, a, _) = Town::with_orders().await;
    town.write(move |tx| tx.insert_object(a, "orders", &object("1", "{}"))).await.unwrap();
    let both = move |tx: &mut campanile_store::Tx<'_>| {
        tx.insert_change(a, &created("2"))?;
        tx.insert_object(a, "orders", &object("1", "{}"))
    };
    assert_eq!(town.write(both).await, Err(StoreError::Exists));
    assert!(town.read(move |view| view.changes(a, 10)).await.is_empty());
    assert_eq!(town.read(move |view| view.count_changes(a)).await, 0);
}

#[tokio::test]
async fn a_deleted_structure_leaves_its_changes() {
    let (town, a, _) = Town::with_orders().await;
    town.write(move |tx| tx.insert_change(a, &created("1"))).await.unwrap();
    town.write(move |tx| tx.delete_structure(a, "orders")).await.unwrap();
    assert_eq!(town.read(move |view| view.changes(a, 10)).await.len(), 1);
    let without_app = town.write(|tx| tx.insert_change(AppNumber(9), &created("1"))).await;
    assert_eq!(without_app, Err(StoreError::NotFound));
}

/// What a caller's own rules say undoes a piece as well.
#[tokio::test]
async fn a_rule_that_refuses_undoes_what_was_done_before() {
    #[derive(Debug, PartialEq)]
    struct Refusal(Option<StoreError>);
    impl From<StoreError> for Refusal {
        fn from(error: StoreError) -> Self {
            Self(Some(error))
        }
    }
    let (town, a, _) = Town::with_orders().await;
    let refused = town.store.write_by_rules(move |tx| {
        tx.insert_change(a, &created("1"))?;
        Err::<(), _>(Refusal(None))
    });
    assert_eq!(refused.await, Err(Refusal(None)));
    assert!(town.read(move |view| view.changes(a, 10)).await.is_empty());
    town.store.close();
    let closed = town.store.write_by_rules(|_| Ok::<(), Refusal>(())).await;
    assert_eq!(closed, Err(Refusal(Some(StoreError::Closed))));
}
