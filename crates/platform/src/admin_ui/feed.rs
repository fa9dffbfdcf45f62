//! What one viewer of the namespace `/admin` is sent, from its coming to its going: a task beside the shards.
//!
//! What is lost by a viewer that reads slowly is events that it would have listed, never who came and went: a viewer that
//! can't take those is disconnected, comes back, and is told all anew.

use std::{collections::HashMap, time::Duration};

use campanile_hub::{Delivery, ShardId, Sid, SocketKey, Stats, Transport};
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};

use super::{
    AdminUi, Census, Login, Message, Shown,
    census::{Seen, Which, ask_all},
};
use crate::{
    Outside,
    traffic::{Flow, Kind, Rooms, Watching},
};

/// How often a viewer is told the hub's numbers, and its login is looked at.
const STATS_INTERVAL: Duration = Duration::from_secs(2);

/// Flows of this long are told together.
const BATCH_INTERVAL: Duration = Duration::from_millis(100);

/// A viewer's feed.
pub(super) struct Feed {
    desk: AdminUi,
    shard: ShardId,
    viewer: SocketKey,
    login: Login,
    /// What had been counted when the viewer was told last.
    counted: Stats,
}

impl Feed {
    pub(super) fn new(desk: AdminUi, shard: ShardId, viewer: SocketKey, login: Login) -> Self {
        Self { desk, shard, viewer, login, counted: Stats::default() }
    }

    /// Runs until the viewer is `gone`, or its login over.
    pub(super) async fn run(mut self, gone: oneshot::Receiver<()>) {
        tokio::select! {
            _ = gone => {}
            () = self.tell() => {
                self.outside().send(self.shard, crate::Message::AdminUi(Message::Leave(self.viewer)));
            }
        }
    }

    async fn tell(&mut self) {
        // Before the sockets are counted, so that none comes unseen.
        let mut watching = self.desk.traffic.watch(None, Rooms::Shown).ok();
        self.greet(watching.is_some()).await;
        let mut stats_at = Instant::now() + STATS_INTERVAL;
        loop {
            let mut flows = Vec::new();
            tokio::select! {
                () = next(&mut watching, &mut flows) => {
                    self.show_flows(flows).await;
                    tokio::time::sleep(BATCH_INTERVAL).await;
                }
                () = sleep_until(stats_at) => {}
            }
            if Instant::now() >= stats_at {
                stats_at = Instant::now() + STATS_INTERVAL;
                if matches!(self.desk.accounts.admin_of(&self.login.token).await, Ok(None)) {
                    return;
                }
                let census = ask_all(self.outside(), Which::These(Vec::new())).await;
                let stats = self.server_stats(&census);
                self.show(vec![stats]);
            }
        }
    }

    async fn greet(&mut self, sees_events: bool) {
        let mut features = vec!["EMIT", "DISCONNECT", "MDISCONNECT", "AGGREGATED_EVENTS"];
        features.extend(sees_events.then_some("ALL_EVENTS"));
        let census = ask_all(self.outside(), Which::Some(self.desk.options.sockets_max)).await;
        let sockets = census.iter().flat_map(|census| &census.sockets).take(self.desk.options.sockets_max);
        let sockets: Vec<Value> = sockets.map(|seen| self.serialized(seen)).collect();
        self.counted = sum(&census);
        let mut events = Vec::new();
        if !self.login.is_known {
            events.push(told("session", vec![json!(self.login.token)]));
        }
        events.push(told("config", vec![json!({ "supportedFeatures": features })]));
        events.push(told("all_sockets", vec![sockets.into()]));
        events.push(self.server_stats(&census));
        self.show(events);
    }

    fn show(&self, events: Vec<Shown>) {
        let show = Message::Show { viewer: self.viewer, events };
        self.outside().send(self.shard, crate::Message::AdminUi(show));
    }

    fn outside(&self) -> &Outside {
        self.desk.accounts.outside()
    }

    async fn show_flows(&self, flows: Vec<Flow>) {
        let came = flows.iter().filter(|flow| flow.kind == Kind::Connect);
        let came: Vec<Sid> = came.filter_map(|flow| Sid::parse(flow.from.socket_id()?)).collect();
        let seen = match came.is_empty() {
            true => Vec::new(),
            false => ask_all(self.outside(), Which::These(came)).await,
        };
        let seen: HashMap<String, Value> = seen
            .iter()
            .flat_map(|census| &census.sockets)
            .map(|seen| (seen.sid.to_string(), self.serialized(seen)))
            .collect();
        self.show(flows.iter().filter_map(|flow| self.event_of(flow, &seen)).collect());
    }

    /// A flow in the viewer's words. `seen` are the sockets that have come; one that is gone already is nothing to show.
    fn event_of(&self, flow: &Flow, seen: &HashMap<String, Value>) -> Option<Shown> {
        let namespace = json!(self.desk.namespace_of(flow.app));
        let at = json!(written(flow.at_ms));
        let who = flow.from.socket_id().or(flow.to.socket_id());
        let room = || json!(flow.room.as_deref().unwrap_or_default());
        let event = match flow.kind {
            Kind::Connect => told("socket_connected", vec![seen.get(who?)?.clone(), at]),
            Kind::Disconnect => {
                told("socket_disconnected", vec![namespace, json!(who?), json!(flow.reason), at])
            }
            Kind::Join => told("room_joined", vec![namespace, room(), json!(who?), at]),
            Kind::Leave => told("room_left", vec![namespace, room(), json!(who?), at]),
            Kind::Received => passing("event_received", vec![namespace, json!(who?), args_of(flow), at]),
            Kind::Sent => {
                let receiver = who.map_or_else(|| flow.to.in_words(), str::to_owned);
                passing("event_sent", vec![namespace, json!(receiver), args_of(flow), at])
            }
            Kind::Acked => return None,
        };
        Some(event)
    }

