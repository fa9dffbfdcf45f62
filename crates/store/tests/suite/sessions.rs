//! Sessions of users.

use campanile_store::{AppNumber, NewSession, Session, StoreError};

use crate::{Town, all, numbers, session, user};

/// Both apps have the users `ann` and `bob`.
async fn with_users() -> (Town, AppNumber, AppNumber) {
    let (town, a, b) = Town::with_two_apps().await;
    for (app, id) in [(a, "ann"), (a, "bob"), (b, "ann"), (b, "bob")] {
        town.write(move |tx| tx.insert_user(app, &user(id), 1)).await.unwrap();
    }
    (town, a, b)
}

async fn log_in(town: &Town, app: AppNumber, user: &str, hash: u8) -> i64 {
    let new = session(user, [hash; 32]);
    town.write(move |tx| tx.insert_session(app, &new)).await.unwrap()
}

async fn of_app(town: &Town, app: AppNumber) -> Vec<i64> {
    numbers(&town.read(move |view| view.sessions(app, None, &all())).await.items)
}

#[tokio::test]
async fn a_session_is_found_by_its_token_and_by_its_number() {
    let (town, a, _) = with_users().await;
    let number = log_in(&town, a, "ann", 1).await;
    let expected = Session {
        number,
        user_id: "ann".into(),
        role: "user".into(),
        created_at_ms: 10,
        expires_at_ms: 100,
        last_used_at_ms: 10,
        address: "192.0.2.1".into(),
        user_agent: "curl".into(),
    };
    assert_eq!(town.read(move |view| view.session_by_hash(a, &[1; 32])).await, Some(expected.clone()));
    assert_eq!(town.read(move |view| view.session(a, number)).await, Some(expected.clone()));
    let anywhere = town.read(|view| view.session_any_app_by_hash(&[1; 32])).await;
    assert_eq!(anywhere, Some((a, expected)));
    assert_eq!(town.read(|view| view.session_any_app_by_hash(&[2; 32])).await, None);
}

#[tokio::test]
async fn a_session_is_neither_seen_nor_touched_from_another_app() {
    let (town, a, b) = with_users().await;
    let number = log_in(&town, a, "ann", 1).await;
    assert_eq!(town.read(move |view| view.session_by_hash(b, &[1; 32])).await, None);
    assert_eq!(town.read(move |view| view.session(b, number)).await, None);
    assert!(of_app(&town, b).await.is_empty());
    assert!(!town.write(move |tx| tx.delete_session(b, number)).await.unwrap());
    assert!(town.write(move |tx| tx.delete_sessions_of_user(b, "ann")).await.unwrap().is_empty());
    assert!(town.write(move |tx| tx.delete_oldest_sessions(b, "ann", 0)).await.unwrap().is_empty());
    let renewed = town.write(move |tx| tx.renew_session(b, number, 999, 20)).await;
    assert_eq!(renewed, Err(StoreError::NotFound));
    assert_eq!(town.read(move |view| view.session(a, number)).await.unwrap().expires_at_ms, 100);
}

#[tokio::test]
async fn a_session_needs_its_user_and_a_token_of_its_own() {
    let (town, a, b) = with_users().await;
    log_in(&town, a, "ann", 1).await;
    let taken = town.write(move |tx| tx.insert_session(b, &session("ann", [1; 32]))).await;
    assert_eq!(taken, Err(StoreError::Exists));
    let nobody = town.write(move |tx| tx.insert_session(a, &session("cat", [2; 32]))).await;
    assert_eq!(nobody, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_session_is_renewed_and_deleted() {
    let (town, a, _) = with_users().await;
    let number = log_in(&town, a, "ann", 1).await;
    town.write(move |tx| tx.renew_session(a, number, 500, 50)).await.unwrap();
    let renewed = town.read(move |view| view.session(a, number)).await.unwrap();
    assert_eq!((renewed.expires_at_ms, renewed.last_used_at_ms, renewed.created_at_ms), (500, 50, 10));
    assert!(town.write(move |tx| tx.delete_session(a, number)).await.unwrap());
    assert!(!town.write(move |tx| tx.delete_session(a, number)).await.unwrap());
    let renewed = town.write(move |tx| tx.renew_session(a, number, 600, 60)).await;
    assert_eq!(renewed, Err(StoreError::NotFound));
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_by_user() {
    let (town, a, b) = with_users().await;
    let first = log_in(&town, a, "ann", 1).await;
    log_in(&town, b, "ann", 2).await;
    let second = log_in(&town, a, "bob", 3).await;
    let third = log_in(&town, a, "ann", 4).await;
    assert_eq!(of_app(&town, a).await, [third, second, first]);
    let of_ann = town.read(move |view| view.sessions(a, Some("ann"), &all())).await.items;
    assert_eq!(numbers(&of_ann), [third, first]);
}

#[tokio::test]
async fn all_sessions_of_a_user_go_at_once() {
    let (town, a, b) = with_users().await;
    let first = log_in(&town, a, "ann", 1).await;
    let bobs = log_in(&town, a, "bob", 2).await;
    let second = log_in(&town, a, "ann", 3).await;
    let elsewhere = log_in(&town, b, "ann", 4).await;
    let mut gone = town.write(move |tx| tx.delete_sessions_of_user(a, "ann")).await.unwrap();
    gone.sort_unstable();
    assert_eq!(gone, [first, second]);
    assert_eq!((of_app(&town, a).await, of_app(&town, b).await), (vec![bobs], vec![elsewhere]));
}

#[tokio::test]
async fn the_oldest_sessions_of_a_user_make_room() {
    let (town, a, _) = with_users().await;
    let mut anns = Vec::new();
    for hash in 1..=5 {
        anns.push(log_in(&town, a, "ann", hash).await);
    }
    let bobs = log_in(&town, a, "bob", 6).await;
    let mut gone = town.write(move |tx| tx.delete_oldest_sessions(a, "ann", 2)).await.unwrap();
    gone.sort_unstable();
    assert_eq!(gone, anns[..3]);
    assert_eq!(of_app(&town, a).await, [bobs, anns[4], anns[3]]);
    assert!(town.write(move |tx| tx.delete_oldest_sessions(a, "ann", 2)).await.unwrap().is_empty());
}

#[tokio::test]
async fn expired_sessions_are_told_and_forgotten_the_oldest_first() {
    let (town, a, b) = with_users().await;
    let mut expiring = Vec::new();
    for (app, hash, expires_at_ms) in [(a, 1, 300), (b, 2, 100), (a, 3, 200)] {
        let new = NewSession { expires_at_ms, ..session("ann", [hash; 32]) };
        expiring.push((app, town.write(move |tx| tx.insert_session(app, &new)).await.unwrap()));
    }
    let expired = town.read(|view| view.sessions_expired(100, 300)).await;
    assert_eq!(expired, [expiring[2], expiring[0]]);
    assert_eq!(town.write(|tx| tx.delete_expired_sessions(300, 1)).await, Ok(1));
    assert_eq!(town.read(|view| view.sessions_expired(0, 300)).await, [expiring[2], expiring[0]]);
    assert_eq!(town.write(|tx| tx.delete_expired_sessions(300, 9)).await, Ok(1));
    assert_eq!(of_app(&town, a).await, [expiring[0].1]);
}
