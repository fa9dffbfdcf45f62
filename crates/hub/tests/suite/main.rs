//! The hub through its public door: every rule by example. Whole servers under load are simulated next door.

mod acks;
mod admission;
mod bench;
mod heartbeat;
mod namespaces;
mod recovery;
mod rooms;
mod tap;
mod timers;
