//! Counters of the bridge on one shard.

/// Upper bounds of the latency histogram, in milliseconds; one more bucket takes what is above.
pub const LATENCY_BUCKETS_MS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// What the bridge has seen and done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; docs/operations.md explains each metric")]
pub struct BridgeStats {
    pub broadcasts: u64,
    pub requests: u64,
    pub replies: u64,
    pub open_requests_now: u64,
    pub dropped_provider_offline: u64,
    pub dropped_invalid_payload: u64,
    pub dropped_not_owner: u64,
    pub dropped_unknown_request: u64,
    pub dropped_limit_reached: u64,
    pub dropped_other: u64,
    pub requests_timed_out: u64,
    /// Requests somebody waited for, by the time to their first reply: one count per bucket.
    pub latency_ms: [u64; LATENCY_BUCKETS_MS.len() + 1],
    pub latency_ms_sum: u64,
}

impl BridgeStats {
    pub(super) fn observe_latency(&mut self, elapsed_ms: u64) {
        let bucket = LATENCY_BUCKETS_MS.partition_point(|bound| *bound < elapsed_ms);
        self.latency_ms[bucket] += 1;
        self.latency_ms_sum += elapsed_ms;
    }

    pub(super) fn count_refusal(&mut self, code: super::Code) {
        use super::Code;
        *match code {
            Code::InvalidPayload => &mut self.dropped_invalid_payload,
            Code::NotOwner => &mut self.dropped_not_owner,
            Code::UnknownRequest => &mut self.dropped_unknown_request,
            Code::ProviderOffline => &mut self.dropped_provider_offline,
            Code::LimitReached => &mut self.dropped_limit_reached,
            Code::Timeout => &mut self.requests_timed_out,
            Code::DuplicateProvider
            | Code::DuplicateRequestId
            | Code::UnknownEvent
            | Code::PluginNotInstalled
            | Code::BridgeLocked => &mut self.dropped_other,
        } += 1;
    }
}
