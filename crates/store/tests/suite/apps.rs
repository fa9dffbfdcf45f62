//! Apps and their plugins.

use campanile_store::{App, AppNumber, Plugin, StoreError};

use crate::{PUBLIC, Town, all, created, every, object, push, queued, scenario, session, user};

#[tokio::test]
async fn the_built_in_app_is_there_with_both_plugins() {
    let town = Town::new();
    let public = town.read(|view| view.app("public")).await.unwrap();
    assert_eq!((public.number, public.settings.as_str()), (PUBLIC, "{}"));
    let plugins = town.read(|view| view.plugins(PUBLIC)).await;
    assert_eq!(names(&plugins), ["bridge", "socket.io"]);
}

#[tokio::test]
async fn an_app_is_created_found_changed_and_listed() {
    let town = Town::new();
    let app = town.write(|tx| tx.insert_app("shop", "Shop", "{}", 7)).await.unwrap();
    let expected = App {
        number: AppNumber(1),
        id: "shop".into(),
        name: "Shop".into(),
        settings: "{}".into(),
        created_at_ms: 7,
    };
    assert_eq!(app, expected);
    town.write(|tx| tx.update_app(AppNumber(1), "The shop", r#"{"x":1}"#)).await.unwrap();
    let app = town.read(|view| view.app("shop")).await.unwrap();
    assert_eq!((app.name.as_str(), app.settings.as_str()), ("The shop", r#"{"x":1}"#));
    let apps = town.read(|view| view.apps()).await;
    assert_eq!(apps.iter().map(|app| app.id.as_str()).collect::<Vec<_>>(), ["public", "shop"]);
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let (town, ..) = Town::with_two_apps().await;
    assert_eq!(town.write(|tx| tx.insert_app("a", "", "{}", 9)).await, Err(StoreError::Exists));
    assert_eq!(town.read(|view| view.app("a")).await.unwrap().name, "A");
}

#[tokio::test]
async fn what_is_not_there_is_neither_found_nor_changed() {
    let town = Town::new();
    assert_eq!(town.read(|view| view.app("nobody")).await, None);
    let number = AppNumber(9);
    assert_eq!(town.write(move |tx| tx.update_app(number, "", "{}")).await, Err(StoreError::NotFound));
    assert_eq!(town.write(move |tx| tx.delete_app(number)).await, Err(StoreError::NotFound));
    let plugin = town.write(move |tx| tx.put_plugin(number, "bridge", "{}", 1)).await;
    assert_eq!(plugin, Err(StoreError::NotFound));
}

#[tokio::test]
async fn the_number_of_a_deleted_app_is_not_used_again() {
    let (town, _, b) = Town::with_two_apps().await;
    town.write(move |tx| tx.delete_app(b)).await.unwrap();
    let town = town.reopened();
    let next = town.write(|tx| tx.insert_app("b", "", "{}", 3)).await.unwrap();
    assert_eq!(next.number, AppNumber(b.0 + 1));
}

#[tokio::test]
async fn a_deleted_app_takes_everything_along() {
    let (town, a, b) = Town::with_two_apps().await;
    for app in [a, b] {
        let fill = move |tx: &mut campanile_store::Tx<'_>| {
            tx.put_plugin(app, "bridge", "{}", 1)?;
            tx.insert_api_key(&crate::keys::api_key(app))?;
            tx.insert_secret_key(&crate::keys::secret_key(app), &[app.0 as u8; 32])?;
            tx.insert_user(app, &user("ann"), 1)?;
            tx.insert_session(app, &session("ann", [app.0 as u8; 32]))?;
            tx.put_structure(app, "orders", "{}", 1)?;
            tx.put_endpoint(app, "orders", "list", "{}", 1)?;
            tx.insert_object(app, "orders", &object("o", "{}"))?;
            tx.insert_change(app, &created("o"))?;
            let scenario = tx.put_scenario(app, &scenario("s"))?.number;
            tx.insert_run(app, &queued(scenario))?;
            tx.insert_push(app, &push("p"))
        };
        town.write(fill).await.unwrap();
    }
    let count = |app: AppNumber| {
        town.read(move |view| {
            let keys = view.api_keys(app)?.len() + view.secret_keys(app)?.len();
            let people = view.users(app, &Default::default(), &all())?.items.len()
                + view.sessions(app, None, &all())?.items.len();
            let data = view.structures(app)?.len()
                + view.endpoints(app)?.len()
                + view.objects(app, "orders", &every())?.items.len()
                + view.changes(app, 10)?.len()
                + view.count_changes(app)? as usize;
            let scenarios = view.scenarios(app)?.len()
                + view.scenario_generation(app)? as usize
                + view.runs(app, &Default::default(), &all())?.items.len()
                + view.open_runs(app)?.len();
            let pushes = view.pushes(app, &all())?.items.len();
            Ok(view.plugins(app)?.len() + keys + people + data + scenarios + pushes)
        })
    };
    assert_eq!((count(a).await, count(b).await), (15, 15));
    town.write(move |tx| tx.delete_app(a)).await.unwrap();
    assert_eq!((count(a).await, count(b).await), (0, 15));
}

#[tokio::test]
async fn a_plugin_is_installed_changed_and_removed_in_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    for app in [a, b] {
        town.write(move |tx| tx.put_plugin(app, "bridge", "{}", 5)).await.unwrap();
    }
    town.write(move |tx| tx.put_plugin(a, "bridge", r#"{"x":1}"#, 6)).await.unwrap();
    let changed = Plugin { name: "bridge".into(), settings: r#"{"x":1}"#.into(), installed_at_ms: 5 };
    assert_eq!(town.read(move |view| view.plugins(a)).await, std::slice::from_ref(&changed));

    let everywhere = town.read(|view| view.all_plugins()).await;
    assert_eq!(everywhere.len(), 4);
    assert!(everywhere.contains(&(a, changed)));

    assert!(town.write(move |tx| tx.remove_plugin(a, "bridge")).await.unwrap());
    assert!(!town.write(move |tx| tx.remove_plugin(a, "bridge")).await.unwrap());
    assert!(town.read(move |view| view.plugins(a)).await.is_empty());
    assert_eq!(names(&town.read(move |view| view.plugins(b)).await), ["bridge"]);
}

fn names(plugins: &[Plugin]) -> Vec<&str> {
    plugins.iter().map(|plugin| plugin.name.as_str()).collect()
}
