//! What an operator may set on the product.

use std::time::Duration;

/// Settings of the bridge between providers and their clients.
#[derive(Clone, Debug)]
pub struct BridgeOptions {
    /// What happens when a provider id is registered that is already served.
    pub duplicate_provider: DuplicateProvider,
    /// Time a provider has to answer a request that asked for an ack.
    pub request_timeout: Duration,
    /// Provider ids one socket may serve.
    pub providers_per_socket_max: usize,
    /// Providers an app may have online.
    pub providers_max: usize,
    /// Sockets that may share one provider id (`share` only).
    pub members_per_provider_max: usize,
    /// Different providers one socket may have asked.
    pub asked_providers_per_socket_max: usize,
    /// Requests with an ack one socket may have open.
    pub open_requests_per_socket_max: usize,
    /// Requests over HTTP that may wait for their reply at once.
    pub open_http_requests_max: usize,
}

/// What a second registration of a provider id does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateProvider {
    /// The last one wins and the one before is told; reconnects need this.
    #[default]
    Replace,
    /// The first one stays, the second is refused.
    Reject,
    /// They form a group: requests go to its members in turn, broadcasts of any reach all clients.
    Share,
}

impl Default for BridgeOptions {
    fn default() -> Self {
        Self {
            duplicate_provider: DuplicateProvider::default(),
            request_timeout: Duration::from_millis(30_000),
            providers_per_socket_max: 100,
            providers_max: 10_000,
            members_per_provider_max: 100,
            asked_providers_per_socket_max: 1_000,
            open_requests_per_socket_max: 1_000,
            open_http_requests_max: 10_000,
        }
    }
}
