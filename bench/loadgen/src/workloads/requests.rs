//! Pairs of a client and a provider: `request_provider` → `new_request` → `provider_reply` → back at the client, which
//! then asks again.

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
    report::Report,
    server::Server,
};

/// Requesters have the even numbers, and each one's provider the odd number behind it.
struct Pairs {
    requests: Vec<Vec<u8>>,
    asked_at: Vec<Instant>,
    latencies: Vec<Duration>,
    open: usize,
    is_stopping: bool,
    failure: Option<io::Error>,
}

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let pairs = arguments.count("pairs", 100);
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let mut fleet = Fleet::new(arguments.port)?;
    for pair in 0..pairs {
        fleet.open(1, WINDOW, &Greeting::None)?;
        fleet.open(1, WINDOW, &Greeting::send(bridge::register_provider(&format!("bench-{pair}"))))?;
    }
    let mut pairs = Pairs::new(pairs);
    pairs.begin(&mut fleet)?;
    pairs.run_for(&mut fleet, WARM_UP)?;
    pairs.latencies.clear();
    fleet.reset_idle();
    let span = server.span()?;
    pairs.run_for(&mut fleet, time)?;
    let spent = span.end()?;
    let mut latencies = std::mem::take(&mut pairs.latencies);
    pairs.finish(&mut fleet)?;
    let mut report = Report::default();
    report.add_cost(&spent, latencies.len() as u64);
    report.add_latencies("trip", &mut latencies);
    report.add_generator(&fleet);
    Ok(report)
}

impl Pairs {
    fn new(pairs: usize) -> Self {
        let provider = |pair| format!("bench-{pair}");
        Self {
            requests: (0..pairs)
                .map(|pair| bridge::request(&provider(pair), bridge::FIRST_SEQUENCE))
                .collect(),
            asked_at: vec![Instant::now(); pairs],
            latencies: Vec::with_capacity(1 << 20),
            open: 0,
            is_stopping: false,
            failure: None,
        }
    }

    fn begin(&mut self, fleet: &mut Fleet) -> io::Result<()> {
        for pair in 0..self.requests.len() {
            self.ask(fleet, pair)?;
        }
        Ok(())
    }

    fn ask(&mut self, fleet: &mut Fleet, pair: usize) -> io::Result<()> {
        self.asked_at[pair] = Instant::now();
        self.open += 1;
        fleet.send(2 * pair, &self.requests[pair])
    }

    fn take(&mut self, fleet: &mut Fleet, number: usize, message: &[u8]) -> io::Result<()> {
        if number % 2 == 1 {
            let reply = bridge::reply(message).ok_or_else(|| unexpected(message))?;
            return fleet.send(number, &reply);
        }
        if !message.starts_with(bridge::REPLY) {
            return Err(unexpected(message));
        }
        self.latencies.push(self.asked_at[number / 2].elapsed());
        self.open -= 1;
        match self.is_stopping {
            true => Ok(()),
            false => self.ask(fleet, number / 2),
        }
    }

    fn poll(&mut self, fleet: &mut Fleet) -> io::Result<()> {
        fleet.poll(Wait::Spin, &mut |fleet, number, message| {
            if let Err(error) = self.take(fleet, number, message) {
                self.failure = Some(error);
            }
        })?;
        fleet.expect_all()?;
        self.failure.take().map_or(Ok(()), Err)
    }

    fn run_for(&mut self, fleet: &mut Fleet, time: Duration) -> io::Result<()> {
        let start = Instant::now();
        while start.elapsed() < time {
            self.poll(fleet)?;
        }
        Ok(())
    }

    /// Waits for the requests that are on their way: none may be lost.
    fn finish(&mut self, fleet: &mut Fleet) -> io::Result<()> {
        self.is_stopping = true;
        let stall = Stall::new("waiting for the last replies");
        while self.open > 0 {
            self.poll(fleet)?;
            stall.check()?;
        }
        Ok(())
    }
}

fn unexpected(message: &[u8]) -> io::Error {
    io::Error::other(format!("unexpected: {}", String::from_utf8_lossy(message)))
}
