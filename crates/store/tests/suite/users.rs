//! Users of apps.

use campanile_store::{AppNumber, NewUser, Page, StoreError, User, UserChange, UserFilter};

use crate::{Town, all, session, user};

#[tokio::test]
async fn a_user_is_created_and_found() {
    let (town, a, _) = Town::with_two_apps().await;
    let new = NewUser {
        id: "ann".into(),
        role: "cook".into(),
        profile: r#"{"x":1}"#.into(),
        password_hash: Some("hash".into()),
    };
    let created = town.write(move |tx| tx.insert_user(a, &new, 7)).await.unwrap();
    let expected = User {
        id: "ann".into(),
        role: "cook".into(),
        profile: r#"{"x":1}"#.into(),
        has_password: true,
        created_at_ms: 7,
        updated_at_ms: 7,
    };
    assert_eq!(created, expected);
    assert_eq!(town.read(move |view| view.user(a, "ann")).await, Some(expected));
    assert_eq!(town.read(move |view| view.user_password(a, "ann")).await, Some(Some("hash".into())));
}

#[tokio::test]
async fn an_id_is_taken_once_in_each_app() {
    let (town, a, b) = Town::with_two_apps().await;
    let insert = async |app| town.write(move |tx| tx.insert_user(app, &user("ann"), 1)).await;
    assert!(insert(a).await.is_ok());
    assert_eq!(insert(a).await, Err(StoreError::Exists));
    assert!(insert(b).await.is_ok());
    assert_eq!(insert(AppNumber(9)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn only_what_a_change_names_changes() {
    let (town, a, _) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_user(a, &user("ann"), 1)).await.unwrap();
    let change = async |change: UserChange, now_ms| {
        let user = town.write(move |tx| tx.update_user(a, "ann", &change, now_ms)).await.unwrap();
        (user.role, user.profile, user.has_password, user.created_at_ms, user.updated_at_ms)
    };
    let role = UserChange { role: Some("cook".into()), ..UserChange::default() };
    assert_eq!(change(role, 2).await, ("cook".into(), "{}".into(), false, 1, 2));
    let password = UserChange { password_hash: Some(Some("hash".into())), ..UserChange::default() };
    assert_eq!(change(password, 3).await, ("cook".into(), "{}".into(), true, 1, 3));
    let profile = UserChange { profile: Some("[]".into()), ..UserChange::default() };
    assert_eq!(change(profile, 4).await, ("cook".into(), "[]".into(), true, 1, 4));
    let no_password = UserChange { password_hash: Some(None), ..UserChange::default() };
    assert_eq!(change(no_password, 5).await, ("cook".into(), "[]".into(), false, 1, 5));
}

#[tokio::test]
async fn a_user_is_neither_seen_nor_touched_from_another_app() {
    let (town, a, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.insert_user(a, &user("ann"), 1)).await.unwrap();
    assert_eq!(town.read(move |view| view.user(b, "ann")).await, None);
    assert_eq!(town.read(move |view| view.user_password(b, "ann")).await, None);
    assert_eq!(ids(&town, b, UserFilter::default()).await, "");
    let change = UserChange { role: Some("chief".into()), ..UserChange::default() };
    let changed = town.write(move |tx| tx.update_user(b, "ann", &change, 2)).await;
    assert_eq!(changed, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.delete_user(b, "ann")).await, Err(StoreError::NotFound));
    assert_eq!(town.read(move |view| view.user(a, "ann")).await.unwrap().role, "user");
}

#[tokio::test]
async fn a_deleted_user_takes_their_sessions_along() {
    let (town, a, _) = Town::with_two_apps().await;
    let fill = move |tx: &mut campanile_store::Tx<'_>| {
        tx.insert_user(a, &user("ann"), 1)?;
        tx.insert_user(a, &user("bob"), 1)?;
        tx.insert_session(a, &session("ann", [1; 32]))?;
        tx.insert_session(a, &session("bob", [2; 32]))
    };
    let kept = town.write(fill).await.unwrap();
    town.write(move |tx| tx.delete_user(a, "ann")).await.unwrap();
    assert_eq!(town.write(move |tx| tx.delete_user(a, "ann")).await, Err(StoreError::NotFound));
    let sessions = town.read(move |view| view.sessions(a, None, &all())).await.items;
    assert_eq!(crate::numbers(&sessions), [kept]);
}

