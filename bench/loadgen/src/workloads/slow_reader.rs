//! One of many followers stops reading while its provider goes on. What it does to the others, to the server's memory,
//! and to itself: is it told that it missed something?

use std::{
    io,
    time::{Duration, Instant},
};

use super::open_followers;
use crate::{
    arguments::Arguments,
    bridge,
    fleet::{Fleet, Greeting, Stall},
    network::Wait,
    report::Report,
    server::Server,
};

/// Rounds between two looks at the memory.
const ROUNDS_PER_LOOK: u64 = 25;

/// How long nothing may come before a reader is taken to have got all that it will get.
const SILENCE: Duration = Duration::from_secs(2);

struct Load {
    /// Followers that read.
    readers: usize,
    payload_bytes: usize,
    rounds: u64,
    next_sequence: u64,
}

/// What a stretch of broadcasts showed.
struct Stretch {
    latencies: Vec<Duration>,
    peak_bytes: u64,
}

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let mut load = Load {
        readers: arguments.count("sockets", 1000) - 1,
        payload_bytes: arguments.count("bytes", 8000),
        rounds: arguments.number("rounds", 1500),
        next_sequence: bridge::FIRST_SEQUENCE,
    };
    let mut fleet = open_followers(arguments.port, load.readers)?;
    fleet.open_small(&Greeting::send(bridge::register_client()))?;
    let slow = fleet.len() - 1;
    load.run(&mut fleet, server, load.rounds / 5)?;
    let mut without = load.run(&mut fleet, server, load.rounds)?;
    fleet.freeze(slow)?;
    let mut late = LateReading { next: load.next_sequence, got: 0, gaps: 0 };
    let mut with = load.run(&mut fleet, server, load.rounds)?;
    if !fleet.is_closed(slow) {
        fleet.thaw(slow)?;
    }
    late.read(&mut fleet, slow)?;
    // Only another message shows whether the end of the others is missing.
    load.broadcast(&mut fleet)?;
    late.read(&mut fleet, slow)?;

    let mut report = Report::default();
    report.add_latencies("without", &mut without.latencies);
    report.add_latencies("with", &mut with.latencies);
    report.add("without_peak_bytes", without.peak_bytes as f64);
    report.add("memory_growth_bytes", with.peak_bytes as f64 - without.peak_bytes as f64);
    report.add("slow_sent", 1.0 + load.rounds as f64);
    report.add("slow_got", late.got as f64);
    report.add("slow_gaps", late.gaps as f64);
    report.add("slow_was_cut", f64::from(u8::from(fleet.is_closed(slow))));
    report.add("others_cut", (fleet.closed() - usize::from(fleet.is_closed(slow))) as f64);
    Ok(report)
}

impl Load {
    fn run(&mut self, fleet: &mut Fleet, server: &Server, rounds: u64) -> io::Result<Stretch> {
        let mut stretch = Stretch { latencies: Vec::new(), peak_bytes: server.resident_bytes()? };
        for round in 0..rounds {
            self.round(fleet, &mut stretch.latencies)?;
            if round % ROUNDS_PER_LOOK == 0 {
                stretch.peak_bytes = stretch.peak_bytes.max(server.resident_bytes()?);
            }
        }
        Ok(stretch)
    }

    /// One broadcast, until all that read have it.
    fn round(&mut self, fleet: &mut Fleet, latencies: &mut Vec<Duration>) -> io::Result<()> {
        let slow = fleet.len() - 1;
        let stall = Stall::new("broadcasting beside a slow reader");
        let mut arrived = 0;
        let start = self.broadcast(fleet)?;
        while arrived < self.readers {
            fleet.poll(Wait::Spin, &mut |_, number, _| {
                if number != slow {
                    arrived += 1;
                    latencies.push(start.elapsed());
                }
            })?;
            stall.check()?;
        }
        Ok(())
    }

    fn broadcast(&mut self, fleet: &mut Fleet) -> io::Result<Instant> {
        let payload = bridge::large_payload(self.next_sequence, self.payload_bytes);
        self.next_sequence += 1;
        let broadcast = bridge::broadcast(&payload);
        let start = Instant::now();
        fleet.send(0, &broadcast)?;
        Ok(start)
    }
}

/// What the slow reader finds once it reads again.
struct LateReading {
    next: u64,
    got: u64,
    /// Messages that are missing between two that came: losses of which it wasn't told.
    gaps: u64,
}

impl LateReading {
    /// Reads until nothing comes any more.
    fn read(&mut self, fleet: &mut Fleet, slow: usize) -> io::Result<()> {
        let mut last_arrival = Instant::now();
        while !fleet.is_closed(slow) && last_arrival.elapsed() < SILENCE {
            fleet.poll(Wait::Millis(20), &mut |_, number, message| {
                // What it hadn't read when it stopped may still be from before.
                let sequence = bridge::sequence(message).filter(|s| number == slow && *s >= self.next);
                let Some(sequence) = sequence else { return };
                self.got += 1;
                self.gaps += sequence - self.next;
                self.next = sequence + 1;
                last_arrival = Instant::now();
            })?;
        }
        Ok(())
    }
}
