//! Scenarios with their versions, and what leads to them.

use campanile_store::{AppNumber, NewScenario, Page, Scenario, StoreError, TriggerKey};

use crate::{Town, all, queued, scenario};

impl Town {
    async fn put(&self, app: AppNumber, new: NewScenario) -> Scenario {
        self.write(move |tx| tx.put_scenario(app, &new)).await.unwrap()
    }

    async fn versions(&self, scenario: i64) -> Vec<i64> {
        let versions = self.read(move |view| view.scenario_versions(scenario, &all())).await.items;
        versions.into_iter().map(|version| version.version).collect()
    }
}

fn document(id: &str, document: &str) -> NewScenario {
    NewScenario { document: document.into(), at_ms: 9, ..scenario(id) }
}

#[tokio::test]
async fn a_scenario_is_found_in_its_app_only() {
    let (town, a, b) = Town::with_two_apps().await;
    let saved = town.put(a, NewScenario { due_at_ms: Some(7), ..scenario("s") }).await;
    let trigger = TriggerKey { kind: "object_changed".into(), subject: "orders".into() };
    let expected = Scenario {
        number: saved.number,
        app: a,
        id: "s".into(),
        version: 1,
        document: "{}".into(),
        enabled: true,
        trigger,
        hook: None,
        due_at_ms: Some(7),
        created_at_ms: 5,
        updated_at_ms: 5,
    };
    assert_eq!(saved, expected);
    assert_eq!(town.read(move |view| view.scenario(a, "s")).await, Some(expected.clone()));
    assert_eq!(town.read(move |view| view.scenarios(a)).await, [expected]);
    assert_eq!(town.read(move |view| view.scenario(b, "s")).await, None);
    assert_eq!(town.read(move |view| view.count_scenarios(b)).await, 0);
    assert_eq!(town.read(|view| view.apps_with_scenarios()).await, [a]);
    let without_app = town.write(|tx| tx.put_scenario(AppNumber(9), &scenario("s"))).await;
    assert_eq!(without_app, Err(StoreError::NotFound));
}

#[tokio::test]
async fn each_save_is_a_version() {
    let (town, a, b) = Town::with_two_apps().await;
    let number = town.put(a, scenario("s")).await.number;
    town.put(b, scenario("s")).await;
    let second = town.put(a, NewScenario { enabled: false, ..document("s", "[2]") }).await;
    assert_eq!((second.number, second.version, second.enabled), (number, 2, false));
    assert_eq!((second.created_at_ms, second.updated_at_ms), (5, 9));
    assert_eq!(town.versions(number).await, [2, 1]);
    let first = town.read(move |view| view.scenario_version(number, 1)).await.unwrap();
    assert_eq!((first.version, &*first.document, &*first.actor, first.at_ms), (1, "{}", "key:k", 5));
    let page = Page { after: None, limit: 1 };
    let newest = town.read(move |view| view.scenario_versions(number, &page)).await;
    assert_eq!((newest.items[0].version, newest.next.as_deref()), (2, Some("2")));
    assert_eq!(town.read(move |view| view.scenario_version(number, 3)).await, None);
}

#[tokio::test]
async fn old_versions_go_unless_an_open_run_needs_them() {
    let (town, a, _) = Town::with_two_apps().await;
    let number = town.put(a, scenario("s")).await.number;
    let run = town.write(move |tx| tx.insert_run(a, &queued(number))).await.unwrap();
    for text in ["[2]", "[3]", "[4]"] {
        town.put(a, document("s", text)).await;
    }
    let trim = async |keep| town.write(move |tx| tx.trim_scenario_versions(number, keep)).await;
    assert_eq!(trim(4).await, Ok(0));
    assert_eq!(trim(1).await, Ok(2));
    assert_eq!(town.versions(number).await, [4, 1]);
    town.write(move |tx| tx.forget_run(a, run)).await.unwrap();
    assert_eq!(trim(1).await, Ok(1));
    assert_eq!(town.versions(number).await, [4]);
}

#[tokio::test]
async fn an_address_is_kept_and_is_nobody_elses() {
    let (town, a, b) = Town::with_two_apps().await;
    let with_hook = |id: &str, hook: &str| NewScenario { hook: Some(hook.into()), ..scenario(id) };
    town.put(a, with_hook("s", "secret")).await;
    assert_eq!(town.put(a, with_hook("s", "another")).await.hook.as_deref(), Some("secret"));
    assert_eq!(town.put(a, document("s", "[3]")).await.hook.as_deref(), Some("secret"));
    let taken = with_hook("s", "secret");
    assert_eq!(town.write(move |tx| tx.put_scenario(b, &taken)).await, Err(StoreError::Exists));
    let found = town.read(|view| view.scenario_by_hook("secret")).await.unwrap();
    assert_eq!((found.app, &*found.id), (a, "s"));
    assert_eq!(town.read(|view| view.scenario_by_hook("another")).await, None);
}

