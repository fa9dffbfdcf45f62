//! The protocol crate through its public door: every rule by example, and properties over generated input.

mod deflate;
mod engine;
mod frame;
mod json;
mod socket;
mod websocket;
