//! All followers are cut at once and come back at once, as after a network's hiccup, without the random delay that
//! well-behaved clients have.

use std::{io, time::Instant};

use super::round;
use crate::{
    arguments::Arguments,
    bridge,
    fleet::{Fleet, Greeting},
    report::Report,
    server::Server,
};

/// Clients that are connecting at a time: many, but fewer than a backlog holds.
const WINDOW: usize = 2000;

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let sockets = arguments.count("sockets", 10_000);
    let follow = Greeting::send(bridge::register_client());
    let serve = Greeting::send(bridge::register_provider(bridge::PROVIDER));
    let mut fleet = Fleet::new(arguments.port)?;
    fleet.open(1, 1, &serve)?;
    fleet.open(sockets, WINDOW, &follow)?;
    let span = server.span()?;
    let start = Instant::now();
    fleet.cut_all();
    fleet.open(1, 1, &serve)?;
    fleet.open(sockets, WINDOW, &follow)?;
    let time = start.elapsed();
    let spent = span.end()?;
    let back = fleet.len() - 1 - fleet.closed();
    // To be back is to get what is broadcast.
    let payload = bridge::payload(bridge::FIRST_SEQUENCE);
    let length = bridge::delivered(&payload).len();
    round(&mut fleet, &bridge::broadcast(&payload), sockets as u64, length)?;
    let mut report = Report::default();
    report.add_cost(&spent, sockets as u64);
    report.add("back_share", back as f64 / sockets as f64);
    report.add("seconds_to_all_back", time.as_secs_f64());
    report.add("closed", fleet.closed() as f64);
    Ok(report)
}
