//! The table of edges, row by row, and what happens when there is none.

use serde_json::{Value, json};

use crate::town::{Town, code, heard, placeholder, towns};

#[test]
fn a_broadcast_reaches_the_followers_of_its_provider_and_nobody_else() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let (stranger, follower_of_other) = (town.connect(one), town.connect(other));
        town.follows(&follower_of_other, "Q");
        for event in ["send_to_all_clients", "sent_to_my_clients"] {
            let payload = json!({"provider_id": "P", "cmd": "showSpeed", "data": 9, "x": [null, {"y": 1}]});
            assert_eq!(town.call(&provider, event, &payload), json!({"ok": true}));
            assert_eq!(town.hear(&client), [heard("message_from_provider", payload)]);
        }
        for other in [&provider, &stranger, &follower_of_other] {
            assert_eq!(town.hear(other), []);
        }
    }
}

#[test]
fn attachments_and_unknown_fields_pass_through() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let payload = json!({"cmd": "picture", "data": placeholder(), "extra": "kept"});
        town.say_binary(&provider, "sent_to_my_clients", &payload, b"pixels");
        let message = town.hear(&client).remove(0);
        assert_eq!((&message.payload, &*message.attachments), (&payload, &[b"pixels".to_vec()][..]));
        let request = json!({"to_provider_id": "P", "cmd": "see", "data": placeholder()});
        town.say_binary(&client, "request_provider", &request, b"question");
        let mut request = town.hear(&provider).remove(0);
        assert_eq!(request.attachments, [b"question".to_vec()]);
        request.payload["result"] = placeholder();
        request.payload["data"] = Value::Null;
        town.say_binary(&provider, "provider_reply", &request.payload, b"answer");
        let reply = town.hear(&client).remove(0);
        assert_eq!((&*reply.name, &*reply.attachments), ("provider_reply", &[b"answer".to_vec()][..]));
    }
}

#[test]
fn a_request_carries_who_asked_and_every_reply_reaches_only_them() {
    for (mut town, one, other) in towns() {
        let (provider, follower) = town.couple(one, other);
        // A client need not register before it requests.
        let client = town.connect(other);
        for data in [json!(3), json!("x"), json!({"a": 1}), json!([1, 2]), json!(false), Value::Null] {
            let request = json!({"to_provider_id": "P", "cmd": "double_me", "data": data, "mine": 1});
            town.say(&client, "request_provider", &request);
            let mut got = town.hear(&provider).remove(0);
            assert_eq!((&*got.name, &got.payload["request_from"]), ("new_request", &json!(client.sid)));
            assert!(got.payload["request_id"].is_string());
            for field in ["to_provider_id", "cmd", "data", "mine"] {
                assert_eq!(got.payload[field], request[field]);
            }
            for result in [1, 2, 3] {
                got.payload["result"] = json!(result);
                assert_eq!(town.call(&provider, "provider_reply", &got.payload), json!({"ok": true}));
                assert_eq!(town.hear(&client), [heard("provider_reply", got.payload.clone())]);
            }
            assert_eq!(town.hear(&follower), []);
        }
    }
}

#[test]
fn followers_hear_when_their_provider_goes_and_comes() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.drop(&provider);
        let offline = heard("provider_status", json!({"provider_id": "P", "online": false}));
        assert_eq!(town.hear(&client), [offline]);
        assert!(town.registry.is_empty());
        let provider = town.connect(other);
        town.provides(&provider, "P");
        let online = heard("provider_status", json!({"provider_id": "P", "online": true}));
        assert_eq!(town.hear(&client), [online]);
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "back"}));
        assert_eq!(town.hear(&client), [heard("message_from_provider", json!({"cmd": "back"}))]);
    }
}

#[test]
fn a_client_follows_one_provider_at_a_time_and_learns_whether_it_is_there() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let follow = |id: &str| json!({"master_provider_id": id});
        let answer = town.call(&client, "register_client", &follow("Q"));
        assert_eq!(answer, json!({"ok": true, "provider_id": "Q", "online": false}));
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "unheard"}));
        assert_eq!(town.hear(&client), []);
        for _ in 0..2 {
            let answer = town.call(&client, "register_client", &follow("P"));
            assert_eq!(answer, json!({"ok": true, "provider_id": "P", "online": true}));
        }
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "heard once"}));
        assert_eq!(town.hear(&client).len(), 1);
    }
}

