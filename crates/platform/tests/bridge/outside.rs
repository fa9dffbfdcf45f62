//! Callers that aren't sockets: requests, broadcasts, numbers.

use campanile_platform::{
    BridgeOptions, PUBLIC,
    bridge::{BridgeError, Call, Code, Follower, HttpReply, ProviderId},
};
use serde_json::{Value, json};
use tokio::sync::oneshot::{self, Receiver};

use crate::town::{Town, code, heard, placeholder, towns, towns_with};

type Reply = Receiver<Result<HttpReply, BridgeError>>;

fn id(text: &str) -> ProviderId {
    ProviderId::new(text, "id").expect("a valid id")
}

/// Sends a request; whoever asks waits for the reply.
fn request(town: &mut Town, shard: usize, payload: &Value) -> (Result<(), BridgeError>, Reply) {
    let (reply, waits) = oneshot::channel();
    let (sent, mut told) = oneshot::channel();
    let payload = payload.to_string();
    let reply = Some(reply);
    town.call_from_outside(shard, Call::Request { app: PUBLIC, provider_id: id("P"), payload, reply, sent });
    (told.try_recv().expect("it is told at once"), waits)
}

#[test]
fn a_request_from_outside_gets_the_first_reply() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let spoofed = json!({"cmd": "x", "request_from": client.sid, "request_id": 1, "to_provider_id": "Q"});
        let (sent, mut reply) = request(&mut town, other, &spoofed);
        assert_eq!(sent, Ok(()));
        let mut got = town.hear(&provider).remove(0).payload;
        assert_eq!((&got["to_provider_id"], &got["cmd"]), (&json!("P"), &json!("x")));
        assert_ne!(got["request_from"], json!(client.sid));
        assert!(reply.try_recv().is_err(), "there is no reply yet");
        got["result"] = placeholder();
        town.say_binary(&provider, "provider_reply", &got, b"bytes");
        let answer = reply.try_recv().expect("a reply").expect("no error");
        assert_eq!(serde_json::from_str::<Value>(&answer.payload).expect("JSON"), got);
        assert_eq!(answer.attachments, [&b"bytes"[..]]);
        // The second reply has no one to go to.
        got["result"] = json!(2);
        assert_eq!(code(&town.call(&provider, "provider_reply", &got)), "unknown_request");
        assert_eq!(town.hear(&client), []);
        assert_eq!(town.count(|stats| stats.open_requests_now), 0);
    }
}

#[test]
fn a_request_from_outside_may_find_nobody_or_wait_in_vain() {
    for (mut town, one, other) in towns() {
        let (sent, _) = request(&mut town, other, &json!({}));
        assert_eq!(sent.expect_err("nobody is there").code, Code::ProviderOffline);
        let provider = town.connect(one);
        town.provides(&provider, "P");
        let (sent, mut reply) = request(&mut town, other, &json!({}));
        assert_eq!(sent, Ok(()));
        town.advance(29_999);
        assert!(reply.try_recv().is_err());
        town.advance(1);
        let error = reply.try_recv().expect("an answer").expect_err("too late");
        assert_eq!(error.code, Code::Timeout);
        let (sent, _) = request(&mut town, other, &json!([1]));
        assert_eq!(sent.expect_err("no object").code, Code::InvalidPayload);
    }
}

#[test]
fn another_provider_cannot_answer() {
    for (mut town, one, other) in towns() {
        let (provider, impostor) = town.couple(one, other);
        town.provides(&impostor, "Q");
        let (_, mut reply) = request(&mut town, other, &json!({}));
        let got = town.hear(&provider).remove(0).payload;
        assert_eq!(code(&town.call(&impostor, "provider_reply", &got)), "unknown_request");
        assert!(reply.try_recv().is_err());
        assert_eq!(town.call(&provider, "provider_reply", &got), json!({"ok": true}));
        assert!(reply.try_recv().is_ok_and(|reply| reply.is_ok()));
    }
}

