//! A backend changes objects, one for each of many users who are online. Without a scenario a change is done when it is answered;
//! with one that pushes the change to the object's user, when its event has arrived as well. As fast as it goes over several
//! connections, or so many a second: then a latency counts from when its change was due.

use std::{
    collections::VecDeque,
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

const WARM_UP: Duration = Duration::from_secs(2);

/// The change that a caller has under way.
#[derive(Clone, Copy)]
struct Change {
    object: usize,
    sequence: u64,
    due_at: Instant,
    has_arrived: bool,
    is_answered: bool,
}

/// When changes are sent.
enum Pace {
    /// Whenever a caller is free.
    AsFastAsItGoes,
    Every { interval: Duration, next: Instant },
}

struct Changes {
    app: App,
    objects: usize,
    has_scenario: bool,
    pace: Pace,
    /// One for each caller. A sequence number tells its caller: callers take turns in them.
    open: Vec<Change>,
    free: VecDeque<usize>,
    random: app::Random,
    until_event: Vec<Duration>,
    until_answer: Vec<Duration>,
    done: u64,
}

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let objects = arguments.count("sockets", 1_000);
    let time = Duration::from_secs(arguments.number("seconds", 3));
    let has_scenario = arguments.number("scenario", 0) == 1;
    let app = App::create(arguments)?;
    let mut fleet = app.open_members(objects)?;
    app.create_orders(objects, has_scenario)?;
    let mut callers = Callers::open(arguments.port, arguments.count("callers", 16))?;
    let pace = match arguments.number("rate", 0) {
        0 => Pace::AsFastAsItGoes,
        rate => Pace::Every { interval: Duration::from_secs(1) / rate as u32, next: Instant::now() },
    };
    let mut changes = Changes::new(app, objects, has_scenario, pace, callers.len());
    changes.run_for(&mut fleet, &mut callers, WARM_UP)?;
    changes.forget();
    fleet.reset_idle();
    let span = server.span()?;
    changes.run_for(&mut fleet, &mut callers, time)?;
    let (spent, done) = (span.end()?, changes.done);
    changes.finish(&mut fleet, &mut callers)?;
    let mut report = Report::default();
    report.add_cost(&spent, done);
    report.add_latencies("event", &mut changes.until_event);
    report.add_latencies("answer", &mut changes.until_answer);
    report.add_generator(&fleet);
    Ok(report)
}

impl Changes {
    fn new(app: App, objects: usize, has_scenario: bool, pace: Pace, callers: usize) -> Self {
        let nothing = |caller| Change {
            object: 0,
            sequence: FIRST_SEQUENCE + caller as u64,
            due_at: Instant::now(),
            has_arrived: true,
            is_answered: true,
        };
        Self {
            app,
            objects,
            has_scenario,
            pace,
            open: (0..callers).map(nothing).collect(),
            free: (0..callers).collect(),
            random: app::Random(0),
            until_event: Vec::with_capacity(1 << 20),
            until_answer: Vec::with_capacity(1 << 20),
            done: 0,
        }
    }

    /// When the next change is due; `None` if not yet.
    fn due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        match &mut self.pace {
            Pace::AsFastAsItGoes => Some(now),
            Pace::Every { interval, next } if *next <= now => {
                let due_at = *next;
                *next += *interval;
                Some(due_at)
            }
            Pace::Every { .. } => None,
        }
    }

    fn send_due(&mut self, callers: &mut Callers) -> io::Result<()> {
        while !self.free.is_empty() {
            let Some(due_at) = self.due() else { return Ok(()) };
            let Some(caller) = self.free.pop_front() else { return Ok(()) };
            let object = self.random.below(self.objects);
            let sequence = self.open[caller].sequence + self.open.len() as u64;
            let has_arrived = !self.has_scenario;
            self.open[caller] = Change { object, sequence, due_at, has_arrived, is_answered: false };
            callers.ask(caller, &self.app.change_order(object, sequence))?;
        }
        Ok(())
    }

    /// An event has come to a socket: is it the right one, and the first of its change?
    fn take_event(&mut self, number: usize, packet: &[u8]) -> io::Result<()> {
        let unexpected =
            || io::Error::other(format!("unexpected at {number}: {}", String::from_utf8_lossy(packet)));
        let sequence = app::sequence(packet).ok_or_else(unexpected)?;
        let caller = (sequence.checked_sub(FIRST_SEQUENCE).ok_or_else(unexpected)? as usize) % self.open.len();
        let change = &mut self.open[caller];
        if change.sequence != sequence || change.object != number || change.has_arrived {
            return Err(unexpected());
        }
        change.has_arrived = true;
        self.until_event.push(change.due_at.elapsed());
        self.note_done(caller);
        Ok(())
    }

    fn note_done(&mut self, caller: usize) {
        let change = self.open[caller];
        if change.has_arrived && change.is_answered {
            self.done += 1;
            self.free.push_back(caller);
        }
    }

    fn poll(&mut self, fleet: &mut Fleet, callers: &mut Callers) -> io::Result<()> {
        callers.poll(Wait::Spin, &mut |_, caller, _| {
            let change = &mut self.open[caller];
            change.is_answered = true;
            self.until_answer.push(change.due_at.elapsed());
            self.note_done(caller);
            Ok(())
        })?;
        let mut failure = None;
        fleet.poll(Wait::Spin, &mut |_, number, packet| {
            if let Err(error) = self.take_event(number, packet) {
                failure = Some(error);
            }
        })?;
        fleet.expect_all()?;
        failure.map_or(Ok(()), Err)
    }

    fn run_for(&mut self, fleet: &mut Fleet, callers: &mut Callers, time: Duration) -> io::Result<()> {
        let start = Instant::now();
        if let Pace::Every { next, .. } = &mut self.pace {
            *next = start;
        }
        while start.elapsed() < time {
            self.send_due(callers)?;
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

    /// Waits for the changes that are under way: none may be lost.
    fn finish(&mut self, fleet: &mut Fleet, callers: &mut Callers) -> io::Result<()> {
        let stall = Stall::new("waiting for the last changes");
        while self.free.len() < self.open.len() {
            self.poll(fleet, callers)?;
            stall.check()?;
        }
        Ok(())
    }
}
