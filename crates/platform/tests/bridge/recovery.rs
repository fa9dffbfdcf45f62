//! Parties that drop and return within the time of recovery: they are who they were.

use campanile_platform::{BridgeOptions, DuplicateProvider};
use serde_json::{Value, json};

use crate::town::{Heard, Town, code};

/// Every way to leave a shard and return to one, with somebody else on a third.
fn journeys() -> impl Iterator<Item = (Town, usize, usize, usize)> {
    let towns = [(1, 0, 0, 0), (2, 0, 0, 1), (2, 0, 1, 0), (2, 0, 1, 1), (3, 2, 1, 0)];
    towns.into_iter().map(|(shards, from, to, other)| {
        (Town::recovering(shards, BridgeOptions::default()), from, to, other)
    })
}

fn names(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|heard| &*heard.name).collect()
}

fn commands(heard: &[Heard]) -> Vec<&Value> {
    heard.iter().map(|heard| &heard.payload["cmd"]).collect()
}

#[test]
fn a_provider_that_returns_serves_again_without_registering() {
    for (mut town, from, to, other) in journeys() {
        let (mut provider, client) = town.couple(from, other);
        town.drop(&provider);
        let request = json!({"to_provider_id": "P", "cmd": "x"});
        assert!(town.is_suspended(&provider));
        assert_eq!(names(&town.hear(&client)), ["provider_status"]);
        assert_eq!(code(&town.call(&client, "request_provider", &request)), "provider_offline");
        town.returns(&mut provider, to);
        let status = town.hear(&client);
        assert_eq!((names(&status), &status[0].payload["online"]), (vec!["provider_status"], &json!(true)));
        town.say(&client, "request_provider", &request);
        assert_eq!(names(&town.hear(&provider)), ["new_request"]);
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "back"}));
        assert_eq!(names(&town.hear(&client)), ["message_from_provider"]);
    }
}

#[test]
fn a_follower_that_returns_gets_what_it_missed_and_follows_on() {
    for (mut town, from, to, other) in journeys() {
        let (provider, mut client) = town.couple(other, from);
        for round in 0..3 {
            town.drop(&client);
            for cmd in ["a", "b"] {
                town.say(&provider, "sent_to_my_clients", &json!({"cmd": format!("{cmd}{round}")}));
            }
            let shard = if round % 2 == 0 { to } else { from };
            let missed = town.returns(&mut client, shard);
            let expected = [json!(format!("a{round}")), json!(format!("b{round}"))];
            let last_two = missed.len() - 2;
            assert_eq!(commands(&missed[last_two..]), expected.iter().collect::<Vec<_>>());
            town.say(&provider, "sent_to_my_clients", &json!({"cmd": "live"}));
            assert_eq!(commands(&town.hear(&client)), [&json!("live")]);
        }
        // It can still change its mind: what it follows came back too.
        town.follows(&client, "Q");
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "unheard"}));
        assert_eq!(town.hear(&client), []);
    }
}

#[test]
fn a_requester_that_returns_gets_the_replies_to_what_it_asked_before() {
    for (mut town, from, to, other) in journeys() {
        let (provider, mut client) = town.couple(other, from);
        town.say(&client, "request_provider", &json!({"to_provider_id": "P", "cmd": "x"}));
        let mut reply = town.hear(&provider).remove(0).payload;
        let impostor = town.connect(other);
        town.provides(&impostor, "Q");
        town.drop(&client);
        reply["result"] = json!("while it was away");
        assert_eq!(town.call(&provider, "provider_reply", &reply), json!({"ok": true}));
        assert_eq!(code(&town.call(&impostor, "provider_reply", &reply)), "unknown_request");
        let missed = town.returns(&mut client, to);
        assert_eq!(names(&missed), ["provider_reply"]);
        assert_eq!(missed[0].payload, reply);
        // And those that come later, wherever it is now.
        reply["result"] = json!("back again");
        assert_eq!(town.call(&provider, "provider_reply", &reply), json!({"ok": true}));
        assert_eq!(town.hear(&client).len(), 1);
        assert_eq!(code(&town.call(&impostor, "provider_reply", &reply)), "unknown_request");
    }
}

#[test]
fn a_provider_answers_after_its_return_what_it_was_asked_before() {
    for (mut town, from, to, other) in journeys() {
        let (mut provider, client) = town.couple(from, other);
        town.ask(&client, 4, "request_provider", &json!({"to_provider_id": "P", "cmd": "x"}));
        let reply = town.hear(&provider).remove(0).payload;
        town.drop(&provider);
        town.returns(&mut provider, to);
        town.hear(&client);
        assert_eq!(town.call(&provider, "provider_reply", &reply), json!({"ok": true}));
        assert_eq!(names(&town.hear(&client)), ["provider_reply", "ack 4"]);
    }
}

#[test]
fn a_request_that_was_on_its_way_when_the_provider_dropped_waits_for_its_return() {
    let mut town = Town::recovering(2, BridgeOptions::default());
    let (mut provider, client) = town.couple(0, 1);
    town.say_raw(&client, r#"424["request_provider",{"to_provider_id":"P","cmd":"x"}]"#);
    let under_way = town.take_mail(1);
    town.drop(&provider);
    for mail in under_way {
        town.deliver(1, mail);
    }
    let missed = town.returns(&mut provider, 0);
    assert_eq!(names(&missed), ["new_request"]);
    town.say(&provider, "provider_reply", &missed[0].payload);
    assert!(names(&town.hear(&client)).contains(&"ack 4"));
}

#[test]
fn who_was_taken_over_meanwhile_hears_of_it_when_it_returns() {
    for (mode, stays) in [(DuplicateProvider::Reject, false), (DuplicateProvider::Replace, true)] {
        for shards in [1, 2] {
            let options = BridgeOptions { duplicate_provider: mode, ..BridgeOptions::default() };
            let mut town = Town::recovering(shards, options);
            let (mut first, client) = town.couple(0, 0);
            town.drop(&first);
            let second = town.connect(shards - 1);
            town.provides(&second, "P");
            let told = town.returns(&mut first, 0);
            town.hear(&client);
            let (owner, other) = if stays { (&first, &second) } else { (&second, &first) };
            let told = [told, town.hear(&second)];
            assert_eq!(names(&told[usize::from(stays)]), ["provider_replaced"]);
            assert_eq!(told[usize::from(!stays)], []);
            assert_eq!(code(&town.call(other, "sent_to_my_clients", &json!({}))), "not_owner");
            assert_eq!(town.call(owner, "sent_to_my_clients", &json!({})), json!({"ok": true}));
            assert_eq!(names(&town.hear(&client)), ["message_from_provider"]);
        }
    }
}
