//! Pages.

use campanile_store::{AppNumber, StoreError};

use crate::Town;

#[tokio::test]
async fn a_page_is_found_in_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    let saved = town.write(move |tx| tx.put_web_page(a, "home", "{}", 5)).await.unwrap();
    assert_eq!((&*saved.id, saved.version, &*saved.document), ("home", 1, "{}"));
    assert_eq!((saved.created_at_ms, saved.updated_at_ms), (5, 5));
    assert_eq!(town.read(move |view| view.web_page(a, "home")).await, Some(saved.clone()));
    assert_eq!(town.read(move |view| view.web_pages(a)).await, [saved]);
    assert_eq!(town.read(move |view| view.web_page(b, "home")).await, None);
    assert_eq!(town.read(move |view| view.count_web_pages(b)).await, 0);
    let without_app = town.write(|tx| tx.put_web_page(AppNumber(9), "home", "{}", 5)).await;
    assert_eq!(without_app, Err(StoreError::NotFound));
}

#[tokio::test]
async fn each_save_counts() {
    let (town, a, b) = Town::with_two_apps().await;
    for app in [a, b] {
        town.write(move |tx| tx.put_web_page(app, "home", "{}", 5)).await.unwrap();
    }
    let second = town.write(move |tx| tx.put_web_page(a, "home", "[2]", 9)).await.unwrap();
    assert_eq!((second.version, &*second.document), (2, "[2]"));
    assert_eq!((second.created_at_ms, second.updated_at_ms), (5, 9));
    town.write(move |tx| tx.delete_web_page(a, "home")).await.unwrap();
    assert_eq!(town.write(move |tx| tx.delete_web_page(a, "home")).await, Err(StoreError::NotFound));
    assert_eq!(town.read(move |view| view.web_page(b, "home")).await.unwrap().version, 1);
}
