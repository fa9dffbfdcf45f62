//! What an operator may set on listeners, HTTP and WebSocket.

use std::{sync::Arc, time::Duration};

use campanile_hub::Rate;

/// Settings of a [`crate::Server`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that own connections; at most 256.
    pub shards: usize,
    /// The path that clients connect to, with its trailing slash.
    pub path: String,
    /// Whether long-polling is served.
    pub polling: bool,
    /// Whether WebSocket is served.
    pub websocket: bool,
    /// Polling responses of at least this many bytes are compressed (gzip, deflate); `None` turns it off.
    pub http_compression_threshold_bytes: Option<usize>,
    /// WebSocket messages of at least this many bytes are compressed (RFC 7692); `None` turns it off.
    pub per_message_deflate_threshold_bytes: Option<usize>,
    /// A cookie that carries the Engine.IO session id, for load balancers.
    pub cookie: Option<Cookie>,
    /// Which pages of other origins may connect.
    pub cors: Cors,
    /// Time a client has to send the head of a request.
    pub head_timeout: Duration,
    /// Time a client has to send the body of a polling request.
    pub body_timeout: Duration,
    /// Largest head of a request.
    pub head_bytes_max: usize,
    /// Header fields of a request.
    pub headers_max: usize,
    /// Frames one WebSocket message may come in.
    pub fragments_max: usize,
    /// Packets one polling payload may hold.
    pub payload_packets_max: usize,
    /// Network connections and long-polling sessions that one address (of IPv6: one /64) may have open; `None` is no
    /// limit.
    pub connections_per_address_max: Option<usize>,
    /// How fast one address may open them; `None` is no limit.
    pub connects_per_address: Option<Rate>,
    /// Messages that may wait for a shard before its peers stop reading from their sockets.
    pub mailbox_messages_max: usize,
    /// Length of the queue of connections that the kernel has accepted.
    pub accept_backlog: u32,
    /// TLS for every listener; `None` serves plain text.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// The session cookie, as `Set-Cookie` wants it.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// Its name; the reference server uses `io`.
    pub name: String,
    /// The `Path` attribute.
    pub path: String,
    /// The `HttpOnly` attribute.
    pub http_only: bool,
    /// The `Secure` attribute.
    pub secure: bool,
    /// The `SameSite` attribute (`Lax`, `Strict`, `None`), absent when `None`.
    pub same_site: Option<String>,
    /// The `Max-Age` attribute in seconds.
    pub max_age_s: Option<u64>,
}

/// Cross-origin rules, applied to polling and to WebSocket upgrades alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Who may connect from a page of another origin.
    pub origins: Origins,
    /// Whether such a page may send cookies; only together with a list of origins.
    pub credentials: bool,
}

/// The origins that may connect. A request without an `Origin` header doesn't come from a page and is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// No CORS headers; nobody is refused, browsers keep foreign pages from reading polling answers.
    #[default]
    Unspecified,
    /// Every origin.
    Any,
    /// These only (`https://example.org`); every other origin is refused with 403.
    List(Vec<String>),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            shards: std::thread::available_parallelism().map_or(1, |n| n.get().min(256)),
            path: "/socket.io/".to_owned(),
            polling: true,
            websocket: true,
            http_compression_threshold_bytes: Some(1024),
            per_message_deflate_threshold_bytes: None,
            cookie: None,
            cors: Cors::default(),
            head_timeout: Duration::from_millis(10_000),
            body_timeout: Duration::from_millis(30_000),
            head_bytes_max: 16 << 10,
            headers_max: 100,
            fragments_max: 4_096,
            payload_packets_max: 10_000,
            connections_per_address_max: Some(20_000),
            connects_per_address: None,
            mailbox_messages_max: 65_536,
            accept_backlog: 4_096,
            tls: None,
        }
    }
}