#[test]
fn one_socket_may_be_provider_and_client_at_once() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.provides(&client, "Q");
        town.follows(&provider, "Q");
        town.say(&client, "sent_to_my_clients", &json!({"cmd": "q"}));
        town.say(&provider, "sent_to_my_clients", &json!({"cmd": "p"}));
        assert_eq!(town.hear(&provider), [heard("message_from_provider", json!({"cmd": "q"}))]);
        assert_eq!(town.hear(&client), [heard("message_from_provider", json!({"cmd": "p"}))]);
    }
}

#[test]
fn a_request_to_nobody_is_dropped_and_counted_or_refused() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.drop(&provider);
        town.hear(&client);
        for id in ["P", "never seen"] {
            let request = json!({"to_provider_id": id, "cmd": "x", "data": 1});
            town.say(&client, "request_provider", &request);
            assert_eq!(town.hear(&client), []);
            assert_eq!(code(&town.call(&client, "request_provider", &request)), "provider_offline");
        }
        assert_eq!(town.count(|stats| stats.dropped_provider_offline), 4);
        assert_eq!(town.count(|stats| stats.open_requests_now), 0);
    }
}

#[test]
fn a_provider_that_goes_while_a_request_is_on_its_way_is_offline_too() {
    let mut town = Town::new(2, Default::default());
    let (provider, client) = town.couple(0, 1);
    let request = json!(["request_provider", {"to_provider_id": "P", "cmd": "x"}]);
    town.say_raw(&client, &format!("423{request}"));
    town.say_raw(&client, &format!("42{request}"));
    let under_way = town.take_mail(1);
    town.drop(&provider);
    for mail in under_way {
        town.deliver(1, mail);
    }
    town.carry_mail();
    let answers: Vec<_> = town.hear(&client).into_iter().filter(|heard| heard.name == "ack 3").collect();
    assert_eq!(code(&answers[0].payload), "provider_offline");
    assert_eq!((answers.len(), town.count(|stats| stats.dropped_provider_offline)), (1, 2));
}

#[test]
fn the_first_reply_also_answers_the_ack() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.ask(&client, 5, "request_provider", &json!({"to_provider_id": "P", "cmd": "x"}));
        assert_eq!(town.hear(&client), [], "the ack waits for the provider");
        let mut reply = town.hear(&provider).remove(0).payload;
        town.advance(40);
        reply["result"] = json!("first");
        town.say(&provider, "provider_reply", &reply);
        let first = town.hear(&client);
        assert_eq!(first, [heard("provider_reply", reply.clone()), heard("ack 5", reply.clone())]);
        reply["result"] = json!("second");
        town.say(&provider, "provider_reply", &reply);
        assert_eq!(town.hear(&client), [heard("provider_reply", reply)]);
        town.advance(24_000);
        assert_eq!(town.hear(&client).len(), 0);
        let stats = town.stats(other);
        assert_eq!((stats.latency_ms_sum, stats.open_requests_now, stats.requests_timed_out), (40, 0, 0));
    }
}

#[test]
fn replies_find_their_request_by_its_id_however_it_is_written() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        for (number, id) in [r#""é/1""#, "17", "\"b\"", "null", r#"{"n":1}"#].into_iter().enumerate() {
            let request = format!(r#"["request_provider",{{"to_provider_id":"P","request_id":{id}}}]"#);
            town.say_raw(&client, &format!("42{number}{request}"));
        }
        town.carry_mail();
        let requests = town.hear(&provider);
        assert_eq!(requests.len(), 5);
        assert_eq!(requests[0].payload["request_id"], "é/1");
        for (number, request) in requests.iter().enumerate().rev() {
            let text = serde_json::to_string(&request.payload).expect("JSON").replace('é', "\\u00e9");
            town.say_raw(&provider, &format!(r#"42["provider_reply",{}]"#, text.replace('/', "\\/")));
            town.carry_mail();
            let names: Vec<String> = town.hear(&client).into_iter().map(|heard| heard.name).collect();
            assert_eq!(names, ["provider_reply".to_owned(), format!("ack {number}")]);
        }
    }
}

#[test]
fn a_reply_without_a_request_id_answers_no_ack() {
    let (mut town, one, other) = towns().last().expect("some town");
    let (provider, client) = town.couple(one, other);
    town.ask(&client, 5, "request_provider", &json!({"to_provider_id": "P"}));
    town.hear(&provider);
    town.say(&provider, "provider_reply", &json!({"request_from": client.sid, "result": 1}));
    assert_eq!(town.hear(&client).len(), 1);
    assert_eq!(town.stats(other).open_requests_now, 1);
}

#[test]
fn an_open_request_id_is_not_given_twice() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let request = json!({"to_provider_id": "P", "request_id": "mine"});
        town.ask(&client, 1, "request_provider", &request);
        assert_eq!(code(&town.call(&client, "request_provider", &request)), "duplicate_request_id");
        let requests = town.hear(&provider);
        assert_eq!(requests.len(), 1);
        town.say(&provider, "provider_reply", &requests[0].payload);
        town.hear(&client);
        town.ask(&client, 2, "request_provider", &request);
        assert_eq!(town.hear(&client), [], "it is free again");
    }
}

