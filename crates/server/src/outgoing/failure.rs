//! Why a request got no answer: codes for programs, which never change, and sentences for people. A sentence names the host
//! that a scenario wrote, never an address that its name led to.

use campanile_platform::scenarios::world::Failure;
use rustls::Error as TlsError;

/// Every code.
pub(super) const CODES: [&str; 12] = [
    "address_refused",
    "answer_invalid",
    "answer_too_large",
    "connect_failed",
    "header_invalid",
    "outgoing_disabled",
    "overloaded",
    "redirect_refused",
    "timeout",
    "tls_failed",
    "too_many_redirects",
    "url_invalid",
];

pub(super) fn address_refused(host: &str) -> Failure {
    let message = format!(
        "{host} isn't on the public internet; the hub's operator can allow it (outgoing.allow_addresses)"
    );
    Failure::new("address_refused", message)
}

pub(super) fn answer_invalid(host: &str) -> Failure {
    Failure::new("answer_invalid", format!("{host} answers, but not in HTTP"))
}

pub(super) fn answer_too_large(host: &str, limit: &str) -> Failure {
    Failure::new("answer_too_large", format!("the answer of {host} is larger than the hub reads ({limit})"))
}

pub(super) fn no_such_host(host: &str) -> Failure {
    Failure::transient("connect_failed", format!("there is no host of the name {host}"))
}

pub(super) fn no_connection(host: &str) -> Failure {
    Failure::transient("connect_failed", format!("{host} takes no connection"))
}

pub(super) fn connection_lost(host: &str) -> Failure {
    Failure::transient("connect_failed", format!("{host} closed the connection without a whole answer"))
}

pub(super) fn header_invalid(name: &str, why: &str) -> Failure {
    Failure::new("header_invalid", format!("the header {name:?} {why}"))
}

pub(super) fn outgoing_disabled() -> Failure {
    Failure::new("outgoing_disabled", "this hub sends no requests (outgoing.enabled)")
}

pub(super) fn overloaded() -> Failure {
    let message = "too many requests of scenarios are waiting (limits.outgoing_requests_waiting_max)";
    Failure::transient("overloaded", message)
}

pub(super) fn redirect_refused(host: &str, why: &str) -> Failure {
    Failure::new("redirect_refused", format!("{host} redirects to a URL that {why}"))
}

pub(super) fn timeout(host: &str, timeout_ms: u64) -> Failure {
    Failure::transient("timeout", format!("no answer of {host} within {timeout_ms} ms"))
}

pub(super) fn tls_failed(host: &str, error: &TlsError) -> Failure {
    Failure::new("tls_failed", format!("no safe connection to {host}: {error}"))
}

pub(super) fn too_many_redirects() -> Failure {
    let message = "more redirects than the hub follows (limits.outgoing_redirects_max)";
    Failure::new("too_many_redirects", message)
}

pub(super) fn url_invalid(why: &str) -> Failure {
    Failure::new("url_invalid", format!("the URL {why}"))
}
