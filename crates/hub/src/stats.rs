//! Counters of one shard: plain numbers, copied out when somebody asks.

/// What a shard has seen and done since it started; `_now` fields are gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; docs/operations.md explains each metric")]
pub struct Stats {
    pub connections_now: u64,
    pub sockets_now: u64,
    pub rooms_now: u64,
    pub timers_now: u64,
    pub sessions_now: u64,
    pub sessions_elsewhere_now: u64,
    pub acks_now: u64,
    pub broadcast_acks_now: u64,
    pub outbox_bytes_now: u64,
    pub recovery_log_bytes_now: u64,
    pub connections_opened: u64,
    pub connections_refused: u64,
    pub connections_recovered: u64,
    pub upgrades: u64,
    pub events_in: u64,
    pub events_out: u64,
    pub deliveries: u64,
    pub acks_in: u64,
    pub acks_timed_out: u64,
    pub packets_invalid: u64,
    pub messages_over_rate: u64,
    pub volatile_dropped: u64,
    pub dropped_rooms_limit: u64,
    pub dropped_acks_limit: u64,
    pub closed_transport_close: u64,
    pub closed_transport_error: u64,
    pub closed_ping_timeout: u64,
    pub closed_parse_error: u64,
    pub closed_forced: u64,
    pub closed_outbox_overflow: u64,
    pub closed_shutdown: u64,
    pub peer_messages: u64,
}