    fn serialized(&self, seen: &Seen) -> Value {
        let id = seen.sid.to_string();
        let issued = self.desk.accounts.now_ms() - i64::try_from(seen.connected_ms).unwrap_or_default();
        let transport = match seen.transport {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        };
        let mut rooms = seen.rooms.clone();
        rooms.insert(0, id.clone());
        let campanile_hub::Description { role, name } = &seen.description;
        json!({
            "clientId": id.get(..12),
            "transport": transport,
            "nsp": self.desk.namespace_of(seen.app),
            "data": { "role": role, "name": name },
            "handshake": {
                "address": seen.address,
                "headers": {},
                "query": {},
                "issued": issued,
                "time": written(issued),
                "secure": false,
                "url": "",
                "xdomain": false,
            },
            "rooms": rooms,
            "id": id,
        })
    }

    fn server_stats(&mut self, census: &[Census]) -> Shown {
        let now = sum(census);
        let former = std::mem::replace(&mut self.counted, now);
        let accounts = &self.desk.accounts;
        let apps = accounts.all_apps();
        let namespaces: Vec<Value> = apps
            .into_iter()
            .map(|app| json!({ "name": self.desk.namespace_of(app), "socketsCount": accounts.presence().sockets(app) }))
            .collect();
        let uptime_s = (accounts.now_ms() - self.desk.started_at_ms) as f64 / 1_000.0;
        told(
            "server_stats",
            vec![json!({
                "serverId": self.desk.options.server_id,
                "hostname": self.desk.options.server_id,
                "pid": std::process::id(),
                "uptime": uptime_s,
                "clientsCount": now.connections_now,
                "pollingClientsCount": census.iter().map(|census| census.polling).sum::<usize>(),
                "aggregatedEvents": aggregated(&former, &now, accounts.now_ms()),
                "namespaces": namespaces,
            })],
        )
    }
}

/// Waits for what flows; for ever if nothing is watched.
async fn next(watching: &mut Option<Watching>, flows: &mut Vec<Flow>) {
    match watching {
        Some(watching) => watching.next(flows).await,
        None => std::future::pending().await,
    }
}

fn told(name: &'static str, args: Vec<Value>) -> Shown {
    shown(name, args, Delivery::Reliable)
}

/// What a viewer may miss.
fn passing(name: &'static str, args: Vec<Value>) -> Shown {
    shown(name, args, Delivery::Volatile)
}

fn shown(name: &'static str, args: Vec<Value>, delivery: Delivery) -> Shown {
    Shown { name, args: args.iter().map(Value::to_string).collect(), delivery }
}

/// A moment as JavaScript writes one into JSON.
fn written(at_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string())
}

/// An event's name and arguments. Of long ones the beginning is shown, as text.
fn args_of(flow: &Flow) -> Value {
    let name = json!(flow.event);
    let preview = flow.preview.as_deref().unwrap_or_default();
    match serde_json::from_str::<Vec<Value>>(&format!("[{preview}]")) {
        Ok(args) => std::iter::once(name).chain(args).collect(),
        Err(_) => json!([name, format!("{preview}…")]),
    }
}

fn sum(census: &[Census]) -> Stats {
    let mut all = Stats::default();
    for Census { stats, .. } in census {
        all.connections_now += stats.connections_now;
        all.connections_opened += stats.connections_opened;
        all.events_in += stats.events_in;
        all.acks_in += stats.acks_in;
        all.deliveries += stats.deliveries;
        all.closed_transport_close += stats.closed_transport_close;
        all.closed_transport_error += stats.closed_transport_error;
        all.closed_ping_timeout += stats.closed_ping_timeout;
        all.closed_parse_error += stats.closed_parse_error;
        all.closed_forced += stats.closed_forced;
        all.closed_outbox_overflow += stats.closed_outbox_overflow;
    }
    all
}

/// What happened between two counts, in the words of the viewer's charts.
fn aggregated(former: &Stats, now: &Stats, at_ms: i64) -> Vec<Value> {
    let packets_in = |stats: &Stats| stats.events_in + stats.acks_in;
    let rows = [
        ("rawConnection", None, former.connections_opened, now.connections_opened),
        (
            "rawDisconnection",
            Some("transport close"),
            former.closed_transport_close,
            now.closed_transport_close,
        ),
        (
            "rawDisconnection",
            Some("transport error"),
            former.closed_transport_error,
            now.closed_transport_error,
        ),
        ("rawDisconnection", Some("ping timeout"), former.closed_ping_timeout, now.closed_ping_timeout),
        ("rawDisconnection", Some("parse error"), former.closed_parse_error, now.closed_parse_error),
        ("rawDisconnection", Some("forced close"), former.closed_forced, now.closed_forced),
        (
            "rawDisconnection",
            Some("outbox overflow"),
            former.closed_outbox_overflow,
            now.closed_outbox_overflow,
        ),
        ("packetsIn", None, packets_in(former), packets_in(now)),
        ("packetsOut", None, former.deliveries, now.deliveries),
    ];
    let timestamp = at_ms - at_ms % 1_000;
    let counted =
        rows.into_iter().map(|(kind, sub_type, former, now)| (kind, sub_type, now.saturating_sub(former)));
    counted
        .filter(|(_, _, count)| *count > 0)
        .map(|(kind, sub_type, count)| {
            json!({ "timestamp": timestamp, "type": kind, "subType": sub_type, "count": count })
        })
        .collect()
}
