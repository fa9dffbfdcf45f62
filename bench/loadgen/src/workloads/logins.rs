//! Front ends log in with right passwords, or ask whether their sessions are alive, over several connections, each again
//! when it is answered.

use std::{
    io,
    time::{Duration, Instant},
};

use super::WARM_UP;
use crate::{
    app::App, arguments::Arguments, callers::Callers, network::Wait, report::Report, server::Server,
};

/// What a right login's answer contains, and the check of a live session.
const LOGGED_IN: &str = r#""token":""#;
const ALIVE: &str = r#""result":true"#;

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let users = arguments.count("users", 200);
    let app = App::create(arguments)?;
    app.create_users_with_password(users)?;
    let requests = (0..users).map(|number| app.login(number)).collect();
    measure(arguments, server, requests, LOGGED_IN)
}

pub(crate) fn run_checks(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let users = arguments.count("users", 200);
    let app = App::create(arguments)?;
    app.create_users(users)?;
    let requests = app.open_sessions(users)?.iter().map(|session| app.check(session)).collect();
    measure(arguments, server, requests, ALIVE)
}

/// Callers that send these requests in turn.
struct Turn {
    callers: Callers,
    requests: Vec<Vec<u8>>,
    next: usize,
    sent_at: Vec<Instant>,
    /// What an answer has to contain.
    yes: &'static str,
}

fn measure(
    arguments: &Arguments,
    server: &Server,
    requests: Vec<Vec<u8>>,
    yes: &'static str,
) -> io::Result<Report> {
    let callers = Callers::open(arguments.port, arguments.count("callers", 16))?;
    let sent_at = vec![Instant::now(); callers.len()];
    let mut turn = Turn { callers, requests, next: 0, sent_at, yes };
    for number in 0..turn.callers.len() {
        turn.ask(number)?;
    }
    turn.run_for(WARM_UP)?;
    turn.callers.reset_idle();
    let span = server.span()?;
    let mut latencies = turn.run_for(Duration::from_secs(arguments.number("seconds", 3)))?;
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, latencies.len() as u64);
    report.add_latencies("answer", &mut latencies);
    report.add("generator_idle", turn.callers.idle_share());
    Ok(report)
}

impl Turn {
    fn ask(&mut self, number: usize) -> io::Result<()> {
        let request = &self.requests[self.next];
        self.next = (self.next + 1) % self.requests.len();
        self.sent_at[number] = Instant::now();
        self.callers.ask(number, request)
    }

    fn run_for(&mut self, time: Duration) -> io::Result<Vec<Duration>> {
        let (start, mut latencies) = (Instant::now(), Vec::with_capacity(1 << 20));
        while start.elapsed() < time {
            let mut answered = Vec::new();
            self.callers.poll(Wait::Spin, &mut |_, number, body| match body.contains(self.yes) {
                true => {
                    answered.push(number);
                    Ok(())
                }
                false => Err(io::Error::other(format!("a right request was answered with {body}"))),
            })?;
            for number in answered {
                latencies.push(self.sent_at[number].elapsed());
                self.ask(number)?;
            }
        }
        Ok(latencies)
    }
}
