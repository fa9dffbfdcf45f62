//! What one party sends another arrives in the order it was sent, whatever it is.

use serde_json::json;

use crate::town::towns;

#[test]
fn replies_and_broadcasts_keep_their_order() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.say(&client, "request_provider", &json!({"to_provider_id": "P"}));
        town.hear(&provider);
        for step in 0..50 {
            let packet = match step % 3 {
                0 => json!(["sent_to_my_clients", {"step": step}]),
                1 => json!(["provider_reply", {"request_from": client.sid, "step": step}]),
                _ => json!(["send_to_all_clients", {"provider_id": "P", "step": step}]),
            };
            town.say_raw(&provider, &format!("42{packet}"));
        }
        town.carry_mail();
        let heard = town.hear(&client);
        let steps: Vec<_> = heard.iter().filter_map(|heard| heard.payload["step"].as_u64()).collect();
        assert_eq!(steps, (0..50).collect::<Vec<_>>());
        for (step, heard) in heard.iter().enumerate() {
            let name = if step % 3 == 1 { "provider_reply" } else { "message_from_provider" };
            assert_eq!(heard.name, name);
        }
    }
}

#[test]
fn requests_keep_their_order() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        for step in 0..50 {
            let request = json!(["request_provider", {"to_provider_id": "P", "step": step}]);
            let ack = if step % 2 == 0 { format!("{step}") } else { String::new() };
            town.say_raw(&client, &format!("42{ack}{request}"));
        }
        town.carry_mail();
        let heard = town.hear(&provider);
        let steps: Vec<_> = heard.iter().filter_map(|heard| heard.payload["step"].as_u64()).collect();
        assert_eq!(steps, (0..50).collect::<Vec<_>>());
    }
}

#[test]
fn the_last_broadcast_comes_before_the_news_that_its_provider_is_gone() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.say_raw(&provider, r#"42["sent_to_my_clients",{"cmd":"bye"}]"#);
        town.drop(&provider);
        let names: Vec<String> = town.hear(&client).into_iter().map(|heard| heard.name).collect();
        assert_eq!(names, ["message_from_provider", "provider_status"]);
    }
}