#[test]
fn nobody_needs_to_wait() {
    for (mut town, one, other) in towns() {
        let (provider, _) = town.couple(one, other);
        let (sent, mut told) = oneshot::channel();
        let payload = r#"{"cmd":"x"}"#.to_owned();
        let call = Call::Request { app: PUBLIC, provider_id: id("P"), payload, reply: None, sent };
        town.call_from_outside(other, call);
        assert_eq!(told.try_recv(), Ok(Ok(())));
        let got = town.hear(&provider).remove(0).payload;
        assert_eq!(code(&town.call(&provider, "provider_reply", &got)), "unknown_request");
        // Nor does anything break when a caller has gone away.
        let (_, reply) = request(&mut town, other, &json!({}));
        drop(reply);
        let got = town.hear(&provider).remove(0).payload;
        town.say(&provider, "provider_reply", &got);
        assert_eq!(town.count(|stats| stats.open_requests_now), 0);
    }
}

#[test]
fn no_more_callers_wait_than_allowed() {
    let tight = || BridgeOptions { open_http_requests_max: 2, ..BridgeOptions::default() };
    for (mut town, one, other) in towns_with(tight) {
        let (provider, _) = town.couple(one, other);
        let waiting = [request(&mut town, other, &json!({})).1, request(&mut town, other, &json!({})).1];
        let (sent, _) = request(&mut town, other, &json!({}));
        assert_eq!(sent.expect_err("two wait already").code, Code::LimitReached);
        let requests = town.hear(&provider);
        assert_eq!((requests.len(), waiting.len()), (2, 2));
        town.say(&provider, "provider_reply", &requests[1].payload);
        assert_eq!(request(&mut town, other, &json!({})).0, Ok(()));
    }
}

#[test]
fn a_broadcast_from_outside_reaches_the_followers() {
    for (mut town, one, other) in towns() {
        let (provider, client) = town.couple(one, other);
        let stranger = town.connect(one);
        let (sent, mut told) = oneshot::channel();
        let payload = r#"{"cmd":"news"}"#.to_owned();
        town.call_from_outside(one, Call::Broadcast { app: PUBLIC, provider_id: id("P"), payload, sent });
        assert_eq!(told.try_recv(), Ok(()));
        assert_eq!(town.hear(&client), [heard("message_from_provider", json!({"cmd": "news"}))]);
        assert_eq!((town.hear(&provider).len(), town.hear(&stranger).len()), (0, 0));
    }
}

#[test]
fn followers_are_counted_where_they_are() {
    let mut town = Town::new(2, BridgeOptions::default());
    let (provider, _) = town.couple(0, 0);
    town.provides(&provider, "Q");
    for _ in 0..3 {
        let client = town.connect(1);
        town.follows(&client, "P");
    }
    for (shard, expected) in [(0, 1), (1, 3)] {
        let (reply, mut answer) = oneshot::channel();
        town.call_from_outside(shard, Call::Followers { app: PUBLIC, reply });
        let mut counted = answer.try_recv().expect("numbers are at hand");
        counted.sort_by(|one, other| one.provider_id.cmp(&other.provider_id));
        let follower = |name, followers| Follower { provider_id: id(name), followers };
        assert_eq!(counted, [follower("P", expected), follower("Q", 0)]);
    }
}

#[test]
fn what_happens_is_counted() {
    let (mut town, one, other) = towns().next().expect("some town");
    let (provider, client) = town.couple(one, other);
    town.say(&provider, "sent_to_my_clients", &json!({}));
    town.ask(&client, 1, "request_provider", &json!({"to_provider_id": "P"}));
    assert_eq!(town.stats(0).open_requests_now, 1);
    let got = town.hear(&provider).remove(0).payload;
    town.advance(3);
    town.say(&provider, "provider_reply", &got);
    town.say(&provider, "provider_reply", &got);
    let stats = town.stats(0);
    assert_eq!((stats.broadcasts, stats.requests, stats.replies, stats.open_requests_now), (1, 1, 2, 0));
    assert_eq!((stats.latency_ms.iter().sum::<u64>(), stats.latency_ms[2], stats.latency_ms_sum), (1, 1, 3));
}
