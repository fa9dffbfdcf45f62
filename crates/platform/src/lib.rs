//! The product: apps, and the bridge between providers and their clients.
//!
//! [`Platform`] is the application that runs on each shard of the hub. What shards must agree on is small and changes
//! rarely (who serves which provider id); it lives in the [`bridge::Registry`] that they share, and each shard keeps a
//! copy for its own reading. Everything else travels in messages.
//!
//! It knows neither HTTP nor how connections come about.

pub mod bridge;
mod options;
mod platform;

pub use options::{BridgeOptions, DuplicateProvider};
pub use platform::{Message, PUBLIC, Peer, Platform, SocketState};
