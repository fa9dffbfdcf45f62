//! Calls of the allocator for each operation, and bytes that stay allocated for each idle connection.

use crate::{
    allocator::Allocated,
    harness::Harness,
    scenario::{REGISTER_CLIENT, REGISTER_PROVIDER, Scenario},
    threshold::Finding,
};

const ROUNDS: u64 = 1000;

/// So many that what grows by doubling has just grown: the number is an upper bound, and stays the same.
const CONNECTIONS: u64 = 10_000;

pub(crate) fn count() -> Vec<Finding> {
    let (calls, bytes) = per_connection();
    vec![
        Finding {
            name: "per delivery of a broadcast",
            number: per_operation(Scenario::Broadcast),
            at_most: 0.006,
        },
        Finding { name: "per event with ack", number: per_operation(Scenario::Ack), at_most: 6.0 },
        Finding { name: "per request and reply", number: per_operation(Scenario::Request), at_most: 17.0 },
        Finding { name: "to connect and follow", number: calls, at_most: 19.0 },
        Finding { name: "live bytes per idle follower", number: bytes, at_most: 950.0 },
    ]
}

fn per_operation(scenario: Scenario) -> f64 {
    let mut prepared = scenario.prepare();
    let before = Allocated::now();
    prepared.run(ROUNDS);
    Allocated::now().since(before, ROUNDS * scenario.operations_per_round()).0
}

fn per_connection() -> (f64, f64) {
    let mut harness = Harness::new();
    harness.connect(Some(REGISTER_PROVIDER));
    let before = Allocated::now();
    for _ in 0..CONNECTIONS {
        harness.connect(Some(REGISTER_CLIENT));
    }
    Allocated::now().since(before, CONNECTIONS)
}
