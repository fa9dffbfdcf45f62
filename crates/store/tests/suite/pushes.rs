//! What was pushed.

use campanile_store::{AppNumber, Push, StoreError};

use crate::{Town, all, push};

async fn ids(town: &Town, app: AppNumber) -> Vec<String> {
    let pushes = town.read(move |view| view.pushes(app, &all())).await.items;
    pushes.into_iter().map(|push| push.id).collect()
}

#[tokio::test]
async fn a_push_is_kept_and_found_by_its_id_in_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    let number = town.write(move |tx| tx.insert_push(a, &push("p"))).await.unwrap();
    let kept = town.read(move |view| view.push_by_id(a, "p")).await;
    assert_eq!(kept, Some(Push { number, ..push("p") }));
    assert_eq!(town.read(move |view| view.push_by_id(b, "p")).await, None);
    assert!(ids(&town, b).await.is_empty());
}

#[tokio::test]
async fn an_id_is_taken_once_in_each_app() {
    let (town, a, b) = Town::with_two_apps().await;
    let insert = async |app| town.write(move |tx| tx.insert_push(app, &push("p"))).await;
    assert!(insert(a).await.is_ok());
    assert_eq!(insert(a).await, Err(StoreError::Exists));
    assert!(insert(b).await.is_ok());
    assert_eq!(insert(AppNumber(9)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn the_newest_come_first_and_are_kept() {
    let (town, a, b) = Town::with_two_apps().await;
    for id in ["1", "2", "3", "4"] {
        for app in [a, b] {
            town.write(move |tx| tx.insert_push(app, &push(id))).await.unwrap();
        }
    }
    assert_eq!(ids(&town, a).await, ["4", "3", "2", "1"]);
    assert_eq!(town.write(move |tx| tx.trim_pushes(a, 4)).await, Ok(0));
    assert_eq!(town.write(move |tx| tx.trim_pushes(a, 1)).await, Ok(3));
    assert_eq!(ids(&town, a).await, ["4"]);
    assert_eq!(ids(&town, b).await, ["4", "3", "2", "1"]);
    assert_eq!(town.write(move |tx| tx.trim_pushes(b, 0)).await, Ok(4));
}
