//! `GET /metrics`: what the shards have counted, in the OpenMetrics text format that Prometheus reads.
//!
//! Shards count in plain numbers of their own; a scrape asks each of them and adds up. `GET /api/v1/stats` has the same
//! numbers in another form. docs/operations.md explains every metric.

use std::fmt;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use campanile_hub::Stats;
use campanile_platform::{
    Message, TrafficStats,
    accounts::AccountStats,
    bridge::{self, BridgeStats, Call, LATENCY_BUCKETS_MS},
    runner::RunnerStats,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet, text::encode},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use tokio::sync::oneshot;

use crate::{hub::Hub, outgoing::OutgoingStats};

pub(crate) fn router(hub: Hub) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(hub)
}

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Count what happened, for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", operation_id = "scrape",
    security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn scrape(State(hub): State<Hub>) -> Response {
    let mut registry = Registry::with_prefix("campanile");
    registry.register_collector(Box::new(Snapshot::take(&hub).await));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Everything that the hub has counted, at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    hub: Vec<Stats>,
    bridge: Vec<BridgeStats>,
    accounts: AccountStats,
    users_online: usize,
    outgoing: OutgoingStats,
    store: campanile_store::Stats,
    runner: RunnerStats,
    traffic: TrafficStats,
    mailbox_messages: usize,
    providers: usize,
    refused_by_address: u64,
}

impl Snapshot {
    pub(crate) async fn take(hub: &Hub) -> Self {
        let mut bridge = Vec::new();
        for shard in 0..hub.shards.shards() {
            let (reply, answer) = oneshot::channel();
            hub.shards.send(shard as u8, Message::Bridge(bridge::Message::Call(Call::Stats(reply))));
            bridge.extend(answer.await.ok());
        }
        Self {
            hub: hub.shards.stats().await,
            bridge,
            accounts: hub.accounts.stats(),
            users_online: hub.accounts.presence().all_users_online(),
            outgoing: hub.outgoing.stats(),
            store: hub.accounts.store_stats(),
            runner: hub.scenarios.stats(),
            traffic: hub.traffic.stats(),
            mailbox_messages: hub.shards.waiting(),
            providers: hub.registry.len(),
            refused_by_address: hub.shards.refused_by_address(),
        }
    }

    fn sum(&self, field: impl Fn(&Stats) -> u64) -> u64 {
        self.hub.iter().map(field).sum()
    }

    fn bridge_sum(&self, field: impl Fn(&BridgeStats) -> u64) -> u64 {
        self.bridge.iter().map(field).sum()
    }

