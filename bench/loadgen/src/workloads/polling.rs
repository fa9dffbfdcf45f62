//! A provider broadcasts to followers on long-polling, which ask again after each answer.

use std::{
    io,
    time::{Duration, Instant},
};

use super::WARM_UP;
use crate::{
    arguments::Arguments,
    bridge,
    fleet::{Fleet, Greeting, Stall, WINDOW},
    network::Wait,
    polling::PollingFleet,
    report::Report,
    server::Server,
};

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let followers = arguments.count("sockets", 1000);
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let mut provider = Fleet::new(arguments.port)?;
    provider.open(1, 1, &Greeting::send(bridge::register_provider(bridge::PROVIDER)))?;
    let greeting = format!(r#"427["register_client",{{"master_provider_id":"{}"}}]"#, bridge::PROVIDER);
    let mut fleet = PollingFleet::new(arguments.port, greeting)?;
    fleet.open(followers, WINDOW)?;
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        round(&mut provider, &mut fleet, followers)?;
    }
    let (mut all, start) = (Vec::new(), Instant::now());
    let span = server.span()?;
    while start.elapsed() < time || all.is_empty() {
        all.push(round(&mut provider, &mut fleet, followers)?);
    }
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, (all.len() * followers) as u64);
    report.add_latencies("all", &mut all);
    Ok(report)
}

fn round(provider: &mut Fleet, fleet: &mut PollingFleet, followers: usize) -> io::Result<Duration> {
    let mut arrived = 0;
    let stall = Stall::new("broadcasting to polls");
    // It is heard as well: the server pings it.
    provider.poll(Wait::Spin, &mut |_, _, _| {})?;
    let start = Instant::now();
    provider.send(0, &bridge::burst(1))?;
    while arrived < followers {
        fleet.poll(Wait::Spin, &mut |packet| {
            arrived += usize::from(packet.as_bytes().starts_with(bridge::BROADCAST));
        })?;
        stall.check()?;
    }
    Ok(start.elapsed())
}
