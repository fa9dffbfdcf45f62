//! A backend pushes to everyone in the app, and again when all of them have it and the push is answered.

use std::{
    io,
    time::{Duration, Instant},
};

use super::WARM_UP;
use crate::{
    app::{self, App},
    arguments::Arguments,
    bridge::FIRST_SEQUENCE,
    callers::Callers,
    fleet::{Fleet, Stall},
    network::Wait,
    report::Report,
    server::Server,
};

struct Everyone {
    app: App,
    fleet: Fleet,
    backend: Callers,
    sequence: u64,
}

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let app = App::create(arguments)?;
    let fleet = app.open_members(arguments.count("sockets", 5000))?;
    let backend = Callers::open(arguments.port, 1)?;
    let mut everyone = Everyone { app, fleet, backend, sequence: FIRST_SEQUENCE };
    everyone.run_for(WARM_UP)?;
    everyone.fleet.reset_idle();
    let span = server.span()?;
    let mut all = everyone.run_for(time)?;
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, (all.len() * everyone.fleet.len()) as u64);
    report.add_latencies("all", &mut all);
    report.add_generator(&everyone.fleet);
    Ok(report)
}

impl Everyone {
    fn run_for(&mut self, time: Duration) -> io::Result<Vec<Duration>> {
        let (start, mut rounds) = (Instant::now(), Vec::new());
        while start.elapsed() < time || rounds.is_empty() {
            rounds.push(self.round()?);
        }
        Ok(rounds)
    }

    /// One push; returns the time until everyone had it.
    fn round(&mut self) -> io::Result<Duration> {
        self.sequence += 1;
        let (request, expected) = (self.app.push_to_all(self.sequence), app::pushed(self.sequence));
        let (start, stall) = (Instant::now(), Stall::new("pushing to everyone"));
        let (mut arrived, mut unexpected, mut answered, mut all) = (0, 0, None, Duration::ZERO);
        self.backend.ask(0, &request)?;
        while arrived < self.fleet.len() || answered.is_none() {
            self.fleet.poll(Wait::Spin, &mut |_, _, packet| {
                arrived += 1;
                unexpected += usize::from(packet != expected.as_bytes());
                all = start.elapsed();
            })?;
            self.backend.poll(Wait::Spin, &mut |_, _, body| {
                answered = Some(body.to_owned());
                Ok(())
            })?;
            stall.check()?;
            self.fleet.expect_all()?;
        }
        let delivered = answered.as_deref().and_then(app::delivered);
        match unexpected == 0 && delivered == Some(self.fleet.len()) {
            true => Ok(all),
            false => {
                Err(io::Error::other(format!("{unexpected} unexpected messages; answered {answered:?}")))
            }
        }
    }
}