#[test]
fn a_silent_provider_times_the_request_out_once() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        town.ask(&client, 5, "request_provider", &json!({"to_provider_id": "P"}));
        let reply = town.hear(&provider).remove(0).payload;
        for ms in [20_000, 9_999] {
            town.advance(ms);
            for party in [&provider, &client] {
                town.say_raw(party, "3");
            }
        }
        let heard_so_far = town.hear_without_pings(&client);
        assert_eq!(heard_so_far, []);
        town.advance(1);
        let timed_out = town.hear_without_pings(&client);
        assert_eq!((&*timed_out[0].name, code(&timed_out[0].payload)), ("ack 5", "timeout"));
        town.hear_without_pings(&provider);
        // A late reply is still a reply.
        town.say(&provider, "provider_reply", &reply);
        assert_eq!(town.hear(&client), [heard("provider_reply", reply)]);
        assert_eq!(town.count(|stats| stats.requests_timed_out), 1);
    }
}

#[test]
fn only_its_provider_broadcasts() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let impostor = town.connect(other);
        let message = json!({"provider_id": "P", "cmd": "lie"});
        assert_eq!(code(&town.call(&impostor, "sent_to_my_clients", &message)), "not_owner");
        assert_eq!(code(&town.call(&impostor, "sent_to_my_clients", &json!({"cmd": "lie"}))), "not_owner");
        town.provides(&impostor, "Q");
        assert_eq!(code(&town.call(&impostor, "send_to_all_clients", &message)), "not_owner");
        town.say(&impostor, "sent_to_my_clients", &message);
        assert_eq!(town.hear(&client), []);
        assert_eq!(town.count(|stats| stats.dropped_not_owner), 4);
        // Without an id it is the one that it serves; of several it must name one.
        assert_eq!(town.call(&provider, "sent_to_my_clients", &json!({"cmd": "x"})), json!({"ok": true}));
        assert_eq!(town.hear(&client).len(), 1);
        town.provides(&provider, "P2");
        let answer = town.call(&provider, "sent_to_my_clients", &json!({"cmd": "x"}));
        assert_eq!(code(&answer), "invalid_payload");
        assert!(answer["error"]["message"].as_str().is_some_and(|text| text.contains("provider_id")));
    }
}

#[test]
fn a_provider_writes_to_nobody_who_has_not_asked_it() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let second = town.connect(one);
        town.provides(&second, "Q");
        let nobody = town.connect(other);
        town.drop(&nobody);
        let reply = |to: &str| json!({"request_from": to, "result": "hello"});
        for to in [&*client.sid, &nobody.sid, "AAAAAAAAAAAAAAAAAAAA", "________________-_-_", "short", "a/b"]
        {
            assert_eq!(code(&town.call(&provider, "provider_reply", &reply(to))), "unknown_request", "{to}");
        }
        town.say(&client, "request_provider", &json!({"to_provider_id": "P"}));
        town.hear(&provider);
        // Asking one provider doesn't open the door to another, nor to a socket that provides nothing.
        for other in [&second, &client] {
            assert_eq!(code(&town.call(other, "provider_reply", &reply(&client.sid))), "unknown_request");
        }
        assert_eq!(town.hear(&client), []);
        assert_eq!(town.call(&provider, "provider_reply", &reply(&client.sid)), json!({"ok": true}));
        assert_eq!(town.count(|stats| stats.dropped_unknown_request), 8);
    }
}

