//! The client against servers that run: where it goes, what it sends, what it makes of answers, and when it gives up.

mod answers;
mod limits;
mod redirects;
mod refusals;
mod requests;
mod servers;
mod tls;

use std::{
    collections::BTreeMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use campanile_platform::scenarios::definition::Method;

use super::*;
use crate::config::{Config, Overrides};

/// Longer than any test runs: its end is only reached where a test moves the clock.
const TIMEOUT_MS: u64 = 3_600_000;

/// The default options, with what is allowed.
fn options(allow_addresses: &str) -> OutgoingOptions {
    let variable = ("CAMPANILE_OUTGOING__ALLOW_ADDRESSES".to_owned(), allow_addresses.to_owned());
    Config::load(None, [variable], Overrides::default()).unwrap().outgoing
}

fn client(options: OutgoingOptions) -> HttpClient {
    HttpClient::new(options, RootCertStore::empty(), Arc::new(dial::system_resolve))
}

/// A client that may reach 127.0.0.1.
fn local_client() -> HttpClient {
    client(options("127.0.0.1/32"))
}

/// A client for which each look-up has the next of these results, and the names that it looked up.
fn client_with_names(
    options: OutgoingOptions,
    roots: RootCertStore,
    results: &[&[&str]],
) -> (HttpClient, Arc<Mutex<Vec<String>>>) {
    let parse = |ips: &&[&str]| -> Vec<IpAddr> { ips.iter().map(|ip| ip.parse().unwrap()).collect() };
    let results = Mutex::new(results.iter().map(parse).collect::<Vec<_>>().into_iter());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let names = asked.clone();
    let resolve: Resolve = Arc::new(move |name, port| {
        names.lock().unwrap().push(name);
        let found = results.lock().unwrap().next();
        let found = found.map(|ips| ips.into_iter().map(|ip| (ip, port).into()).collect());
        Box::pin(async move { found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)) })
    });
    (HttpClient::new(options, roots, resolve), asked)
}

fn request(method: Method, url: &str) -> HttpRequest {
    HttpRequest { method, url: url.to_owned(), headers: BTreeMap::new(), body: None, timeout_ms: TIMEOUT_MS }
}

fn get(url: &str) -> HttpRequest {
    request(Method::Get, url)
}

fn post(url: &str, body: &str) -> HttpRequest {
    with_header(
        HttpRequest { body: Some(body.to_owned()), ..request(Method::Post, url) },
        "Content-Type",
        "text/plain",
    )
}

fn with_header(mut request: HttpRequest, name: &str, value: &str) -> HttpRequest {
    request.headers.insert(name.to_owned(), value.to_owned());
    request
}

async fn send(client: &HttpClient, request: HttpRequest) -> Result<HttpAnswer, Failure> {
    client.send(request, "run-1/step-2".to_owned()).await
}

async fn failure_of(client: &HttpClient, request: HttpRequest) -> Failure {
    let url = request.url.clone();
    let answer = send(client, request).await;
    answer.expect_err(&url)
}

/// How often a code was counted.
fn counted(client: &HttpClient, code: &str) -> u64 {
    let failures = client.stats().failures;
    failures.into_iter().find(|(counted, _)| *counted == code).unwrap().1
}
