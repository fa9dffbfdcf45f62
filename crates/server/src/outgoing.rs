//! HTTP requests of scenarios to other servers, safe against being sent where the operator doesn't want them: every address
//! is checked right before it is connected to, redirects included.
//!
//! A request has a connection of its own and nothing that outlives it, so when its time is over, all of it is dropped. There
//! are no proxies, cookies or retries: repeating a step is the business of the run.
//!
//! | Module | Its part |
//! |---|---|
//! | `hop` | a request to one origin, and what a redirect makes of it |
//! | `dial` | from a URL to a connection |
//! | `addresses` | which addresses may be reached |
//! | `answer` | what a scenario sees of an answer |
//! | `failure` | the codes |
//! | `stats` | what is counted |

mod addresses;
mod answer;
mod dial;
mod failure;
mod hop;
mod stats;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, future::pending, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context;
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use campanile_platform::{
    Outgoing,
    scenarios::world::{Failure, HttpAnswer, HttpRequest},
};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::certificates;
use addresses::Reachable;
use dial::{Dial, Resolve, Turn};
use hop::Hop;
pub(crate) use stats::OutgoingStats;
use stats::Tally;

/// What an operator may set.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingOptions {
    /// Whether requests are sent at all.
    pub(crate) enabled: bool,
    /// What may be reached beside the public internet.
    pub(crate) allow_addresses: Vec<IpNet>,
    /// Redirects that one request follows.
    pub(crate) redirects_max: usize,
    /// Largest body of an answer.
    pub(crate) answer_bytes_max: usize,
    /// Largest head of an answer.
    pub(crate) answer_head_bytes_max: usize,
    /// Header fields in it.
    pub(crate) answer_headers_max: usize,
    /// Requests that are open at once.
    pub(crate) requests_at_once_max: usize,
    /// Requests that wait until there are fewer.
    pub(crate) requests_waiting_max: usize,
}

/// Sends requests from this machine.
#[derive(Clone)]
pub(crate) struct HttpClient(Arc<Inner>);

struct Inner {
    options: OutgoingOptions,
    dial: Dial,
    /// Places for requests that are open.
    at_once: Arc<Semaphore>,
    /// Places for those and for the ones that wait.
    known: Semaphore,
    tally: Tally,
}

impl HttpClient {
    /// Asks the system for addresses and trusts the certificates that it trusts.
    pub(crate) fn of_system(options: OutgoingOptions) -> Self {
        let roots = system_roots().unwrap_or_else(|error| {
            tracing::warn!(%error, "scenarios can't send requests to https");
            RootCertStore::empty()
        });
        Self::new(options, roots, Arc::new(dial::system_resolve))
    }

    fn new(options: OutgoingOptions, roots: RootCertStore, resolve: Resolve) -> Self {
        let reachable = Reachable::new(options.allow_addresses.clone());
        Self(Arc::new(Inner {
            dial: Dial::new(reachable, roots, resolve),
            at_once: Arc::new(Semaphore::new(options.requests_at_once_max)),
            known: Semaphore::new(options.requests_at_once_max + options.requests_waiting_max),
            tally: Tally::default(),
            options,
        }))
    }

    pub(crate) fn stats(&self) -> OutgoingStats {
        let Inner { options, at_once, known, tally, .. } = &*self.0;
        let open = options.requests_at_once_max - at_once.available_permits();
        let both = options.requests_at_once_max + options.requests_waiting_max - known.available_permits();
        tally.read(open as u64, both.saturating_sub(open) as u64)
    }
}

impl Outgoing for HttpClient {
    fn send(
        &self,
        request: HttpRequest,
        key: String,
    ) -> Pin<Box<dyn Future<Output = Result<HttpAnswer, Failure>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move { client.tally.counted(client.within_its_time(request, &key)).await })
    }
}

/// What comes back from one origin.
enum Reply {
    Answer(HttpAnswer),
    Redirect(StatusCode, HeaderValue),
}

impl Inner {
    async fn within_its_time(&self, request: HttpRequest, key: &str) -> Result<HttpAnswer, Failure> {
        if !self.options.enabled {
            return Err(failure::outgoing_disabled());
        }
        let timeout_ms = request.timeout_ms;
        let until = Instant::now() + Duration::from_millis(timeout_ms);
        let hop = Hop::first(request, key)?;
        let host = hop.host().to_owned();
        let result = timeout_at(until, self.in_turn(hop, until)).await;
        result.unwrap_or_else(|_| Err(failure::timeout(&host, timeout_ms)))
    }

    async fn in_turn(&self, hop: Hop, until: Instant) -> Result<HttpAnswer, Failure> {
        let Ok(_known) = self.known.try_acquire() else { return Err(failure::overloaded()) };
        let Ok(place) = self.at_once.clone().acquire_owned().await else { return Err(failure::overloaded()) };
        self.follow(hop, &Turn { place: Arc::new(place), until }).await
    }

    async fn follow(&self, mut hop: Hop, turn: &Turn) -> Result<HttpAnswer, Failure> {
        for _ in 0..=self.options.redirects_max {
            match self.ask(&hop, turn).await? {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Redirect(status, location) => hop = hop.redirected(status, &location)?,
            }
        }
        Err(failure::too_many_redirects())
    }

    async fn ask(&self, hop: &Hop, turn: &Turn) -> Result<Reply, Failure> {
        let stream = self.dial.connect(hop.url(), turn).await?;
        if hop.url().scheme() == "https" {
            self.exchange(hop, self.dial.secure(hop.url(), stream).await?).await
        } else {
            self.exchange(hop, stream).await
        }
    }

    /// Sends and reads on a connection, which ends with it.
    async fn exchange(
        &self,
        hop: &Hop,
        stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Result<Reply, Failure> {
        let connection = http1::Builder::new()
            .max_headers(self.options.answer_headers_max)
            .max_buf_size(self.options.answer_head_bytes_max)
            .handshake(TokioIo::new(stream));
        let (mut sender, connection) = connection.await.map_err(|error| no_answer(hop, &error))?;
        // The connection has to be driven for the answer to arrive. What is wrong with it shows there too.
        let driven = async {
            let _ = connection.await;
            pending::<Infallible>().await
        };
        tokio::select! {
            reply = self.reply(hop, &mut sender) => reply,
            never = driven => match never {},
        }
    }

    async fn reply(&self, hop: &Hop, sender: &mut SendRequest<Full<Bytes>>) -> Result<Reply, Failure> {
        let response = sender.send_request(hop.message()?).await;
        let response = response.map_err(|error| no_answer(hop, &error))?;
        if let Some((status, location)) = answer::redirect(&response) {
            return Ok(Reply::Redirect(status, location));
        }
        answer::read(response, self.options.answer_bytes_max, hop.host()).await.map(Reply::Answer)
    }
}

fn no_answer(hop: &Hop, error: &hyper::Error) -> Failure {
    if error.is_parse_too_large() {
        failure::answer_too_large(
            hop.host(),
            "limits.outgoing_answer_head_bytes_max, limits.outgoing_answer_headers_max",
        )
    } else if error.is_parse() {
        failure::answer_invalid(hop.host())
    } else {
        failure::connection_lost(hop.host())
    }
}

fn system_roots() -> anyhow::Result<RootCertStore> {
    let file = certificates::of_system().context("this system has no list of trusted certificates")?;
    let named = || format!("{} can't be read", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).with_context(named)? {
        // A list may hold some that only other programs understand.
        let _ = roots.add(certificate.with_context(named)?);
    }
    Ok(roots)
}
