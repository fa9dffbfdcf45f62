//! A Socket.IO client over long-polling, and the HTTP client below it.

use serde_json::{Value, json};
use ureq::Agent;

use crate::hub::Hub;

/// An HTTP client that leaves it to the test to judge what comes back.
pub(crate) fn agent() -> Agent {
    Agent::config_builder().proxy(None).http_status_as_error(false).build().new_agent()
}

/// The session's token for a user who logs in to the app with this key; null if the hub refuses.
pub(crate) fn log_in(url: &str, key: &str, user: &str, password: &str) -> Value {
    let url = format!("{url}/good/api/v5/auth?appID={key}");
    let body = json!({ "username": user, "password": password }).to_string();
    let answer = agent().post(&url).header("Content-Type", "application/json").send(body);
    let mut answer = answer.expect("the hub answers");
    assert!(matches!(answer.status().as_u16(), 200 | 400), "{}", answer.status());
    let answer = answer.body_mut().read_to_string().expect("the answer is text");
    let mut answer: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    answer["result"]["token"].take()
}

/// A Socket.IO client over long-polling.
pub(crate) struct Socket {
    agent: Agent,
    url: String,
    /// Its id, as the hub names it.
    pub(crate) sid: String,
}

impl Socket {
    pub(crate) fn connect(hub: &Hub, auth: &Value) -> Self {
        let agent = agent();
        let url = format!("{}/socket.io/?EIO=4&transport=polling", hub.url);
        let url = format!("{url}&sid={}", sid("0", &receive(&agent, &url)));
        let mut socket = Self { agent, url, sid: String::new() };
        socket.send(&format!("40{auth}"));
        socket.sid = sid("40", &socket.next());
        socket
    }

    pub(crate) fn send(&self, packet: &str) {
        self.agent.post(&self.url).send(packet).expect("the hub takes the packet");
    }

    /// What comes next: one packet or several.
    pub(crate) fn next(&self) -> String {
        receive(&self.agent, &self.url)
    }
}

fn receive(agent: &Agent, url: &str) -> String {
    let mut answer = agent.get(url).call().expect("the hub answers");
    assert_eq!(answer.status(), 200);
    answer.body_mut().read_to_string().expect("packets are text")
}

/// The id in a packet that opens something.
fn sid(kind: &str, packet: &str) -> String {
    let opened = packet.strip_prefix(kind).unwrap_or_else(|| panic!("it isn't open: {packet}"));
    let opened: Value = serde_json::from_str(opened).expect("what follows is JSON");
    opened["sid"].as_str().expect("it has an id").to_owned()
}
