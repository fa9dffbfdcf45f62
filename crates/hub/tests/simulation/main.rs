//! A deterministic simulation of whole servers: shards, the mail between them, and clients that come, talk, read slowly,
//! vanish and return, over a clock and a network that exist only here.
//!
//! | Module | Its part |
//! |---|---|
//! | `random` | the only source of chance: a seed gives one run |
//! | `oracle` | what each socket has to hear, reckoned without the hub |
//! | `chat` | the application: does what clients ask for, and tells the oracle |
//! | `client` | reads the wire as stock clients do, and checks it against the oracle |
//! | `world` | drives shards as the transport does, and decides who does what when |
//!
//! A failure names its seed; `SIMULATION_SEED=<n>` runs that one again.

mod chat;
mod client;
mod oracle;
mod random;
mod world;

use std::time::Duration;

use campanile_hub::{Options, RecoveryOptions};

use crate::world::{Outcome, Plan, World};

const SEED: u64 = 1;

fn seed() -> u64 {
    std::env::var("SIMULATION_SEED").map_or(SEED, |seed| seed.parse().expect("SIMULATION_SEED is a number"))
}

fn options(recovery: Option<RecoveryOptions>) -> Options {
    Options {
        ping_interval: Duration::from_secs(5),
        ping_timeout: Duration::from_secs(4),
        connect_timeout: Duration::from_secs(8),
        outbox_bytes_max: 10 << 10,
        recovery,
        ..Options::default()
    }
}

fn recovery() -> RecoveryOptions {
    RecoveryOptions { max_disconnection: Duration::from_secs(20), ..RecoveryOptions::default() }
}

/// Says which seed to use again if the run fails.
struct Announce(u64);

impl Drop for Announce {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to repeat this run: SIMULATION_SEED={}", self.0);
        }
    }
}

fn run(plan: &Plan) -> Outcome {
    let seed = seed();
    let _announce = Announce(seed);
    World::new(seed, plan).run()
}

/// Runs a plan, and makes sure that it wasn't quiet: a simulation in which nothing happens finds nothing.
fn keeps_its_promises(plan: &Plan) {
    let tally = run(plan).tally;
    let mut happened = vec![
        ("events", tally.heard),
        ("volatile losses", tally.volatile_lost),
        ("answers", tally.answers),
        ("overflows", tally.overflows),
        ("ping timeouts", tally.ping_timeouts),
        ("silent losses", tally.vanished),
        ("upgrades", tally.upgrades),
        ("acks", tally.acks),
        ("late admissions", tally.admitted_later),
        ("fresh starts", tally.started_over),
    ];
    if plan.options.recovery.is_some() {
        happened.push(("recoveries", tally.recovered));
        happened.push(("recoveries twice in a row", tally.recovered_again));
        assert!(tally.started_over * 2 < tally.recovered, "too many sessions get lost: {tally:?}");
        if plan.shards > 1 {
            happened.push(("recoveries on another shard", tally.recovered_elsewhere));
        }
    }
    for (what, count) in happened {
        assert!(count > 0, "the run had no {what}: {tally:?}");
    }
}

#[test]
fn one_shard_keeps_its_promises_without_recovery() {
    keeps_its_promises(&Plan { shards: 1, clients: 600, steps: 600, options: options(None) });
}

#[test]
fn one_shard_keeps_its_promises() {
    keeps_its_promises(&Plan { shards: 1, clients: 400, steps: 900, options: options(Some(recovery())) });
}

#[test]
fn two_shards_keep_their_promises() {
    let recovery = recovery();
    keeps_its_promises(&Plan { shards: 2, clients: 500, steps: 900, options: options(Some(recovery)) });
}

#[test]
fn four_shards_keep_their_promises() {
    keeps_its_promises(&Plan { shards: 4, clients: 1_000, steps: 700, options: options(Some(recovery())) });
}

#[test]
fn four_shards_keep_their_promises_without_recovery() {
    keeps_its_promises(&Plan { shards: 4, clients: 400, steps: 500, options: options(None) });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let plan = Plan { shards: 3, clients: 120, steps: 400, options: options(Some(recovery())) };
    let first = run(&plan).hash;
    assert_eq!(first, run(&plan).hash);
    assert_ne!(first, World::new(seed() + 1, &plan).run().hash, "the run doesn't depend on the seed");
}
