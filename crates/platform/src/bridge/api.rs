//! The bridge from outside: callers that aren't sockets, such as an HTTP API.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use campanile_hub::Tenant;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    Bridge, BridgeError, BridgeStats, Code, Hub, ProviderId,
    events::Forwarded,
    followers, followers_room,
    payload::{Payload, quoted},
    requests::Waiter,
};
use crate::Outside;

/// What a shard is asked from outside. A caller that has gone away loses the answer and nothing else.
pub enum Call {
    /// The followers that the app's providers have on this shard.
    Followers {
        /// The app.
        app: Tenant,
        /// Gets the numbers.
        reply: oneshot::Sender<Vec<Follower>>,
    },
    /// A request to a provider.
    Request {
        /// The app.
        app: Tenant,
        /// The provider.
        provider_id: ProviderId,
        /// A JSON object, which was checked to be one.
        payload: String,
        /// Gets the first reply; without one the request is sent and forgotten.
        reply: Option<oneshot::Sender<Result<HttpReply, BridgeError>>>,
        /// Told at once whether the request was sent.
        sent: oneshot::Sender<Result<(), BridgeError>>,
    },
    /// A message to a provider's followers, in its name.
    Broadcast {
        /// The app.
        app: Tenant,
        /// The provider.
        provider_id: ProviderId,
        /// A JSON object, which was checked to be one.
        payload: String,
        /// Told that it was sent.
        sent: oneshot::Sender<()>,
    },
    /// What has been counted.
    Stats(oneshot::Sender<BridgeStats>),
}

/// How many followers a provider has on a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// The provider.
    pub provider_id: ProviderId,
    /// Its followers.
    pub followers: usize,
}

/// The first reply to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The provider's payload: a raw JSON object.
    pub payload: String,
    /// What placeholders in it stand for.
    pub attachments: Vec<Bytes>,
}

impl HttpReply {
    /// The payload as JSON, with binary values as `{"base64": "…"}` in place of their placeholders.
    #[must_use]
    pub fn into_json(self) -> String {
        let Self { payload, attachments } = self;
        if attachments.is_empty() {
            return payload;
        }
        match serde_json::from_str::<Value>(&payload) {
            Ok(mut value) => {
                fill_placeholders(&mut value, &attachments);
                value.to_string()
            }
            Err(_) => payload,
        }
    }
}

fn fill_placeholders(value: &mut Value, attachments: &[Bytes]) {
    match value {
        Value::Object(object) if object.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number =
                object.get("num").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
            if let Some(bytes) = number.and_then(|number| attachments.get(number)) {
                *value = json!({ "base64": STANDARD.encode(bytes) });
            }
        }
        Value::Object(object) => object.values_mut().for_each(|value| fill_placeholders(value, attachments)),
        Value::Array(items) => items.iter_mut().for_each(|value| fill_placeholders(value, attachments)),
        _ => {}
    }
}

/// Asks a provider from outside, and waits for its first reply. `payload` is a JSON object.
pub(crate) async fn ask(
    outside: &Outside,
    app: Tenant,
    provider_id: &str,
    payload: String,
) -> Result<HttpReply, BridgeError> {
    let provider_id = ProviderId::new(provider_id, "provider_id")?;
    let (sent, was_sent) = oneshot::channel();
    let (reply, answer) = oneshot::channel();
    let shard = provider_id.speaker(outside.count());
    let call = Call::Request { app, provider_id, payload, reply: Some(reply), sent };
    outside.send(shard, crate::Message::Bridge(super::Message::Call(call)));
    let stopping = |_| BridgeError::new(Code::Timeout, "the hub is stopping");
    was_sent.await.map_err(stopping)??;
    answer.await.map_err(stopping)?
}

impl Bridge {
    pub(super) fn call(&mut self, core: &mut Hub, call: Call) {
        match call {
            Call::Followers { app, reply } => {
                let _ = reply.send(self.count_followers(core, app));
            }
            Call::Request { app, provider_id, payload, reply, sent } => {
                let result = self.request_from_outside(core, app, provider_id, &payload, reply);
                let _ = sent.send(result);
            }
            Call::Broadcast { app, provider_id, payload, sent } => {
                self.broadcast_as(core, app, &provider_id, &payload, &[]);
                let _ = sent.send(());
            }
            Call::Stats(reply) => {
                let _ =
                    reply.send(BridgeStats { open_requests_now: self.requests.len() as u64, ..self.stats });
            }
        }
    }

    fn count_followers(&self, core: &Hub, app: Tenant) -> Vec<Follower> {
        let count = |provider_id: &ProviderId| {
            let room = followers_room(provider_id);
            let followers = core.room_len(&followers(app, &[]), &room);
            Follower { provider_id: provider_id.clone(), followers }
        };
        self.directory.online(app).map(count).collect()
    }

    fn request_from_outside(
        &mut self,
        core: &mut Hub,
        app: Tenant,
        provider_id: ProviderId,
        payload: &str,
        reply: Option<oneshot::Sender<Result<HttpReply, BridgeError>>>,
    ) -> Result<(), BridgeError> {
        let payload = Payload::of(&[payload])?;
        if self.requests.outside_len() >= self.options.open_http_requests_max {
            return Err(BridgeError::limit("limits.open_http_requests_max"));
        }
        let Some(member) = self.directory.next_member(app, &provider_id) else {
            self.stats.dropped_provider_offline += 1;
            return Err(BridgeError::offline(provider_id.as_str()));
        };
        // The requester is an id without a socket: replies to it end here.
        let sid = core.draw_sid();
        let number = self.requests.next_number();
        let waiting = reply.is_some().then(|| (core.shard(), number));
        if let Some(reply) = reply {
            self.wait(core, number, Waiter::Outside { sid, reply }, provider_id.clone());
        }
        let (from, to) = (format!("\"{sid}\""), quoted(provider_id.as_str()));
        let request_id = format!("\"{:x}-{number:x}\"", core.shard());
        let members = [("to_provider_id", &*to), ("request_from", &*from), ("request_id", &*request_id)];
        self.forward(core, Forwarded::new(member, provider_id, payload.with(&members), waiting));
        Ok(())
    }
}
