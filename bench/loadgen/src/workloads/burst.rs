//! Many events at once to a few healthy followers: in one handler of the server, or sent by the provider in one piece.
//! How many are missing, and are the others in order?

use std::{
    io,
    time::{Duration, Instant},
};

use super::open_followers;
use crate::{arguments::Arguments, bridge, fleet::Fleet, network::Wait, report::Report, server::Server};

/// How long nothing may come before the rest is taken to be lost.
const SILENCE: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Arguments, _: &Server) -> io::Result<Report> {
    let (followers, events) = (arguments.count("sockets", 10), arguments.count("events", 2000));
    let mut report = Report::default();
    let mut add = |name: &str, arrived: u64| {
        report.add(format!("{name}_missing"), (followers * events) as f64 - arrived as f64);
    };
    let mut fleet = open_followers(arguments.port, followers)?;
    add("pipelined", arrivals(&mut fleet, &bridge::burst(events), followers * events)?);
    if arguments.number("handler", 0) == 1 {
        let payload = bridge::payload(bridge::FIRST_SEQUENCE);
        let flood = bridge::event("flood", &format!(r#"{{"count":{events},"payload":{payload}}}"#));
        add("handler", arrivals(&mut fleet, &flood, followers * events)?);
    }
    report.add("expected", (followers * events) as f64);
    report.add("closed", fleet.closed() as f64);
    Ok(report)
}

fn arrivals(fleet: &mut Fleet, order: &[u8], expected: usize) -> io::Result<u64> {
    let mut arrived = 0;
    let mut last_arrival = Instant::now();
    fleet.send(0, order)?;
    while arrived < expected as u64 && last_arrival.elapsed() < SILENCE {
        fleet.poll(Wait::Millis(20), &mut |_, _, message| {
            arrived += u64::from(message.starts_with(bridge::BROADCAST));
            last_arrival = Instant::now();
        })?;
    }
    Ok(arrived)
}
