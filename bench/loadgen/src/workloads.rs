//! What is measured, one file each. Every workload opens its clients, warms up, and measures a while.

mod acks;
mod broadcast;
mod burst;
mod changes;
mod comeback;
mod idle;
mod logins;
mod order;
mod polling;
mod push_all;
mod push_user;
mod requests;
mod slow_reader;
mod storm;

use std::{
    io,
    time::{Duration, Instant},
};

use crate::{
    arguments::Arguments,
    bridge,
    fleet::{Fleet, Greeting, Stall, WINDOW},
    network::Wait,
    report::Report,
    server::Server,
};

/// Time that a server gets to become warm before it is measured.
const WARM_UP: Duration = Duration::from_millis(700);

pub(crate) fn run(arguments: &Arguments) -> io::Result<Report> {
    let workload = match arguments.workload.as_str() {
        "broadcast" => broadcast::run,
        "floor" => broadcast::run_floor,
        "requests" => requests::run,
        "acks" => acks::run,
        "idle" => idle::run,
        "storm" => storm::run,
        "comeback" => comeback::run,
        "slow-reader" => slow_reader::run,
        "order" => order::run,
        "burst" => burst::run,
        "polling" => polling::run,
        "push-user" => push_user::run,
        "changes" => changes::run,
        "push-all" => push_all::run,
        "logins" => logins::run,
        "session-checks" => logins::run_checks,
        other => return Err(io::Error::other(format!("there is no workload {other:?}"))),
    };
    workload(arguments, &Server::new(arguments.pid))
}

/// A provider and its followers, in this order.
fn open_followers(port: u16, followers: usize) -> io::Result<Fleet> {
    let mut fleet = Fleet::new(port)?;
    fleet.open(1, 1, &Greeting::send(bridge::register_provider(bridge::PROVIDER)))?;
    fleet.open(followers, WINDOW, &Greeting::send(bridge::register_client()))?;
    Ok(fleet)
}

/// How long a round took.
struct Round {
    /// Until the first message had arrived.
    first: Duration,
    /// Until all had.
    all: Duration,
}

/// Sends `order` from the first client and waits until `expected` messages of this length have arrived.
fn round(fleet: &mut Fleet, order: &[u8], expected: u64, length: usize) -> io::Result<Round> {
    let (mut arrived, mut unexpected, mut first) = (0, 0, Duration::ZERO);
    let stall = Stall::new("broadcasting");
    let start = Instant::now();
    fleet.send(0, order)?;
    while arrived < expected {
        fleet.poll(Wait::Spin, &mut |_, _, message| {
            if arrived == 0 {
                first = start.elapsed();
            }
            arrived += 1;
            unexpected += u64::from(message.len() != length || !message.starts_with(bridge::BROADCAST));
        })?;
        stall.check()?;
        fleet.expect_all()?;
    }
    match unexpected {
        0 => Ok(Round { first, all: start.elapsed() }),
        _ => Err(io::Error::other(format!("{unexpected} messages are not the broadcast"))),
    }
}
