//! Instructions for each operation, counted by callgrind. Two runs of different length are subtracted, so that what
//! starting costs doesn't count.

use std::{
    env, io,
    process::{Command, Stdio},
};

use crate::{scenario::Scenario, threshold::Finding};

pub(crate) fn count() -> io::Result<Vec<Finding>> {
    let finding = |name, scenario, at_most| Ok(Finding { name, number: per_operation(scenario)?, at_most });
    [
        finding("per delivery of a broadcast", Scenario::Broadcast, 325.0),
        finding("per event with ack", Scenario::Ack, 7_400.0),
        finding("per request and reply", Scenario::Request, 24_000.0),
    ]
    .into_iter()
    .collect()
}

fn per_operation(scenario: Scenario) -> io::Result<f64> {
    let (few, many) = match scenario {
        Scenario::Broadcast => (10, 60),
        Scenario::Ack | Scenario::Request => (100, 1100),
    };
    let instructions = run(scenario, many)? - run(scenario, few)?;
    Ok(instructions as f64 / ((many - few) * scenario.operations_per_round()) as f64)
}

fn run(scenario: Scenario, rounds: u64) -> io::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["run", scenario.name(), &rounds.to_string()])
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    collected
        .and_then(|(_, number)| number.trim().parse().ok())
        .filter(|_| output.status.success())
        .ok_or_else(|| io::Error::other(format!("valgrind says: {text}")))
}