#[test]
fn malformed_payloads_name_their_field_and_end_nothing() {
    let long = "x".repeat(257);
    let cases = [
        ("register_provider", json!({}), "provider_id"),
        ("register_provider", json!({"provider_id": 7}), "provider_id"),
        ("register_provider", json!({"provider_id": ""}), "provider_id"),
        ("register_provider", json!({"provider_id": long}), "provider_id"),
        ("register_provider", json!([]), "payload"),
        ("register_provider", json!("text"), "payload"),
        ("register_client", json!({"master_provider_id": null}), "master_provider_id"),
        ("register_client", json!({"provider_id": "P"}), "master_provider_id"),
        ("sent_to_my_clients", json!(null), "payload"),
        ("sent_to_my_clients", json!({"provider_id": {}}), "provider_id"),
        ("request_provider", json!({"cmd": "x"}), "to_provider_id"),
        ("request_provider", json!({"to_provider_id": ["P"]}), "to_provider_id"),
        ("request_provider", json!({"to_provider_id": "P", "request_id": long}), "request_id"),
        ("provider_reply", json!({"result": 1}), "request_from"),
        ("provider_reply", json!({"request_from": 1}), "request_from"),
        ("provider_reply", json!(true), "payload"),
    ];
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        for (event, payload, field) in &cases {
            let answer = town.call(&provider, event, payload);
            assert_eq!(code(&answer), "invalid_payload", "{event} {payload}");
            let message = answer["error"]["message"].as_str().expect("a message");
            assert!(message.starts_with(&format!("{field}: ")), "{event} {payload}: {message}");
            if !event.starts_with("request") {
                town.say(&provider, event, payload);
            }
        }
        town.say_raw(&provider, r#"427["register_provider"]"#);
        let answer = town.hear(&provider).remove(0).payload;
        assert_eq!(answer["error"]["message"], "payload: is missing");
        town.say_binary(&provider, "sent_to_my_clients", &placeholder(), b"bytes are no object");
        assert_eq!(town.count(|stats| stats.dropped_invalid_payload), 16 + 13 + 2);
        assert!(town.is_open(&provider));
        assert_eq!(town.hear(&client), []);
        town.say(&provider, "sent_to_my_clients", &json!({}));
        assert_eq!(town.hear(&client).len(), 1);
    }
}

#[test]
fn an_id_of_256_bytes_is_an_id() {
    let (mut town, one, other) = towns().last().expect("some town");
    let (provider, client) = (town.connect(one), town.connect(other));
    let id = "é".repeat(128);
    town.provides(&provider, &id);
    town.follows(&client, &id);
    town.say(&provider, "sent_to_my_clients", &json!({"cmd": "x"}));
    assert_eq!(town.hear(&client).len(), 1);
}

#[test]
fn unknown_events_are_refused_and_harmless() {
    let (mut town, one, _) = towns().next().expect("some town");
    let party = town.connect(one);
    assert_eq!(code(&town.call(&party, "register_kit", &json!({}))), "unknown_event");
    town.say(&party, "constructor", &json!({}));
    assert!(town.is_open(&party));
}

#[test]
fn nobody_poses_as_somebody_else() {
    // Every one of these is the key `request_from` to a JSON parser, and the last one of a name counts.
    let spellings = [
        r#""request_from":"SPOOF""#,
        r#""request_from":"SPOOF","request_from":"SPOOF""#,
        r#""request\u005ffrom":"SPOOF""#,
        r#""request\u005Ffrom" : "SPOOF" , "\u0072equest_from":{"a":["SPOOF"]}"#,
        r#""\u0072\u0065\u0071\u0075\u0065\u0073\u0074\u005f\u0066\u0072\u006f\u006d":"SPOOF""#,
        "\n\t\"request_from\"\r\n:\t\"SPOOF\"",
        r#""request_from":null,"request_from":"SPOOF""#,
        r#""a":"\\\"","request_from":"SPOOF","b":"}\"{""#,
    ];
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let victim = town.connect(other);
        for spelling in spellings {
            let spelling = spelling.replace("SPOOF", &victim.sid);
            for payload in [
                format!(r#"{{"to_provider_id":"P",{spelling}}}"#),
                format!(r#"{{{spelling},"to_provider_id":"P","cmd":"x"}}"#),
            ] {
                town.say_raw(&client, &format!(r#"42["request_provider",{payload}]"#));
                town.carry_mail();
                let got = town.hear(&provider).remove(0);
                assert_eq!(got.payload["request_from"], json!(client.sid), "{payload}");
                let text = got.payload.to_string();
                assert!(!text.contains(&victim.sid), "{text}");
            }
        }
        // Where it isn't that field, it is none of the hub's business.
        let nested = json!({"to_provider_id": "P", "data": {"request_from": victim.sid}, "Request_from": 1});
        town.say(&client, "request_provider", &nested);
        let got = town.hear(&provider).remove(0).payload;
        assert_eq!((&got["data"], &got["Request_from"]), (&nested["data"], &json!(1)));
        assert_eq!(town.hear(&victim), []);
    }
}
