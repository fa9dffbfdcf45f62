//! The product: apps with their users, data, scenarios and pages, the push that reaches them, and the bridge between
//! providers and clients.
//!
//! [`Platform`] is the application that runs on each shard of the hub. What shards must agree on is small and changes
//! rarely: who serves which provider id (the [`bridge::Registry`]), who is online (the [`Presence`]), which apps there
//! are. What must survive is in the store, and only [`Accounts`], [`Pusher`], [`Data`], [`Scenarios`] and [`Pages`] ask it,
//! beside the shards. Everything else travels in messages.
//!
//! It knows neither HTTP nor how connections come about.

pub mod accounts;
pub mod admin_ui;
mod badge;
pub mod bridge;
pub mod data;
mod ending;
mod options;
mod outgoing;
mod outside;
pub mod pages;
mod platform;
mod presence;
pub mod push;
pub mod runner;
pub mod scenarios;
mod traffic;

pub use accounts::Accounts;
pub(crate) use badge::Badge;
pub use badge::Member;
pub use data::Data;
pub use ending::Ending;
pub use options::{BridgeOptions, DuplicateProvider};
pub use outgoing::Outgoing;
pub use outside::{Outside, Shards};
pub use pages::Pages;
pub(crate) use platform::everyone;
pub use platform::{Authenticated, Identified, Message, PUBLIC, Peer, Platform, SocketState};
pub use presence::{Group, Presence};
pub use push::Pusher;
pub use runner::Scenarios;
pub use traffic::{
    Flow, Kind as FlowKind, Party as FlowParty, Rooms, TooManyWatchers, Traffic, TrafficOptions,
    TrafficStats, Watching,
};
