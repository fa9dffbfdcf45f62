//! Limits refuse what is too much, leave what was there, and say which of them it was.

use campanile_platform::BridgeOptions;
use serde_json::{Value, json};

use crate::town::{Town, code, towns_with};

fn tight() -> BridgeOptions {
    BridgeOptions {
        providers_per_socket_max: 2,
        providers_max: 3,
        asked_providers_per_socket_max: 1,
        open_requests_per_socket_max: 1,
        ..BridgeOptions::default()
    }
}

fn strikes(town: &mut Town, answer: &Value, limit: &str) {
    assert_eq!(code(answer), "limit_reached");
    let message = answer["error"]["message"].as_str().expect("a message");
    assert!(message.contains(limit), "{message}");
    assert!(town.count(|stats| stats.dropped_limit_reached) > 0);
}

#[test]
fn a_socket_serves_no_more_ids_than_allowed_and_neither_does_the_app() {
    for (mut town, one, other) in towns_with(tight) {
        let (first, second) = (town.connect(one), town.connect(other));
        town.provides(&first, "A");
        town.provides(&first, "B");
        let answer = town.call(&first, "register_provider", &json!({"provider_id": "C"}));
        strikes(&mut town, &answer, "providers_per_socket_max");
        town.provides(&first, "B");
        town.provides(&second, "C");
        let answer = town.call(&second, "register_provider", &json!({"provider_id": "D"}));
        strikes(&mut town, &answer, "providers_max");
        town.drop(&first);
        town.provides(&second, "D");
        assert_eq!(town.registry.len(), 2);
    }
}

#[test]
fn a_client_asks_no_more_providers_and_waits_for_no_more_replies_than_allowed() {
    for (mut town, one, other) in towns_with(tight) {
        let (provider, client) = town.couple(one, other);
        town.provides(&provider, "Q");
        let ask = |id: &str| json!({"to_provider_id": id});
        town.ask(&client, 1, "request_provider", &ask("P"));
        let answer = town.call(&client, "request_provider", &ask("P"));
        strikes(&mut town, &answer, "open_requests_per_socket_max");
        let answer = town.call(&client, "request_provider", &ask("Q"));
        strikes(&mut town, &answer, "asked_providers_per_socket_max");
        // A request that nobody waits for isn't open.
        town.say(&client, "request_provider", &ask("P"));
        let requests = town.hear(&provider);
        assert_eq!(requests.len(), 2);
        town.say(&provider, "provider_reply", &requests[0].payload);
        town.hear(&client);
        town.ask(&client, 2, "request_provider", &ask("P"));
        assert_eq!((town.hear(&client).len(), town.hear(&provider).len()), (0, 1));
    }
}

#[test]
fn who_goes_leaves_no_open_request_behind() {
    for (mut town, one, other) in towns_with(BridgeOptions::default) {
        let (provider, client) = town.couple(one, other);
        for id in 0..5 {
            town.ask(&client, id, "request_provider", &json!({"to_provider_id": "P"}));
        }
        assert_eq!(town.count(|stats| stats.open_requests_now), 5);
        town.drop(&client);
        assert_eq!(town.count(|stats| stats.open_requests_now), 0);
        let reply = town.hear(&provider).remove(0).payload;
        assert_eq!(code(&town.call(&provider, "provider_reply", &reply)), "unknown_request");
        town.drop(&provider);
        for shard in &town.shards {
            let stats = shard.stats();
            assert_eq!((stats.timers_now, stats.sockets_now, stats.rooms_now), (0, 0, 0));
        }
    }
}