#[tokio::test]
async fn users_are_counted_by_app_and_role() {
    let (town, a, b) = Town::with_two_apps().await;
    for (app, id, role) in [(a, "ann", "cook"), (a, "bob", "cook"), (a, "cat", "guest"), (b, "ann", "cook")] {
        let new = NewUser { role: role.into(), ..user(id) };
        town.write(move |tx| tx.insert_user(app, &new, 1)).await.unwrap();
    }
    assert_eq!(town.read(move |view| view.count_users(a)).await, 3);
    assert_eq!(town.read(move |view| view.count_role(a, "cook")).await, 2);
    assert_eq!(town.read(move |view| view.count_role(b, "guest")).await, 0);

    let promoted = UserChange { role: Some("cook".into()), ..UserChange::default() };
    town.write(move |tx| tx.update_user(a, "cat", &promoted, 2)).await.unwrap();
    town.write(move |tx| tx.update_user(a, "bob", &UserChange::default(), 2)).await.unwrap();
    town.write(move |tx| tx.delete_user(a, "ann")).await.unwrap();
    assert_eq!(town.read(move |view| view.count_role(a, "cook")).await, 2);
    assert_eq!(town.read(move |view| view.count_role(a, "guest")).await, 0);
    assert_eq!(town.read(move |view| view.count_users(a)).await, 2);
    town.write(move |tx| tx.delete_app(b)).await.unwrap();
    assert_eq!(town.read(move |view| view.count_users(b)).await, 0);
}

#[tokio::test]
async fn users_are_found_by_role_and_by_how_their_ids_start() {
    let (town, a, _) = Town::with_two_apps().await;
    let users = ["", "A", "a", "a\u{0}", "ab", "a\u{10ffff}z", "b", "é", "éa", "%", "\u{d7ff}x", "\u{e000}"];
    for (index, id) in users.into_iter().enumerate() {
        let role = if index % 2 == 0 { "even" } else { "odd" };
        let new = NewUser { role: role.into(), ..user(id) };
        town.write(move |tx| tx.insert_user(a, &new, 1)).await.unwrap();
    }
    let starts_with = |prefix: &str| UserFilter { starts_with: Some(prefix.into()), role: None };
    assert_eq!(ids(&town, a, starts_with("a")).await, "a|a\u{0}|ab|a\u{10ffff}z");
    assert_eq!(ids(&town, a, starts_with("a\u{10ffff}")).await, "a\u{10ffff}z");
    assert_eq!(ids(&town, a, starts_with("\u{10ffff}")).await, "");
    assert_eq!(ids(&town, a, starts_with("é")).await, "é|éa");
    assert_eq!(ids(&town, a, starts_with("%")).await, "%");
    assert_eq!(ids(&town, a, starts_with("\u{d7ff}")).await, "\u{d7ff}x");
    assert_eq!(
        ids(&town, a, starts_with("")).await,
        "|%|A|a|a\u{0}|ab|a\u{10ffff}z|b|é|éa|\u{d7ff}x|\u{e000}"
    );
    let odd =
        |prefix: Option<&str>| UserFilter { starts_with: prefix.map(Into::into), role: Some("odd".into()) };
    assert_eq!(ids(&town, a, odd(None)).await, "%|A|a\u{0}|a\u{10ffff}z|é|\u{e000}");
    assert_eq!(ids(&town, a, odd(Some("a"))).await, "a\u{0}|a\u{10ffff}z");
}

#[tokio::test]
async fn those_of_named_users_are_found_that_a_filter_lets_through() {
    let (town, a, b) = Town::with_two_apps().await;
    for (app, id, role) in
        [(a, "bob", "cook"), (a, "ann", "cook"), (a, "anton", "guest"), (b, "anke", "cook")]
    {
        let new = NewUser { role: role.into(), ..user(id) };
        town.write(move |tx| tx.insert_user(app, &new, 1)).await.unwrap();
    }
    let named = ["bob", "anton", "anke", "nobody", "ann"].map(String::from).to_vec();
    let among = async |filter: UserFilter, after: Option<&str>, limit| {
        let (named, page) = (named.clone(), Page { after: after.map(Into::into), limit });
        let part = town.read(move |view| view.users_among(a, named, &filter, &page)).await;
        (part.items.into_iter().map(|user| user.id).collect::<Vec<_>>().join("|"), part.next)
    };
    assert_eq!(among(UserFilter::default(), None, 3).await, ("ann|anton|bob".into(), None));
    assert_eq!(among(UserFilter::default(), None, 2).await, ("ann|anton".into(), Some("anton".into())));
    assert_eq!(among(UserFilter::default(), Some("anton"), 2).await, ("bob".into(), None));
    let cooks = UserFilter { role: Some("cook".into()), starts_with: None };
    assert_eq!(among(cooks, None, 3).await, ("ann|bob".into(), None));
    let an = UserFilter { role: None, starts_with: Some("an".into()) };
    assert_eq!(among(an, None, 3).await, ("ann|anton".into(), None));
}

async fn ids(town: &Town, app: AppNumber, filter: UserFilter) -> String {
    let page = Page { after: None, limit: 100 };
    let users = town.read(move |view| view.users(app, &filter, &page)).await.items;
    users.into_iter().map(|user| user.id).collect::<Vec<_>>().join("|")
}
