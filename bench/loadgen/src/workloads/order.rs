//! One client sends several events in one piece, again and again, on servers with several threads: do they arrive in
//! the order in which they were sent? As broadcasts to followers, and as requests to providers.

use std::io;

use crate::{
    arguments::Arguments,
    bridge,
    fleet::{Fleet, Greeting, Stall, WINDOW},
    network::Wait,
    report::Report,
    server::Server,
};

/// Events in one piece.
const SIZES: [usize; 3] = [2, 8, 32];

/// Followers, and providers.
const RECEIVERS: usize = 8;

/// How many clients are opened at most to find receivers on every shard.
const CLIENTS_MAX: usize = 400;

pub(crate) fn run(arguments: &Arguments, _: &Server) -> io::Result<Report> {
    let (batches, shards) = (arguments.number("batches", 100), arguments.count("shards", 0));
    let mut report = Report::default();
    let mut total = 0;
    for size in SIZES {
        let broadcasts = broadcasts(arguments.port, shards, size, batches)?;
        let requests = requests(arguments.port, shards, size, batches)?;
        report.add(format!("broadcasts_{size}_out_of_order"), broadcasts as f64);
        report.add(format!("requests_{size}_out_of_order"), requests as f64);
        total += broadcasts + requests;
    }
    report.add("batches", (2 * SIZES.len() as u64 * batches) as f64);
    report.add("out_of_order", total as f64);
    Ok(report)
}

/// Batches of broadcasts that reach at least one follower out of order.
fn broadcasts(port: u16, shards: usize, size: usize, batches: u64) -> io::Result<u64> {
    let mut fleet = Fleet::new(port)?;
    fleet.open(1, WINDOW, &Greeting::send(bridge::register_provider(bridge::PROVIDER)))?;
    let follow = Greeting::send(bridge::register_client());
    open_receivers(&mut fleet, shards, |_| follow.clone())?;
    let receivers = fleet.len() - 1;
    let mut out_of_order = 0;
    for _ in 0..batches {
        let events = pipeline(size, |sequence| bridge::broadcast(&bridge::payload(sequence)));
        out_of_order +=
            u64::from(!arrives_in_order(&mut fleet, &events, size * receivers, bridge::BROADCAST)?);
    }
    Ok(out_of_order)
}

/// Batches of requests that reach their provider out of order; the providers are asked in turn.
fn requests(port: u16, shards: usize, size: usize, batches: u64) -> io::Result<u64> {
    let mut fleet = Fleet::new(port)?;
    fleet.open(1, WINDOW, &Greeting::None)?;
    open_receivers(&mut fleet, shards, |number| {
        Greeting::send(bridge::register_provider(&format!("order-{number}")))
    })?;
    let mut out_of_order = 0;
    for batch in 0..batches {
        let provider_id = format!("order-{}", 1 + batch as usize % (fleet.len() - 1));
        let events = pipeline(size, |sequence| bridge::request(&provider_id, sequence));
        out_of_order += u64::from(!arrives_in_order(&mut fleet, &events, size, bridge::REQUEST)?);
    }
    Ok(out_of_order)
}

/// Opens receivers; where sessions name their shard, until every shard has some.
fn open_receivers(fleet: &mut Fleet, shards: usize, greeting: impl Fn(usize) -> Greeting) -> io::Result<()> {
    let mut per_shard = vec![0; shards];
    while fleet.len() <= RECEIVERS || per_shard.iter().any(|count| *count < RECEIVERS / 2) {
        if fleet.len() > CLIENTS_MAX {
            return Err(io::Error::other("the connections don't reach every shard"));
        }
        let number = fleet.len();
        fleet.open(1, 1, &greeting(number))?;
        if let Some(count) = shard_of(fleet.sid(number)).and_then(|shard| per_shard.get_mut(shard)) {
            *count += 1;
        }
    }
    Ok(())
}

/// The hub's ids are base64 whose first byte is the number of the shard; small numbers are all that is needed here.
fn shard_of(sid: &str) -> Option<usize> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let [first, second, ..] = *sid.as_bytes() else { return None };
    Some(usize::from(digit(first)?) << 2 | usize::from(digit(second)? >> 4))
}

fn pipeline(size: usize, event: impl Fn(u64) -> Vec<u8>) -> Vec<u8> {
    (0..size as u64).flat_map(|index| event(bridge::FIRST_SEQUENCE + index)).collect()
}

fn arrives_in_order(fleet: &mut Fleet, events: &[u8], expected: usize, name: &[u8]) -> io::Result<bool> {
    let mut next = vec![bridge::FIRST_SEQUENCE; fleet.len()];
    let (mut arrived, mut is_in_order) = (0, true);
    let stall = Stall::new("waiting for a batch");
    fleet.send(0, events)?;
    while arrived < expected {
        fleet.poll(Wait::Millis(100), &mut |_, number, message| {
            if message.starts_with(name) {
                arrived += 1;
                is_in_order &= bridge::sequence(message) == Some(next[number]);
                next[number] += 1;
            }
        })?;
        stall.check()?;
        fleet.expect_all()?;
    }
    Ok(is_in_order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_is_the_first_byte_of_an_id() {
        assert_eq!(shard_of("AAbc"), Some(0));
        assert_eq!(shard_of("AP00"), Some(0));
        assert_eq!(shard_of("AQ00"), Some(1));
        assert_eq!(shard_of("Ag00"), Some(2));
        assert_eq!(shard_of(""), None);
    }
}
