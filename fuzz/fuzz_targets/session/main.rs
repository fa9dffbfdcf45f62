//! A few shards driven by an arbitrary sequence of what clients, networks and clocks can do.
//!
//! The input is read as operations, most of them a packet made from a template. Whatever happens: nothing panics, every
//! packet that goes out is one that a client could read, outboxes keep to their limit, and once everybody has gone and
//! all time is over nothing is left behind.

#![no_main]

mod app;
mod input;
mod world;

use libfuzzer_sys::fuzz_target;

use crate::{input::Input, world::World};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let mut world = World::new(input.byte());
    while !input.is_empty() {
        world.step(&mut input);
    }
    world.end();
});
