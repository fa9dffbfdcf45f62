//! What a workload found out: numbers by name, printed as one JSON object.

use std::{fmt, time::Duration};

use crate::{fleet::Fleet, server::Spent};

#[derive(Default)]
pub(crate) struct Report {
    numbers: Vec<(String, f64)>,
}

impl Report {
    pub(crate) fn add(&mut self, name: impl Into<String>, number: f64) {
        self.numbers.push((name.into(), number));
    }

    /// What any number of operations cost.
    pub(crate) fn add_cost(&mut self, spent: &Spent, operations: u64) {
        self.add("operations", operations as f64);
        self.add("cpu_us_per_op", spent.cpu_ns / 1000.0 / operations as f64);
        self.add("ops_per_second", operations as f64 / spent.seconds);
        self.add("server_busy", spent.cpu_ns / 1e9 / spent.seconds);
    }

    /// Latencies as quantiles; sorts them.
    pub(crate) fn add_latencies(&mut self, name: &str, latencies: &mut [Duration]) {
        latencies.sort_unstable();
        for (suffix, share) in [("p50", 0.5), ("p99", 0.99)] {
            let index = (latencies.len().saturating_sub(1)) as f64 * share;
            let latency = latencies.get(index as usize).copied().unwrap_or_default();
            self.add(format!("{name}_{suffix}_us"), latency.as_secs_f64() * 1e6);
        }
    }

    /// How far the generator was from being the bottleneck, and whether clients were lost.
    pub(crate) fn add_generator(&mut self, fleet: &Fleet) {
        self.add("generator_idle", fleet.idle_share());
        self.add("closed", fleet.closed() as f64);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<String> =
            self.numbers.iter().map(|(name, number)| format!(r#""{name}": {number}"#)).collect();
        write!(f, "{{{}}}", members.join(", "))
    }
}
