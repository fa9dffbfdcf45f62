//! The log of what was changed by whom.

use campanile_store::{AuditEntry, NewAudit};

use crate::{Town, all};

fn note(app: Option<&str>, action: &str) -> NewAudit {
    NewAudit {
        at_ms: 3,
        actor: "admin:root".into(),
        action: action.into(),
        app: app.map(Into::into),
        subject: "ann".into(),
        detail: r#"{"x":1}"#.into(),
        address: "192.0.2.1".into(),
    }
}

#[tokio::test]
async fn entries_are_listed_newest_first_by_app_or_all() {
    let town = Town::new();
    for note in [note(Some("a"), "1"), note(None, "2"), note(Some("b"), "3"), note(Some("a"), "4")] {
        town.write(move |tx| tx.append_audit(&note)).await.unwrap();
    }
    let actions = async |app: Option<&'static str>| {
        let entries = town.read(move |view| view.audit(app, &all())).await.items;
        entries.into_iter().map(|entry| entry.action).collect::<String>()
    };
    assert_eq!(actions(None).await, "4321");
    assert_eq!(actions(Some("a")).await, "41");
    assert_eq!(actions(Some("c")).await, "");
}

#[tokio::test]
async fn an_entry_says_what_was_noted_and_outlives_its_app() {
    let (town, a, _) = Town::with_two_apps().await;
    town.write(|tx| tx.append_audit(&note(Some("a"), "user.create"))).await.unwrap();
    town.write(move |tx| tx.delete_app(a)).await.unwrap();
    let entries = town.read(|view| view.audit(Some("a"), &all())).await.items;
    let NewAudit { at_ms, actor, action, app, subject, detail, address } = note(Some("a"), "user.create");
    assert_eq!(entries, [AuditEntry { number: 1, at_ms, actor, action, app, subject, detail, address }]);
}
