//! A backend pushes to one user at a time, of many who are online, over several connections. A push is done, and the next
//! one sent, when its answer has come and its event has arrived, whichever is first.

use std::{
    io,
    time::{Duration, Instant},
};

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

/// Longer than elsewhere: a push goes through more code of a peer than an event does, and Node compiles as it goes.
const WARM_UP: Duration = Duration::from_secs(3);

/// The push that a caller has under way.
struct Push {
    user: usize,
    sequence: u64,
    sent_at: Instant,
    has_arrived: bool,
    is_answered: bool,
}

struct Pushes {
    app: App,
    users: usize,
    /// One for each caller. A sequence number tells its caller: callers take turns in them.
    open: Vec<Push>,
    random: app::Random,
    until_event: Vec<Duration>,
    until_answer: Vec<Duration>,
    done: u64,
    is_stopping: bool,
}

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let users = arguments.count("sockets", 10_000);
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let app = App::create(arguments)?;
    let mut fleet = app.open_members(users)?;
    let mut callers = Callers::open(arguments.port, arguments.count("callers", 16))?;
    let mut pushes = Pushes::begin(app, users, &mut callers)?;
    pushes.run_for(&mut fleet, &mut callers, WARM_UP)?;
    pushes.forget();
    fleet.reset_idle();
    let span = server.span()?;
    pushes.run_for(&mut fleet, &mut callers, time)?;
    let (spent, done) = (span.end()?, pushes.done);
    pushes.finish(&mut fleet, &mut callers)?;
    let mut report = Report::default();
    report.add_cost(&spent, done);
    report.add_latencies("event", &mut pushes.until_event);
    report.add_latencies("answer", &mut pushes.until_answer);
    report.add_generator(&fleet);
    Ok(report)
}

impl Pushes {
    fn begin(app: App, users: usize, callers: &mut Callers) -> io::Result<Self> {
        let nothing = |caller| Push {
            user: 0,
            sequence: FIRST_SEQUENCE + caller as u64,
            sent_at: Instant::now(),
            has_arrived: true,
            is_answered: true,
        };
        let mut pushes = Self {
            app,
            users,
            open: (0..callers.len()).map(nothing).collect(),
            random: app::Random(0),
            until_event: Vec::with_capacity(1 << 20),
            until_answer: Vec::with_capacity(1 << 20),
            done: 0,
            is_stopping: false,
        };
        for caller in 0..callers.len() {
            pushes.send(callers, caller)?;
        }
        Ok(pushes)
    }

    fn send(&mut self, callers: &mut Callers, caller: usize) -> io::Result<()> {
        let user = self.random.below(self.users);
        let sequence = self.open[caller].sequence + self.open.len() as u64;
        let request = self.app.push(user, sequence);
        let sent_at = Instant::now();
        self.open[caller] = Push { user, sequence, sent_at, has_arrived: false, is_answered: false };
        callers.ask(caller, &request)
    }

    /// An event has come to a socket: is it the right one, and the first of its push?
    fn take_event(&mut self, callers: &mut Callers, number: usize, packet: &[u8]) -> io::Result<()> {
        let unexpected =
            || io::Error::other(format!("unexpected at {number}: {}", String::from_utf8_lossy(packet)));
        let sequence = app::sequence(packet).ok_or_else(unexpected)?;
        let caller =
            (sequence.checked_sub(FIRST_SEQUENCE).ok_or_else(unexpected)? as usize) % self.open.len();
        let push = &mut self.open[caller];
        if push.sequence != sequence || push.user != number || push.has_arrived {
            return Err(unexpected());
        }
        push.has_arrived = true;
        self.until_event.push(push.sent_at.elapsed());
        self.go_on(callers, caller)
    }

    fn take_answer(&mut self, callers: &mut Callers, caller: usize, body: &str) -> io::Result<()> {
        if app::delivered(body) != Some(1) {
            return Err(io::Error::other(format!("a push to one socket was answered with {body}")));
        }
        let push = &mut self.open[caller];
        push.is_answered = true;
        self.until_answer.push(push.sent_at.elapsed());
        self.go_on(callers, caller)
    }

    fn go_on(&mut self, callers: &mut Callers, caller: usize) -> io::Result<()> {
        let push = &self.open[caller];
        if !(push.has_arrived && push.is_answered) {
            return Ok(());
        }
        self.done += 1;
        if self.is_stopping { Ok(()) } else { self.send(callers, caller) }
    }

    fn poll(&mut self, fleet: &mut Fleet, callers: &mut Callers) -> io::Result<()> {
        callers.poll(Wait::Spin, &mut |callers, caller, body| self.take_answer(callers, caller, body))?;
        let mut failure = None;
        fleet.poll(Wait::Spin, &mut |_, number, packet| {
            if let Err(error) = self.take_event(callers, number, packet) {
                failure = Some(error);
            }
        })?;
        fleet.expect_all()?;
        failure.map_or(Ok(()), Err)
    }

    fn run_for(&mut self, fleet: &mut Fleet, callers: &mut Callers, time: Duration) -> io::Result<()> {
        let start = Instant::now();
        while start.elapsed() < time {
            self.poll(fleet, callers)?;
        }
        Ok(())
    }

    /// Forgets what was measured so far.
    fn forget(&mut self) {
        self.until_event.clear();
        self.until_answer.clear();
        self.done = 0;
    }

    /// Waits for the pushes that are under way: none may be lost.
    fn finish(&mut self, fleet: &mut Fleet, callers: &mut Callers) -> io::Result<()> {
        self.is_stopping = true;
        let stall = Stall::new("waiting for the last pushes");
        while self.open.iter().any(|push| !(push.has_arrived && push.is_answered)) {
            self.poll(fleet, callers)?;
            stall.check()?;
        }
        Ok(())
    }
}
