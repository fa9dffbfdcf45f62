//! Counts what a shard of the hub allocates and executes for each operation: numbers that don't depend on the machine's
//! mood, so that they can have thresholds. `counts allocations`, `counts instructions` (needs valgrind); both fail if a
//! threshold is exceeded.
//!
//! | Module | Its part |
//! |---|---|
//! | `allocator` | the system's allocator, counting |
//! | `harness` | a shard with the bridge on it, driven as a transport drives it |
//! | `scenario` | the operations that are counted |
//! | `allocations`, `instructions` | the two reports |
//!
//! It knows no network and no clock: what the kernel and the transport cost is measured by the load generator.

mod allocations;
mod allocator;
mod harness;
mod instructions;
mod scenario;
mod threshold;

use std::process::ExitCode;

use scenario::Scenario;
use threshold::Finding;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["allocations"] => judge("allocations", &allocations::count()),
        ["instructions"] => match instructions::count() {
            Ok(findings) => judge("instructions", &findings),
            Err(error) => fail(&format!("cannot count instructions: {error}")),
        },
        // What the report on instructions runs under valgrind.
        ["run", name, rounds] => match (Scenario::named(name), rounds.parse()) {
            (Some(scenario), Ok(rounds)) => {
                scenario.prepare().run(rounds);
                ExitCode::SUCCESS
            }
            _ => fail("usage: counts run SCENARIO ROUNDS"),
        },
        _ => fail("usage: counts allocations|instructions"),
    }
}

fn judge(title: &str, findings: &[Finding]) -> ExitCode {
    println!("{title}");
    for finding in findings {
        println!("{finding}");
    }
    match findings.iter().all(Finding::is_within) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
