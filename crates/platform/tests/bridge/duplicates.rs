//! The same provider id registered twice: the three settings, over shards.

use campanile_platform::{BridgeOptions, DuplicateProvider};
use serde_json::json;

use crate::town::{Party, Town, code, heard, towns_with};

fn replace() -> BridgeOptions {
    BridgeOptions::default()
}

fn reject() -> BridgeOptions {
    BridgeOptions { duplicate_provider: DuplicateProvider::Reject, ..BridgeOptions::default() }
}

fn share() -> BridgeOptions {
    BridgeOptions { duplicate_provider: DuplicateProvider::Share, ..BridgeOptions::default() }
}

fn register(town: &mut Town, party: &Party) {
    town.say_raw(party, r#"42["register_provider",{"provider_id":"P"}]"#);
}

fn request(town: &mut Town, client: &Party) {
    town.say(client, "request_provider", &json!({"to_provider_id": "P", "cmd": "x"}));
}

fn broadcast(town: &mut Town, provider: &Party) -> serde_json::Value {
    town.call(provider, "sent_to_my_clients", &json!({"cmd": "x"}))
}

#[test]
fn replace_lets_the_last_one_win_and_tells_the_one_before() {
    for (mut town, one, other) in towns_with(replace) {
        let (first, client) = town.couple(one, other);
        let second = town.connect(other);
        town.provides(&second, "P");
        assert_eq!(town.hear(&first), [heard("provider_replaced", json!({"provider_id": "P"}))]);
        assert_eq!(town.hear(&client), [], "it was online all the time");
        request(&mut town, &client);
        assert_eq!((town.hear(&first).len(), town.hear(&second).len()), (0, 1));
        assert_eq!(code(&broadcast(&mut town, &first)), "not_owner");
        broadcast(&mut town, &second);
        assert_eq!(town.hear(&client).len(), 1);
        // The one before takes nothing with it when it goes.
        town.drop(&first);
        assert_eq!((town.hear(&client).len(), town.registry.len()), (0, 1));
        town.drop(&second);
        assert_eq!(town.hear(&client).len(), 1);
    }
}

#[test]
fn registering_again_oneself_changes_only_the_name() {
    for options in [replace, reject, share] {
        for (mut town, one, other) in towns_with(options) {
            let (provider, client) = town.couple(one, other);
            let again = json!({"provider_id": "P", "name": "Model 7"});
            assert_eq!(town.call(&provider, "register_provider", &again)["ok"], json!(true));
            assert_eq!((town.hear(&provider).len(), town.hear(&client).len()), (0, 0));
            let listed = town.registry.list(campanile_platform::PUBLIC);
            assert_eq!((listed.len(), listed[0].name.as_deref()), (1, Some("Model 7")));
            assert_eq!(listed[0].members.len(), 1);
            town.drop(&provider);
            assert!(town.registry.is_empty());
        }
    }
}

#[test]
fn old_news_of_a_replacement_displaces_nobody() {
    let mut town = Town::new(2, replace());
    let (first, client) = town.couple(0, 0);
    let second = town.connect(1);
    // The second takes over, and the first takes back before its shard has heard of that.
    register(&mut town, &second);
    let late = town.take_mail(1);
    register(&mut town, &first);
    town.carry_mail();
    for mail in late {
        town.deliver(1, mail);
    }
    town.carry_mail();
    assert_eq!(town.hear(&first), []);
    assert_eq!(town.hear(&second), [heard("provider_replaced", json!({"provider_id": "P"}))]);
    assert_eq!(broadcast(&mut town, &first), json!({"ok": true}));
    assert_eq!(town.hear(&client).len(), 1);
    assert_eq!(code(&broadcast(&mut town, &second)), "not_owner");
    request(&mut town, &client);
    assert_eq!(town.hear(&first).len(), 1);
}

#[test]
fn reject_lets_the_first_one_stay() {
    for (mut town, one, other) in towns_with(reject) {
        let (first, client) = town.couple(one, other);
        let second = town.connect(other);
        let answer = town.call(&second, "register_provider", &json!({"provider_id": "P"}));
        assert_eq!(code(&answer), "duplicate_provider");
        request(&mut town, &client);
        assert_eq!((town.hear(&first).len(), town.hear(&second).len()), (1, 0));
        assert_eq!(code(&broadcast(&mut town, &second)), "not_owner");
        town.drop(&second);
        assert_eq!(town.hear(&client), []);
        town.drop(&first);
        let second = town.connect(other);
        town.provides(&second, "P");
    }
}

#[test]
fn share_takes_turns_and_any_member_reaches_all_clients() {
    for (mut town, one, other) in towns_with(share) {
        let (first, client) = town.couple(one, other);
        let members = [first, town.connect(other), town.connect(one)];
        town.provides(&members[1], "P");
        town.provides(&members[2], "P");
        assert_eq!(town.hear(&client), []);
        for _ in 0..6 {
            request(&mut town, &client);
        }
        let turns: Vec<usize> = members.iter().map(|member| town.hear(member).len()).collect();
        assert_eq!(turns, [2, 2, 2]);
        for member in &members {
            assert_eq!(broadcast(&mut town, member), json!({"ok": true}));
            assert_eq!(town.hear(&client).len(), 1);
        }
        // A member's reply reaches the requester, whichever of them was asked.
        let reply = json!({"request_from": client.sid, "result": 1});
        assert_eq!(town.call(&members[2], "provider_reply", &reply), json!({"ok": true}));
        assert_eq!(town.hear(&client).len(), 1);
        for (number, member) in members.iter().enumerate() {
            town.drop(member);
            let told = town.hear(&client).len();
            assert_eq!(told, usize::from(number == 2), "offline only when the last one is gone");
        }
    }
}

#[test]
fn a_group_has_a_limit() {
    let options = BridgeOptions { members_per_provider_max: 2, ..share() };
    let mut town = Town::new(2, options);
    let parties = [town.connect(0), town.connect(1), town.connect(0)];
    town.provides(&parties[0], "P");
    town.provides(&parties[1], "P");
    town.provides(&parties[1], "P");
    let answer = town.call(&parties[2], "register_provider", &json!({"provider_id": "P"}));
    assert_eq!(code(&answer), "limit_reached");
    town.drop(&parties[0]);
    town.provides(&parties[2], "P");
}
