//! Lists in parts: whatever the size of the parts, everything comes once and in order.

use campanile_store::{AppNumber, NewAudit, NewUser, Page, Paged, Result, Store, Tx, UserFilter, View};
use proptest::{collection::btree_set, prelude::*};
use tempfile::TempDir;

use crate::{PUBLIC, push, session, user};

/// All parts of a list, one after the other.
fn in_parts<T: Send + 'static>(
    store: &Store,
    limit: u32,
    list: impl Fn(&View<'_>, &Page) -> Result<Paged<T>> + Clone + Send + 'static,
) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let (page, list) = (Page { after, limit }, list.clone());
        let part = wait(store.read(move |view| list(view, &page))).unwrap();
        assert!(part.items.len() <= limit as usize);
        assert!(part.next.is_none() || part.items.len() == limit as usize);
        items.extend(part.items);
        assert!(items.len() <= 100, "the list doesn't end");
        match part.next {
            Some(next) => after = Some(next),
            None => return items,
        }
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn filled(fill: impl FnOnce(&mut Tx<'_>) -> Result<()> + Send + 'static) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = crate::open(folder.path());
    wait(store.write(fill)).unwrap();
    (folder, store)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn users_come_once_and_in_order(
        ids in btree_set("[a-c\u{0}é\u{10ffff}]{0,3}", 0..30),
        prefix in "[a-cé\u{10ffff}]{0,2}",
        role in prop::option::of("[xy]"),
        limit in 1_u32..8,
    ) {
        // Each role in turn, so that filters have something to leave out.
        let users: Vec<NewUser> = ids
            .into_iter()
            .zip(["x", "y"].into_iter().cycle())
            .map(|(id, role)| NewUser { role: role.into(), ..user(&id) })
            .collect();
        let expected: Vec<String> = users
            .iter()
            .filter(|user| user.id.starts_with(&prefix) && role.as_ref().is_none_or(|role| *role == user.role))
            .map(|user| user.id.clone())
            .collect();
        let (_folder, store) = filled(move |tx| {
            let other = tx.insert_app("other", "", "{}", 1)?.number;
            for user in users.iter().rev() {
                tx.insert_user(PUBLIC, user, 1)?;
                tx.insert_user(other, user, 1)?;
            }
            Ok(())
        });
        let filter = UserFilter { role, starts_with: Some(prefix) };
        let found = in_parts(&store, limit, move |view, page| view.users(PUBLIC, &filter, page));
        prop_assert_eq!(found.into_iter().map(|user| user.id).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_has_a_number_comes_once_the_newest_first(
        owners in prop::collection::vec((0_u32..2, 0_usize..2), 0..30),
        limit in 1_u32..8,
    ) {
        let newest_first = |app: u32| owners.iter().enumerate().rev().filter(move |(_, owner)| owner.0 == app);
        let expected: Vec<usize> = newest_first(0).map(|(index, _)| index).collect();
        let of_ann: Vec<usize> = newest_first(0).filter(|(_, owner)| owner.1 == 0).map(|(index, _)| index).collect();
        let everything: Vec<usize> = (0..owners.len()).rev().collect();
        let (_folder, store) = filled({
            let owners = owners.clone();
            move |tx| fill(tx, &owners)
        });

        let pushes = in_parts(&store, limit, |view, page| view.pushes(PUBLIC, page));
        prop_assert_eq!(indexes(pushes.iter().map(|push| &push.id)), &expected[..]);
        let sessions = in_parts(&store, limit, |view, page| view.sessions(PUBLIC, None, page));
        prop_assert_eq!(indexes(sessions.iter().map(|session| &session.user_agent)), &expected[..]);
        let sessions = in_parts(&store, limit, |view, page| view.sessions(PUBLIC, Some("ann"), page));
        prop_assert_eq!(indexes(sessions.iter().map(|session| &session.user_agent)), of_ann);
        let entries = in_parts(&store, limit, |view, page| view.audit(Some("0"), page));
        prop_assert_eq!(indexes(entries.iter().map(|entry| &entry.subject)), &expected[..]);
        let entries = in_parts(&store, limit, |view, page| view.audit(None, page));
        prop_assert_eq!(indexes(entries.iter().map(|entry| &entry.subject)), everything);
    }
}

/// For each owner, an app's number and a user's index, one push, one session and one entry of the log, all of which
/// say the index of that owner.
fn fill(tx: &mut Tx<'_>, owners: &[(u32, usize)]) -> Result<()> {
    let users = ["ann", "bob"];
    tx.insert_app("other", "", "{}", 1)?;
    for app in [0, 1] {
        users.iter().try_for_each(|id| tx.insert_user(AppNumber(app), &user(id), 1).map(drop))?;
    }
    for (index, &(app, user)) in owners.iter().enumerate() {
        let mut session = session(users[user], [index as u8; 32]);
        session.user_agent = index.to_string();
        tx.insert_session(AppNumber(app), &session)?;
        tx.insert_push(AppNumber(app), &push(&index.to_string()))?;
        tx.append_audit(&NewAudit {
            at_ms: 1,
            actor: "system".into(),
            action: "test".into(),
            app: Some(app.to_string()),
            subject: index.to_string(),
            detail: "{}".into(),
            address: String::new(),
        })?;
    }
    Ok(())
}

fn indexes<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<usize> {
    texts.map(|text| text.parse().unwrap()).collect()
}