#[tokio::test]
async fn a_trigger_leads_to_the_scenarios_that_are_on() {
    let (town, a, b) = Town::with_two_apps().await;
    for id in ["two", "one"] {
        town.put(a, scenario(id)).await;
    }
    town.put(a, NewScenario { enabled: false, ..scenario("off") }).await;
    let other = TriggerKey { kind: "object_changed".into(), subject: "notes".into() };
    town.put(a, NewScenario { trigger: other.clone(), ..scenario("other") }).await;
    let led = async |app, key: TriggerKey| {
        let found = town.read(move |view| view.scenarios_by_trigger(app, &key)).await;
        found.into_iter().map(|scenario| scenario.id).collect::<Vec<_>>()
    };
    assert_eq!(led(a, scenario("").trigger).await, ["one", "two"]);
    assert_eq!(led(a, other).await, ["other"]);
    assert!(led(b, scenario("").trigger).await.is_empty());

    let starts = async |app, kind: &'static str, subject: &'static str| {
        town.read(move |view| view.starts_scenarios(app, kind, subject)).await
    };
    assert!(starts(a, "object_changed", "orders").await);
    assert!(!starts(a, "object_created", "orders").await);
    assert!(!starts(a, "object_changed", "things").await);
    assert!(!starts(b, "object_changed", "orders").await);
    town.put(a, NewScenario { enabled: false, ..scenario("other") }).await;
    assert!(!starts(a, "object_changed", "notes").await);
}

#[tokio::test]
async fn whoever_knows_the_scenarios_sees_when_to_look_again() {
    let (town, a, b) = Town::with_two_apps().await;
    let generation = async |app| town.read(move |view| view.scenario_generation(app)).await;
    assert_eq!((generation(a).await, generation(b).await), (0, 0));
    let number = town.put(a, scenario("s")).await.number;
    assert_eq!((generation(a).await, generation(b).await), (1, 0));
    town.put(a, document("s", "[2]")).await;
    town.write(move |tx| tx.set_scenario_due(number, 2, Some(7))).await.unwrap();
    assert_eq!(generation(a).await, 2);
    town.write(move |tx| tx.delete_scenario(a, "s")).await.unwrap();
    assert_eq!(generation(a).await, 3);
    assert_eq!(town.write(move |tx| tx.delete_scenario(a, "s")).await, Err(StoreError::NotFound));
    assert_eq!(generation(a).await, 3);
}

#[tokio::test]
async fn a_time_is_noted_for_the_version_that_it_was_found_for() {
    let (town, a, _) = Town::with_two_apps().await;
    let number = town.put(a, scenario("s")).await.number;
    let due = async || town.read(move |view| view.scenario(a, "s")).await.unwrap().due_at_ms;
    let set = async |version, at_ms| town.write(move |tx| tx.set_scenario_due(number, version, at_ms)).await;
    set(1, Some(7)).await.unwrap();
    assert_eq!(due().await, Some(7));
    town.put(a, NewScenario { due_at_ms: Some(9), ..document("s", "[2]") }).await;
    set(1, Some(8)).await.unwrap();
    assert_eq!(due().await, Some(9));
    set(2, None).await.unwrap();
    assert_eq!(due().await, None);
    town.write(move |tx| tx.delete_scenario(a, "s")).await.unwrap();
    assert_eq!(set(2, Some(7)).await, Ok(()));
}

#[tokio::test]
async fn a_deleted_scenario_takes_everything_along_and_its_number_is_not_used_again() {
    let (town, a, b) = Town::with_two_apps().await;
    let number = town.put(a, scenario("s")).await.number;
    let other = town.put(b, scenario("s")).await.number;
    for (app, scenario) in [(a, number), (b, other)] {
        town.write(move |tx| tx.insert_run(app, &queued(scenario))).await.unwrap();
    }
    town.write(move |tx| tx.delete_scenario(a, "s")).await.unwrap();
    assert!(town.versions(number).await.is_empty());
    let open = async |app| town.read(move |view| view.open_runs(app)).await.len();
    assert_eq!((open(a).await, open(b).await), (0, 1));
    let town = town.reopened();
    let again = town.put(a, scenario("s")).await;
    assert!(again.number > other);
    assert_eq!(again.version, 1);
}
