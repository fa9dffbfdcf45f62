//! From a URL to an open connection. The name is resolved once, all its addresses are checked, and one of those is connected
//! to: nobody asks again who could be told something else.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use campanile_platform::scenarios::world::Failure;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{IpAddr, ServerName},
};
use tokio::{
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use super::{addresses::Reachable, failure};

/// Finds the addresses of a name, with a port.
pub(super) type Resolve = Arc<dyn Fn(String, u16) -> Lookup + Send + Sync>;

/// Addresses that are being found.
pub(super) type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Opens connections to addresses that may be reached.
pub(super) struct Dial {
    reachable: Reachable,
    resolve: Resolve,
    tls: TlsConnector,
}

/// What a request has once it is its turn.
pub(super) struct Turn {
    /// One of the places that there are.
    pub(super) place: Arc<OwnedSemaphorePermit>,
    /// When its time is over.
    pub(super) until: Instant,
}

impl Dial {
    pub(super) fn new(reachable: Reachable, roots: RootCertStore, resolve: Resolve) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { reachable, resolve, tls: TlsConnector::from(Arc::new(config)) }
    }

    /// The only place where a connection is opened.
    pub(super) async fn connect(&self, url: &Url, turn: &Turn) -> Result<TcpStream, Failure> {
        let host = url.host_str().unwrap_or_default();
        let addresses = self.addresses(url, turn).await?;
        if !addresses.iter().all(|address| self.reachable.contains(address.ip())) {
            return Err(failure::address_refused(host));
        }
        open(&addresses, turn.until).await.ok_or_else(|| failure::no_connection(host))
    }

    /// TLS with the host of `url`.
    pub(super) async fn secure(&self, url: &Url, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let host = url.host_str().unwrap_or_default();
        let name = server_name(url)
            .ok_or_else(|| failure::url_invalid("has a host that no certificate can name"))?;
        self.tls.connect(name, stream).await.map_err(|error| {
            let refusal = error.get_ref().and_then(|inner| inner.downcast_ref());
            refusal
                .map_or_else(|| failure::connection_lost(host), |refusal| failure::tls_failed(host, refusal))
        })
    }

    async fn addresses(&self, url: &Url, turn: &Turn) -> Result<Vec<SocketAddr>, Failure> {
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            Some(Host::Ipv4(ip)) => Ok(vec![(ip, port).into()]),
            Some(Host::Ipv6(ip)) => Ok(vec![(ip, port).into()]),
            Some(Host::Domain(name)) => self.find(name, port, turn).await,
            None => Err(failure::url_invalid("has no host")),
        }
    }

    /// The system can't be stopped from looking for a name, so it keeps the place of its request until it is through with it,
    /// even if the request has long been given up.
    async fn find(&self, name: &str, port: u16, turn: &Turn) -> Result<Vec<SocketAddr>, Failure> {
        let (lookup, place) = ((self.resolve)(name.to_owned(), port), turn.place.clone());
        let lookup = tokio::spawn(async move {
            let found = lookup.await;
            drop(place);
            found
        });
        match lookup.await {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            _ => Err(failure::no_such_host(name)),
        }
    }
}

/// Looks names up as every program on this machine does.
pub(super) fn system_resolve(name: String, port: u16) -> Lookup {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
}

/// Connects to the first address that takes a connection. One that stays silent leaves their share of the time to those
/// behind it.
async fn open(addresses: &[SocketAddr], until: Instant) -> Option<TcpStream> {
    let (last, others) = addresses.split_last()?;
    for (tried, address) in others.iter().enumerate() {
        let share = until.saturating_duration_since(Instant::now()) / (addresses.len() - tried) as u32;
        if let Some(stream) = within(share, address).await {
            return Some(stream);
        }
    }
    within(Duration::MAX, last).await
}

async fn within(share: Duration, address: &SocketAddr) -> Option<TcpStream> {
    let stream = timeout(share, TcpStream::connect(address)).await.ok()?.ok()?;
    // A request is written whole; waiting for more of it would only delay it.
    stream.set_nodelay(true).ok()?;
    Some(stream)
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(ip)))),
        Host::Ipv6(ip) => Some(ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V6(ip)))),
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
    }
}
