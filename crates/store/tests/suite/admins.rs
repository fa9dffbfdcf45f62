//! Administrators and their sessions.

use campanile_store::{AdminSession, NewAdminSession, StoreError};

use crate::Town;

fn session(admin: &str, hash: u8, expires_at_ms: i64) -> NewAdminSession {
    NewAdminSession {
        hash: [hash; 32],
        admin: admin.into(),
        csrf: "csrf".into(),
        created_at_ms: 1,
        expires_at_ms,
    }
}

/// Administrators `ann` with the sessions 1 and 2, and `bob` with 3; they expire at 100 times that.
async fn with_sessions() -> Town {
    let town = Town::new();
    let fill = |tx: &mut campanile_store::Tx<'_>| {
        tx.put_admin("ann", "hash", 1)?;
        tx.put_admin("bob", "hash", 1)?;
        tx.insert_admin_session(&session("ann", 1, 100))?;
        tx.insert_admin_session(&session("ann", 2, 200))?;
        tx.insert_admin_session(&session("bob", 3, 300))
    };
    town.write(fill).await.unwrap();
    town
}

async fn live(town: &Town) -> Vec<u8> {
    let is_live = |view: &campanile_store::View<'_>, hash: u8| {
        view.admin_session_by_hash(&[hash; 32]).map(|session| session.is_some())
    };
    town.read(move |view| {
        let mut live = Vec::new();
        for hash in 1..=3 {
            live.extend(is_live(view, hash)?.then_some(hash));
        }
        Ok(live)
    })
    .await
}

#[tokio::test]
async fn there_is_none_at_first_and_a_password_can_be_changed() {
    let town = Town::new();
    assert_eq!(town.read(|view| view.admins_count()).await, 0);
    assert_eq!(town.read(|view| view.admin_password("ann")).await, None);
    for hash in ["old", "new"] {
        town.write(move |tx| tx.put_admin("ann", hash, 1)).await.unwrap();
        assert_eq!(town.read(|view| view.admin_password("ann")).await.as_deref(), Some(hash));
    }
    assert_eq!(town.read(|view| view.admins_count()).await, 1);
}

#[tokio::test]
async fn a_session_is_found_by_its_token() {
    let town = with_sessions().await;
    let expected =
        AdminSession { admin: "ann".into(), csrf: "csrf".into(), created_at_ms: 1, expires_at_ms: 200 };
    assert_eq!(town.read(|view| view.admin_session_by_hash(&[2; 32])).await, Some(expected));
    assert_eq!(town.read(|view| view.admin_session_by_hash(&[9; 32])).await, None);
}

#[tokio::test]
async fn a_session_needs_its_administrator_and_a_token_of_its_own() {
    let town = with_sessions().await;
    let nobody = town.write(|tx| tx.insert_admin_session(&session("cat", 4, 1))).await;
    assert_eq!(nobody, Err(StoreError::NotFound));
    let taken = town.write(|tx| tx.insert_admin_session(&session("bob", 1, 1))).await;
    assert_eq!(taken, Err(StoreError::Exists));
}

#[tokio::test]
async fn sessions_go_one_by_one_by_administrator_and_by_time() {
    let town = with_sessions().await;
    assert!(town.write(|tx| tx.delete_admin_session(&[1; 32])).await.unwrap());
    assert!(!town.write(|tx| tx.delete_admin_session(&[1; 32])).await.unwrap());
    assert_eq!(live(&town).await, [2, 3]);

    let town = with_sessions().await;
    assert_eq!(town.write(|tx| tx.delete_admin_sessions("ann")).await, Ok(2));
    assert_eq!(live(&town).await, [3]);

    let town = with_sessions().await;
    assert_eq!(town.write(|tx| tx.delete_expired_admin_sessions(200)).await, Ok(2));
    assert_eq!(live(&town).await, [3]);
}