    pub(crate) fn gauges(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            ("connections", "Engine.IO connections that are open", self.sum(|s| s.connections_now)),
            ("sockets", "Socket.IO sockets that are connected to a namespace", self.sum(|s| s.sockets_now)),
            ("rooms", "Rooms with at least one socket", self.sum(|s| s.rooms_now)),
            ("timers", "Deadlines that are scheduled", self.sum(|s| s.timers_now)),
            ("outbox_bytes", "Bytes that wait to be sent", self.sum(|s| s.outbox_bytes_now)),
            ("recovery_sessions", "Dropped sockets that may come back", self.sum(|s| s.sessions_now)),
            (
                "recovery_sessions_elsewhere",
                "Sockets that other shards are remembered for",
                self.sum(|s| s.sessions_elsewhere_now),
            ),
            ("acks_awaited", "Acks that clients owe", self.sum(|s| s.acks_now)),
            ("broadcast_acks_awaited", "Broadcasts that wait for acks", self.sum(|s| s.broadcast_acks_now)),
            ("recovery_log_bytes", "Bytes of events kept for them", self.sum(|s| s.recovery_log_bytes_now)),
            ("mailbox_messages", "Messages that wait between shards", self.mailbox_messages as u64),
            ("providers", "Provider ids that are online", self.providers as u64),
            ("open_requests", "Requests that somebody waits for", self.bridge_sum(|s| s.open_requests_now)),
            ("users_online", "Users with at least one socket, in all apps", self.users_online as u64),
            (
                "password_checks_waiting",
                "Passwords that are being checked or wait for it",
                self.accounts.password_checks_now,
            ),
            (
                "runs_open",
                "Runs of scenarios that are under way, waiting, or queued",
                self.runner.runs_open_now,
            ),
            ("runs_running", "Runs of scenarios that are under way", self.runner.runs_running_now),
            ("outgoing_requests_open", "Requests to other servers that are open", self.outgoing.open_now),
            (
                "outgoing_requests_waiting",
                "Requests that wait to be sent to other servers",
                self.outgoing.waiting_now,
            ),
            ("traffic_watchers", "Who watches the live traffic", self.traffic.watchers_now),
            ("store_writes_waiting", "Writes that wait for the disk", self.store.writes_waiting_now as u64),
        ]
    }

    pub(crate) fn counters(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut counters = self.traffic_counters();
        counters.extend(self.account_counters());
        counters.extend(self.runner_counters());
        counters
    }

    fn account_counters(&self) -> [(&'static str, &'static str, u64); 17] {
        let AccountStats { logins, logins_refused, handshakes_refused, calls_over_rate, .. } = self.accounts;
        let AccountStats { pushes, pushes_repeated, pushes_refused, push_deliveries, .. } = self.accounts;
        let store = &self.store;
        [
            ("logins", "Users that logged in with a password", logins),
            ("logins_refused", "Logins of users that were refused", logins_refused),
            ("handshakes_refused", "Sockets refused for what they presented", handshakes_refused),
            ("requests_over_rate", "Requests of secret keys that called too often", calls_over_rate),
            ("pushes", "Pushes that were sent", pushes),
            ("pushes_repeated", "Pushes with an id that was sent before", pushes_repeated),
            ("pushes_refused", "Pushes that were refused", pushes_refused),
            ("push_deliveries", "Sockets that pushes were handed to", push_deliveries),
            ("outgoing_requests", "Requests to other servers", self.outgoing.requests),
            ("outgoing_answers", "Requests to other servers that were answered", self.outgoing.answers),
            ("traffic_flows_told", "What watchers of the live traffic were told", self.traffic.told),
            ("traffic_flows_dropped", "What watchers were too slow for", self.traffic.dropped),
            ("store_reads", "Reads of the database", store.reads),
            ("store_writes", "Writes that were committed", store.writes),
            ("store_commits", "Commits, each of one write or of several", store.commits),
            ("store_commit_errors", "Commits that failed", store.commit_errors),
            ("store_writes_refused", "Writes refused because too many waited", store.writes_refused),
        ]
    }

    fn runner_counters(&self) -> [(&'static str, &'static str, u64); 11] {
        let runner = &self.runner;
        [
            ("runs_started", "Runs of scenarios that were started", runner.runs_started),
            ("runs_done", "Runs that did all their steps", runner.runs_done),
            ("runs_failed", "Runs of which a step failed", runner.runs_failed),
            ("runs_cancelled", "Runs that somebody ended", runner.runs_cancelled),
            ("runs_filtered", "Triggers that a scenario's filter held back", runner.runs_filtered),
            ("runs_interrupted", "Runs that were under way when the hub stopped", runner.runs_interrupted),
            ("runs_cut", "Runs that were cut because too many led to them", runner.runs_cut),
            ("run_steps", "Steps of scenarios that were taken", runner.steps),
            ("run_steps_repeated", "Steps that were taken once more", runner.steps_repeated),
            ("occurrences_dropped", "Triggers of scenarios that came too fast", runner.occurrences_dropped),
            ("answers_late", "Callers that didn't get a scenario's answer in time", runner.answers_late),
        ]
    }

    fn traffic_counters(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            ("connections_opened", "Connections opened", self.sum(|s| s.connections_opened)),
            ("connections_refused", "Connections refused", self.sum(|s| s.connections_refused)),
            (
                "connections_recovered",
                "Sockets recovered after a drop",
                self.sum(|s| s.connections_recovered),
            ),
            ("upgrades", "Connections moved from polling to WebSocket", self.sum(|s| s.upgrades)),
            ("events_in", "Events received from clients", self.sum(|s| s.events_in)),
            (
                "events_out",
                "Events emitted, each counted once however many get it",
                self.sum(|s| s.events_out),
            ),
            (
                "messages_over_rate",
                "Messages of clients that sent faster than they may and were made to wait",
                self.sum(|s| s.messages_over_rate),
            ),
            ("deliveries", "Packets put into outboxes", self.sum(|s| s.deliveries)),
            ("acks_in", "Acks received from clients", self.sum(|s| s.acks_in)),
            ("acks_timed_out", "Acks that never came", self.sum(|s| s.acks_timed_out)),
            ("peer_messages", "Messages received from other shards", self.sum(|s| s.peer_messages)),
            ("bridge_broadcasts", "Broadcasts of providers", self.bridge_sum(|s| s.broadcasts)),
            ("bridge_requests", "Requests sent to providers", self.bridge_sum(|s| s.requests)),
            ("bridge_replies", "Replies given to requesters", self.bridge_sum(|s| s.replies)),
            (
                "bridge_requests_timed_out",
                "Requests without a reply",
                self.bridge_sum(|s| s.requests_timed_out),
            ),
        ]
    }

    pub(crate) fn closed(&self) -> [(&'static str, u64); 7] {
        [
            ("transport_close", self.sum(|s| s.closed_transport_close)),
            ("transport_error", self.sum(|s| s.closed_transport_error)),
            ("ping_timeout", self.sum(|s| s.closed_ping_timeout)),
            ("parse_error", self.sum(|s| s.closed_parse_error)),
            ("forced", self.sum(|s| s.closed_forced)),
            ("outbox_overflow", self.sum(|s| s.closed_outbox_overflow)),
            ("shutdown", self.sum(|s| s.closed_shutdown)),
        ]
    }

    pub(crate) fn dropped(&self) -> [(&'static str, u64); 11] {
        [
            ("invalid_packet", self.sum(|s| s.packets_invalid)),
            ("address_limit", self.refused_by_address),
            ("volatile", self.sum(|s| s.volatile_dropped)),
            ("rooms_limit", self.sum(|s| s.dropped_rooms_limit)),
            ("acks_limit", self.sum(|s| s.dropped_acks_limit)),
            ("provider_offline", self.bridge_sum(|s| s.dropped_provider_offline)),
            ("invalid_payload", self.bridge_sum(|s| s.dropped_invalid_payload)),
            ("not_owner", self.bridge_sum(|s| s.dropped_not_owner)),
            ("unknown_request", self.bridge_sum(|s| s.dropped_unknown_request)),
            ("limit_reached", self.bridge_sum(|s| s.dropped_limit_reached)),
            ("other", self.bridge_sum(|s| s.dropped_other)),
        ]
    }

    /// Requests of scenarios that failed, by code.
    pub(crate) fn outgoing_failures(&self) -> &[(&'static str, u64)] {
        &self.outgoing.failures
    }

    pub(crate) fn latency(&self) -> Latency {
        let mut counts = [0; LATENCY_BUCKETS_MS.len() + 1];
        for stats in &self.bridge {
            for (count, more) in counts.iter_mut().zip(stats.latency_ms) {
                *count += more;
            }
        }
        Latency { counts, sum_ms: self.bridge_sum(|s| s.latency_ms_sum) }
    }
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, help, value) in self.gauges() {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            ConstGauge::new(value).encode(encoder.encode_descriptor(
                name,
                help,
                None,
                MetricType::Gauge,
            )?)?;
        }
        for (name, help, value) in self.counters() {
            ConstCounter::new(value).encode(encoder.encode_descriptor(
                name,
                help,
                None,
                MetricType::Counter,
            )?)?;
        }
        let help = "Connections closed, by reason";
        by_reason(
            encoder.encode_descriptor("connections_closed", help, None, MetricType::Counter)?,
            &self.closed(),
        )?;
        let help = "What was refused or dropped, by reason";
        by_reason(encoder.encode_descriptor("dropped", help, None, MetricType::Counter)?, &self.dropped())?;
        let help = "Requests to other servers that got no answer, by reason";
        by_reason(
            encoder.encode_descriptor("outgoing_failures", help, None, MetricType::Counter)?,
            self.outgoing_failures(),
        )?;
        let help = "Time from a request that somebody waits for to its first reply";
        let name = "bridge_request_duration_seconds";
        self.latency().encode(encoder.encode_descriptor(name, help, None, MetricType::Histogram)?)
    }
}

fn by_reason(mut encoder: MetricEncoder<'_>, counts: &[(&'static str, u64)]) -> fmt::Result {
    for (reason, count) in counts {
        ConstCounter::new(*count).encode(encoder.encode_family(&[("reason", *reason)])?)?;
    }
    Ok(())
}

/// A histogram that was counted elsewhere.
pub(crate) struct Latency {
    pub(crate) counts: [u64; LATENCY_BUCKETS_MS.len() + 1],
    pub(crate) sum_ms: u64,
}

impl EncodeMetric for Latency {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = LATENCY_BUCKETS_MS.iter().map(|ms| *ms as f64 / 1000.0).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(self.counts).collect();
        let count = self.counts.iter().sum();
        encoder.encode_histogram::<NoLabelSet>(self.sum_ms as f64 / 1000.0, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
