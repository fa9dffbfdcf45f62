//! Clients that each send an event with an ack, and the next one when it is acknowledged. The event is `register_client`
//! with the provider that the client follows already, as clients send it that aren't sure.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{WARM_UP, open_followers};
use crate::{arguments::Arguments, bridge, fleet::Fleet, network::Wait, report::Report, server::Server};

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let sockets = arguments.count("sockets", 200);
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let mut fleet = open_followers(arguments.port, sockets)?;
    let event = bridge::register_client();
    let mut sent_at = vec![Instant::now(); 1 + sockets];
    for (number, sent_at) in sent_at.iter_mut().enumerate().skip(1) {
        *sent_at = Instant::now();
        fleet.send(number, &event)?;
    }
    run_for(&mut fleet, &event, &mut sent_at, WARM_UP)?;
    fleet.reset_idle();
    let span = server.span()?;
    let mut latencies = run_for(&mut fleet, &event, &mut sent_at, time)?;
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, latencies.len() as u64);
    report.add_latencies("trip", &mut latencies);
    report.add_generator(&fleet);
    Ok(report)
}

fn run_for(
    fleet: &mut Fleet,
    event: &[u8],
    sent_at: &mut [Instant],
    time: Duration,
) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(1 << 20);
    let mut failure = None;
    let start = Instant::now();
    while start.elapsed() < time {
        fleet.poll(Wait::Spin, &mut |fleet, number, message| {
            let sent = match message.starts_with(br#"437[{"#) {
                true => {
                    latencies.push(sent_at[number].elapsed());
                    sent_at[number] = Instant::now();
                    fleet.send(number, event)
                }
                false => Err(io::Error::other(format!("unexpected: {}", String::from_utf8_lossy(message)))),
            };
            if let Err(error) = sent {
                failure = Some(error);
            }
        })?;
        fleet.expect_all()?;
        if let Some(error) = failure.take() {
            return Err(error);
        }
    }
    Ok(latencies)
}
