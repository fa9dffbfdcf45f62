//! Data through its public door, over a store of its own and without any shard.

#![expect(clippy::unwrap_used, reason = "a helper that fails has to fail its test")]

mod conditions;
mod endpoints;
mod objects;
mod structures;
mod town;
