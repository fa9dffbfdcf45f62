//! What followers that get nothing cost in memory, and what remains of one broadcast after a while.

use std::{io, time::Duration};

use super::{open_followers, round};
use crate::{arguments::Arguments, bridge, report::Report, server::Server};

/// Time in which a server puts aside what it needed to connect them.
const SETTLE: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let sockets = arguments.count("sockets", 10_000);
    let rest = Duration::from_secs(arguments.number("rest", 60));
    let empty = server.resident_bytes()?;
    let mut fleet = open_followers(arguments.port, sockets)?;
    fleet.rest(SETTLE)?;
    let idle = server.resident_bytes()?;
    let payload = bridge::payload(bridge::FIRST_SEQUENCE);
    let length = bridge::delivered(&payload).len();
    round(&mut fleet, &bridge::broadcast(&payload), sockets as u64, length)?;
    fleet.rest(rest)?;
    let after = server.resident_bytes()?;
    fleet.expect_all()?;
    let per_socket = |bytes: u64| (bytes as f64 - empty as f64) / sockets as f64;
    let mut report = Report::default();
    report.add("empty_bytes", empty as f64);
    report.add("idle_bytes_per_socket", per_socket(idle));
    report.add("after_broadcast_bytes_per_socket", per_socket(after));
    report.add("closed", fleet.closed() as f64);
    Ok(report)
}
