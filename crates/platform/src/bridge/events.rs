//! What providers and clients send, and what each event does.

use bytes::Bytes;
use campanile_hub::{AckId, Delivery, Event, Packet, Route, ShardId, Sid, SocketKey, Tenant};
use campanile_protocol::json;

use crate::badge::BridgeRights;

use super::{
    Bridge, BridgeError, Code, Hub, Message, ProviderId, Served, followers, followers_room,
    payload::{Payload, canonical, quoted},
    registry::{Change, Transition},
    requests::Waiter,
    send, shard_of,
};
use crate::runner::Happening;

/// What an event does. `Ok(None)` leaves the ack, if there is one, to come later.
type Handler = fn(&mut Bridge, &mut Hub, SocketKey, &Event<'_>) -> Result<Option<String>, BridgeError>;

/// The events of the bridge, and the rights that they need. Another dialect of it is another table. Who isn't a provider
/// is refused later what only providers may do.
const EVENTS: [(&str, Handler, BridgeRights); 6] = [
    ("register_provider", Bridge::register_provider, BridgeRights::Full),
    ("register_client", Bridge::register_client, BridgeRights::Client),
    ("send_to_all_clients", Bridge::broadcast, BridgeRights::Client),
    ("sent_to_my_clients", Bridge::broadcast, BridgeRights::Client),
    ("request_provider", Bridge::request_provider, BridgeRights::Client),
    ("provider_reply", Bridge::provider_reply, BridgeRights::Client),
];

/// Whether an event is one of the bridge.
pub(crate) fn is_event(name: &str) -> bool {
    EVENTS.iter().any(|(own, ..)| *own == name)
}

/// What the hub itself emits.
mod emitted {
    pub(super) const BROADCAST: &str = "message_from_provider";
    pub(super) const REQUEST: &str = "new_request";
    pub(super) const REPLY: &str = "provider_reply";
    pub(super) const STATUS: &str = "provider_status";
    pub(super) const REPLACED: &str = "provider_replaced";
}

/// A request on its way to a provider of another shard.
pub struct Forwarded {
    provider: Sid,
    provider_id: ProviderId,
    payload: String,
    attachments: Vec<Bytes>,
    /// Set if somebody waits for the reply.
    waiting: Option<(ShardId, u64)>,
}

/// A request that found its provider gone.
pub struct Undelivered {
    number: u64,
    provider_id: ProviderId,
}

/// A reply on its way to a requester of another shard.
pub struct Reply {
    to: Sid,
    app: Tenant,
    /// The provider ids that its sender serves.
    from: Vec<ProviderId>,
    payload: String,
    /// The request that it names, in canonical form.
    request_id: Option<Box<str>>,
    attachments: Vec<Bytes>,
    /// Set if the provider asked for an ack.
    ack: Option<(ShardId, SocketKey, AckId)>,
}

/// What became of a reply.
pub struct Replied {
    socket: SocketKey,
    ack: AckId,
    result: Result<(), BridgeError>,
}

impl Bridge {
    pub(crate) fn event(&mut self, core: &mut Hub, socket: SocketKey, event: &Event<'_>) {
        let rights = core.data(socket).map(|state| state.rights).unwrap_or_default();
        let result = match EVENTS.iter().find(|(name, ..)| *name == event.name) {
            Some((_, handler, needed)) if rights >= *needed => handler(self, core, socket, event),
            Some(_) => Err(BridgeError::no_right(rights)),
            None => Err(BridgeError::new(Code::UnknownEvent, format!("there is no event {:?}", event.name))),
        };
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                self.stats.count_refusal(error.code);
                tracing::debug!(event = &*event.name, code = error.code.as_str(), %error, "event refused");
                Some(error.to_json())
            }
        };
        if let (Some(ack), Some(answer)) = (event.ack, answer) {
            core.ack(socket, ack, &[&answer], &[]);
        }
    }

    fn register_provider(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        event: &Event<'_>,
    ) -> Result<Option<String>, BridgeError> {
        let payload = Payload::of(event.args)?;
        let provider_id = payload.provider_id("provider_id")?;
        let name = payload.get("name").and_then(json::string).map(|name| truncate(&name).into());
        let answer = format!(r#"{{"ok":true,"provider_id":{}}}"#, quoted(provider_id.as_str()));
        self.serve(core, socket, provider_id, name)?;
        Ok(Some(answer))
    }

    /// Lets a socket serve a provider id.
    pub(super) fn serve(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        provider_id: ProviderId,
        name: Option<Box<str>>,
    ) -> Result<(), BridgeError> {
        let (Some(sid), Some(app)) = (core.sid(socket), core.tenant(socket)) else { return Ok(()) };
        let Some(state) = core.data_mut(socket) else { return Ok(()) };
        let serves = &mut state.bridge.serves;
        let is_new = !serves.iter().any(|served| served.provider_id == provider_id);
        if is_new && serves.len() >= self.options.providers_per_socket_max {
            return Err(BridgeError::limit("limits.providers_per_socket_max"));
        }
        let change = self.registry.join(&self.options, app, &provider_id, name.clone(), sid)?;
        serves.retain(|served| served.provider_id != provider_id);
        serves.push(Served { provider_id, name });
        self.publish(core, change);
        Ok(())
    }

    fn register_client(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        event: &Event<'_>,
    ) -> Result<Option<String>, BridgeError> {
        let provider_id = Payload::of(event.args)?.provider_id("master_provider_id")?;
        let app = core.tenant(socket).unwrap_or_default();
        let room = followers_room(&provider_id);
        let Some(state) = core.data_mut(socket) else { return Ok(None) };
        let former = state.bridge.follows.replace(provider_id.clone());
        if let Some(former) = former.filter(|former| *former != provider_id) {
            core.leave(socket, &followers_room(&former));
        }
        core.join(socket, &room);
        let (id, online) = (quoted(provider_id.as_str()), self.directory.is_online(app, &provider_id));
        Ok(Some(format!(r#"{{"ok":true,"provider_id":{id},"online":{online}}}"#)))
    }

    fn broadcast(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        event: &Event<'_>,
    ) -> Result<Option<String>, BridgeError> {
        let payload = Payload::of(event.args)?;
        let named = payload.optional_provider_id("provider_id")?;
        let Some(state) = core.data(socket) else { return Ok(None) };
        let serves = &state.bridge.serves;
        let provider_id = match (named, &serves[..]) {
            (Some(named), _) if serves.iter().any(|served| served.provider_id == named) => named,
            (Some(named), _) => {
                let message = format!("this socket doesn't serve {:?}", named.as_str());
                return Err(BridgeError::new(Code::NotOwner, message));
            }
            (None, [only]) => only.provider_id.clone(),
            (None, []) => return Err(BridgeError::new(Code::NotOwner, "this socket serves no provider id")),
            (None, _) => {
                return Err(BridgeError::field("provider_id", "is missing, and this socket serves several"));
            }
        };
        let app = core.tenant(socket).unwrap_or_default();
        self.broadcast_as(core, app, &provider_id, payload.raw(), event.attachments);
        Ok(Some(r#"{"ok":true}"#.to_owned()))
    }

    pub(super) fn broadcast_as(
        &mut self,
        core: &mut Hub,
        app: Tenant,
        provider_id: &ProviderId,
        payload: &str,
        attachments: &[Bytes],
    ) {
        self.stats.broadcasts += 1;
        let room = followers_room(provider_id);
        let packet =
            Packet { name: emitted::BROADCAST, args: &[payload], attachments, delivery: Delivery::Reliable };
        core.broadcast(&followers(app, &[&room]), &packet);
        if self.watches.want(app, "provider_broadcast", provider_id.as_str()) {
            let provider_id = provider_id.as_str().to_owned();
            self.watches.tell(app, Happening::ProviderBroadcast { provider_id, payload: payload.to_owned() });
        }
    }

    fn request_provider(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        event: &Event<'_>,
    ) -> Result<Option<String>, BridgeError> {
        let payload = Payload::of(event.args)?;
        let provider_id = payload.provider_id("to_provider_id")?;
        let (Some(sid), Some(app)) = (core.sid(socket), core.tenant(socket)) else { return Ok(None) };
        let Some(member) = self.directory.next_member(app, &provider_id) else {
            return Err(BridgeError::offline(provider_id.as_str()));
        };
        self.note_asked(core, socket, &provider_id)?;
        let number = self.requests.next_number();
        let own_request_id = format!("\"{:x}-{number:x}\"", core.shard());
        let request_id = payload.get("request_id").unwrap_or(&own_request_id);
        if let Some(ack) = event.ack {
            let request_id = canonical(request_id);
            self.check_open_requests(socket, &request_id)?;
            let waiter = Waiter::Client { socket, request_id, ack };
            self.wait(core, number, waiter, provider_id.clone());
        }
        let sid = sid.text();
        let from = format!("\"{}\"", sid.as_str());
        let request = Forwarded {
            provider: member,
            provider_id,
            payload: payload.with(&[("request_from", &from), ("request_id", request_id)]),
            attachments: event.attachments.to_vec(),
            waiting: event.ack.map(|_| (core.shard(), number)),
        };
        self.forward(core, request);
        Ok(None)
    }

    fn note_asked(
        &self,
        core: &mut Hub,
        socket: SocketKey,
        provider_id: &ProviderId,
    ) -> Result<(), BridgeError> {
        let Some(state) = core.data_mut(socket) else { return Ok(()) };
        let asked = &mut state.bridge.asked;
        if asked.contains(provider_id) {
            return Ok(());
        }
        if asked.len() >= self.options.asked_providers_per_socket_max {
            return Err(BridgeError::limit("limits.asked_providers_per_socket_max"));
        }
        asked.push(provider_id.clone());
        Ok(())
    }

    fn check_open_requests(&self, socket: SocketKey, request_id: &str) -> Result<(), BridgeError> {
        if request_id.len() > REQUEST_ID_BYTES_MAX {
            return Err(BridgeError::field("request_id", "must not be longer than 256 bytes"));
        }
        let Some(open) = self.requests.of_socket(socket) else { return Ok(()) };
        if open.len() >= self.options.open_requests_per_socket_max {
            return Err(BridgeError::limit("limits.open_requests_per_socket_max"));
        }
        if open.contains_key(request_id) {
            let message = "an open request of this socket has the same request_id";
            return Err(BridgeError::new(Code::DuplicateRequestId, message));
        }
        Ok(())
    }

    pub(super) fn wait(&mut self, core: &mut Hub, number: u64, waiter: Waiter, provider_id: ProviderId) {
        let timer = core.schedule(self.options.request_timeout, number);
        self.requests.open(number, waiter, provider_id, core.now(), timer);
    }

    /// A request has waited long enough.
    pub(crate) fn deadline(&mut self, core: &mut Hub, number: u64) {
        self.fail_request(core, number, BridgeError::new(Code::Timeout, "the provider didn't reply in time"));
    }

    fn fail_request(&mut self, core: &mut Hub, number: u64, error: BridgeError) {
        if let Some(finished) = self.requests.finish(core, number) {
            self.stats.count_refusal(error.code);
            finished.answer(core, Err(error));
        }
    }

    /// Sends a request to the shard that its provider is on.
    pub(super) fn forward(&mut self, core: &mut Hub, request: Forwarded) {
        self.stats.requests += 1;
        match core.route(&request.provider) {
            Route::Shard(shard) => send(core, shard, Message::Request(Box::new(request))),
            Route::Here(_) | Route::Suspended | Route::Gone => self.deliver_request(core, request),
        }
    }

    pub(super) fn deliver_request(&mut self, core: &mut Hub, request: Forwarded) {
        let Forwarded { provider, provider_id, payload, attachments, waiting } = request;
        let args = [&*payload];
        let packet =
            Packet { name: emitted::REQUEST, args: &args, attachments: &attachments, ..Packet::default() };
        if core.emit_to(&provider, &packet) {
            return;
        }
        match waiting {
            Some((shard, number)) if shard == core.shard() => {
                self.fail_request(core, number, BridgeError::offline(provider_id.as_str()));
            }
            Some((shard, number)) => {
                send(core, shard, Message::Undelivered(Box::new(Undelivered { number, provider_id })));
            }
            None => self.stats.dropped_provider_offline += 1,
        }
    }

    pub(super) fn undelivered(&mut self, core: &mut Hub, undelivered: &Undelivered) {
        self.fail_request(core, undelivered.number, BridgeError::offline(undelivered.provider_id.as_str()));
    }

    fn provider_reply(
        &mut self,
        core: &mut Hub,
        socket: SocketKey,
        event: &Event<'_>,
    ) -> Result<Option<String>, BridgeError> {
        let payload = Payload::of(event.args)?;
        let requester = payload.id("request_from")?;
        let requester = requester.ok_or_else(|| BridgeError::field("request_from", "is missing"))?;
        let Some(state) = core.data(socket) else { return Ok(None) };
        let from: Vec<ProviderId> =
            state.bridge.serves.iter().map(|served| served.provider_id.clone()).collect();
        let to = Sid::parse(&requester).filter(|_| !from.is_empty()).ok_or_else(unknown_request)?;
        let shard = shard_of(core, &to).ok_or_else(unknown_request)?;
        let reply = Reply {
            to,
            app: core.tenant(socket).unwrap_or_default(),
            from,
            payload: payload.raw().to_owned(),
            request_id: payload.get("request_id").map(canonical),
            attachments: event.attachments.to_vec(),
            ack: event.ack.map(|ack| (core.shard(), socket, ack)),
        };
        if shard == core.shard() {
            self.accept_reply(core, &reply)?;
            return Ok(Some(r#"{"ok":true}"#.to_owned()));
        }
        send(core, shard, Message::Reply(Box::new(reply)));
        Ok(None)
    }

    /// A reply has arrived on the shard of its requester, which may have moved on once more.
    pub(super) fn deliver_reply(&mut self, core: &mut Hub, reply: Reply) {
        if let Route::Shard(shard) = core.route(&reply.to) {
            return send(core, shard, Message::Reply(Box::new(reply)));
        }
        let result = self.accept_reply(core, &reply);
        if let Err(error) = &result {
            self.stats.count_refusal(error.code);
        }
        if let Some((shard, socket, ack)) = reply.ack {
            send(core, shard, Message::Replied(Replied { socket, ack, result }));
        }
    }

    /// Gives a reply to its requester, provided that it asked one of the providers that the reply is from.
    fn accept_reply(&mut self, core: &mut Hub, reply: &Reply) -> Result<(), BridgeError> {
        if let Some((asked, number)) = self.requests.outside(&reply.to) {
            if !reply.from.contains(asked) {
                return Err(unknown_request());
            }
            self.stats.replies += 1;
            self.answer(core, number, reply);
            return Ok(());
        }
        let (has_asked, socket) = match core.route(&reply.to) {
            Route::Here(socket) if core.tenant(socket) == Some(reply.app) => {
                let asked = core.data(socket).map(|state| &state.bridge.asked);
                (asked.is_some_and(|asked| asked.iter().any(|id| reply.from.contains(id))), Some(socket))
            }
            Route::Suspended if core.suspended_tenant(&reply.to) == Some(reply.app) => {
                (has_asked_before_it_dropped(core, reply), None)
            }
            Route::Here(_) | Route::Suspended | Route::Shard(_) | Route::Gone => (false, None),
        };
        if !has_asked {
            return Err(unknown_request());
        }
        let args = [&*reply.payload];
        let attachments = &reply.attachments;
        let packet = Packet { name: emitted::REPLY, args: &args, attachments, ..Packet::default() };
        core.emit_to(&reply.to, &packet);
        self.stats.replies += 1;
        let open = socket
            .and_then(|socket| self.requests.of_socket(socket)?.get(reply.request_id.as_ref()?).copied());
        if let Some(number) = open {
            self.answer(core, number, reply);
        }
        Ok(())
    }

    fn answer(&mut self, core: &mut Hub, number: u64, reply: &Reply) {
        if let Some(finished) = self.requests.finish(core, number) {
            self.stats.observe_latency(finished.elapsed_ms);
            finished.answer(core, Ok((&reply.payload, &reply.attachments)));
        }
    }

    /// Takes over who serves a provider id, and tells this shard's sockets what concerns them.
    pub(super) fn apply(&mut self, core: &mut Hub, change: &Change) {
        let Change { app, provider_id, replaced, .. } = change;
        let transition = self.directory.put(change);
        // The news may be older than what is known: a displaced socket may have registered again since.
        for sid in replaced {
            if let Route::Here(socket) = core.route(sid)
                && !self.directory.is_served_by(*app, provider_id, sid)
            {
                self.displace(core, socket, provider_id);
            }
        }
        let online = match transition {
            Some(Transition::CameOnline) => true,
            Some(Transition::WentOffline) => false,
            Some(Transition::Other) | None => return,
        };
        let status = format!(r#"{{"provider_id":{},"online":{online}}}"#, quoted(provider_id.as_str()));
        let room = followers_room(provider_id);
        let packet = Packet { name: emitted::STATUS, args: &[&status], ..Packet::default() };
        core.broadcast_here(&followers(*app, &[&room]), &packet);
    }

    /// Tells a socket that another one serves its provider id now.
    pub(super) fn displace(&mut self, core: &mut Hub, socket: SocketKey, provider_id: &ProviderId) {
        let Some(state) = core.data_mut(socket) else { return };
        state.bridge.serves.retain(|served| served.provider_id != *provider_id);
        let notice = format!(r#"{{"provider_id":{}}}"#, quoted(provider_id.as_str()));
        core.emit(socket, &Packet { name: emitted::REPLACED, args: &[&notice], ..Packet::default() });
    }
}

/// Answers a provider that wanted to know what became of its reply.
pub(super) fn acknowledge_reply(core: &mut Hub, replied: &Replied) {
    let answer = match &replied.result {
        Ok(()) => r#"{"ok":true}"#.to_owned(),
        Err(error) => error.to_json(),
    };
    core.ack(replied.socket, replied.ack, &[&answer], &[]);
}

fn unknown_request() -> BridgeError {
    BridgeError::new(Code::UnknownRequest, "request_from: nobody with this id has asked this provider")
}

fn has_asked_before_it_dropped(core: &Hub, reply: &Reply) -> bool {
    let saved =
        core.saved(&reply.to).and_then(|saved| serde_json::from_str::<crate::SocketState>(saved).ok());
    saved.is_some_and(|state| state.bridge.asked.iter().any(|id| reply.from.contains(id)))
}

/// The longest `request_id` of a request that waits, with the letter in front that its canonical form has.
const REQUEST_ID_BYTES_MAX: usize = 1 + 256;

/// A name is for people; a longer one than this helps nobody.
const NAME_BYTES_MAX: usize = 256;

fn truncate(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES_MAX)]
}

impl Forwarded {
    pub(super) fn new(
        provider: Sid,
        provider_id: ProviderId,
        payload: String,
        waiting: Option<(ShardId, u64)>,
    ) -> Self {
        Self { provider, provider_id, payload, attachments: Vec::new(), waiting }
    }
}
