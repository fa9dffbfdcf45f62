//! API keys and secret keys.

use campanile_store::{ApiKey, AppNumber, SecretKey, StoreError};

use crate::Town;

pub(crate) fn api_key(app: AppNumber) -> ApiKey {
    ApiKey { key: format!("key-{}", app.0), app, name: "web".into(), created_at_ms: 3, revoked_at_ms: None }
}

pub(crate) fn secret_key(app: AppNumber) -> SecretKey {
    SecretKey {
        id: format!("id-{}", app.0),
        app,
        name: "backend".into(),
        scopes: "push manage".into(),
        created_at_ms: 4,
        revoked_at_ms: None,
    }
}

#[tokio::test]
async fn an_api_key_is_listed_with_its_app_and_with_all() {
    let (town, a, b) = Town::with_two_apps().await;
    for app in [a, b] {
        town.write(move |tx| tx.insert_api_key(&api_key(app))).await.unwrap();
    }
    assert_eq!(town.read(move |view| view.api_keys(a)).await, [api_key(a)]);
    assert_eq!(town.read(|view| view.all_api_keys()).await, [api_key(a), api_key(b)]);
}

#[tokio::test]
async fn a_key_is_taken_once_in_all_apps() {
    let (town, a, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_api_key(&api_key(a))).await.unwrap();
    let same = ApiKey { app: b, ..api_key(a) };
    assert_eq!(town.write(move |tx| tx.insert_api_key(&same)).await, Err(StoreError::Exists));
}

#[tokio::test]
async fn a_key_needs_its_app() {
    let town = Town::new();
    let nowhere = AppNumber(9);
    let result = town.write(move |tx| tx.insert_api_key(&api_key(nowhere))).await;
    assert_eq!(result, Err(StoreError::NotFound));
    let result = town.write(move |tx| tx.insert_secret_key(&secret_key(nowhere), &[1; 32])).await;
    assert_eq!(result, Err(StoreError::NotFound));
}

#[tokio::test]
async fn an_api_key_is_revoked_once_and_by_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_api_key(&api_key(a))).await.unwrap();
    let revoke = async |app| town.write(move |tx| tx.revoke_api_key(app, &api_key(a).key, 8)).await;
    assert_eq!(revoke(b).await, Err(StoreError::NotFound));
    assert_eq!(revoke(a).await, Ok(()));
    assert_eq!(revoke(a).await, Err(StoreError::NotFound));
    let revoked = ApiKey { revoked_at_ms: Some(8), ..api_key(a) };
    assert_eq!(town.read(move |view| view.api_keys(a)).await, [revoked]);
    assert!(town.read(|view| view.all_api_keys()).await.is_empty());
}

#[tokio::test]
async fn live_secret_keys_come_with_their_hashes() {
    let (town, a, b) = Town::with_two_apps().await;
    for app in [a, b] {
        town.write(move |tx| tx.insert_secret_key(&secret_key(app), &[app.0 as u8; 32])).await.unwrap();
    }
    let mut live = town.read(|view| view.all_secret_keys()).await;
    live.sort_unstable_by_key(|(hash, _)| *hash);
    assert_eq!(live, [a, b].map(|app| ([app.0 as u8; 32], secret_key(app))));
    assert_eq!(town.read(move |view| view.secret_keys(a)).await, [secret_key(a)]);
}

#[tokio::test]
async fn two_secret_keys_share_neither_id_nor_secret() {
    let (town, a, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_secret_key(&secret_key(a), &[1; 32])).await.unwrap();
    let same_secret = town.write(move |tx| tx.insert_secret_key(&secret_key(b), &[1; 32])).await;
    assert_eq!(same_secret, Err(StoreError::Exists));
    let same_id = town.write(move |tx| tx.insert_secret_key(&secret_key(a), &[2; 32])).await;
    assert_eq!(same_id, Err(StoreError::Exists));
}

#[tokio::test]
async fn a_secret_key_is_revoked_once_and_by_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_secret_key(&secret_key(a), &[1; 32])).await.unwrap();
    let revoke = async |app| town.write(move |tx| tx.revoke_secret_key(app, &secret_key(a).id, 8)).await;
    assert_eq!(revoke(b).await, Err(StoreError::NotFound));
    assert_eq!(revoke(a).await, Ok(()));
    assert_eq!(revoke(a).await, Err(StoreError::NotFound));
    let revoked = SecretKey { revoked_at_ms: Some(8), ..secret_key(a) };
    assert_eq!(town.read(move |view| view.secret_keys(a)).await, [revoked]);
    assert!(town.read(|view| view.all_secret_keys()).await.is_empty());
}
