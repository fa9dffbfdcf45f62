//! A provider broadcasts, one round after the other, to all its followers; and the same bytes without a hub.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{WARM_UP, open_followers, round};
use crate::{arguments::Arguments, bridge, fleet::Fleet, frame, report::Report, server::Server};

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let (followers, burst) = (arguments.count("sockets", 1000), arguments.count("burst", 1));
    let fleet = open_followers(arguments.port, followers)?;
    measure(arguments, server, fleet, &bridge::burst(burst), followers * burst)
}

/// The floor is told once which bytes a follower would get, and then with one byte per round to send them.
pub(crate) fn run_floor(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let (receivers, burst) = (arguments.count("sockets", 1000), arguments.count("burst", 1));
    let mut fleet = Fleet::new(arguments.port)?;
    fleet.open_plain(1 + receivers)?;
    let frame = frame::unmasked(&bridge::delivered(&bridge::payload(bridge::FIRST_SEQUENCE)));
    let message = frame.repeat(burst);
    fleet.send(0, &(message.len() as u32).to_le_bytes())?;
    fleet.send(0, &message)?;
    measure(arguments, server, fleet, b"!", receivers * burst)
}

fn measure(
    arguments: &Arguments,
    server: &Server,
    mut fleet: Fleet,
    order: &[u8],
    deliveries: usize,
) -> io::Result<Report> {
    let (expected, time) = (deliveries as u64, Duration::from_secs(arguments.number("seconds", 3)));
    let length = bridge::delivered(&bridge::payload(bridge::FIRST_SEQUENCE)).len();
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        round(&mut fleet, order, expected, length)?;
    }
    fleet.reset_idle();
    let (mut first, mut all) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let span = server.span()?;
    while start.elapsed() < time || all.is_empty() {
        let round = round(&mut fleet, order, expected, length)?;
        first.push(round.first);
        all.push(round.all);
    }
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, all.len() as u64 * expected);
    report.add_latencies("first", &mut first);
    report.add_latencies("all", &mut all);
    report.add_generator(&fleet);
    Ok(report)
}
